"""Class sets: numbers that are good to calculate with, the same files for the same seed, and nothing half-written."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from by_specs import SPECS, compiled
from openpyxl import load_workbook
from typer.testing import CliRunner

import sheetgen
from sheetgen.api import compile_spec
from sheetgen.classes import classes
from sheetgen.classes.roster import Student, file_name, numbered, read_roster
from sheetgen.cmd import cli
from sheetgen.errors import SheetgenError, SpecError
from sheetgen.passes.evaluate import evaluate
from sheetgen.passes.many import evaluate_many
from sheetgen.passes.variants import variants
from sheetgen.proof import engines
from sheetgen.spec import read as spec
from sheetgen.spec.embed import with_numbers
from sheetgen.workbook import report_of

VARIANTS = int(os.environ.get("SHEETGEN_VARIANTS") or 40)
"""That LibreOffice recalculates."""
TEXT = """title: One layer
matrices:
  X: {role: input, value: [2, 1]}
  W: {role: parameter, value: [[1, -1], [2, 0], [0, 1]]}
  b: {role: parameter, value: [0, 1, -1]}
  Y: {role: target, value: [1, 0, 0]}
steps:
  - Z = W @ X + b
  - A = relu(Z)
  - L = mse(A, Y)
loss: L
backward: true
exercise: {blank: [Z, A], round: 2}
vary:
  matrices: {X: [-2, 3], W: [-2, 2], Y: one_hot}
  largest: 12
  live: 0.5
"""


def drawn(text: str, count: int, seed: int = 0) -> list[dict[str, np.ndarray]]:
    read = spec.loads(text)
    book = sheetgen.compile_text(text)
    assert read.vary is not None
    return list(islice(variants(book.forward, book.program, read.vary, seed), count))


@pytest.mark.parametrize("name", sorted(path.stem for path in SPECS))
def test_many_at_once_are_as_one_by_one(name: str) -> None:
    """A stack of a spec's own numbers and of others, against `evaluate`, which knows nothing of stacks."""
    book = compiled(name)
    moved = {g.name: np.stack([g.value, g.value * 1.5, g.value]) for g in book.program.givens if g.role == "parameter"}
    stacks = evaluate_many(book.program, moved)
    for key, value in evaluate(book.program).items():
        for number in (0, 2) if len(stacks[key]) > 1 else (0,):
            np.testing.assert_allclose(stacks[key][number], value, rtol=1e-12, atol=1e-12, err_msg=key)


def test_numbers_keep_to_what_is_asked() -> None:
    found = drawn(TEXT, 300)
    assert len({json.dumps({k: v.tolist() for k, v in each.items()}) for each in found}) == 300
    b = np.array([[0], [1], [-1]])
    for each in found:
        x, w, y = each["X"], each["W"], each["Y"]
        assert {*x.ravel()} <= {*range(-2, 4)} and {*w.ravel()} <= {*range(-2, 3)}
        assert y.sum() == 1 and {*y.ravel()} == {0, 1}
        z = w @ x + b
        a = np.maximum(z, 0)
        gradient = np.where(z > 0, 2 * (a - y) / 3, 0) @ x.T
        assert (z != 0).all() and (z > 0).sum() >= 2, "no kink, and enough of them live"
        assert np.abs(z).max() <= 12 and np.abs(2 * (a - y) / 3).max() <= 12 and ((a - y) ** 2).mean() <= 12
        assert gradient.any()
    assert {each["X"].min() for each in found} >= {-2.0, -1.0}, "whole ranges are used"


def test_a_seed_gives_the_same_numbers_however_many_are_wanted() -> None:
    few, many, others = drawn(TEXT, 5), drawn(TEXT, 700)[:5], drawn(TEXT, 5, seed=1)
    for a, b in zip(few, many, strict=True):
        assert all((a[name] == b[name]).all() for name in a)
    assert any((a[name] != b[name]).any() for a, b in zip(few, others, strict=True) for name in a)


