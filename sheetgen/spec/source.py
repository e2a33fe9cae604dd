"""YAML with positions: text → a tree of nodes that know their line and column.

Scalars follow YAML 1.2's core schema (`1e-3` is a number, `no` and `2024-01-01` are texts).
The tree is built from the parser's events, so that size, depth and the growth through
aliases are bounded before anything is expanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sheetgen.errors import SpecError
from sheetgen.lang.advice import NUMBER, invisible

LARGEST_TEXT = 5_000_000
MOST_VALUES = 1_000_000
MOST_ALIASED = 100_000
DEEPEST = 30

Key = str | int
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Node:
    """A scalar, a list of nodes or a mapping from texts to nodes; `line` and `column` are 1-based."""

    value: Any
    line: int
    column: int
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Where each key of a mapping stands."""
    size: int = 1
    depth: int = 1
    end: int = 0
    """Where a text, list or mapping ends, in characters of the whole text; blanks and comments may come before."""

    def plain(self) -> Any:
        """The same as ordinary Python values."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        return [node.plain() for node in self.value] if isinstance(self.value, list) else self.value


def lines_of(text: str) -> list[str]:
    """The lines of a text, as YAML counts them."""
    return re.split("\r\n|[\n\r\x85\u2028\u2029]", text)


def column_in(line: str, start: int, text: str, column: int | None) -> int:
    """Where `column` of `text` stands in the line in which the text starts; just the start, if the line doesn't
    hold it as it is (a loop's braces are filled in, a long text is folded)."""
    offset = (column or 1) - 1
    return start + offset if line[start - 1 :].startswith(text[: offset + 1]) else start


def text_of(path: Path) -> str:
    """The text of a spec file. Raises SpecError."""
    try:
        if path.is_dir():
            raise SpecError("This is a folder, not a spec.", path=str(path))
        with path.open("rb") as file:
            raw = file.read(4 * LARGEST_TEXT + 1)
        return raw.decode("utf-8-sig")
    except FileNotFoundError:
        raise SpecError("There is no such file.", path=str(path)) from None
    except OSError as error:
        raise SpecError(f"The file can't be read: {error.strerror}.", path=str(path)) from None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise SpecError("The file isn't text in UTF-8.", path=str(path), line=line) from None


class Source:
    """A spec's text together with its tree; makes errors that point into it."""

    def __init__(self, text: str, path: str) -> None:
        """Raises SpecError for whatever isn't YAML, or too much of it."""
        self.path, self.text = path, text
        self.lines = lines_of(text)
        if len(text) > LARGEST_TEXT:
            raise SpecError(f"The spec is larger than {LARGEST_TEXT // 1_000_000} MB; {IN_FILES}", path=path)
        if bad := re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]", text):
            before = lines_of(text[: bad.start()])
            problem = f"There is a character (code {ord(bad[0])}) here that can't be part of a text."
            raise self.fault(problem, len(before), len(before[-1]) + 1)
        self.root = self._tree()

    def fault(self, message: str, line: int | None, column: int | None = None) -> SpecError:
        """An error at a line (1-based), which it shows."""
        shown = self.lines[line - 1] if line and line <= len(self.lines) else None
        return SpecError(message, path=self.path, line=line, column=column, text=shown)

    def position(self, at: tuple[Key, ...], key: bool = False) -> tuple[int, int]:
        """Line and column of the value at a path of keys, or of its key; of the nearest that there is."""
        node, place = self.root, (self.root.line, self.root.column)
        for item in at:
            if isinstance(node.value, dict) and item in node.value:
                on_key = node.keys[str(item)]
                node = node.value[item]
            elif isinstance(node.value, list) and isinstance(item, int) and item < len(node.value):
                node = node.value[item]
                on_key = (node.line, node.column)
            else:
                break
            place = on_key if key else (node.line, node.column)
        return place

    def node(self, at: tuple[Key, ...]) -> Node | None:
        """What stands at a path of keys of mappings."""
        node: Node | None = self.root
        for item in at:
            node = node.value.get(item) if node and isinstance(node.value, dict) else None
        return node

    def part(self, node: Node) -> Source:
        """A node of this text as a spec of its own, whose errors point into the whole text."""
        part = copy(self)
        part.root = node
        return part

    def error(self, message: str, at: tuple[Key, ...], key: bool = False) -> SpecError:
        """An error at a path of keys."""
        return self.fault(message, *self.position(at, key))

    def locate(self, error: SpecError, at: tuple[Key, ...], key: bool = False) -> SpecError:
        """`error` with its place in this text: its own path of keys is taken from `at` on."""
        return self.error(error.message, (*at, *error.at), key)

    # Reading

    def _tree(self) -> Node:
        try:
            return self._build(yaml.parse(self.text, Loader=Loader))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            problem = " ".join(str(part) for part in (error.problem, error.context) if part)
            line = None if mark is None else mark.line + 1
            shown = self.lines[line - 1] if line and line <= len(self.lines) else ""
            message = f"This can't be read as YAML: {problem}.{_hint(problem, shown)}"
            raise self.fault(message, line, None if mark is None else mark.column + 1) from None
        except yaml.YAMLError as error:
            raise SpecError(f"This can't be read as YAML: {error}", path=self.path) from None

    def _build(self, events: Iterator[Any]) -> Node:
        stack: list[_Open] = []
        anchors: dict[str, Node] = {}
        root: Node | None = None
        nodes = aliased = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                raise self._at(event, "A spec is one YAML document; a second one starts here.")
            if not isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
                continue
            if getattr(event, "tag", None) not in (None, "!", "tag:yaml.org,2002:str"):
                raise self._at(event, "Tags such as `!!float` have no place in a spec.")
            if isinstance(event, yaml.CollectionStartEvent):
                stack.append(_Open(event, isinstance(event, yaml.MappingStartEvent)))
                if len(stack) > DEEPEST:
                    raise self._at(event, f"Lists and mappings are nested more than {DEEPEST} deep here.")
                continue
            anchor = getattr(event, "anchor", None)
            if isinstance(event, yaml.AliasEvent):
                if event.anchor not in anchors:
                    raise self._at(event, f"`*{event.anchor}` refers to nothing above it.")
                node = anchors[event.anchor]
                anchor = None
                aliased += node.size
            elif isinstance(event, yaml.ScalarEvent):
                node = self._scalar(event)
            else:
                top = stack.pop()
                node, anchor = top.close(event.end_mark.index), top.start.anchor
            nodes += 1
            if aliased > MOST_ALIASED:
                raise self._at(event, f"The `*` references expand to more than {MOST_ALIASED:,} values.")
            if nodes > MOST_VALUES:
                raise self._at(event, f"The spec has more than {MOST_VALUES:,} values; {IN_FILES}")
            if len(stack) + node.depth > DEEPEST:
                raise self._at(event, f"Lists and mappings are nested more than {DEEPEST} deep here.")
            if anchor:
                anchors[anchor] = node
            if not stack:
                root = node
            elif problem := stack[-1].add(node, event, self.text):
                raise self._at(event, problem)
        if root is None:
            raise SpecError("The spec is empty. It needs a `title:`, `matrices:` and `steps:`.", path=self.path, line=1)
        return root

    def _at(self, event: Any, message: str) -> SpecError:
        return self.fault(message, event.start_mark.line + 1, event.start_mark.column + 1)

    def _scalar(self, event: Any) -> Node:
        plain = event.style in (None, "") and event.tag is None
        value = _resolve(event.value) if plain else event.value
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if event.style in ("|", ">"):
            line, column = line + 1, 1
        elif event.style:
            column += 1
        return Node(value, line, column, end=event.end_mark.index)


