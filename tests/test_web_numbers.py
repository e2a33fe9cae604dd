"""What live pages calculate, against numpy: every spec after loading, the gallery's after edits by lot."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from by_browser import CLOSE, TRAINED, differences, edited, opened, page_of, retrained
from by_specs import GALLERY, PATHS, compiled
from playwright.sync_api import Browser

from sheetgen.errors import SpecError
from sheetgen.layout.numbers import form, shown
from sheetgen.layout.plan import WorkbookPlan
from sheetgen.web.document import document
from sheetgen.web.handover import hand_over
from sheetgen.workbook import Workbook

LARGEST = 1_500_000
"""Bytes of a page."""
EDITS, RUNS = 20, 5
"""Random edits of each page, and of each training; up to three numbers at a time."""
NUDGE = 1e-14
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("name", sorted(PATHS))
def test_a_page_shows_numpys_numbers(name: str, chromium: Browser, folder: Path) -> None:
    """On its own, from the disk, with one request, no word on the console, and within its size."""
    path = page_of(name, folder)
    assert path.stat().st_size <= LARGEST
    with opened(chromium, path) as found:
        close = CLOSE if compiled(name).trained is None else TRAINED
        found.wait()
        assert differences(found.shown(), compiled(name).plan, close) == []
        assert found.said == []
        assert found.asked == [path.as_uri()]


@pytest.mark.parametrize("name", ["gcn", "xor", "hopfield"])
def test_what_a_page_shows_is_what_its_engine_found(name: str, chromium: Browser, folder: Path) -> None:
    """999 in place of every computed number in the file: the page says so, and shows the right ones."""
    plan = compiled(name).plan
    data = hand_over(plan)
    for sheet, drawn in zip(plan.sheets, data["sheets"], strict=True):
        for region, found in zip(sheet.regions, drawn["regions"], strict=True):
            if found.get("number") and region.formulas is not None:
                computed = [formula is not None for row in region.formulas for formula in row]
                found["values"] = [999 if made else x for made, x in zip(computed, found["values"], strict=True)]
    path = folder / f"{name} with false numbers.html"
    path.write_text(document(data), encoding="utf-8")
    with opened(chromium, path, ready="html[data-state=differs]") as found:
        found.wait()
        assert differences(found.shown(), plan) == []
        assert "differ" in found.page.locator(".status").inner_text()


@pytest.mark.parametrize("name", [path.stem for path in GALLERY])
def test_edits_give_what_numpy_gives(name: str, chromium: Browser, folder: Path) -> None:
    workbook, lot = compiled(name), random.Random(name)
    again, close = (edited, CLOSE) if workbook.trained is None else (retrained, TRAINED)
    givens = {g.name: g for g in workbook.program.givens}
    placed = {r.name: r for s in workbook.plan.sheets for r in s.regions
              if r.name in givens and r.formulas is None and r.values.shape == givens[r.name].shape}  # fmt: skip
    compared = 0
    with opened(chromium, page_of(name, folder)) as found:
        for _ in range(EDITS if workbook.trained is None else RUNS):
            numbers = {name: np.array(given.value, dtype=float) for name, given in givens.items()}
            changed = {}
            for _ in range(3):
                target = lot.choice(sorted(placed))
                i, j = (lot.randrange(size) for size in placed[target].values.shape)
                old = numbers[target][i, j]
                new = 1 - old if placed[target].switch else old + lot.choice((-2, -1, -0.5, 1, 2))
                new = round(new) if placed[target].integers else new
                numbers[target][i, j] = new
                changed[target, i, j] = float(new)
            edits = [(*cell, new) for cell, new in changed.items()]
            try:
                right = again(workbook, numbers)
            except SpecError:  # no finite number
                continue
            if not alike(right, workbook.plan):  # numbers decide what a page has, such as a chart's own matrix
                continue
            found.change(edits)
            wrong = differences(found.shown(), right, close)
            found.run("() => sheetgen.history.reset()")
            if wrong and workbook.trained is not None and chaotic(workbook, numbers, right):
                continue
            assert wrong == [], edits
            compared += 1
        assert compared
        assert differences(found.shown(), workbook.plan, close) == []
        assert found.said == []


def chaotic(workbook: Workbook, numbers: Mapping[str, np.ndarray], plan: WorkbookPlan) -> bool:
    """Whether numpy itself finds another training with all numbers nudged in the 14th digit."""
    nudged = retrained(workbook, {name: value * (1 + NUDGE) for name, value in numbers.items()})
    drawn = [region for sheet in plan.sheets for region in sheet.regions]
    moved = [region for sheet in nudged.sheets for region in sheet.regions]
    return any(not np.allclose(a.values, b.values, TRAINED / 10, TRAINED / 10)
               for a, b in zip(drawn, moved, strict=True) if a.values.dtype.kind in "fiub")  # fmt: skip


def alike(a: WorkbookPlan, b: WorkbookPlan) -> bool:
    """Whether two plans have the same matrices."""
    names = ([(r.name, r.values.shape) for s in plan.sheets for r in s.regions] for plan in (a, b))
    return next(names) == next(names)


def test_numbers_look_as_in_the_workbook(chromium: Browser, folder: Path) -> None:
    lot = random.Random(5)
    numbers = [lot.choice((1, -1)) * lot.random() * 10 ** lot.randint(-6, 7) for _ in range(400)]
    numbers += [0.0, 2.0, -3.0, 0.25, -0.004, 0.005, 1e-16, 123456.0, 99999.5, 0.1 + 0.2, 1.005, 2.5, 9.995, 99.95]
    samples = [np.array(v) for v in ([1.0, 2.0], [0.25, 0.5], [0.333, 0.1], [0.01234, 0.002], [1e-5, 2e-7], [1.234, 5])]
    with opened(chromium, page_of("gcn", folder)) as found:
        for values in samples:
            for rule in (form(values), form(values, True), form(values, False, 3)):
                tiers = [[t.format, t.least, 0 if t.below > 1e300 else t.below, t.exact, t.rest] for t in rule.tiers]
                data = [rule.format, tiers]
                texts = found.run("([numbers, form]) => numbers.map((x) => sheetgen.shown(x, form))", [numbers, data])
                wrong = [(x, text, shown(x, rule)) for x, text in zip(numbers, texts, strict=True)
                         if text != shown(x, rule) and rule.format != "General"]  # fmt: skip
                assert wrong == [], rule
        assert found.run("([x, form]) => sheetgen.shown(x, form)", [1.005, ["0.00", []]]) == "1.01"


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
