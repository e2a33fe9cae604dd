"""Boxes → regions: each with its look, formulas, values, name and step."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

import numpy as np

from sheetgen.cells.a1 import Rect, reference
from sheetgen.cells.verdicts import LIKELY, verdict_formula
from sheetgen.ir.node import Node
from sheetgen.ir.program import Given, Program, Statement
from sheetgen.ir.walk import nodes
from sheetgen.layout.drawing.alike import alike
from sheetgen.layout.drawing.blocked import Named, blocked
from sheetgen.layout.drawing.converging import decimals, losses
from sheetgen.layout.drawing.pairs import pairs
from sheetgen.layout.drawing.picked import dimmed, picked
from sheetgen.layout.drawing.tints import Tints, tints
from sheetgen.layout.drawing.values import Written, box_values, formulas, rects, with_ones
from sheetgen.layout.drawing.windows import windows
from sheetgen.layout.geometry.figure import Box, Placement
from sheetgen.layout.plan import Region, Role
from sheetgen.layout.words.loops import loops
from sheetgen.layout.words.shares import shown
from sheetgen.names import DRAWN, also_called, excel_names
from sheetgen.ops.base import Cells

MOST_DIGITS = 12
"""Rows and columns beyond which a matrix is a heat map without digits."""
WHAT = {"input": "an input", "parameter": "a parameter", "target": "the target", "constant": "a constant"}


@dataclass(frozen=True)
class Source:
    """What the regions are made from."""

    program: Program
    placement: Placement
    roles: Mapping[str, Role]
    values: Mapping[str, np.ndarray]
    """By key of the box."""
    at: Mapping[str, Rect]
    maker: Mapping[str, Statement]
    givens: Mapping[str, Given]
    steps: Mapping[str, int]
    """The step with which each box appears, by key; 0: from the start."""
    exprs: Mapping[str, Node]
    """What each box computes, by key."""
    written: Mapping[str, Written]
    """The formulas of each box, by key."""
    matrix: Mapping[str, str]
    """The matrix of each box, by key."""
    tints: Mapping[str, Tints]
    """The looks that columns carry, by key, and that rows carry, by key."""
    parts: Mapping[str, Tints]
    picked: Mapping[str, str]
    """The condition under which cells are picked out, by key."""
    dimmed: Set[str]
    """The matrices whose zeros were left out by a choice."""
    explained: Mapping[str, tuple[int, ...]]
    """The columns that a Look closer explains, by matrix."""
    windows: Mapping[str, tuple[Cells, ...]]
    """Where kernels lie, and what they give there, by key."""
    weights: Mapping[str, Box]
    """The weights of each Look closer, by the keys of its boxes."""
    names: Mapping[str, str]
    """The defined name of each matrix."""
    decimals: Mapping[str, int]
    """Of what converges in a loop, by matrix."""
    alike: Mapping[str, int]
    """Of small numbers beside larger ones, by key."""
    shares: Set[str]
    """The keys of the gradients at copies; one that only repeats one of them looks like a copy."""
    named: Named
    """The boxes of the first sheet that have defined names."""
    images: Set[str]
    """Given matrices that are pictures."""
    pairs: Set[str]
    """Tables of pairs."""


def source(
    program: Program, placement: Placement, roles: Mapping[str, Role], values: Mapping[str, np.ndarray]
) -> Source:
    """Gather what the drawing of a page needs; `values` are the program's."""
    maker = {s.name: s for s in program.statements}
    givens = {g.name: g for g in program.givens}
    explained: dict[str, tuple[int, ...]] = {}
    for s in program.statements:
        if s.kind == "explain" and s.target is not None and s.target.column is not None:
            explained[s.target.matrix] = (*explained.get(s.target.matrix, ()), s.target.column)
    computed = [s.name for s in program.statements if s.kind == "matrix"]
    names = excel_names([*givens, *computed])
    homes = [box for box in placement.boxes if not box.sheet and box.kind == "home" and box.matrix in names]
    named = [(box, names[box.matrix]) for box in homes if box.rows is None and box.columns is None]
    at = rects(placement)
    columns, rows = tints(placement, roles)
    of_boxes = box_values(placement, program, values)
    return Source(
        program, placement, roles, of_boxes, at, maker, givens,
        _steps(program, placement, maker), with_ones(placement), formulas(placement, program.formulas),
        {b.key: b.matrix for b in placement.boxes},
        columns, rows, picked(program, placement.boxes, at), dimmed(program), explained, windows(placement.boxes),
        _weights(placement), names,
        decimals(loops(program).values(), values) | losses(program, values),
        alike(placement.boxes, of_boxes, set(givens)),
        {box.key for box in placement.boxes if box.kind == "part"}, named, _images(program), pairs(program),
    )  # fmt: skip


