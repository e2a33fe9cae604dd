"""Edges as lines of text: .csv with or without a header, and .edgelist."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sheetgen.lang.advice import NUMBER
from sheetgen.spec.edges import Edge, Listing, Place, node_name, order_of_appearance, weight_of
from sheetgen.spec.files import lines_of_csv, quote

PAIRS = (
    ("source", "target"), ("src", "dst"), ("src", "dest"), ("source", "destination"), ("from", "to"),
    ("node1", "node2"), ("nodea", "nodeb"), ("sender", "receiver"), ("start", "end"), ("sourceid", "targetid"),
    ("fromid", "toid"), ("fromnode", "tonode"), ("fromnodeid", "tonodeid"), ("id1", "id2"), ("vertex1", "vertex2"),
)  # fmt: skip
"""What headers call the two ends of an edge, without case, blanks and signs."""
WEIGHTS = ("weight", "weights", "w", "value")
NO_WEIGHTS = ("id", "edge", "edgeid", "index", "key", "no", "nr", "number", "time", "timestamp", "date", "year")
"""Columns of numbers that aren't taken for weights."""
ASK = "write `source,target` (or `source,target,weight`) as the first line"
SPLIT = "put names that contain such signs into quotes, and write decimals with a point"


@dataclass(frozen=True)
class Row:
    """The cells of a line."""

    cells: tuple[str, ...]
    place: Place


@dataclass(frozen=True)
class Columns:
    """Which column holds what, and whether the first row says so itself."""

    source: int = 0
    target: int = 1
    weight: int | None = None
    kind: int | None = None
    """Gephi's `Type`: Directed or Undirected."""
    header: bool = False

    def said(self, first: Sequence[str]) -> str:
        """`columns from and to, weights from w, without id`."""

        def name(k: int) -> str:
            return quote(first[k]).strip("`") if self.header else str(k + 1)

        used = (self.source, self.target, self.weight, self.kind)
        others = [name(k) for k in range(len(first)) if k not in used]
        return (
            f"columns {name(self.source)} and {name(self.target)}"
            + ("" if self.weight is None else f", weights from {name(self.weight)}")
            + (f", without {', '.join(others[:9])}" if others else "")
        )


def read_csv(text: str, file: str, weights: bool) -> Listing:
    """Edges, one a line, separated by commas, semicolons or tabs; the columns are those that the header names.

    Without `weights`, none are looked for. Raises SpecError, with the line.
    """
    lines = re.split("\r\n?|\n", text)
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    sign = _delimiter(lines[first], Place(("file",), file, first + 1))
    rows = [
        _row(cells, Place(("file",), file, number))
        for number, cells in lines_of_csv(text, sign, file)
        if any(map(str.strip, cells))
    ]
    return _listing(rows, weights, counted=True)


def read_edgelist(text: str, file: str, weights: bool) -> Listing:
    """Edges, one a line, separated by blanks, tabs or commas: `A B`, `A B 0.5`, `A B {'weight': 0.5}`, `A,B`.

    A line that begins with `# ` is a comment; within a name, `#` is a sign like any other. Raises SpecError.
    """
    rows = []
    for number, line in enumerate(re.split("\r\n?|\n", text), 1):
        place = Place(("file",), file, number)
        if line.strip() and not _comment(line.strip(), place):
            rows.append(_row(_cells(line.strip(), place), place))
    return _listing(rows, weights, counted=False)


def _row(cells: Sequence[str], place: Place) -> Row:
    return Row(tuple(cell.strip() for cell in cells), place)


def _delimiter(line: str, place: Place) -> str:
    try:
        found = [sign for sign in ",;\t" if len(next(csv.reader([line], delimiter=sign), [])) > 1]
    except csv.Error:
        raise place.error("a cell is too long.") from None
    if len(found) > 1:
        signs = " and at ".join("a tab" if sign == "\t" else f"`{sign}`" for sign in found)
        raise place.error(f"the cells could end at {signs}: {SPLIT}.")
    return found[0] if found else ","


def _comment(line: str, place: Place) -> bool:
    if not line.startswith("#"):
        return False
    if re.match(r"#+(\s|$)|#\S*$", line):
        return True
    problem = f"{quote(line)} may be a comment or an edge: a comment begins with `# `, with a blank; names that begin "
    raise place.error(problem + "with `#` go into a .csv file.")


def _cells(line: str, place: Place) -> list[str]:
    ends, brace, data = line.partition("{")
    sign = "\t" if "\t" in ends else "," if "," in ends else r"\s"
    parts = re.split(rf"\s*{sign}\s*", ends.strip())
    if sign == "," and any(re.search(r"\s", part) for part in parts):
        raise place.error(f"the cells could end at `,` and at a blank: write a .csv file, and {SPLIT}.")
    if not brace:
        return parts
    try:
        weight = dict(ast.literal_eval(brace + data)).get("weight")
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise place.error(f"{quote(brace + data)} can't be read; write `A B`, or `A B 0.5` with a weight.") from None
    return parts if weight is None else [*parts, str(weight)]


