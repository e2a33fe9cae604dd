"""Live pages under hands that slip: drags broken off, numbers out of range, links over links; and sums that add up."""

from __future__ import annotations

from pathlib import Path

import pytest
from by_browser import differences, opened, page_of
from by_specs import compiled
from openpyxl.utils import get_column_letter
from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_click_on_the_paper_keeps_what_was_typed(chromium: Browser, folder: Path) -> None:
    with opened(chromium, page_of("gcn", folder)) as found:
        found.page.get_by_role("button", name="Play").click()
        found.page.locator('.cell[aria-label^="X, row 1, column A"]').first.dblclick()
        assert found.run("() => sheetgen.player.timer") is None
        found.page.locator("input.entry").fill("6")
        found.page.locator("#page").click(position={"x": 900, "y": 20})
        found.page.wait_for_selector('.cell[aria-label="X, row 1, column A: 6"]')
        assert found.page.locator("input.entry").count() == 0


def test_a_drag_there_and_back_or_broken_off_is_no_edit(chromium: Browser, folder: Path) -> None:
    with opened(chromium, page_of("gcn", folder)) as found:
        cell = found.page.locator('.cell[aria-label="X, row 1, column A: 2"]').first
        box = cell.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        found.page.mouse.move(x, y)
        found.page.mouse.down()
        for far in (40, 0):
            found.page.mouse.move(x + far, y)
        found.page.mouse.up()
        assert found.page.get_by_role("button", name="Undo").is_disabled()
        cell.dispatch_event("pointerdown", {"clientX": x, "pointerType": "pen"})
        found.run("() => dispatchEvent(new PointerEvent('pointercancel'))")
        found.page.mouse.move(x + 90, y)
        assert cell.count() == 1


def test_a_link_tells_all_numbers_and_a_reset_leaves_no_mark(chromium: Browser, folder: Path) -> None:
    given = next(r for r in compiled("gcn").plan.sheets[0].regions if r.name == "X")
    a, b = (f"{get_column_letter(given.column + j)}{given.row}" for j in (0, 1))
    with opened(chromium, page_of("gcn", folder), fragment=f"#step=4&{a}=7") as found:
        found.page.wait_for_selector('.cell[aria-label="X, row 1, column A: 7"]')
        found.run("(link) => { location.hash = link; }", f"#{b}=9")
        found.page.wait_for_selector('.cell[aria-label="X, row 1, column B: 9"]')
        found.page.wait_for_selector('.cell[aria-label="X, row 1, column A: 2"]')
        assert found.run("() => sheetgen.player.at") == 0
        found.change([("X", 0, 1, -50.0)])
        assert found.page.locator(".cell.was").count() > 0
        found.page.get_by_role("button", name="Reset").click()
        found.page.wait_for_selector('.cell[aria-label="X, row 1, column B: 2"]')
        assert found.page.locator(".cell.was, .cell.edited").count() == 0
        assert differences(found.shown(), compiled("gcn").plan) == []


def test_gradients_that_are_off_are_no_steps(chromium: Browser, folder: Path) -> None:
    """Step 18 of backpropagation is a gradient: switched off, the page goes back to the last one that is none."""
    workbook = compiled("backpropagation")
    first = min(workbook.plan.switched_steps)
    before = sum(step.number < first for step in workbook.plan.steps)
    with opened(chromium, page_of("backpropagation", folder)) as found:
        found.run("() => sheetgen.player.go(18)")
        found.page.locator("#gradients").uncheck()
        assert found.run("() => sheetgen.player.at") == before
        found.page.get_by_role("button", name="Play").click()
        assert found.run("() => [sheetgen.player.at, sheetgen.player.timer]") == [before, None]
        found.page.get_by_role("button", name="Next step").click()
        assert found.page.locator("#gradients").is_checked()
        found.page.locator("#gradients").uncheck()
        found.run("() => sheetgen.page.tell('select', sheetgen.page.matrix('dL_dZ1').cells[0])")
        assert found.page.locator("#gradients").is_checked()


