"""What an entry of the table of layers is, and the JSON Schema of a stack.

In its texts, `$x` is the matrix that comes in, `$rows` × `$columns` its size, `$channels` how many of them it has,
`$features` these or else its rows, `$y` what comes out, `$n` the layer's number; the rest are the layer's own options,
sizes and weights. Without its bias, a layer loses ` + $b`. Braces belong to the loops and lists, as everywhere in a
spec.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sheetgen.spec.fields import NUMBERS

SIZE = "a whole number from 1 on"
STACK = "a list of layers"
ACTIVATIONS = ("relu", "leaky_relu", "sigmoid", "hard_sigmoid", "tanh", "gelu", "silu", "softplus", "elu", "selu",
               "mish", "softsign", "softmax")  # fmt: skip
"""Layers that are functions of the same name."""


@dataclass(frozen=True)
class Known:
    """An option that names a matrix which is there already, with its usual name and its size; without a usual name it
    may be left out, unless it is needed."""

    usual: str
    size: str
    needed: bool = False


@dataclass(frozen=True)
class Share:
    """An option that is a part of the whole, with its usual value."""

    usual: float


@dataclass(frozen=True)
class Whole:
    """An option that is a whole number, with its usual value and the least."""

    usual: int
    least: int = 1


@dataclass(frozen=True)
class Word:
    """An option that is one of several words, the first one usually."""

    words: tuple[str, ...]

    @property
    def usual(self) -> str:
        """What holds where nothing is said."""
        return self.words[0]


@dataclass(frozen=True)
class SelfLoops:
    """Whether a layer adds each node to its own neighbours: usually, if the adjacency has no ones all along its
    diagonal."""

    usual: None = None


@dataclass(frozen=True)
class Own:
    """A matrix of the layer's own: the name of one that is there already, or numbers for a new one."""


Kind = Known | Share | Whole | Word | SelfLoops


@dataclass(frozen=True)
class When:
    """Steps, or layers, that any of some options brings, and those without."""

    option: str | tuple[str, ...]
    steps: list[Any]
    otherwise: list[Any] = field(default_factory=list)

    def of(self, words: Mapping[str, Any]) -> list[Any]:
        """Those that hold with these options."""
        options = (self.option,) if isinstance(self.option, str) else self.option
        return self.steps if any(words.get(each) for each in options) else self.otherwise


@dataclass(frozen=True)
class Layer:
    """One kind of layer; a new one is a new entry of `LAYERS`."""

    result: str
    """What comes out is called by this letter and the layer's number."""
    steps: list[Any]
    """Texts, (text, sentence), loops and groups as in a spec, `When`."""
    says: str
    takes: dict[str, Any] = field(default_factory=dict)
    """Options: SIZE, STACK, a `Kind`, the size that it has by default, or a default.
    The first is what a bare value means, as in `linear: 4`."""
    weights: dict[str, str] = field(default_factory=dict)
    """Size of each parameter: rows × columns, with + and · in them."""
    fill: dict[str, str] = field(default_factory=dict)
    """Parameters that start as `ones` or `zeros`; others are small whole numbers. Constants that `count` from 0 on."""
    constants: dict[str, str] = field(default_factory=dict)
    """Size of each constant; unless it is filled, zeros and ones, drawn with the share `p` of zeros."""
    only: dict[str, str] = field(default_factory=dict)
    """The option without which there is no such parameter or constant."""
    free: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Sizes of a matrix that an option names, and what they are without that option."""
    quotients: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Sizes that are others, shared out evenly: by an option, or in two halves if `only` says when."""
    before: list[Any] = field(default_factory=list)
    """Steps before the layers inside."""
    inner: dict[str, str] = field(default_factory=dict)
    """What comes out of the layers inside, each time they are used, and what goes in there."""
    keeps: bool = False
    """The layers inside give what has the shape of what goes in."""
    built: list[Any] = field(default_factory=list)
    """Instead of steps: the layers that it is built of, as in a stack, among them sections, and `When`."""

    @property
    def named(self) -> dict[str, str]:
        """Size of each matrix that is made up unless the spec names one of its own."""
        return self.weights | self.constants


def schema(layers: Mapping[str, Layer]) -> dict[str, Any]:
    """JSON Schema of one item of a stack."""
    bare = [name for name, layer in layers.items() if not needed(layer)]
    return {
        "anyOf": [
            {"enum": bare},
            {"type": "object", "required": ["section"], "additionalProperties": False,
             "properties": {"section": {"type": "string", "description": "The heading of the layers below it."}}},
            {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": False,
             "properties": {name: _schema(layer) for name, layer in layers.items() if layer.takes or layer.named}},
        ]
    }  # fmt: skip


def needed(layer: Layer) -> list[str]:
    """The options without which there is no such layer."""
    must = (SIZE, STACK)
    return [key for key, kind in layer.takes.items() if kind in must or (isinstance(kind, Known) and kind.needed)]


def _schema(layer: Layer) -> dict[str, Any]:
    options = {name: _option(default) for name, default in layer.takes.items()}
    properties = {**options, **{name: {"anyOf": [{"type": "string"}, *NUMBERS["anyOf"]]} for name in layer.named}}
    whole = {"type": "object", "additionalProperties": False, "properties": properties}
    return {"description": layer.says, "anyOf": [*list(options.values())[:1], whole]}


def _option(kind: Any) -> dict[str, Any]:
    match kind:
        case Known(usual=usual):
            return {"type": "string", **({"default": usual} if usual else {})}
        case Share(usual=part):
            return {"type": "number", "minimum": 0, "exclusiveMaximum": 1, "default": part}
        case Whole(usual=whole, least=least):
            return {"type": "integer", "minimum": least, "default": whole}
        case Word(words=words):
            return {"enum": list(words), "default": kind.usual}
        case SelfLoops():
            return {"type": "boolean"}
        case str():
            return {"type": "array", "minItems": 1} if kind == STACK else {"type": "integer", "minimum": 1}
    return {"type": "boolean" if isinstance(kind, bool) else "number", "default": kind}
