"""What a page of an exercise has besides its blanks: how far one is, what comes next, a line for each matrix, marks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sheetgen.cells.a1 import Rect, letters, quoted
from sheetgen.exercise.check import HINT, NEXT, NUMBERS, RIGHT, TYPED, WANTED, Sheets
from sheetgen.exercise.choice import Blank
from sheetgen.exercise.marks import marks_of
from sheetgen.exercise.rules import Rule
from sheetgen.exercise.vacate import taken
from sheetgen.layout import measure
from sheetgen.layout.plan import Highlight, Label, Region, Role, SheetPlan, Sight

MARGIN = 2
"""The column behind which those of an exercise stand."""
STATE, ASKED, AIR = MARGIN + 1, MARGIN + 2, MARGIN + 3
WIDTHS, WITHOUT_HINTS, WIDEST = (16.0, 4.6, 1.0), (16.0, 0.8, 0.8), 24.0
"""Characters of these columns, and those that the first of them may have for the sake of long names."""
COUNT_ROW, NEXT_ROW = 2, 3
HEIGHTS = ((COUNT_ROW, 18.0), (NEXT_ROW, 27.0))
SMALL = 9.0
"""Points of the letters of a matrix's line."""
LONGEST = 1000
"""Characters of the condition of a look; a longer one is judged by the hidden sheet alone."""
HOW = (
    "How this page works",
    "Fill in the orange cells, from top to bottom.",
    "White cells go on with your numbers.",
    "✓ is right; ✗ and struck out: look again.",
    "Each cell is checked by your own numbers:",
    "one slip is one wrong cell, not ten.",
)


@dataclass(frozen=True)
class Lines:
    """Where each matrix has its line in the columns of an exercise: sheet and row."""

    row: Mapping[str, tuple[str, int]]

    def hint(self, matrix: str) -> Rect:
        """The cell in which a hint is asked for."""
        sheet, row = self.row[matrix]
        return Rect(sheet, row, ASKED, 1, 1)


def widths_of(blanks: Sequence[Blank], hints: bool) -> tuple[float, ...]:
    """Characters of the columns of an exercise, the first as wide as its lines need, if it may be."""
    state, *others = WIDTHS if hints else WITHOUT_HINTS
    longest = max((_needed(blank, blank.title) for blank in blanks), default=0.0)
    return max(state, min(longest, WIDEST)), *others


def _needed(blank: Blank, called: str) -> float:
    """Characters of a matrix's line, by the name that it has there."""
    return measure.text_width(f"{called}: NOT YET {blank.cells}/{blank.cells}", SMALL)


def lines_of(pages: Sequence[SheetPlan], sheets: Sheets) -> Lines:
    """A line for each matrix, at its first row or the next that is free."""
    found: dict[str, tuple[str, int]] = {}
    for sheet in pages:
        used = {row for row, column in taken(sheet) if column in (STATE, ASKED)}
        used |= {row for row, height in sheet.heights if height == 0}
        own = [blank for blank in sheets.blanks if blank.places[0].sheet == sheet.title]
        for blank in sorted(own, key=lambda blank: blank.places[0].region.row):
            start = blank.places[0].region.row
            row = next(row for row in range(start, start + len(used) + 1) if row not in used)
            used.add(row)
            found[blank.matrix] = (sheet.title, row)
    return Lines(found)


def page_of(
    sheet: SheetPlan, sheets: Sheets, lines: Lines, rules: Mapping[str, Sequence[Rule]], decimals: int,
    hints: Mapping[str, str],
) -> SheetPlan:  # fmt: skip
    """A page with its head, its lines, its marks, and the looks that tell right from wrong. `hints` are the defined
    names of the cells that ask for hints, by matrix; none, no hints."""
    here = [blank for blank in sheets.blanks if lines.row[blank.matrix][0] == sheet.title]
    marks, kept = marks_of(sheet, sheets, AIR)
    looks = [look for blank in sheets.blanks for rule in rules[blank.matrix] if rule.sheet == sheet.title
             for look in looks_of(rule, marks.get((rule.row, rule.column)))]  # fmt: skip
    looks += [when(label, sign, sight) for label in dict.fromkeys(marks.values()) for sign, sight in MARKS]
    states = [_state(blank, sheets, lines) for blank in here]
    looks += [when(label, state, sight) for label in states for state, sight in STATES]
    entries = [_entry(blank.title, lines.row[blank.matrix][1], hints[blank.matrix]) for blank in here if hints]
    return replace(
        sheet, heading=f"{sheet.heading}: fill in the orange cells" if here else sheet.heading,
        labels=(*kept, *dict.fromkeys(marks.values()), *states, *_head(sheet, sheets, decimals, bool(hints)),
                *(_captions(sheet, bool(hints)) if here else ())),
        regions=(*sheet.regions, *entries), highlights=(*looks, *bar(COUNT_ROW, *_lanes(sheet), sheets.all_cells)),
        heights=tuple(sorted({**dict(sheet.heights), **dict(HEIGHTS)}.items())),
    )  # fmt: skip


MARKS: tuple[tuple[str, Sight], ...] = (("✓", "tick"), ("✗", "cross"))
STATES: tuple[tuple[str, Sight], ...] = (("DONE", "done"), ("NUMBER?", "wrong"))


