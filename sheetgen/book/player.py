"""Conditional formatting: the step player, numbers as short as by hand, a ReLU's zeros, heat maps.

The order matters. Excel follows priorities, LibreOffice the document: there the first range that
yields anything wins. So the rules that hide come first, over ranges of their own, and then each
region's: dark zeros (with their number format), number tiers, colour scale.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

import numpy as np
from openpyxl.formatting.formatting import ConditionalFormatting
from openpyxl.formatting.rule import ColorScaleRule, Rule
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat

from sheetgen.book import theme
from sheetgen.cells.a1 import letters
from sheetgen.layout import measure
from sheetgen.layout.plan import Region, Role, SheetPlan

STEP_CELL = "$C$2"
SWITCH_CELL = "$C$3"
"""Where the user turns the gradients `ON` or `OFF`."""
ON, OFF = "on", "off"
FORMATS = {";;;": 170, "0.0E+0": 171, "[>=0.5]0;[<=-0.5]-0;0": 172, "0.0": 173, "0": 174}
"""Numbers of the formats that rules use; they must not meet those of the cells, which start at 164."""


def add_rules(sheet: Any, plan: SheetPlan, backward: Set[int] = frozenset()) -> None:
    """Add every rule of a drawn sheet to the openpyxl sheet; the switch for gradients hides the `backward` steps."""
    bottom = max((r.row + r.height for r in plan.regions), default=plan.first_row) + 2
    ids: dict[str, int] = {}  # found once: openpyxl compares a rule's look with every look that it knows

    def rule(condition: str, look: str, **options: Any) -> Rule:
        if look not in ids:
            ids[look] = sheet.parent._differential_styles.add(_look(look))
        return Rule(type="expression", formula=[condition], dxfId=ids[look], **options)

    for step, ranges in _by_step(plan).items():
        covered = _merged(ranges)
        if len(covered) == 1:
            covered.append(f"A{bottom}")  # a range of its own, so that it stays apart from the region's rules
        hidden = f"AND(ISNUMBER({STEP_CELL}),{step}>{STEP_CELL})"
        if step in backward:
            hidden = f'OR({SWITCH_CELL}="{OFF}",{hidden})'
        sheet.conditional_formatting.add(" ".join(covered), rule(hidden, "hidden", stopIfTrue=True))
    for step, ranges in _names_by_step(plan).items():
        sheet.conditional_formatting.add(" ".join(_merged(ranges)), rule(f"{STEP_CELL}={step}", "current"))
    for region in plan.regions:
        place = ConditionalFormatting(range_of(region))
        for condition, look in _region_rules(region):
            sheet.conditional_formatting.add(place, rule(condition, look))
        if (region.role is Role.HEATMAP or region.image) and region.values.dtype.kind in "fiub":
            sheet.conditional_formatting.add(place, _heat(region.values))


def range_of(region: Region) -> str:
    """A region's range, such as `B5:D8` (`B5` for one cell)."""
    return _range(region.row, region.column, region.height, region.width)


def _range(row: int, column: int, height: int, width: int) -> str:
    first = f"{letters(column)}{row}"
    return first if height == width == 1 else f"{first}:{letters(column + width - 1)}{row + height - 1}"


def _by_step(plan: SheetPlan) -> dict[int, list[tuple[int, int, int, int]]]:
    """Step → the rectangles (row, column, height, width) that appear with it; step 0 is always there."""
    found: dict[int, list[tuple[int, int, int, int]]] = {}
    for region in plan.regions:
        found.setdefault(region.step, []).append((region.row, region.column, region.height, region.width))
    for label in plan.labels:
        found.setdefault(label.step, []).append((label.row, label.column, 1, 1))
    return {step: found[step] for step in sorted(found) if step > 0}


