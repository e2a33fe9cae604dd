"""Files of strangers: only those in the spec's folder are opened, little of them is quoted, and no bomb is unpacked."""

from __future__ import annotations

import io
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import sheetgen
from sheetgen.cmd import cli
from sheetgen.errors import SheetgenError, SpecError
from sheetgen.limits import unpacks_too_large
from sheetgen.spec.files import quote
from sheetgen.spec.read import load, loads

MATRIX = "title: t\nmatrices:\n  X: {{role: input, file: {}}}\nsteps:\n  - Z = X + 1\n"
GRAPH = "title: t\ngraph: {{file: {}}}\nsteps:\n  - H = Adj @ Adj\n"
SECRET = "correct horse battery staple and many more words of it"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a spec's data, beside one that is nobody's business."""
    home, other = tmp_path / "home", tmp_path / "other"
    for folder in (home, home / "data", other):
        folder.mkdir()
        (folder / "x.csv").write_text("1,2\n3,4\n")
        (folder / "g.csv").write_text("source,target\nA,B\n")
        np.savez(folder / "x.npz", W=np.eye(2))
    (home / "link.csv").symlink_to(other / "g.csv")
    (home / "way").symlink_to(other)
    (home / "loop.csv").symlink_to("loop.csv")
    return home


def error(text: str, folder: Path, outside: bool = False) -> SpecError:
    (folder / "s.yaml").write_text(text)
    with pytest.raises(SpecError) as caught:
        load(folder / "s.yaml", outside)
    return caught.value


@pytest.mark.parametrize("name", ["x.csv", "data/x.csv", "data/../x.csv", "./x.csv", "x.npz#W"])
def test_files_in_the_specs_folder(home: Path, name: str) -> None:
    assert loads(MATRIX.format(name), "s.yaml", home).givens[0].shape == (2, 2)


@pytest.mark.parametrize("form", [MATRIX, GRAPH])
@pytest.mark.parametrize("name", ["../other/g.csv", "{other}/g.csv", "link.csv", "way/g.csv", "data/../../other/g.csv"])
def test_files_outside_it_only_when_allowed(home: Path, form: str, name: str) -> None:
    name = name.format(other=home.parent / "other")
    found = error(form.format(name), home)
    assert found.line == (3 if form is MATRIX else 2)
    assert "outside the spec's folder" in found.message and "--allow-files-outside" in found.message
    if form is GRAPH:
        (home / "s.yaml").write_text(form.format(name))
        assert load(home / "s.yaml", outside=True).givens[0].rows == ("A", "B")
    else:
        assert "`source` is not a number" in error(form.format(name), home, outside=True).message


def test_the_command_asks_before_it_looks_outside(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    (home / "s.yaml").write_text(MATRIX.format("../other/x.csv"))
    for command in (["build", "s.yaml"], ["show", "s.yaml"], ["verify", "s.yaml"]):
        refused = CliRunner().invoke(cli.app, command)
        assert refused.exit_code == 2 and "s.yaml:3:26: X: `../other/x.csv` is outside" in refused.stderr
        assert CliRunner().invoke(cli.app, [*command, "--allow-files-outside"]).exit_code == 0
    with pytest.raises(SpecError, match="outside"):
        sheetgen.compile("s.yaml")
    assert sheetgen.compile("s.yaml", allow_files_outside=True).values["Z"][1, 1] == 5


def test_a_workbook_is_verified_without_any_other_file(home: Path) -> None:
    (home / "s.yaml").write_text(MATRIX.format("x.csv"))
    sheetgen.compile(home / "s.yaml").save(home / "s.xlsx")
    (home / "x.csv").unlink()
    assert sheetgen.verify_workbook(home / "s.xlsx").ok
    with pytest.raises(SpecError, match="without any other file"):
        sheetgen.compile_text(MATRIX.format("data/x.csv"), base=None)


@pytest.mark.parametrize(
    ("name", "words"),
    [("loop.csv", "can't be read"), ("data", "none of"), ("n" * 300 + ".csv", "too long"), ("none.csv", "no file")],
)
def test_names_that_lead_nowhere(home: Path, name: str, words: str) -> None:
    assert words in error(MATRIX.format(name), home).message


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("s.csv", SECRET), ("s.csv", f"1,2\n3,{SECRET}"), ("g.csv", f"A,B,{SECRET}\n"), ("g.csv", SECRET),
        ("g.csv", f"source,target,weight\nA,B,{SECRET}\n"), ("g.edgelist", f"#{SECRET}"), ("g.gml", SECRET),
        ("g.edgelist", f"A B {{{SECRET}}}"), ("g.graphml", SECRET), ("s.npy", SECRET), ("s.npz#W", SECRET),
        ("g.csv", f"A,B,1\nA,B,{SECRET}"),
    ],
)  # fmt: skip
def test_at_most_forty_characters_are_quoted(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name.partition("#")[0]).write_text(content)
    found = error((GRAPH if name[0] == "g" else MATRIX).format(f"'{name}'"), tmp_path)
    assert not [k for k in range(len(SECRET) - 40) if SECRET[k : k + 41] in found.message], found.message


def test_quotes_show_no_control_characters() -> None:
    assert quote("a\x1b[31m\n\tb\u202e") == "`a[31m b`"


def test_large_files_are_refused_before_they_are_read(tmp_path: Path) -> None:
    with open(tmp_path / "x.csv", "wb") as file:
        file.truncate(90_000_000)
    assert "larger than 30 MB" in error(MATRIX.format("x.csv"), tmp_path).message
    (tmp_path / "x.csv").write_text("1," * 14_000_000)
    start = time.process_time()
    assert "more than 1,000,000 numbers" in error(MATRIX.format("x.csv"), tmp_path).message
    assert time.process_time() - start < 2
    with open(tmp_path / "x.npy", "wb") as file:
        file.truncate(90_000_000)
    assert "larger than 17 MB" in error(MATRIX.format("x.npy"), tmp_path).message
    with open(tmp_path / "g.csv", "wb") as file:
        file.truncate(6_000_000)
    assert "larger than 5 MB" in error(GRAPH.format("g.csv"), tmp_path).message


def bomb(path: Path, names: list[str], size: int) -> int:
    """An archive of parts of zeros."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, bytes(size))
    return path.stat().st_size


