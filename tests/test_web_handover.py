"""What a plan hands over to its live page, and the file that is made of it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from by_specs import PATHS, ROOT, compiled
from conftest import hand_made
from openpyxl.utils import get_column_letter

from sheetgen import compile_text
from sheetgen.errors import LimitError, SheetgenError
from sheetgen.layout.plan import Region, WorkbookPlan
from sheetgen.spec.embed import edges_place, number_places
from sheetgen.spec.model import TOPICS
from sheetgen.web.document import document
from sheetgen.web.formulas import relative
from sheetgen.web.handover import hand_over
from sheetgen.web.index import data_of, index

WEB = ROOT / "sheetgen" / "web"
SAMPLES = ["gcn", "backpropagation", "transformer", "xor", "karate", "cnn", "capsule_routing"]


def put(text: str, row: int, column: int) -> str:
    """A formula in the page's notation, seen from a cell, with all its $."""
    def reference(found: re.Match[str]) -> str:
        (r, c) = found.groups()
        down = row + int(r[1:-1]) if r[0] == "[" else int(r)
        across = column + int(c[1:-1]) if c[0] == "[" else int(c)
        return f"{'' if c[0] == '[' else '$'}{get_column_letter(across)}{'' if r[0] == '[' else '$'}{down}"

    parts = re.split(r"""("(?:[^"]|"")*"|'(?:[^']|'')*')""", text)
    return "".join(part if k % 2 else re.sub(r"R(\[-?\d+\]|\d+)C(\[-?\d+\]|\d+)", reference, part)
                   for k, part in enumerate(parts))  # fmt: skip


def test_a_formula_is_told_from_its_own_cell() -> None:
    assert relative("$A$1*B2+C$3", 2, 3) == "R1C1*R[0]C[-1]+R3C[0]"
    quoted = """IF('It''s A1'!{}="A1",LOG10({}),"B""2")"""
    assert relative(quoted.format("B5", "D4"), 4, 4) == quoted.format("R[1]C[-2]", "R[0]C[0]")


@pytest.mark.parametrize("name", SAMPLES)
def test_every_formula_number_and_place_of_the_plan_is_there(name: str) -> None:
    plan = compiled(name).plan
    data = json.loads(json.dumps(hand_over(plan)))
    for sheet, drawn in zip(plan.sheets, data["sheets"], strict=True):
        assert [each["at"] for each in drawn["regions"]] == [
            [r.row, r.column, r.height, r.width] for r in sheet.regions
        ]
        for region, found in zip(sheet.regions, drawn["regions"], strict=True):
            _same(region, found, data["formulas"])
        live = {(at["at"][0], at["at"][1]): at.get("formula", 0) for at in drawn["labels"]}
        for label in sheet.labels:
            number = live[label.row, label.column]
            assert (put(data["formulas"][number - 1], label.row, label.column) if number else None) == label.formula
    assert data["switched"] == sorted(plan.switched_steps)


def test_a_chart_hands_over_its_ends_also_where_they_are_0() -> None:
    """And that its axes have one scale, and which lines no legend tells of."""
    given = {"X": {"role": "input", "value": [[1, 2, 5], [0, 3, 1]], "columns": ["a", "b", "c"]}}
    text = json.dumps({"title": "t", "matrices": given, "steps": ["Z = X / 2"], "charts": [{"points": ["X", "Z"]}]})
    (chart,) = hand_over(compile_text(text).plan)["sheets"][0]["charts"]
    assert chart["undistorted"] and chart["x"] == {"low": 0, "high": 5.72, "step": 1}
    assert chart["y"] == {"low": 0, "high": 3.18, "step": 1, "grid": True}
    found = [(each.get("title", ""), each.get("unkeyed", False), each.get("label", "")) for each in chart["series"]]
    assert found[:3] == [("X", False, ""), ("Z", False, ""), ("", True, "")]
    assert {(each["title"].strip(), each["unkeyed"]) for each in chart["series"][5:]} == {(c, True) for c in "abc"}


