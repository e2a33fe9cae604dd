"""Conditional formatting: the step player, numbers as short as by hand, a ReLU's zeros, heat maps.

The order matters. Excel follows priorities, LibreOffice the document: there the first range that
yields anything wins. So the rules that hide come first, over ranges of their own, and then each
region's: dark zeros (with their number format), number tiers, colour scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from openpyxl.formatting.rule import ColorScaleRule, Rule
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat

from sheetgen import theme
from sheetgen.cells import letters
from sheetgen.plan import Region, Role, SheetPlan

STEP_CELL = "$C$2"
FORMATS = {";;;": 170, "0.0E+0": 171, "[>=0.5]0;[<=-0.5]-0;0": 172, "0.0": 173, "0": 174}
"""Numbers of the formats that rules use; they must not meet those of the cells, which start at 164."""


def add_rules(sheet: Any, plan: SheetPlan) -> None:
    """Add every rule of a drawn sheet to the openpyxl sheet."""
    bottom = max((r.row + r.height for r in plan.regions), default=plan.first_row) + 2
    for step, ranges in _by_step(plan).items():
        covered = _merged(ranges)
        if len(covered) == 1:
            covered.append(f"A{bottom}")  # a range of its own, so that it stays apart from the region's rules
        sheet.conditional_formatting.add(" ".join(covered), _hide(step))
    for step, ranges in _names_by_step(plan).items():
        sheet.conditional_formatting.add(" ".join(_merged(ranges)), _point_out(step))
    for region in plan.regions:
        for rule in _region_rules(region):
            sheet.conditional_formatting.add(range_of(region), rule)


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
            end, room = label.column, theme.text_width(label.text, bold=True)
            while (room := room - widths.get(end, theme.COLUMN_WIDTH)) > 0 and (label.row, end + 1) not in taken:
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


def _hide(step: int) -> Rule:
    none = Side()
    style = DifferentialStyle(
        font=Font(color=theme.WHITE),
        numFmt=_format(";;;"),
        fill=PatternFill(bgColor="FF" + theme.WHITE),
        border=Border(left=none, right=none, top=none, bottom=none),
    )
    condition = f"AND(ISNUMBER({STEP_CELL}),{step}>{STEP_CELL})"
    return Rule(type="expression", formula=[condition], dxf=style, stopIfTrue=True)


def _point_out(step: int) -> Rule:
    """The names of what the current step computes, marked as with a pen."""
    style = DifferentialStyle(font=Font(color=theme.INK), fill=PatternFill(bgColor="FF" + theme.MARKER))
    return Rule(type="expression", formula=[f"{STEP_CELL}={step}"], dxf=style)


def _region_rules(region: Region) -> list[Rule]:
    if region.role is Role.VERDICT or region.values.dtype.kind not in "fiub":
        return []
    at = f"{letters(region.column)}{region.row}"
    rules = []
    if region.dark_zeros:
        dark = DifferentialStyle(
            font=Font(color=theme.ZERO_INK), numFmt=_format("0"), fill=PatternFill(bgColor="FF" + theme.ZERO_FILL)
        )
        rules.append(Rule(type="expression", formula=[f"{at}=0"], dxf=dark))
    if region.role is Role.ADJACENCY:
        edge = DifferentialStyle(font=Font(bold=True), fill=PatternFill(bgColor="FF" + theme.EDGE_ON))
        rules.append(Rule(type="expression", formula=[f"{at}<>0"], dxf=edge))
    if (region.formulas is not None or region.block is not None) and not region.integers and not region.editable:
        for condition, number in theme.TIERS:
            style = DifferentialStyle(numFmt=_format(number))
            rules.append(Rule(type="expression", formula=[condition.format(a=at)], dxf=style))
    if region.role is Role.HEATMAP:
        rules.append(_heat(region.values))
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


def _format(code: str) -> NumberFormat:
    return NumberFormat(numFmtId=FORMATS[code], formatCode=code)
