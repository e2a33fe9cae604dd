"""Live pages in a browser: numbers against numpy's, steps against the workbook's rules, hostile specs, keys, phones."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from by_browser import CLOSE, PHONE, TRAINED, Opened, browser, differences, edited, opened
from by_specs import GALLERY, PATHS, compiled
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from playwright.sync_api import Browser

import sheetgen
from sheetgen.errors import SpecError
from sheetgen.layout.numbers import form, shown
from sheetgen.layout.plan import WorkbookPlan

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LARGEST = 1_500_000
EDITS = 4
"""Random edits of each page; three numbers at a time."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("live pages")


def page_of(name: str, folder: Path) -> Path:
    path = folder / f"{name}.html"
    return path if path.exists() else compiled(name).save_html(path)


@pytest.mark.parametrize("name", sorted(PATHS))
def test_a_page_shows_numpys_numbers(name: str, chromium: Browser, folder: Path) -> None:
    """On its own, from the disk, with one request, no word on the console, and within its size."""
    path = page_of(name, folder)
    assert path.stat().st_size <= LARGEST
    with opened(chromium, path) as found:
        close = CLOSE if compiled(name).trained is None else TRAINED
        assert differences(found.shown(), compiled(name).plan, close) == []
        assert found.said == []
        assert found.asked == [path.as_uri()]


@pytest.mark.parametrize("name", [path.stem for path in GALLERY if compiled(path.stem).trained is None])
def test_edits_give_what_numpy_gives(name: str, chromium: Browser, folder: Path) -> None:
    workbook, lot = compiled(name), random.Random(name)
    givens = {g.name: g for g in workbook.program.givens}
    placed = {r.name: r for s in workbook.plan.sheets for r in s.regions
              if r.name in givens and r.formulas is None and r.values.shape == givens[r.name].shape}  # fmt: skip
    compared = 0
    with opened(chromium, page_of(name, folder)) as found:
        for _ in range(EDITS):
            numbers = {name: np.array(given.value, dtype=float) for name, given in givens.items()}
            edits = []
            for _ in range(3):
                target = lot.choice(sorted(placed))
                i, j = (lot.randrange(size) for size in placed[target].values.shape)
                old = numbers[target][i, j]
                new = 1 - old if placed[target].switch else old + lot.choice((-2, -1, -0.5, 1, 2))
                new = round(new) if placed[target].integers else new
                numbers[target][i, j] = new
                edits.append((target, i, j, float(new)))
            try:
                right = edited(workbook, numbers)
            except SpecError:  # no finite number
                continue
            if not alike(right, workbook.plan):  # numbers decide what a page has, such as a chart's own matrix
                continue
            found.change(edits)
            assert differences(found.shown(), right) == [], edits
            compared += 1
            found.run("() => sheetgen.history.reset()")
        assert compared
        assert differences(found.shown(), workbook.plan) == []
        assert found.said == []


def alike(a: WorkbookPlan, b: WorkbookPlan) -> bool:
    """Whether two plans have the same matrices."""
    names = ([(r.name, r.values.shape) for s in plan.sheets for r in s.regions] for plan in (a, b))
    return next(names) == next(names)


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


def hidden_in_workbook(path: Path, sheet: str, step: int | None, gradients: bool) -> set[tuple[int, int]]:
    """The cells that the file's own rules hide, read without the code that wrote them."""
    found = set()
    for ranges, rules in load_workbook(path)[sheet].conditional_formatting._cf_rules.items():
        for rule in rules:
            text = rule.formula[0] if rule.formula else ""
            match = re.fullmatch(r'(?:OR\(\$\w\$3="off",)?AND\(ISNUMBER\((\$\w\$2)\),(\d+)>\1\)\)?', text)
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


