"""Engines: they recalculate, agree, leave nothing behind, and say what went wrong."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest
from conftest import falsify_cached_values, write_by_hand
from openpyxl import Workbook, load_workbook

from sheetgen.errors import EngineError, SheetgenError
from sheetgen.layout.plan import WorkbookPlan
from sheetgen.proof import engines
from sheetgen.proof.engines import libreoffice

BOTH = list(engines.ENGINES)


def temporary_folders(root: Path) -> list[str]:
    return [path.name for path in root.iterdir() if path.name.startswith("sheetgen-")]


@pytest.fixture
def private_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "private tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.mark.parametrize("name", BOTH)
def test_recalculates_falsified_plain_formulas(name: str, workbook: Path) -> None:
    assert falsify_cached_values(workbook) == 5
    cached = load_workbook(workbook, data_only=True)["Canvas"]
    assert cached["I2"].value == 999 and cached["I3"].value == 999  # plain formulas: the file does say 999
    values = engines.get(name).recalculate([workbook])[0]
    assert values.block("Canvas", 2, 7, 2, 3).tolist() == [[5, None, 5], [-1.5, None, 0]]
    assert values.value("Canvas", 2, 11) == "up"


@pytest.mark.libreoffice
def test_without_the_setting_libreoffice_answers_from_the_cache(
    workbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why the private profile is there: without it the check could not fail."""
    falsify_cached_values(workbook)
    settings = libreoffice.SETTINGS.replace("<value>0</value>", "<value>1</value>")
    monkeypatch.setattr(libreoffice, "SETTINGS", settings)
    assert engines.get("libreoffice").recalculate([workbook])[0].value("Canvas", 2, 9) == 999


@pytest.mark.parametrize("name", BOTH)
def test_values_by_kind(name: str, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = "A b"
    cells = {"A1": 2, "A2": "=A1/4", "A3": "=A1>1", "A4": '="x"&A1', "A5": "=1/0", "A6": "text", "A8": "=B99*3"}
    for cell, content in cells.items():
        sheet[cell] = content
    book.save(tmp_path / "kinds.xlsx")
    values = engines.get(name).recalculate([tmp_path / "kinds.xlsx"])[0]
    column = [row[0] for row in values.block("A b", 1, 1, 8, 1).tolist()]
    assert column == [2, 0.5, 1, "x2", "#DIV/0!", "text", None, 0]
    assert all(isinstance(value, float) for value in (*column[:3], column[7]))
    assert values.value("a B", 1, 1) == 2  # sheets' names ignore case
    assert values.value("no such sheet", 1, 1) is None
    assert values.value("A b", 5000, 300) is None


@pytest.mark.libreoffice
def test_one_libreoffice_process_for_several_workbooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    run = libreoffice.run
    monkeypatch.setattr(libreoffice, "run", lambda *args: (calls.append(args), run(*args))[1])
    paths = []
    for k in range(3):  # one name in three folders
        book = Workbook()
        book.active["A1"], book.active["A2"] = k, "=A1+1"
        folder = tmp_path / f"folder {k}, ü"
        folder.mkdir()
        book.save(folder / "same.xlsx")
        paths.append(folder / "same.xlsx")
    values = engines.get("libreoffice").recalculate(paths)
    assert [each.value("Sheet", 2, 1) for each in values] == [1, 2, 3]
    assert len(calls) == 1


@pytest.mark.libreoffice
def test_libreoffice_leaves_nothing_behind(workbook: Path, private_tmp: Path) -> None:
    before = sorted(path.name for path in workbook.parent.iterdir())
    engines.get("libreoffice").recalculate([workbook])
    assert temporary_folders(private_tmp) == []
    assert sorted(path.name for path in workbook.parent.iterdir()) == before


def test_missing_libreoffice_says_how_to_install_it(workbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(libreoffice, "ELSEWHERE", ())
    with pytest.raises(EngineError, match="sudo apt-get install libreoffice-calc poppler-utils"):
        engines.get("libreoffice").recalculate([workbook])


def fake_soffice(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "fake" / "soffice"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(libreoffice, "find_soffice", lambda: str(program))


def test_success_without_a_file_is_an_error(
    workbook: Path, private_tmp: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_soffice(tmp_path, "echo Error: source file could not be loaded; exit 0", monkeypatch)
    with pytest.raises(EngineError, match=r"made no xlsx of .*by hand\.xlsx: Error: source file"):
        engines.get("libreoffice").recalculate([workbook])
    assert temporary_folders(private_tmp) == []


def test_failure_is_an_error(workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_soffice(tmp_path, "echo no display >&2; exit 77", monkeypatch)
    with pytest.raises(EngineError, match="exit code 77: no display"):
        engines.get("libreoffice").recalculate([workbook])


def alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")
def test_time_out_ends_the_whole_process_group(
    workbook: Path, private_tmp: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "pid"
    fake_soffice(tmp_path, f"sleep 60 & echo $! > {note}; wait", monkeypatch)
    start = time.monotonic()
    with pytest.raises(EngineError, match="longer than 1 seconds"):
        libreoffice.convert([workbook], "xlsx", private_tmp, timeout=1)
    assert time.monotonic() - start < 20
    child = int(note.read_text())
    for _ in range(50):
        if not alive(child):
            break
        time.sleep(0.1)
    assert not alive(child)
    assert temporary_folders(private_tmp) == []


@pytest.mark.parametrize("name", BOTH)
def test_what_is_no_workbook(name: str, tmp_path: Path, workbook: Path) -> None:
    text, cut = tmp_path / "text.xlsx", tmp_path / "cut.xlsx"
    text.write_text("a,b\n1,2\n")
    cut.write_bytes(workbook.read_bytes()[:800])
    engine = engines.get(name)
    for path, message in [
        (tmp_path / "none.xlsx", "no such file"),
        (tmp_path, "is a folder"),
        (text, "not an Excel workbook"),
        (cut, "not an Excel workbook"),
    ]:
        with pytest.raises(SheetgenError, match=message):
            engine.recalculate([path])


def test_a_flipped_byte_is_noticed(tmp_path: Path, workbook: Path) -> None:
    data = bytearray(workbook.read_bytes())
    data[len(data) // 3] ^= 0xFF
    workbook.write_bytes(bytes(data))
    with pytest.raises(SheetgenError):
        engines.get("ironcalc").recalculate([workbook])


def test_unknown_engine() -> None:
    with pytest.raises(EngineError, match="choose from ironcalc, libreoffice"):
        engines.get("excel")


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may read everything")
def test_unreadable_file(workbook: Path) -> None:
    workbook.chmod(0)
    with pytest.raises(SheetgenError, match="permission"):
        engines.get("ironcalc").recalculate([workbook])


@pytest.mark.libreoffice
def test_both_engines_agree(plan: WorkbookPlan, tmp_path: Path) -> None:
    path = write_by_hand(plan, tmp_path / "two.xlsx")
    one, other = (engines.get(name).recalculate([path])[0] for name in BOTH)
    assert one.block("Canvas", 1, 1, 4, 12).tolist() == other.block("Canvas", 1, 1, 4, 12).tolist()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_waits_until_the_started_program_is_known(number: signal.Signals) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before, reached = signal.signal(number, stop), False
    try:
        with pytest.raises(KeyboardInterrupt), libreoffice._held_back():
            os.kill(os.getpid(), number)
            reached = True
        assert reached and signal.getsignal(number) is stop
    finally:
        signal.signal(number, before)