def when(label: Label, end: str, sight: Sight) -> Highlight:
    """The look of a label's cell while its text ends so."""
    condition = f'RIGHT({letters(label.column)}{label.row},{len(end)})="{end}"'
    return Highlight(label.row, label.column, 1, 1, condition, sight)


def looks_of(rule: Rule, mark: Label | None) -> Iterator[Highlight]:
    """Green and pink, by the rule of the cell. Older programs can't ask for another sheet: where that would be needed,
    a cell is green with its row."""
    conditions: list[tuple[Sight, str]] = [("right", rule.right()), ("wrong", rule.wrong())]
    if any("!" in condition or len(condition) > LONGEST for _, condition in conditions):
        conditions = [("right", f'{letters(mark.column)}{mark.row}="✓"')] if mark else []
    for sight, condition in conditions:
        yield Highlight(rule.row, rule.column, 1, 1, condition, sight)


def _state(blank: Blank, sheets: Sheets, lines: Lines) -> Label:
    """`Z₁: NOT YET 3/4`, NUMBER? or DONE."""
    title, row = lines.row[blank.matrix]
    right, typed, numbers = (sheets.count(blank.matrix, k, title) for k in (RIGHT, TYPED, NUMBERS))
    called = blank.title
    while _needed(blank, called) > WIDEST:
        called = f"{called.removesuffix('…')[:-1]}…"
    formula = (
        f'{quoted(f"{called}: ")}&IF({right}={blank.cells},"DONE",IF({typed}>{numbers},"NUMBER?",'
        f'"NOT YET "&{right}&"/{blank.cells}"))'
    )
    return Label(row, STATE, f"{called}: NOT YET 0/{blank.cells}", "key", formula=formula)


def _entry(title: str, row: int, defined: str) -> Region:
    prompt = f"Stuck at {title}? Type 1 for the rule in words, 2 for the first number laid out. Read it at the top."
    return Region(f"Hint for {title}", Role.ENTRY, row, ASKED, np.zeros((1, 1)), choices='"1,2"', prompt=prompt,
                  defined_name=defined, empty=np.ones((1, 1), dtype=bool))  # fmt: skip


def _lanes(sheet: SheetPlan) -> tuple[int, int]:
    """First column of the page behind the margin, and the number of columns up to its end."""
    return AIR + 1, max(sheet.last_column - AIR, 2)


def _head(sheet: SheetPlan, sheets: Sheets, decimals: int, hints: bool) -> list[Label]:
    """How many cells are right; what comes next; the hint that is wanted."""
    own, total, (first, wide) = sheet.title, sheets.all_cells, _lanes(sheet)
    asked, next_one = sheets.total(HINT, own), sheets.blanks[0]
    how = f"Round to {decimals} decimals." + (" Stuck? Type 1 or 2 under Hint." if hints else "")
    wanted = sheets.text(WANTED, own)
    begin = f"Next → {next_one.title}: {next_one.cells} to fill in"
    return [
        Label(COUNT_ROW, 1, "0", "number", align="right", formula=sheets.total(RIGHT, own)),
        Label(COUNT_ROW, 2, f"of {total} right", "head",
              formula=f'"of {total} right"&IF({asked}=0,"",", hints: "&{asked})'),
        Label(NEXT_ROW, 2, begin, "equation", columns=AIR - 1, formula=sheets.text(NEXT, own), color=Role.FORWARD),
        Label(NEXT_ROW, first, how, "note", columns=wide, lines=2, formula=f'IF({wanted}="","{how}",{wanted})'),
    ]  # fmt: skip


def _captions(sheet: SheetPlan, hints: bool) -> list[Label]:
    """What the columns of an exercise are called, in the row of the lanes' heads."""
    row, used = sheet.heads or 0, taken(sheet)
    captions = ((STATE, "Done?"), (ASKED, "Hint")) if hints else ((STATE, "Done?"),)
    return [Label(row, column, text, "label") for column, text in captions if row and (row, column) not in used]


def bar(row: int, first: int, wide: int, total: int) -> Iterator[Highlight]:
    """As many of the row's columns as there are of `total` done; how many that is stands in its first cell."""
    signs: tuple[tuple[str, Sight], ...] = ((">=", "bar"), ("<", "track"))
    for k in range(wide):
        for sign, sight in signs:
            yield Highlight(row, first + k, 1, 1, f"$A${row}*{wide}{sign}{(k + 1) * total}", sight)


def explained(sheet: SheetPlan, free: Sequence[Rect]) -> SheetPlan:
    """The page with a few lines on how it works, in the first of the `free` rectangles that has room for them, or below
    everything."""
    widths = dict(sheet.widths)
    needed = max(measure.text_width(line, SMALL) for line in HOW)

    def fits(at: Rect) -> bool:
        room = sum(widths.get(column, measure.COLUMN_WIDTH) for column in range(at.column, at.column + at.width))
        return at.height > len(HOW) + 1 and room >= needed

    rows = [row for row, _ in taken(sheet)]
    below = Rect(sheet.title, max([*rows, sheet.first_row]) + 1, MARGIN, len(HOW), 1)
    at = next((at for at in free if fits(at)), below)
    labels = [Label(at.row + 1 + k, at.column, line, "sentence" if k else "head") for k, line in enumerate(HOW)]
    return replace(sheet, labels=(*sheet.labels, *labels))

