"""Pages of all specs and of random programs: nothing overlaps, every box computes its matrix, pages can be read."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from statistics import median

import pytest
from page_measures import Measures, measure
from random_specs import random_spec

import sheetgen
from sheetgen.api import Workbook, program_of
from sheetgen.cmd.targets import specs_in
from sheetgen.layout.geometry import check
from sheetgen.layout.geometry.place import place
from sheetgen.passes.evaluate import evaluate
from sheetgen.spec.read import load, loads

ROOT = Path(__file__).parents[1]
SPECS = [*specs_in(ROOT / "specs"), *specs_in(ROOT / "tests" / "specs")]
FAR = {
    "capsule_routing": "the votes of every round are read by all rounds after it",
    "distillation": "the teacher's probabilities are read where the student's are compared with them",
    "hopfield": "both updates read the stored patterns",
}
"""Specs in which a formula reads further than 35 cells away, and why."""


EXPLODING = {1, 8, 14}
"""Seeds of programs whose numbers become too large after the update, which is refused."""


@cache
def compiled(path: Path) -> Workbook:
    return sheetgen.compile(path)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_specs(path: Path) -> None:
    program = program_of(load(path))
    placement = place(program, lambda block: 2 + len(block.matrices))
    assert check.overlaps(placement) == []
    assert check.outside(placement) == []
    assert check.wrong_values(placement, evaluate(program)) == []


@pytest.mark.parametrize("seed", sorted(set(range(60)) - EXPLODING))
def test_random_programs(seed: int) -> None:
    program = program_of(loads(random_spec(seed)))
    placement = place(program, lambda block: 2 + len(block.matrices))
    assert check.overlaps(placement) == []
    assert check.wrong_values(placement, evaluate(program)) == []


@pytest.fixture(scope="module")
def measures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Measures]]:
    folder = tmp_path_factory.mktemp("pages")
    return {path.stem: measure(compiled(path).save(folder / f"{path.stem}.xlsx")) for path in SPECS}


@pytest.mark.slow
def test_digits_can_be_read_in_print(measures: dict[str, list[Measures]]) -> None:
    small = {f"{name} {m.sheet}": m.points for name, sheets in measures.items() for m in sheets if m.points < 7}
    assert small == {}


@pytest.mark.slow
def test_pages_are_filled_and_operands_near(measures: dict[str, list[Measures]]) -> None:
    canvases = [m for sheets in measures.values() for m in sheets if m.sheet == "Canvas"]
    assert median(m.filled for m in canvases) >= 0.25
    assert median(m.way90 for m in canvases) <= 14
    assert {name for name, sheets in measures.items() if max(m.way90 for m in sheets) > 35} == set(FAR)


@pytest.mark.slow
def test_sections_keep_apart(measures: dict[str, list[Measures]]) -> None:
    mixed = {name: m.mixed for name, sheets in measures.items() for m in sheets if m.mixed}
    assert set(mixed) <= {"seq2seq"}  # whose second loop stands in the columns of the first
