"""Specs by name and by topic: `sheetgen list`, what builds without being named, and `sheetgen new --from`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from by_specs import GALLERY, PATHS, ROOT, SHIPPED, SPECS
from click.testing import Result
from typer.testing import CliRunner

from sheetgen.cmd import cli, targets
from sheetgen.cmd.catalogue import Entry, lines
from sheetgen.errors import SpecError
from sheetgen.spec.heading import Heading, heading
from sheetgen.spec.model import TOPICS, json_schema
from sheetgen.spec.read import loads

SMALL = "title: {title}\n{more}matrices:\n  A: {{role: input, value: [1, 2]}}\nsteps: [B = 2 * A]\n"
PAGE = """title: Page
exercises:
  - title: One
    matrices: {A: {role: input, value: [1, 2]}}
    steps: [B = 2 * A]
    exercise: {blank: [B]}
"""


def sheetgen(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(a) for a in arguments])


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with specs of each kind, and one spec that comes with sheetgen."""
    for path, title, more in [
        ("here/specs/net.yaml", "Net", "about: One layer. Two lines.\ntopic: basics\n"),
        ("here/specs/more/ring.yaml", "Ring", "topic: graphs\n"), ("here/own.yaml", "Own", ""),
        ("shipped/more/deep.yaml", "Is it deep?", "about: It is.\ntopic: basics\n"),
        ("shipped/net.yaml", "Another net", "topic: graphs\n"),
    ]:  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(SMALL.format(title=title, more=more))
    (tmp_path / "here" / "compose.yaml").write_text("services: {}\n")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(targets, "shipped_folder", lambda: tmp_path / "shipped")
    return tmp_path / "here"


def test_the_list_by_topic(here: Path) -> None:
    """Topics in their order; a name means the nearest file; what isn't a spec isn't listed."""
    result = sheetgen("list")
    assert (result.exit_code, result.stdout.splitlines()) == (0, [
        "Basics", "  deep  Is it deep? It is.", "  net   Net. One layer.", "", "Graphs", "  ring  Ring.", "",
        "Without a topic", "  own   Own.",
    ])  # fmt: skip
    told = json.loads(sheetgen("list", "--json").stdout)
    assert told["ok"] and [entry["name"] for entry in told["specs"]] == ["deep", "net", "ring", "own"]
    assert told["specs"][1] == {"name": "net", "title": "Net", "about": "One layer.", "topic": "basics",
                                "path": "specs/net.yaml"}  # fmt: skip


def test_a_spec_that_cant_be_listed_doesnt_stop_the_others(here: Path) -> None:
    (here / "specs" / "bad.yaml").write_text(SMALL.format(title="Bad", more="topic: graph\n"))
    result = sheetgen("list")
    assert result.exit_code == 2 and "  net   Net. One layer." in result.stdout
    assert result.stderr.startswith("sheetgen: specs/bad.yaml:2:8: `topic` can be basics, deep networks, ")
    assert "but not `graph`. Did you mean `graphs`?" in result.stderr
    failed = json.loads(sheetgen("list", "--json").stdout)["failed"]
    assert [entry["name"] for entry in failed] == ["bad"]


def test_on_a_narrow_terminal_sentences_stay_beside_names() -> None:
    folded = "\n".join(lines([Entry("net", Path("net.yaml"), "Net", "It goes on and on.", "basics")], 28))
    assert folded == "Basics\n  net  Net. It goes on and\n       on."


@pytest.mark.parametrize(("about", "sentence"), [
    ("", ""), ("One", "One"), ("One. Two.", "One."), ("Is it? Yes.", "Is it?"), ('"Where?" There.', '"Where?"'),
    ("Half is 0.5 of it. More.", "Half is 0.5 of it."), ("On\ntwo lines. More.", "On two lines."),
])  # fmt: skip
def test_the_first_sentence(about: str, sentence: str) -> None:
    assert Heading("t", about, "").sentence == sentence


@pytest.mark.parametrize(("written", "problem"), [
    ("Attention", "but not `Attention`. Did you mean `attention`?"),
    ("reinforcment learning", "Did you mean `reinforcement learning`?"), ("[graphs]", "`topic` can be basics, "),
])  # fmt: skip
def test_a_topic_that_there_isnt(written: str, problem: str) -> None:
    with pytest.raises(SpecError, match="2:8") as caught:
        loads(SMALL.format(title="t", more=f"topic: {written}\n"))
    assert problem in str(caught.value)


