"""The numbers of a given matrix: written out, drawn at random, filled, or read from a file."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sheetgen.errors import SpecError
from sheetgen.ir.node import is_number
from sheetgen.ir.program import Given
from sheetgen.lang.advice import not_a_number
from sheetgen.lang.tensors import DEEPEST, Tensor, check_members, member, sizes_text
from sheetgen.limits import MOST_NUMBERS, too_large
from sheetgen.spec.files import Folder, lines_of_csv, quote, reason
from sheetgen.spec.model import Matrix, Random
from sheetgen.spec.tensors import split

LARGEST_FILE, LARGEST_CSV, LARGEST_ARRAY = 100_000_000, 30_000_000, 17 * MOST_NUMBERS
"""Bytes of an .npz, of a .csv, and of one array, packed or not."""
LARGEST = 1e300
SOURCES = ("value", "random", "file", "zeros", "ones", "eye")


def read_matrix(
    name: str, matrix: Matrix, given: set[str], folder: Folder
) -> tuple[Tensor | None, tuple[Given, ...]]:
    """The matrix `name` with its numbers, checked; with channels, the tensor and each of its matrices.

    `given` are the keys that the spec wrote; files are looked up in `folder`. Raises SpecError,
    whose `at` is the path of keys within the matrix.
    """
    sources = [key for key in SOURCES if key in given]
    if not sources:
        raise SpecError(f"{name} has no numbers: give it one of {', '.join(SOURCES)}.")
    if len(sources) > 1:
        raise SpecError(f"{name} gets its numbers twice, from {' and '.join(sources)}.", at=(sources[1],))
    key = sources[0]
    if key == "value":
        value = written(name, matrix.value)
    elif key == "file":
        value = _checked(f"{name}: `{matrix.file}`", read_file(name, str(matrix.file), folder), key)
    else:
        value = _made(name, matrix, key)
    if problem := too_large((value.size // value.shape[-1], value.shape[-1])):
        raise SpecError(f"{name} is {sizes_text(value.shape)}, but {problem}.", at=(key,))
    try:
        check_members(value.shape[:-2])
    except SpecError as error:
        raise SpecError(f"{name}: {error.message}", at=(key,)) from None
    if matrix.channels is not None and value.ndim != 3:
        raise SpecError(f"{name} is {sizes_text(value.shape)}, without channels to call by name.", at=("channels",))
    for axis, what in ((-3, "channels"), (-2, "rows"), (-1, "columns")):
        labels = getattr(matrix, what)
        if labels is not None and len(labels) != value.shape[axis]:
            problem = f"{name} has {value.shape[axis]} {what}, but {len(labels)} labels for them."
            raise SpecError(problem, at=(what,))
    if matrix.integer and (value != np.round(value)).any():
        odd = value[value != np.round(value)][0]
        raise SpecError(f"{name} is to hold whole numbers only, but `{odd:g}` isn't one.", at=(key,))
    rows, columns = tuple(matrix.rows or ()), tuple(matrix.columns or ())
    made = Given(name, matrix.role, value, rows, columns, matrix.about, integers=matrix.integer)
    return (None, (made,)) if value.ndim == 2 else split(made, matrix.channels or ())


def written(name: str, value: Any) -> np.ndarray:
    """A number, a flat list (a column) or a list of rows, as a 2-D array; a list of matrices as one of rank 3, and a
    list of such lists as one of rank 4."""
    example = "such as `[[1, 2], [3, 4]]`, a column `[1, 2]` or a number"
    if isinstance(value, list) and _rank(value) > 2:
        return _stacked(name, value)
    if not isinstance(value, list):
        return np.array([[_number(name, value, ())]])
    if not value:
        raise SpecError(f"{name} is empty; its value is a list of rows, {example}.", at=("value",))
    if not any(isinstance(row, list) for row in value):
        return np.array([[_number(name, item, (i,))] for i, item in enumerate(value)])
    rows = []
    for i, row in enumerate(value):
        if not isinstance(row, list):
            raise SpecError(f"{name}: row {i + 1} is not a list, but the others are.", at=("value", i))
        if not row:
            raise SpecError(f"{name}: row {i + 1} is empty.", at=("value", i))
        if len(row) != len(value[0]):
            problem = f"{name}: row {i + 1} has {len(row)} numbers, but row 1 has {len(value[0])}."
            raise SpecError(problem, at=("value", i))
        rows.append([_number(name, item, (i, j)) for j, item in enumerate(row)])
    return np.array(rows)


def _rank(value: Any) -> int:
    """How deep lists are nested, where each of them begins."""
    return 1 + _rank(value[0]) if isinstance(value, list) and value else 0


def _stacked(name: str, value: list[Any]) -> np.ndarray:
    """A list of matrices, or of lists of them."""
    rank, parts = _rank(value), []
    if rank > DEEPEST:
        problem = f"{name}: these numbers have {rank} dimensions; samples, channels, rows and columns are four."
        raise SpecError(problem, at=("value",))
    for i, item in enumerate(value):
        if _rank(item) != rank - 1:
            inner = "a list of rows" if rank == 3 else "a list of matrices"
            raise SpecError(f"{name}: item {i + 1} isn't {inner}, but item 1 is.", at=("value", i))
        try:
            parts.append(written(member(name, (i,)), item))
        except SpecError as error:
            raise SpecError(error.message, at=("value", i, *error.at[1:])) from None
        if parts[i].shape != parts[0].shape:
            sizes = f"item {i + 1} is {sizes_text(parts[i].shape)}, but item 1 is {sizes_text(parts[0].shape)}"
            raise SpecError(f"{name}: {sizes}.", at=("value", i))
    return np.array(parts)


def _number(name: str, item: Any, at: Sequence[int]) -> float:
    where: tuple[str | int, ...] = ("value", *at)
    if isinstance(item, list):
        raise SpecError(f"{name}: a matrix has two dimensions, rows of numbers; this is a third.", at=where)
    if not is_number(item):
        shown = "nothing" if item is None else f"`{str(item).lower() if isinstance(item, bool) else str(item)[:40]}`"
        raise SpecError(f"{name}: {shown} is not a number{not_a_number(item)}", at=where)
    if not abs(item) <= LARGEST:
        raise SpecError(f"{name}: {_unfit(float(item) if isinstance(item, float) else item)}.", at=where)
    return float(item)


def _unfit(item: float) -> str:
    if item != item:
        return "NaN is not a number that a sheet can hold"
    return "infinity is not a number that a sheet can hold" if abs(item) == float("inf") else "this number is too large"


def _made(name: str, matrix: Matrix, key: str) -> np.ndarray:
    *more, rows, columns = matrix.random.shape if matrix.random else getattr(matrix, key) or (0, 0)
    if rows * columns < 1:
        raise SpecError(f"{name}: `{key}` is empty.", at=(key,))
    if problem := too_large((math.prod(more) * rows, columns)):
        raise SpecError(f"{name} would be {sizes_text((*more, rows, columns))}, but {problem}.", at=(key,))
    if matrix.random:
        return _drawn(name, matrix.random)
    sizes = (*more, rows, columns)
    return {"zeros": np.zeros, "ones": np.ones}[key](sizes) if key != "eye" else np.eye(rows, columns)


DISTRIBUTIONS = {"uniform": ("low", "high"), "normal": ("mean", "std"), "bernoulli": ("p",)}
"""The keys that each has."""


def _drawn(name: str, draw: Random) -> np.ndarray:
    """Numbers of the decimals that are asked for."""
    generator, normal = np.random.default_rng(draw.seed), draw.distribution == "normal"
    for distribution, keys in DISTRIBUTIONS.items():
        if distribution != draw.distribution and any(getattr(draw, key) is not None for key in keys):
            listed, others = (" and ".join(f"`{key}`" for key in found)
                              for found in (keys, DISTRIBUTIONS[draw.distribution]))  # fmt: skip
            problem = f"{listed} go{'es' * (len(keys) == 1)} with `distribution: {distribution}`"
            raise SpecError(f"{name}: {problem}; this one has {others}.", at=("random",))
    if draw.distribution == "bernoulli":
        if draw.decimals is not None:
            raise SpecError(f"{name}: `distribution: bernoulli` draws 1 and 0, without decimals.", at=("random",))
        return (generator.random(tuple(draw.shape)) < (0.5 if draw.p is None else draw.p)).astype(float)
    decimals = draw.decimals if draw.decimals is not None else int(normal)
    if normal:
        drawn = generator.normal(draw.mean or 0.0, draw.std or 1.0, tuple(draw.shape))
        return np.asarray(np.round(drawn, decimals) + 0.0)  # no -0
    scale = 10**decimals
    low, high = (-3.0 if draw.low is None else draw.low), (3.0 if draw.high is None else draw.high)
    if low > high:
        raise SpecError(f"{name}: `low` ({low:g}) must not be above `high` ({high:g}).", at=("random",))
    if max(abs(low), abs(high)) * scale > 2**53:
        raise SpecError(f"{name}: numbers this large aren't exact.", at=("random",))
    first, last = round(low * scale), round(high * scale)
    for key, end, steps in (("low", low, first), ("high", high, last)):
        if steps / scale != end:
            raise SpecError(f"{name}: `{key}` ({end:g}) has more decimals than the numbers that are drawn; say "
                            "`decimals: 1`, or 2, or as many as it has.", at=("random",))  # fmt: skip
    return generator.integers(first, last, tuple(draw.shape), endpoint=True) / float(scale)


# Files


def read_file(name: str, reference: str, folder: Folder) -> np.ndarray:
    """The array in `weights.npz#W1`, `x.npy` or `x.csv`; nothing is unpickled, and nothing large is unpacked."""
    try:
        return _read(reference, folder)
    except SpecError as error:
        raise SpecError(f"{name}: {error.message[0].lower()}{error.message[1:]}", at=("file",)) from None
    except Exception as error:  # whatever a reader of foreign formats may meet in a broken file
        why = "it isn't an array of numbers." if "allow_pickle" in str(error) else reason(error)
        raise SpecError(f"{name}: `{reference}` can't be read: {why}", at=("file",)) from None


def _read(reference: str, folder: Folder) -> np.ndarray:
    text, _, member = reference.partition("#")
    suffix = Path(text).suffix.lower()
    if suffix not in (".npz", ".npy", ".csv"):
        raise SpecError(f"`{text}` is none of .npz, .npy and .csv.")
    if suffix == ".csv":
        return _read_csv(Path(text).name, folder.text(text, LARGEST_CSV))
    if suffix == ".npy":
        return np.asarray(np.load(folder.find(text, LARGEST_ARRAY), allow_pickle=False))
    path = folder.find(text, LARGEST_FILE)
    with zipfile.ZipFile(path) as archive:
        held = {entry.filename.removesuffix(".npy"): entry.file_size for entry in archive.infolist()}
    if member not in held:
        names = ", ".join(quote(each).strip("`") for each in list(held)[:20])
        ask = f"`{text}` has no array `{member}`" if member else f"say which array of `{text}`, as `{text}#NAME`"
        raise SpecError(f"{ask}; it holds {names}.")
    if held[member] > LARGEST_ARRAY:
        raise SpecError(f"`{reference}` would unpack to more than {LARGEST_ARRAY // 1_000_000} MB.")
    with np.load(path, allow_pickle=False) as arrays:
        return np.asarray(arrays[member])


def _read_csv(file: str, text: str) -> np.ndarray:
    """Numbers only, a row a line."""
    if text.count(",") + text.count("\n") > MOST_NUMBERS:
        raise SpecError(f"`{file}` holds more than {MOST_NUMBERS:,} numbers, the most of a matrix.")
    rows: list[list[float]] = []
    for number, cells in lines_of_csv(text, ",", file):
        if not any(cell.strip() for cell in cells):
            continue
        try:
            rows.append([_float(cell) for cell in cells])
        except ValueError as error:
            bad = str(error.args[0])
            hint = "" if rows else " Such a file has no header."
            hint = " Numbers are separated by commas, decimals written with a point." if ";" in bad else hint
            raise SpecError(f"`{file}`, line {number}: {quote(bad)} is not a number.{hint}") from None
        if len(rows[-1]) != len(rows[0]):
            problem = f"{len(rows[-1])} numbers, but {len(rows[0])} in the first line."
            raise SpecError(f"`{file}`, line {number}: {problem}")
    return np.array(rows)


def _float(text: str) -> float:
    """The number in a cell; ValueError has the cell as its argument."""
    try:
        return float(text if "_" not in text else "")
    except ValueError:
        raise ValueError(text) from None


def _checked(what: str, array: np.ndarray, key: str) -> np.ndarray:
    """`array` as finite floats in two dimensions; `what` is its name in errors."""
    problem = ""
    if array.dtype.kind not in "iuf":
        problem = f"its numbers are of the kind `{array.dtype}`; whole and decimal numbers are expected"
    elif array.ndim > DEEPEST:
        problem = f"it has {array.ndim} dimensions; samples, channels, rows and columns are four"
    elif not array.size:
        problem = "it is empty"
    elif not np.abs(array := array.astype(float)).max() <= LARGEST:
        flat = array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array.reshape(-1, 1)
        row, column = np.argwhere(~(np.abs(flat) <= LARGEST))[0]
        problem = f"row {row + 1}, column {column + 1}: {_unfit(flat[row, column])}"
    if problem:
        raise SpecError(f"{what}: {problem}.", at=(key,))
    return array[:, None] if array.ndim == 1 else np.atleast_2d(array)
