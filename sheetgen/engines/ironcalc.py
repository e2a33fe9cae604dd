"""IronCalc: the embedded engine, in this process; runs after every build."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sheetgen.engines import CellReader, Values, check_workbook
from sheetgen.errors import EngineError


class IronCalc:
    name = "ironcalc"
    title = "IronCalc"

    def ensure(self) -> None:
        _module()

    def recalculate(self, paths: Sequence[Path]) -> list[Values]:
        return [_recalculate(path) for path in paths]


def _module() -> Any:
    try:
        import ironcalc
    except ImportError as error:
        raise EngineError(f"IronCalc is not installed ({error}); `pip install ironcalc` brings it.") from None
    return ironcalc


def _recalculate(path: Path) -> Values:
    check_workbook(path)
    ironcalc = _module()
    try:
        model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
        model.evaluate()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a Rust panic is no Exception
        raise EngineError(f"IronCalc can't calculate {path}: {error}") from None
    index = {str(sheet["name"]).casefold(): k for k, sheet in enumerate(model.get_worksheets_properties())}

    def read(sheet: str, row: int, column: int) -> object:
        at = index.get(sheet.casefold())
        return None if at is None else model.get_cell_value(at, row, column)

    return CellReader(read)
