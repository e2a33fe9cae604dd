"""Each check of pages finds its fault on a page that was spoiled by hand, and nothing on the page as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from by_numbers import built
from by_specs import compiled
from page_checks import Page, page_of, problems_of

from sheetgen.layout.geometry.figure import Box, Placement
from sheetgen.layout.plan import Edge, Label, Region, Role, SheetPlan


@cache
def page(name: str) -> Page:
    return page_of(compiled(name))


def with_sheets(old: Page, change: Callable[[SheetPlan], SheetPlan], *titles: str) -> Page:
    sheets = tuple(change(s) if s.title in titles else s for s in old.made.plan.sheets)
    return replace(old, made=replace(old.made, plan=replace(old.made.plan, sheets=sheets)))


def canvas(old: Page, change: Callable[[SheetPlan], SheetPlan]) -> Page:
    return with_sheets(old, change, "Canvas")


def written(old: Page, *labels: Label) -> Page:
    return canvas(old, lambda s: replace(s, labels=(*s.labels, *labels)))


def only(old: Page, keep: Callable[[Label], bool]) -> Page:
    return canvas(old, lambda s: replace(s, labels=tuple(filter(keep, s.labels))))


def texts(old: Page, change: Callable[[Label], Label]) -> Page:
    return canvas(old, lambda s: replace(s, labels=tuple(map(change, s.labels))))


def region(old: Page, name: str) -> Region:
    return next(r for r in old.made.plan.sheets[0].regions if r.name == name)


def regions(old: Page, sheet: str, change: Callable[[Region], Region]) -> Page:
    return with_sheets(old, lambda s: replace(s, regions=tuple(map(change, s.regions))), sheet)


def placement(old: Page, **changes: Any) -> Page:
    return replace(old, placement=replace(old.placement, **changes))


def boxes(old: Page, change: Callable[[Box], Box]) -> Page:
    return placement(old, boxes=tuple(map(change, old.placement.boxes)))


def at(old: Page, name: str, down: int, right: int, text: str, style: str = "name", **more: Any) -> Page:
    """A label beside a matrix."""
    r = region(old, name)
    return written(old, Label(r.row + down, r.column + right, text, style, **more))  # type: ignore[arg-type]


def formula(r: Region) -> Region:
    return replace(r, formulas=tuple(tuple(f"{t}+1" for t in row) for row in r.formulas)) if r.formulas else r


def moved(box: Box) -> Box:
    return replace(box, row=box.row + 1) if box.sheet == 1 else box


def converging() -> Page:
    """x = 1, 1.5, 1.75, …, each under its turn."""
    loop = {"for": "t in 1..6", "steps": ["x_{t} = W @ x_{t-1} + b"]}
    half = [[0.5, 0], [0, 0.5]]
    given = {"W": ("constant", half), "b": ("constant", [[1], [1]]), "x_0": ("input", [[1.15], [0.13]])}
    return page_of(built(given, [loop], loss=None))


def first_rail(old: Placement) -> Any:
    source = next(box for box in old.boxes if box.key == old.rails[0].source)
    return (replace(old.rails[0], column=source.column), *old.rails[1:])


def through_matrices(sheet: SheetPlan) -> SheetPlan:
    """Cut through the matrices next to the margin."""
    beside = [region for region in sheet.regions if region.column == 3 and region.row > sheet.bands[0].first_row]
    return replace(sheet, cuts=tuple(sorted({region.row + 1 for region in beside})))


SPOILED: dict[str, Callable[[], Page]] = {
    "overlap": lambda: at(page("mlp"), "Z1", 0, 0, "Z"),
    "cut off": lambda: at(page("mlp"), "Z1", 0, -1, "a text that is far too long", "arrow"),
    "too tall": lambda: canvas(page("mlp"), lambda s: replace(s, heights=((s.bands[1].first_row, 7.6),))),
    "###": lambda: canvas(page("mlp"), lambda s: replace(s, widths=tuple((k, min(w, 1.0)) for k, w in s.widths))),
    "broken word": lambda: canvas(
        page("linear"), lambda s: replace(s, regions=(*s.regions, Region("words", Role.VERDICT, 60, 8, np.array(
            [["unmistakably"]], dtype=object))))),
    "out of band": lambda: canvas(
        page("mlp"), lambda s: replace(s, bands=tuple(replace(b, last_row=b.last_row - 4) for b in s.bands))),
    "title": lambda: only(page("mlp"), lambda x: x.style != "section"),
    "margin": lambda: at(page("mlp"), "Z1", 20, 0, "A sentence.", "sentence"),
    "strike": lambda: canvas(page("mlp"), lambda s: replace(s, edges=(*s.edges, Edge(
        s.first_row, 1, s.bands[-1].last_row, 2, "right"), *(Edge(1, k, 90, 1, "right") for k in range(3, 12))))),
    "underlined": lambda: canvas(page("mlp"), lambda s: replace(s, edges=(*s.edges, Edge(
        region(page("mlp"), "Z1").row - 1, region(page("mlp"), "Z1").column, 1, 2, "bottom", 1)))),
    "rail": lambda: placement(page("resnet"), rails=first_rail(page("resnet").placement)),
    "missing line": lambda: canvas(page("rnn"), lambda s: replace(
        s, edges=tuple(edge for edge in s.edges if not edge.carries))),
    "frame": lambda: placement(page("gcn"), frames=tuple(
        replace(f, row=f.row + 4) for f in page("gcn").placement.frames)),
    "lone sign": lambda: at(page("mlp"), "Y_pred", 3, 8, "−", "arrow"),
    "wrong sign": lambda: texts(page("lstm"), lambda x: x._replace(text="tanh") if x.text == "σ" else x),
    "no arrow": lambda: only(page("mlp"), lambda x: x.style != "arrow"),
    "python": lambda: at(page("mlp"), "Y_pred", 3, 8, "W @ X", "hint"),
    "helper": lambda: at(page("softmax"), "L", 3, 2, "P_all_exp", "hint"),
    "caption": lambda: texts(page("mlp"), lambda x: x._replace(text=x.text.replace("W₁·X", "W₁·Y"))),
    "nameless": lambda: only(page("mlp"), lambda x: x.style != "name"),
    "loose caption": lambda: only(boxes(page("mlp"), lambda b: replace(
        b, caption=replace(b.caption, row=b.caption.row - 2)) if b.key == "A1" and b.caption else b), lambda x: False),
    "small digits": lambda: canvas(page("mlp"), lambda s: replace(s, scale=0.6)),
    "torn": lambda: canvas(page("mlp"), lambda s: replace(
        s, cuts=(next(r.row + 1 for r in s.regions if r.name == "Z3"),))),
    "untitled page": lambda: canvas(page("mlp"), lambda s: through_matrices(replace(s, labels=(
        *s.labels, *(Label(7, column, "A text.", "sentence", rows=170) for column in (1, 2)))))),
    "chart": lambda: canvas(page("gcn"), lambda s: replace(s, charts=tuple(
        replace(c, column=c.column + 30) for c in s.charts))),
    "moved": lambda: boxes(page("lstm"), moved),
    "changed": lambda: regions(page("lstm"), "After the update", formula),
    "name": lambda: regions(page("mlp"), "Canvas", lambda r: replace(r, defined_name=None)),
    "decimals": lambda: regions(converging(), "Canvas", lambda r: replace(r, decimals=1 + r.column // 2 % 2)),
    "loss": lambda: replace(page("mlp"), made=replace(page("mlp").made, values={
        **page("mlp").made.values, "L_new": np.array([[99.0]])})),
    "afar": lambda: boxes(page("mlp"), lambda b: replace(b, row=70) if b.key == "W1" else b),
    "value": lambda: boxes(page("mlp"), lambda b: replace(b, matrix="Z1") if b.key == "A1" else b),
    "undrawn": lambda: placement(
        page("mlp"), boxes=tuple(b for b in page("mlp").placement.boxes if b.key != "L"), arrows=()),
    "reads nothing": lambda: placement(
        page("mlp"), boxes=tuple(b for b in page("mlp").placement.boxes if b.key != "W1")),
}  # fmt: skip


@pytest.mark.parametrize("kind", SPOILED)
def test_a_fault_is_found(kind: str) -> None:
    assert kind in {problem.kind for problem in problems_of(SPOILED[kind]())}


def test_a_sign_that_leads_back_to_nothing_is_found() -> None:
    """Right of the lane under a matrix it would be one; beside a matrix it isn't."""
    spoiled = at(page("mlp"), "Y_pred", 0, 8, "↙", "arrow")
    assert [problem.what for problem in problems_of(spoiled) if problem.kind == "lone sign"] == [
        "the sign “↙” leads nowhere"]


def test_a_row_that_hides_its_last_change_is_found() -> None:
    assert "decimals" not in {problem.kind for problem in problems_of(converging())}


@pytest.mark.parametrize("name", ["mlp", "linear", "rnn"])
def test_a_page_without_faults(name: str) -> None:
    assert problems_of(page(name)) == []
