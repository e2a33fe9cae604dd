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

    if "file" not in spec.text:
        return spec.text
    source = Source(spec.text, spec.path)
    starts = _starts(spec.text)
    found: list[tuple[re.Match[str], Given, dict[str, Node]]] = []
    for given in spec.givens:
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
    """The spec of the text `self_contained` with other numbers for some given matrices: 2-D arrays of their shapes, by
    name.

    Raises SpecError where the text of a matrix has a form in which its numbers can't be replaced safely.
    """
    from sheetgen.spec.read import loads

    text = self_contained(spec)
    source = _source(text, spec.path)
    starts = _starts(text)
    edits = []
    for name, value in numbers.items():
        written = source.node(("matrices", name))
        if written is None:
            raise ValueError(f"the spec gives no matrix {name}")
        key = next(key for key in SOURCES if key in written.keys)
        line, column = written.keys[key]
        start, end = starts[line - 1] + column - 1, written.value[key].end
        start -= text[start - 1] in "'\""
        edits.append((start, len(text[:end].rstrip()), f"value: [{', '.join(_rows(value))}]"))
    for start, end, literal in sorted(edits, reverse=True):
        text = text[:start] + literal + text[end:]
    wanted = tuple(replace(g, value=numbers[g.name]) if g.name in numbers else g for g in spec.givens)
    with suppress(SpecError):
        read = loads(text, spec.path, None)
        if _equal(read.givens, wanted):
            return read
    names = " and ".join(f"`{name}`" for name in numbers)
    raise SpecError(f"vary: the numbers of {names} can't be replaced; write them as `value: [[1, 2], [3, 4]]`.",
                    at=("vary",))  # fmt: skip


@lru_cache(1)
def _source(text: str, path: str) -> Source:
    """The text that others are made from, one after another."""
    return Source(text, path)


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
    return ["[" + ", ".join(number_text(float(x)) for x in row) + "]" for row in value]


def _equal(ours: tuple[Given, ...], theirs: tuple[Given, ...]) -> bool:
    return len(ours) == len(theirs) and all(
        a.name == b.name
        and a.role == b.role
        and np.array_equal(a.value, b.value)
        and (a.rows, a.columns, a.about, a.graph) == (b.rows, b.columns, b.about, b.graph)
        for a, b in zip(ours, theirs, strict=True)
    )
