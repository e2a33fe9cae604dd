"""Options: the literal keyword arguments of operations, each with what may be written for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sheetgen.ir.node import is_number, is_whole


@dataclass(frozen=True)
class Option:
    """An option with its default; `fits` checks what a spec writes, `wanted` tells what it should be, and `read` makes
    of it what the operation is handed. `ignored` ones are accepted, as numpy has them, and have no effect."""

    default: Any
    fits: Callable[[Any], bool]
    wanted: str
    read: Callable[[Any], Any] = lambda value: value
    ignored: bool = False


def number(default: float) -> Option:
    """Any number."""
    return Option(default, is_number, "a number")


def whole(default: int, lowest: int, highest: int) -> Option:
    """A whole number between two others."""
    wanted = f"a whole number from {lowest} to {highest}"
    return Option(default, lambda value: is_whole(value) and lowest <= value <= highest, wanted)


def integer() -> Option:
    """A whole number; left out, None."""
    return Option(None, lambda value: value is None or is_whole(value), "a whole number")


def count() -> Option:
    """A whole number from 1 on; there is no default."""
    return Option(None, lambda value: is_whole(value) and value >= 1, "a whole number from 1 on")


def choice(default: str, *others: str) -> Option:
    """One of several words."""
    words = (default, *others)
    return Option(default, lambda value: value in words, " or ".join(f'"{word}"' for word in words))


def flag(default: bool) -> Option:
    """True or False."""
    return Option(default, lambda value: isinstance(value, bool), "True or False")


def axis(default: int | None) -> Option:
    """0, 1 or None; counted from the end, too."""
    return Option(
        default,
        lambda value: value is None or (is_whole(value) and -2 <= value <= 1),
        "0 (down the columns), 1 (along the rows) or left out",
        lambda value: value if value is None else value % 2,
    )


def lines(default: int) -> Option:
    """0 or 1, of what is about each line and means nothing for everything at once; counted from the end, too."""
    return Option(
        default,
        lambda value: is_whole(value) and -2 <= value <= 1,
        "0 (down the columns) or 1 (along the rows)",
        lambda value: value % 2,
    )


def keepdims() -> Option:
    """As numpy has it; everything keeps two dimensions here."""
    wanted = "left out: reductions always keep two dimensions"
    return Option(True, lambda value: value is True, wanted, ignored=True)


def size(default: Any) -> Option:
    """A whole number from 1 on, or a pair: rows and columns."""

    def fits(value: Any) -> bool:
        pair = value if isinstance(value, tuple) else (value, value)
        return len(pair) == 2 and all(is_whole(v) and v >= 1 for v in pair)

    return Option(default, fits, "a whole number from 1 on, or a pair (rows, columns)")


def shape() -> Option:
    """Rows and columns; there is no default."""

    def fits(value: Any) -> bool:
        return isinstance(value, tuple | list) and len(value) == 2 and all(is_whole(v) and v >= 1 for v in value)

    return Option(None, fits, "a pair (rows, columns)", tuple)
