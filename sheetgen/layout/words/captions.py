"""What stands at the boxes of a page: captions, and signs in gutters.

A caption says what the cells below it compute: it is made of the box's own expression, over the boxes that it reads. A
helper without a name has an equation instead; a sum glued under a box has its sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest

from sheetgen.ir.node import Node
from sheetgen.layout.geometry.figure import Arrow, Box, Placement
from sheetgen.layout.words.badges import badge, fused, numbered, spans
from sheetgen.layout.words.equations import equation, whole
from sheetgen.layout.words.loops import line_of
from sheetgen.layout.words.naming import Naming
from sheetgen.layout.words.script import superscript
from sheetgen.layout.words.shortened import shortened
from sheetgen.layout.words.signs import Sign, signs_between, total
from sheetgen.layout.words.vocabulary import Vocabulary
from sheetgen.ops.base import operation
from sheetgen.records import replace


@dataclass(frozen=True)
class Captions(Naming):
    """The texts of one page."""

    silent: Set[str] = frozenset()
    """The boxes whose steps are told elsewhere, by key."""
    signs_between: Mapping[Arrow, Sign] = field(default_factory=dict)
    """The signs in the gutters between boxes on the same rows."""
    said: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False)
    """What `_caption` has said of each box, by key."""

    def caption(self, box: Box) -> tuple[str, ...]:
        """What may stand over a box, the longest first; nothing where its lane already says it."""
        return tuple(text for texts in self.forms([box]) for text in texts)

    def forms(self, boxes: Sequence[Box]) -> tuple[tuple[str, ...], ...]:
        """What may stand over boxes that are alike, such as the turns of a loop, in one form for all: the longest
        first, each with a text for every box."""
        said = [self._said(box) for box in boxes]
        last = [next(filter(None, reversed(texts)), "") for texts in said]
        if not all(last):
            return ()
        each = [texts for texts in (*zip(*said, strict=False), tuple(last)) if all(texts)]
        numbers, more = [self.number(box) for box in boxes], [self.with_fused(box) for box in boxes]
        told = [form for texts in each for form in (_numbered(more, texts), _numbered(numbers, texts))]
        return tuple(dict.fromkeys([*told, *each[-1:]] if any(numbers) else each))

    def partly(self, boxes: Sequence[Box], texts: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """Texts with the numbers of the first turns' steps only, the most of them first."""
        numbers = [self.number(box) for box in boxes]
        return (_numbered(numbers[:count], texts) for count in range(len(boxes) - 1, 0, -1) if all(numbers))

    def signs(self, boxes: Sequence[Box]) -> tuple[tuple[str, ...], ...]:
        """The same for what may stand beside boxes that have no room for captions: a name, that of the rows or columns
        if they are a copy, what a helper without a name computes if they are one of it, or a total's sign."""
        numbers = [self.number(box) for box in boxes]
        names, totals = tuple(map(self.sign, boxes)), tuple(map(self.total, boxes))
        lost = [box.kind == "copy" and bool(box.rows or box.columns or not self.sign(box)) for box in boxes]
        parts = tuple(self.name(box) if alone else "" for box, alone in zip(boxes, lost, strict=True))
        more = _numbered([self.with_fused(box) for box in boxes], names)
        named = more, _numbered(numbers, names), *self.partly(boxes, names), names
        told = (parts, *named, _numbered(numbers, totals), totals)
        return tuple(dict.fromkeys(form for form in told if all(form))) or (names,)

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

    def with_fused(self, box: Box) -> str:
        """Its number and those of steps that its formulas hold, `(20–21)`."""
        more = self.fused.get(box.key, ())
        return f"({spans([*more, self.numbers[box.key][0]])})" if more and self.number(box) else self.number(box)

    @cached_property
    def fused(self) -> Mapping[str, list[int]]:
        """The steps without a box, by the boxes whose formulas hold them."""
        return fused(self.words.program, self.numbers, self.placement.boxes)

    @cached_property
    def numbers(self) -> Mapping[str, tuple[int, int]]:
        """The steps by the boxes that have their numbers, and which of those with one number each is."""
        return numbered(self.words.program.steps, self.placement.boxes)

    def _said(self, box: Box) -> tuple[str, ...]:
        if box.key not in self.said:
            self.said[box.key] = self._caption(box)
        return self.said[box.key]

    def _caption(self, box: Box) -> tuple[str, ...]:
        name = self.name_of(box)
        if box.kind in ("ones", "weights", "terms") or self._summary(box):
            return ()
        if box.kind == "sum":
            return (self.explained(box),)
        if box.kind == "verdict":
            return ("in words",)
        if box.phase == "update":
            return (self.name(box),)
        if self._is_loss_again(box):
            return (f"{self.words.symbols.of(box.of)} new",)
        if (first := self._first(box)) is not box:
            return (self.name(box),) if box.kind == "copy" else self._said(first)
        if box.kind == "copy":
            return self._share(self._copied(box))[-2:] or (self.name(box),)
        if box.phase == "backward" and (share := self._share(box)):
            return share
        if box.rows is not None or box.columns is not None:
            return (self.name(box),)
        if box.expr is None:
            about = next((g.about for g in self.words.program.givens if g.name == box.matrix), "").rstrip(".")
            return (f"{name}  {about}" if about else "", name)
        node = self.read(box)
        if not name:
            return (whole(node, self.words.symbols),)
        if parts := self._parts(box):
            return (self._of_parts(name, box, len(parts)), name)
        said = equation(name, node, self.words.symbols)
        return (said if said != name else "", self._short(name, box), name, self._of_helper(box))

    def _copied(self, box: Box) -> Box:
        """What a copy shows; any other box itself."""
        return self.boxes.get(box.at, box) if box.kind == "copy" else box

    def _is_loss_again(self, box: Box) -> bool:
        """Whether it is a loss after the update."""
        return box.phase == "after" and box.of in {loss.name for loss in self.words.program.losses}

    def brief(self, boxes: Sequence[Box]) -> tuple[tuple[str, ...], ...]:
        """What may stand over helpers without a name, copies of them or of a part of a matrix, where all that they are
        has no room: the best first, each with a text for every box."""
        return tuple(zip(*map(self._brief, boxes), strict=False))

    def _brief(self, box: Box) -> tuple[str, ...]:
        box = self._first(box)
        home = self.homes.get(box.matrix, box)
        if box.rows is not None or box.columns is not None:
            name = self.name_of(replace(box, turned=False))
            cut = [span for span in (box.rows, box.columns) if span is not None]
            which = f"{cut[0][0] + 1}–{cut[0][1]}" if cut[0][1] - cut[0][0] > 1 else f"{cut[0][1]}"
            few = (f"{name}{'ᵀ' * box.turned} ({which})",) if len(cut) == 1 else ()
            return (*few, f"of {name}") if name else ()
        if home.expr is None or self.name_of(home) or box.kind in ("ones", "weights", "terms"):
            return ()
        made = self.words.makers.get(home.matrix)
        why = made.origin if made is not None else None
        of = self.words.symbols.of(why.of) if why is not None and why.part == "terms" else ""
        called = _called(home.expr) if home.expr.kind != "elementwise" else ""
        return (*shortened(self.read(home), self.words.symbols, of), *([called] if called else []))

    def _of_helper(self, box: Box) -> str:
        """`∂tanh` for the gradient of a helper that has no name, where what it is made of is in sight."""
        at = self.boxes.get(box.at) if box.phase == "backward" else None
        unnamed = at is not None and self.words.symbols.name(at.matrix) is None
        called = _called(at.expr) if at is not None and unnamed and at.expr is not None else ""
        return f"∂{called}" if called else ""

    def curt(self, box: Box) -> str:
        """`∂(…)²` for the gradient of a square, or of another power, whose name has no room at all; `new` for a loss
        beside what it was; else empty."""
        if self._is_loss_again(box):
            return "new"
        at = self.boxes.get(box.at) if box.phase == "backward" else None
        exponent = at.expr.args[1] if at is not None and at.expr is not None and at.expr.op == "power" else None
        small = superscript(f"{exponent.value:g}") if exponent is not None and exponent.is_number else None
        return f"∂(…){small}" if small else ""

    def _of_parts(self, name: str, box: Box, count: int) -> str:
        """A gradient that comes back from the copies of its matrix: a link to one, or what they add up to."""
        made = self.words.makers.get(box.matrix)
        if box.expr is None or count == len(box.expr.references):
            return f"{name}: {count} parts, added" if count > 1 else ""
        return self.words.equation(made) if made is not None else ""

    def _parts(self, box: Box) -> list[Node]:
        """The shares of a gradient, or copies of them, that a box adds up."""
        read = [ref for ref in box.expr.references if ref.name in self.boxes] if box.expr is not None else []
        return [ref for ref in read if self._copied(self.boxes[ref.name]).kind == "part"]

    def _short(self, name: str, box: Box) -> str:
        """`A₁ = ReLU` or `L = Σ ÷ 8`, where what it is made of stands right above, or left without a sign between."""
        read = {ref.name for ref in box.expr.references} if box.expr is not None else set()
        if box.expr is None or len(read) != 1 or box.key in self.signed:
            return ""
        called = _called(box.expr) if len(box.expr.args) == 1 else ""
        called = called if len(called) > 1 else ""  # a letter would be read as a number
        key = read.pop()
        sign = (called,) if called and box.expr.args[0].is_matrix else total(box.expr, key)
        sign = () if sign[:1] in (("max",), ("min",)) else sign  # which are read as names of numbers
        source = self.boxes.get(key)
        above = source is not None and source.column == box.column and source.row < box.row
        return f"{name} = {' '.join(sign)}" if sign and (above or box.expr.shape == (1, 1)) else ""

    @cached_property
    def signed(self) -> frozenset[str]:
        """The boxes that have a sign at their left."""
        return frozenset(arrow.target for arrow in self.placement.arrows)

    def beside(self, box: Box) -> bool:
        """Whether it has its name at its left, because no row above it is free."""
        return self.captioned(box) and box.glued != "right" and (box.glued == "under" or box.caption is None)

    @staticmethod
    def captioned(box: Box) -> bool:
        """Whether it has a name on the page at all."""
        return box.band >= 0 and box.kind not in ("ones", "weights", "terms", "sum")

    def gradient(self, key: str) -> bool:
        """Whether a box belongs to the backward pass."""
        return key in self.boxes and self.boxes[key].phase == "backward"

    def factor(self, weights: Box) -> str:
        """What the terms of a Look closer are multiplied by."""
        read = weights.expr.references if weights.expr is not None else []
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
        return line_of(
            target.matrix, 1, self.words.symbols.place(target.matrix, 1, target.column), self.words.symbols
        )


def _numbered(numbers: Sequence[str], texts: Sequence[str]) -> tuple[str, ...]:
    """Texts behind the numbers of their steps, of those that have one."""
    return tuple(f"{n} {text}" if n and text else text for n, text in zip_longest(numbers, texts, fillvalue=""))


def _called(node: Node) -> str:
    """What an operation is called, if that says enough where its operand is in sight."""
    known = operation(node)
    return known.called if known.kind == "reduction" or known.role in ("activation", "probability") else ""


def captions(
    words: Vocabulary, placement: Placement, columns: Mapping[str, Sequence[str]] | None = None
) -> Captions:
    """The texts of a page; `columns` are the names of columns by matrix, for Look closer."""
    return Captions(words, placement, columns or {}, signs_between=signs_between(placement.boxes, placement.arrows))
