"""The file: its bytes, its cells and their cached values, texts and numbers that a cell can hold."""

from __future__ import annotations

import os
import re
import stat
import sys
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook
from plan_by_hand import SPEC, layer

from sheetgen.api import read_spec
from sheetgen.book.cells import Block, Cell, CellError, Rows, SharedStrings, number_xml, numbers_xml, rows, text_xml
from sheetgen.book.package import LEVEL
from sheetgen.book.workbook import write
from sheetgen.errors import LimitError, SheetgenError
from sheetgen.layout.plan import Label, Region, Role, SheetPlan, WorkbookPlan


def one(*regions: Region, labels: tuple[Label, ...] = (), spec: str = "title: x\n") -> WorkbookPlan:
    return WorkbookPlan("One", (SheetPlan("Canvas", "One", regions, labels),), (), spec, ())


def column(values: list[object], row: int = 6) -> Region:
    return Region("V", Role.INPUT, row, 2, np.array(values, dtype=float).reshape(-1, 1))


def text_of(path: Path, part: str) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read(part).decode()


def test_every_cached_value_is_there_without_an_engine(tmp_path: Path) -> None:
    plan = layer()
    write(plan, tmp_path / "a.xlsx")
    book = load_workbook(tmp_path / "a.xlsx", data_only=True)
    for sheet in plan.sheets:
        for region in sheet.regions:
            for (i, j), value in np.ndenumerate(region.values):
                cell = book[sheet.title].cell(region.row + i, region.column + j)
                assert cell.value == value, (region.name, cell.coordinate)
    assert book["Canvas"]["F30"].value == 1 and book["Canvas"]["D31"].value == "up"


def test_formulas_are_written_as_planned(tmp_path: Path) -> None:
    write(layer(), tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx")["Canvas"]
    assert sheet["L14"].value == "=MAX(0,J14)"
    assert (sheet["J14"].value.ref, sheet["J14"].value.text) == ("J14", "=MMULT($D14:$G14,J$8:J$11)")
    assert (sheet["L12"].value.ref, sheet["L12"].value.text) == ("L12:O12", "=TRANSPOSE(T14:T17)")
    assert sheet["M12"].value == pytest.approx(layer().sheets[0].regions[10].values[0, 1])
    assert sheet["D14"].value == 1


def test_every_part_is_compressed_as_fast_as_it_says(tmp_path: Path) -> None:
    """zipfile's own level holds for none of them: each entry has one."""
    many = Region("M", Role.INPUT, 6, 2, np.random.default_rng(0).normal(size=(300, 40)))
    write(one(many), tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        for entry in archive.infolist():
            data, size = archive.read(entry), {}
            for level in (LEVEL, 6):
                deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
                size[level] = len(deflate.compress(data) + deflate.flush())
            assert entry.compress_size == size[LEVEL], entry.filename
            if entry.file_size > 100_000:
                assert size[LEVEL] > size[6]  # else nothing would be told


def test_two_builds_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(layer(), tmp_path / "a.xlsx")
    monkeypatch.setattr("time.time", lambda: 4e9)
    write(layer(), tmp_path / "b.xlsx")
    first = (tmp_path / "a.xlsx").read_bytes()
    assert first == (tmp_path / "b.xlsx").read_bytes()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    write(layer(), tmp_path / "c.xlsx")
    assert "2023-11-14T22:13:20Z" in text_of(tmp_path / "c.xlsx", "docProps/core.xml")
    assert text_of(tmp_path / "a.xlsx", "docProps/core.xml").count("1980-01-01T00:00:00Z") == 2
    with zipfile.ZipFile(tmp_path / "c.xlsx") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2023, 11, 14, 22, 13, 20)}
        assert archive.namelist()[0] == "[Content_Types].xml"


