"""What a spec asks of a layer: its options, checked, and the sizes that follow from them and from its matrices."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from sheetgen.errors import SpecError
from sheetgen.ir.node import Shape, is_number, is_whole
from sheetgen.lang.advice import misspelt, squashed
from sheetgen.lang.syntax import did_you_mean
from sheetgen.lang.tensors import sizes_text
from sheetgen.spec.channels import Channels
from sheetgen.spec.layer import SIZE, STACK, Kind, Known, Layer, Own, SelfLoops, Share, Whole, Word, needed
from sheetgen.spec.layer_table import LAYERS
from sheetgen.spec.layer_words import measure, side
from sheetgen.spec.matrix import written
from sheetgen.spec.source import Key, Source

At = tuple[Key, ...]
PARTS = re.compile(" [×+] |·")

ELSEWHERE = {
    "dense": "linear", "fc": "linear", "swish": "silu", "layernormalization": "layernorm", "gcnconv": "gcn",
    "graphconv": "gcn", "attention": "selfattention", "mha": "multiheadattention", "simplernn": "rnn",
    "transformerencoderlayer": "encoderblock", "transformerdecoderlayer": "decoderblock",
    "transformerencoder": "encoderblock", "transformerdecoder": "decoderblock", "mixtureofexperts": "moe",
    "batchnorm1d": "batchnorm", "batchnormalization": "batchnorm", "rmsnormalization": "rmsnorm", "sageconv": "sage",
    "ginconv": "gin", "gatconv": "gat", "conv2dtranspose": "convtranspose2d", "maxpool2d": "maxpool",
    "maxpooling2d": "maxpool", "avgpool2d": "avgpool", "averagepooling2d": "avgpool", "upsampling2d": "upsample",
    "adaptiveavgpool2d": "globalavgpool", "globalaveragepooling2d": "globalavgpool", "groupnormalization": "groupnorm",
}  # fmt: skip
"""Layers of other libraries, and the same here, both without case and `_`."""


class Asked:
    """Reads the options of layers; `shapes` are those of all matrices so far, and `channels` has the tensors."""

    source: Source
    channels: Channels
    shapes: dict[str, Shape]

    def titled(self, item: dict[str, Any], at: At) -> dict[str, Any]:
        """A heading within a stack."""
        if len(item) != 1 or not isinstance(item["section"], str) or not item["section"].strip():
            raise self.source.error("A heading of a stack is a text: `section: Encoder`.", at)
        return item

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
            self.check(name, key, given[key], layer.takes.get(key, Own()), places[key])
        given = {key: self.numbers(key, value, places[key]) if key in layer.named else value
                 for key, value in given.items()}  # fmt: skip
        if STACK in layer.takes.values() and not given:
            raise self.source.error(f"`{name}` needs {STACK}: write `{name}: [linear: 3, relu]`.", at)
        usual = {key: kind for key, kind in layer.takes.items() if not isinstance(kind, str)}
        defaults = {key: kind.usual if isinstance(kind, Kind) else kind for key, kind in usual.items()}
        return name, layer, {**{key: value for key, value in defaults.items() if value != ""}, **given}, places

    def numbers(self, key: str, value: Any, at: At) -> str | np.ndarray:
        """A matrix of the spec by its name, or the numbers of one of the layer's own."""
        if isinstance(value, str):
            return value
        try:
            return written(key, value)
        except SpecError as error:
            raise self.source.error(error.message, (*at, *error.at[1:])) from None

    def check(self, name: str, key: str, value: Any, kind: Any, at: At) -> None:
        fits: bool
        if kind == STACK:
            fits, wanted = isinstance(value, list) and bool(value), "a list of layers: `[linear: 3, relu]`"
        elif isinstance(kind, Known):
            fits, wanted = isinstance(value, str), "the name of a matrix"
        elif isinstance(kind, Own):
            fits = isinstance(value, str | list) or is_number(value)
            wanted = "the name of a matrix, or its numbers"
        elif isinstance(kind, Share):
            fits, wanted = is_number(value) and 0 <= value < 1, "a number from 0 on, below 1"
        elif isinstance(kind, Word):
            fits, wanted = value in kind.words, f"one of {', '.join(kind.words)}"
        elif isinstance(kind, Whole):
            fits, wanted = is_whole(value) and value >= kind.least, f"a whole number from {kind.least} on"
        elif isinstance(kind, str):
            fits, wanted = is_whole(value) and value >= 1, SIZE
        elif isinstance(kind, bool | SelfLoops):
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
        sizes = {"rows": rows, "columns": columns}
        if more and any(part in ("rows", "columns") for size in layer.named.values() for part in PARTS.split(size)):
            problem = f"`{name}` takes a matrix, but {self.sized(x)}, with channels: put `flatten` before it"
            raise self.source.error(f"{problem}.", at)
        sizes |= {"features": more[-1] if more else rows, "channels": more[-1] if more else 1}
        sizes |= {part: sizes[usual] for part, (option, usual) in layer.free.items() if option not in options}
        sized = {key: kind for key, kind in layer.takes.items() if isinstance(kind, str) and kind != STACK}
        whole = {key: kind.usual for key, kind in layer.takes.items() if isinstance(kind, Whole)}
        sizes |= {key: options[key] for key in (*sized, *whole) if key in (options if key in sized else places)}
        wanted = layer.named | {key: kind.size for key, kind in layer.takes.items() if isinstance(kind, Known)}
        given = {key: size for key, size in wanted.items() if key in options}
        for key, size in given.items():
            shape = self.shape(options[key], places.get(key, at), f" `{name}` needs it as `{key}`.")
            if len(shape) != size.count("×") + 1:
                called = options[key] if isinstance(options[key], str) else key
                problem = f"`{name}`: `{called}` is {sizes_text(shape)}, but `{key}` should be {size}"
                raise self.source.error(f"{problem}.", places.get(key, at))
            for part, actual in zip(size.split(" × "), shape, strict=True):
                if part in layer.takes or part in layer.free:
                    sizes.setdefault(part, actual)
        sizes = {**whole, **sizes}
        for key in needed(layer):
            if key not in {**sizes, **options}:
                raise self.source.error(f"`{name}` needs `{key}`, {self.missing(name, layer, key)}.", at)
        sizes |= {key: side(usual, sizes) for key, usual in sized.items() if usual != SIZE and key not in sizes}
        for key, size in given.items():
            found = self.shape(options[key], at)
            if found != measure(size, sizes):
                called = options[key] if isinstance(options[key], str) else key
                right = f"`{key}` should be {size}: {sizes_text(measure(size, sizes))}, as {self.sized(x)}"
                problem = f"`{name}`: `{called}` is {sizes_text(found)}, but {right}"
                raise self.source.error(f"{problem}.", places.get(key, at))
        for key, (of, by) in layer.quotients.items():
            if not options.get(layer.only.get(key, ""), True):
                continue
            parts = sizes[by] if by else 2
            if sizes[of] % parts:
                problem = f"`{layer.only.get(key)}` needs an even number of rows, not {sizes[of]}"
                if by:
                    problem = f"{parts} {by} can't share {sizes[of]} rows ({self.sized(x)}) evenly"
                raise self.source.error(f"`{name}`: {problem}.", places.get(by, at))
            sizes[key] = sizes[of] // parts
        return sizes

    def missing(self, name: str, layer: Layer, key: str) -> str:
        """What an option without which there is no such layer should be, and how it is written."""
        kinds = {each: layer.takes[each] for each in needed(layer)}
        what = kinds[key] if isinstance(kinds[key], str) else "the name of a matrix"
        if len(kinds) == 1:
            return f"{what}: write `{name}: {'4' if kinds[key] == SIZE else 'M'}`"
        shown = ", ".join(f"{each}: {'4' if kind == SIZE else 'M'}" for each, kind in kinds.items())
        return f"{what}: write `{name}: {{{shown}}}`"

    def shape(self, matrix: str | np.ndarray, at: At, why: str = "") -> tuple[int, ...]:
        """Of a matrix of the spec, or of numbers."""
        return self.known(matrix, at, why) if isinstance(matrix, str) else matrix.shape

    def known(self, name: str, at: At, why: str = "") -> tuple[int, ...]:
        if not self.there(name):
            hint = did_you_mean(name, [*self.channels.tensors, *self.shapes])
            raise self.source.error(f"There is no matrix `{name}` yet.{hint}{why}", at)
        if 0 in self.size(name):
            raise self.source.error(f"{self.sized(name)}: there is nothing in it that a layer could take.", at)
        return self.size(name)

    def there(self, name: str) -> bool:
        return name in self.shapes or name in self.channels.tensors

    def size(self, name: str) -> tuple[int, ...]:
        return self.channels.size(name)

    def sized(self, name: str) -> str:
        return f"`{name}` is {sizes_text(self.size(name))}"


def heading(item: Any) -> bool:
    """Whether an item of a stack is no layer, but the heading of those below it."""
    return isinstance(item, dict) and "section" in item


def shown(value: Any) -> str:
    """What stands in the spec, in few words."""
    if isinstance(value, dict | list):
        return f"a {'mapping' if isinstance(value, dict) else 'list'} of {len(value)}"
    return "nothing" if value is None else f"`{str(value).lower() if isinstance(value, bool) else str(value)[:40]}`"
