"""What a spec may call a matrix."""

from __future__ import annotations

import keyword
import re

from sheetgen.errors import SpecError
from sheetgen.lang.syntax import known_functions

LONGEST = 80
"""Leaves room for what the compiler adds: `d{loss}_d{name}`."""


def check_name(name: str) -> None:
    """Raise SpecError unless `name` may be used for a matrix (or a graph's adjacency)."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name, re.ASCII):
        problem = "can't be a name: names consist of the letters A to Z, digits and `_`, and don't start with a digit"
    elif keyword.iskeyword(name):
        problem = "is a word of the expression language (Python's), so it can't be a name"
    elif name in known_functions():
        problem = f"is a function, so it can't be a name; `{name}_1` could"
    elif len(name) > LONGEST:
        problem = f"is too long for a name: {LONGEST} characters at most"
    else:
        return
    shown = name if len(name) <= LONGEST else name[:40] + "…"
    raise SpecError(f"`{shown}` {problem}.")
