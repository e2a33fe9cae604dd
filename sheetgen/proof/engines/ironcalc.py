"""IronCalc: the embedded engine, in this process; runs after every build."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sheetgen.errors import EngineError
from sheetgen.proof.engines import CellReader, Values, check_workbook


class IronCalc:
    """The embedded engine: IronCalc, in this process."""

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
        with tempfile.TemporaryDirectory(prefix="sheetgen-") as folder:
            model = ironcalc.load_from_xlsx(str(_with_relative_targets(path, Path(folder))), "en", "UTC", "en")
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


def _with_relative_targets(path: Path, folder: Path) -> Path:
    """`path`, or a copy in `folder` that IronCalc can open: it doesn't find notes by an absolute target,
    which is how openpyxl writes them when somebody edits a workbook with it, nor files whose names aren't UTF-8."""
    with zipfile.ZipFile(path) as source:
        changed = {}
        for name in source.namelist():
            if name.startswith("xl/worksheets/_rels/"):
                old = source.read(name)
                if (new := old.replace(b'Target="/xl/', b'Target="../')) != old:
                    changed[name] = new
        if not changed and str(path).isprintable():
            return path
        copy = folder / "workbook.xlsx"
        with zipfile.ZipFile(copy, "w") as target:
            for name in source.namelist():
                target.writestr(name, changed.get(name) or source.read(name))
    return copy
