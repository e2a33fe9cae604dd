"""`layers:` of a spec written out: a stack of layers → parameters and ordinary steps.

The size of a parameter depends on the matrix that runs into its layer, so the shapes of the
steps above are inferred first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from string import Template
from textwrap import indent
from typing import Any

import numpy as np
import yaml
from pydantic import ConfigDict, TypeAdapter

from sheetgen.errors import SpecError
from sheetgen.ir.program import Given
from sheetgen.lang.syntax import target_of
from sheetgen.spec.channels import Channels
from sheetgen.spec.entries import Entry, Layers
from sheetgen.spec.files import Folder
from sheetgen.spec.layer import Layer
from sheetgen.spec.layer_options import Asked, At, heading
from sheetgen.spec.layer_words import built_of, measure, spell
from sheetgen.spec.matrix import read_matrix
from sheetgen.spec.model import Matrix
from sheetgen.spec.names import check_name
from sheetgen.spec.source import Source
from sheetgen.spec.step import SourceStep

ENTRIES: TypeAdapter[list[Entry]] = TypeAdapter(list[Entry], config=ConfigDict(defer_build=True))
Unroll = Callable[[list[Entry], At], tuple[SourceStep, ...]]
"""Makes the steps of the entries that a layer wrote."""


def plain(numbers: Any) -> Any:
    """Whole numbers as such, as a person would write them, in lists of any depth."""
    if isinstance(numbers, list):
        return [plain(each) for each in numbers]
    return int(numbers) if numbers == int(numbers) and abs(numbers) < 1e15 else numbers


BETWEEN = {"low": -1, "high": 1}
"""What parameters are drawn from."""


class Stacks(Asked):
    """Writes out the stacks of one spec, from top to bottom.

    `made` collects the parameters that were made up, each with its place; `written_out` what the
    stacks became, as text for a spec.
    """

    def __init__(self, source: Source, givens: Iterable[Given], channels: Channels) -> None:
        self.source, self.channels, self.shapes = source, channels, channels.shapes
        self.looped = {given.name for given in givens if given.value.diagonal().all()}
        """Matrices without a 0 on their diagonal: adjacencies of graphs whose nodes are their own neighbours."""
        self.made: list[tuple[Given, At]] = []
        self.written_out = ""
        self.parts = 0
        """How many parameters and constants were made up."""
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

    def stack(
        self, items: list[Any], at: At, x: str, out: str | None, unroll: Unroll, built: bool = False
    ) -> str:
        """The layers of one list, from matrix `x` on, or those that a block is `built` of, which all stand at its
        place; returns the name of the last result."""
        last = max((place for place, item in enumerate(items) if not heading(item)), default=-1)
        if last < 0:
            raise self.source.error("A stack needs a layer below its heading.", at)
        for place, item in enumerate(items):
            here = at if built else (*at, place)
            if heading(item):
                self.bring([self.titled(item, here)], here, unroll)
            else:
                x = self.layer(item, here, x, out if place == last else None, unroll, built)
        return x

    def layer(self, item: Any, at: At, x: str, out: str | None, unroll: Unroll, built: bool = False) -> str:
        name, layer, options, places = self.options(item, at)
        if built:
            places = dict.fromkeys(places, at)
        if "self_loops" in options and options["self_loops"] is None:
            options["self_loops"] = options["adj"] not in self.looped
        *_, rows, columns = entered = self.size(x)
        words: dict[str, Any] = {
            "x": x, "heard": options.get("memory", x), "rows": rows, "columns": columns, **options
        }  # fmt: skip
        if "adj" in options:
            words["hat"] = f"{options['adj']}_hat" if options.get("self_loops") else options["adj"]
        if layer.built:
            words |= self.sizes(name, layer, options, places, x, at)
            return self.stack(built_of(layer.built, words), at, x, out, unroll, True)
        self.bring(spell(layer.before, words), at, unroll)
        for key, into in layer.inner.items():
            came = Template(into).substitute(words)
            words[key] = self.stack(options["stack"], places["stack"], came, None, unroll, built)
            if layer.keeps and self.size(words[key]) != entered:
                problem = f"{self.sized(x)} and {self.sized(words[key])}; a shortcut needs both to be alike"
                last = f"its last layer must give {entered[0]} {'rows' if len(entered) == 2 else 'channels'}"
                raise self.source.error(f"`{name}`: {problem}, so {last}.", at)
        sizes = self.sizes(name, layer, options, places, x, at)
        if layer.weights or not self.number:
            self.number += 1
        while not layer.weights and not out and self.there(f"{layer.result}{self.number}"):
            self.number += 1
        result = out or f"{layer.result}{self.number}"
        words |= {**sizes, "n": self.number, "y": result}
        for key, size in layer.named.items():
            own = options.get(key)
            if not isinstance(own, str) and options.get(layer.only.get(key, ""), True):
                words[key] = self.make(name, layer, key, measure(size, sizes), options, at)
        self.bring(spell(layer.steps, words), at, unroll, name)
        return result

    def bring(self, entries: list[Any], at: At, unroll: Unroll, layer: str = "") -> None:
        """Write entries that aren't written yet, unless they are headings."""
        entries = [entry for entry in entries if "section" in entry or entry not in self.done]
        self.done += entries
        self.entries += entries
        self.learn(unroll(ENTRIES.validate_python(entries), at), layer)

    # Names, shapes, parameters

    def unused(self, name: str, at: At) -> None:
        try:
            check_name(name)
        except SpecError as error:
            raise self.source.locate(error, at) from None
        if self.there(name):
            raise self.source.error(f"`{name}` is the name of another matrix already.", at)

    def make(self, layer: str, kind: Layer, key: str, shape: tuple[int, ...], options: dict[str, Any], at: At) -> str:
        """A new parameter or mask; its numbers depend on the stack's seed and on how many were made before."""
        name = f"{key}{self.number}"
        if self.there(name):
            how = f"`{layer}` makes up its own `{name}`, but there is one already"
            raise self.source.error(
                f"{how}: write `{layer}: {{{key}: {name}}}` to use it, or give it another name.", at
            )
        fill, seed, constant = kind.fill.get(key), 1000 * self.seed + self.parts, key in kind.constants
        numbers: dict[str, Any]
        if isinstance(own := options.get(key), np.ndarray):
            numbers = {"value": plain(own.tolist())}
        elif fill == "count":
            numbers = {"value": np.arange(max(shape)).reshape(shape).tolist()}
        elif fill:
            numbers = {fill: list(shape)}
        else:
            drawn = {"distribution": "bernoulli", "p": round(1 - options["p"], 12)} if constant else BETWEEN
            numbers = {"random": {"shape": list(shape), **drawn, "seed": seed}}
        text = {"role": "constant" if constant else "parameter", **numbers}
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