@pytest.mark.parametrize("epoch", ["yesterday", "1e9", "99999999999999999999"])
def test_a_senseless_source_date_epoch(epoch: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with pytest.raises(SheetgenError, match="SOURCE_DATE_EPOCH"):
        write(one(), tmp_path / "a.xlsx")


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, OSError])
def test_after_an_interruption_the_old_file_is_there_and_nothing_else(
    error: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.xlsx"
    target.write_text("old")

    def stop(*_: object) -> None:
        raise error

    monkeypatch.setattr(SharedStrings, "xml", stop)
    with pytest.raises(SheetgenError if error is OSError else error):
        write(one(column([1, 2])), target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_cant_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SheetgenError, match="can't be written"):
        write(one(), tmp_path / "file" / "a.xlsx")
    (tmp_path / "a.xlsx").mkdir()
    with pytest.raises(SheetgenError, match="can't be written"):
        write(one(), tmp_path / "a.xlsx")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.xlsx", "file"]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_others_may_read_the_file(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write(one(), tmp_path / "new" / "a.xlsx")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "new" / "a.xlsx").stat().st_mode) == 0o640


def test_relationships_that_ironcalc_can_follow(tmp_path: Path) -> None:
    write(layer(), tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        names = archive.namelist()
        for name in names:
            if name.startswith("xl/") and name.endswith(".rels"):
                assert b'Target="/' not in archive.read(name), name
        types = archive.read("[Content_Types].xml").decode()
        assert types.count("/xl/sharedStrings.xml") == 1 and len(names) == len(set(names))
        assert "inlineStr" not in archive.read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize(
    "spec",
    [SPEC, "", "a", "a\n", "\n\na\n\n", "=1+1\n- Z = W\n+x\n@y\n'q\n", "  indented\n\ttab \n", "π ≤ <é> & \"q\" 🟨\n",
     "x: [" + "1.25, " * 20_000 + "1]\nend\n"],
)  # fmt: skip
def test_the_spec_comes_back_exactly(spec: str, tmp_path: Path) -> None:
    write(one(column([1]), spec=spec), tmp_path / "a.xlsx")
    assert read_spec(tmp_path / "a.xlsx") == spec


def test_read_spec_of_something_else(tmp_path: Path) -> None:
    from openpyxl import Workbook

    Workbook().save(tmp_path / "other.xlsx")
    with pytest.raises(SheetgenError, match="wasn't made by sheetgen"):
        read_spec(tmp_path / "other.xlsx")
    (tmp_path / "bad.xlsx").write_text("no zip")
    with pytest.raises(SheetgenError, match="is not an Excel workbook"):
        read_spec(tmp_path / "bad.xlsx")
    with pytest.raises(SheetgenError, match="there is no such file"):
        read_spec(tmp_path / "none.xlsx")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "=", "#N/A", "_x0041_", "a\tb & <c>", "'quoted", "1"])
def test_text_stays_text(text: str, tmp_path: Path) -> None:
    write(one(labels=(Label(6, 2, text, "sentence"),)), tmp_path / "a.xlsx")
    cell = load_workbook(tmp_path / "a.xlsx")["Canvas"]["B6"]
    assert cell.value == text.replace("\t", " ")
    assert f"<t xml:space=\"preserve\">{text_xml(text)[:1]}" in text_of(tmp_path / "a.xlsx", "xl/sharedStrings.xml")
    assert bool(cell.style and cell.quotePrefix) is text.startswith(("=", "+", "-", "@"))
    assert "<f>" not in text_of(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml")


def test_text_that_xml_cant_hold() -> None:
    assert text_xml("a\x07b\ud800\ufffe_x0041_<") == "a_x0007_b_xD800__xFFFE__x005F_x0041_&lt;"


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.0, "2"), (-0.0, "0"), (0.1 + 0.2, "0.30000000000000004"), (1e300, "1e300"), (1e-310, "0"),
     (1e16, "1e16"), (-2.5e-7, "-2.5e-7")],
)
def test_numbers_are_written_shortest_and_exactly(value: float, text: str) -> None:
    assert number_xml(value).replace("e+", "e") == text  # versions of pydantic write this plus or leave it out
    numbers = numbers_xml(np.array([[value, 0.5], [-3.0, value]]))
    assert [number.replace("e+", "e") for number in numbers] == [text, "0.5", "-3", text]


def test_kinds_of_cached_values() -> None:
    values = np.empty((1, 6), dtype=object)
    values[0] = [1.5, "a<", CellError("#N/A"), None, np.float64(0.1), True]
    block = Block(1, 1, values, 3, (("F1", "F2&F3", "NA()", "F4", None, None),))
    xml = "".join(rows([block], (), Rows(), SharedStrings()))
    assert xml == (
        '<row r="1"><c r="A1" s="3"><f>F1</f><v>1.5</v></c><c r="B1" s="3" t="str"><f>F2&amp;F3</f><v>a&lt;</v></c>'
        '<c r="C1" s="3" t="e"><f>NA()</f><v>#N/A</v></c><c r="D1" s="3"><f>F4</f></c>'
        '<c r="E1" s="3"><v>0.1</v></c><c r="F1" s="3"><v>1</v></c></row>'
    )


def test_rows_are_in_order_whatever_the_order_of_blocks() -> None:
    blocks = [Block(3, 2, np.ones((2, 1))), Block(1, 5, np.ones((1, 2))), Block(3, 1, np.ones((1, 1)))]
    xml = "".join(rows(blocks, [Cell(3, 3, "x"), Cell(2, 1, 1.5)], Rows({3: 20.5, 9: 0.0}), SharedStrings()))
    assert re.findall(r' r="([A-Z]+\d+)"', xml) == ["E1", "F1", "A2", "A3", "B3", "C3", "B4"]
    assert '<row r="3" ht="20.5" customHeight="1">' in xml and '<row r="9" hidden="1"></row>' in xml


