"""`sheetgen html` and `sheetgen open`: what they write, and what they say when they can't."""

from __future__ import annotations

import json
import webbrowser
from pathlib import Path

import pytest
from by_specs import PATHS, ROOT
from typer.testing import CliRunner

from sheetgen.cmd import cli
from sheetgen.web.index import data_of

SMALL = "title: Small\nmatrices:\n  X: {role: input, value: [[1, 2]]}\nsteps: [Z = X + 1]\n"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    monkeypatch.chdir(tmp_path)
    return CliRunner()


def test_each_spec_becomes_a_file(run: CliRunner, tmp_path: Path) -> None:
    result = run.invoke(cli.app, ["html", "softmax", str(PATHS["gcn"]), "-o", "pages"])
    assert result.exit_code == 0
    assert result.stdout.split() == ["pages/softmax.html", "pages/gcn.html"]
    assert data_of(Path("pages/gcn.html").read_text(encoding="utf-8"))["title"] == "Graph Convolutional Network"


def test_without_names_all_specs_and_an_index(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "specs" / "exercises").mkdir(parents=True)
    (tmp_path / "specs" / "small.yaml").write_text(SMALL)
    (tmp_path / "specs" / "exercises" / "warm_up.yaml").write_text(
        (ROOT / "specs" / "exercises" / "warm_up.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    result = run.invoke(cli.app, ["html"])
    assert result.exit_code == 0, result.output
    assert result.stdout.split() == ["output/index.html", "output/small.html", "output/warm_up.html"]
    index = Path("output/index.html").read_text(encoding="utf-8")
    assert 'href="small.html"' in index and 'href="warm_up.html"' in index


def test_one_that_fails_doesnt_stop_the_others(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(SMALL.replace("X + 1", "Y + 1"))
    (tmp_path / "good.yaml").write_text(SMALL)
    result = run.invoke(cli.app, ["html", "bad.yaml", "good.yaml", "nothing"])
    assert result.exit_code == 2
    assert result.stdout.split() == ["output/good.html"]
    assert "bad.yaml:4:13: There is no matrix `Y`." in result.stderr
    assert "nothing: there is no such spec" in result.stderr


def test_a_name_that_means_nothing_is_one_message(run: CliRunner) -> None:
    result = run.invoke(cli.app, ["html", "gcm"])
    assert result.exit_code == 2 and "Did you mean `gcn`?" in result.stderr and not Path("output").exists()


def test_results_for_scripts(run: CliRunner) -> None:
    result = run.invoke(cli.app, ["html", "softmax", "--json"])
    assert json.loads(result.stdout) == {"ok": True, "files": ["output/softmax.html"], "failed": []}


def test_an_exercise(run: CliRunner) -> None:
    result = run.invoke(cli.app, ["html", "backpropagation", "--exercise"])
    assert result.stdout.split() == ["output/backpropagation-exercise.html"]
    data = data_of(Path("output/backpropagation-exercise.html").read_text(encoding="utf-8"))
    blanks = {r["matrix"] for sheet in data["sheets"] for r in sheet["regions"] if r["role"] == "blank"}
    assert data["sealed"] and data["spec"] is None and data["steps"] == []
    assert blanks == {"Z1", "A1", "Z2", "A2", "dL_dZ3", "dL_dW3"}
    result = run.invoke(cli.app, ["html", "gcn", "--blank", "M1"])
    data = data_of(Path("output/gcn-exercise.html").read_text(encoding="utf-8"))
    assert {r["matrix"] for s in data["sheets"] for r in s["regions"] if r["role"] == "blank"} == {"M1"}


def test_nothing_says_what_to_fill_in(run: CliRunner) -> None:
    result = run.invoke(cli.app, ["html", "gcn", "--exercise"])
    assert result.exit_code == 2 and "Which matrices are to be filled in?" in result.stderr


def test_open_shows_the_page(run: CliRunner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shown: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: shown.append(address) is None)
    result = run.invoke(cli.app, ["open", "softmax", "-o", "a folder"])
    assert result.exit_code == 0 and result.stdout == "a folder/softmax.html\n"
    assert shown == [(tmp_path / "a folder" / "softmax.html").as_uri()]


def test_open_tells_where_the_page_is_when_there_is_no_browser(
    run: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda address: False)
    result = run.invoke(cli.app, ["open", "softmax"])
    assert result.exit_code == 0 and "no browser" in result.stderr and result.stdout == "output/softmax.html\n"


@pytest.mark.parametrize("command", ["html", "open"])
def test_help_has_examples(command: str, run: CliRunner) -> None:
    result = run.invoke(cli.app, [command, "--help"])
    assert f"sheetgen {command} gcn" in result.stdout
