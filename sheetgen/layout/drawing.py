"""Placement → regions: each matrix with its role, formulas, values, name and note."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sheetgen.cells.a1 import Rect, reference
from sheetgen.cells.fill import cell_formulas
from sheetgen.cells.formula import block_formula
from sheetgen.cells.verdicts import LIKELY, verdict_formula, verdicts
from sheetgen.ir.node import matrix, shape_text
from sheetgen.ir.program import Given, Statement, Step
from sheetgen.ir.walk import references
from sheetgen.lang.show import show
from sheetgen.layout.placement import Link, Placement
from sheetgen.layout.plan import Region, Role
from sheetgen.names import also_called, excel_names
from sheetgen.passes.evaluate import clean, value_of

LARGE = 1600
"""From so many cells on a matrix is one array formula, unless the spec says otherwise. Engines are up to twice as
fast then (docs/benchmarks.md); below it, that isn't felt, and a formula in each cell is easier to read."""
MOST_MMULT = 5461
"""Cells that a block's MMULT may have, as Excel's reference has it."""

Values = dict[str, np.ndarray]


def regions(placement: Placement, values: Values, roles: dict[str, Role]) -> Iterator[tuple[str, Region]]:
    """Every region with the title of its sheet."""
    program = placement.program
    said = {step.number: step for step in program.steps}
    introduced = {name: step.number for step in program.steps for name in step.shows}
    computed = [part.name for s in program.statements if s.kind == "matrix" for part in s.parts]
    names = excel_names([*(given.name for given in program.givens), *computed])
    for given in program.givens:
        yield placement.rects[given.name].sheet, _given(placement, given, values, roles, introduced, names)
    for statement in program.statements:
        for region in _computed(placement, statement, values, roles, said, names):
            yield placement.rects[region.name].sheet, region
    for link in placement.links.values():
        yield placement.rects[link.key].sheet, _link(placement, link, values, introduced)


def _given(
    placement: Placement, given: Given, values: Values, roles: dict[str, Role], introduced: dict[str, int],
    names: dict[str, str],
) -> Region:  # fmt: skip
    rect = placement.rects[given.name]
    symmetric = given.graph is not None and not given.graph.directed and bool((given.value == given.value.T).all())
    formulas = _mirrored(rect) if symmetric and given.shape[0] > 1 else None
    kinds = {"input": "An input", "parameter": "A parameter", "target": "The target", "constant": "A constant"}
    about = given.about or ("Which nodes are joined by an edge" if given.graph else "")
    note = f"{given.name} ({shape_text(given.shape)}): {about or kinds[given.role].lower()}."
    switch = given.graph is not None and given.integers
    wanted = "0 or 1" if switch else "a whole number" if given.integers else "a number"
    called = also_called(given.name, names[given.name])
    prompt = f"{given.name}: type {wanted}, and everything follows. Type 0 instead of deleting."
    if symmetric:
        prompt += " The other triangle mirrors this one."
    if called:
        note, prompt = f"{note}\n{called}", f"{prompt} {called}"
    return Region(
        given.name, roles[given.name], rect.row, rect.column, values[given.name], formulas,
        step=introduced.get(given.name, 0), defined_name=names[given.name], note=note.replace("..", "."),
        prompt=prompt, integers=given.integers, switch=switch, image=_is_image(placement, given),
    )  # fmt: skip


def _is_image(placement: Placement, given: Given) -> bool:
    """Whether a kernel slides over it in two dimensions."""
    return min(given.shape) > 1 and any(
        s.expr.op == "conv2d" and s.expr.args[0] == matrix(given.name, given.shape)
        for s in placement.program.statements
    )


def _mirrored(rect: Rect) -> tuple[tuple[str | None, ...], ...]:
    """Below the diagonal each cell repeats the one above it, so that the matrix stays symmetric."""
    return tuple(
        tuple(
            reference(Rect(rect.sheet, rect.row + j, rect.column + i, 1, 1), rect.sheet, (False, False))
            if j < i else None
            for j in range(rect.width)
        )
        for i in range(rect.height)
    )  # fmt: skip


