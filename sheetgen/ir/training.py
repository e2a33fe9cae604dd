"""What a spec says of a training: many steps of an optimiser, one after the other."""

from __future__ import annotations

from dataclasses import dataclass

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
    """`epochs` steps of `optimizer` on all data. `options` are numbers by their names in PyTorch, `beta1` and `beta2`
    being the two of `betas`, and `clip` the largest norm of all gradients together; `parameters` those that learn."""

    epochs: int
    optimizer: str
    learning_rate: float
    options: tuple[tuple[str, float], ...] = ()
    parameters: tuple[str, ...] = ()

    def option(self, name: str) -> float:
        """The value of an option; 0 without it."""
        return dict(self.options).get(name, 0.0)
