"""The steps of optimisers, as expressions: what each keeps of a parameter, and where the parameter goes. The formulas
are those of torch.optim's documentation. Several losses take turns: what isn't of the one whose turn it is stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sheetgen.ir.node import Node, Shape, matrix, number
from sheetgen.ir.program import Statement
from sheetgen.ir.training import Train
from sheetgen.ir.walk import added, replaced
from sheetgen.ops.base import equal, total, where
from sheetgen.ops.elementwise import minimum, sqrt

TINY_NORM = 1e-6
"""torch.nn.utils.clip_grad_norm_ adds it to the norm."""
EPOCH, TURN, SAMPLES, NORM, CLIP = "the epoch", "the turn", "the samples", "|gradient|", "clipped by"
"""Keys of what has no matrix in the spec; no name of one has a space or a bar."""


@dataclass(frozen=True)
class Descent:
    """A loss, and the parameters that descend it, with their gradients by name."""

    loss: str
    gradients: Mapping[str, str]
    norm: str = NORM
    """Key of the norm of these gradients together."""
    clip: str = CLIP
    """Key of what they are multiplied by, so that the norm isn't too large."""
    turn: int = 0
    """Counted from 1: with several losses, the turn in which it takes a step. 0: in every row."""


@dataclass(frozen=True)
class State:
    """What an optimiser keeps of a parameter from epoch to epoch: `expr` is over what the epoch has, `before` being the
    state of the epoch before, 0 in the first one."""

    key: str
    kind: str
    """`m`, `v`: what the optimisers' papers call it."""
    parameter: str
    expr: Node
    before: str

    @property
    def shape(self) -> Shape:
        return self.expr.shape


def descents(losses: Sequence[tuple[str, Mapping[str, str]]]) -> tuple[Descent, ...]:
    """Of losses, with the gradients of the parameters of each: each on its own, or all in turn."""
    if len(losses) == 1:
        return (Descent(*losses[0]),)
    return tuple(Descent(loss, gradients, f"{NORM} of {loss}", f"{CLIP} for {loss}", turn)
                 for turn, (loss, gradients) in enumerate(losses, 1))  # fmt: skip


def optimiser(
    train: Train, losses: Sequence[Descent], shapes: Mapping[str, Shape]
) -> tuple[tuple[Statement, ...], tuple[State, ...], dict[str, Node]]:
    """What summarises the gradients, what is kept of each, and each step. `shapes` are those of the parameters."""
    made, states, steps = list[Statement](), list[State](), dict[str, Node]()
    for each in losses:
        made += _summaries(train, each, shapes)
        for name in each.gradients:
            kept, after = _step(train, each, name, shapes[name])
            for state in kept:
                states.append(replace(state, expr=_in_turn(state.expr, state.before, each.turn, len(losses))))
            steps[name] = _in_turn(after, name, each.turn, len(losses))
    return tuple(made), tuple(states), steps


def _summaries(train: Train, each: Descent, shapes: Mapping[str, Shape]) -> Iterator[Statement]:
    squares = [total(matrix(g, shapes[name]) ** 2, None) for name, g in each.gradients.items()]
    yield _summary(each.norm, sqrt(added(squares)))
    if train.option("clip"):
        yield _summary(each.clip, minimum(number(1), rate("clip") / (_number(each.norm) + TINY_NORM)))


def _summary(key: str, expr: Node) -> Statement:
    return Statement(key, expr, 0, phase="backward")


def _step(train: Train, each: Descent, name: str, shape: Shape) -> tuple[list[State], Node]:
    """What is kept of a parameter, and the parameter after a step."""
    w, g = matrix(name, shape), matrix(each.gradients[name], shape)
    if train.option("clip"):
        g = _number(each.clip) * g
    if train.option("weight_decay") and train.optimizer != "adamw":
        g = g + rate("weight_decay") * w
    kept, step = STEPS[train.optimizer](name, g)
    if train.option("weight_decay") and train.optimizer == "adamw":
        w = w - rate("learning_rate") * rate("weight_decay") * w
    return kept, w - rate("learning_rate") * step


def _in_turn(new: Node, old: str, turn: int, turns: int) -> Node:
    """`new` if it is the turn of its loss, else what it was. Its steps are counted by themselves: those of turn 2 of 2
    lead to rows 2, 4, 6 …"""
    if not turn:
        return new
    steps = (_number(EPOCH) + (turns - turn)) / turns
    own = replaced(new, lambda leaf: steps if leaf.name == EPOCH else leaf)
    return where(equal(_number(TURN), turn), own, matrix(old, new.shape))


def rate(option: str) -> Node:
    """The learning rate or an option, by its name in the spec; a matrix may have the same name."""
    return matrix(f"rate {option}", (1, 1))


def _number(key: str) -> Node:
    return matrix(key, (1, 1))


def _state(kind: str, parameter: str, shape: Shape, new: Callable[[Node], Node]) -> tuple[State, Node]:
    """A state that is `new` of what it was, and the state itself."""
    key, before = f"{kind} of {parameter}", f"{kind} of {parameter} before"
    return State(key, kind, parameter, new(matrix(before, shape)), before), matrix(key, shape)


Step = tuple[list[State], Node]


def _sgd(name: str, g: Node) -> Step:
    return [], g


def _momentum(name: str, g: Node) -> Step:
    state, m = _state("m", name, g.shape, lambda old: rate("momentum") * old + g)
    return [state], m


def _nesterov(name: str, g: Node) -> Step:
    states, m = _momentum(name, g)
    return states, g + rate("momentum") * m


def _rmsprop(name: str, g: Node) -> Step:
    alpha = rate("alpha")
    state, v = _state("v", name, g.shape, lambda old: alpha * old + (1 - alpha) * g**2)
    return [state], g / (sqrt(v) + rate("eps"))


def _adam(name: str, g: Node) -> Step:
    beta1, beta2 = rate("beta1"), rate("beta2")
    mean, m = _state("m", name, g.shape, lambda old: beta1 * old + (1 - beta1) * g)
    size, v = _state("v", name, g.shape, lambda old: beta2 * old + (1 - beta2) * g**2)
    m, v = (one / (1 - beta ** _number(EPOCH)) for one, beta in ((m, beta1), (v, beta2)))
    return [mean, size], m / (sqrt(v) + rate("eps"))


STEPS: dict[str, Callable[[str, Node], Step]] = {
    "sgd": _sgd, "momentum": _momentum, "nesterov": _nesterov, "rmsprop": _rmsprop, "adam": _adam, "adamw": _adam,
}  # fmt: skip
"""What an optimiser keeps of a parameter, and the step that its learning rate scales."""
