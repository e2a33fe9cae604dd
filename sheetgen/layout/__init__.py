"""Program → workbook plan: where every matrix stands, what its cells say, what is written around it."""

from sheetgen.layout.placer import goes_abreast, stands_around
from sheetgen.layout.workbook_plan import plan_workbook

__all__ = ["goes_abreast", "plan_workbook", "stands_around"]
