"""A spec's text with the numbers of its data files written into it, so that a workbook can be verified alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from sheetgen.errors import SpecError
from sheetgen.ir.program import Given
from sheetgen.lang.show import number_text
from sheetgen.spec.matrix import SOURCES
from sheetgen.spec.source import Node, Source, lines_of
from sheetgen.spec.tensors import whole as whole_of

if TYPE_CHECKING:
    from sheetgen.spec.read import Spec

SCHEMA_LINE = re.compile(r"\A#[ \t]*yaml-language-server:.*\n")
"""Tells an editor where a file is on the author's computer: nothing for the readers of a workbook."""


def self_contained(spec: Spec) -> str:
    """`spec.text` with `file:` replaced by `value:`, or by a graph's nodes and edges, and without its schema line.

    The numbers stay out when the text reads no files, or in a form that can't be replaced safely.
    """
    return SCHEMA_LINE.sub("", _with_numbers(spec))


def _with_numbers(spec: Spec) -> str:
    from sheetgen.spec.read import loads

    source = _source(spec.text, spec.path)
    starts = _starts(spec.text)
    found: list[tuple[re.Match[str], Given, dict[str, Node]]] = []
    for given in _wholes(spec):
        node = source.node(("graph",) if given.graph else ("matrices", given.name))
        if node and "file" in node.keys:
            line, column = node.keys["file"]
            name = re.escape(node.value["file"].value)
            key = re.compile(rf"""file["']?\s*:\s*("{name}"|'{name}'|{name})""")
            if match := key.match(spec.text, starts[line - 1] + column - 1):
                found.append((match, given, node.value))
    found.sort(key=lambda each: each[0].start(), reverse=True)
    for comma in ("", ",") if found else ():
        text = spec.text
        for match, given, written in found:
            text = text[: match.start()] + _literal(given, match, written, comma) + text[match.end() :]
        try:
            if _equal(loads(text, spec.path, None).givens, spec.givens):
                return text
        except SpecError:
            continue
    return spec.text


def with_numbers(spec: Spec, numbers: Mapping[str, np.ndarray]) -> Spec:
    """The spec of its `self_contained` text with other numbers for some given matrices: 2-D arrays of their shapes, by
    name.

    Raises SpecError where the text of a matrix has a form in which its numbers can't be replaced safely.
    """
    from sheetgen.spec.read import loads

    text = self_contained(spec)
    places = number_places(text, spec.path)
    members = {name: tensor for tensor in spec.tensors.values() for name in tensor.members}
    values = {given.name: given.value for given in spec.givens} | {**numbers}
    tensors = {members[name].name: members[name] for name in numbers if name in members}
    whole = {name: value for name, value in numbers.items() if name not in members}
    whole |= {name: whole_of(tensor, values) for name, tensor in tensors.items()}
    if unknown := whole.keys() - places.keys():
        raise ValueError(f"the spec gives no matrix {min(unknown)}")
    edits = [(*places[name], f"value: [{', '.join(_rows(value))}]") for name, value in whole.items()]
    for start, end, literal in sorted(edits, reverse=True):
        text = text[:start] + literal + text[end:]
    wanted = tuple(replace(g, value=numbers[g.name]) if g.name in numbers else g for g in spec.givens)
    with suppress(SpecError):
        if _equal((changed := loads(text, spec.path, None)).givens, wanted):
            return changed
    names = " and ".join(f"`{name}`" for name in numbers)
    raise SpecError(f"vary: the numbers of {names} can't be replaced; write them as `value: [[1, 2], [3, 4]]`.",
                    at=("vary",))  # fmt: skip


@lru_cache(maxsize=2)
def _source(text: str, path: str) -> Source:
    """All students of a class have the same text before their numbers are in it."""
    return Source(text, path)


def number_places(text: str, path: str) -> dict[str, tuple[int, int]]:
    """Where a spec's text gives the numbers of its matrices, by name: from the key (`value`, `random`, …) to the end of
    what it holds, in characters. `value: [[1, 2], [3, 4]]` may take its place."""
    source, starts = _source(text, path), _starts(text)
    written = source.node(("matrices",))
    found = {}
    for name, node in (written.value if written and isinstance(written.value, dict) else {}).items():
        key = next((key for key in SOURCES if key in node.keys), None)
        if key is not None and node.value[key].end:
            found[name] = _place(text, starts, node, key)
    return found


def edges_place(text: str, path: str) -> tuple[int, int] | None:
    """The same for `edges` of the graph; None where there are none."""
    node = _source(text, path).node(("graph",))
    return _place(text, _starts(text), node, "edges") if node and "edges" in node.keys else None


def _place(text: str, starts: list[int], node: Node, key: str) -> tuple[int, int]:
    line, column = node.keys[key]
    start = starts[line - 1] + column - 1
    return start - (text[start - 1] in "'\""), len(text[: node.value[key].end].rstrip())


def _literal(given: Given, found: re.Match[str], written: dict[str, Node], comma: str) -> str:
    """One line a row: a cell of the Spec sheet holds at most 32,767 characters. `comma` parts entries."""
    column = len(lines_of(found.string[: found.start()])[-1])
    gap = ",\n" + " " * (column + 4)
    if given.graph is None:
        return f"value: [{gap.join(_rows(given.value))}]"
    graph = given.graph
    names = [json.dumps(label, ensure_ascii=False) for label in graph.labels]
    numbers = [f", {number_text(weight)}" for weight in graph.weights] or [""] * len(graph.edges)
    edges = [f"[{names[a]}, {names[b]}{number}]" for (a, b), number in zip(graph.edges, numbers, strict=True)]
    entries = [] if "nodes" in written else [f"nodes: [{gap.join(names)}]"]
    entries.append(f"edges: [{gap.join(edges)}]")
    entries += ["directed: true"] if graph.directed and "directed" not in written else []
    entries += [] if "about" in written else [f"about: {json.dumps(given.about, ensure_ascii=False)}"]
    return f"{comma}\n{' ' * column}".join(entries)


def _starts(text: str) -> list[int]:
    """Where each line begins."""
    return [0, *(match.end() for match in re.finditer("\r\n|[\n\r\x85\u2028\u2029]", text))]


def _rows(value: np.ndarray) -> list[str]:
    """The text of each row; of each item, where an array has channels."""
    if value.ndim > 2:
        return ["[" + ", ".join(_rows(item)) + "]" for item in value]
    return ["[" + ", ".join(number_text(float(x)) for x in row) + "]" for row in value]


def _wholes(spec: Spec) -> list[Given]:
    """The given matrices as the text has them: a tensor in one piece."""
    values = {given.name: given.value for given in spec.givens}
    members = {name: tensor for tensor in spec.tensors.values() for name in tensor.members}
    first = {tensor.members[0]: tensor for tensor in spec.tensors.values()}
    return [
        replace(given, name=first[given.name].name, value=whole_of(first[given.name], values))
        if given.name in first else given
        for given in spec.givens if given.name in first or given.name not in members
    ]  # fmt: skip


def _equal(ours: tuple[Given, ...], theirs: tuple[Given, ...]) -> bool:
    return len(ours) == len(theirs) and all(
        a.name == b.name
        and a.role == b.role
        and np.array_equal(a.value, b.value)
        and (a.rows, a.columns, a.about, a.graph) == (b.rows, b.columns, b.about, b.graph)
        for a, b in zip(ours, theirs, strict=True)
    )