def test_editors_complete_topics() -> None:
    found = json_schema()["properties"]["topic"]
    assert next(each["enum"] for each in found["anyOf"] if "enum" in each) == list(TOPICS)


def test_every_spec_that_comes_with_sheetgen_has_a_topic_and_each_topic_specs() -> None:
    heads = {path.stem: heading(path) for path in (ROOT / "specs").rglob("*.yaml")}
    assert len(heads) == len(SHIPPED) + 1 > 60
    assert not [name for name, head in heads.items() if not head or not head.topic]
    assert {head.topic for head in heads.values() if head} == {*TOPICS}


def test_no_two_specs_share_a_name() -> None:
    assert len(PATHS) == len(SPECS)


def test_names_are_found_among_more_and_built_only_by_name(here: Path) -> None:
    assert targets.find("ring").path == Path("specs/more/ring.yaml")
    assert targets.find("deep").path == here.parent / "shipped" / "more" / "deep.yaml"
    assert [target.name for target in targets.find_all([])[0]] == ["net"]
    assert "Ring" in sheetgen("show", "ring").stdout
    result = sheetgen("show", "rnig")
    assert (result.exit_code, result.stderr) == (2, "sheetgen: rnig: there is no such spec. Did you mean `ring`?\n")
    assert " `sheetgen list` prints those that have a name" in sheetgen("show", "zzz").stderr


def test_without_names_only_the_gallery_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert [target.path.stem for target in targets.find_all([])[0]] == [path.stem for path in GALLERY]
    assert targets.find("rope").path == Path("specs/more/rope.yaml")


def test_a_new_spec_is_a_copy(here: Path) -> None:
    result = sheetgen("new", "mine", "--from", "ring")
    assert (result.exit_code, result.stdout) == (0, "specs/mine.yaml: edit it, then `sheetgen build mine`\n")
    first, rest = (here / "specs" / "mine.yaml").read_text().split("\n", 1)
    assert first.startswith("# yaml-language-server: $schema=file://") and first.endswith("schema.json")
    assert rest == (here / "specs" / "more" / "ring.yaml").read_text()
    sheetgen("new", "again", "--from", "specs/mine.yaml")
    assert (here / "specs" / "again.yaml").read_text() == f"{first}\n{rest}"  # the schema is named once


@pytest.mark.parametrize(("arguments", "problem"), [
    (["own2", "--from", "rnig"], "rnig: there is no such spec. Did you mean `ring`?"),
    (["net", "--from", "ring"], "specs/net.yaml is already there; nothing was written."),
    (["../x", "--from", "ring"], "`../x` is no name for a file"),
    (["x", "--from", "bad.yaml"], "bad.yaml:2:8: `topic` can be"),
    (["x", "--from", "away/data.yaml"], "A: there is no file `w.csv` beside the spec."),
])  # fmt: skip
def test_nothing_is_copied_over_another_nor_what_would_be_wrong(here: Path, arguments: list[str], problem: str) -> None:
    (here / "bad.yaml").write_text(SMALL.format(title="Bad", more="topic: graph\n"))
    (here / "away").mkdir()
    (here / "away" / "w.csv").write_text("1,2\n")
    (here / "away" / "data.yaml").write_text(
        "title: t\nmatrices:\n  A: {role: input, file: w.csv}\nsteps: [B = 2 * A]\n"
    )
    before = sorted((here / "specs").rglob("*"))
    result = sheetgen("new", *arguments)
    assert result.exit_code == 2 and problem in result.stderr and "Traceback" not in result.output
    assert sorted((here / "specs").rglob("*")) == before and not (here / "x.yaml").exists()
    (here / "specs" / "w.csv").write_text("3,4\n")
    if "away/data.yaml" in arguments:
        assert "specs/x.yaml would not find the files of away/: copy them first." in result.stderr
        assert sheetgen("new", *arguments).exit_code == 0


def test_a_page_of_exercises_is_copied_among_its_like(here: Path) -> None:
    (here / "page.yaml").write_text(PAGE)
    assert sheetgen("new", "one", "--from", "page").stdout == "one.yaml: edit it, then `sheetgen exercise one`\n"
    (here / "specs" / "exercises").mkdir()
    result = sheetgen("new", "two", "--from", "page")
    assert result.stdout == "specs/exercises/two.yaml: edit it, then `sheetgen exercise two`\n"
    assert targets.find("two").path == Path("specs/exercises/two.yaml")
