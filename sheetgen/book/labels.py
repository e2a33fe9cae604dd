"""The texts of a drawn sheet → cells."""

from __future__ import annotations

from collections.abc import Sequence, Set

from sheetgen.book import theme
from sheetgen.book.cells import Cell
from sheetgen.book.ground import Ground
from sheetgen.book.styles import Style, Styles
from sheetgen.layout.numbers import number_in
from sheetgen.layout.plan import Label

OFF = {"left": r"\ @", "right": "@\\ "}
"""How a text is shown that keeps off the side of its cell, by how it stands there: with a space."""


def label_cells(
    labels: Sequence[Label], ground: Ground, styles: Styles, least: float, inset: Set[tuple[int, int]] = frozenset()
) -> list[Cell]:
    """One cell per label; no text is smaller than `least` points, and those in the cells `inset` (row, column) keep off
    their side."""
    cells = []
    known: dict[tuple[object, ...], int] = {}
    for label in (part for whole in labels for part in _alike(whole, ground)):
        row, column, formula = label.row, label.column, label.formula
        text = "\n".join(map(clean, label.text.split("\n"))) if label.style == "sentence" else clean(label.text)
        quote = formula is None and text.startswith(("=", "+", "-", "@"))
        key = (
            label.style, label.color, label.hue, align_of(label), label.rows > 1, label.lines > 1, label.upright,
            bool(label.link) and label.step == 0, ground.color(row), ground.sides(row, column), quote,
            (row, column) in inset,
        )  # fmt: skip
        if key not in known:
            style = style_of(label, ground, least)
            known[key] = styles.id(style._replace(number=OFF[style.align]) if (row, column) in inset else style)
        value: object = number_in(label.text) if formula is not None and label.style == "number" else text
        cells.append(Cell(row, column, value, known[key], formula, label.down))
    return cells


def _alike(label: Label, ground: Ground) -> tuple[Label, ...]:
    """A label of several cells as it is, if all stand on the same ground without lines, or else one for each cell."""
    if label.down == 1:
        return (label,)
    rows = range(label.row, label.row + label.down)
    even = all((row in ground.shaded) == (label.row in ground.shaded) and row not in ground.tops for row in rows)
    lined = any(label.column in lines for row in rows if (lines := ground.lines.get(row)))
    return (label,) if even and not lined else label.each


def style_of(label: Label, ground: Ground, least: float) -> Style:
    """How a label looks."""
    look = theme.LABELS[label.style]
    color = look.color
    if label.hue is not None:
        color = theme.hue(label.hue)
    elif label.color is not None and look.fill is None:
        color = theme.LABEL_INK.get(label.color, color)
    many, low = label.rows > 1, label.upright or (label.style in ("name", "hint") and label.align == "left")
    return Style(
        max(look.size, least), look.bold, look.italic, bool(label.link) and label.step == 0, color,
        fill=look.fill or ground.color(label.row), sides=ground.sides(label.row, label.column), align=align_of(label),
        vertical="top" if many else "bottom" if low else "center",
        wrap=label.lines > 1 or (many and label.style != "equation"), upright=label.upright,
        indent=many and label.style == "note",
        quote=label.formula is None and label.text.startswith(("=", "+", "-", "@")),
    )  # fmt: skip


def align_of(label: Label) -> str:
    """How a label stands in its cell."""
    return "center" if label.style == "badge" else label.align


def clean(text: str) -> str:
    """Text for one line of a cell: control characters, which a reader can't see, become spaces or vanish."""
    if text.isprintable():
        return text
    text = text.replace("\n", " ").replace("\t", " ")
    return "".join(c for c in text if c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
