"""No garbage is collected while a workbook is made; before and after, everything is as the program had it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from sheetgen.api import compile_spec, compile_text
from sheetgen.errors import SpecError
from sheetgen.spec.read import loads

SPEC = "title: T\nmatrices:\n  x: {role: input, value: [1, 2]}\nsteps:\n  - y = exp(x)\n"


@pytest.fixture
def collections() -> Iterator[list[str]]:
    """The collections that took place, where there is one at nearly every new object."""
    found: list[str] = []

    def note(phase: str, info: object) -> None:
        found.extend([phase] if phase == "start" else [])

    before = gc.get_threshold()
    gc.set_threshold(100)
    gc.callbacks.append(note)
    yield found
    gc.callbacks.remove(note)
    gc.set_threshold(*before)


def test_none_takes_place_while_something_is_built(tmp_path: Path, collections: list[str]) -> None:
    compile_text(SPEC).save(tmp_path / "warm.xlsx")
    kept = [[k] for k in range(10_000)]
    assert len(kept) == 10_000 and len(collections) > 10
    spec = loads(SPEC.replace("exp(x)", "tanh(x @ x.T)"))  # nothing of it is known yet
    collections.clear()
    compile_spec(spec).save(tmp_path / "a.xlsx")
    assert len(collections) <= 4  # before it begins and when it has ended


def test_the_collector_is_on_again_afterwards(tmp_path: Path) -> None:
    compile_text(SPEC).save(tmp_path / "a.xlsx")
    assert gc.isenabled()
    with pytest.raises(SpecError):
        compile_text(SPEC.replace("exp(x)", "exp(z)"))
    assert gc.isenabled()


def test_where_it_was_off_it_stays_off(tmp_path: Path) -> None:
    gc.disable()
    try:
        compile_text(SPEC).save(tmp_path / "a.xlsx")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_was_made_counts_as_old_at_once(tmp_path: Path) -> None:
    before = gc.get_threshold()
    gc.set_threshold(1_000_000)
    try:
        book = compile_text(SPEC)
        assert gc.get_count()[0] < 1_000 < len(gc.get_objects(generation=2))
        assert any(each is book for each in gc.get_objects(generation=2))
    finally:
        gc.set_threshold(*before)


def test_what_the_program_froze_stays_frozen() -> None:
    gc.freeze()
    try:
        count = gc.get_freeze_count()
        compile_text(SPEC)
        assert 0 < gc.get_freeze_count() <= count
    finally:
        gc.unfreeze()
