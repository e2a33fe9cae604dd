"""Tensors: matrices with channels, and perhaps with samples, as the families of matrices that they are.

The program knows matrices only. `X` of 3 channels is X_1, X_2, X_3; kernels `K`, out × in × rows × columns, are K_1_1,
K_1_2 and so on. Indices in expressions count from 0, as everywhere: `X[0]` is X_1.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sheetgen.errors import SpecError

Sizes = tuple[int, ...]
"""Of a tensor without its rows and columns: (channels,), or (samples, channels); of kernels (out, in)."""
MOST_MEMBERS = 1000
DEEPEST = 4


@dataclass(frozen=True)
class Tensor:
    """A family of matrices of one shape."""

    name: str
    sizes: Sizes

    @property
    def indices(self) -> tuple[Sizes, ...]:
        """Of each member, counted from 0."""
        return tuple(itertools.product(*map(range, self.sizes)))

    @property
    def members(self) -> tuple[str, ...]:
        """What its matrices are called."""
        return tuple(member(self.name, index) for index in self.indices)


def nested(name: str, sizes: Sizes) -> str | list[Any]:
    """The names of its matrices, in lists as its numbers are."""
    return [nested(member(name, (k,)), sizes[1:]) for k in range(sizes[0])] if sizes else name


def member(name: str, index: Sequence[int]) -> str:
    """`K_2_1` for (1, 0): readers count from 1."""
    return "_".join([name, *(str(k + 1) for k in index)])


def sizes_text(sizes: Iterable[int]) -> str:
    """`2×3×4×4`."""
    return "×".join(map(str, sizes))


def spread(names: Iterable[str], tensors: Mapping[str, Tensor]) -> list[str]:
    """`names` with the members of each tensor in its place."""
    return [each for name in names for each in (tensors[name].members if name in tensors else (name,))]


def check_members(sizes: Sizes) -> None:
    """Refuse more matrices than anyone would look at. Raises SpecError."""
    count = math.prod(sizes)
    if count > MOST_MEMBERS:
        raise SpecError(f"{sizes_text(sizes)} makes {count:,} matrices, and {MOST_MEMBERS:,} is the most of a tensor.")
