"""The file's parts around the cells, which openpyxl writes: of sheets that look alike they are made once."""

from __future__ import annotations

import errno
import io
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.dimensions import ColumnDimension
from openpyxl.worksheet.pagebreak import Break

from sheetgen.book import theme
from sheetgen.book.labels import clean
from sheetgen.cells.a1 import letters

KEPT = 64
"""Frames that are kept: those of the pages that are written over and over."""
TITLE = 80
"""Characters of a footer's title."""


class Columns(NamedTuple):
    """A run of columns that are equally wide, in characters."""

    first: int
    last: int
    width: float
    hidden: bool = False
    level: int = 0
    """1 within a fold, which is an outline."""
    opener: bool = False
    """Whether the mark of a fold stands there."""


@dataclass(frozen=True)
class Paper:
    """How a sheet is printed on A4, one page wide, with a footer."""

    footer: str
    landscape: bool = False
    centered: bool = False
    scale: int | None = None
    """In per cent; None fits the sheet to the page's width."""
    cuts: tuple[int, ...] = ()
    """The rows with which further pages begin."""
    repeated: str | None = None
    """Rows at the top of each page: `1:4`."""
    area: str | None = None
    """What is printed, of a sheet of which not everything is."""


@dataclass(frozen=True)
class Frame:
    """What a sheet is besides its cells."""

    title: str
    paper: Paper
    columns: tuple[Columns, ...] = ()
    width: float | None = None
    """Of all other columns, in characters."""
    height: float | None = None
    """Of all rows that have none of their own, in points."""
    zoom: int | None = None
    frozen: str | None = None
    """The first cell that moves when the sheet is scrolled."""
    hidden: bool = False


def text_frame(
    title: str, footer: str, first: int | None = None, columns: tuple[Columns, ...] = (), width: float | None = None,
    hidden: bool = False,
) -> Frame:  # fmt: skip
    """That of a sheet of text whose rows above `first` stay in view."""
    paper = Paper(footer, repeated=f"{first - 1}:{first - 1}" if first else None)
    return Frame(title, paper, columns, width, frozen=f"A{first}" if first else None, hidden=hidden)


@lru_cache(KEPT)
def framed(title: str, sealed: bool, frames: tuple[Frame, ...]) -> Mapping[str, bytes]:
    """The parts of a workbook without a cell, by name; where it is `sealed`, its sheets can't be changed.

    Raises OSError where openpyxl can't write its temporary files, or SerialisationError.
    """
    book = Workbook()
    book.remove(book.active)
    book.properties.title, book.properties.creator = clean(title), "sheetgen"
    for frame in frames:
        _set_frame(book.create_sheet(frame.title), frame)
    if sealed:
        book.security = WorkbookProtection(lockStructure=True)
    buffer = io.BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        names = sorted(archive.namelist(), key=lambda name: name != "[Content_Types].xml")
        parts = {name: archive.read(name) for name in names}
    for name, part in parts.items():
        if name.startswith("xl/worksheets/sheet") and not part.endswith(b"</worksheet>"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # a temporary file may end early without an error
    return MappingProxyType(parts)


def _set_frame(target: Any, frame: Frame) -> None:
    view, form = target.sheet_view, target.sheet_format
    view.showGridLines = False
    if frame.zoom is not None:
        view.zoomScale = frame.zoom
    if frame.height is not None:
        form.defaultRowHeight, form.customHeight = frame.height, True
    if frame.width is not None:
        form.defaultColWidth = frame.width
    if any(run.opener for run in frame.columns):
        target.sheet_properties.outlinePr.summaryRight = False
    for run in frame.columns:
        letter = letters(run.first)
        target.column_dimensions[letter] = ColumnDimension(
            target, index=letter, min=run.first, max=run.last, width=run.width, customWidth=True,
            outlineLevel=run.level, hidden=run.hidden, collapsed=run.opener,
        )  # fmt: skip
    target.freeze_panes = frame.frozen
    target.sheet_state = "hidden" if frame.hidden else "visible"
    _set_paper(target, frame.paper)


def _set_paper(target: Any, paper: Paper) -> None:
    setup, fit = target.page_setup, target.sheet_properties.pageSetUpPr
    setup.orientation, setup.paperSize = "landscape" if paper.landscape else "portrait", 9
    setup.fitToWidth, setup.fitToHeight = 1, 0
    fit.fitToPage = paper.scale is None  # Excel ignores cuts while it fits a sheet to pages
    if paper.scale is not None:
        setup.scale = paper.scale
    target.row_breaks.brk = [Break(id=row - 1) for row in paper.cuts]  # `append` looks at all of them each time
    margins = target.page_margins
    margins.left = margins.right = 0.3
    margins.top, margins.bottom, margins.header, margins.footer = 0.4, 0.55, 0.3, 0.3
    target.print_options.horizontalCentered = paper.centered
    if paper.repeated is not None:
        target.print_title_rows = paper.repeated
    if paper.area is not None:
        target.print_area = paper.area
    footer, title = target.oddFooter, clean(paper.footer)
    footer.left.text = (title if len(title) <= TITLE else title[: TITLE - 1] + "…").replace("&", "&&")
    footer.center.text, footer.right.text = "&A", "Page &P of &N"
    for part in (footer.left, footer.center, footer.right):
        part.font, part.size, part.color = f"{theme.FONT},Regular", theme.SMALLER, theme.GREY
