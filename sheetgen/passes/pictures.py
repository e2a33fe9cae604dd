"""The charts that a spec asks for, held against the shapes of what they show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sheetgen.errors import SpecError
from sheetgen.ir.node import Shape, shape_text
from sheetgen.ir.program import PICTURES, Border, Look, Picture, Shown
from sheetgen.lang.infer import infer
from sheetgen.lang.syntax import parse_expression
from sheetgen.ops.views import whole_of
from sheetgen.spec.braces import turns

if TYPE_CHECKING:
    from sheetgen.spec.model import Chart
    from sheetgen.spec.read import Spec


def pictures(spec: Spec, shapes: Mapping[str, Shape]) -> tuple[Picture, ...]:
    """The charts of a spec whose matrices have these shapes. Raises SpecError where one can't be drawn."""
    try:
        return tuple(_picture(chart, shapes) for chart in spec.charts)
    except SpecError as error:
        raise spec.error(f"charts: {error.message}", "charts") from None


def _picture(chart: Chart, shapes: Mapping[str, Shape]) -> Picture:
    kind = next(kind for kind in PICTURES if getattr(chart, kind) is not None)
    texts: list[str] = getattr(chart, kind)
    shown = tuple(_shown(text, shapes) for text in texts)
    counts = [_count(kind, text, part) for text, part in zip(texts, shown, strict=True)]
    if kind == "bars" and (odd := next((k for k, count in enumerate(counts) if count != counts[0]), 0)):
        raise SpecError(f"bars needs as many numbers of each; `{texts[odd]}` has {counts[odd]}, not {counts[0]}.")
    if chart.by is not None:
        for text, count in zip(texts, counts, strict=True):
            wanted = f"a row of {count} numbers, one for each point of `{text}`"
            _fits("by", chart.by, shapes, wanted, (1, count))
    if chart.over is not None:
        for text, count in zip(texts, counts, strict=True):
            wanted = f"a row or a column of {count} numbers, one for each of `{text}`"
            _fits("over", chart.over, shapes, wanted, (1, count), (count, 1))
    return Picture(kind, shown, chart.title, chart.by, _border(chart, shapes), chart.beside, chart.over)


def _fits(key: str, name: str, shapes: Mapping[str, Shape], wanted: str, *allowed: Shape) -> None:
    """Refuse a matrix that hasn't one of the shapes that are allowed."""
    shape = shapes.get(name)
    if shape not in allowed:
        found = shape_text(shape) if shape is not None else "a tensor"
        raise SpecError(f"{key} needs {wanted}; `{name}` is {found}.")


def _shown(text: str, shapes: Mapping[str, Shape]) -> Shown:
    """A matrix, or a part of it; of all turns of a loop where the text has a range."""
    items, start = turns(text)
    found = []
    for item in items:
        whole, rows, columns = whole_of(infer(parse_expression(item), shapes, item.strip()))
        if not whole.is_matrix:
            raise SpecError(f"name a matrix, or a part of one such as `P[:, 0]`; `{item.strip()}` computes something.")
        found.append(Shown((whole.name,), rows, columns))
    first = found[0]
    if any((each.rows, each.columns) != (first.rows, first.columns) for each in found):
        raise SpecError(f"`{text}`: a range runs through matrices, all of one shape or with the same part of each.")
    return replace(first, names=tuple(each.names[0] for each in found), start=start)


def _count(kind: Look, text: str, part: Shown) -> int:
    """How many numbers or points it has."""
    shape = part.rows[1] - part.rows[0], part.columns[1] - part.columns[0]
    if 0 in shape:
        raise SpecError(f"{kind} needs numbers; `{text}` is {shape_text(shape)}.")
    if kind in ("points", "arrows"):
        if shape[0] != 2:
            raise SpecError(f"{kind} needs matrices of two rows; `{text}` is {shape_text(shape)}.")
        return shape[1] * len(part.names)
    if part.names[1:]:
        if shape != (1, 1):
            raise SpecError(f"{kind} needs one number of each turn; `{text}` has {shape_text(shape)}.")
        return len(part.names)
    if 1 not in shape or shape == (1, 1):
        raise SpecError(f"{kind} needs a row or a column of numbers; `{text}` is {shape_text(shape)}.")
    return max(shape)


def _border(chart: Chart, shapes: Mapping[str, Shape]) -> Border | None:
    border = chart.border
    if border is None:
        return None
    lines, across = shapes[border.weights]
    if across != 2:
        raise SpecError(f"border needs weights of two columns; `{border.weights}` is {lines}×{across}.")
    if border.bias is not None and shapes[border.bias] != (lines, 1):
        raise SpecError(f"border needs a bias of {lines}×1; `{border.bias}` is {shape_text(shapes[border.bias])}.")
    return Border(border.weights, border.bias, border.street)
