"""What things look like, as plain data: every colour, size and number format comes from the book."""

from __future__ import annotations

from typing import Any

from sheetgen.book import rules, theme
from sheetgen.book.regions import Drawn, is_number
from sheetgen.book.styles import Style, Styles, Tint
from sheetgen.book.theme import Line, Sides
from sheetgen.layout.numbers import Form, form
from sheetgen.layout.plan import Role
from sheetgen.web.formulas import Table

PIXELS = 96 / 72
"""Of a point."""


def style(of: Style) -> dict[str, Any]:
    """A style, without what is as usual."""
    found: dict[str, Any] = {
        "size": round(of.size * PIXELS, 1), "ink": of.color, "fill": of.fill, "bold": of.bold, "italic": of.italic,
        "align": of.align, "top": of.vertical == "top", "wrap": of.wrap, "upright": of.upright,
        "underline": of.underline, "open": of.open,
    }  # fmt: skip
    if any(of.sides):
        found["sides"] = sides(of.sides)
    return {name: value for name, value in found.items() if value}


def sides(lines: Sides) -> list[list[str] | int]:
    """Left, top, right, bottom, each with its line's style and colour, or 0."""
    return [line(each) for each in lines]


def line(of: Line | None) -> list[str] | int:
    """Its style and colour, or 0."""
    return list(of) if of else 0


def form_data(of: Form) -> list[Any]:
    """A format and its tiers: [format, [[format, least, below or 0, exact, rest], …]]."""
    return [of.format, [[t.format, t.least, t.below if t.below < 1e300 else 0, t.exact, t.rest] for t in of.tiers]]


def tint(of: Tint) -> dict[str, Any]:
    """What a rule changes."""
    found: dict[str, Any] = {"ink": of.color, "fill": of.fill, "number": of.number, "bold": of.bold,
                             "struck": of.struck}
    if of.sides:
        found["sides"] = sides(of.sides)
    return {name: value for name, value in found.items() if value is not None}


def heat(each: Drawn) -> list[list[Any]] | None:
    """The points of a heat map's colours: [[number, colour], …]."""
    region = each.region
    if is_number(region) and (region.role is Role.HEATMAP or region.image or region.plain_map):
        return [list(point) for point in rules.heat(region).points]
    return None


def conditions(each: Drawn) -> list[tuple[str, tuple[str, ...], Form | None]]:
    """What changes the look of a region's cells under a condition, the first first: the name of a look (`LOOKS`), and
    a formula seen from the top left cell, or one for each cell."""
    region = each.region
    found: list[tuple[str, tuple[str, ...], Form | None]] = []
    if region.pale is not None:
        found.append(("pale", (region.pale,), None))
    elif region.picked is not None and region.framed is None and not region.plain_map:
        found.append(("picked", (region.picked,), None))
    if region.blocked:
        found.append(("zero", region.blocked, None))
    if region.framed is not None:
        if region.picked is not None:
            found += [("now", (region.picked,), None), ("passed", (region.framed,), None)]
        else:
            found.append(("framed", (region.framed,), form(region.values)))
    return found


LOOKS: dict[str, Tint] = {
    "zero": rules.ZERO, "pale": rules.PALE, "picked": rules.PICKED, "inked": rules.INKED, "edge": rules.EDGE,
    "framed": rules.FRAMED, "passed": rules.PASSED, "now": rules.NOW,
    **{str(sight): look for sight, look in rules.SIGHTS.items()},
}  # fmt: skip


def colors() -> dict[str, Any]:
    """What the page itself needs of the palette."""
    return {
        "ink": theme.INK, "grey": theme.GREY, "quiet": theme.QUIET, "white": theme.WHITE, "shade": theme.SHADE,
        "rule": theme.RULE, "badge": theme.BADGE, "computed": theme.COMPUTED, "operand": theme.OPERAND,
        "likelihood": theme.LIKELIHOOD, "positive": theme.POSITIVE, "negative": theme.NEGATIVE,
        "resting": theme.RESTING, "given": theme.GIVEN, "hidden": theme.HIDDEN, "line": theme.LINE,
        "after": theme.AFTER, "yellow": theme.YELLOW, "grid": theme.GRID,
        "left": theme.BACKWARD_INK, "right": theme.FORWARD_INK, "bias": theme.GREEN, "red": theme.RED,
        "picked": theme.PICKED, "note": theme.NOTE, "wrong": theme.WRONG, "thin": theme.THIN_RULE, **theme.CHROME,
    }  # fmt: skip


def table(styles: Styles) -> list[dict[str, Any]]:
    """By number; 0 is that of a cell without one."""
    return [style(each) for each in (Style(), *styles.ids)]


Forms = Table[Form]
