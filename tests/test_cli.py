"""The command, with the compiler's stages replaced by a plan drawn by hand: what it says and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import hand_made, write_by_hand
from openpyxl import load_workbook
from typer.testing import CliRunner

from sheetgen import __version__
from sheetgen import api as compiler
from sheetgen.cmd import cli, start, targets
from sheetgen.errors import SpecError
from sheetgen.proof.audit import audit
from sheetgen.proof.compare import compare
from sheetgen.proof.engines import libreoffice
from sheetgen.proof.report import Report


class FakeWorkbook:
    """A compiled spec whose file goes through openpyxl alone; `wrong` spoils one formula."""

    def __init__(self, wrong: bool) -> None:
        self.plan, self.wrong = hand_made(), wrong

    def save(self, path: Path) -> Path:
        write_by_hand(self.plan, path)
        if self.wrong:
            book = load_workbook(path)
            book["Canvas"]["I3"] = "=MAX(1,G3)"
            book.save(path)
        return path


def fake_report(workbook: Any, path: Path, values: Any, engine: str, reference: Path | None = None) -> Report:
    report = compare(workbook.plan, values, path, engine)
    return audit(workbook.plan, report) if reference else report


def fake_compile(path: Path, outside: bool = False) -> Any:
    text = path.read_text()
    if "broken" in text:
        raise SpecError("`W9` is not known.", path=str(path), line=3, column=5, text="- Z = W9 @ X")
    if "interrupt" in text:
        raise KeyboardInterrupt
    if "bug" in text:
        raise ZeroDivisionError("a bug of ours")
    return FakeWorkbook("wrong" in text)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, no shipped specs, and the fake compiler."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(targets, "shipped_folder", lambda: tmp_path / "shipped")
    monkeypatch.setattr("sheetgen.cmd.batch.compile", fake_compile)
    monkeypatch.setattr("sheetgen.cmd.batch.report_of", fake_report)
    monkeypatch.setattr("sheetgen.cmd.batch.recompiled", lambda path: FakeWorkbook(wrong=False))
    return folder


def spec(folder: Path, name: str, text: str = "good") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return path


def sheetgen(*arguments: object) -> Any:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def test_build_all_specs(here: Path) -> None:
    spec(here / "specs", "one")
    spec(here / "specs", "two")
    result = sheetgen("build")
    assert result.exit_code == 0 and result.stderr == ""
    lines = result.stdout.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("ok one: output/one.xlsx 11 cells, verified by IronCalc (")
    assert sorted(path.name for path in (here / "output").iterdir()) == ["one.xlsx", "two.xlsx"]


def test_a_failing_spec_does_not_stop_the_others(here: Path) -> None:
    for name, text in [("a", "broken"), ("b", "good"), ("c", "wrong")]:
        spec(here / "specs", name, text)
    result = sheetgen("build", "-o", "lesson")
    assert result.exit_code == 2
    assert sorted(path.name for path in (here / "lesson").iterdir()) == ["b.xlsx", "c.xlsx"]
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == ["FAILED a", "ok b", "FAILED c"]
    assert "2 of 3 failed: a, c" in result.stderr
    assert "specs/a.yaml:3:5: `W9` is not known." in result.stderr
    assert "c, IronCalc: A Canvas!I3 =MAX(0,G3): another value; expected 0, found 1" in result.stderr


def test_a_workbook_that_does_not_verify(here: Path) -> None:
    spec(here / "specs", "c", "wrong")
    assert sheetgen("build", "c").exit_code == 1
    result = sheetgen("verify", "output/c.xlsx")
    assert result.exit_code == 1
    assert "another formula; expected =MAX(0,G3), found =MAX(1,G3)" in result.stderr
    assert sheetgen("verify", "c").exit_code == 1


def test_json(here: Path) -> None:
    spec(here / "specs", "a", "broken")
    spec(here / "specs", "c", "wrong")
    data = json.loads(sheetgen("build", "--json").stdout)
    assert data["ok"] is False
    assert [entry["name"] for entry in data["results"]] == ["a", "c"]
    assert "W9" in data["results"][0]["error"]
    first = data["results"][1]["reports"][0]["first"]
    assert (first["matrix"], first["cell"], first["expected"], first["found"]) == ("A", "I3", 0, 1)


@pytest.mark.libreoffice
def test_verify_with_every_engine(here: Path) -> None:
    spec(here / "specs", "one")
    spec(here / "specs", "c", "wrong")
    sheetgen("build")
    result = sheetgen("verify", "one", "output/one.xlsx", "--engine", "all")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.count("verified by IronCalc, verified by LibreOffice") == 2
    result = sheetgen("verify", "--engine", "libreoffice")
    assert result.exit_code == 1 and "c, LibreOffice: A Canvas!I3" in result.stderr


@pytest.mark.libreoffice
def test_render(here: Path) -> None:
    spec(here / "specs", "one")
    result = sheetgen("render", "one", "-o", "pages", "--dpi", "50")
    assert result.exit_code == 0, result.stderr
    pages = result.stdout.splitlines()
    assert pages and pages == [f"pages/one-{k}.png" for k in range(1, len(pages) + 1)]
    assert (here / "pages/one-1.png").read_bytes()[:4] == b"\x89PNG"
    assert sheetgen("render", "one", "-o", "pages", "--pdf").stdout == "pages/one.pdf\n"
    assert (here / "pages/one.pdf").read_bytes()[:4] == b"%PDF"
    assert sorted(path.name for path in (here / "pages").iterdir()) == sorted(
        [*(page.removeprefix("pages/") for page in pages), "one.pdf"]
    )


def test_without_libreoffice(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec(here / "specs", "one")
    monkeypatch.setattr(libreoffice, "ELSEWHERE", ())
    monkeypatch.setenv("PATH", "")
    for command in (["render", "one"], ["verify", "one", "--engine", "all"]):
        result = sheetgen(*command)
        assert result.exit_code == 2
        assert "sudo apt-get install libreoffice-calc poppler-utils" in result.stderr


def test_names_without_a_path(here: Path, tmp_path: Path) -> None:
    spec(tmp_path / "shipped", "gcn", "wrong")
    assert sheetgen("build", "gcn").exit_code == 1  # the shipped one
    spec(here / "specs", "gcn")
    assert sheetgen("build", "gcn").exit_code == 0  # this folder's goes first
    (here / "gcn").mkdir()
    assert sheetgen("build", "gcn").exit_code == 0  # a folder of that name is not meant
    assert "ok gcn" in sheetgen("build", "specs/gcn.yaml", "gcn").stdout
    assert len(sheetgen("build", "specs/gcn.yaml", "gcn").stdout.splitlines()) == 1


MISTAKES = [
    (["build", "gnc"], "gnc: there is no such spec. Did you mean `gcn`?"),
    (["build", "no/such.yaml"], "no/such.yaml: there is no such file."),
    (["build", "specs"], "specs is a folder; expected a spec (.yaml)."),
    (["build", ""], "An empty name means no spec."),
    (["build", "x" * 300], "there is no such spec."),
    (["build", "notes.txt"], "notes.txt: expected a spec (.yaml)."),
    (["build", "text.xlsx"], "text.xlsx is a workbook; expected a spec"),
    (["build", "gcn", "-o", "notes.txt"], "notes.txt is a file; expected a folder to write to."),
    (["build", "gcn", "-o", "notes.txt/deeper"], "notes.txt/deeper: the folder can't be made"),
    (["build", "gcn", "other/gcn.yaml"], "its workbook would overwrite that of specs/gcn.yaml"),
    (["verify", "none.xlsx"], "none.xlsx: there is no such file."),
    (["verify", "text.xlsx"], "text.xlsx is not an Excel workbook"),
    (["verify", "specs"], "specs is a folder; expected a spec (.yaml) or a workbook (.xlsx)."),
    (["render", "text.xlsx"], "text.xlsx is not an Excel workbook"),
    (["new", "gcn"], "specs/gcn.yaml is already there; nothing was written."),
    (["new", "../x"], "`../x` is no name for a file"),
    (["show", "gnc"], "Did you mean `gcn`?"),
    (["exercise", "gnc"], "Did you mean `gcn`?"),
    (["exercise", "text.xlsx"], "text.xlsx is a workbook; expected a spec"),
    (["exercise", "gcn", "--round", "9"], "--round"),
    (["frobnicate"], "No such command"),
    (["build", "--frobnicate"], "No such option"),
    (["verify", "gcn", "--engine", "excel"], "excel"),
]


@pytest.mark.parametrize(("arguments", "message"), MISTAKES, ids=[" ".join(a) or "-" for a, _ in MISTAKES])
def test_mistakes_get_one_clear_message(here: Path, arguments: list[str], message: str) -> None:
    spec(here / "specs", "gcn")
    spec(here / "other", "gcn")
    (here / "notes.txt").write_text("notes")
    (here / "text.xlsx").write_text("a,b\n")
    result = sheetgen(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_a_workbook_of_someone_else(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.chdir(here)
    write_by_hand(hand_made(), here / "other.xlsx")
    result = sheetgen("verify", "other.xlsx")
    assert result.exit_code == 2 and "other.xlsx" in result.stderr and "Spec" in result.stderr


def test_no_specs_here(here: Path) -> None:
    result = sheetgen("build")
    assert result.exit_code == 2 and "sheetgen new NAME" in result.stderr
    assert not (here / "output").exists()


def test_a_bug_is_not_taken_for_a_mistake(here: Path) -> None:
    spec(here / "specs", "bug", "bug")
    assert isinstance(sheetgen("build").exception, ZeroDivisionError)


def test_interrupt(here: Path) -> None:
    spec(here / "specs", "one", "interrupt")
    result = sheetgen("build")
    assert result.exit_code == 130 and result.stderr == ""  # the outermost says which signal it was


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGINT, 130, "Interrupted"), (signal.SIGTERM, 143, "Terminated"), (signal.SIGHUP, 129, "Hung up")],
)
def test_a_signal_while_libreoffice_works_leaves_nothing(
    tmp_path: Path, number: signal.Signals, code: int, word: str
) -> None:
    slow, temporary, note = tmp_path / "bin" / "soffice", tmp_path / "tmp", tmp_path / "started"
    slow.parent.mkdir()
    temporary.mkdir()
    slow.write_text(f"#!/bin/sh\necho $$ > {note}\nexec sleep 60\n")
    slow.chmod(0o755)
    write_by_hand(hand_made(), tmp_path / "book.xlsx")
    environment = {**os.environ, "TMPDIR": str(temporary), "PATH": f"{slow.parent}:{os.environ['PATH']}"}
    command = [sys.executable, "-m", "sheetgen", "render", "book.xlsx", "--pdf"]
    root = Path(compiler.__file__).parents[1]
    environment["PYTHONPATH"] = str(root)
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    while not (note.exists() and note.read_text().strip()):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (code, f"{word}\n")
    assert list(temporary.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


TASK = """title: t
matrices:
  X: {role: input, value: [1, 2]}
