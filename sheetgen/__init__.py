"""Matrix maths in a few lines of YAML → a spreadsheet in which every number is a live formula.

    import sheetgen
    workbook = sheetgen.compile("specs/gcn.yaml")   # SpecError names file, line and column of a mistake
    workbook.save("gcn.xlsx")
    workbook.values["H1"]                           # a matrix as a 2-D numpy array
    workbook.verify("libreoffice").ok               # recalculated there, compared cell by cell
    sheetgen.verify_workbook("gcn.xlsx").first      # None, or the first wrong cell

Every error that a user can cause is a `SheetgenError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sheetgen.api import Workbook, compile, compile_text, verify_workbook
    from sheetgen.errors import EngineError, LimitError, SheetgenError, SpecError
    from sheetgen.proof.report import Report

__version__ = "0.1.0"
__all__ = [
    "EngineError",
    "LimitError",
    "Report",
    "SheetgenError",
    "SpecError",
    "Workbook",
    "__version__",
    "compile",
    "compile_text",
    "verify_workbook",
]

_HOME = {
    "Workbook": "api",
    "compile": "api",
    "compile_text": "api",
    "EngineError": "errors",
    "LimitError": "errors",
    "SheetgenError": "errors",
    "SpecError": "errors",
    "Report": "proof.report",
    "verify_workbook": "api",
}


def __getattr__(name: str) -> Any:
    """Load the compiler only when it is used: the modules inside the package can then be imported alone."""
    if name not in _HOME:
        raise AttributeError(f"module 'sheetgen' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"sheetgen.{_HOME[name]}"), name)