def _same(region: Region, found: dict[str, Any], formulas: list[str]) -> None:
    count = region.height * region.width
    numbers = found.get("formulas", 0)
    numbers = [numbers] * count if isinstance(numbers, int) else numbers
    for k, number in enumerate(numbers):
        i, j = divmod(k, region.width)
        own = region.formulas[i][j] if region.formulas is not None and region.block is None else None
        assert (put(formulas[number - 1], region.row + i, region.column + j) if number else None) == own
    if region.block is not None:
        assert put(formulas[found["block"] - 1], region.row, region.column) == region.block
    if region.values.dtype.kind in "fiub":
        digits = 1e-5 if region.epochs_of else 1e-14
        np.testing.assert_allclose(found["values"], region.values.ravel(), rtol=digits, atol=1e-300)
    else:
        assert found["values"] == region.values.ravel().tolist()


def test_numbers_that_are_typed_are_handed_over_to_the_last_bit() -> None:
    plan = compiled("gan").plan
    drawn = [r for sheet in hand_over(plan)["sheets"] for r in sheet["regions"]]
    typed = [(region, found) for region, found in zip((r for s in plan.sheets for r in s.regions), drawn, strict=True)
             if region.epochs_of and region.formulas is not None]  # fmt: skip
    some = 0
    for region, found in typed:
        for k, formula in enumerate(f for row in region.formulas or () for f in row):
            if formula is None:
                assert found["values"][k] == region.values.ravel()[k]
                some += 1
    assert some >= 5


def test_names_of_rows_and_columns_are_those_beside_the_matrix() -> None:
    regions = {r["matrix"]: r for r in hand_over(compiled("gcn").plan)["sheets"][0]["regions"]}
    assert regions["Adj"]["rows"] == regions["Adj"]["columns"] == list("ABCDE")
    assert regions["X"]["columns"] == list("ABCDE") and "rows" not in regions["X"]
    assert all("rows" not in r for name, r in regions.items() if name.startswith(("W", "M")))


def test_what_may_be_typed() -> None:
    kinds = {r["matrix"]: r.get("kind", "") for r in hand_over(compiled("gcn").plan)["sheets"][0]["regions"]}
    assert (kinds["X"], kinds["Adj"], kinds["M1"]) == ("number", "switch", "")
    exercise = compiled("backpropagation").exercise(["Z1"])
    regions = [r for sheet in hand_over(exercise.plan)["sheets"] for r in sheet["regions"]]
    fields = [(r["role"], r["kind"]) for r in regions if "kind" in r]
    assert {role for role, _ in fields} == {"blank", "entry"}
    assert ("entry", "text") in fields and ("entry", "whole") in fields and ("blank", "number") in fields


def test_where_a_spec_gives_its_numbers() -> None:
    text = PATHS["gcn"].read_text(encoding="utf-8")
    places = {name: text[start:end] for name, (start, end) in number_places(text, "gcn").items()}
    assert places["W2"] == "value: [[0, 1, 0], [0, 0, 1], [0, 0, 1]]" and places["b4"] == "value: [-6]"
    start, end = edges_place(text, "gcn") or (0, 0)
    assert text[start:end] == "edges: [[A, C], [B, C], [B, D], [D, E]]"
    assert edges_place(PATHS["mlp"].read_text(encoding="utf-8"), "mlp") is None


def test_the_file_allows_its_own_program_and_style_and_nothing_else(tmp_path: Path) -> None:
    text = document(hand_over(hand_made()))
    policy = unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1])  # type: ignore[index]
    scripts = re.findall(r"<script( [^>]*)?>(.*?)</script>", text, re.DOTALL)
    programs = [body for options, body in scripts if "text/plain" not in options]
    styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert len(programs) == len(styles) == 1 and len(scripts) == 3
    for kind, body in (("script-src", programs[0]), ("style-src", styles[0])):
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';") and "unsafe-inline" not in policy and "http" not in policy
    assert not re.search(r"<(?:link|img|iframe|object|base)\b|\bon\w+=", text.split("<script")[0])


def test_texts_of_a_spec_stand_nowhere_as_markup(tmp_path: Path) -> None:
    plan = hand_made()
    evil = "</script><script>alert(1)</script>"
    named = WorkbookPlan(evil, plan.sheets, (), "", ())
    text = document(hand_over(named, {"W": evil}))
    assert text.count("<script>") == 1 and "alert(1)</script>" not in text
    assert data_of(text)["title"] == evil


