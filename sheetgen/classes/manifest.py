"""The table of a class set: which files each student has, and which numbers are in them.

A line is added as soon as a student's files are whole, so that a set that was interrupted goes on where it was.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np

from sheetgen.atomic import replacing
from sheetgen.errors import SheetgenError
from sheetgen.lang.show import number_text

MANIFEST = "manifest.csv"


@dataclass(frozen=True)
class Line:
    """A student's files, as paths within the folder, and all that tells whether they are what is wanted."""

    student: str
    name: str
    exercise: str
    key: str
    exercise_sha256: str
    key_sha256: str
    cells: str
    decimals: str
    fingerprint: str
    """By which a returned page is known, in two numbers."""
    set: str
    """Of the spec, the seed and what is asked: a set that is made otherwise is made anew."""
    numbers: str
    """What the student has in the place of the spec's own, as JSON: {"X": [[2], [1]]}."""


COLUMNS = tuple(field.name for field in fields(Line))


def numbers_text(numbers: Mapping[str, np.ndarray]) -> str:
    """Matrices by name as JSON, whole numbers without a point."""
    return json.dumps({
        name: [[json.loads(number_text(float(x))) for x in row] for row in value] for name, value in numbers.items()
    })  # fmt: skip


def sha256(data: bytes) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def read_manifest(folder: Path) -> dict[str, Line]:
    """The lines of a manifest by student, of which the last may be torn; none if there is no manifest.

    Raises SheetgenError for a file that is something else.
    """
    path = folder / MANIFEST
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SheetgenError(f"{path} can't be read: {getattr(error, 'strerror', None) or error}.") from None
    rows = list(csv.reader(io.StringIO(text)))
    if not rows or tuple(rows[0]) != COLUMNS:
        raise SheetgenError(f"{path} isn't a manifest of sheetgen's; choose another folder.")
    return {row[0]: Line(*row) for row in rows[1:] if len(row) == len(COLUMNS)}


def write_manifest(folder: Path, lines: Iterable[Line]) -> Path:
    """Write the whole table anew."""
    with replacing(folder / MANIFEST) as stream:
        stream.write(_text([COLUMNS, *map(astuple, lines)]).encode())
    return folder / MANIFEST


def add_line(folder: Path, line: Line) -> None:
    """Add a line to a table that is there."""
    path = folder / MANIFEST
    try:
        with path.open("a", encoding="utf-8", newline="") as file:
            file.write(_text([astuple(line)]))
    except OSError as error:
        raise SheetgenError(f"{path} can't be written: {error.strerror or error}.") from None


def _text(rows: Iterable[tuple[str, ...]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()
