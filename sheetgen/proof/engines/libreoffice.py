"""LibreOffice without a window: the real thing, made to recalculate every file that it loads."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from sheetgen import signals
from sheetgen.errors import EngineError
from sheetgen.proof.engines import COLUMNS, SheetValues, Values
from sheetgen.proof.opened import Opened, check_workbook

# LibreOffice by default trusts the values cached in a file. 0 means: always recalculate on load.
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
<prop oor:name="ODFRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
</oor:items>
"""
INSTALL = "sudo apt-get install libreoffice-calc poppler-utils"
AT_ONCE = 100
"""Workbooks that a process converts; of 300, one ended after 242 without a word."""
ELSEWHERE = ("/Applications/LibreOffice.app/Contents/MacOS/soffice", "C:/Program Files/LibreOffice/program/soffice.exe")


class LibreOffice:
    """The real thing: LibreOffice headless, with a profile of its own that always recalculates."""

    name = "libreoffice"
    title = "LibreOffice"

    def ensure(self) -> None:
        find_soffice()

    def recalculate(self, paths: Sequence[Path]) -> list[Values]:
        for path in paths:
            check_workbook(path)
        with tempfile.TemporaryDirectory(prefix="sheetgen-") as folder:
            return [read_saved(path) for path in convert(paths, "xlsx", Path(folder))]


def convert(paths: Sequence[Path], kind: str, folder: Path, timeout: float | None = None) -> list[Path]:
    """Convert workbooks to `kind` (`xlsx`, `pdf`), after a full recalculation; a process takes some at a time.

    The results are `folder/0.kind`, `folder/1.kind`, … in the order of `paths`. `timeout` is in seconds
    (default: 2 minutes, and 30 seconds more for each workbook). Raises EngineError when LibreOffice is
    missing, takes too long, or leaves a result out.
    """
    if not paths:
        return []
    program = find_soffice()
    seconds = 120 + 30 * len(paths) if timeout is None else timeout
    with tempfile.TemporaryDirectory(prefix="sheetgen-") as temporary:
        profile, inputs = Path(temporary, "profile"), Path(temporary, "inputs")
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(SETTINGS, encoding="utf-8")
        inputs.mkdir()
        copies = [inputs / f"{k}.xlsx" for k in range(len(paths))]
        for path, copy in zip(paths, copies, strict=True):
            shutil.copyfile(path, copy)
        options = ["--headless", "--invisible", "--norestore", "--nolockcheck", "--nodefault", "--nologo"]
        command = [program, f"-env:UserInstallation={profile.resolve().as_uri()}", *options, "--convert-to", kind]
        results = [folder / f"{k}.{kind}" for k in range(len(paths))]
        for first in range(0, len(paths), AT_ONCE):
            some = slice(first, first + AT_ONCE)
            said = run([*command, "--outdir", str(folder), *map(str, copies[some])], seconds)
            for path, result in zip(paths[some], results[some], strict=True):
                if not result.is_file() or result.stat().st_size == 0:
                    raise EngineError(f"LibreOffice made no {kind} of {path}{': ' + said if said else '.'}")
    return results


def find_soffice() -> str:
    """The LibreOffice program; EngineError says how to install it."""
    for name in ("soffice", "libreoffice", *ELSEWHERE):
        if found := shutil.which(name):
            return found
    raise EngineError(f"LibreOffice is not installed. On Debian and Ubuntu: {INSTALL}")


def run(command: Sequence[str], seconds: float) -> str:
    """Run a program and return the end of what it said; nothing that it started outlives this call.

    Raises EngineError when it can't start, fails, or takes longer than `seconds`.
    """
    name = Path(command[0]).name
    process: subprocess.Popen[str] | None = None
    try:
        with _held_back():
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
        output, _ = process.communicate(timeout=seconds)
    except OSError as error:
        raise EngineError(f"{name} can't be started: {error.strerror or error}") from None
    except subprocess.TimeoutExpired:
        raise EngineError(f"{name} took longer than {seconds:g} seconds and was stopped.") from None
    finally:
        if process is not None:
            _end(process)
    said = " ".join(output.split())[-500:]
    if process.returncode:
        raise EngineError(f"{name} failed with exit code {process.returncode}: {said or 'it said nothing.'}")
    return said


@contextmanager
def _held_back() -> Iterator[None]:
    """Signals to end wait until this is left, when what was started is known and can be ended too."""
    came: list[int] = []
    ours = signals.ending() if threading.current_thread() is threading.main_thread() else []
    before = {number: signal.signal(number, lambda got, _: came.append(got)) for number in ours}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(came[0])


def _end(process: subprocess.Popen[str]) -> None:
    """Kill whatever is left of the process group, on a time-out and on Ctrl-C alike."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()


def read_saved(path: Path) -> Values:
    """The values that a program has saved with a workbook's cells."""
    with Opened(path) as workbook:
        return Values({sheet.title: _sheet_values(workbook, sheet.part) for sheet in workbook.sheets})


def _sheet_values(workbook: Opened, part: str) -> SheetValues:
    places, numbers, texts = [], [], {}
    for row, column, cell in workbook.cells(part):
        if cell.value is None:
            continue
        place = row * COLUMNS + column
        if isinstance(cell.value, str):
            texts[place] = cell.value
        places.append(place)
        numbers.append(float("nan") if isinstance(cell.value, str) else cell.value)
    return SheetValues(places, numbers, texts)
