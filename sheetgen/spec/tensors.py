"""What is given as an array with channels, matrix by matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from sheetgen.ir.program import Given
from sheetgen.lang.tensors import Tensor


def split(given: Given, channels: Sequence[str] = ()) -> tuple[Tensor, tuple[Given, ...]]:
    """What is given as an array of rank 3 or 4, matrix by matrix; `channels` are words for those of rank 3."""
    tensor = Tensor(given.name, given.value.shape[:-2])
    made = []
    for place, (index, name) in enumerate(zip(tensor.indices, tensor.members, strict=True)):
        words = [given.about] * (given.about != "" and (place == 0 or bool(channels)))
        about = ", ".join([*words, *channels[place : place + 1]])
        made.append(replace(given, name=name, value=given.value[index], about=about))
    return tensor, tuple(made)


def whole(tensor: Tensor, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """The array of a tensor's matrices."""
    matrices = [values[name] for name in tensor.members]
    return np.array(matrices).reshape(*tensor.sizes, *matrices[0].shape)
