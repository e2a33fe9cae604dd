"""`{1..4}` in a list: an item for each number."""

from __future__ import annotations

import numpy as np
import pytest

from sheetgen.api import compile_text
from sheetgen.errors import SpecError
from sheetgen.spec.read import loads

HEAD = """title: t
matrices:
  X: {role: input, value: [[1, 2, 0.5], [3, -1, 2]]}
steps:
"""


def spec(*steps: str) -> str:
    """The first step stands on line 5."""
    return HEAD + "".join(f"  - {step}\n" for step in steps)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("hstack([h{1..3}])", "hstack([h1, h2, h3])"),
        ("hstack([x, h_{3..1}_a, y])", "hstack([x, h_3_a, h_2_a, h_1_a, y])"),
        ("vstack([ X[{0..6 step 3}], X[0] ])", "vstack([ X[0], X[3], X[6], X[0] ])"),
        ("sum([(y{1..2} - f(t{2..3}, [a, b])) ** 2])", "sum([(y1 - f(t2, [a, b])) ** 2, (y2 - f(t3, [a, b])) ** 2])"),
        ("vstack([hstack([a{1..2}]), hstack([b{1..2}, c])])", "vstack([hstack([a1, a2]), hstack([b1, b2, c])])"),
        ("hstack([X[:, {0..1}:{1+1..3}], h{1..1}[0]])", "hstack([X[:, 0:2], X[:, 1:3], h1[0]])"),
        ("W @ sum([a{-1..1}, b]) + mean([c{2*2..5}])", "W @ sum([a-1, a0, a1, b]) + mean([c4, c5])"),
    ],
)
def test_an_item_for_each_number(written: str, meant: str) -> None:
    assert [step.text for step in loads(spec(f"Y = {written}")).steps] == [f"Y = {meant}"]


def test_what_a_loop_computed_is_collected() -> None:
    """Within the loop too: each turn's mean is that of all so far."""
    loop = "for: t in 1..3\n    steps:\n      - h{t} = X * {t}\n      - m{t} = mean([h{1..t}])"
    text = spec(loop, "H = hstack([h{1..3}])", "S = sum([h{1..3} * m{1..3}])", "say: 'not here: {1..3}'")
    book = compile_text(text)
    x = np.array([[1, 2, 0.5], [3, -1, 2]])
    np.testing.assert_allclose(book.values["H"], np.hstack([x, 2 * x, 3 * x]))
    np.testing.assert_allclose(book.values["m3"], 2 * x)
    np.testing.assert_allclose(book.values["S"], (1 * 1 + 2 * 1.5 + 3 * 2) * x * x)
    assert book.verify().ok and book.program.steps[-1].sentence == "not here: {1..3}"


@pytest.mark.parametrize(
    ("step", "place", "words"),
    [
        ("Y = X + h{1..3}", "5:5", ("`{1..3}` stands in a list", "`hstack([h{1..4}])`")),
        ("do: Y = X[{0..1}]", "5:9", ("`{0..1}` stands in a list",)),
        ("explain: 'X[:, {0..1}]'", "5:15", ("`{0..1}` stands in a list",)),
        ("Y = hstack([X[:, {0..1}:{1..3}]])", "5:5", ("`X[:, {0..1}:{1..3}]`", "of 2 and 3 numbers")),
        ("Y = hstack([h{1,5..2}])", "5:5", ("can't work out `1,5`",)),
        ("Y = hstack([(h{1..2}])", "5:5", ("can't read",)),
        ("Y = hstack([h{1..2})", "5:5", ("can't read",)),
        ("Y = {1..2}]", "5:5", ("stands in a list",)),
        ("Y = hstack([h{1..n}])", "5:5", ("`n` isn't the variable of a loop",)),
        ("Y = hstack([h{1..1/2}])", "5:5", ("can't work out `1/2`",)),
        ("Y = hstack([h{1..4 step 0}])", "5:5", ("`1..4 step 0`", "at least 1")),
        ("Y = hstack([h{1..999999}])", "5:5", ("more than 1,000 items",)),
        ("Y = hstack([" + "h{1..999}, " * 300 + "X])", "5:5", ("longer than 20,000 characters",)),
        ("Y = hstack([h{..4}])", "5:18", ("can't read",)),
    ],
)
def test_one_error_with_its_place(step: str, place: str, words: tuple[str, ...]) -> None:
    with pytest.raises(SpecError) as caught:
        compile_text(spec(step), "s.yaml")
    assert str(caught.value).startswith(f"s.yaml:{place}"), str(caught.value)
    assert not [word for word in words if word not in caught.value.message], caught.value.message
