"""Program → workbook plan: where every matrix stands, what its cells say, what is written around it."""

from sheetgen.layout.placer import recurs, stands_around
from sheetgen.layout.workbook_plan import plan_workbook

__all__ = ["plan_workbook", "recurs", "stands_around"]