@pytest.mark.parametrize("name", ["gcn", "backpropagation", "cnn", "softmax"])
def test_a_step_hides_what_the_workbooks_rules_hide(name: str, chromium: Browser, folder: Path) -> None:
    workbook = compiled(name)
    file = workbook.save(folder / f"{name}.xlsx")
    numbers, some = [step.number for step in workbook.plan.steps], False
    with opened(chromium, page_of(name, folder)) as found:
        found.page.emulate_media(reduced_motion="reduce")
        for step in (None, numbers[0], numbers[len(numbers) // 2], numbers[-2]):
            for gradients in (True, False) if workbook.plan.switched_steps else (True,):
                found.run("(k) => sheetgen.player.go(k)", 0 if step is None else numbers.index(step) + 1)
                found.run("(on) => { sheetgen.page.state.gradients = on; return sheetgen.live.step(); }", gradients)
                for k, sheet in enumerate(workbook.plan.sheets):
                    found.run("(k) => sheetgen.open(k)", k)
                    expected = hidden_in_workbook(file, sheet.title, step, gradients)
                    wrong = [(i, j) for i, j, hides in found.run(HIDDEN, k) if hides != ((i, j) in expected)]
                    assert wrong == [], (step, gradients, sheet.title)
                    some |= bool(expected)
    assert some


def test_numbers_look_as_in_the_workbook(chromium: Browser, folder: Path) -> None:
    lot = random.Random(5)
    numbers = [lot.choice((1, -1)) * lot.random() * 10 ** lot.randint(-6, 7) for _ in range(400)]
    numbers += [0.0, 2.0, -3.0, 0.25, -0.004, 0.005, 1e-16, 123456.0, 99999.5, 0.1 + 0.2, 1.005, 2.5, 9.995, 99.95]
    samples = [np.array(v) for v in ([1.0, 2.0], [0.25, 0.5], [0.333, 0.1], [0.01234, 0.002], [1e-5, 2e-7], [1.234, 5])]
    with opened(chromium, page_of("gcn", folder)) as found:
        for values in samples:
            for rule in (form(values), form(values, True), form(values, False, 3), form(values, False, 3, True)):
                tiers = [[t.format, t.least, 0 if t.below > 1e300 else t.below, t.exact, t.rest] for t in rule.tiers]
                data = [rule.format, tiers]
                texts = found.run("([numbers, form]) => numbers.map((x) => sheetgen.shown(x, form))", [numbers, data])
                wrong = [(x, text, shown(x, rule)) for x, text in zip(numbers, texts, strict=True)
                         if text != shown(x, rule) and not _tied(x, rule.format)]  # fmt: skip
                assert wrong == [], rule
        assert found.run("([x, form]) => sheetgen.shown(x, form)", [1.005, ["0.00", []]]) == "1.01"


def _tied(number: float, code: str) -> bool:
    """Whether it stands so near to the middle between two texts that Python's rounding of the double and a
    spreadsheet's of its 15 digits may differ."""
    return any(abs(abs(number) * 10**d % 1 - 0.5) < 1e-9 for d in range(4)) or code == "General"


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


def test_a_cell_says_where_it_comes_from(chromium: Browser, folder: Path) -> None:
    with opened(chromium, page_of("gcn", folder)) as found:
        found.page.locator('.cell[aria-label^="W₁·X + b₁, row 1, column 1"]').first.click()
        panel = found.page.locator(".cellpanel")
        assert "Row 1 of W₁ times column A of X, pair by pair, added up, plus b₁, row 1." in panel.inner_text()
        assert re.sub(r"\s", "", panel.locator(".sum").inner_text()) == "1·2+0·1+1·2+0·1+(−1)=3"
        assert found.run("() => document.querySelectorAll('.cell.lit-left').length") == 4
        assert found.run("() => document.querySelectorAll('.cell.lit-right').length") == 4
        panel.locator(".uses button").first.click()
        assert "3 isn’t negative, so it stays." in panel.inner_text()


@pytest.mark.parametrize("name", ["gcn", "backpropagation", "transformer", "cnn", "self_attention"])
def test_every_sum_that_is_told_adds_up(name: str, chromium: Browser, folder: Path) -> None:
    """Terms of products and sums, read off what is told, against the number of the cell."""
    script = """() => { const {page, explain} = sheetgen; const found = [];
      for (const region of page.regions) for (const cell of region.cells) {
        if (!cell.formula) continue;
        const told = explain(page, cell);
        const text = told && told.words.map((w) => w.text ?? '').join('') + told.pieces.map((p) => p.text ?? '').join('');
        if (text === null || /undefined|NaN|null/.test(text)) { found.push([region.data.matrix, text]); continue; }
        if (!told.pieces.length || !told.pieces.every((p) => p.cell || /^( \\+ |·)$/.test(p.text))) continue;
        let sum = 0, product = null;
        for (const p of told.pieces) {
          if (p.cell) product = (product ?? 1) * p.cell.value;
          else if (p.text === ' + ') { sum += product; product = null; } }
        sum += product;
        found.count = (found.count ?? 0) + 1;
        if (typeof cell.value === 'number' && Math.abs(sum - cell.value) > 1e-9 * Math.max(1, Math.abs(sum))) found.push([region.data.matrix, sum, cell.value]); }
      return [found.count, found]; }"""  # noqa: E501
    with opened(chromium, page_of(name, folder)) as found:
        count, wrong = found.run(script)
        assert wrong == [] and count > 50


def test_the_keyboard_goes_all_through(chromium: Browser, folder: Path) -> None:
    with opened(chromium, page_of("gcn", folder)) as found:
        page = found.page
        assert page.locator('#page [tabindex="0"]').count() == 1
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
        assert page.locator('#page [tabindex="0"]').count() == 1


def _focused(found: Opened) -> str:
    return str(found.run("() => document.activeElement.getAttribute('aria-label')"))


def test_what_is_no_number_is_refused(chromium: Browser, folder: Path) -> None:
    with opened(chromium, page_of("gcn", folder)) as found:
        cell = found.page.locator('.cell[aria-label^="X, row 1, column A"]').first
        for typed in ("=1+1", "1e999", "two", "<b>"):
            cell.dblclick()
            found.page.locator("input.entry").fill(typed)
            found.page.keyboard.press("Enter")
            assert "Here goes a number" in found.page.locator(".message").inner_text()
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
