"""`layers:` of a spec written out: a stack of layers → parameters and ordinary steps.

The size of a parameter depends on the matrix that runs into its layer, so the shapes of the
steps above are inferred first.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from string import Template
from textwrap import indent
from typing import Any

import yaml
from pydantic import ConfigDict, TypeAdapter

from sheetgen.errors import SpecError
from sheetgen.ir.node import is_number, is_whole
from sheetgen.ir.program import Given
from sheetgen.lang.advice import misspelt, squashed
from sheetgen.lang.syntax import did_you_mean, target_of
from sheetgen.lang.tensors import sizes_text
from sheetgen.spec.channels import Channels
from sheetgen.spec.entries import Entry, Layers
from sheetgen.spec.files import Folder
from sheetgen.spec.layer_table import LAYERS, SIZE, STACK, Known, Layer, Share, When, Whole, needed
from sheetgen.spec.matrix import read_matrix
from sheetgen.spec.model import Matrix
from sheetgen.spec.names import check_name
from sheetgen.spec.source import Key, Source
from sheetgen.spec.step import SourceStep

ENTRIES: TypeAdapter[list[Entry]] = TypeAdapter(list[Entry], config=ConfigDict(defer_build=True))
At = tuple[Key, ...]
Unroll = Callable[[list[Entry], At], tuple[SourceStep, ...]]
"""Makes the steps of the entries that a layer wrote."""


ELSEWHERE = {
    "dense": "linear", "fc": "linear", "swish": "silu", "layernormalization": "layernorm", "gcnconv": "gcn",
    "graphconv": "gcn", "attention": "selfattention", "mha": "multiheadattention", "simplernn": "rnn",
    "batchnorm1d": "batchnorm", "batchnormalization": "batchnorm", "rmsnormalization": "rmsnorm", "sageconv": "sage",
    "ginconv": "gin", "gatconv": "gat", "conv2dtranspose": "convtranspose2d",
    "maxpool2d": "maxpool", "maxpooling2d": "maxpool", "avgpool2d": "avgpool", "averagepooling2d": "avgpool",
    "adaptiveavgpool2d": "globalavgpool", "globalaveragepooling2d": "globalavgpool", "upsampling2d": "upsample",
    "groupnormalization": "groupnorm",
}  # fmt: skip
"""Layers of other libraries, and the same here, both without case and `_`."""


class Stacks:
    """Writes out the stacks of one spec, from top to bottom.

    `made` collects the parameters that were made up, each with its place; `written_out` what the
    stacks became, as text for a spec.
    """

    def __init__(self, source: Source, channels: Channels) -> None:
        self.source, self.channels = source, channels
        self.shapes = channels.shapes
        self.made: list[tuple[Given, At]] = []
        self.written_out = ""
        self.parts = 0
        """How many parameters and masks were made up."""
        self.number = 0
        """Of the last layer."""
        self.done: list[Any] = []
        """Entries that layers brought: what two layers have in common, such as a normalised adjacency, is made once."""
    def write(
        self, entry: Layers, at: At, above: tuple[SourceStep, ...], unroll: Unroll, within: bool = False
    ) -> None:
        """Write the layers of one stack, each through `unroll`; `above` are all steps so far. `within`: they stand in a
        function, with which their steps are written out.

        Raises SpecError with line and column.
        """
        self.learn(above[self.channels.read :])
        self.known(entry.layers, (*at, "layers"))
        if entry.out is not None:
            self.unused(entry.out, (*at, "out"))
        self.seed, self.matrices, self.entries = entry.seed, "", list[Any]()
        self.stack(entry.stack, (*at, "stack"), entry.layers, entry.out, unroll)
        line = self.source.position(at)[0]
        text = yaml.safe_dump(self.entries, sort_keys=False, allow_unicode=True, width=1000)
        steps = "" if within else f"steps:\n{indent(text, '  ')}"
        matrices = f"matrices:\n{indent(self.matrices, '  ')}" if self.matrices else ""
        if matrices or steps:
            self.written_out += f"# line {line}: layers from {entry.layers} on\n{matrices}{steps}"

    def stack(self, items: list[Any], at: At, x: str, out: str | None, unroll: Unroll) -> str:
        """The layers of one list, from matrix `x` on; returns the name of the last result."""
        for place, item in enumerate(items):
            x = self.layer(item, (*at, place), x, out if place == len(items) - 1 else None, unroll)
        return x

    def layer(self, item: Any, at: At, x: str, out: str | None, unroll: Unroll) -> str:
        name, layer, options, places = self.options(item, at)
        words: dict[str, Any] = {"x": x, **options}
        if STACK in layer.takes.values():
            words["inner"] = self.stack(options["stack"], places["stack"], x, None, unroll)
            if (own := self.size(x)) != self.size(words["inner"]):
                problem = f"{self.sized(x)} and {self.sized(words['inner'])}; a shortcut needs both to be alike"
                last = f"its last layer must give {own[0]} {'rows' if len(own) == 2 else 'channels'}"
                raise self.source.error(f"`{name}`: {problem}, so {last}.", at)
        sizes = self.sizes(name, layer, options, places, x, at)
        if layer.weights or not self.number:
            self.number += 1
        while not layer.weights and not out and self.there(f"{layer.result}{self.number}"):
            self.number += 1
        result = out or f"{layer.result}{self.number}"
        words |= {**sizes, "n": self.number, "y": result}
        for key, size in layer.named.items():
            if key not in options and not (key == "b" and options.get("bias") is False):
                words[key] = self.make(name, layer, key, measure(size, sizes), options, at)
        entries = [entry for entry in spell(layer.steps, words) if entry not in self.done]
        self.done += entries
        self.entries += entries
        self.learn(unroll(ENTRIES.validate_python(entries), at), name)
        return result

    # What the spec asks for

    def options(self, item: Any, at: At) -> tuple[str, Layer, dict[str, Any], dict[str, At]]:
        """A layer with the options that it is given, or that hold without, and where they stand."""
        if not (isinstance(item, str) or (isinstance(item, dict) and len(item) == 1)):
            raise self.source.error(f"A layer is a name such as `relu`, or `linear: 4`, not {shown(item)}.", at)
        name, value = (item, None) if isinstance(item, str) else next(iter(item.items()))
        if name not in LAYERS:
            same = [each for each in LAYERS if squashed(each) == ELSEWHERE.get(squashed(name), squashed(name))]
            hint = f" Write `{same[0]}`." if same else misspelt(name, LAYERS)
            known = f" There are: {', '.join(LAYERS)}."
            raise self.source.error(f"There is no layer `{name}`.{hint or known}", (*at, name), True)
        layer, at = LAYERS[name], (*at, name)
        if isinstance(value, dict):
            given, places = value, {key: (*at, key) for key in value}
        elif value is None:
            given, places = {}, {}
        elif layer.takes:
            first = next(iter(layer.takes))
            given, places = {first: value}, {first: at}
        else:
            raise self.source.error(f"`{name}` takes no number: write `- {name}`.", at)
        takes = [*layer.takes, *layer.named]
        for key in given:
            if key not in takes:
                known = f"It takes {', '.join(takes)}." if takes else f"Write `- {name}`."
                raise self.source.error(
                    f"`{name}` has no `{key}`.{did_you_mean(key, takes)} {known}", places[key], True
                )
            self.check(name, key, given[key], layer.takes.get(key, Known("", "")), places[key])
        if STACK in layer.takes.values() and not given:
            raise self.source.error(f"`{name}` needs {STACK}: write `{name}: [linear: 3, relu]`.", at)
        usual = {key: kind for key, kind in layer.takes.items() if not isinstance(kind, str)}
        defaults = {key: kind.usual if isinstance(kind, Known | Share | Whole) else kind for key, kind in usual.items()}
        return name, layer, {**defaults, **given}, places

    def check(self, name: str, key: str, value: Any, kind: Any, at: At) -> None:
        fits: bool
        if kind == STACK:
            fits, wanted = isinstance(value, list) and bool(value), "a list of layers: `[linear: 3, relu]`"
        elif isinstance(kind, Known):
            fits, wanted = isinstance(value, str), "the name of a matrix"
        elif isinstance(kind, Share):
            fits, wanted = is_number(value) and 0 <= value < 1, "a number from 0 on, below 1"
        elif isinstance(kind, Whole):
            fits, wanted = is_whole(value) and value >= kind.least, f"a whole number from {kind.least} on"
        elif isinstance(kind, str):
            fits, wanted = is_whole(value) and value >= 1, SIZE
        elif isinstance(kind, bool):
            fits, wanted = isinstance(value, bool), "true or false"
        else:
            fits, wanted = is_number(value) and abs(value) < 1e300, "a number"
        if not fits:
            raise self.source.error(f"`{key}` of `{name}` should be {wanted}, not {shown(value)}.", at)

    def sizes(
        self, name: str, layer: Layer, options: dict[str, Any], places: dict[str, At], x: str, at: At
    ) -> dict[str, int]:
        """Every size that the layer speaks of, from its options or the matrices that it is given."""
        *more, rows, columns = self.size(x)
        sizes = {"rows": rows, "columns": columns, "1": 1, "features": rows, "channels": 1}
        if more:
            sizes |= {"features": more[-1], "channels": more[-1]}
            if any(part in ("rows", "columns") for size in layer.named.values() for part in PARTS.split(size)):
                problem = f"`{name}` takes a matrix, but {self.sized(x)}, with channels: put `flatten` before it"
                raise self.source.error(f"{problem}.", at)
        sizes |= {
            key: options[key]
            for key, kind in layer.takes.items()
            if (isinstance(kind, str) and kind != STACK and key in options)
            or (isinstance(kind, Whole) and key in places)
        }
        wanted = layer.named | {key: kind.size for key, kind in layer.takes.items() if isinstance(kind, Known)}
        given = {key: size for key, size in wanted.items() if key in options}
        for key, size in given.items():
            shape = self.known(options[key], places.get(key, at), f" `{name}` needs it as `{key}`.")
            if len(shape) != size.count("×") + 1:
                problem = f"`{name}`: {self.sized(options[key])}, but `{key}` should be {size}"
                raise self.source.error(f"{problem}.", places.get(key, at))
            for part, actual in zip(size.split(" × "), shape, strict=True):
                if part in layer.takes:
                    sizes.setdefault(part, actual)
        sizes = {**{key: kind.usual for key, kind in layer.takes.items() if isinstance(kind, Whole)}, **sizes}
        for key in needed(layer):
            if key not in {**sizes, **options}:
                raise self.source.error(f"`{name}` needs `{key}`, {layer.takes[key]}: write `{name}: 4`.", at)
        sizes |= {k: sizes[kind] for k, kind in layer.takes.items() if kind in ("rows", "columns") and k not in sizes}
        for key, size in given.items():
            if self.size(options[key]) != measure(size, sizes):
                right = f"`{key}` should be {size}: {sizes_text(measure(size, sizes))}, as {self.sized(x)}"
                raise self.source.error(f"`{name}`: {self.sized(options[key])}, but {right}.", places.get(key, at))
        if layer.divides:
            parts = sizes[layer.divides]
            if rows % parts:
                problem = f"{parts} {layer.divides} can't share {rows} rows ({self.sized(x)}) evenly"
                raise self.source.error(f"`{name}`: {problem}.", places.get(layer.divides, at))
            sizes["part"] = rows // parts
        return sizes

    # Names, shapes, parameters

    def known(self, name: str, at: At, why: str = "") -> tuple[int, ...]:
        if not self.there(name):
            hint = did_you_mean(name, [*self.channels.tensors, *self.shapes])
            raise self.source.error(f"There is no matrix `{name}` yet.{hint}{why}", at)
        return self.size(name)

    def there(self, name: str) -> bool:
        return name in self.shapes or name in self.channels.tensors

    def size(self, name: str) -> tuple[int, ...]:
        return self.channels.size(name)

    def unused(self, name: str, at: At) -> None:
        try:
            check_name(name)
        except SpecError as error:
            raise self.source.locate(error, at) from None
        if self.there(name):
            raise self.source.error(f"`{name}` is the name of another matrix already.", at)

    def sized(self, name: str) -> str:
        return f"`{name}` is {sizes_text(self.size(name))}"

    def make(self, layer: str, kind: Layer, key: str, shape: tuple[int, ...], options: dict[str, Any], at: At) -> str:
        """A new parameter or mask; its numbers depend on the stack's seed and on how many were made before."""
        name = f"{key}{self.number}"
        if self.there(name):
            how = f"`{layer}` makes up its own `{name}`, but there is one already"
            raise self.source.error(
                f"{how}: write `{layer}: {{{key}: {name}}}` to use it, or give it another name.", at
            )
        fill, seed, mask = kind.fill.get(key), 1000 * self.seed + self.parts, key in kind.masks
        range_ = {"distribution": "bernoulli", "p": round(1 - options["p"], 12)} if mask else {"low": -1, "high": 1}
        numbers = {fill: list(shape)} if fill else {"random": {"shape": list(shape), **range_, "seed": seed}}
        text = {"role": "constant" if mask else "parameter", **numbers}
        try:
            tensor, givens = read_matrix(name, Matrix.model_validate(text), set(text), Folder(None))
        except SpecError as error:
            raise self.source.error(error.message, at) from None
        self.made += [(given, at) for given in givens]
        self.parts += 1
        self.channels.give(tensor, givens)
        self.matrices += f"{name}: {yaml.safe_dump(text, default_flow_style=True, sort_keys=False, width=1000)}"
        return name

    def learn(self, steps: tuple[SourceStep, ...], layer: str = "") -> None:
        """Infer the shapes of new steps; those of a layer must have new names."""
        for step in steps:
            target = target_of(step.text) if step.kind == "do" else None
            if layer and target is not None and self.there(target):
                problem = (
                    f"`{layer}` computes `{target}`, but there is a `{target}` already; give that one another name."
                )
                raise self.source.fault(problem, step.line, step.column)
            self.channels.take((step,), told=not layer)
            self.channels.catch_up(strict=True)


PARTS = re.compile(r" [×+] ")


def measure(size: str, sizes: dict[str, int]) -> tuple[int, ...]:
    """`hidden × rows + hidden` in numbers."""
    return tuple(sum(sizes[part] for part in side.split(" + ")) for side in size.split(" × "))


def spell(steps: list[Any], words: dict[str, Any]) -> list[Any]:
    """A layer's steps as entries of a spec, with its words put in."""
    result: list[Any] = []
    for step in steps:
        match step:
            case When(option=option, steps=yes, otherwise=no):
                result += spell(yes if words[option] else no, words)
            case (text, say):
                result += spell([{"do": text, "say": say}], words)
            case dict():
                result.append(
                    {k: spell(v, words) if isinstance(v, list) else spell([v], words)[0] for k, v in step.items()}
                )
            case _:
                text = step if words.get("bias", True) else step.replace(" + $b", "")
                result.append(Template(text).substitute(words))
    return result


def shown(value: Any) -> str:
    """What stands in the spec, in few words."""
    if isinstance(value, dict | list):
        return f"a {'mapping' if isinstance(value, dict) else 'list'} of {len(value)}"
    return "nothing" if value is None else f"`{str(value).lower() if isinstance(value, bool) else str(value)[:40]}`"