def _computed(
    placement: Placement, s: Statement, values: Values, roles: dict[str, Role], said: dict[int, Step],
    names: dict[str, str],
) -> Iterator[Region]:  # fmt: skip
    sheet = placement.rects[s.name].sheet
    locate = placement.rects.__getitem__
    expr = placement.exprs[s.name]
    if s.kind == "verdict":
        yield _verdict(placement, s, values)
        return
    block = None
    cells = s.shape[0] * s.shape[1]
    mode = placement.program.formulas
    if cells > 1 and len(s.parts) == 1 and (mode == "blocks" or (mode == "auto" and cells >= LARGE)):
        product = expr.op == "matmul"
        block = None if product and cells > MOST_MMULT else block_formula(expr, locate, sheet)
    start = 0
    for part in s.parts:
        rect = placement.rects[part.name]
        value = values[part.name]
        formulas, array = None, False
        if block is None:
            formulas, array = cell_formulas(expr, part.shape, locate, sheet, (start, 0) if s.axis == 0 else (0, start))
        yield Region(
            part.name, roles[part.name], rect.row, rect.column, value, formulas, array, block, s.step,
            names.get(part.name), _note(s, part.name, said, names),
            dark_zeros=s.expr.op == "relu",
            integers=roles[part.name] is Role.ADJACENCY and bool((value == np.round(value)).all()),
        )  # fmt: skip
        start += part.shape[s.axis]


def _note(s: Statement, name: str, said: dict[int, Step], names: dict[str, str]) -> str:
    left = ", ".join(part.name for part in s.parts)
    shapes = " , ".join(shape_text(part.shape) for part in s.parts)
    if s.expr.op == "matmul":
        shapes += f" = {shape_text(s.expr.args[0].shape)} · {shape_text(s.expr.args[1].shape)}"
    lines = [f"Step {s.step}: {left} = {show(s.expr)}", shapes]
    step = said.get(s.step)
    if step is not None and not s.auxiliary:
        lines.append(step.sentence)
    if name in names and (called := also_called(name, names[name])):
        lines.append(called)
    return "\n".join(lines)


def _verdict(placement: Placement, s: Statement, values: Values) -> Region:
    rect = placement.rects[s.name]
    words = s.words or LIKELY
    source = s.expr
    at = placement.rects[source.name]
    flat = source.shape[0] == 1
    formulas = tuple(
        tuple(
            verdict_formula(
                reference(Rect(at.sheet, at.row + (0 if flat else i), at.column + (i if flat else j), 1, 1), rect.sheet,
                          (False, False)), words)
            for j in range(rect.width)
        )
        for i in range(rect.height)
    )  # fmt: skip
    return Region(
        s.name, Role.VERDICT, rect.row, rect.column, verdicts(values[source.name], words), formulas, step=s.step,
        note=f"Step {s.step}: what {source.name} says, in words.",
    )  # fmt: skip


def _link(placement: Placement, link: Link, values: Values, introduced: dict[str, int]) -> Region:
    rect = placement.rects[link.key]
    if link.node is None:
        ones = np.ones((rect.height, rect.width))
        formulas = tuple(("1",) * rect.width for _ in range(rect.height))
        return Region("1", Role.ONES, rect.row, rect.column, ones, formulas, step=link.step, note="")
    source = references(link.node)[0].name
    formulas, _ = cell_formulas(link.node, (rect.height, rect.width), placement.rects.__getitem__, rect.sheet)
    value = clean(np.asarray(value_of(link.node, values), dtype=float))
    return Region(
        show(link.node), Role.COPY, rect.row, rect.column, value, formulas, step=link.step,
        note=f"A linked copy of {show(link.node)}, where a product needs it. It follows {source}.",
    )  # fmt: skip
