"""The sheet Data: all samples of a training, of which each row of Training takes a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sheetgen.cells.a1 import Rect
from sheetgen.ir.program import Given
from sheetgen.ir.training import Batches
from sheetgen.layout.plan import Label, Region, SheetPlan
from sheetgen.names import DATA
from sheetgen.passes.train import whole

HEADS, NUMBERS, FIRST = 5, 6, 7
"""Rows of the captions, of the first numbers of samples, and below these of the first data."""
LEFT = 3
"""The column of the first data; labels stand left of it."""


@dataclass(frozen=True)
class _Place:
    """Where the cells of a matrix begin, and the numbers of its samples, above or left of them."""

    given: Given
    row: int
    column: int
    rows: tuple[str, ...]
    columns: tuple[str, ...]


def places(batches: Batches) -> dict[str, Rect]:
    """Where each whole matrix of data stands, by its key."""
    return {whole(at.given.name): Rect(DATA, at.row, at.column, *at.given.shape) for at in _placed(batches)}


def data_sheet(batches: Batches, page: Mapping[str, Region], title: str, called: Callable[[str], str]) -> SheetPlan:
    """The sheet. `page` has the regions of the same matrices on the Canvas, which tell how they look and what may be
    typed; `called` gives the names that readers know."""
    regions, labels = list[Region](), list[Label]()
    for at in _placed(batches):
        given, like = at.given, page[at.given.name]
        regions.append(Region(whole(given.name), like.role, at.row, at.column, given.value, prompt=like.prompt,
                              integers=given.integers))  # fmt: skip
        labels.append(Label(at.row - 2, at.column, f"{called(given.name)}  {given.about}".strip(), "name"))
        labels += [Label(at.row - 1, at.column + k, text, "label", align="center") for k, text in enumerate(at.columns)]
        labels += [Label(at.row + k, at.column - 1, text, "label", align="right") for k, text in enumerate(at.rows)]
    line = "column" if batches.axis else "row"
    return SheetPlan(
        title=DATA,
        heading=f"{title}: the data",
        about=f"A {line} is a sample. Each row of the sheet Training takes a batch of them, by their numbers.",
        regions=tuple(regions),
        labels=tuple(labels),
        first_row=HEADS,
    )


def _placed(batches: Batches) -> list[_Place]:
    """One below another if samples are columns, else side by side; the sample's number stands at each."""
    found, row, column = list[_Place](), FIRST, LEFT
    for given in batches.data:
        numbers = tuple(map(str, range(given.shape[batches.axis])))
        names = given.columns if batches.axis else given.rows
        samples = tuple(f"{k} {name}" for k, name in zip(numbers, names, strict=True)) if names else numbers
        rows, columns = (given.rows, samples) if batches.axis else (samples, given.columns)
        found.append(_Place(given, row, column, rows, columns))
        if batches.axis:
            row += given.shape[0] + 3
        else:
            column += given.shape[1] + 2
    return found