def test_the_program_makes_no_markup_and_no_program() -> None:
    makers = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|\bFunction\("
    forbidden = re.compile(rf"{makers}|setTimeout\(['\"`]")
    for path in (WEB / "src").iterdir():
        assert not forbidden.search(path.read_text(encoding="utf-8")), path.name


def test_only_the_theme_knows_colours() -> None:
    files = [WEB / "style.css", WEB / "index.py", WEB / "document.py", WEB / "looks.py", *(WEB / "src").iterdir()]
    known = re.compile(r"""#[0-9A-Fa-f]{3,8}\b|["'][0-9A-Fa-f]{6}["']|rgba?\((?!0 0 0)""")
    assert {path.name: found for path in files if (found := known.findall(path.read_text(encoding="utf-8")))} == {}


def test_every_file_carries_the_engines_licence() -> None:
    comment = re.search(r"<!--(.*?)-->", document(hand_over(hand_made())), re.DOTALL)
    assert comment is not None
    assert "Copyright" in comment[1] and "The above copyright notice and this permission notice" in comment[1]


def test_the_same_plan_makes_the_same_file() -> None:
    assert document(hand_over(hand_made())) == document(hand_over(hand_made()))


def test_the_index_shows_every_page_and_escapes_what_they_say(tmp_path: Path) -> None:
    pages = [compiled(name).save_html(tmp_path / f"{name} page.html") for name in ("gcn", "xor", "softmax")]
    plan = WorkbookPlan("<b>&", hand_made().sheets, (), "", ())
    (tmp_path / "evil.html").write_text(document(hand_over(plan)), encoding="utf-8")
    text = index([*pages, tmp_path / "evil.html"], TOPICS)
    groups = dict(re.findall(r"<section><h2>(.*?)</h2>(.*?)</section>", text, re.DOTALL))
    assert {name: re.findall(r'href="([^"]*)"', body) for name, body in groups.items()} == {
        "Basics": ["softmax%20page.html"], "Training": ["xor%20page.html"], "Graphs": ["gcn%20page.html"],
        "Without a topic": ["evil.html"],
    }  # fmt: skip
    assert text.count("<svg") == 4 and "&lt;b&gt;&amp;" in text and "<b>" not in text
    assert "<script" not in text and "default-src 'none'" in text


def test_what_is_no_page_is_refused() -> None:
    with pytest.raises(ValueError, match="no live page"):
        data_of("<html></html>")


def test_the_engine_is_the_one_that_npm_names() -> None:
    wanted = json.loads((WEB / "package.json").read_text())["devDependencies"]["@ironcalc/wasm"]
    locked = json.loads((WEB / "package-lock.json").read_text())["packages"]["node_modules/@ironcalc/wasm"]
    assert locked["version"] == wanted and locked["license"] == "MIT/Apache-2.0"
    assert gzip.decompress((WEB / "built" / "engine.wasm.gz").read_bytes())[:4] == b"\0asm"
    assert {path.name for path in (WEB / "built").glob("*LICENSE*")} == {
        "IRONCALC-LICENSE-MIT.md", "IRONCALC-LICENSE-Apache-2.0.md",
    }  # fmt: skip


def test_what_is_built_is_made_from_what_is_written() -> None:
    """`npm run build` in sheetgen/web was run after the last change."""
    names = ["build.mjs", "package-lock.json", "style.css"]
    names += [f"src/{path.name}" for path in sorted((WEB / "src").iterdir())]
    total = hashlib.sha256()
    for name in names:
        total.update(f"{name}\n".encode())
        total.update((WEB / name).read_bytes())
    assert (WEB / "built" / "sources.sha256").read_text().strip() == total.hexdigest()


def test_a_page_that_is_too_large_for_a_browser(tmp_path: Path) -> None:
    text = (
        "title: Huge\nmatrices:\n  X: {role: input, random: {shape: [300, 300], seed: 1, low: -2, high: 2}}\n"
        "steps: [Z = X + 1, A = relu(Z)]\n"
    )
    workbook = compile_text(text, "huge.yaml")
    with pytest.raises(LimitError, match=r"huge.yaml: A live page holds 150,000 cells; this one would have 270,000"):
        workbook.save_html(tmp_path / "huge.html")
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_cant_be_written_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(SheetgenError, match="can't be written"):
        compiled("softmax").save_html(tmp_path / "taken" / "page.html")
