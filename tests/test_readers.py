"""Programs that we didn't write open every workbook, and those that calculate agree in every cell.

`make test` installs SheetJS, exceljs, HyperFormula and Gnumeric; without it, a program that isn't there is skipped.
"""

from __future__ import annotations

import os
import re
import shutil
import struct
import zipfile
from pathlib import Path

import pytest
from by_readers import READERS, Reader
from by_specs import GALLERY, compiled
from conftest import falsify_cached_values

import sheetgen
from sheetgen.proof.compare import compare
from sheetgen.proof.slack import Slack

NAMES = [path.stem for path in GALLERY]
QUICK = ("sheetjs", "exceljs", "gnumeric")
AUDITED = {"Unexpected element 'b' found", "Unexpected element 'i' found", "Unexpected element 'color' found"}
"""What openxml-audit objects to: the order in which openpyxl writes a font's properties, which may come in any."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[sheetgen.Workbook, Path]]:
    """The gallery's workbooks, and ERF, exponents in numbers and a matrix called H0."""
    folder = tmp_path_factory.mktemp("built")
    books = {name: compiled(name) for name in NAMES}
    books["old_programs"] = sheetgen.compile_text(OLD)
    return {name: (book, book.save(folder / f"{name}.xlsx")) for name, book in books.items()}


OLD = """
title: What some programs lack
matrices:
  H0: {role: input, value: [[-1.5, -0.2, 0, 0.4, 2]]}
  table: {role: parameter, value: [[1, 2, 3], [4, 5, 6]]}
  tokens: {role: input, value: [[2, 0, 1]]}
steps:
  - E = erf(H0)
  - G = gelu(H0) * 0.00001
  - N = layer_norm(G.T, eps=1e-12)
  - S = softplus(H0 * 30)
  - V = lookup(table, tokens)
"""


def reader(name: str) -> Reader:
    if not READERS[name].there():
        missing = f"{READERS[name].title} isn't installed"
        pytest.fail(missing) if os.environ.get("SHEETGEN_ALL_READERS") else pytest.skip(missing)
    return READERS[name]


@pytest.mark.parametrize("case", [*NAMES, "old_programs"])
@pytest.mark.parametrize("name", QUICK)
def test_every_workbook_opens(
    name: str, case: str, built: dict[str, tuple[sheetgen.Workbook, Path]], tmp_path: Path
) -> None:
    """Those that calculate are given falsified values, so that they must."""
    program, (book, path) = reader(name), built[case]
    if program.recalculates:
        path = Path(shutil.copy(path, tmp_path / path.name))
        assert falsify_cached_values(path) > 0
    values = program.read(path)
    assert set(values.sheets) >= {sheet.title.casefold() for sheet in book.plan.sheets}
    slack = Slack(book.plan, values, book.program, book.values, book.trained)
    report = compare(book.plan, values, path, program.title, slack)
    assert report.ok, report.first
    assert report.cells > 30


def test_hyperformula_calculates_the_same(built: dict[str, tuple[sheetgen.Workbook, Path]]) -> None:
    program = reader("hyperformula")
    for case in ("backpropagation", "softmax", "lstm", "old_programs"):
        book, path = built[case]
        values = program.read(path)
        report = compare(book.plan, values, path, program.title, Slack(book.plan, values, book.program, book.values))
        assert report.ok, (case, report.first)


def test_the_parts_are_valid(built: dict[str, tuple[sheetgen.Workbook, Path]]) -> None:
    validator = pytest.importorskip("openxml_audit").OpenXmlValidator(max_errors=0)
    for _, path in built.values():
        found = {error.description for error in validator.validate(str(path)).errors}
        assert found <= AUDITED, found


def test_local_headers_are_plain(built: dict[str, tuple[sheetgen.Workbook, Path]]) -> None:
    """SheetJS and formualizer read no ZIP64 sizes."""
    for _, path in built.values():
        data = path.read_bytes()
        with zipfile.ZipFile(path) as archive:
            for part in archive.infolist():
                header = struct.unpack_from("<4sHHHHHIIIHH", data, part.header_offset)
                packed, unpacked, extra = header[7], header[8], header[10]
                assert (header[0], header[1], extra) == (b"PK\3\4", 20, 0)
                assert (packed, unpacked) == (part.compress_size, part.file_size)


def test_parts_are_called_as_excel_calls_them(built: dict[str, tuple[sheetgen.Workbook, Path]]) -> None:
    with zipfile.ZipFile(built["karate"][1]) as archive:
        names = archive.namelist()
        drawing = archive.read("xl/drawings/drawing1.xml").decode()
        styles = archive.read("xl/styles.xml").decode()
    assert any(name.startswith("xl/comments") for name in names)
    assert any(name.startswith("xl/drawings/vmlDrawing") for name in names)
    assert "<xdr:wsDr" in drawing and 'descr="' in drawing
    assert "rgb=" in styles
    assert all(len(color) == 8 for color in re.findall(r' rgb="([^"]*)"', styles))


def test_formulas_that_old_programs_know(built: dict[str, tuple[sheetgen.Workbook, Path]]) -> None:
    book, _ = built["old_programs"]
    regions = {region.name: region for region in book.plan.sheets[0].regions}
    assert regions["H0"].defined_name == "H0_"
    texts = [formula for region in regions.values() for row in region.formulas or () for formula in row if formula]
    assert any("SIGN(" in text and "ERF(ABS(" in text for text in texts)
    assert not any("ERF(" in text.replace("ERF(ABS(", "") for text in texts)
    assert any("*0.00001" in text for text in texts) and any("+0.000000000001" in text for text in texts)
    assert any("INDEX($" in text and ",1," in text for text in texts)


ONE_COLUMN = """
title: One column, and a name that some programs take for a cell
matrices:
  table: {role: parameter, value: [2, 3]}
  tokens: {role: input, value: [[0, 0]]}
  beta1: {role: input, value: 4}
steps:
  - V = lookup(table, tokens) * beta1
"""


def test_gnumeric_looks_a_table_of_one_column_up(tmp_path: Path) -> None:
    book = sheetgen.compile_text(ONE_COLUMN)
    for name in ("gnumeric", "hyperformula"):
        program, path = READERS[name], book.save(tmp_path / f"{name}.xlsx")
        if program.there():
            values = program.read(path)
            report = compare(book.plan, values, path, name, Slack(book.plan, values, book.program, book.values))
            assert report.ok, report.first
    assert book.verify().ok
