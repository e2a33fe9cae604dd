"""The file's part with all styles, which openpyxl writes; of the same styles it is made once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import BUILTIN_FORMATS_REVERSE, NumberFormat
from openpyxl.styles.stylesheet import write_stylesheet
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.xml.functions import tostring

from sheetgen.book.styles import Style, Tint, opaque
from sheetgen.book.theme import Line

CELLS, RULES = 164, 500
"""Numbers of the first format that cells use, and rules; those before have one in every workbook."""
KEPT = 64
"""Stylesheets that are kept: those of the pages that are written over and over."""


@lru_cache(KEPT)
def stylesheet(styles: tuple[Style, ...], tints: tuple[Tint, ...]) -> bytes:
    """`xl/styles.xml`: the styles have the numbers 1, 2 …, the tints 0, 1 …, in the order in which they are given."""
    book: Any = Workbook()
    book._fonts = IndexedList([_font(Style())])  # the first one, which column widths are measured in
    book._named_styles["Normal"].font = book._fonts[0]
    book._fonts, book._fills, book._borders, book._alignments = (
        list(first) for first in (book._fonts, book._fills, book._borders, book._alignments)
    )  # where openpyxl looks for what is there already, it compares all of it
    book._protections = [Protection(), Protection(locked=False)]
    numbers = {name: _numbered(styles, fields, make, getattr(book, f"_{name}s")) for name, fields, make in PARTS}
    book._number_formats = list(dict.fromkeys(s.number for s in styles if s.number not in BUILTIN_FORMATS_REVERSE))
    book._cell_styles = [StyleArray(), *(_cell(style, numbers, book._number_formats) for style in styles)]
    formats = {number: RULES + k for k, number in enumerate(dict.fromkeys(t.number for t in tints if t.number))}
    book._differential_styles.styles = [_differential(tint, formats) for tint in tints]
    xml: bytes = tostring(write_stylesheet(book))
    return re.sub(rb"<colors>.*?</colors>", b"", xml, flags=re.S)  # the palette that every program has


def _numbered(
    styles: Sequence[Style], fields: Callable[[Style], Any], make: Callable[[Style], Any], found: list[Any]
) -> dict[Any, int]:
    """The numbers of what styles have of one kind, by its fields; it joins what is `found` already."""
    numbers: dict[Any, int] = {fields(Style()): 0} if make in (_font, _fill) else {}
    for style in styles:
        key = fields(style)
        if key not in numbers:
            numbers[key] = len(found)
            found.append(make(style))
    return numbers


def _cell(style: Style, numbers: dict[str, dict[Any, int]], formats: list[str]) -> StyleArray:
    font, fill, border, alignment = (numbers[name][fields(style)] for name, fields, _ in PARTS)
    number = BUILTIN_FORMATS_REVERSE.get(style.number)
    if number is None:
        number = CELLS + formats.index(style.number)
    return StyleArray([font, fill, border, number, int(style.open), alignment, 0, int(style.quote), 0])


def _side(line: Line | None) -> Side:
    return Side(style=line[0], color=opaque(line[1])) if line else Side()


def _font(style: Style) -> Font:
    return Font(name=style.font, size=style.size, bold=style.bold, italic=style.italic, color=opaque(style.color),
                underline="single" if style.underline else None)  # fmt: skip


def _fill(style: Style) -> PatternFill:
    return PatternFill("solid", start_color=opaque(style.fill)) if style.fill else PatternFill()


def _border(style: Style) -> Border:
    left, top, right, bottom = (_side(line) for line in style.sides)
    if style.diagonal is None:
        return Border(left=left, top=top, right=right, bottom=bottom)
    rising, line = style.diagonal
    return Border(left, right, top, bottom, _side(line), diagonalUp=rising, diagonalDown=not rising)


def _alignment(style: Style) -> Alignment:
    return Alignment(horizontal=style.align, vertical=style.vertical, wrap_text=style.wrap or None,
                     text_rotation=90 if style.upright else 0, indent=int(style.indent))  # fmt: skip


def _differential(tint: Tint, formats: dict[str, int]) -> DifferentialStyle:
    font = Font(color=opaque(tint.color) if tint.color else None, bold=tint.bold, strike=tint.struck)
    border = None
    if tint.sides is not None:
        left, top, right, bottom = map(_side, tint.sides)
        border = Border(left, right, top, bottom, diagonal=Side())
    return DifferentialStyle(
        font=font if tint.color or tint.bold is not None else None,
        numFmt=NumberFormat(formats[tint.number], tint.number) if tint.number else None,
        fill=PatternFill(bgColor=opaque(tint.fill)) if tint.fill else None,
        border=border,
    )


PARTS: tuple[tuple[str, Callable[[Style], Any], Callable[[Style], Any]], ...] = (
    ("font", attrgetter("size", "bold", "italic", "underline", "color", "font"), _font),
    ("fill", attrgetter("fill"), _fill),
    ("border", attrgetter("sides", "diagonal"), _border),
    ("alignment", attrgetter("align", "vertical", "wrap", "upright", "indent"), _alignment),
)
"""The parts of a style that a workbook counts for themselves: which of its fields each is made of, and how."""
