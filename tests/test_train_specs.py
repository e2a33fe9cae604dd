"""Every spec that has a loss can be trained: all operations and their gradients, laid into rows."""

from __future__ import annotations

import re

import pytest
from by_specs import PATHS

import sheetgen

UPDATE = re.compile(r"^(?:update|exercise|vary):.*\n(?:[ \t]+.*\n)*", re.MULTILINE)
"""What doesn't go with `train`."""
LEARNING = [name for name, path in PATHS.items() if re.search(r"^update:", path.read_text(encoding="utf-8"), re.M)]


@pytest.mark.slow
@pytest.mark.parametrize("name", LEARNING)
def test_an_update_can_be_a_training(name: str) -> None:
    """Its first epochs hold in IronCalc, and the second loss is that of the update, for plain descent."""
    path = PATHS[name]
    text, rate = path.read_text(encoding="utf-8"), 0.0
    once = sheetgen.compile(path)
    rate = once.values["learning_rate"].item()
    train = f"train: {{epochs: 2, learning_rate: {rate!r}}}\n"
    made = sheetgen.compile_text(UPDATE.sub("", text) + "\n" + train, name, path.parent)
    after = next(s.name for s in once.program.statements if s.repeats == once.program.loss)
    assert made.trained is not None
    assert made.trained.losses[1] == pytest.approx(once.values[after].item(), rel=1e-12)
    assert made.verify().ok
