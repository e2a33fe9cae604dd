"""The texts of a layer with its options put in: sizes in numbers, steps as entries of a spec, layers as in a stack."""

from __future__ import annotations

import math
from collections.abc import Mapping
from string import Template
from typing import Any

from sheetgen.spec.layer import When


def side(size: str, sizes: Mapping[str, int]) -> int:
    """`rows + hidden` or `4·rows` in numbers."""
    return sum(math.prod(sizes[part] if part in sizes else int(part) for part in term.split("·"))
               for term in size.split(" + "))  # fmt: skip


def measure(size: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """`hidden × rows + hidden` in numbers."""
    return tuple(side(each, sizes) for each in size.split(" × "))


def spell(steps: list[Any], words: Mapping[str, Any]) -> list[Any]:
    """A layer's steps as entries of a spec, with its words put in."""
    result: list[Any] = []
    for step in steps:
        match step:
            case When():
                result += spell(step.of(words), words)
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


def built_of(layers: list[Any], words: Mapping[str, Any]) -> list[Any]:
    """The layers that a block is built of, with its options put in; an option that isn't given is left out."""
    result: list[Any] = []
    for layer in layers:
        match layer:
            case When():
                result += built_of(layer.of(words), words)
            case {"section": _}:
                result.append(layer)
            case dict():
                result.append({name: _put_in(value, words) for name, value in layer.items()})
            case _:
                result.append(_put_in(layer, words))
    return result


def _put_in(value: Any, words: Mapping[str, Any]) -> Any:
    match value:
        case list():
            return built_of(value, words)
        case dict():
            filled = {key: _put_in(each, words) for key, each in value.items()}
            return {key: each for key, each in filled.items() if each is not None}
        case str() if value.startswith("$"):
            return words.get(value[1:])
    return value