def _names_by_step(plan: SheetPlan) -> dict[int, list[tuple[int, int, int, int]]]:
    """Step → the cells that the names of its matrices cover, up to the next label on their right."""
    taken = {(label.row, label.column) for label in plan.labels}
    widths = dict(plan.widths)
    found: dict[int, list[tuple[int, int, int, int]]] = {}
    for label in plan.labels:
        if label.style == "name" and label.step > 0:
            end, room = label.column, measure.text_width(label.text, bold=True)
            while (room := room - widths.get(end, measure.COLUMN_WIDTH)) > 0 and (label.row, end + 1) not in taken:
                end += 1
            cells = [(label.row, column, 1, 1) for column in range(label.column, end + 1)]
            found.setdefault(label.step, []).extend(cells if label.align == "left" else cells[:1])
    return {step: found[step] for step in sorted(found)}


def _merged(rectangles: Sequence[tuple[int, int, int, int]]) -> list[str]:
    """Ranges that cover the rectangles; single cells side by side (arrows, names) become one range."""
    large = [r for r in rectangles if r[2:] != (1, 1)]
    cells = sorted({r[:2] for r in rectangles if r[2:] == (1, 1)})
    runs: list[list[int]] = []
    for row, column in cells:
        if runs and runs[-1][0] == row and runs[-1][1] + runs[-1][2] == column:
            runs[-1][2] += 1
        else:
            runs.append([row, column, 1])
    stacks: list[list[int]] = []
    for row, column, width in sorted(runs, key=lambda run: (run[1], run[2], run[0])):
        if stacks and stacks[-1][1] == column and stacks[-1][3] == width and stacks[-1][0] + stacks[-1][2] == row:
            stacks[-1][2] += 1
        else:
            stacks.append([row, column, 1, width])
    return [_range(*r) for r in sorted({*large, *map(tuple, stacks)})]


def _region_rules(region: Region) -> list[tuple[str, str]]:
    """Conditions, each with the look that it brings."""
    if region.role is Role.VERDICT or region.values.dtype.kind not in "fiub":
        return []
    at = f"{letters(region.column)}{region.row}"
    rules = []
    if region.dark_zeros:
        rules.append((f"{at}=0", "zero"))
    if region.role is Role.ADJACENCY:
        rules.append((f"{at}<>0", "edge"))
    if (region.formulas is not None or region.block is not None) and not region.integers and not region.editable:
        rules += [(condition.format(a=at), number) for condition, number in theme.TIERS]
    return rules


def _heat(values: np.ndarray) -> Rule:
    """A scale from 0 to 1 for weights and probabilities; around 0 for anything else."""
    probabilities = bool(values.size) and bool(((values >= 0) & (values <= 1)).all())
    bound = 1.0 if probabilities else float(np.abs(values).max(initial=1.0))
    low, middle, high = theme.HEAT if probabilities else theme.DIVERGING
    return ColorScaleRule(
        start_type="num",
        start_value=0 if probabilities else -bound,
        start_color=low,
        mid_type="num",
        mid_value=bound / 2 if probabilities else 0,
        mid_color=middle,
        end_type="num",
        end_value=bound,
        end_color=high,
    )


def _look(name: str) -> DifferentialStyle:
    """A look by its name, or by the code of its number format."""
    none = Side()
    match name:
        case "hidden":
            return DifferentialStyle(
                font=Font(color=theme.WHITE),
                numFmt=_format(";;;"),
                fill=PatternFill(bgColor="FF" + theme.WHITE),
                border=Border(left=none, right=none, top=none, bottom=none),
            )
        case "current":  # names of what the current step computes, marked as with a pen
            return DifferentialStyle(font=Font(color=theme.INK), fill=PatternFill(bgColor="FF" + theme.MARKER))
        case "zero":
            return DifferentialStyle(
                font=Font(color=theme.ZERO_INK), numFmt=_format("0"), fill=PatternFill(bgColor="FF" + theme.ZERO_FILL)
            )
        case "edge":
            return DifferentialStyle(font=Font(bold=True), fill=PatternFill(bgColor="FF" + theme.EDGE_ON))
    return DifferentialStyle(numFmt=_format(name))


def _format(code: str) -> NumberFormat:
    return NumberFormat(numFmtId=FORMATS[code], formatCode=code)
