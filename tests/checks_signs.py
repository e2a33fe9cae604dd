"""Checks of signs in gutters: what stands left of a sign, the sign, and what stands above its end give the numbers at
its end, as a reader would work them out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from checks_page import Page, Problem, Sheet

from sheetgen.layout.plan import Label, Region

SILENT = frozenset("→←—↑↓↙▸◂×▲▼")
"""Arrows, heads of lines, and the factors of a Look closer, which say nothing of what is computed to their right."""
TOTAL = re.compile(r"(−?)(.*?)(Σ|μ|max|min)")
SCALED = re.compile(r"÷ ([\d.]+)")
FRACTIONS = {"": 1.0, "½": 0.5, "¼": 0.25, "¾": 0.75}
TOTALS: Mapping[str, Callable[..., np.ndarray]] = {"Σ": np.sum, "μ": np.mean, "max": np.max, "min": np.min}
OF_TWO: Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "+": np.add, "−": np.subtract, "∘": np.multiply, "·": np.multiply, "÷": np.divide, "=": np.equal,
    "<": np.less, ">": np.greater, "≤": np.less_equal, "≥": np.greater_equal,
}  # fmt: skip
OF_ONE: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "σ": lambda x: 1 / (1 + np.exp(-x)), "tanh": np.tanh, "√": np.sqrt, "ReLU": lambda x: np.maximum(x, 0),
    "exp": np.exp, "ln": np.log, "| |": np.abs, "sign": np.sign,
}  # fmt: skip

NARROW = 1.5
"""Characters of a column in which no line is drawn."""


def wrong_sign(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Signs that don't give the numbers at their end."""
    at = {(r.row + i, r.column + j): r for r in sheet.plan.regions for i in range(r.height) for j in range(r.width)}
    texts = {(x.row, x.column): x.text for x in sheet.labels if x.style == "arrow"}
    widths = dict(sheet.plan.widths)
    rails = [rail for rail in page.placement.rails if rail.sheet == sheet.number]
    for label in sheet.labels:
        sign = texts.get((label.row - 1, label.column), "")
        under = SCALED.fullmatch(label.text) and (TOTAL.fullmatch(sign) or sign in OF_TWO)
        if label.style != "arrow" or label.formula is not None or set(label.text) <= SILENT or under:
            continue
        end, start = at.get((label.row, label.column + 1)), label.column - 1
        narrow = widths.get(start, NARROW) < NARROW and (label.row, start) not in at
        led = set(texts.get((label.row, start), "")) == {"—"}  # a line that leads to it
        near = max((column for row, column in at if row == label.row and column < label.column), default=0)
        behind = any(label.row in rail.rows and near <= rail.column < label.column for rail in rails)
        if narrow or led or behind:
            start = near
        left = at.get((label.row, start))
        if left is None or end is None:
            yield sheet.problem("lone sign", label.row, label.column, f"“{label.text}” stands alone")
        elif not any(_same(value, end.values) for value in _read(label, left, end, at, texts)):
            what = f"{left.name} {label.text} doesn't give {end.name}"
            yield sheet.problem("wrong sign", label.row, label.column, what)


def _read(
    label: Label, left: Region, end: Region, at: Mapping[tuple[int, int], Region], texts: Mapping[tuple[int, int], str]
) -> Iterator[np.ndarray]:
    """What a reader would work out at the end of a sign; of gradients, whose lanes are read upwards, too."""
    x = left.values.astype(float)
    if texts.get((left.row - 1, left.column)) == "×":  # a Look closer's terms, each with its factor above
        x = x * at[left.row - 2, left.column].values
    if label.text in OF_ONE:
        yield OF_ONE[label.text](x)
    by = SCALED.fullmatch(texts.get((left.row + left.height, label.column), ""))
    if label.text in OF_TWO:
        for way in (-1, 1):
            row = end.row - 1 if way < 0 else end.row + end.height
            near = next((at[r, end.column] for r in range(row, row + 40 * way, way) if (r, end.column) in at), None)
            if near is not None and near.width == end.width and len({1, near.height, x.shape[0]}) < 3:
                yield OF_TWO[label.text](x, near.values.astype(float)) / (float(by[1]) if by else 1.0)
    if match := TOTAL.fullmatch(label.text):
        by = SCALED.fullmatch(texts.get((label.row + 1, label.column), ""))
        factor = FRACTIONS[match[2]] if match[2] in FRACTIONS else float(match[2])
        scale = (-factor if match[1] else factor) / (float(by[1]) if by else 1.0)
        yield scale * np.reshape(TOTALS[match[3]](x), (1, 1))
        yield scale * TOTALS[match[3]](x, axis=1, keepdims=True)


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    try:
        return np.allclose(np.broadcast_to(one, other.shape), other.astype(float), rtol=1e-9, atol=1e-12)
    except ValueError:
        return False
