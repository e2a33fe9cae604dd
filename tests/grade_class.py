"""A class that hands in an exercise: what each student types, how it is saved, and by numpy what it should earn."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import openpyxl
from openpyxl.workbook.defined_name import DefinedName

import sheetgen
from sheetgen.layout.plan import Region
from sheetgen.pages import Exercise
from sheetgen.workbook import Workbook

W1 = np.array([[0.7, -0.4, 0.3], [-1.2, 0.8, 0.5], [0.6, 0.9, -0.2]])
B1 = np.array([[0.35], [-0.6], [0.75]])
X = np.array([[1.3], [-0.7], [2.1]])
W2 = np.array([[0.45, -1.1, 0.75], [-0.65, 0.3, 1.2]])
B2 = np.array([[0.25], [-0.4]])
Y = np.array([[1.0], [0.5]])
RATE = 0.3
LESSON = ("Z1", "A1", "Z2", "dL_dZ2", "dL_dW2", "W2_new")
TEXT = f"""title: A lesson
matrices:
  X: {{role: input, value: {X.tolist()}}}
  W1: {{role: parameter, value: {W1.tolist()}}}
  b1: {{role: parameter, value: {B1.tolist()}}}
  W2: {{role: parameter, value: {W2.tolist()}}}
  b2: {{role: parameter, value: {B2.tolist()}}}
  Y: {{role: target, value: {Y.tolist()}}}
steps:
  - Z1 = W1 @ X + b1
  - A1 = relu(Z1)
  - Z2 = W2 @ A1 + b2
  - L = sum((Z2 - Y)**2)
loss: L
backward: {{wrt: [W2]}}
update: {{learning_rate: {RATE}}}
exercise: {{blank: [{", ".join(LESSON)}], round: 2}}
"""
HALF = 0.005
Page = dict[str, np.ndarray]


@cache
def lesson() -> Workbook:
    return sheetgen.compile_text(TEXT)


@cache
def task() -> Exercise:
    return lesson().exercise()


def rounded(x: np.ndarray) -> np.ndarray:
    return np.sign(x) * np.floor(np.abs(x) * 100 + 0.5) / 100


def follows(page: Mapping[str, np.ndarray]) -> Page:
    """What each matrix comes to from the numbers on a page; NaN where they are missing."""
    z1, a1, z2, g, gw = (page[name] for name in LESSON[:5])
    return {
        "Z1": W1 @ X + B1, "A1": np.where(z1 > 0, z1, np.where(np.isnan(z1), np.nan, 0.0)), "Z2": W2 @ a1 + B2,
        "dL_dZ2": 2 * (z2 - Y), "dL_dW2": g @ a1.T, "W2_new": W2 - RATE * gw,
    }  # fmt: skip


def tolerances(page: Mapping[str, np.ndarray]) -> Page:
    """Half a unit, and what a half unit of each typed operand makes of the cell."""
    a1, g = np.abs(page["A1"]), np.abs(page["dL_dZ2"])
    off = {
        "Z1": np.zeros((3, 1)), "A1": np.ones((3, 1)), "Z2": np.abs(W2).sum(1, keepdims=True),
        "dL_dZ2": np.full((2, 1), 2.0), "dL_dW2": g + a1.T, "W2_new": np.full((2, 3), RATE),
    }  # fmt: skip
    return {name: HALF * (1 + each) + 1e-5 for name, each in off.items()}


def solved(change: Mapping[str, Callable[[np.ndarray], np.ndarray]] | None = None, exact: bool = False) -> Page:
    """A page filled in from top to bottom, each number rounded; `change` is done to a matrix before it is gone on with.
    """
    page = {name: np.full(shape, np.nan) for name, shape in SHAPES.items()}
    for name in LESSON:
        value = follows(page)[name]
        page[name] = value if exact else rounded(value)
        if change and name in change:
            page[name] = change[name](page[name].copy())
    return page


SHAPES = {"Z1": (3, 1), "A1": (3, 1), "Z2": (2, 1), "dL_dZ2": (2, 1), "dL_dW2": (2, 3), "W2_new": (2, 3)}
CELLS = sum(rows * columns for rows, columns in SHAPES.values())


def points(page: Page) -> dict[str, int]:
    """Right cells of each matrix, by the page's own numbers."""
    wanted, off = follows(page), tolerances(page)
    with np.errstate(invalid="ignore"):
        return {name: int((np.abs(page[name] - wanted[name]) <= off[name]).sum()) for name in LESSON}


def strictly(page: Page) -> int:
    """Cells with the key's numbers, or as far from them as rounding on the way has led who did all rightly."""
    key = solved(exact=True)
    onward, once = solved(), follows({name: rounded(each) for name, each in key.items()})
    off = {name: each + np.maximum(np.abs(onward[name] - key[name]), np.abs(once[name] - key[name]))
           for name, each in tolerances(key).items()}  # fmt: skip
    with np.errstate(invalid="ignore"):
        return sum(int((np.abs(page[name] - key[name]) <= off[name]).sum()) for name in LESSON)


@dataclass(frozen=True)
class Student:
    """A page, how its numbers are written, and what is done to the workbook before it is handed in."""

    page: Page
    written: Callable[[float], object] = lambda x: x
    after: Callable[[openpyxl.Workbook], None] = lambda book: None
    expected: dict[str, int] = field(default_factory=dict)
    """Points of each matrix; empty: what `points` says."""
    cause: str | None = None

    @property
    def points(self) -> dict[str, int]:
        return self.expected or points(self.page)


