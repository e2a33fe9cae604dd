"""Live pages that somebody means ill, links and specs that carry numbers on, and engines that are missing or die."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from by_browser import differences, edited, opened, page_of
from by_specs import compiled
from openpyxl.utils import get_column_letter
from playwright.sync_api import Browser

import sheetgen

pytestmark = [pytest.mark.browser, pytest.mark.slow]


HOSTILE = """title: "</title><script>alert(1)</script><img src=x onerror=alert(2)>"
about: "<b>bold</b> </script><script>alert(3)</script> &amp; ' \\" `"
matrices:
  X:
    role: input
    value: [[1, 2], [3, 4]]
    columns: ["<img src=x onerror=alert(4)>", "=1+1"]
    about: "<svg onload=alert(5)>"
  W: {role: parameter, value: [[1, -1]], rows: ["</script>"]}
steps:
  - section: "<iframe src=javascript:alert(6)>"
  - do: Z = W @ X
    say: "</script><script>alert(7)</script> ${alert(8)} {{x}}"
"""


def test_no_text_becomes_markup(chromium: Browser, folder: Path) -> None:
    path = sheetgen.compile_text(HOSTILE).save_html(folder / "hostile.html")
    text = path.read_text(encoding="utf-8")
    assert text.count("<script") == 3 and text.count("</script>") == 3 and "<img" not in text and "<iframe" not in text
    with opened(chromium, path) as found:
        for step in (1, 0):
            found.run("(k) => sheetgen.player.go(k)", step)
        found.run("() => sheetgen.page.regions.forEach((r) => r.cells[0].element.click())")
        tags = found.run("() => [...document.querySelectorAll('body *')].map((e) => e.tagName.toLowerCase())")
        assert not {"img", "iframe"} & set(tags) and tags.count("script") == 3
        assert found.run("() => document.querySelector('h1').textContent").startswith("</title><script>alert(1)")
        assert found.said == [] and len(found.asked) == 1


@pytest.mark.parametrize(
    "fragment",
    ["#Z9=1&A1==1+1&step=x", "#K9=1e999&K9=NaN&K9=0x10", "#%E0%A4%A=1&__proto__=1&'!A1=3", "#" + "K9=1&" * 5000],
)
def test_hostile_fragments_change_nothing(fragment: str, chromium: Browser, folder: Path) -> None:
    with opened(chromium, page_of("backpropagation", folder), fragment=fragment) as found:
        assert differences(found.shown(), compiled("backpropagation").plan) == []
        assert found.said == []


@pytest.mark.parametrize(("matrix", "i", "j", "number"), [
    ("Adj", 0, 4, "5"), ("Adj", 0, 4, "0.5"), ("Adj", 4, 0, "1"), ("Adj", 0, 0, ""), ("X", 0, 0, "1e10"),
    ("X", 0, 0, "=2"), ("H1", 0, 0, "3"), ("X", 0, 0, "0x10"), ("X", 0, 0, "Infinity"),
])  # fmt: skip
def test_a_link_may_say_what_may_be_typed_and_nothing_else(
    matrix: str, i: int, j: int, number: str, chromium: Browser, folder: Path
) -> None:
    """0 or 1 where there are edges, no formulas, nothing that is computed, no number that is huge."""
    region = next(r for s in compiled("gcn").plan.sheets for r in s.regions if r.name == matrix)
    at = f"{get_column_letter(region.column + j)}{region.row + i}"
    with opened(chromium, page_of("gcn", folder), fragment=f"#{at}={number}") as found:
        assert found.run("() => sheetgen.history.edited.length") == 0
        assert differences(found.shown(), compiled("gcn").plan) == []


def test_a_link_brings_the_same_numbers(chromium: Browser, folder: Path) -> None:
    path = page_of("gcn", folder)
    with opened(chromium, path) as found:
        found.change([("W1", 0, 1, 2.5), ("b4", 0, 0, -2.0)])
        found.run("() => sheetgen.player.goTo(4)")
        fragment, numbers = found.run("() => sheetgen.history.fragment()"), found.shown()
    assert fragment.startswith("step=4&")
    with opened(chromium, path, fragment=f"#{fragment}") as found:
        found.page.wait_for_selector(".cell.edited", state="attached")
        assert found.shown() == numbers
        assert "step 4 of" in found.page.locator(".where").inner_text()
        found.run("() => sheetgen.history.reset()")
        assert differences(found.shown(), compiled("gcn").plan) == []


def test_an_address_that_changes_is_followed(chromium: Browser, folder: Path) -> None:
    with opened(chromium, page_of("gcn", folder)) as found:
        at = found.run("() => { const c = sheetgen.page.matrix('X').cells[0]; return c.element.cell.row; }")
        column = found.run("() => sheetgen.page.matrix('X').cells[0].column")
        found.run("(to) => { location.hash = to; }", f"step=2&{get_column_letter(column)}{at}=7")
        found.page.wait_for_selector('.cell[aria-label="X, row 1, column A: 7"]')
        assert "step 2 of" in found.page.locator(".where").inner_text()


def test_undo_and_redo(chromium: Browser, folder: Path) -> None:
    with opened(chromium, page_of("gcn", folder)) as found:
        start = found.shown()
        found.change([("X", 0, 0, 7.0)])
        changed = found.shown()
        assert changed != start
        found.run("() => sheetgen.history.undo()")
        assert found.shown() == start
        found.run("() => sheetgen.history.redo()")
        assert found.shown() == changed


def test_the_spec_that_is_downloaded_has_the_numbers(chromium: Browser, folder: Path) -> None:
    with opened(chromium, page_of("gcn", folder)) as found:
        found.change([("W1", 2, 3, 0.5), ("Adj", 0, 4, 1.0), ("X", 1, 0, -4.0)])
        text = found.run("() => sheetgen.specText(sheetgen.page, sheetgen.history.edited).text")
        numbers = found.shown()
    workbook = sheetgen.compile_text(text)
    values = {g.name: g.value for g in workbook.program.givens}
    assert values["W1"][2, 3] == 0.5 and values["X"][1, 0] == -4 and values["Adj"][0, 4] == values["Adj"][4, 0] == 1
    assert differences(numbers, workbook.plan) == []


def test_a_kernel_goes_into_its_place_among_the_others(chromium: Browser, folder: Path) -> None:
    with opened(chromium, page_of("lenet", folder)) as found:
        found.change([("K1_2", 1, 1, 1.5), ("K2_2_1", 0, 0, -2.0)])
        text = found.run("() => sheetgen.specText(sheetgen.page, sheetgen.history.edited).text")
        numbers = found.shown()
    workbook = sheetgen.compile_text(text)
    values = {g.name: g.value for g in workbook.program.givens}
    assert values["K1_2"].tolist() == [[-0.3, 0, 0.3], [0, 1.5, 0], [0.3, 0, -0.3]]
    assert values["K2_2_1"].tolist() == [[-2, 0.5], [0.5, 0]] and values["K2_2_2"].tolist() == [[0.5, 0], [0, 0.5]]
    assert differences(numbers, workbook.plan) == []


def test_the_first_weights_of_a_training_go_into_its_spec(chromium: Browser, folder: Path) -> None:
    with opened(chromium, page_of("xor", folder)) as found:
        strip = next(each["name"] for each in found.shown() if each["name"].startswith("W1") and each["sheet"] == 1)
        found.change([(strip, 0, 1, 0.625), ("chosen epoch", 0, 0, 3.0)])
        text = found.run("() => sheetgen.specText(sheetgen.page, sheetgen.history.edited).text")
    before = {g.name: g.value for g in compiled("xor").program.givens}["W1"]
    after = {g.name: g.value for g in sheetgen.compile_text(text).program.givens}["W1"]
    assert after[0, 1] == 0.625 != before[0, 1]
    assert np.count_nonzero(before != after) == 1


def test_what_a_spec_doesnt_hold_is_told(chromium: Browser, folder: Path) -> None:
    with opened(chromium, page_of("backpropagation", folder)) as found:
        found.change([("learning_rate", 0, 0, 0.5)])
        problem = found.run("() => sheetgen.specText(sheetgen.page, sheetgen.history.edited).problem")
        assert "no place of their own" in problem


def test_without_webassembly_everything_but_editing_works(chromium: Browser, folder: Path) -> None:
    path = page_of("gcn", folder)
    with opened(chromium, path, ready="html[data-state=still]", before="delete window.WebAssembly") as found:
        found.run("() => sheetgen.player.go(5)")
        assert "step 5 of" in found.page.locator(".where").inner_text()
        cell = found.page.locator('.cell[aria-label^="H₁, row 1, column B"]').first
        cell.click()
        assert "= 4" in found.page.locator(".cellpanel .sum").inner_text()
        found.change([("X", 0, 0, 7.0)])
        assert differences(found.shown(), compiled("gcn").plan) == []


def test_a_lost_engine_is_replaced(chromium: Browser, folder: Path) -> None:
    workbook = compiled("gcn")
    x = np.array(next(g.value for g in workbook.program.givens if g.name == "X"))
    x[0, 0] = 7
    with opened(chromium, page_of("gcn", folder)) as found:
        dies = "() => { throw new Error('memory access out of bounds'); }"
        found.run(f"() => {{ sheetgen.live.engine.model.evaluate = {dies}; }}")
        found.change([("X", 0, 0, 7.0)])
        assert differences(found.shown(), edited(workbook, {"X": x})) == []
