"""How the loss changed."""

from __future__ import annotations

from sheetgen.layout.words.pieces import Cell


def change(before: Cell, after: Cell) -> tuple[str, str]:
    """▼ where the loss falls, ▲ where it rises, = where it stays: formula and text."""
    old, new = before.address, after.address
    sign = "▼" if after.value < before.value else "▲" if after.value > before.value else "="
    return f'IF({new}<{old},"▼",IF({new}>{old},"▲","="))', sign
