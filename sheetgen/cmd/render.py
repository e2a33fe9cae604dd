"""Workbooks as pictures: LibreOffice prints them to PDF, poppler turns the pages into PNG."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from sheetgen.errors import EngineError
from sheetgen.proof.engines.libreoffice import INSTALL, convert, find_soffice, run

DPI = 150


def render(paths: Sequence[Path], folder: Path, form: Literal["png", "pdf"] = "png", dpi: int = DPI) -> list[Path]:
    """Write `folder`/NAME-1.png, NAME-2.png, … (a file a page) or `folder`/NAME.pdf for each workbook.

    The folder must exist. Raises EngineError when LibreOffice or poppler is missing or fails.
    """
    find_soffice()
    poppler = shutil.which("pdftoppm")
    if form == "png" and not poppler:
        raise EngineError(f"pdftoppm (poppler) is not installed. On Debian and Ubuntu: {INSTALL}")
    made: list[Path] = []
    with tempfile.TemporaryDirectory(prefix="sheetgen-") as temporary:
        scratch = Path(temporary)
        for path, pdf in zip(paths, convert(paths, "pdf", scratch), strict=True):
            if form == "pdf" or poppler is None:
                made.append(_put(pdf, folder / f"{path.stem}.pdf"))
                continue
            pages = scratch / f"pages of {pdf.stem}"
            pages.mkdir()
            run([poppler, "-png", "-r", str(dpi), str(pdf), str(pages / "page")], 300)
            ordered = sorted(pages.glob("page-*.png"), key=lambda page: int(page.stem.removeprefix("page-")))
            for number, page in enumerate(ordered, start=1):
                made.append(_put(page, folder / f"{path.stem}-{number}.png"))
    return made


def _put(source: Path, target: Path) -> Path:
    """Bring a finished file to its place, whole or not at all, also across file systems."""
    partial = target.with_name(f".{target.name}.partial")
    try:
        shutil.copyfile(source, partial)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return target