def test_cells_that_hold_nothing_fill_the_gaps() -> None:
    around = Rows(blanks={1: [0, 4, 4, 4, 5], 2: [6]}, styles={3: 7})
    xml = "".join(rows([Block(1, 3, np.ones((1, 2)))], [], around, SharedStrings()))
    assert xml == (
        '<row r="1"><c r="B1" s="4"/><c r="C1" s="0"><v>1</v></c><c r="D1" s="0"><v>1</v></c><c r="E1" s="5"/></row>'
        '<row r="2"><c r="A2" s="6"/></row><row r="3" s="7" customFormat="1"></row>'
    )


def test_large_blocks_are_written_row_by_row_and_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    formulas = tuple(tuple(f"A{i}*{j}" for j in range(3)) for i in range(4))
    blocks = [Block(2, 2, np.arange(12.0).reshape(4, 3), np.arange(12).reshape(4, 3), formulas, array=True)]
    at_once = "".join(rows(blocks, [], Rows(), SharedStrings()))
    monkeypatch.setattr("sheetgen.book.cells.LAZY", 1)
    assert "".join(rows(blocks, [], Rows(), SharedStrings())) == at_once
    assert '<c r="D5" s="11"><f t="array" ref="D5">A3*2</f><v>11</v></c>' in at_once


def test_pieces_that_begin_and_end_in_other_rows_stand_in_their_own() -> None:
    blocks = [Block(2, 1, np.arange(4.0).reshape(4, 1)), Block(4, 3, np.arange(6.0).reshape(3, 2)),
              Block(9, 2, np.ones((1, 1)))]  # fmt: skip
    cells = [Cell(1, 4, "t"), Cell(3, 2, "x", down=3), Cell(7, 1, "y", down=2), Cell(7, 2, "z", down=2)]
    xml = "".join(rows(blocks, cells, Rows(heights={5: 9.0, 12: 1.0}, blanks={4: [7] * 5}), SharedStrings()))
    found = [re.findall(r' r="([A-Z]+\d+)"', row) for row in re.findall("<row .*?</row>", xml)]
    assert found == [
        ["D1"], ["A2"], ["A3", "B3"], ["A4", "B4", "C4", "D4", "E4"], ["A5", "B5", "C5", "D5"], ["C6", "D6"],
        ["A7", "B7"], ["A8", "B8"], ["B9"], [],
    ]  # fmt: skip
    assert '<c r="C5" s="0"><v>2</v></c><c r="D5" s="0"><v>3</v></c>' in xml and '<c r="E4" s="7"/>' in xml
    assert re.findall(r'<row r="(\d+)" ht', xml) == ["5", "12"]


def test_blocks_that_overlap_are_an_error_of_the_programmer() -> None:
    with pytest.raises(ValueError, match="row 2, column B"):
        list(rows([Block(1, 1, np.ones((2, 2))), Block(2, 2, np.ones((1, 1)))], (), Rows(), SharedStrings()))


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_numbers_that_a_cell_cant_hold(number: float, tmp_path: Path) -> None:
    with pytest.raises(LimitError, match="infinite or undefined"):
        write(one(column([1, number])), tmp_path / "a.xlsx")
    assert not list(tmp_path.iterdir())
    with pytest.raises(LimitError, match="infinite or undefined"):
        Block(1, 1, np.array([["a", number]], dtype=object))


@pytest.mark.parametrize(
    ("region", "message"),
    [
        (Region("V", Role.INPUT, 6, 16_384, np.ones((1, 2))), "a sheet has 16,384"),
        (Region("V", Role.INPUT, 1_048_576, 2, np.ones((2, 1))), "1,048,576 rows"),
        (Region("V", Role.FORWARD, 6, 2, np.ones((1, 1)), (("1+" * 4096 + "1",),)), "formula of 8,193 characters"),
        (Region("V", Role.FORWARD, 6, 2, np.ones((1, 1)), block="1+" * 4096 + "1"), "formula of 8,193 characters"),
        (Region("V", Role.VERDICT, 6, 2, np.array([["a" * 32_768]], dtype=object)), "32,767"),
    ],
)
def test_limits(region: Region, message: str, tmp_path: Path) -> None:
    with pytest.raises(LimitError, match=message):
        write(one(region), tmp_path / "a.xlsx")
    assert not list(tmp_path.iterdir())


def test_a_large_matrix_takes_time_in_proportion(tmp_path: Path) -> None:
    region = column(list(range(100_000)))
    doubled = replace(region, column=4, role=Role.FORWARD, formulas=tuple((f"B{r}*1",) for r in range(6, 100_006)))
    write(one(region, doubled), tmp_path / "a.xlsx")
    xml = text_of(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml")
    assert xml.count("<c ") >= 200_000 and '<dimension ref="B1:D100005"/>' in xml