def _listing(rows: Sequence[Row], weights: bool, counted: bool) -> Listing:
    if not rows:
        return Listing((), (), None)
    place = rows[0].place
    first = rows[0].cells
    while first and not first[-1]:
        first = first[:-1]
    if len(first) < 2:
        raise place.error("an edge needs two nodes, such as `A,B`.")
    for row in rows:
        if len(row.cells) < len(first) or any(row.cells[len(first) :]):
            count = len(row.cells)
            raise row.place.error(
                f"an edge needs two nodes, such as `{first[0]},{first[1]}`." if count == 1 else
                f"there are {count} cells, but {len(first)} in {place}."
            )  # fmt: skip
    columns = _columns(first, [row.cells for row in rows[1:]], place, weights, counted)
    edges = []
    for row in rows[columns.header :]:
        source, target = (node_name(row.cells[k], row.place) for k in (columns.source, columns.target))
        weight = None if columns.weight is None else weight_of(row.cells[columns.weight], row.place)
        edges.append(Edge(source, target, weight, row.place))
    found = tuple(edges)
    return Listing(order_of_appearance(found), found, _direction(rows, columns), columns.said(first))


def _direction(rows: Sequence[Row], columns: Columns) -> bool | None:
    if columns.kind is None:
        return None
    words = {row.cells[columns.kind].casefold() for row in rows[1:]}
    if len(words) > 1:
        raise rows[0].place.error("some edges are directed and others aren't: list one that goes both ways twice.")
    return words == {"directed"}


def _columns(
    first: Sequence[str], below: Sequence[Sequence[str]], place: Place, weights: bool, counted: bool
) -> Columns:
    """Which column is which, from the header or from what stands below; what could be either is refused."""
    words = [re.sub(r"[^a-z0-9]", "", cell.casefold()) for cell in first]
    for source, target in PAIRS:
        if words.count(source) == 1 and words.count(target) == 1:
            return _named(first, words, words.index(source), words.index(target), below, place, weights)
    if len(first) > 3:
        shown = ", ".join(quote(cell) for cell in first[:4])
        problem = f"which of the {len(first)} columns ({shown}{' …' * (len(first) > 4)}) are the two ends of an edge?"
        raise place.error(f"{problem} Please {ASK}.")
    if len(first) == 3:
        if not _is_number(first[2]):
            raise place.error(f"{quote(first[2])} isn't a weight, and no header says what the columns are; {ASK}.")
        if counted and _is_count([first[0], *(row[0] for row in below)], [first, *below]):
            problem = "the first column counts the lines: is it a node, or the edge's number?"
            raise place.error(f"{problem} Please {ASK}, or `id,source,target`.")
        return Columns(weight=2 if weights else None)
    again = {cell for row in below for cell in row[:2]}
    if not below or first[0] == first[1] or again & set(first) or any(_is_number(cell) for cell in first):
        return Columns()
    if all(_is_number(cell) for cell in again):
        return Columns(header=True)
    raise place.error(
        f"is {quote(','.join(first))} an edge, or a header? No other line has these names. Write `source,target` above "
        "it if it is an edge, and in its place if it is a header."
    )


def _named(
    first: Sequence[str], words: list[str], source: int, target: int, below: Sequence[Sequence[str]], place: Place,
    weights: bool,
) -> Columns:  # fmt: skip
    """The columns of a header whose `source` and `target` are known."""
    ends = {row[k] for row in below for k in (source, target)}
    if again := [first[k] for k in (source, target) if first[k] in ends]:
        raise place.error(f"{quote(again[0])} is a node further down, so this may be an edge or a header; {ASK}.")
    kind = words.index("type") if "type" in words else None
    if kind is not None and not {row[kind].casefold() for row in below} <= {"directed", "undirected"}:
        kind = None
    if not weights:
        return Columns(source, target, None, kind, True)
    found = [k for name in WEIGHTS for k, word in enumerate(words) if word == name]
    if len(found) > 1 and words[found[1]] != "value":
        one, other = (quote(first[k]) for k in found[:2])
        raise place.error(f"{one} and {other} could both be the weight; rename one.")
    for k, word in enumerate(words):
        if not found and k not in (source, target) and word not in NO_WEIGHTS and below and all(
            _is_number(row[k]) for row in below
        ):  # fmt: skip
            problem = f"{quote(first[k])} holds a number for each edge. If these are weights, call it `weight`; if not,"
            raise place.error(f"{problem} write `weights: false` in the spec.")
    return Columns(source, target, found[0] if found else None, kind, True)


def _is_number(text: str) -> bool:
    return bool(NUMBER.fullmatch(text))


def _is_count(cells: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether `cells` are 0, 1, 2 … or 1, 2, 3 …, long enough to be no accident, in a table of whole numbers."""
    counts = any(list(cells) == [str(k + start) for k in range(len(cells))] for start in (0, 1))
    return counts and len(cells) > 2 and all(cell.isdecimal() for row in rows for cell in row)
