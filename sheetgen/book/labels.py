"""The texts of a drawn sheet → blocks of one cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetgen.book import theme
from sheetgen.book.cells import Block
from sheetgen.book.ground import Ground
from sheetgen.book.styles import Style, Styles
from sheetgen.layout.plan import Label

SHAFT = "—"
"""A piece of a long arrow: it fills its cell."""


def label_blocks(labels: Sequence[Label], ground: Ground, styles: Styles, least: float) -> list[Block]:
    """One cell per label; no text is smaller than `least` points."""
    blocks = []
    for label in labels:
        value: object = clean(label.text)
        if label.formula is not None and label.style == "number":
            value = _number(label.text)
        formulas = ((label.formula,),) if label.formula is not None else None
        style = styles.id(style_of(label, ground, least))
        blocks.append(cell(label.row, label.column, value, style, formulas, f"the label “{label.text[:40]}”"))
    return blocks


def style_of(label: Label, ground: Ground, least: float) -> Style:
    """How a label looks."""
    look = theme.LABELS[label.style]
    color = look.color
    if label.hue is not None:
        color = theme.hue(label.hue)
    elif label.color is not None and look.fill is None:
        color = theme.LABEL_INK.get(label.color, color)
    many = label.rows > 1
    return Style(
        max(look.size, least), look.bold, look.italic, bool(label.link) and label.step == 0, color,
        fill=look.fill or ground.color(label.row), sides=ground.sides(label.row, label.column), align=align_of(label),
        vertical="top" if many else "center", wrap=many,
        quote=label.formula is None and label.text.startswith(("=", "+", "-", "@")),
    )  # fmt: skip


def align_of(label: Label) -> str:
    """How a label stands in its cell."""
    if label.style == "badge":
        return "center"
    if label.style == "arrow":
        return "fill" if label.text == SHAFT else "center"
    return label.align


def cell(
    row: int,
    column: int,
    value: object,
    style: int,
    formulas: Sequence[Sequence[str | None]] | None = None,
    what: str = "a label",
) -> Block:
    """A block of one cell."""
    values = np.empty((1, 1), dtype=object)
    values[0, 0] = value
    return Block(row, column, values, style, formulas, what=what)


def clean(text: str) -> str:
    """Text for one line of a cell: control characters, which a reader can't see, become spaces or vanish."""
    text = text.replace("\n", " ").replace("\t", " ")
    return "".join(c for c in text if c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text
