"""`train:` of a spec file: which options an optimiser takes, and which parameters learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sheetgen.ir.training import DEFAULTS, Train
from sheetgen.lang.syntax import did_you_mean
from sheetgen.lang.tensors import Tensor, spread
from sheetgen.spec.model import SpecFile, Training
from sheetgen.spec.source import Source

COMMON = ("weight_decay", "clip")
OPTIONS = ("momentum", "alpha", "betas", "eps", *COMMON)


def training(
    source: Source, file: SpecFile, parameters: Sequence[str], tensors: Mapping[str, Tensor]
) -> Train | None:
    """What `train` says. Raises SpecError for options of another optimiser, and names that are no parameters."""
    train = file.train
    if train is None:
        return None
    if file.update is not None:
        problem = "`train` takes many steps, `update` is one of them: leave out `update`."
        raise source.error(problem, ("update",), True)
    for place, name in enumerate(train.parameters or ()):
        if not set(spread([name], tensors)) <= set(parameters):
            problem = f"train: there is no parameter `{name}`.{did_you_mean(name, parameters)}"
            raise source.error(problem, ("train", "parameters", place))
    if train.shuffle is not None and train.batch is None:
        problem = "train: `shuffle` is the order in which batches take samples: add `batch`, how many each takes."
        raise source.error(problem, ("train", "shuffle"), True)
    options, parameters = _options(source, train), tuple(spread(train.parameters or (), tensors))
    return Train(train.epochs, train.optimizer, train.learning_rate, options, parameters, train.batch, train.shuffle)


def _options(source: Source, train: Training) -> tuple[tuple[str, float], ...]:
    """Every option by its name, those left out with what PyTorch takes for them."""
    values = dict(DEFAULTS[train.optimizer])
    for name in OPTIONS:
        given = getattr(train, name)
        if given is None:
            continue
        if name not in values and name not in COMMON:
            known = ", ".join((*DEFAULTS[train.optimizer], *(c for c in COMMON if c not in values)))
            others = " and ".join(other for other, options in DEFAULTS.items() if name in options)
            problem = f"train: `{train.optimizer}` takes no `{name}`; {others} do. It takes {known}."
            raise source.error(problem, ("train", name), True)
        values[name] = tuple(given) if name == "betas" else given
    found: list[tuple[str, float]] = []
    for name, value in values.items():
        if isinstance(value, tuple):
            found += [("beta1", value[0]), ("beta2", value[1])]
        else:
            found.append((name, value))
    return tuple(found)
