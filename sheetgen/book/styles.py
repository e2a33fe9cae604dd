"""Styles of cells: each is registered once in the workbook, and cells carry its number."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.styles.styleable import StyleableObject

from sheetgen.book.theme import FONT, INK, SIZE, Line, Look, Sides


class Style(NamedTuple):
    """Everything that a cell's look is made of."""

    size: float = SIZE
    bold: bool = False
    italic: bool = False
    underline: bool = False
    color: str = INK
    font: str = FONT
    fill: str | None = None
    sides: Sides = Sides()
    diagonal: tuple[bool, Line] | None = None
    """Rising (or falling), and its line."""
    number: str = "General"
    align: str = "left"
    vertical: str = "center"
    wrap: bool = False
    upright: bool = False
    """Turned by a quarter, to be read from below."""
    quote: bool = False
    """Text that looks like a formula."""
    open: bool = False
    """It can be typed into on a protected sheet."""


class Styles:
    """Registers styles in an openpyxl sheet's workbook."""

    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet
        self.ids: dict[Style, int] = {}
        self.known: dict[int, Style] = {}
        self.lined: dict[tuple[int, Sides], int] = {}
        self.changed: dict[tuple[Any, ...], int] = {}
        self.parts: dict[tuple[str, tuple[Any, ...]], int] = {}
        """Numbers of fonts, fills, borders and alignments: to tell whether it has one, openpyxl hashes all of it."""

    def id(self, style: Style) -> int:
        """A style's number."""
        found = self.ids.get(style)
        if found is None:
            found = self.ids[style] = self._register(style)
            self.known.setdefault(found, style)
        return found

    def get(self, text: str = "", **options: Any) -> int:
        """The number of the style with these fields; `text` is what stands in the cell, if it is text."""
        return self.id(Style(**options, quote=text.startswith(("=", "+", "-", "@"))))

    def over(self, style: int, sides: Sides) -> int:
        """The same style with other lines on those sides that `sides` has."""
        key = (style, sides)
        if key not in self.lined:
            own = self.known[style]
            merged = Sides(*(new or old for new, old in zip(sides, own.sides, strict=True)))
            self.lined[key] = self.id(own._replace(sides=merged))
        return self.lined[key]

    def with_fields(self, style: int, **fields: Any) -> int:
        """The same style with other fields."""
        key = (style, *fields.items())
        if key not in self.changed:
            self.changed[key] = self.id(self.known[style]._replace(**fields))
        return self.changed[key]

    def number(
        self, look: Look, sides: Sides, number: str, size: float = SIZE, words: bool = False, upright: bool = False
    ) -> int:
        """A region's cell; `words` are wrapped."""
        return self.id(
            Style(size, look.bold, look.italic, False, look.ink, FONT, look.fill, sides, None, number, "center",
                  "center", words, upright)
        )  # fmt: skip

    def _register(self, style: Style) -> int:
        cell = StyleableObject(self.sheet, StyleArray())
        for part, (fields, make) in PARTS.items():
            key = (part, fields(style))
            if key not in self.parts:
                setattr(cell, part, make(*key[1]))
                self.parts[key] = getattr(cell._style, NUMBERS[part])
            setattr(cell._style, NUMBERS[part], self.parts[key])
        cell.number_format = style.number
        if style.quote:
            cell.quotePrefix = True
        if style.open:
            cell.protection = Protection(locked=False)
        return int(cell.style_id)


def opaque(color: str) -> str:
    """A colour as every reader takes it, with its opacity: some draw `00RRGGBB` transparent."""
    return f"FF{color}"


@cache
def side_of(line: Line | None) -> Side:
    """openpyxl's side of a border."""
    return Side(style=line[0], color=opaque(line[1])) if line else Side()


# openpyxl never changes a part of a style, so that all workbooks of a process share them


@cache
def _font(size: float, bold: bool, italic: bool, underline: bool, color: str, font: str) -> Font:
    return Font(name=font, size=size, bold=bold, italic=italic, color=opaque(color),
                underline="single" if underline else None)  # fmt: skip


@cache
def _fill(fill: str | None) -> PatternFill:
    return PatternFill("solid", start_color=opaque(fill)) if fill else PatternFill()


@cache
def _border(sides: Sides, diagonal: tuple[bool, Line] | None) -> Border:
    left, top, right, bottom = map(side_of, sides)
    if diagonal is None:
        return Border(left=left, top=top, right=right, bottom=bottom)
    rising, line = diagonal
    return Border(left, right, top, bottom, side_of(line), diagonalUp=rising, diagonalDown=not rising)


@cache
def _alignment(align: str, vertical: str, wrap: bool, upright: bool) -> Alignment:
    return Alignment(horizontal=align, vertical=vertical, wrap_text=wrap or None, text_rotation=90 if upright else 0)


PARTS: dict[str, tuple[Callable[[Style], tuple[Any, ...]], Callable[..., Any]]] = {
    "font": (attrgetter("size", "bold", "italic", "underline", "color", "font"), _font),
    "fill": (lambda style: (style.fill,), _fill),
    "border": (attrgetter("sides", "diagonal"), _border),
    "alignment": (attrgetter("align", "vertical", "wrap", "upright"), _alignment),
}
"""The parts of a style that a workbook counts for themselves: what each is made of, and how."""
NUMBERS = {"font": "fontId", "fill": "fillId", "border": "borderId", "alignment": "alignmentId"}
"""Where a cell keeps the number of a part."""
