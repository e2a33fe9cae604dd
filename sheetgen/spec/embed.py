"""A spec's text with the numbers of its data files written into it, so that a workbook can be verified alone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sheetgen.errors import SpecError
from sheetgen.ir.program import Given, Graph
from sheetgen.lang.show import number_text

if TYPE_CHECKING:
    from sheetgen.spec.read import Spec

FILE = re.compile(r"""\bfile:[ \t]*("[^"\n]*"|'[^'\n]*'|[^\s,}][^,}\n]*?)(?=[ \t]*(?:[,}\n]|\s#|\Z))""")
SCHEMA_LINE = re.compile(r"\A#[ \t]*yaml-language-server:.*\n")
"""Tells an editor where a file is on the author's computer: nothing for the readers of a workbook."""


def self_contained(spec: Spec) -> str:
    """`spec.text` with `file:` replaced by `value:`, or by a graph's nodes and edges, and without its schema line.

    The numbers stay out when the text reads no files, or in a form that can't be replaced safely.
    """
    return SCHEMA_LINE.sub("", _with_numbers(spec))


def _with_numbers(spec: Spec) -> str:
    if not FILE.search(spec.text):
        return spec.text
    from sheetgen.spec.read import loads

    text = spec.text
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    places = [(spec.lines.get("graph" if given.graph else given.name), given) for given in spec.givens]
    for place, given in sorted(((p, g) for p, g in places if p), key=lambda each: each[0], reverse=True):
        start = starts[place[0] - 1] + place[1] - 1
        later = [starts[p[0] - 1] + p[1] - 1 for p, _ in places if p and p > place]
        found = FILE.search(text, start, min(later, default=len(text)))
        if found:
            text = text[: found.start()] + _literal(given, found, text) + text[found.end() :]
    try:
        same = _equal(loads(text, spec.path, Path()).givens, spec.givens)
    except SpecError:
        same = False
    return text if same else spec.text


def _literal(given: Given, found: re.Match[str], text: str) -> str:
    """One line a row: a cell of the Spec sheet holds at most 32,767 characters."""
    column = found.start() - (text.rfind("\n", 0, found.start()) + 1)
    gap = "\n" + " " * (column + 4)
    if given.graph:
        return _graph(given.graph, gap, "," if "{" in text[found.start() - column : found.start()] else "", column)
    rows = ["[" + ", ".join(number_text(float(x)) for x in row) + "]" for row in given.value]
    return f"value: [{(',' + gap).join(rows)}]"


def _graph(graph: Graph, gap: str, comma: str, column: int) -> str:
    names = [json.dumps(label, ensure_ascii=False) for label in graph.labels]
    edges = [f"[{names[a]}, {names[b]}]" for a, b in graph.edges]
    between = f"{comma}\n{' ' * column}"
    return f"nodes: [{(',' + gap).join(names)}]{between}edges: [{(',' + gap).join(edges)}]"


def _equal(ours: tuple[Given, ...], theirs: tuple[Given, ...]) -> bool:
    return len(ours) == len(theirs) and all(
        a.name == b.name
        and a.role == b.role
        and np.array_equal(a.value, b.value)
        and (a.rows, a.columns) == (b.rows, b.columns)
        for a, b in zip(ours, theirs, strict=True)
    )
