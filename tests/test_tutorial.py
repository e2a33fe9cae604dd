"""docs/tutorial.md: each spec adds to the one before, builds, and gives the numbers that the text tells."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from by_specs import ROOT, SHIPPED

from sheetgen.api import compile_text
from sheetgen.errors import SpecError
from sheetgen.spec.read import loads

PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
SPECS = re.findall(r"^```yaml\n(title:.*?)^```$", PAGE, re.S | re.M)
TOLD = " ".join(PAGE.split())
"""Its text, however its lines are broken."""
NEW = re.compile(r"  # new.*$", re.M)


def network(rate: float = 0.0) -> dict[str, np.ndarray]:
    """The tutorial's network, from its definition, after a step of gradient descent with this rate."""
    x, y = np.array([[2, 0, 1], [1, 2, 1]]), np.array([[1, 0, 0]])
    w1, b1, w2, b2 = np.array([[1.0, 1], [1, -1]]), np.array([[-1.0], [1]]), np.array([[1.0, -1]]), np.zeros((1, 1))
    for step in (rate, 0.0):
        z1 = w1 @ x + b1
        a1 = np.maximum(z1, 0)
        p = 1 / (1 + np.exp(-(w2 @ a1 + b2)))
        terms = -np.log(np.where(y == 1, p, 1 - p))
        dz2 = p - y
        dz1 = (w2.T @ dz2) * (z1 > 0)
        w2, b2 = w2 - step * dz2 @ a1.T, b2 - step * dz2.sum(1, keepdims=True)
        w1, b1 = w1 - step * dz1 @ x.T, b1 - step * dz1.sum(1, keepdims=True)
    return {"Z1": z1, "A1": a1, "P": p, "terms": terms, "L": terms.sum(keepdims=True), "dL_dZ2": dz2}


def test_each_spec_adds_to_the_one_before_what_it_marks_as_new() -> None:
    assert len(SPECS) == 6 and "# new" not in SPECS[0]
    for before, after in pairwise(SPECS):
        old = NEW.sub("", before).splitlines()
        assert [line for line in after.splitlines() if "# new" not in line and line not in old] == []
        assert all(NEW.sub("", line) not in old for line in after.splitlines() if "# new" in line)


@pytest.mark.parametrize("number", range(1, len(SPECS) + 1))
def test_each_spec_builds_and_has_a_picture(number: int) -> None:
    workbook = compile_text(SPECS[number - 1])
    assert workbook.verify().ok
    assert f"](images/tutorial-{number}.png)" in PAGE.split("```yaml")[number]
    assert Path(ROOT, "docs", "images", f"tutorial-{number}.png").is_file()


def test_the_numbers_in_the_text() -> None:
    first, values, learned = network(), compile_text(SPECS[-1]).values, network(0.2)
    for name in ("Z1", "A1", "P", "L", "dL_dZ2"):
        np.testing.assert_allclose(values[name], first[name], rtol=1e-12)
    np.testing.assert_allclose(values["L_new"], learned["L"], rtol=1e-12)
    monday, tuesday, wednesday = first["P"][0]
    assert f"likely on Tuesday, at {tuesday:.0%}".replace("%", " %") in TOLD and monday == wednesday == 0.5
    assert f"-ln(1 - {tuesday:.2f}) = {first['terms'].max():.2f} of the {first['L'].item():.2f}" in TOLD
    assert f"{first['dL_dZ2'][0, 0]:.1f} on Monday" in TOLD and f"{first['dL_dZ2'][0, 1]:.2f} on Tuesday" in TOLD
    assert f"falls from {first['L'].item():.2f} to {learned['L'].item():.2f}." in TOLD
    assert f"type 5 into it, and the loss rises to {network(5)['L'].item():.2f}" in TOLD
    assert compile_text(SPECS[0]).values["Z1"][0, 0] == 1 * 2 + 1 * 1 == 3 and "1·2 + 1·1 = 3" in TOLD


def test_the_mistake_on_purpose_is_told_with_its_line() -> None:
    assert "write `W2 @ Z2` instead of `W2 @ A1`" in TOLD
    with pytest.raises(SpecError, match=r"^spec:14:15: ") as caught:
        compile_text(SPECS[2].replace("W2 @ A1", "W2 @ Z2"))
    assert caught.value.message == "`Z2` is used in its own definition."


def test_the_ways_to_go_on() -> None:
    train, stack, source = (re.search(pattern, TOLD) for pattern in (
        r"`(train: .*?)` in the place of `update`", r"`stack: (\[.*?\])`", r"--from (\w+)`"))  # fmt: skip
    assert train and stack and source
    trained = compile_text(SPECS[-1].replace("update: {learning_rate: 0.2}", train[1])).trained
    assert trained is not None and trained.training.train.epochs == 60
    assert compile_text(SPECS[-1]).exercise(level=2).blanks
    head, tail = SPECS[0].split("steps:\n")[0], f"steps:\n  - layers: X\n    stack: {stack[1]}\n"
    written = loads(re.sub(r"  W1:.*\n", "", head) + tail).written_out
    assert "- Z1 = W1 @ X + b1" in written and "- A2 = sigmoid(Z2)" in written
    assert source[1] in {path.stem for path in SHIPPED}
