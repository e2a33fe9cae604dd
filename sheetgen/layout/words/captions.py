"""What stands at the boxes of a page: captions, and signs in gutters.

A caption says what the cells below it compute: it is made of the box's own expression, over the boxes that it reads. A
helper without a name has an equation instead; a sum glued under a box has its sign.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property

from sheetgen.ir.node import Node
from sheetgen.ir.walk import references
from sheetgen.layout.geometry.figure import Box, Placement
from sheetgen.layout.words import shares
from sheetgen.layout.words.badges import badge, numbered, spans
from sheetgen.layout.words.equations import equation, whole
from sheetgen.layout.words.loops import line_of
from sheetgen.layout.words.plain import plain
from sheetgen.layout.words.script import TURNED
from sheetgen.layout.words.signs import Gutters, total
from sheetgen.layout.words.vocabulary import Vocabulary
from sheetgen.ops.base import operation


@dataclass(frozen=True)
class Captions:
    """The texts of one page."""

    words: Vocabulary
    placement: Placement
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Names of columns, by matrix: nodes, words."""
    silent: Set[str] = frozenset()
    """The boxes whose steps are told elsewhere, by key."""

    @cached_property
    def boxes(self) -> Mapping[str, Box]:
        """By key."""
        return {box.key: box for box in self.placement.boxes}

    @cached_property
    def homes(self) -> Mapping[str, Box]:
        """Where each matrix is given or computed."""
        return {box.matrix: box for box in self.placement.boxes if box.kind in ("home", "row") and box.matrix}

    def caption(self, box: Box) -> tuple[str, ...]:
        """What may stand over a box, the longest first; nothing where its lane already says it."""
        texts = tuple(dict.fromkeys(text for text in self._caption(box) if text))
        number = self.number(box)
        if not number or not texts:
            return texts
        return (*(f"{number} {text}" for text in texts), texts[-1])

    def signs(self, box: Box) -> tuple[str, ...]:
        """What may stand beside a box that has no room for a caption, the longest first."""
        sign, number = self.sign(box), self.number(box)
        return (f"{number} {sign}", sign) if sign and number else (sign,)

    def together(self, boxes: Sequence[Box]) -> tuple[str, ...]:
        """One caption for boxes that stand side by side, `W, b new` for new weights."""
        last = boxes[-1]
        if last.phase == "update":
            text = ", ".join([*(self.words.symbols.of(box.of) for box in boxes[:-1]), self.name(last)])
            number = next(filter(None, map(self.number, boxes)), "")
            return (f"{number} {text}", text) if number else (text,)
        names = [self.name(box) for box in boxes]
        single = [f"{self.number(box)} {name}".strip() for box, name in zip(boxes, names, strict=True)]
        steps = spans(self.numbers[box.key][0] for box in boxes if self.number(box))
        shared = [f"({steps}) {', '.join(names)}"] if steps else []
        return ("  ".join(single), *shared, ", ".join(names))

    def number(self, box: Box) -> str:
        """The number of the step whose result a box is; copies, helpers and repetitions have none."""
        return "" if box.key in self.silent else badge(*self.numbers.get(box.key, (0, 0)))

    @cached_property
    def numbers(self) -> Mapping[str, tuple[int, int]]:
        """The steps by the boxes that have their numbers, and which of those with one number each is."""
        return numbered(self.words.program.steps, self.placement.boxes)

    def _caption(self, box: Box) -> tuple[str, ...]:
        name = self.name_of(box)
        if box.kind in ("ones", "weights", "terms") or self._summary(box):
            return ()
        if box.kind == "sum":
            return (self.explained(box),)
        if box.kind == "verdict":
            return ("in words",)
        if box.phase == "update":
            return (self.name(box), f"{self.words.symbols.of(box.of)}′")
        if box.phase == "after" and box.of and box.of == self.words.program.loss:
            return (f"{self.words.symbols.of(box.of)} new",)
        if (first := self._first(box)) is not box:
            return (self.name(box),) if box.kind == "copy" else self._caption(first)
        if box.kind == "copy":
            return (self.name(box),)
        if box.phase == "backward" and (share := self._share(box)):
            return share
        if box.rows is not None or box.columns is not None:
            return (self.name(box),)
        if box.expr is None:
            about = next((g.about for g in self.words.program.givens if g.name == box.matrix), "").rstrip(".")
            return (f"{name}  {about}" if about else "", name)
        if self._later(box) and name:
            return (name, self._of_helper(box))
        node = self.read(box)
        if not name:
            return (whole(node, self.words.symbols), _called(box.expr) or _function(box.expr))
        if parts := self._parts(box):
            return (self._of_parts(name, box, len(parts)), name)
        said = equation(name, node, self.words.symbols) if whole(node, self.words.symbols) != name else ""
        return (said, self._short(name, box), name, self._of_helper(box))

    def _share(self, box: Box) -> tuple[str, ...]:
        """What one reader's share of a gradient is called, and the part of a stack's gradient at the copy of a matrix
        that has a gradient of its own: never as the sum of all shares, but by what it is or where it goes."""
        whole_one = box.rows is None and box.columns is None
        if box.kind == "part" and whole_one:
            name = self.name_of(replace(box, turned=False)).removeprefix("∂")
            said = whole(self.read(box), self.words.symbols)
            return () if box.key in self._alone else shares.share(name, said, box.turn)
        at = self.boxes.get(box.at)
        if whole_one or at is None or at.matrix in ("", box.of):
            return ()
        return shares.part(self._bracketed(self.name(replace(at, turned=False))), at.matrix in self._differentiated)

    @cached_property
    def _alone(self) -> Set[str]:
        """The shares that are all that reaches their matrix."""
        return shares.alone(self.placement.boxes)

    @cached_property
    def _differentiated(self) -> Set[str]:
        """The matrices that have a gradient of their own."""
        return {s.gradient_of for s in self.words.program.statements if s.gradient_of is not None}

    def _of_helper(self, box: Box) -> str:
        """`∂tanh` for the gradient of a helper that has no name, where what it is made of is in sight."""
        at = self.boxes.get(box.at) if box.phase == "backward" else None
        unnamed = at is not None and self.words.symbols.name(at.matrix) is None
        called = _called(at.expr) if at is not None and unnamed and at.expr is not None else ""
        return f"∂{called}" if called else ""

    def _of_parts(self, name: str, box: Box, count: int) -> str:
        """A gradient that comes back from the copies of its matrix: a link to one, or what they add up to."""
        made = self.words.makers.get(box.matrix)
        if box.expr is None or count == len(references(box.expr)):
            return f"{name}: {count} parts, added" if count > 1 else ""
        return self.words.equation(made) if made is not None else ""

    def _parts(self, box: Box) -> list[Node]:
        """The shares of a gradient that a box adds up."""
        read = references(box.expr) if box.expr is not None else []
        return [ref for ref in read if ref.name in self.boxes and self.boxes[ref.name].kind == "part"]

    def _short(self, name: str, box: Box) -> str:
        """`A₁ = ReLU` or `L = Σ ÷ 8`, where what it is made of stands right above, or left without a sign between."""
        read = {ref.name for ref in references(box.expr)} if box.expr is not None else set()
        if box.expr is None or len(read) != 1 or box.key in self.signed:
            return ""
        called = _called(box.expr) if len(box.expr.args) == 1 else ""
        key = read.pop()
        sign = (called,) if called and box.expr.args[0].is_matrix else total(box.expr, key)
        source = self.boxes.get(key)
        above = source is not None and source.column == box.column and source.row < box.row
        return f"{name} = {' '.join(sign)}" if sign and (above or box.expr.shape == (1, 1)) else ""

    @cached_property
    def signed(self) -> frozenset[str]:
        """The boxes that have a sign at their left."""
        return frozenset(arrow.target for arrow in self.placement.arrows)

    def _first(self, box: Box) -> Box:
        """What a box of the second pass repeats: it is called the same, new weights apart."""
        made = self.words.makers.get(box.matrix)
        new = box.phase != "after" or (made is not None and made.phase == "update")
        return box if new else self.boxes.get(box.at, box)

    def name_of(self, box: Box) -> str:
        """What the matrix of a box is called, ᵀ if it is turned; empty for a helper without a name."""
        name = self.words.symbols.of(box.matrix) if box.matrix else ""
        if not name and box.kind == "part" and box.of:
            name = "∂" + self._bracketed(self.words.title_of(box.of))
        made = self.words.makers.get(box.matrix)
        if not name and made is not None and made.gradient_of:
            name = self.words.title_of(box.matrix)
            if not name.startswith("∂"):  # it says what the gradient is made of
                name = f"∂{self._bracketed(self.words.title_of(made.gradient_of))}"
        return f"{self._bracketed(name)}{TURNED}" if box.turned and name else name

    @staticmethod
    def _bracketed(name: str) -> str:
        stack = name.startswith("[") and name.find("]") == len(name) - 1
        return f"({name})" if (" " in name and not stack) or name.startswith("−") else name

    def name(self, box: Box) -> str:
        """What a reader calls a box: its name, or what it computes."""
        box = self._first(box)
        whole_one = box.rows is None and box.columns is None
        text = (self.sign(box) if self._summary(box) else self.name_of(box)) if whole_one else ""
        if text:
            return text
        return whole(plain(self._part(box)), self.words.symbols)

    def _part(self, box: Box) -> Node:
        """A box as it is read in the expressions of others."""
        if box.kind == "ones":
            return Node("ones", shape=(box.height, box.width))
        home = self.homes.get(box.matrix, box)
        if self._summary(home):
            node = Node("symbol", shape=(home.height, home.width), name=self.sign(home))
        elif self.words.symbols.name(box.matrix) is None and home.expr is not None and not self._is_gradient(box):
            node = self._over(home.expr)
        elif self._is_gradient(box) or not box.matrix:
            name = self.name_of(replace(box, turned=False))
            node = Node("symbol", shape=(box.height, box.width), name=name or box.key)
        else:
            node = Node("matrix", shape=self._shape(box), name=box.matrix)
        if box.rows is not None or box.columns is not None:
            rows, columns = box.rows or (0, node.shape[0]), box.columns or (0, node.shape[1])
            shape = (rows[1] - rows[0], columns[1] - columns[0])
            node = Node("slice", (node,), shape, (("columns", columns), ("rows", rows)))
        turned = box.turned and node.shape != (1, 1)
        return Node("transpose", (node,), node.shape[::-1]) if turned else node

    def _shape(self, box: Box) -> tuple[int, int]:
        if box.matrix in self.words.makers:
            return next(p.shape for p in self.words.makers[box.matrix].parts if p.name == box.matrix)
        given = self.words.program.names.get(box.matrix)
        return given or ((box.width, box.height) if box.turned else (box.height, box.width))

    def _is_gradient(self, box: Box) -> bool:
        made = self.words.makers.get(box.matrix)
        named = self.words.symbols.name(box.matrix) is not None
        return box.kind == "part" or (made is not None and made.gradient_of is not None and not named)

    def _over(self, node: Node) -> Node:
        """An expression over keys of boxes as one over what they are called."""
        if node.is_matrix:
            box = self.boxes.get(node.name)
            return self._part(box) if box is not None else self.words.spelled(node)
        return replace(node, args=tuple(self._over(arg) for arg in node.args)) if node.args else node

    def read(self, box: Box) -> Node:
        """What the cells of a box compute, as a reader should read it."""
        node = plain(self._over(box.expr)) if box.expr is not None else self._part(box)
        return self.words.over_time(node)

    def _summary(self, box: Box) -> bool:
        """Whether it is a helper that stands for the sum (or the like) of the box that it is glued to."""
        nameless = (not box.matrix or self.words.symbols.name(box.matrix) is None) and not self._is_own(box)
        return bool(box.glued) and nameless and box.expr is not None and bool(_sign_of(box.expr))

    @staticmethod
    def _is_own(box: Box) -> bool:
        """Whether it is the gradient of what is glued there, not a sum that a gradient needs."""
        return box.phase == "backward" and box.kind == "home"

    def sign(self, box: Box) -> str:
        """What stands beside a glued box, in the gutter: Σ, μ, σ, max; its name if it has one."""
        box = self._first(box)
        if box.kind == "ones":
            return "1"
        nameless = (not box.matrix or self.words.symbols.name(box.matrix) is None) and not self._is_own(box)
        if box.phase == "backward" and (share := self._share(box)):
            return share[-1]
        if box.expr is not None and nameless and (sign := _sign_of(box.expr)):
            return sign
        return self.name_of(box)

    def beside(self, box: Box) -> bool:
        """Whether it has its name at its left, because no row above it is free."""
        return self.captioned(box) and box.glued != "right" and (box.glued == "under" or box.caption is None)

    @staticmethod
    def captioned(box: Box) -> bool:
        """Whether it has a name on the page at all."""
        return box.band >= 0 and box.kind not in ("ones", "weights", "terms", "sum")

    def _later(self, box: Box) -> bool:
        return box.turn is not None and box.turn > 0

    def gradient(self, key: str) -> bool:
        """Whether a box belongs to the backward pass."""
        return key in self.boxes and self.boxes[key].phase == "backward"

    @cached_property
    def gutters(self) -> Gutters:
        """The signs between boxes on the same rows."""
        return Gutters(self.placement.boxes)

    def factor(self, weights: Box) -> str:
        """What the terms of a Look closer are multiplied by."""
        read = references(weights.expr) if weights.expr is not None else []
        source = self.boxes.get(read[0].name) if read else None
        return f"× {self.name_of(source)}" if source is not None and self.name_of(source) else ""

    def explained(self, box: Box) -> str:
        """What a Look closer is about: `H₁, A`, or `column 1 of H₁` where its columns have no names."""
        made = self.words.makers.get(box.of or box.matrix)
        target = made.target if made is not None else None
        if target is None:
            return self.words.symbols.of(box.of) if box.of else ""
        if target.column is None:
            return self.words.symbols.of(target.matrix)
        names = self.columns.get(target.matrix, ())
        if target.column < len(names):
            return f"{self.words.symbols.of(target.matrix)}, {names[target.column]}"
        return line_of(target.matrix, 1, str(target.column + 1), self.words.symbols)


def _called(node: Node) -> str:
    """What an operation is called, if that says enough where its operand is in sight."""
    known = operation(node)
    return known.called if known.kind == "reduction" or known.role in ("activation", "probability") else ""


def _function(node: Node) -> str:
    """`exp(…)` or `√…`, for a function of one operand whose name is too long."""
    known = operation(node)
    if known.kind != "elementwise" or len(node.args) != 1:
        return ""
    return f"{known.called}(…)" if known.called else f"{known.sign}…" if known.sign else ""


def _sign_of(node: Node) -> str:
    """The sign for a row that sums up the box above it."""
    if node.op == "sqrt":
        inner = node.args[0].args[0] if node.args[0].op == "add" else node.args[0]
        return "σ" if inner.op == "mean" else "‖ ‖" if inner.op == "sum" else ""
    return operation(node).sign if node.kind == "reduction" else ""


def captions(
    words: Vocabulary, placement: Placement, columns: Mapping[str, Sequence[str]] | None = None
) -> Captions:
    """The texts of a page; `columns` are the names of columns by matrix, for Look closer."""
    return Captions(words, placement, columns or {})