def test_an_archive_of_arrays_that_is_a_bomb(tmp_path: Path) -> None:
    assert bomb(tmp_path / "x.npz", ["W.npy"], 60_000_000) < 100_000
    start = time.process_time()
    assert "`x.npz#W` would unpack to more than 17 MB" in error(MATRIX.format("x.npz#W"), tmp_path).message
    assert time.process_time() - start < 1


@pytest.mark.parametrize("names", [["xl/workbook.xml"], [f"xl/worksheets/sheet{k}.xml" for k in range(8)]])
def test_a_workbook_that_is_a_bomb(tmp_path: Path, names: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.xlsx"
    assert bomb(path, names, 80_000_000 // len(names)) < 200_000
    opened: list[Any] = []
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_, **__: opened.append(1) or io.BytesIO())
    with pytest.raises(SheetgenError, match=r"would unpack to 80 MB, 1,0\d\d times its size"):
        sheetgen.verify_workbook(path)
    assert not opened


def test_what_counts_as_a_bomb() -> None:
    assert unpacks_too_large([]) == "" == unpacks_too_large([(10, 20_000_000)])
    assert unpacks_too_large([(500_000, 50_000_000)] * 20) == ""
    assert unpacks_too_large([(500_000, 50_000_000)] * 21).startswith("it would unpack to 1,050 MB")
    assert unpacks_too_large([(199_999, 20_000_001)]) != ""
    workbooks = sorted((Path(__file__).parents[1] / "output").glob("*.xlsx"))
    for path in workbooks:
        with zipfile.ZipFile(path) as archive:
            assert sum(part.file_size for part in archive.infolist()) < 50 * os.path.getsize(path)
    assert workbooks


