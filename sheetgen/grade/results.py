"""What grading finds: for each returned workbook its marks, its first mistake, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

ALL_RIGHT, SO_FAR = "all right", "no mistake so far"


@dataclass(frozen=True)
class Part:
    """A matrix that was to be filled in: its name, what readers call it, how it comes about, and its cells."""

    matrix: str
    title: str
    equation: str
    cells: int


@dataclass(frozen=True)
class Box:
    """A student's cells of one matrix, in numbers: those that are right and wrong by the student's own numbers before
    them, typed but not to be judged as something before them is missing, and empty; and right as on the key."""

    right: int
    wrong: int
    waiting: int
    empty: int
    strict: int

    @property
    def cells(self) -> int:
        return self.right + self.wrong + self.waiting + self.empty

    @property
    def all_right(self) -> bool:
        return self.right == self.cells


@dataclass(frozen=True)
class Mistake:
    """A student's first wrong cell: matrix, row and column from 1, what was typed (a number, or a text), the number
    that follows from what stands before it, and why it is another one, in words."""

    matrix: str
    title: str
    row: int
    column: int
    typed: float | str
    right: float | None
    cause: str
    shape: tuple[int, int]

    @property
    def place(self) -> str:
        """`row 4`, `row 1, column 5`, or nothing for a single cell."""
        parts = [f"{word} {number}" for word, number, size in
                 zip(("row", "column"), (self.row, self.column), self.shape, strict=True) if size > 1]  # fmt: skip
        return ", ".join(parts)


@dataclass(frozen=True)
class Grade:
    """A returned workbook. Where it couldn't be graded, `problem` says why, and there are no marks."""

    file: Path
    """Within the folder that was graded."""
    student: str
    group: str = ""
    id: str = ""
    """By which a learning platform knows the student; empty if the file's name doesn't tell."""
    boxes: tuple[Box, ...] = ()
    """One for each matrix, in the order of the parts."""
    hints: int = 0
    first: Mistake | None = None
    remarks: tuple[str, ...] = ()
    problem: str = ""

    @property
    def points(self) -> int:
        """Cells that are right by the student's own numbers."""
        return sum(box.right for box in self.boxes)

    @property
    def strict(self) -> int:
        """Cells that hold the key's numbers."""
        return sum(box.strict for box in self.boxes)

    @property
    def open(self) -> int:
        """Cells that are empty."""
        return sum(box.empty for box in self.boxes)

    @property
    def said(self) -> str:
        """How it went, in a few words."""
        if self.problem:
            return self.problem
        if self.first is None:
            return ALL_RIGHT if all(box.all_right for box in self.boxes) else SO_FAR
        return " ".join(part for part in (self.first.title, self.first.place) if part) + f": {self.first.cause}"


@dataclass(frozen=True)
class Grades:
    """A graded class: the exercise's title and parts, how many decimals it asks for, and a result for each file."""

    title: str
    parts: tuple[Part, ...]
    decimals: int
    results: tuple[Grade, ...] = field(repr=False)

    @property
    def cells(self) -> int:
        """The most that can be right."""
        return sum(part.cells for part in self.parts)

    @property
    def graded(self) -> tuple[Grade, ...]:
        return tuple(result for result in self.results if not result.problem)

    @property
    def refused(self) -> tuple[Grade, ...]:
        """Files that couldn't be graded."""
        return tuple(result for result in self.results if result.problem)

    @property
    def all_right(self) -> int:
        """How many students have everything right."""
        return sum(result.points == self.cells for result in self.graded)

    @property
    def median(self) -> float:
        """Of the points; 0 without any."""
        return float(median(result.points for result in self.graded)) if self.graded else 0.0

    @property
    def causes(self) -> list[tuple[str, int]]:
        """Why first mistakes were made, and how often, the most frequent first."""
        return Counter(result.first.cause for result in self.graded if result.first).most_common()

    def to_json(self) -> dict[str, Any]:
        """Everything, as JSON has it."""
        return {
            "title": self.title, "cells": self.cells, "decimals": self.decimals,
            "parts": [{"matrix": part.matrix, "equation": part.equation, "cells": part.cells} for part in self.parts],
            "results": [_json(result, self.parts) for result in self.results],
        }  # fmt: skip


def _json(result: Grade, parts: Sequence[Part]) -> dict[str, Any]:
    first = result.first
    mistake = None if first is None else {
        "matrix": first.matrix, "row": first.row, "column": first.column, "typed": first.typed, "right": first.right,
        "cause": first.cause,
    }  # fmt: skip
    boxes = {part.matrix: {"right": box.right, "wrong": box.wrong, "waiting": box.waiting, "empty": box.empty,
                           "strict": box.strict}
             for part, box in zip(parts, result.boxes, strict=False)}  # fmt: skip
    return {
        "file": result.file.as_posix(), "student": result.student, "class": result.group, "id": result.id,
        "points": None if result.problem else result.points, "strict": None if result.problem else result.strict,
        "hints": result.hints, "matrices": boxes, "first_mistake": mistake, "remarks": list(result.remarks),
        "problem": result.problem or None,
    }  # fmt: skip