class _Open:
    """A list or mapping whose end hasn't been read yet."""

    def __init__(self, start: Any, mapping: bool) -> None:
        self.start, self.mapping = start, mapping
        self.items: list[Node] = []
        self.pairs: dict[str, Node] = {}
        self.keys: dict[str, tuple[int, int]] = {}
        self.key: str | None = None

    def add(self, node: Node, event: Any, text: str) -> str | None:
        """Take in a node; the answer is what is wrong with it."""
        if not self.mapping:
            self.items.append(node)
        elif self.key is not None:
            self.pairs[self.key] = node
            self.key = None
        elif not isinstance(event, yaml.ScalarEvent):
            return "A key must be a plain word."
        elif event.value in self.pairs:
            return f"`{event.value}` stands here a second time; it is already on line {self.keys[event.value][0]}."
        else:
            self.key = event.value
            self.keys[event.value] = (node.line, node.column)
        return None

    def close(self, end: int) -> Node:
        inside = list(self.pairs.values()) if self.mapping else self.items
        mark = self.start.start_mark
        return Node(
            self.pairs if self.mapping else self.items,
            mark.line + 1,
            mark.column + 1,
            self.keys,
            1 + sum(node.size for node in inside),
            1 + max((node.depth for node in inside), default=0),
            end,
        )


IN_FILES = "give large matrices as files, such as `file: weights.npz#W1`."
SPECIAL = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **{sign + word: float(sign + "inf") for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")},
}


def _resolve(text: str) -> Any:
    """The value of an unquoted scalar."""
    if text in SPECIAL:
        return SPECIAL[text]
    if not NUMBER.fullmatch(text):
        return text
    whole = text.lstrip("+-").isdigit() and len(text) < 4000
    return int(text) if whole else float(text)


def _hint(problem: str, line: str) -> str:
    if strange := invisible(line):
        return f" {strange}"
    if "\t" in line[: len(line) - len(line.lstrip())] or "'\\t'" in problem:
        return " Indent with spaces, not tabs."
    if "mapping values are not allowed" in problem:
        return " A text that contains `: ` needs quotes around it."
    if "cannot start any token" in problem:
        return " A text that starts with such a sign needs quotes around it."
    return ""


def is_page(source: Source) -> bool:
    """Whether a text is a page of several exercises, not one spec. Raises SpecError if it would be both."""
    root = source.root.value
    if not isinstance(root, dict) or "exercises" not in root:
        return False
    if "steps" in root and isinstance(root["exercises"].value, list):
        raise source.error("A page of `exercises` has no steps of its own: each of them has.", ("steps",), True)
    return "steps" not in root