steps: [Y = 2 * X, Z = relu(Y - 3)]
"""


def test_exercise(here: Path) -> None:
    path = spec(here, "task", TASK)
    result = sheetgen("exercise", path, "--blank", "Y, Z", "-o", "lesson")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "lesson/task-exercise.xlsx: 4 cells to fill in: Y, Z; 2 decimals",
        "lesson/task-key.xlsx: the finished workbook",
    ]
    assert sorted(file.name for file in Path("lesson").iterdir()) == ["task-exercise.xlsx", "task-key.xlsx"]
    result = sheetgen("exercise", path, "--blank", "YY")
    assert (result.exit_code, result.stderr) == (
        2, "sheetgen: blank: there is no matrix `YY`. Did you mean `Y`?\n"
    )  # fmt: skip
    assert not Path("output").exists()
    spec(here, "task", TASK + "exercise: {blank: forward, round: 1, hints: false}\n")
    told = json.loads(sheetgen("exercise", path, "--json").stdout)
    assert (told["blanks"], told["cells"], told["decimals"]) == (["Y", "Z_pre", "Z"], 6, 1)


def test_new(here: Path) -> None:
    result = sheetgen("new", "my-net")
    assert result.exit_code == 0 and (here / "my-net.yaml").is_file()
    (here / "specs").mkdir()
    sheetgen("new", "my-net.yaml")
    text = (here / "specs" / "my-net.yaml").read_text()
    assert 'title: "My net"' in text and "{" + "name}" not in text and "sheetgen build my-net" in text


def test_new_tells_editors_where_the_schema_is(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its URI, which has no blanks; in a clone by a path that is right for everybody's clone."""
    elsewhere = here.parent / "with blanks" / "schema.json"
    monkeypatch.setattr(start, "SCHEMA_FILE", elsewhere)
    sheetgen("new", "one")
    line = (here / "one.yaml").read_text().splitlines()[0]
    assert line == f"# yaml-language-server: $schema=file://{here.parent}/with%20blanks/schema.json"
    (here / "specs").mkdir()
    for inside, expected in [("pkg/schema.json", "../pkg/schema.json"), ("my pkg/schema.json", "file://")]:
        monkeypatch.setattr(start, "SCHEMA_FILE", here / inside)
        name = inside.replace("/", "_").replace(" ", "_").removesuffix(".json")
        sheetgen("new", name)
        line = (here / "specs" / f"{name}.yaml").read_text().splitlines()[0]
        assert line.startswith(f"# yaml-language-server: $schema={expected}") and line.endswith("schema.json")


def test_the_schema_in_the_package_is_what_the_command_prints() -> None:
    assert sheetgen("schema").stdout == start.SCHEMA_FILE.read_text(encoding="utf-8")


def test_version_and_help() -> None:
    assert sheetgen("--version").stdout == f"sheetgen {__version__}\n"
    result = sheetgen("--help")
    assert result.exit_code == 0
    for command in ("build", "verify", "render", "exercise", "schema", "list", "new", "show"):
        assert command in result.stdout
        assert f"sheetgen {command}" in sheetgen(command, "--help").stdout
