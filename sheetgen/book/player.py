"""The step player: what comes after the chosen step is hidden without a trace, the step itself is marked.

Rules that hide come first, in ascending order: what a step's rule hides in a cell is everything there that belongs to
it or to a later one. So one rule is enough for a cell, as LibreOffice demands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Literal

from sheetgen.book import theme
from sheetgen.book.ground import HAIRLINE, Ground, cells_of
from sheetgen.book.regions import Drawn
from sheetgen.book.rules import Looks, Tint, ranges, tinted
from sheetgen.book.sheet import Format, Rule
from sheetgen.layout import measure
from sheetgen.layout.numbers import AS_TYPED, Form
from sheetgen.layout.plan import Region, Role, SheetPlan

ON, OFF = "on", "off"
Side = Literal["left", "top", "right", "bottom"]
SIDES: tuple[Side, ...] = ("left", "top", "right", "bottom")
GIVEN = (Role.COPY, Role.ONES)
"""Roles that only bring numbers, even with formulas."""
Cell = tuple[int, int]
Place = tuple[int, int, int, int]
"""Row, column, height, width."""


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
    """The cells of a sheet: in the badges' column of a page of bands."""
    return Controls("$A$3", "$A$4") if sheet.bands else Controls("$B$3", "$B$4")


def hiding(sheet: SheetPlan, ground: Ground, switched: Set[int], looks: Looks) -> list[Format]:
    """The rules that hide; the switch for gradients hides the `switched` steps."""
    at = controls(sheet)
    found: dict[int, dict[Tint, list[Place]]] = {}
    for step, place, tint in _things(sheet, ground):
        if step > 0:
            found.setdefault(step, {}).setdefault(tint, []).append(place)
    return [
        Format(ranges(places), (Rule(at.hidden(step, step in switched), looks.id(tint), stop=True),))
        for step in sorted(found)
        for tint, places in found[step].items()
    ]


def _things(sheet: SheetPlan, ground: Ground) -> Iterator[tuple[int, Place, Tint]]:
    """Everything that appears with a step: the step, the cells, and the look in which they are empty."""
    lines: dict[Cell, dict[Side, int]] = {}
    for edge in sheet.edges:
        for cell in cells_of(edge):
            lines.setdefault(cell, {})[edge.side] = edge.step
    for region in sheet.regions:
        if region.step:
            for row, height, own in _rows(region, ground, lines):
                if own is None:
                    place = (row, region.column, height, region.width)
                    yield region.step, place, _empty(ground, row, SIDES, paper=True)
                    continue
                for k, sides in enumerate(own):
                    clear = [side for side in SIDES if sides.get(side, region.step) >= region.step]
                    yield region.step, (row, region.column + k, 1, 1), _empty(ground, row, clear, paper=True)
    texts = {(label.row, label.column): label for label in sheet.labels}
    for (row, column), label in texts.items():
        own = lines.get((row, column), {})
        clear = [side for side in SIDES if own.get(side, -1) >= label.step]
        yield label.step, (row, column, label.rows, label.columns), _empty(ground, row, clear)
    for cell, own in lines.items():
        for step in sorted(set(own.values())):
            if cell not in texts or texts[cell].step != step:
                clear = [side for side in SIDES if own.get(side, -1) >= step]
                yield step, (*cell, 1, 1), _empty(ground, cell[0], clear, text=False)
    for each in sheet.diagonals:
        yield each.step, (each.row, each.column, each.rows, 1), Tint(clear=("diagonal",))


def _rows(
    region: Region, ground: Ground, lines: Mapping[Cell, dict[Side, int]]
) -> Iterator[tuple[int, int, list[dict[Side, int]] | None]]:
    """A region's rows: runs of plain ones (first row, height, None), and each that lines cross or a band begins with."""
    start = region.row
    for row in range(region.row, region.row + region.height):
        columns = range(region.column, region.column + region.width)
        if row in ground.tops or any(column in columns for column in ground.lines.get(row, ())):
            if row > start:
                yield start, row - start, None
            yield row, 1, [lines.get((row, column), {}) for column in columns]
            start = row + 1
    if start < region.row + region.height:
        yield start, region.row + region.height - start, None


def _empty(
    ground: Ground, row: int, clear: Sequence[Side], text: bool = True, paper: bool = False
) -> Tint:
    """The look of a cell without its text, its lines on the sides `clear`, and (`paper`) its fill."""
    color = ground.color(row) or theme.WHITE
    top = HAIRLINE if row in ground.tops and "top" in clear else None
    return Tint(
        color if text else None, color if paper else None, ";;;" if text else None, None,
        tuple(side for side in clear if side != "top" or top is None), top,
    )  # fmt: skip


def marking(sheet: SheetPlan, found: Sequence[Drawn], looks: Looks) -> list[Format]:
    """The rules that mark the current step: what it computes, what it reads, and the names of both."""
    step = controls(sheet).step
    marked: dict[tuple[int, str, Form], list[Place]] = {}
    for each in found:
        region = each.region
        place = (region.row, region.column, region.height, region.width)
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
            found.setdefault(label.step, []).extend((label.row, k, 1, 1) for k in range(label.column, last + 1))
    return found
