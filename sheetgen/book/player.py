"""The step player: what comes after the chosen step is hidden without a trace, the step itself is marked.

Rules that hide come first, in ascending order: what a step's rule hides in a cell is everything there that belongs to
it or to a later one. So one rule is enough for a cell, as LibreOffice demands.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Literal

from sheetgen.book import theme
from sheetgen.book.ground import HAIRLINE, Ground, cells_of, line_of
from sheetgen.book.regions import Drawn, sides_of
from sheetgen.book.rules import Place, ranges, tinted
from sheetgen.book.sheet import Format, Rule
from sheetgen.book.styles import Looks, Tint
from sheetgen.book.theme import Line, Sides
from sheetgen.layout import measure
from sheetgen.layout.numbers import AS_TYPED, Form
from sheetgen.layout.plan import Label, Region, Role, SheetPlan

ON, OFF = "on", "off"
Side = Literal["left", "top", "right", "bottom"]
GIVEN = (Role.COPY, Role.ONES)
"""Roles that only bring numbers, even with formulas."""
Cell = tuple[int, int]


@dataclass(frozen=True)
class Controls:
    """The cells where the reader chooses a step and turns the gradients on and off."""

    step: str
    switch: str

    def hidden(self, step: int, switched: bool) -> str:
        """The condition under which a step is hidden."""
        later = f"AND(ISNUMBER({self.step}),{step}>{self.step})"
        return f'OR({self.switch}="{OFF}",{later})' if switched else later


def controls(sheet: SheetPlan) -> Controls:
    """The cells of a sheet: the first in the badges' column of a page of bands."""
    return Controls("$A$3", "$C$3") if sheet.bands else Controls("$B$3", "$D$3")


def hiding(
    sheet: SheetPlan, drawn: Sequence[Drawn], ground: Ground, switched: Set[int], looks: Looks
) -> list[Format]:
    """The rules that hide; the switch for gradients hides the `switched` steps."""
    at = controls(sheet)
    found: dict[int, dict[Tint, list[Place]]] = {}
    for step, places, tint in _things(sheet, drawn, ground):
        if step > 0:
            found.setdefault(step, {}).setdefault(tint, []).extend(places)
    return [
        Format(ranges(places), (Rule(at.hidden(step, step in switched), looks.id(tint), stop=True),))
        for step in sorted(found)
        for tint, places in found[step].items()
    ]


def _things(sheet: SheetPlan, found: Sequence[Drawn], ground: Ground) -> Iterator[tuple[int, Iterable[Place], Tint]]:
    """Everything that appears with a step: the step, the cells, and the look in which they are empty."""
    lines: dict[Cell, dict[Side, tuple[int, Line]]] = {}
    for edge in sorted(sheet.edges, key=lambda edge: -edge.step):  # what two share appears with the first of them
        for cell in cells_of(edge):
            lines.setdefault(cell, {})[edge.side] = (edge.step, line_of(edge))
    owners: dict[Cell, Drawn] = {}
    for each in found:
        region = each.region
        crossed = set(_crossed(region, lines, ground))
        for place in _plain(region, crossed, ground):
            yield region.step, (place,), _empty(ground, place.row, Sides())
        for cell in crossed:
            owners[cell] = each
    texts: dict[Cell, Label] = {}
    for label in sheet.labels:
        rows = range(label.row, label.row + label.down)
        places = [Place(label.row, label.column, label.height, label.columns, loose=label.down > 1)]
        if not ground.lines.keys().isdisjoint(rows):
            cells = [Place(row, label.column, label.rows, label.columns) for row in rows]
            texts.update((place[:2], label) for place in cells if place[:2] in lines)
            places = [place for place in cells if place[:2] not in lines]
        if places:
            yield label.step, places, _empty(ground, label.row)
    for cell, own in lines.items():
        owner, text = owners.get(cell), texts.get(cell)
        under, over = owner.region.step if owner else -1, text.step if text else -1
        for step in sorted({under, over, *(step for step, _ in own.values())}):
            base = sides_of(owner, *cell) if owner and under < step else Sides()
            kept = {side: line for side, (other, line) in own.items() if other < step}
            tint = _empty(ground, cell[0], base._replace(**kept))
            if under < step:
                tint = tint._replace(fill=None) if over >= step else Tint(sides=tint.sides)
            yield step, (Place(*cell),), tint
    for diagonal in sheet.diagonals:
        place = Place(diagonal.row, diagonal.column, diagonal.rows)
        yield diagonal.step, (place,), _empty(ground, diagonal.row, Sides())


