"""What boxes are called: by the names of matrices, by what they compute, or by a sign."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property

from sheetgen.ir.node import Node
from sheetgen.ir.walk import nodes
from sheetgen.layout.geometry.figure import Box, Placement
from sheetgen.layout.words import shares
from sheetgen.layout.words.equations import whole
from sheetgen.layout.words.plain import plain
from sheetgen.layout.words.script import TURNED, outside
from sheetgen.layout.words.vocabulary import Vocabulary
from sheetgen.ops.base import operation
from sheetgen.records import replace

JOINED = re.compile(r"[ ·∘]")
"""In a name that needs brackets before anything else is put to it."""
QUANTITIES = ("μ", "σ")
"""Signs of glued rows that tell what stands there elsewhere, too; Σ and max don't tell of what."""


@dataclass(frozen=True)
class Naming:
    """The names of the boxes of one page."""

    words: Vocabulary
    placement: Placement
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Names of columns, by matrix: nodes, words."""

    @cached_property
    def boxes(self) -> Mapping[str, Box]:
        """By key."""
        return {box.key: box for box in self.placement.boxes}

    @cached_property
    def homes(self) -> Mapping[str, Box]:
        """Where each matrix is given or computed."""
        return {box.matrix: box for box in self.placement.boxes if box.kind in ("home", "row") and box.matrix}

    @cached_property
    def turns(self) -> Mapping[tuple[int, int | None, int], Sequence[Box]]:
        """What is given or computed in each turn of a loop, by sheet, turn and group of bands."""
        found: dict[tuple[int, int | None, int], list[Box]] = {}
        for box in self.placement.boxes:
            if box.kind == "home" and box.band >= 0:
                group = self.placement.bands[box.band].block.group
                found.setdefault((box.sheet, box.turn, group), []).append(box)
        return found

    def _share(self, box: Box) -> tuple[str, ...]:
        """What one reader's share of a gradient is called, and the part of a stack's gradient at the copy of a matrix
        that has a gradient of its own: never as the sum of all shares, but by what it is or where it goes."""
        whole_one = box.rows is None and box.columns is None
        if box.kind == "part" and whole_one:
            gradient, of = self.name_of(replace(box, turned=False)), self._bracketed(self.words.title_of(box.of))
            said = whole(self.read(box), self.words.symbols)
            return () if box.key in self._alone else shares.share(gradient, of, said)
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

    def _first(self, box: Box) -> Box:
        """What a box of the second pass repeats: it is called the same, new weights apart."""
        made = self.words.makers.get(box.matrix)
        new = box.phase != "after" or (made is not None and made.phase == "update")
        return box if new else self.boxes.get(box.at, box)

    def name_of(self, box: Box) -> str:
        """What the matrix of a box is called, ᵀ if it is turned; empty for a helper without a name."""
        name = self.words.symbols.of(box.matrix) if box.matrix else ""
        if not name and box.kind == "part" and box.of:
            whole_one = self.words.gradients.get(box.of)
            named = self.words.symbols.of(whole_one.name) if whole_one is not None else ""
            name = named or f"∂{self._bracketed(self.words.title_of(box.of))}"
        made = self.words.makers.get(box.matrix)
        if not name and made is not None and made.gradient_of:
            name = self.words.title_of(box.matrix)
            if not name.startswith("∂"):  # it says what the gradient is made of
                of = self.words.symbols.of(made.loss or "") if made.gradient_of in self.words.several else ""
                name = f"∂{of}/" * bool(of) + f"∂{self._bracketed(self.words.title_of(made.gradient_of))}"
        return f"{self._bracketed(name)}{TURNED}" if box.turned and name else name

    @staticmethod
    def _bracketed(name: str) -> str:
        left = outside(name)
        return f"({name})" if JOINED.search(left) or name.startswith("−") or (name[:1] == "(" and left) else name

    def name(self, box: Box) -> str:
        """What a reader calls a box: its name, or what it computes."""
        box = self._first(box)
        whole_one = box.rows is None and box.columns is None
        text = (self.sign(box) if self._summary(box) else self.name_of(box)) if whole_one else ""
        if text:
            return text
        home = self.homes.get(box.matrix, box)
        apart = box.kind == "copy" and whole_one and self._summary(home) and self.sign(home) not in QUANTITIES
        if apart and home.expr is not None:
            return whole(plain(self._clear(home.expr)), self.words.symbols)
        return whole(plain(self._part(box)), self.words.symbols)

    def _part(self, box: Box, unclear: Set[str] = frozenset()) -> Node:
        """A box as it is read in the expressions of others; of the sums that are `unclear`, what they compute."""
        if box.kind == "ones":
            return Node("ones", shape=(box.height, box.width))
        home, turned = self.homes.get(box.matrix, box), box.turned
        if self._summary(home) and home.key not in unclear:
            node = self._signed(home)
        elif home.expr is not None and not self._is_gradient(box) and self._nameless(box, home):
            node, turned = self._over(home.expr, unclear), box.turned != home.turned  # its cells compute what they show
        elif self._is_gradient(box) or not box.matrix:
            name = self.name_of(replace(box, turned=False))
            node = Node("symbol", shape=(box.height, box.width), name=name or box.key)
        else:
            node = Node("matrix", shape=self._shape(box), name=box.matrix)
        if box.rows is not None or box.columns is not None:
            rows, columns = box.rows or (0, node.shape[0]), box.columns or (0, node.shape[1])
            shape = (rows[1] - rows[0], columns[1] - columns[0])
            node = Node("slice", (node,), shape, (("columns", columns), ("rows", rows)))
        return Node("transpose", (node,), node.shape[::-1]) if turned and node.shape != (1, 1) else node

    def _shape(self, box: Box) -> tuple[int, int]:
        if box.matrix in self.words.makers:
            return self.words.makers[box.matrix].shape
        given = self.words.program.names.get(box.matrix)
        return given or ((box.width, box.height) if box.turned else (box.height, box.width))

    def _is_gradient(self, box: Box) -> bool:
        made = self.words.makers.get(box.matrix)
        named = self.words.symbols.name(box.matrix) is not None
        return box.kind == "part" or (made is not None and made.gradient_of is not None and not named)

    def _nameless(self, box: Box, home: Box) -> bool:
        return self._summary(home) or self.words.symbols.name(box.matrix) is None

    def _over(self, node: Node, unclear: Set[str] = frozenset()) -> Node:
        """An expression over keys of boxes as one over what they are called."""
        if node.is_matrix:
            box = self.boxes.get(node.name)
            return self._part(box, unclear) if box is not None else self.words.spelled(node)
        return node.with_args(tuple(self._over(arg, unclear) for arg in node.args))

    def _clear(self, node: Node) -> Node:
        """The same, a sign only where it tells of what: of something else in the expression, and of nothing else."""
        homes = list(dict.fromkeys(self._signs(node))) if self.summaries else []
        if not homes:
            return self._over(node)
        said = self._over(node)
        count = Counter(self.sign(home) for home in homes)
        unclear = {h.key for h in homes if count[self.sign(h)] > 1 or not self._in_sight(h, said)}
        return self._over(node, {home.key for home in homes}) if unclear else said

    def _signs(self, node: Node) -> Iterator[Box]:
        """The sums in an expression that have signs instead of names."""
        for ref in node.references:
            box = self.boxes.get(ref.name)
            home = self.homes.get(box.matrix, box) if box is not None else None
            if box is None or home is None or home.expr is None or self._is_gradient(box):
                continue
            if home.key in self.summaries:
                yield home
            if self._nameless(box, home):
                yield from self._signs(home.expr)

    def _in_sight(self, home: Box, said: Node) -> bool:
        """Whether what it sums up stands in the expression as well."""
        summed = home.expr
        while summed is not None and summed.op in ("sqrt", "add", "mean", "sum", "max", "min", "prod", "power"):
            summed = summed.args[0]
            if self._over(summed) in nodes(said):
                return True
        return False

    def _signed(self, home: Box) -> Node:
        """The sign of a sum, which runs along the lines at whose end it stands."""
        node = home.expr
        while node is not None and node.op in ("sqrt", "add"):
            node = node.args[0]
        axis = (("axis", node.option("axis")),) if node is not None and node.kind == "reduction" else ()
        return Node("symbol", shape=(home.height, home.width), options=axis, name=self.sign(home))

    def read(self, box: Box) -> Node:
        """What the cells of a box compute, as a reader should read it."""
        node = plain(self._clear(box.expr)) if box.expr is not None else self._part(box)
        return self.words.over_time(self.words.own_spread(node, box.matrix))

    @cached_property
    def summaries(self) -> frozenset[str]:
        """The keys of the helpers that stand for sums."""
        return frozenset(box.key for box in self.boxes.values() if self._summary(box))

    def _summary(self, box: Box) -> bool:
        """Whether it is a helper that stands for the sum (or the like) of the box that it is glued to."""
        if not box.glued or box.expr is None or self._is_own(box):
            return False
        return (not box.matrix or self.words.symbols.name(box.matrix) is None) and bool(_sign_of(box.expr))

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

    def total(self, box: Box) -> str:
        """The sign of a box that sums up the one that it is glued to, whether it has a name or not."""
        expr = self._first(box).expr
        return _sign_of(expr) if box.glued and expr is not None else ""


def _sign_of(node: Node) -> str:
    """The sign for a row that sums up the box above it."""
    if node.op == "sqrt":
        inner = node.args[0].args[0] if node.args[0].op == "add" else node.args[0]
        return "σ" if inner.op == "mean" else "√Σ" if inner.op == "sum" else ""
    return operation(node).sign if node.kind == "reduction" else ""