@cache
def blank(folder: Path) -> Path:
    return task().save(folder / "blank.xlsx")


def regions() -> dict[str, Region]:
    return {place.region.name: place.region for each in task().made.blanks for place in each.places}


def hand_in(student: Student, path: Path, name: str = "") -> Path:
    """Fill in a copy with openpyxl, which keeps no cached values."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = openpyxl.load_workbook(blank(path.parent.parent))
    sheet = book["Canvas"]
    for key, values in student.page.items():
        at = regions()[key]
        for (i, j), value in np.ndenumerate(values):
            if not np.isnan(value):
                sheet.cell(at.row + i, at.column + j).value = student.written(float(value))
    if name:
        field_at = next(r for r in task().plan.sheets[0].regions if r.name == "Name")
        sheet.cell(field_at.row, field_at.column).value = name
    student.after(book)
    book.save(path)
    return path


def insert_rows(book: openpyxl.Workbook, before: int, count: int = 1) -> None:
    """Rows put in as a spreadsheet does: names move along."""
    book["Canvas"].insert_rows(before, count)

    def moved(found: re.Match[str]) -> str:
        row = int(found[2])
        return f"${found[1]}${row + count if row >= before else row}"

    for defined in book.defined_names.values():
        if "Canvas" in defined.attr_text:
            defined.attr_text = re.sub(r"\$([A-Z]+)\$(\d+)", moved, defined.attr_text)


def rename(book: openpyxl.Workbook, title: str) -> None:
    book["Canvas"].title = title
    for defined in book.defined_names.values():
        defined.attr_text = defined.attr_text.replace("'Canvas'!", f"'{title}'!").replace("Canvas!", f"'{title}'!")


def copy_page(book: openpyxl.Workbook) -> None:
    """The page is copied, with names of its own, and the first one cleared, as who starts anew does."""
    old, new = book["Canvas"], book.copy_worksheet(book["Canvas"])
    for name, defined in book.defined_names.items():
        if name.startswith(("answer_", "student_")):
            own = defined.attr_text.replace("'Canvas'!", f"'{new.title}'!").replace("Canvas!", f"'{new.title}'!")
            new.defined_names[name] = DefinedName(name, attr_text=own)
    for region in regions().values():
        for i, j in np.ndindex(region.height, region.width):
            old.cell(region.row + i, region.column + j).value = None


def cheat(book: openpyxl.Workbook) -> None:
    """Everything on the hidden sheet is right."""
    for row in book["Check"].iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and cell.value.startswith("=IF("):
                cell.value = 1


def students(seed: int, each: int) -> dict[str, list[Student]]:
    """So many students of each kind."""
    random = np.random.default_rng(seed)

    def typos(page: Page, count: int) -> Page:
        page = {name: values.copy() for name, values in page.items()}
        for _ in range(count):
            name = str(random.choice(LESSON))
            i, j = (int(random.integers(size)) for size in SHAPES[name])
            page[name][i, j] += float(random.choice([-3, -1.5, 1.7, 4]))
        return page

    def some(count: int) -> Page:
        page = solved()
        return {name: page[name] if k < count else np.full(SHAPES[name], np.nan) for k, name in enumerate(LESSON)}

    def comma(x: float) -> str:
        return random.choice(["{} ", " {}", "{}", "\u00a0{}"]).format(f"{x:g}".replace(".", ",").replace("-", "− "))

    def formula(x: float) -> str:
        return str(random.choice([f"={x!r}+0", f"=({x!r}*4)/4", f"=SUM({x!r},0)"]))

    def slip() -> Student:
        row = int(random.integers(3))

        def without_bias(z: np.ndarray) -> np.ndarray:
            z[row] = rounded(W1 @ X)[row]
            return z

        return Student(solved({"Z1": without_bias}), expected=points(solved()) | {"Z1": 2},
                       cause="the bias was left out")  # fmt: skip

    def one_number() -> Student:
        number = float(random.choice([0, 1, 2, 0.5]))
        return Student({name: np.full(shape, number) for name, shape in SHAPES.items()},
                       expected=dict.fromkeys(LESSON, 0))  # fmt: skip

    def moved(book: openpyxl.Workbook) -> None:
        insert_rows(book, int(random.integers(4, 40)))

    kinds: dict[str, Callable[[], Student]] = {
        "all right": lambda: Student(solved()),
        "more digits": lambda: Student(solved(exact=True)),
        "typos": lambda: Student(typos(solved(), int(random.integers(1, 5)))),
        "formulas": lambda: Student(typos(solved(), 1), formula),
        "text": lambda: Student(solved(), comma),
        "early slip": slip,
        "rows put in": lambda: Student(typos(solved(), 1), after=moved),
        "one number": one_number,
        "unfinished": lambda: Student(some(int(random.integers(0, 5)))),
        "changed checks": lambda: Student(typos(solved(), 3), after=cheat),
        "renamed": lambda: Student(typos(solved(), 1), after=lambda book: rename(book, "My page")),
        "copied": lambda: Student(typos(solved(), 1), after=copy_page),
    }
    return {kind: [make() for _ in range(each)] for kind, make in kinds.items()}