def _crossed(region: Region, lines: Container[Cell], ground: Ground) -> Iterator[Cell]:
    """The cells of a region that lines cross."""
    rows = range(region.row, region.row + region.height)
    columns = range(region.column, region.column + region.width)
    for row in () if ground.lines.keys().isdisjoint(rows) else rows:
        for column in ground.lines.get(row, ()):
            if column in columns and (row, column) in lines:
                yield row, column


def _plain(region: Region, crossed: Set[Cell], ground: Ground) -> Iterator[Place]:
    """The cells of a region that no line crosses, those of a band's first row apart."""
    start, end, last = region.row, region.row + region.height, region.column + region.width
    rows = {row for row, _ in crossed}
    for row in sorted(rows | ({region.row} & ground.tops)):
        if row > start:
            yield Place(start, region.column, row - start, region.width)
        if row in rows:
            yield from (Place(row, column) for column in range(region.column, last) if (row, column) not in crossed)
        else:
            yield Place(row, region.column, 1, region.width)
        start = row + 1
    if start < end:
        yield Place(start, region.column, end - start, region.width)


def _empty(ground: Ground, row: int, sides: Sides | None = None) -> Tint:
    """The look of a cell without its text and, given `sides`, with these lines only and without its fill."""
    color = ground.color(row) or theme.WHITE
    if sides is None:
        return Tint(color, number=";;;")
    top = sides.top or (HAIRLINE if row in ground.tops else None)
    return Tint(color, color, ";;;", sides=sides._replace(top=top))


def marking(sheet: SheetPlan, found: Sequence[Drawn], looks: Looks) -> list[Format]:
    """The rules that mark the current step: what it computes, what it reads, and the names of both."""
    step = controls(sheet).step
    marked: dict[tuple[int, str, Form], list[Place]] = {}
    for each in found:
        region = each.region
        place = Place(region.row, region.column, region.height, region.width)
        made = (region.formulas is not None or region.block is not None) and region.role not in GIVEN
        for number in {region.step, *region.used} - {0}:
            fill = theme.COMPUTED if made and number == region.step else theme.OPERAND
            marked.setdefault((number, fill, each.form), []).append(place)
    for number, places in _names(sheet).items():
        marked[number, theme.COMPUTED, AS_TYPED] = places + marked.get((number, theme.COMPUTED, AS_TYPED), [])
    return [
        Format(ranges(marked[key]), tuple(tinted(f"{step}={key[0]}", Tint(theme.INK, key[1]), key[2], "A1", looks)),
               anchored=bool(key[2].tiers))
        for key in sorted(marked, key=lambda key: key[:2])
    ]  # fmt: skip


def _names(sheet: SheetPlan) -> dict[int, list[Place]]:
    """Step → the cells that the names of its matrices cover, up to the next label on their right."""
    taken = {(label.row, label.column) for label in sheet.labels}
    widths = dict(sheet.widths)
    found: dict[int, list[Place]] = {}
    for label in sheet.labels:
        if label.style == "name" and label.step > 0:
            end, room = label.column, measure.text_width(label.text, bold=True)
            while (room := room - widths.get(end, measure.COLUMN_WIDTH)) > 0 and (label.row, end + 1) not in taken:
                end += 1
            last = max(end if label.align == "left" else label.column, label.column + label.columns - 1)
            found.setdefault(label.step, []).extend(Place(label.row, k) for k in range(label.column, last + 1))
    return found
