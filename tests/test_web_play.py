"""What can be done in a live page: edges, steps, keys, drags, cells that tell where they come from, phones."""

from __future__ import annotations

import re
from pathlib import Path

import by_libreoffice
import numpy as np
import pytest
from by_browser import CLOSE, PHONE, Opened, differences, edited, opened, page_of
from by_specs import compiled
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from playwright.sync_api import Browser

from sheetgen.book.player import controls

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_switched_edge_reaches_the_verdict(chromium: Browser, folder: Path) -> None:
    """Edge A–E of the graph, by a click: now A hears from E, too, and is likely an X."""
    workbook = compiled("gcn")
    adjacency = np.array(next(g.value for g in workbook.program.givens if g.name == "Adj"))
    adjacency[0, 4] = adjacency[4, 0] = 1
    right = edited(workbook, {"Adj": adjacency})
    with opened(chromium, page_of("gcn", folder)) as found:
        words = "sheetgen.page.regions.find((r) => r.role === 'verdict').cells.map((c) => c.element.textContent)"
        verdict = f"() => {words}"
        assert found.run(verdict) == ["very unlikely", "very likely", "very likely", "very likely", "neutral"]
        found.page.locator('[role=switch][aria-label="edge A – E"]').dispatch_event("click")
        found.page.wait_for_selector('[aria-label="edge A – E"][aria-checked=true]', state="attached")
        assert found.run(verdict)[0] == "likely"
        assert differences(found.shown(), right) == []


def test_a_click_on_a_0_or_1_changes_it(chromium: Browser, folder: Path) -> None:
    with opened(chromium, page_of("gcn", folder)) as found:
        cell = found.page.locator('.cell[aria-label="Adj, row A, column B: 0"]').first
        cell.click()
        found.page.wait_for_selector('.cell[aria-label="Adj, row A, column B: 1"]')
        found.page.wait_for_selector('.cell[aria-label="Adj, row B, column A: 1"]')


def test_a_plane_has_one_scale_whatever_is_typed(chromium: Browser, folder: Path) -> None:
    """A point far beyond the axes' ends makes both reach farther."""
    marks = """() => [...document.querySelectorAll("figure.points circle, figure.points path")]
        .filter((each) => each.querySelector("title"))
        .map((each) => [each.querySelector("title").textContent, each.getBoundingClientRect()])
        .map(([text, box]) => [text, box.x + box.width / 2, box.y + box.height / 2])"""
    with opened(chromium, page_of("svm", folder)) as found:
        for edits in ([], [("X", 0, 0, 9.0)]):
            found.change(edits)
            found.wait()
            at = []
            for label, x, y in found.run(marks):
                across, up = label.replace("−", "-").split(": ")[1].split(", ")
                at.append((float(across), float(up), x, y))
            assert len(at) == 6 and (9.0 in {mark[0] for mark in at}) == bool(edits)
            pairs = [(p, q, k) for p in at for q in at for k in (0, 1) if p[k] != q[k]]
            scales = [abs((p[k + 2] - q[k + 2]) / (p[k] - q[k])) for p, q, k in pairs]
            assert max(scales) == pytest.approx(min(scales), rel=0.03)


def test_bars_of_samples_are_called_by_what_is_typed(chromium: Browser, folder: Path) -> None:
    words = "() => [...document.querySelectorAll('figure.bars text')].map((each) => each.textContent)"
    with opened(chromium, page_of("xor", folder)) as found:
        assert "(0, 1)" in found.run(words)
        found.change([("X", 0, 1, 5.0)])
        found.wait()
        assert "(5, 1)" in found.run(words) and "(0, 1)" not in found.run(words)


def test_something_to_try_is_an_edit_that_can_be_undone(chromium: Browser, folder: Path) -> None:
    adjacency = np.array(next(g.value for g in compiled("gcn").program.givens if g.name == "Adj"))
    adjacency[0, 2] = adjacency[2, 0] = 0
    with opened(chromium, page_of("gcn", folder)) as found:
        assert found.page.locator(".try").all_inner_texts() == ["Cut A–C", "Connect A–E", "Silence W₁"]
        found.page.get_by_role("button", name="Cut A–C").click()
        found.page.wait_for_selector('[aria-label="edge A – C"][aria-checked=false]', state="attached")
        assert differences(found.shown(), edited(compiled("gcn"), {"Adj": adjacency})) == []
        found.page.get_by_role("button", name="Undo").click()
        found.page.wait_for_selector('[aria-label="edge A – C"][aria-checked=true]', state="attached")
        assert differences(found.shown(), compiled("gcn").plan) == []


