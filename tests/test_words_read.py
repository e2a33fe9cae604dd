"""Every equation of every spec gives the numbers that stand in its cells, for a reader who knows only mathematics."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from by_specs import SPECS
from equations_read import Reader, Unread
from words_by_hand import program, program_of, written

from sheetgen import compile_text
from sheetgen.ir.program import Program
from sheetgen.layout.words.vocabulary import vocabulary
from sheetgen.passes.evaluate import evaluate
from sheetgen.spec import read

REPEATED = {"ddpm_step": {"guess", "dL_dW"}, "vit": {"dL_dZ"}, "karate_trained": {"dL_dz"}}
"""Where a number or a 0 in brackets stands for a whole row or block, whose size the equation doesn't tell."""


def said(found: Program) -> tuple[list[str], list[str]]:
    """The equations that hold, and those that don't; a reader passes over what it can't read."""
    words, values = vocabulary(found), evaluate(found)
    names = {words.symbols.of(name): value for name, value in reversed(values.items()) if words.symbols.of(name)}
    made = [s for s in found.statements if s.kind == "matrix" and s.phase != "after"]
    titles = {s.name: words.title_of(s.name) for s in made if s.phase == "backward"}
    names |= {title: values[name] for name, title in titles.items() if title.startswith("∂")}
    right, wrong = list[str](), list[str]()
    for s in made:
        equation = words.equation(s)
        text = equation.partition(" = ")[2]
        whole = words.symbols.name(s.name) is None and s.phase != "backward"
        try:
            with np.errstate(all="ignore"):
                numbers = values[s.name].shape == (1 + text.count("; ") if text.startswith("[") else 1, 1)
                value = Reader(equation if whole or not text else text, names, numbers).read()
            holds = np.allclose(np.broadcast_to(value, s.shape), values[s.name], rtol=1e-3, atol=1e-6)
        except Unread:
            continue
        except ValueError:
            holds = False
        (right if holds else wrong).append(f"{s.name}: {equation}")
    return right, wrong


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_an_equation_is_what_its_cells_compute(path: Path) -> None:
    right, wrong = said(program_of(read.load(path)))
    assert {text.partition(":")[0] for text in wrong} <= REPEATED.get(path.stem, set()), wrong
    assert len(right) > len(wrong)


def test_a_false_equation_is_found() -> None:
    a, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.5, 1.0], [1.5, 2.0]])
    names = {"A": a, "B": b}
    assert np.allclose(Reader("2·A∘B", names).read(), 2 * a * b)
    assert not np.allclose(Reader("A∘2·B", names).read(), 2 * a * b)  # which reads as a product of matrices
    assert np.allclose(Reader("A ÷ Σ A, each row", names).read(), a / a.sum(axis=1, keepdims=True))
    assert not np.allclose(Reader("A ÷ Σ A", names).read(), a / a.sum(axis=1, keepdims=True))


DIRECTIONS = [
    "exp(A - max(A, axis={}))", "exp(A - max(B, axis={}))", "softmax(A, axis={})", "A / sum(A, axis={})",
    "(A - mean(A, axis={})) / sqrt(mean((A - mean(A, axis={})) ** 2, axis={}))", "A - mean(B, axis={})",
    "max(A * B, axis={})",
]  # fmt: skip


@pytest.mark.parametrize("first", DIRECTIONS)
@pytest.mark.parametrize("second", DIRECTIONS)
@pytest.mark.parametrize("axes", [(0, 1), (1, 0), (1, 1), (None, 0), (None, None), (0, None)])
def test_an_equation_tells_along_which_lines(first: str, second: str, axes: tuple[int | None, int | None]) -> None:
    """Of two functions that run along different lines, each tells its own."""
    one, two = (text.replace("{}", str(axis)) for text, axis in zip((first, second), axes, strict=True))
    text = ("title: t\nmatrices:\n  A: {role: input, value: [[1, 2, 5], [3, -1, 2]]}\n"
            "  B: {role: input, value: [[2, 1, 7], [1, 3, 0.5]]}\n"
            f"steps:\n  - 'C = {one} + 2 * {two}'\n  - 'D = sum(A * {one})'\n")  # fmt: skip
    right, wrong = said(written(text))
    assert not wrong
    assert {"C", "D"} <= {each.partition(":")[0] for each in right}


def test_most_equations_are_read() -> None:
    right, wrong = said(program("transformer"))
    assert len(right) > 60 and not wrong


def test_programs_of_one_structure_are_told_by_one_vocabulary() -> None:
    """Which holds none of their numbers, so that it can tell nothing of one to the readers of another."""
    text = "title: t\nmatrices:\n  X: {role: input, value: [[NUMBER, 2]]}\nsteps: [Y = 2 * X]\n"
    one, other = (written(text.replace("NUMBER", number)) for number in "37")
    assert one.structure == other.structure and vocabulary(one) is vocabulary(other)
    assert np.isnan(vocabulary(one).program.givens[0].value).all() and one.givens[0].value.tolist() == [[3, 2]]
    for changed in (("[[NUMBER, 2]]", "[[1], [2]]"), ("2 * X", "3 * X"), ("title: t", "title: u"), ("input", "target")):
        different = written(text.replace(*changed).replace("NUMBER", "3"))
        assert different.structure != one.structure and vocabulary(different) is not vocabulary(one)


def test_charts_show_the_numbers_of_their_own_program() -> None:
    """Two programs of one structure: a row that ascends is drawn over, one that doesn't isn't."""
    text = "title: t\nmatrices:\n  x: {role: input, value: [[ROW]]}\nsteps: [y = relu(x)]\n"
    up, down = ", ".join(map(str, range(-4, 5))), ", ".join(map(str, range(4, -5, -1)))
    first, second, third = (compile_text(text.replace("ROW", row)).plan.sheets[0].charts for row in (up, down, up))
    assert len(first) == len(third) == 1 and second == ()
