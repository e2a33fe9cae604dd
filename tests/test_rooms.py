"""Imports go one way: what each room of the package may use stands in one table, and nothing else does."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import networkx as nx
import pytest

PACKAGE = Path(__file__).parents[1] / "sheetgen"

MAY_USE: dict[str, set[str]] = {
    "errors": set(),
    "limits": set(),
    "names": set(),
    "signals": set(),
    "garbage": set(),
    "records": set(),
    "pool": {"signals"},
    "atomic": {"errors"},
    "ir": set(),
    "ops": {"ir"},
    "lang": {"errors", "limits", "ir", "ops"},
    "spec": {"errors", "limits", "ir", "lang"},
    "passes": {"errors", "limits", "names", "records", "ir", "ops", "lang", "spec"},
    "cells": {"ir", "ops", "lang"},
    "layout": {"limits", "names", "records", "ir", "ops", "lang", "passes", "cells"},
    "exercise": {"errors", "names", "ir", "ops", "lang", "passes", "cells", "layout"},
    "book": {"atomic", "errors", "garbage", "limits", "names", "cells", "layout"},
    "web": {"errors", "names", "cells", "layout", "book"},
    "proof": {"errors", "limits", "signals", "ir", "ops", "lang", "passes", "cells", "layout"},
    "grade": {"errors", "ir", "ops", "passes", "cells", "layout", "exercise", "book", "proof"},
    "mistake": {"errors", "names", "ir", "ops", "cells", "layout", "exercise", "pages", "proof"},
    "pages": {"atomic", "errors", "layout", "exercise", "grade", "book", "web"},
    "workbook": {"errors", "ir", "spec", "passes", "layout", "exercise", "mistake", "web", "proof", "pages"},
    "api": {
        "errors", "garbage", "names", "ir", "spec", "passes", "layout", "exercise", "proof", "pages", "workbook",
    },
    "classes": {
        "atomic", "errors", "pool", "lang", "spec", "passes", "layout", "exercise", "grade", "proof", "pages",
        "workbook", "api",
    },
    "cmd": {
        "", "atomic", "errors", "names", "signals", "pool", "ir", "lang", "spec", "grade", "proof", "pages",
        "workbook", "api", "classes", "web",
    },
    "": {"errors", "ir", "passes", "layout", "exercise", "grade", "proof", "pages", "workbook", "api", "classes"},
    "__main__": {"cmd"},
}
"""Room → the rooms that it may import; `""` is the package's own `__init__`, whose imports are lazy."""


def room(module: str) -> str:
    """`spec` for `sheetgen.spec.read`, and `""` for `sheetgen`."""
    return module.split(".")[1] if "." in module else ""


def imports(path: Path) -> set[str]:
    """The modules of the package that a file imports, at the top or later."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "sheetgen":
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] == "sheetgen"}
    return found


def modules() -> dict[str, Path]:
    """Every module's dotted name and file."""
    names = {".".join(("sheetgen", *p.relative_to(PACKAGE).with_suffix("").parts)): p for p in PACKAGE.rglob("*.py")}
    return {name.removesuffix(".__init__"): path for name, path in names.items()}


@cache
def edges() -> set[tuple[str, str]]:
    """(importing module, imported module) of the whole package."""
    known = modules()
    found = set()
    for name, path in known.items():
        for target in imports(path):
            while target not in known:
                target = target.rpartition(".")[0]
            found.add((name, target))
    return {(a, b) for a, b in found if a != b}


def test_every_room_stands_in_the_table() -> None:
    assert {room(name) for name in modules()} == set(MAY_USE)


@pytest.mark.parametrize("name", sorted(MAY_USE))
def test_a_room_uses_only_what_it_may(name: str) -> None:
    wrong = {(a, b) for a, b in edges() if room(a) == name and room(b) not in {*MAY_USE[name], name}}
    assert wrong == set()


def test_no_circles() -> None:
    """Between rooms none at all, and between modules none either; a package's own `__init__` may gather its modules."""
    table = nx.DiGraph([(a, b) for a, used in MAY_USE.items() for b in used])
    assert list(nx.simple_cycles(table)) == []
    graph = nx.DiGraph([(a, b) for a, b in edges() if not a.startswith(f"{b}.") and b != "sheetgen"])
    assert list(nx.simple_cycles(graph)) == []


def test_the_table_says_no_more_than_is_used() -> None:
    used: dict[str, set[str]] = {name: set() for name in MAY_USE}
    for a, b in edges():
        if room(a) != room(b):
            used[room(a)].add(room(b))
    assert used == MAY_USE