def hidden_in_workbook(path: Path, sheet: str, step: int | None, gradients: bool) -> set[tuple[int, int]]:
    """The cells that the file's own rules hide, read without the code that wrote them."""
    found = set()
    for ranges, rules in load_workbook(path)[sheet].conditional_formatting._cf_rules.items():
        for rule in rules:
            text = rule.formula[0] if rule.formula else ""
            match = re.fullmatch(r'(?:OR\(\$\w\$3="off",)?AND\(ISNUMBER\((\$\w\$3)\),(\d+)>\1\)\)?', text)
            if not match or not rule.stopIfTrue:
                continue
            later = step is not None and int(match[2]) > step
            if later or (text.startswith("OR") and not gradients):
                for each in str(ranges.sqref).split():
                    left, top, right, bottom = range_boundaries(each)
                    found |= {(i, j) for i in range(top, bottom + 1) for j in range(left, right + 1)}
    return found


HIDDEN = """(number) => {
  const found = [];
  const hides = (element) => { for (let at = element; at && at.id !== 'page'; at = at.parentElement) {
    const style = getComputedStyle(at);
    if (style.visibility === 'hidden' || Number(style.opacity) < 0.5) return true; } return false; };
  for (const region of sheetgen.page.regions) if (region.sheet === number)
    for (const cell of region.cells) found.push([cell.row, cell.column, hides(cell.element)]);
  for (const label of sheetgen.page.labels) if (label.sheet === number)
    found.push([label.row, label.column, hides(label.text)]);
  return found; }"""


