"""IronCalc: the embedded engine, in a process beside this one; runs after every build."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import weakref
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from sheetgen.errors import EngineError, brief
from sheetgen.proof.engines import COLUMNS, SheetValues, Values, child
from sheetgen.proof.opened import check_workbook, unpacked

SECONDS, SECONDS_PER_MB = 60.0, 4.0
"""How long it may take: at least, and for each megabyte of a workbook's parts, unpacked."""
MEMORY, MEMORY_PER_BYTE = 2 << 30, 40
"""How much memory it may take, likewise."""


class IronCalc:
    """The embedded engine. Its process starts with the first need, serves one workbook after another, is replaced
    after a crash, and ends with this object."""

    name = "ironcalc"
    title = "IronCalc"

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def ensure(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        if find_spec("ironcalc") is None:
            raise EngineError("IronCalc is not installed; `pip install ironcalc` brings it.")
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", child.__file__],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise EngineError(f"IronCalc can't be started: {error.strerror or error}") from None
        weakref.finalize(self, _end, self._process)

    def recalculate(self, paths: Sequence[Path]) -> list[Values]:
        return [self._recalculate(path) for path in paths]

    def _recalculate(self, path: Path) -> Values:
        check_workbook(path)
        self.ensure()
        process = self._process
        assert process is not None
        size = unpacked(path)
        late = threading.Event()
        timer = threading.Timer(SECONDS + SECONDS_PER_MB * size / 1e6, _stop, (process, late))
        timer.daemon = True
        timer.start()
        try:
            with tempfile.TemporaryDirectory(prefix="sheetgen-") as folder:
                file = _with_relative_targets(path, Path(folder))
                return _ask(process, file.resolve(), MEMORY + MEMORY_PER_BYTE * size)
        except EOFError:
            _end(process)
            why = f"took longer than {timer.interval:.0f} seconds and was stopped" if late.is_set() else (
                "broke down on it, as it does on formulas that nest too deeply or need too much memory"
            )  # fmt: skip
            raise EngineError(f"{path}: IronCalc {why}.") from None
        except ValueError as error:
            raise EngineError(f"IronCalc can't calculate {path}: {brief(str(error))}") from None
        except BaseException:  # Ctrl-C: the answer to this question must not be taken for the next one's
            _end(process)
            raise
        finally:
            timer.cancel()


def _ask(process: subprocess.Popen[bytes], path: Path, memory: int) -> Values:
    """Raises EOFError when the process ended, ValueError with what it said when it failed."""
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(json.dumps([str(path), memory]).encode() + b"\n")
        process.stdin.flush()
    except OSError:
        raise EOFError from None
    answer = json.loads(_read_line(process.stdout))
    if "error" in answer:
        raise ValueError(answer["error"])
    sheets = {}
    for sheet in answer["sheets"]:
        count = sheet["cells"]
        rows, columns = (np.frombuffer(_read(process.stdout, 4 * count), dtype=np.int32) for _ in range(2))
        numbers = np.frombuffer(_read(process.stdout, 8 * count))
        places = rows.astype(np.int64) * COLUMNS + columns
        texts = {int(places[int(k)]): text for k, text in sheet["texts"].items()}
        sheets[sheet["title"]] = SheetValues(places, numbers, texts)
    return Values(sheets)


def _read_line(stream: Any) -> bytes:
    line: bytes = stream.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    return line


def _read(stream: Any, count: int) -> bytes:
    data: bytes = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data


def _stop(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()


def _with_relative_targets(path: Path, folder: Path) -> Path:
    """`path`, or a copy in `folder` that IronCalc can open: it doesn't find notes by an absolute target,
    which is how openpyxl writes them when somebody edits a workbook with it, nor files whose names aren't UTF-8."""
    with zipfile.ZipFile(path) as source:
        changed = {}
        for name in source.namelist():
            if name.startswith("xl/worksheets/_rels/"):
                old = source.read(name)
                if (new := old.replace(b'Target="/xl/', b'Target="../')) != old:
                    changed[name] = new
        if not changed and str(path).isprintable():
            return path
        copy = folder / "workbook.xlsx"
        with zipfile.ZipFile(copy, "w") as target:
            for name in source.namelist():
                target.writestr(name, changed.get(name) or source.read(name))
    return copy