def test_numbers_out_of_range_are_told(chromium: Browser, folder: Path) -> None:
    """The transformer knows words 0 to 5; xor trains for 60 epochs."""
    with opened(chromium, page_of("transformer", folder)) as found:
        found.change([("tokens", 0, 0, 77.0)])
        assert "can’t be worked out now (#REF!)" in found.page.locator(".message").inner_text()
        found.page.get_by_role("button", name="Undo").click()
        found.page.wait_for_selector(".message:empty", state="attached")
    with opened(chromium, page_of("xor", folder)) as found:
        found.page.locator('.cell[aria-label^="chosen epoch"]').dblclick()
        found.page.locator("input.entry").fill("61")
        found.page.keyboard.press("Enter")
        assert found.page.locator(".message").inner_text() == "Here goes a whole number from 0 to 60."
        assert found.page.locator(".counter output").inner_text() == "0"


ADDED_UP = """() => {
  const wrong = [];
  const by = { exp: Math.exp, ln: Math.log, max: Math.max, min: Math.min, sqrt: Math.sqrt, tanh: Math.tanh };
  for (const region of sheetgen.page.regions) for (const cell of region.cells) {
    if (!cell.element || !(cell.formula || cell.block) || typeof cell.value !== 'number') continue;
    const found = sheetgen.explain(sheetgen.page, cell);
    const sum = found.pieces.map((piece) => piece.cell ? `(${Number(piece.cell.value)})` : piece.text).join('');
    const words = found.words.map((piece) => piece.cell ? '' : piece.text).join('');
    if (!words.trim() || /undefined|NaN|null/.test(words + sum)) wrong.push([region.data.name, words, sum]);
    if (!sum || /[a-z]{3} of|round|sum|count|if|pick|…/.test(sum)) continue;
    const script = sum.replaceAll('−', '-').replaceAll('·', '*').replaceAll('÷', '/').replaceAll('^', '**')
      .replaceAll('; ', ',').replaceAll('√', 'sqrt');
    const value = Function(...Object.keys(by), `return ${script}`)(...Object.values(by));
    if (Math.abs(value - cell.value) > 1e-9 * Math.max(1, Math.abs(value))) wrong.push([region.data.name, sum, value]);
  }
  return wrong; }"""


@pytest.mark.parametrize("name", ["gcn", "backpropagation", "softmax", "transformer", "word2vec"])
def test_the_numbers_put_in_give_what_the_cell_shows(name: str, chromium: Browser, folder: Path) -> None:
    """Of every cell with a formula, worked out by JavaScript from the sentence in the panel."""
    with opened(chromium, page_of(name, folder)) as found:
        assert found.run(ADDED_UP) == []


def test_the_verdict_stays_in_sight(chromium: Browser, folder: Path) -> None:
    """Beside the page: what A is once it hears from E, and what it was; nothing of a step that is still to come."""
    with opened(chromium, page_of("gcn", folder)) as found:
        said = "() => [...document.querySelectorAll('.outcome .result')].map((each) => each.innerText)"
        assert found.run(said) == ["very unlikely", "very likely", "very likely", "very likely", "neutral"]
        found.page.get_by_role("button", name="Connect A–E").click()
        found.page.wait_for_selector(".past:has-text('was very unlikely')")
        assert found.run(said) == ["likely", "very likely", "very likely", "very likely", "very likely"]
        found.run("() => sheetgen.player.go(3)")
        assert found.run(said) == ["…"] * 5
    with opened(chromium, page_of("backpropagation", folder)) as found:
        found.change([("X", 0, 0, 9.0)])
        shown = found.run("() => [...document.querySelectorAll('.outcome .result')].map((each) => each.innerText)")
        names = found.run("() => [...document.querySelectorAll('.outcome h3')].map((each) => each.innerText)")
        assert (names, len(shown)) == (["Ŷ", "L"], 4)