def test_denominators_are_those_that_are_wanted() -> None:
    text = (
        "title: Shares\nmatrices:\n  X: {role: input, value: [1, 2, 3]}\nsteps: ['S = X / sum(X)']\n"
        "vary: {matrices: {X: [1, 9]}, denominators: [4, 5, 10]}\n"
    )
    found = {float(each["X"].sum()) for each in drawn(text, 40)}
    assert found == {4, 5, 10}


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ("{matrices: {X: [0, 1]}, largest: 0.5}", "vary: None of 20,000 sets of numbers will do; with"),
        ("{matrices: {Y: one_hot}, live: 0}", "After 3 variants, none of .* 20,000 of them it was there before"),
    ],
)
def test_what_can_t_be_found_says_why(vary: str, said: str) -> None:
    text = TEXT[: TEXT.index("vary:")] + f"vary: {vary}\n"
    with pytest.raises(SpecError, match=said):
        drawn(text, 50)


BAD: dict[str, tuple[str, str]] = {
    "no such matrix": ("{matrices: {Q: [0, 1]}}", "vary: there is no matrix `Q` that the spec gives. There are X, W"),
    "computed": ("{matrices: {Z: [0, 1]}}", "vary: there is no matrix `Z` that the spec gives."),
    "upside down": ("{matrices: {X: [3, 1]}}", "vary: from 3 to 1 there is nothing to choose from"),
    "too wide": ("{matrices: {X: [0, 10000000]}}", "vary: whole numbers from -1,000,000 to 1,000,000"),
    "half": ("{matrices: {X: [0, 1.5]}}", "Item 2 of `X` should be a whole number, not `1.5`."),
    "one": ("{matrices: {X: [1]}}", "`X` of `vary` needs 2 items."),
    "a word": ("{matrices: {X: all}}", "`X` of `vary` can be one_hot, but not `all`."),
    "a misspelt key": ("{matrices: {X: [0, 1]}, larges: 2}", "There is no key `larges` here. Did you mean `largest`?"),
    "nothing": ("{matrices: {}}", "`matrices` of `vary` is empty."),
    "a share": ("{matrices: {X: [0, 1]}, live: 2}", "`live` of `vary`: `2` is more than 1."),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(case: str) -> None:
    vary, said = BAD[case]
    with pytest.raises(SpecError) as caught:
        spec.loads(TEXT[: TEXT.index("vary:")] + f"vary: {vary}\n", "s.yaml")
    assert said in str(caught.value) and "s.yaml:14" in str(caught.value)


FORMS = {
    "rows": "value: [[1, 2], [3, 4]]",
    "block": "\n    value:\n      - [1, 2]\n      # between\n      - [3, 4]\n    about: below",
    "random": "random: {shape: [2, 2]}",
    "zeros": "zeros: [2, 2]",
    "quoted key": '"value": [[1, 2],\n      [3, 4]]',
    "unicode": "about: θ → 𝜃 in front, value: [[1, 2], [3, 4]]",
}


@pytest.mark.parametrize("form", FORMS)
def test_numbers_are_written_into_any_form_of_text(form: str) -> None:
    block = FORMS[form].startswith("\n")
    written = f"\n    role: input{FORMS[form]}" if block else f" {{role: input, {FORMS[form]}}}"
    text = f"title: T\nmatrices:\n  A:{written}\n  B: {{role: input, value: 1}} # kept\nsteps: [Z = A * B]\n"
    changed = with_numbers(spec.loads(text), {"A": np.array([[5.0, -6.0], [7.5, 0.0]])})
    a, b = changed.givens
    assert a.value.tolist() == [[5, -6], [7.5, 0]] and b.value.tolist() == [[1]] and "# kept" in changed.text
    assert spec.loads(changed.text).givens[0].value.tolist() == [[5, -6], [7.5, 0]]
    assert a.about == spec.loads(text).givens[0].about


def test_what_can_t_be_written_into_is_said() -> None:
    text = (
        "title: T\nmatrices:\n  A: {role: input, value: &both [1, 2]}\n  B: {role: input, value: *both}\n"
        "steps: [Z = A * B]\n"
    )
    with pytest.raises(SpecError, match="`B` can't be replaced"):
        with_numbers(spec.loads(text), {"B": np.array([[5.0], [6.0]])})


# The set


def write(folder: Path, text: str = TEXT) -> Path:
    path = folder / "layer.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def digests(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in found}


def made(folder: Path, name: str, students: int = 20, **options: Any) -> Path:
    options = {"workers": 1, "verify": "none", **options}
    classes.class_set(write(folder), numbered(students), folder / name, **options)
    return folder / name


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set made by one process."""
    return made(tmp_path_factory.mktemp("alone"), "set")


def test_every_student_has_other_numbers_and_the_key_of_these(alone: Path) -> None:
    with (alone / "manifest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["student"] for row in rows] == [f"{k:03}" for k in range(1, 21)]
    assert len({row["numbers"] for row in rows}) == 20
    paths = [alone / row["key"] for row in rows[:6]]
    report = sheetgen.verify_workbook(paths[0])
    assert report.ok, report.first
    for row, values in zip(rows, engines.get("ironcalc").recalculate(paths), strict=False):
        given = {name: np.array(value) for name, value in json.loads(row["numbers"]).items()}
        z = given["W"] @ given["X"] + [[0], [1], [-1]]
        numbers = values.sheets["canvas"].found
        assert {*z.ravel()} <= {*numbers}
        task = (alone / row["exercise"]).read_bytes()
        assert hashlib.sha256(task).hexdigest() == row["exercise_sha256"]


@pytest.mark.slow
def test_as_many_processes_as_one_likes(alone: Path, tmp_path: Path) -> None:
    assert digests(made(tmp_path, "set", workers=3)) == digests(alone)


@pytest.mark.slow
def test_a_process_that_dies_changes_nothing(alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dead: list[int] = []
    shared_out = classes.shared_out

    def with_a_death(work: Any, tasks: Any, processes: int, started: Any) -> Iterator[Any]:
        for number, result in shared_out(work, tasks, processes, started):
            if not dead:
                dead.append(number)
                yield number, None  # as when its process was killed before it answered
                continue
            yield number, result

    monkeypatch.setattr(classes, "shared_out", with_a_death)
    assert digests(made(tmp_path, "set", workers=2)) == digests(alone)
    assert dead


def test_what_is_there_stays_and_what_is_spoilt_is_made_again(alone: Path, tmp_path: Path) -> None:
    folder = made(tmp_path, "set", students=3)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.xlsx")}
    spoilt = folder / "exercises" / "002.xlsx"
    spoilt.write_bytes(b"gone")
    (folder / "keys" / "003.xlsx").unlink()
    result = classes.class_set(write(tmp_path), numbered(3), folder, workers=1, verify="none")
    assert result.made == 2
    whole = digests(alone)
    assert all(whole[name] == digest for name, digest in digests(folder).items() if name != "manifest.csv")
    assert (folder / "exercises" / "001.xlsx").stat().st_mtime_ns == before[folder / "exercises" / "001.xlsx"]
    again = classes.class_set(write(tmp_path), numbered(3), folder, workers=1, verify="none", seed=5)
    assert again.made == 3, "another seed is another set"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_leaves_whole_files_and_a_set_that_goes_on(alone: Path, tmp_path: Path) -> None:
    path, folder = write(tmp_path), tmp_path / "set"
    command = [sys.executable, "-m", "sheetgen", "class", str(path), "--students", "20", "-o", str(folder), "--workers",
               "2", "--verify", "none"]  # fmt: skip
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    end = time.monotonic() + 120
    while time.monotonic() < end and not list(folder.glob("keys/*.xlsx")):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130 and len(said.splitlines()) == 1, said
    whole = digests(alone)
    found = digests(folder)
    assert 0 < len(found) < len(whole)
    assert all(whole[name] == digest for name, digest in found.items() if name != "manifest.csv")
    result = classes.class_set(path, numbered(20), folder, workers=1, verify="none")
    assert 0 < result.made < 20 and digests(folder) == whole


@pytest.mark.slow
def test_a_cluster_of_which_a_machine_dies_makes_the_same(alone: Path, tmp_path: Path, monkeypatch: Any) -> None:
    from distributed import LocalCluster

    monkeypatch.setattr(classes, "FAR", 2)
    killed: list[int] = []
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:

        def kill_one(student: str) -> None:
            if not killed:
                victim = next(iter(cluster.workers.values()))
                killed.append(victim.pid)
                os.kill(victim.pid, signal.SIGKILL)

        folder = made(tmp_path, "set", dask=cluster.scheduler_address, progress=kill_one)
    assert killed and digests(folder) == digests(alone)


def test_a_cluster_that_isn_t_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sheetgen.classes.cluster.PATIENCE", 1)
    with pytest.raises(SheetgenError, match=r"There is no dask scheduler at tcp://127\.0\.0\.1:1"):
        made(tmp_path, "set", students=1, dask="tcp://127.0.0.1:1")


def test_files_are_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page whose checks are wrong is found, and so is a wrong key."""
    result = classes.class_set(write(tmp_path), numbered(2), tmp_path / "set", workers=1, verify="all")
    assert result.verified == 2
    from sheetgen.exercise import rules

    monkeypatch.setattr(rules.Rule, "_off", lambda self, sheet: f"100+{self.cell(sheet)}")
    with pytest.raises(SheetgenError, match=r"Student 001: .*counts 0\.0 right cells, not 6"):
        classes.class_set(write(tmp_path), numbered(1), tmp_path / "wrong", workers=1, verify="all")
    assert not list((tmp_path / "wrong").rglob("*.xlsx"))


@pytest.mark.slow
@pytest.mark.libreoffice
def test_variants_verify_in_libreoffice(tmp_path: Path) -> None:
    """And in IronCalc, the same files; numpy has the last word."""
    read, book = spec.loads(TEXT), sheetgen.compile_text(TEXT)
    assert read.vary is not None
    paths, books = [], []
    for number, numbers in enumerate(islice(variants(book.forward, book.program, read.vary, 9), VARIANTS)):
        books.append(compile_spec(with_numbers(read, numbers)))
        paths.append(books[-1].save(tmp_path / f"{number}.xlsx"))
    for name in engines.ENGINES:
        engine = engines.get(name)
        for each, path, values in zip(books, paths, engine.recalculate(paths), strict=True):
            report = report_of(each, path, values, engine.title)
            assert report.ok, (path, report.first)


def test_a_student_s_name_stands_on_the_page(tmp_path: Path) -> None:
    path = write(tmp_path)
    classes.class_set(path, [Student("7", "Ünal <A&B>"), Student("8")], tmp_path / "set", workers=1, verify="none")
    for name, wanted in (("7", "Ünal <A&B>"), ("8", None)):
        book = load_workbook(tmp_path / "set" / "exercises" / f"{name}.xlsx")
        ((sheet, cell),) = book.defined_names["student_name"].destinations
        assert book[sheet][cell.replace("$", "").split(":")[0]].value == wanted


# Grading


def solved(page: Path, target: Path, numbers: dict[str, Any], slip: bool = False, name: str = "") -> None:
    """A page filled in as its student should, worked out here; with a slip in Z, and what follows from it."""
    given = {key: np.array(value) for key, value in numbers.items()}
    z = given["W"] @ given["X"] + [[0], [1], [-1]]
    z[1, 0] += slip
    book = load_workbook(page)
    for key, value in {"answer_Z": z, "answer_A": np.maximum(z, 0)}.items():
        ((sheet, place),) = book.defined_names[key].destinations
        for (cell,), number in zip(book[sheet][place.replace("$", "")], value.ravel(), strict=True):
            cell.value = float(number)
    if name:
        ((sheet, place),) = book.defined_names["student_name"].destinations
        book[sheet][place.replace("$", "").split(":")[0]].value = name
    target.parent.mkdir(exist_ok=True)
    book.save(target)


def test_each_is_judged_by_its_own_numbers(tmp_path: Path) -> None:
    path, folder, back = write(tmp_path), tmp_path / "set", tmp_path / "back"
    roster_of = [Student("1", "First"), Student("2"), Student("3", "Third")]
    classes.class_set(path, roster_of, folder, workers=1, verify="none")
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        lines = {row["student"]: row for row in csv.DictReader(file)}
    numbers = {student: json.loads(line["numbers"]) for student, line in lines.items()}
    pages = {student: folder / line["exercise"] for student, line in lines.items()}
    solved(pages["1"], back / "a.xlsx", numbers["1"])
    solved(pages["2"], back / "b.xlsx", numbers["2"], slip=True)
    solved(pages["3"], back / "c.xlsx", numbers["1"])  # another student's answers
    solved(pages["1"], back / "d.xlsx", numbers["1"], name="Fourth")  # another student's file
    (back / "e.xlsx").write_bytes(b"no workbook")
    sheetgen.compile_text(TEXT).exercise().save(back / "f.xlsx")
    a, b, c, d, e, f = sheetgen.grade_set(path, back, folder).results
    assert (a.points, a.strict, a.student, a.id, a.remarks) == (6, 6, "First", "1", ())
    assert (b.points, b.strict, b.student, b.id) == (5, b.strict, "b", "2") and b.strict in (4, 5)
    assert b.first is not None and (b.first.title, b.first.row) == ("Z", 2)
    assert c.points < 6 and c.strict < 6 and c.student == "Third"
    assert d.points == 6 and d.student == "Fourth" and d.remarks == ("the numbers are those of First",)
    assert e.problem and "other numbers" in f.problem
    command = ["grade", str(back), "--spec", str(path), "--set", str(folder), "-o", str(tmp_path / "g.csv")]
    result = CliRunner().invoke(cli.app, command)
    assert "4 graded, 2 all right" in result.stdout, result.stdout
    with pytest.raises(SheetgenError, match="there is no such manifest"):
        sheetgen.grade_set(path, back, tmp_path)


def test_a_level_says_how_much_is_left_empty(tmp_path: Path) -> None:
    path, folder, back = write(tmp_path), tmp_path / "set", tmp_path / "back"
    command = ["class", str(path), "--students", "2", "-o", str(folder), "--workers", "1", "--verify", "all"]
    whole = json.loads(CliRunner().invoke(cli.app, [*command, "--level", "4", "--json"]).stdout)
    few = json.loads(CliRunner().invoke(cli.app, [*command, "--level", "1", "--json"]).stdout)
    assert few["cells"] < whole["cells"] and few["made"] == whole["made"] == 2, "another level is another set"
    back.mkdir()
    (back / "001.xlsx").write_bytes((folder / "exercises" / "001.xlsx").read_bytes())
    (grade,) = sheetgen.grade_set(path, back, folder, level=1).results
    assert (grade.id, grade.points, grade.problem) == ("001", 0, "")
    (other,) = sheetgen.grade_set(path, back, folder).results
    assert other.problem, "asked for something else"


# The roster


def roster(folder: Path, text: str) -> Path:
    path = folder / "roster.csv"
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "ids", "names"),
    [
        ("id,name\n7,Ada L.\n8,Bo\n", ["7", "8"], ["Ada L.", "Bo"]),
        ("\ufeffName;E-mail;Email\r\nAda;;a@b.c\r\n\r\n", ["a@b.c"], ["Ada"]),
        ("Last name\tFirst name\tStudent ID\nLove\tAda\t12\n", ["12"], ["Ada Love"]),
        ('name\n"Love, Ada"\n', ["Love, Ada"], ["Love, Ada"]),
    ],
)
def test_rosters_as_people_have_them(tmp_path: Path, text: str, ids: list[str], names: list[str]) -> None:
    found = read_roster(roster(tmp_path, text))
    assert [student.id for student in found] == ids and [student.name for student in found] == names


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no students"),
        ("id,name\n", "has no students"),
        ("who,what\n1,2\n", r":1: there is no column `id`, `email` or `name`, only `who, what`"),
        ("id,name\n1,a\n,b\n", r":3: this student has no `id`"),
        ("id\nA/b\na-B\n", r":3: `a-B` stands there a second time"),
        ('id\n"1\n', "can't be read as CSV"),
    ],
)
def test_rosters_that_are_wrong(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SheetgenError, match=said):
        read_roster(roster(tmp_path, text))


def test_names_of_files_stay_in_the_folder() -> None:
    assert [file_name(each) for each in ("../../x", "a b/c", "...", "ä.Ö@x")] == ["x", "a-b-c", "student", "ä.ö@x"]


def test_the_command(tmp_path: Path) -> None:
    path, out = write(tmp_path), tmp_path / "out"
    run = lambda *args: CliRunner().invoke(cli.app, ["class", str(path), "-o", str(out), *args])  # noqa: E731
    assert "Say either --students 30 or --roster" in run().stderr
    result = run("--students", "2", "--verify", "none", "--json", "--workers", "1")
    assert json.loads(result.stdout) == {
        "folder": str(out), "manifest": str(out / "manifest.csv"), "students": 2, "made": 2, "verified": 0, "cells": 6,
    }  # fmt: skip
    write(tmp_path, TEXT[: TEXT.index("vary:")])
    assert "Say `vary: {matrices: {X: [-2, 3]}}`" in run("--students", "2").stderr
    (out / "manifest.csv").write_text("mine\n")
    write(tmp_path)
    assert "isn't a manifest of sheetgen's" in run("--students", "2").stderr
