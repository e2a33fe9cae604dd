"""Live pages in Debian's Chromium, from the disk, without a network; and what numpy says they must show."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from by_specs import compiled
from playwright.sync_api import Browser, Page, sync_playwright

from sheetgen.ir.program import Program
from sheetgen.layout.drawing.workbook import plan_workbook
from sheetgen.layout.plan import WorkbookPlan
from sheetgen.layout.training.page import learned_in, wishes, with_training
from sheetgen.layout.words.vocabulary import vocabulary
from sheetgen.passes.evaluate import evaluate
from sheetgen.passes.surface import points
from sheetgen.passes.train import trained
from sheetgen.workbook import Workbook

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
READY = "html[data-state=live]"
LAPTOP, PHONE = (1440, 900), (390, 844)
CLOSE, TRAINED = 1e-9, 1e-6
"""How far numbers may be off; a training makes more of rounding with each step."""


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium of this test's own."""
    if CHROMIUM is None:
        pytest.fail("chromium is missing; `make test` installs Debian's")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def page_of(name: str, folder: Path) -> Path:
    """A spec's live page in a folder; made when it is first asked for."""
    path = folder / f"{name}.html"
    return path if path.exists() else compiled(name).save_html(path)


@dataclass
class Opened:
    """A page in the browser, and what it said and asked for."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def run(self, script: str, argument: Any = None) -> Any:
        """What a function of the page's own hook returns."""
        return self.page.evaluate(script, argument)

    def wait(self) -> None:
        """Until all formulas are entered, those of a training, too, and worked out."""
        self.run("async () => { await sheetgen.live.engine.whole; await sheetgen.live.run(); }")

    def shown(self) -> list[dict[str, Any]]:
        """Every matrix of every sheet: its sheet, its place, and its numbers, row by row."""
        found: list[dict[str, Any]] = self.run(
            "() => sheetgen.page.regions.map((r) => ({name: r.data.matrix, sheet: r.sheet, at: r.data.at,"
            " values: r.cells.map((c) => c.value)}))"
        )
        return found

    def change(self, edits: list[tuple[str, int, int, float]]) -> None:
        """Type numbers: name of the matrix, row and column from 0, number."""
        self.run(
            "async (edits) => { const {page, history} = sheetgen; await history.change(edits.map(([name, i, j, x]) => "
            "[page.regions.find((r) => r.data.matrix === name && r.cells.some((c) => c.editable))"
            ".cells.find((c) => c.i === i && c.j === j), x])); }",
            [list(edit) for edit in edits],
        )


@contextmanager
def opened(
    chromium: Browser, path: Path, size: tuple[int, int] = LAPTOP, fragment: str = "", ready: str = READY,
    before: str = "",
) -> Iterator[Opened]:  # fmt: skip
    """A page from the disk, offline, once it calculates."""
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, offline=True)
    page = context.new_page()
    found = Opened(page)
    page.on("console", lambda message: found.said.append(message.text))
    page.on("pageerror", lambda error: found.said.append(str(error)))
    page.on("dialog", lambda dialog: (found.said.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: found.asked.append(request.url))
    if before:
        page.add_init_script(before)
    page.goto(path.as_uri() + fragment)
    page.wait_for_selector(ready, state="attached", timeout=120_000)
    yield found
    context.close()


def _given(program: Program, numbers: Mapping[str, np.ndarray]) -> Program:
    """The same program with other numbers."""
    givens = tuple(replace(g, value=numbers[g.name]) if g.name in numbers else g for g in program.givens)
    return replace(program, givens=givens)


def edited(workbook: Workbook, numbers: Mapping[str, np.ndarray]) -> WorkbookPlan:
    """The plan that numpy's values make once other numbers are given; formulas stay those of the workbook."""
    program = _given(workbook.program, numbers)
    return plan_workbook(program, evaluate(program), workbook.plan.spec_text)


def retrained(workbook: Workbook, numbers: Mapping[str, np.ndarray]) -> WorkbookPlan:
    """The same of a training, run anew by numpy. The ends of its map stay as they are: they are typed."""
    assert workbook.trained is not None
    training, plane = workbook.trained.training, workbook.plane
    program = _given(workbook.program, numbers)
    run, words, values = trained(program, training.train, training.batches), vocabulary(program), evaluate(program)
    if plane is not None and (table := points(plane.of, values)) is not None:
        plane = replace(plane, table=table)
    more, learned = wishes(words, run, plane), learned_in(run.training)
    plan = plan_workbook(program, values, workbook.plan.spec_text, more, run.table, learned)
    return with_training(plan, words, run, plane)


def differences(shown: list[dict[str, Any]], plan: WorkbookPlan, close: float = CLOSE) -> list[str]:
    """Where the page is farther from the plan's values than `close`, relative to what is larger than 1; texts differ
    where they aren't the same."""
    regions = [region for sheet in plan.sheets for region in sheet.regions]
    found = []
    for each, region in zip(shown, regions, strict=True):
        assert (each["name"], *each["at"][2:]) == (region.name, *region.values.shape)
        numbers = region.values.dtype.kind in "fiub"
        for k, (value, right) in enumerate(zip(each["values"], region.values.ravel().tolist(), strict=True)):
            if numbers and isinstance(value, int | float):
                wrong = abs(value - right) > close * max(1.0, abs(right))
            else:
                wrong = numbers or value != right
            if wrong:
                found.append(f"{region.name} cell {k}: {value!r}, not {right!r}")
    return found