@pytest.mark.parametrize("name", ["gcn", "backpropagation", "cnn", "lstm", "softmax"])
def test_a_step_hides_what_the_workbooks_rules_hide(name: str, chromium: Browser, folder: Path) -> None:
    workbook = compiled(name)
    file = workbook.save(folder / f"{name}.xlsx")
    starts, some = [step.number for step in workbook.plan.steps], False
    ends = [max(a, b - 1) for a, b in zip(starts, [*starts[1:], 10**6], strict=True)]
    with opened(chromium, page_of(name, folder)) as found:
        found.page.emulate_media(reduced_motion="reduce")
        for k in (0, 1, len(starts) // 2, len(starts) - 1):  # 0 is everything; a row may stand for several steps
            step = ends[k - 1] if k else None
            for gradients in (True, False) if workbook.plan.switched_steps else (True,):
                found.run("(k) => sheetgen.player.go(k)", k)
                found.run("(on) => { sheetgen.page.state.gradients = on; return sheetgen.live.step(); }", gradients)
                for n, sheet in enumerate(workbook.plan.sheets):
                    found.run("(n) => sheetgen.desk.open(n)", n)
                    expected = hidden_in_workbook(file, sheet.title, step, gradients)
                    wrong = [(i, j) for i, j, hides in found.run(HIDDEN, n) if hides != ((i, j) in expected)]
                    assert wrong == [], (step, gradients, sheet.title)
                    some |= bool(expected)
    assert some


@pytest.mark.parametrize(("name", "k", "gradients"), [
    ("gcn", 3, True), ("backpropagation", 4, True), ("backpropagation", 0, False), ("softmax", 2, True),
    ("cnn", 2, True),
])  # fmt: skip
def test_a_step_hides_what_libreoffice_hides(
    name: str, k: int, gradients: bool, chromium: Browser, folder: Path, tmp_path: Path
) -> None:
    workbook = compiled(name)
    file, at = workbook.save(tmp_path / f"{name}.xlsx"), controls(workbook.plan.sheets[0])
    starts = [step.number for step in workbook.plan.steps]
    sheet = "book.Sheets.getByIndex(0)."
    chosen = [f'{sheet}getCellRangeByName("{at.step}").Value = {max(starts[k - 1], starts[k] - 1)}'] if k else []
    chosen += [] if gradients else [f'{sheet}getCellRangeByName("{at.switch}").String = "off"']
    (tmp_path / "profile").mkdir()
    every = by_libreoffice.visible(by_libreoffice.edited(file, tmp_path / "all.html", [], tmp_path / "profile"))
    some = by_libreoffice.visible(by_libreoffice.edited(file, tmp_path / "some.html", chosen, tmp_path / "profile"))
    hidden = 0
    with opened(chromium, page_of(name, folder)) as found:
        found.page.emulate_media(reduced_motion="reduce")
        found.run("(k) => sheetgen.player.go(k)", k)
        found.run("(on) => { sheetgen.page.state.gradients = on; return sheetgen.live.step(); }", gradients)
        for n, (before, now) in enumerate(zip(every, some, strict=True)):
            if n < len(workbook.plan.sheets) and not workbook.plan.sheets[n].hidden:
                found.run("(n) => sheetgen.desk.open(n)", n)
                here = {(i, j): hides for i, j, hides in found.run(HIDDEN, n)}
                assert [cell for cell, hides in here.items() if cell in before and hides != (cell not in now)] == []
                hidden += sum(here[cell] for cell in before if cell in here)
    assert hidden > 10


def test_a_cell_says_where_it_comes_from(chromium: Browser, folder: Path) -> None:
    with opened(chromium, page_of("gcn", folder)) as found:
        found.page.locator('.cell[aria-label^="W₁·X + b₁, row 1, column 1"]').first.click()
        panel = found.page.locator(".cellpanel")
        assert "Row 1 of W₁ times column A of X, pair by pair, added up, plus b₁, row 1." in panel.inner_text()
        assert re.sub(r"\s", "", panel.locator(".sum").inner_text()) == "1·2+0·1+1·2+0·1+(−1)=3"
        assert found.run("() => document.querySelectorAll('.cell.lit-left').length") == 4
        assert found.run("() => document.querySelectorAll('.cell.lit-right').length") == 4
        assert found.page.locator(".beam.left").count() == found.page.locator(".beam.right").count() == 1
        panel.locator(".uses button").first.click()
        assert found.page.locator(".beam").count() == 0
        assert "3 isn’t negative, so it stays." in panel.inner_text()


def test_the_keyboard_goes_all_through(chromium: Browser, folder: Path) -> None:
    with opened(chromium, page_of("gcn", folder)) as found:
        page = found.page
        assert [page.locator(f'#page {each}[tabindex="0"]').count() for each in (".cell", "[role=switch]")] == [1, 1]
        page.locator('.cell[aria-label^="X, row 1, column A"]').first.focus()
        page.keyboard.press("ArrowRight")
        assert _focused(found).startswith("X, row 1, column B: 2")
        page.keyboard.press("ArrowDown")
        assert _focused(found).startswith("X, row 2, column B: 2")
        page.keyboard.type("5")
        page.keyboard.press("Enter")
        page.wait_for_selector('.cell[aria-label="X, row 2, column B: 5"]')
        page.keyboard.press("Control+z")
        page.wait_for_selector('.cell[aria-label="X, row 2, column B: 2"]')
        page.locator(".player .play").focus()
        page.keyboard.press("ArrowRight")
        assert "step 1 of" in page.locator(".where").inner_text()
        page.locator('#page [role=switch][tabindex="0"]').focus()
        page.keyboard.press("ArrowRight")
        assert _focused(found) == "edge A – C"
        page.keyboard.press("Enter")
        page.wait_for_selector('[aria-label="edge A – C"][aria-checked=false]', state="attached")
        assert [page.locator(f'#page {each}[tabindex="0"]').count() for each in (".cell", "[role=switch]")] == [1, 1]


def _focused(found: Opened) -> str:
    return str(found.run("() => document.activeElement.getAttribute('aria-label')"))


def test_a_row_of_the_walkthrough_shows_and_marks_all_its_steps(chromium: Browser, folder: Path) -> None:
    """Of the row 8–14 of an LSTM, f₂ is one of those that it makes, f₃ comes later."""
    with opened(chromium, page_of("lstm", folder)) as found:
        row = next(k for k, step in enumerate(compiled("lstm").plan.steps, 1) if step.numbers == "8–14")
        found.run("(k) => sheetgen.player.go(k)", row)
        look = "(name) => getComputedStyle(sheetgen.page.matrix(name).cells[0].element).backgroundColor"
        assert found.run(look, "f_2") == "rgb(255, 216, 77)"
        later = "(name) => sheetgen.page.matrix(name).element.classList.contains('later')"
        assert (found.run(later, "f_2"), found.run(later, "f_3")) == (False, True)
        assert found.run("() => sheetgen.history.fragment()") == "step=8"


def test_what_is_no_number_is_refused(chromium: Browser, folder: Path) -> None:
    with opened(chromium, page_of("gcn", folder)) as found:
        cell = found.page.locator('.cell[aria-label^="X, row 1, column A"]').first
        for typed in ("=1+1", "1e999", "two", "<b>", "1,000"):
            cell.dblclick()
            found.page.locator("input.entry").fill(typed)
            found.page.keyboard.press("Enter")
            assert "Here goes a number" in found.page.locator(".message").inner_text()
        assert found.page.locator(".message").inner_text() == "Here goes a number without a comma, 1000 or 1.000."
        assert differences(found.shown(), compiled("gcn").plan) == []


def test_a_number_is_dragged_sideways(chromium: Browser, folder: Path) -> None:
    with opened(chromium, page_of("gcn", folder)) as found:
        box = found.page.locator('.cell[aria-label^="X, row 1, column A"]').first.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        found.page.mouse.move(x, y)
        found.page.mouse.down()
        for far in range(0, 37, 4):
            found.page.mouse.move(x + far, y)
        found.page.mouse.up()
        found.page.wait_for_selector('.cell[aria-label="X, row 1, column A: 5"]')
        found.run("() => sheetgen.history.undo()")
        assert differences(found.shown(), compiled("gcn").plan) == []


@pytest.mark.parametrize("name", ["gcn", "backpropagation", "xor", "transformer"])
def test_a_phone_never_scrolls_sideways_as_a_whole(name: str, chromium: Browser, folder: Path) -> None:
    with opened(chromium, page_of(name, folder), PHONE) as found:
        for step in (0, 3):
            found.run("(k) => sheetgen.player.go(k)", step)
            assert found.run("() => document.documentElement.scrollWidth") <= PHONE[0]
        assert found.run("() => document.querySelector('#side').getBoundingClientRect().bottom") <= PHONE[1]


CONTRAST = """() => {
  const luminance = (parts) => parts.slice(0, 3).map((p) => p / 255)
    .map((p) => (p <= 0.04045 ? p / 12.92 : ((p + 0.055) / 1.055) ** 2.4))
    .reduce((sum, p, k) => sum + p * [0.2126, 0.7152, 0.0722][k], 0);
  const parts = (color) => (color.match(/[\\d.]+/g) ?? [])
    .map((part, k) => Number(part) * (color.startsWith('color') && k < 3 ? 255 : 1));
  const ground = (element) => { for (let at = element; at; at = at.parentElement) {
    const found = parts(getComputedStyle(at).backgroundColor);
    if (found.length === 3 || found[3] === 1) return found; } return [255, 255, 255]; };
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const seen = element.getClientRects().length && !element.closest('svg, script, [hidden]');
    if (!text || !seen || element.disabled) continue;
    const ink = luminance(parts(getComputedStyle(element).color));
    const [a, b] = [ink, luminance(ground(element))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) found.push([element.className, element.textContent.slice(0, 40)]); }
  return found; }"""


@pytest.mark.parametrize("name", ["gcn", "backpropagation", "transformer", "karate"])
def test_every_text_can_be_read(name: str, chromium: Browser, folder: Path) -> None:
    """A contrast of 4.5 : 1, with a cell chosen and its operands lit."""
    with opened(chromium, page_of(name, folder)) as found:
        found.run("() => sheetgen.page.regions.filter((r) => r.element && r.data.formulas)[3].cells[0].element.click()")
        assert found.run(CONTRAST) == []


def test_an_exercise_judges_what_is_typed(chromium: Browser, folder: Path) -> None:
    """Z₁ of backpropagation by hand: 2, 3 - 3 + 1 = 1, -1, 1; a wrong number is marked, and no page shows an answer."""
    path = compiled("backpropagation").exercise(["Z1"]).save_html(folder / "exercise.html")
    with opened(chromium, path) as found:
        typed = [("Z1", 0, 0, 2.0), ("Z1", 1, 0, 1.0), ("Z1", 2, 0, -1.0), ("Z1", 3, 0, 9.0)]
        found.change(typed)
        text = found.page.locator(".sheet").inner_text().replace("\n", "")
        assert "3 of 4 right" in re.sub(r"(\d)of", r"\1 of", text)
        found.change([("Z1", 3, 0, 1.0)])
        assert "DONE" in found.page.locator(".sheet").inner_text()
        given = "sheetgen.page.regions.filter((r) => r.role === 'parameter')"
        assert found.run(f"() => {given}.every((r) => !r.cells[0].editable)")


def test_a_training_shows_the_epoch_that_is_chosen(chromium: Browser, folder: Path) -> None:
    workbook = compiled("xor")
    assert workbook.trained is not None
    with opened(chromium, page_of("xor", folder)) as found:
        found.change([("chosen epoch", 0, 0, 30.0)])
        strips = {r.epochs_of: r for s in workbook.plan.sheets for r in s.regions if r.epochs_of == "L"}
        right = float(strips["L"].values[30, 0])
        shown_now = next(each for each in found.shown() if each["name"] == "L" and each["sheet"] == 0)
        assert abs(shown_now["values"][0] - right) <= CLOSE
