"""Returned pages of small exercises: marks of each matrix, the first mistake and its cause, whoever saved the file."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from by_specs import ROOT
from exercises_solved import empty_cells
from typer.testing import CliRunner

import sheetgen
from sheetgen.cmd import cli
from sheetgen.grade.results import Grade
from sheetgen.pages import ExercisePage
from sheetgen.proof.engines.libreoffice import convert

PATH = ROOT / "specs" / "exercises" / "warm_up.yaml"
Typed = Mapping[tuple[str, int, int], Any]


@cache
def page() -> ExercisePage:
    return sheetgen.exercises(PATH)


def returned(path: Path, typed: Typed) -> Path:
    """The page as it is filled in, but for what is `typed` by key, row and column."""
    page().save_key(path)
    book = openpyxl.load_workbook(path)
    regions = {region.key: region for region in page().plan.sheets[0].regions}
    for (key, i, j), value in typed.items():
        book["Canvas"].cell(regions[key].row + i, regions[key].column + j).value = value
    book.save(path)
    return path


def graded(path: Path, typed: Typed) -> Grade:
    (result,) = page().grade(returned(path, typed)).results
    assert not result.problem
    return result


def test_a_blank_page_and_the_key(tmp_path: Path) -> None:
    page().save(tmp_path / "a.xlsx")
    page().save_key(tmp_path / "b.xlsx")
    blank, key = page().grade(tmp_path).results
    assert (blank.points, blank.strict, blank.open, blank.said) == (0, 0, 33, "no mistake so far")
    assert (key.points, key.strict, key.open, key.said) == (33, 33, 0, "all right")


CASES: dict[str, tuple[Typed, int, int, tuple[str, int, int, str] | None]] = {
    # e = [2.72, 2.72, 1], s = 6.44: with 5.44 instead, p = [0.5, 0.5, 0.18] follows and is right, if not the key's
    "followed": ({("6_s", 0, 0): 5.44, ("6_p", 0, 0): 0.5, ("6_p", 0, 1): 0.5, ("6_p", 0, 2): 0.18}, 32, 29,
                 ("6_s", 1, 1, "")),
    "not followed": ({("6_s", 0, 0): 5.44}, 29, 32, ("6_s", 1, 1, "")),
    # W·x + b = [-1 + 2, 4 - 3]
    "bias": ({("4_z", 0, 0): -1}, 32, 32, ("4_z", 1, 1, "the bias was left out")),
    # row 2 of A times column 3 of B: 4·0 + 5·3
    "single cell": ({("2_C", 1, 2): "14", ("10_W_new", 0, 0): 9}, 31, 31, ("2_C", 2, 3, "slip in adding up")),
    # 2·5 + w·2 = 4
    "factor": ({("3_W", 0, 1): 3}, 32, 32, ("3_W", 1, 2, "other")),
    "text": ({("3_W", 0, 1): "minus three"}, 32, 32, ("3_W", 1, 2, "not a number")),
    "empty": ({("3_W", 0, 1): None, ("5_A", 0, 0): None}, 31, 31, None),
    "comma": ({("8_dW", 0, 1): "1,5"}, 33, 33, None),
    "given cells": ({("2_C", 0, 1): 99, ("3_y", 0, 0): 99, ("3_W", 0, 0): 99}, 33, 33, None),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_marks(case: str, tmp_path: Path) -> None:
    typed, points, strict, first = CASES[case]
    found = graded(tmp_path / "page.xlsx", typed)
    assert (found.points, found.strict) == (points, strict)
    assert (found.first is None) == (first is None)
    if first is not None and found.first is not None:
        assert (found.first.matrix, found.first.row, found.first.column) == first[:3]
        assert first[3] in found.first.cause


def test_a_page_of_one_number_earns_nothing(tmp_path: Path) -> None:
    typed = {(region.key, i, j): 0 for region in page().plan.sheets[0].regions for i, j in empty_cells(region)}
    assert len(typed) == 33
    assert graded(tmp_path / "zeros.xlsx", typed).points == 0


def test_another_page_is_refused(tmp_path: Path) -> None:
    text = PATH.read_text(encoding="utf-8").replace('"W[0, 1]"', '"W[1, 1]"')
    sheetgen.exercises_text(text).save(tmp_path / "cells.xlsx")
    sheetgen.exercises_text(text.replace("[2, 3]", "[2, 4]")).save(tmp_path / "numbers.xlsx")
    cells, numbers = page().grade(tmp_path).results
    assert "other cells are empty" in cells.problem and "of another spec" in numbers.problem


@pytest.mark.libreoffice
def test_a_page_that_libreoffice_saved(tmp_path: Path) -> None:
    typed, points, strict, _ = CASES["followed"]
    convert([returned(tmp_path / "page.xlsx", typed)], "xlsx", tmp_path / "out")
    (found,) = page().grade(tmp_path / "out").results
    assert (found.problem, found.points, found.strict) == ("", points, strict)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "back").mkdir()
    returned(tmp_path / "back" / "ann.xlsx", CASES["bias"][0])
    result = CliRunner().invoke(cli.app, ["grade", "back", "--spec", "warm_up", "--report", "class.html", "--json"])
    assert result.exit_code == 0 and json.loads(result.stdout)["results"][0]["points"] == 32
    (row,) = csv.DictReader((tmp_path / "grades.csv").read_text(encoding="utf-8-sig").splitlines())
    assert [row[name] for name in ("right", "of", "4_z", "5_A", "first mistake")] == ["32", "33", "1", "6", "4_z row 1"]
    report = (tmp_path / "class.html").read_text(encoding="utf-8")
    assert "<b>4: z</b>" in report and "<b>3: W</b> <span>? in y = W·x</span>" in report
    for option in (["--level", "2"], ["--blank", "c"], ["--autograder", "a.zip"]):
        refused = CliRunner().invoke(cli.app, ["grade", "back", "--spec", "warm_up", *option])
        assert refused.exit_code != 0 and "say themselves what is left empty" in refused.output