def _weights(placement: Placement) -> dict[str, Box]:
    """The weights of each Look closer, by the statement that explains and by the keys of its boxes."""
    found: dict[str, Box] = {}
    weights: Box | None = None
    for box in placement.boxes:
        if box.kind == "weights":
            weights = box
        if weights is not None and box.kind in ("weights", "terms", "sum"):
            found[box.key] = weights
    return found


def _steps(program: Program, placement: Placement, maker: Mapping[str, Statement]) -> dict[str, int]:
    """A computed box appears with its statement's step, anything else with the first step that reads it, and a copy
    that nothing reads with what it shows."""
    introduced = {name: step.number for step in program.steps for name in step.shows}
    gradients = {s.gradient_of: s for s in program.statements if s.gradient_of}
    found: dict[str, int] = {}
    for box in placement.boxes:
        made = maker.get(box.matrix or box.of) if box.kind != "copy" else None
        if made is not None and box.phase == "backward" and made.phase == "forward":  # a share of a gradient
            made = gradients.get(made.name)
        if made is not None:
            found[box.key] = made.step
        elif box.matrix in introduced and box.kind == "home":
            found[box.key] = introduced[box.matrix]
    readers: dict[str, int] = {}
    for box in reversed(placement.boxes):
        step = found.get(box.key, readers.get(box.key, 0))
        for ref in box.expr.references if box.expr is not None and step else ():
            readers[ref.name] = min(step, readers.get(ref.name, step))
    found = {**readers, **found}
    for box in placement.boxes:
        if box.key not in found and box.expr is not None:
            found[box.key] = max((found.get(ref.name, 0) for ref in box.expr.references), default=0)
    return {box.key: found.get(box.key, 0) if box.band >= 0 else 0 for box in placement.boxes}


def regions(src: Source) -> list[tuple[str, Region]]:
    """Every region with the title of its sheet, causes before consequences: in the order of the program."""
    rank = {s.name: k for k, s in enumerate(src.program.statements)}
    boxes = sorted(src.placement.boxes, key=lambda box: rank.get(box.matrix or box.of, -1))
    return [(DRAWN[box.sheet], _region(src, box)) for box in boxes]


def role_of(src: Source, box: Box) -> Role:
    """A box's look."""
    if box.kind == "copy" and _plain(box, src.values[box.key]):  # colours are all that it shows
        return src.roles.get(box.matrix, Role.COPY)
    if box.kind in ("copy", "weights", "terms"):
        return Role.COPY
    if box.kind == "ones":
        return Role.ONES
    if box.kind == "verdict":
        return Role.VERDICT
    if box.phase == "backward" and box.kind != "home":
        return Role.GRADIENT
    if box.phase == "backward" and shown(box) in src.shares:
        return Role.COPY
    own = src.roles.get(box.matrix)
    if own is not None and box.kind in ("home", "sum", "echo"):
        return own
    return Role.FORWARD


def _like(src: Source, box: Box, role: Role) -> Role | None:
    """What a copy shows, and whether a bias is a gradient."""
    if role is Role.BIAS:
        return Role.GRADIENT if box.phase == "backward" else Role.PARAMETER
    return src.roles.get(box.matrix) if role is Role.COPY else None


def _region(src: Source, box: Box) -> Region:
    value, role = src.values[box.key], role_of(src, box)
    given = src.givens.get(box.matrix) if box.kind == "home" else None
    base = dict(
        name=_name(box), role=role, row=box.row, column=box.column, values=value, step=src.steps[box.key],
        glued=bool(box.glued), tints=src.tints.get(box.key, ()), parts=src.parts.get(box.key, ()),
        plain_map=_plain(box, value), marked=_marked(src, box), pale=_pale(src, box), source=box.expr,
        decimals=src.decimals.get(box.matrix, src.alike.get(box.key)), piece="" if _name(box) == box.key else box.key,
        corner=((box.rows or (0, 0))[0], (box.columns or (0, 0))[0]), turned=box.turned,
    )  # fmt: skip
    if given is not None:
        return _given(src, box, given, base)
    if box.kind == "verdict":
        words = src.maker[box.key].words or LIKELY
        return Region(**base, formulas=_verdict(src, box), words=words)  # type: ignore[arg-type]
    made = src.maker.get(box.matrix) if box.kind in ("home", "echo") else None
    defined = src.names[box.matrix] if made is not None and made.kind == "matrix" and box.kind == "home" else None
    written = src.written[box.key]
    heat = _heat(src, box, value)
    return Region(
        **base, formulas=written.cells, array=written.array, block=written.block,  # type: ignore[arg-type]
        defined_name=defined, note=also_called(box.matrix, defined) if defined else "",
        dark_zeros=made is not None and (made.expr.op == "relu" or made.name in src.dimmed),
        image=_is_image(src, box) or _is_picture(made) or heat is not None, heat=heat, inked=_is_ink(made, value),
        like=_like(src, box, role), picked=src.picked.get(box.key),
        blocked=blocked(box, src.exprs.get(box.key), src.at, src.named),
        integers=role is Role.ADJACENCY and bool((value == np.round(value)).all()),
        large=made is not None and src.program.loss is not None and src.program.loss in (made.name, made.repeats),
    )  # fmt: skip


