"""What a spec says of a training: many steps of an optimiser, one after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sheetgen.ir.program import Given

DEFAULTS: dict[str, dict[str, float | tuple[float, float]]] = {
    "sgd": {},
    "momentum": {"momentum": 0.9},
    "nesterov": {"momentum": 0.9},
    "rmsprop": {"alpha": 0.99, "eps": 1e-8},
    "adam": {"betas": (0.9, 0.999), "eps": 1e-8},
    "adamw": {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01},
}
"""The options of each optimiser, as PyTorch names them, and what they are when they are left out. All of them also take
`weight_decay` and `clip`."""


@dataclass(frozen=True)
class Train:
    """`epochs` times all data, in steps of `optimizer`. `options` are numbers by their names in PyTorch, `beta1` and
    `beta2` being the two of `betas`, and `clip` the largest norm of all gradients together; `parameters` those that
    learn."""

    epochs: int
    optimizer: str
    learning_rate: float
    options: tuple[tuple[str, float], ...] = ()
    parameters: tuple[str, ...] = ()
    batch: int | None = None
    """How many samples a step takes; None: all of them."""
    shuffle: int | None = None
    """The seed of the order of samples, another one in each epoch; None: as they stand."""

    def option(self, name: str) -> float:
        """The value of an option; 0 without it."""
        return dict(self.options).get(name, 0.0)


@dataclass(frozen=True)
class Batches:
    """Data of which each step takes a few samples."""

    data: tuple[Given, ...]
    """With all samples."""
    axis: int
    """0: samples are rows, 1: columns."""
    numbers: np.ndarray
    """The samples of each step and of what follows the last one, counted from 0: (steps + 1, samples)."""
    steps: int
    """So many take each sample once: an epoch."""

    @property
    def first(self) -> tuple[Given, ...]:
        """The data of the first step."""
        return tuple(self._taken(given) for given in self.data)

    def _taken(self, given: Given) -> Given:
        value = np.take(given.value, self.numbers[0], self.axis)
        return replace(given, value=value, columns=()) if self.axis else replace(given, value=value, rows=())
