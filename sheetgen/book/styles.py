"""Styles of cells, and what rules change of them: each is counted once in a workbook, and cells carry its number."""

from __future__ import annotations

from typing import Any, NamedTuple

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
    indent: bool = False
    """It keeps off the line at its left."""
    quote: bool = False
    """Text that looks like a formula."""
    open: bool = False
    """It can be typed into on a protected sheet."""


class Tint(NamedTuple):
    """What a rule changes of a cell's look; None leaves it as it is."""

    color: str | None = None
    fill: str | None = None
    number: str | None = None
    bold: bool | None = None
    sides: Sides | None = None
    """All four sides: LibreOffice takes a side that isn't there for one without a line."""
    struck: bool | None = None


class Looks:
    """Numbers the looks of a workbook's rules, from 0."""

    def __init__(self) -> None:
        self.ids: dict[Tint, int] = {}

    def id(self, tint: Tint) -> int:
        """A look's number."""
        return self.ids.setdefault(tint, len(self.ids))


class Styles:
    """Numbers the styles of a workbook, from 1; 0 is that of a cell without one."""

    def __init__(self) -> None:
        self.ids: dict[Style, int] = {}
        self.known: dict[int, Style] = {}
        self.lined: dict[tuple[int, Sides], int] = {}
        self.changed: dict[tuple[Any, ...], int] = {}

    def id(self, style: Style) -> int:
        """A style's number."""
        found = self.ids.get(style)
        if found is None:
            found = self.ids[style] = len(self.ids) + 1
            self.known[found] = style
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


def opaque(color: str) -> str:
    """A colour as every reader takes it, with its opacity: some draw `00RRGGBB` transparent."""
    return f"FF{color}"