def _name(box: Box) -> str:
    """How messages and charts call it."""
    return box.matrix if box.kind == "home" and box.matrix else box.key


def _given(src: Source, box: Box, given: Given, base: dict[str, object]) -> Region:
    symmetric = given.graph is not None and not given.graph.directed and bool((given.value == given.value.T).all())
    switch = given.graph is not None and given.integers
    wanted = "0 or 1" if switch else "a whole number" if given.integers else "a number"
    called = also_called(given.name, src.names[given.name])
    prompt = f"{given.name}: {given.about or WHAT[given.role]}. Type {wanted}; 0 instead of deleting."
    if symmetric:
        prompt += " The other triangle mirrors this one."
    prompt = f"{prompt} {called}".rstrip()
    return Region(
        **base,  # type: ignore[arg-type]
        formulas=_mirrored(src.at[box.key]) if symmetric and given.shape[0] > 1 else None,
        defined_name=src.names[given.name], note=called, prompt=prompt.replace("..", "."), integers=given.integers,
        switch=switch, image=_is_image(src, box), picked=src.picked.get(box.key),
    )  # fmt: skip


def _images(program: Program) -> set[str]:
    """Those over which a kernel slides in two dimensions, or whose pixels become a column."""
    looks = ("conv2d", "conv_transpose2d", "flatten", "reshape")
    shown = (node.args[0] for s in program.statements for node in nodes(s.expr) if node.op in looks)
    read = {node.args[0].name if node.op == "slice" else node.name for node in shown}
    return {given.name for given in program.givens if given.role != "parameter" and given.name in read}


def _is_image(src: Source, box: Box) -> bool:
    """Whether it shows a picture; copies keep their ink."""
    return box.kind in ("home", "copy") and min(box.height, box.width) > 1 and box.matrix in src.images


def _heat(src: Source, box: Box, value: np.ndarray) -> tuple[float, float, float] | None:
    """What is blue, white and orange in a table of pairs, or in a copy of one; shares and probabilities up to 1."""
    if box.kind not in ("home", "copy") or box.matrix not in src.pairs or min(box.height, box.width) == 1:
        return None
    most = max(float(np.abs(value).max()), float(value.min() >= 0))
    return -most, 0.0, most


def _is_picture(made: Statement | None) -> bool:
    """Whether a column of pixels becomes a picture again."""
    return made is not None and made.phase == "forward" and made.expr.op == "reshape" and min(made.shape) > 1


def _is_ink(made: Statement | None, value: np.ndarray) -> bool:
    """Whether it is a picture in black and white: a row of pixels of two kinds that was put into a rectangle."""
    some = _is_picture(made) and min(value.shape) > 1 and value.dtype.kind in "fiub"
    return some and set(value.ravel()) in ({-1, 1}, {0, 1})


def _mirrored(rect: Rect) -> tuple[tuple[str | None, ...], ...]:
    """Below the diagonal each cell repeats the one above it, so that the matrix stays symmetric."""

    def cell(i: int, j: int) -> str:
        return reference(Rect(rect.sheet, rect.row + j, rect.column + i, 1, 1), rect.sheet, (False, False))

    return tuple(tuple(cell(i, j) if j < i else None for j in range(rect.width)) for i in range(rect.height))


def _verdict(src: Source, box: Box) -> tuple[tuple[str, ...], ...]:
    """The formulas that put the cells of what a verdict reads into words; a row's words stand in a row or below one
    another, as the box is shaped."""
    made = src.maker[box.key]
    at = src.at[(box.expr or made.expr).references[0].name]
    sheet = DRAWN[box.sheet]

    def cell(i: int, j: int) -> str:
        i, j = (i, j) if (box.height, box.width) == (at.height, at.width) else (j, i)
        return reference(Rect(at.sheet, at.row + i, at.column + j, 1, 1), sheet, (False, False))

    return tuple(
        tuple(verdict_formula(cell(i, j), made.words or LIKELY) for j in range(box.width)) for i in range(box.height)
    )


def _plain(box: Box, value: np.ndarray) -> bool:
    """Whether it is too large for digits."""
    return value.dtype.kind in "fiub" and box.height > MOST_DIGITS and box.width > MOST_DIGITS


def _marked(src: Source, box: Box) -> tuple[Cells, ...]:
    """The column that a Look closer explains, the window on which a kernel lies, and what it gives there."""
    explained = src.explained.get(box.matrix, ()) if box.kind == "home" and not box.sheet else ()
    return (*((0, column, box.height, 1) for column in explained), *src.windows.get(box.key, ()))


def _pale(src: Source, box: Box) -> str | None:
    """Terms whose weight is 0 are pale."""
    if box.kind not in ("weights", "terms"):
        return None
    cell = reference(Rect("", src.weights[box.key].row, box.column, 1, 1), "", (True, False))
    return f"{cell}=0"
