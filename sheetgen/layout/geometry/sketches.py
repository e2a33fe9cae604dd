"""The sketches of a script: pages that differ only in the rows of their texts, or in where gradients stand, share
them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sheetgen.ir.node import Node
from sheetgen.layout.geometry import backward
from sheetgen.layout.geometry.bands import Row, rows_of
from sheetgen.layout.geometry.groups import sketch
from sheetgen.layout.geometry.script import Script
from sheetgen.layout.geometry.sketch import Options, Sketch


@dataclass(frozen=True)
class Sketched:
    """The bands of a script with their boxes, and what follows from these alone."""

    script: Script
    rows: tuple[Row, ...]
    options: Options

    @cached_property
    def sketch(self) -> Sketch:
        """The boxes in relative terms. Raises Infeasible."""
        return sketch(self.script, self.rows, self.options)

    @cached_property
    def exprs(self) -> Mapping[str, Node]:
        """What each computed box of the forward page computes, over keys."""
        return backward.forward_exprs(self.sketch)

    @cached_property
    def attached(self) -> tuple[backward.Attached, ...]:
        """The boxes behind the forward pass."""
        return (*backward.derived_boxes(self.script, self.sketch),
                *backward.again(self.script, self.sketch, self.exprs))  # fmt: skip


@dataclass(frozen=True)
class Sketches:
    """A script, and what has been sketched of it."""

    script: Script
    made: dict[tuple[tuple[tuple[int, int], ...], Options], Sketched] = field(default_factory=dict, compare=False)
    """By turns side by side and options."""

    def of(self, turns: Mapping[int, int], options: Options) -> Sketched:
        """The sketch with so many turns of each loop side by side."""
        key = (tuple(sorted(turns.items())), options)
        if key not in self.made:
            self.made[key] = Sketched(self.script, rows_of(self.script, turns), options)
        return self.made[key]
