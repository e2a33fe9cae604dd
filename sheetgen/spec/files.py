"""The files that a spec names: found inside its folder, and read only when they aren't too large."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sheetgen.errors import SpecError, brief

QUOTED = 40
"""Characters of a file of someone else's that an error may show."""


def quote(text: str) -> str:
    """The beginning of what stands in a file, for an error."""
    shown = _shown(text)
    return f"`{shown}`" if shown else "nothing"


def reason(error: Exception) -> str:
    """Why a reader of a foreign format gave up, in a few of its words, up to the full stop."""
    words = str(getattr(error, "strerror", None) or _shown(str(error)) or type(error).__name__)
    return words if words.endswith("…") else words.rstrip(".") + "."


def _shown(text: str) -> str:
    return brief("".join(c for c in " ".join(text.split()) if c.isprintable()), QUOTED)


@dataclass(frozen=True)
class Folder:
    """Where a spec's files are looked up: in the folder `path` and below it, and elsewhere only if `outside`.

    Without a path no file is opened at all: a workbook is checked from itself.
    """

    path: Path | None = Path()
    outside: bool = False

    def find(self, name: str, largest: int) -> Path:
        """The file `name`, which holds at most `largest` bytes. Raises SpecError at the key `file`."""
        if self.path is None:
            raise _refused(f"`{name}`: a workbook is checked without any other file; check its spec instead.")
        path = self.path / name
        try:
            inside = path.resolve().is_relative_to(self.path.resolve())
            if not inside and not self.outside:
                raise _refused(
                    f"`{name}` is outside the spec's folder: put it there, or allow it with --allow-files-outside."
                )
            if not path.is_file():
                raise _refused(f"There is no file `{name}` beside the spec.")
            if path.stat().st_size > largest:
                raise _refused(f"`{name}` is larger than {largest // 1_000_000} MB.")
        except (OSError, RuntimeError, ValueError) as error:  # a name that is too long, a circle of links
            raise _refused(f"`{name}` can't be read: {reason(error)}") from None
        return path

    def text(self, name: str, largest: int) -> str:
        """What stands in the file `name`. Raises SpecError at the key `file`."""
        path = self.find(name, largest)
        try:
            raw = path.read_bytes()
            return raw.decode("utf-8-sig")
        except OSError as error:
            raise _refused(f"`{name}` can't be read: {reason(error)}") from None
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            raise _refused(f"`{name}`, line {line}: it can't be read, because it isn't text in UTF-8.") from None


def lines_of_csv(text: str, delimiter: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of a .csv, row by row, each with the number of the line in which it begins.

    Raises SpecError at the key `file`.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        problem = "a cell is too long" if "limit" in str(error) else "quotation marks don't match"
        raise _refused(f"`{file}`, line {line}: {problem}.") from None


def _refused(problem: str) -> SpecError:
    return SpecError(problem, at=("file",))
