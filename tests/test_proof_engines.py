"""Strangers' files: what breaks an engine, or would take for ever, ends in one message and hurts nothing else."""

from __future__ import annotations

import os
import re
import shutil
import time
import zipfile
from pathlib import Path

import pytest
from conftest import rewrite
from openpyxl import Workbook, load_workbook
from typer.testing import CliRunner

import sheetgen
from sheetgen import limits
from sheetgen.cmd import cli
from sheetgen.errors import EngineError, SheetgenError
from sheetgen.proof import engines
from sheetgen.proof.engines import child, ironcalc
from sheetgen.proof.opened import Opened, check_workbook

ROOT = Path(__file__).parents[1]
BOTH = list(engines.ENGINES)


def workbook(path: Path, **cells: object) -> Path:
    book = Workbook()
    for place, content in cells.items():
        book.active[place] = content
    book.save(path)
    return path


def nested(depth: int) -> str:
    return "=" + "(" * depth + "1" + ")" * depth


@pytest.fixture(scope="module")
def linear(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sheetgen.compile(ROOT / "specs" / "linear.yaml").save(tmp_path_factory.mktemp("linear") / "linear.xlsx")


def test_three_thousand_parentheses_are_calculated(tmp_path: Path) -> None:
    path = workbook(tmp_path / "deep.xlsx", A1=nested(3000), A2="=A1+1")
    assert engines.get("ironcalc").recalculate([path])[0].value("Sheet", 2, 1) == 2


def test_warnings_that_the_engine_prints_are_no_answer(tmp_path: Path) -> None:
    """IronCalc prints one for a formula without a saved value."""
    path = workbook(tmp_path / "unsaved.xlsx", A1=7, A2="=A1+1", A3="=A2+1")
    rewrite(path, "sheet1", lambda xml: re.sub(r"</f><v ?/>|</f><v></v>", "</f>", xml))
    (values,) = engines.get("ironcalc").recalculate([path])
    assert [values.value("Sheet", row, 1) for row in (1, 2, 3)] == [7, 8, 9]


def test_a_chain_of_twenty_thousand_cells_is_calculated_from_its_end(tmp_path: Path) -> None:
    cells = {f"A{k}": f"=A{k + 1}+1" for k in range(1, 20_000)}
    path = workbook(tmp_path / "chain.xlsx", **cells, A20000=1)
    assert engines.get("ironcalc").recalculate([path])[0].value("Sheet", 1, 1) == 20_000


def test_what_breaks_the_engine_ends_in_a_message_and_the_engine_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = workbook(tmp_path / "deep.xlsx", A1=nested(3000))
    good = workbook(tmp_path / "good.xlsx", A1="=1+1")
    small = tmp_path / "child.py"
    small.write_text(Path(child.__file__).read_text().replace("512 << 20", "1 << 20"))
    monkeypatch.setattr(child, "__file__", str(small))
    engine = engines.get("ironcalc")
    assert engine.recalculate([good])[0].value("Sheet", 1, 1) == 2
    for _ in range(2):
        with pytest.raises(EngineError, match=r"deep\.xlsx: IronCalc broke down on it"):
            engine.recalculate([bad])
        assert engine.recalculate([good])[0].value("Sheet", 1, 1) == 2


def test_the_good_workbooks_beside_it_get_their_reports(
    tmp_path: Path, linear: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = tmp_path / "child.py"
    small.write_text(Path(child.__file__).read_text().replace("512 << 20", "1 << 20"))
    monkeypatch.setattr(child, "__file__", str(small))
    bad = Path(shutil.copy(linear, tmp_path / "bad.xlsx"))
    book = load_workbook(bad)
    book["Canvas"]["ZZ1"] = nested(3000)
    book.save(bad)
    result = CliRunner().invoke(cli.app, ["verify", str(bad), str(linear)])
    assert result.exit_code == 2
    assert "FAILED bad" in result.stdout and "ok linear" in result.stdout
    assert result.stderr.count("IronCalc broke down on it") == 1


def test_too_slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "child.py"
    slow.write_text("import sys, time\nfor line in sys.stdin:\n    time.sleep(60)\n")
    monkeypatch.setattr(child, "__file__", str(slow))
    monkeypatch.setattr(ironcalc, "SECONDS", 0.5)
    start = time.monotonic()
    with pytest.raises(EngineError, match=r"one\.xlsx: IronCalc took longer than \d seconds and was stopped"):
        engines.get("ironcalc").recalculate([workbook(tmp_path / "one.xlsx", A1=1)])
    assert time.monotonic() - start < 10


@pytest.mark.skipif(os.name != "posix", reason="no such limit")
def test_too_large_for_its_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "one.xlsx", **{f"A{k}": f'=REPT("abcdefgh",{k})' for k in range(1, 3000)})
    engine = engines.get("ironcalc")
    assert len(str(engine.recalculate([path])[0].value("Sheet", 2999, 1))) == 8 * 2999
    monkeypatch.setattr(ironcalc, "MEMORY", 100 << 20)
    with pytest.raises(EngineError, match=r"one\.xlsx"):
        engine.recalculate([path])


def test_an_interrupted_question_is_not_answered_to_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = workbook(tmp_path / "one.xlsx", A1=1), workbook(tmp_path / "two.xlsx", A1=2)
    engine = engines.get("ironcalc")
    ask = ironcalc._read_line

    def interrupted(stream: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(ironcalc, "_read_line", interrupted)
    with pytest.raises(KeyboardInterrupt):
        engine.recalculate([one])
    monkeypatch.setattr(ironcalc, "_read_line", ask)
    assert engine.recalculate([two])[0].value("Sheet", 1, 1) == 2


def test_the_process_ends_with_the_engine(tmp_path: Path) -> None:
    engine = ironcalc.IronCalc()
    engine.recalculate([workbook(tmp_path / "one.xlsx", A1=1)])
    process = engine._process
    assert process is not None and process.poll() is None
    del engine
    assert process.wait(10) is not None


# Cells far away


@pytest.mark.parametrize("place", ["A100000", "XFD1048576"])
def test_a_number_far_away_costs_nothing(place: str, linear: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(linear, tmp_path / "far.xlsx"))
    with zipfile.ZipFile(linear) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                row = place.lstrip("ADFX")
                cell = f'<row r="{row}"><c r="{place}"><v>5</v></c></row></sheetData>'
                data = data.replace(b"</sheetData>", cell.encode())
            target.writestr(name, data)
    start = time.process_time()
    report = sheetgen.verify_workbook(path)
    assert report.ok and report.notes == (f"Canvas!{place}: 5.0",)
    assert time.process_time() - start < 3


# What would unpack to too much


def packed(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": b" " * (65 << 20)}
    bomb = packed(tmp_path / "bomb.xlsx", parts)
    assert bomb.stat().st_size < 200_000
    monkeypatch.setattr(zipfile.ZipFile, "testzip", lambda self: pytest.fail("unpacked"))
    for engine in BOTH:
        with pytest.raises(SheetgenError, match=r"refused, because it would unpack to 68 MB, [\d,]+ times its size"):
            engines.get(engine).recalculate([bomb])
    with pytest.raises(SheetgenError, match="would unpack"):
        sheetgen.verify_workbook(bomb)


def test_too_much_altogether_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ORDINARY", 1000)
    monkeypatch.setattr(limits, "MOST_UNPACKED", 1500)
    path = packed(tmp_path / "large.xlsx", {"xl/workbook.xml": os.urandom(2000)})
    with pytest.raises(SheetgenError, match="would unpack to"):
        check_workbook(path)


def test_what_is_a_zip_file_twice_is_damaged(tmp_path: Path) -> None:
    path = packed(tmp_path / "twice.xlsx", {"xl/workbook.xml": b"<workbook/>"})
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/workbook.xml", b"<workbook>other</workbook>")
    with pytest.raises(SheetgenError, match=r"2 parts are called xl/workbook\.xml"):
        check_workbook(path)


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    """Each is fifty times the one before."""
    pairs = zip("abcd", "bcde", strict=True)
    entities = "".join(f'<!ENTITY {name} "{f"&{before};" * 50}">' for before, name in pairs)
    text = f'<!DOCTYPE x [<!ENTITY a "{"a" * 1000}">{entities}]><sst xmlns="x"><si><t>&e;</t></si></sst>'
    path = packed(tmp_path / "entities.xlsx", {"xl/sharedStrings.xml": text.encode()})
    with Opened(path) as book, pytest.raises(SheetgenError, match=r"damaged \(part xl/sharedStrings\.xml"):
        _ = book.strings
