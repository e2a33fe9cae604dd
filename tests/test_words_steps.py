"""The Steps sheet: one row per kind and turn, and sentences joined from cells, which an engine must find as told."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from by_specs import SPECS
from openpyxl import Workbook
from words_by_hand import places, program, program_of

from sheetgen.ir.program import Program
from sheetgen.layout import numbers
from sheetgen.layout.plan import StepRow
from sheetgen.layout.words.legend import change
from sheetgen.layout.words.pieces import Cell, Choice, Shown, Tail, formula, text
from sheetgen.layout.words.steps import step_rows
from sheetgen.layout.words.vocabulary import vocabulary
from sheetgen.passes.evaluate import evaluate
from sheetgen.proof import engines
from sheetgen.spec import read

NODES = {name: list("ABCDE") for name in ("X", "M1", "H1", "M2", "H2")}


def rows(found: Program) -> tuple[StepRow, ...]:
    return step_rows(vocabulary(found), places(found).get, evaluate(found), NODES)


def by_number(found: Program) -> dict[str, StepRow]:
    return {row.numbers or str(row.number): row for row in rows(found)}


def test_rows_of_a_loop() -> None:
    found = by_number(program("lstm"))
    assert list(found)[:11] == ["1", "2", "3", "4", "5", "6", "7", "8–14", "15–21", "22–28", "29"]
    assert found["2"].equation == "Zfₜ = Wf·xhₜ + bf; fₜ = σ(Zfₜ)"
    assert found["8–14"].sentence == "The same for t = 2. First number of h₂: 0.731·(-0.306) ≈ -0.22."
    assert found["8–14"].live and "0.73" not in found["8–14"].live
    assert (found["8–14"].number, found["8–14"].phase, found["8–14"].section) == (8, "forward", "t = 2")
    assert found["35"].equation == "∂h₄ = Wyᵀ·∂ŷ"  # the last step has no successor
    assert found["47"].equation == "∂hₜ = rows 3–4 of ∂xhₜ₊₁"
    assert found["50–58"].sentence.startswith("The rest is the same for t = 3. First number of ∂xh₃: ")
    assert (found["50–58"].section, found["50–58"].equation) == ("t = 3", "")
    rest = by_number(program("gru"))["34–42"]  # goes on in the section of the row before
    assert (rest.section, rest.equation) == ("Hidden state · backward", "t = 2")
    assert found["59–70"].sentence.startswith("The same for t = 2. First number of ∂xh₂: ")


def test_a_turn_is_told_in_one_piece_and_what_turns_share_after_the_last() -> None:
    found = by_number(program("lstm"))
    assert [name for name in found if "t = 1" in found[name].sentence] == ["71–81"]
    assert list(found)[list(found).index("71–81") + 1 :][:8] == [str(k) for k in range(82, 90)]
    assert found["82"].equation == "∂Wo = Σₜ ∂Zoₜ·xhₜᵀ"


def test_heads() -> None:
    said = by_number(program("multi_head_attention"))["7–12"].sentence
    assert said.startswith("The same for head 2. First number of Z₂: ")


def test_rows_of_one_step_are_told_apart() -> None:
    found = by_number(program("gcn"))
    assert [name for name in found if name.startswith("12")] == ["12", "12a", "12b", "12c"]
    assert found["12"].link == found["12a"].link is not None
    assert [row.number for row in found.values()][-4:] == [12, 12, 12, 12]


def test_numbers_are_put_in() -> None:
    found = by_number(program("backpropagation"))
    said = {row.equation: row.sentence for row in rows(program("backpropagation"))}
    assert said["Z₁ = W₁·X + b₁"].endswith("First number: 1·2 + 0·1 + 0·3 + 0 = 2.")
    assert said["A₁ = ReLU(Z₁)"].endswith("For example: ReLU(-1) = 0.")
    assert said["∂A₁ = W₂ᵀ·∂Z₂"].endswith("First number: 1·1 + (-1)·0 + 0·0.5 + 1·(-0.5) = 0.5.")
    assert said["∂Z₃ = Ŷ − Y"].endswith("First number: 0.5 − 0 = 0.5.")
    assert said["W₁ new = W₁ − η·∂W₁; likewise the others"].endswith("First number: 1 − 0.02·1 = 0.98.")
    assert said["L = −Σ Y·ln Ŷ"].endswith("In numbers: 0 + 0.69 + 0 ≈ 0.69.")
    assert found["21"].link == "Canvas!B{}".format(places(program("backpropagation"))["W1_new"].row)


def test_a_look_closer_names_its_terms() -> None:
    found = by_number(program("gcn"))
    assert found["6"].equation == "H₁, A"
    assert found["6"].sentence.endswith("First number: A 3·1 + C 1·1 = 4.")
    assert found["4"].sentence.endswith("First number: 1·2 + 0·1 + 1·2 + 0·1 + (-1) = 3, ReLU(3) = 3.")


def test_numbers_say_what_they_are() -> None:
    """Not quite 1 isn't 1, not quite 0 isn't 0, noise is; a condition is no equation; a root is written as one."""
    found = by_number(program("activations"))
    assert found["7"].sentence.endswith("tanh(-4) ≈ -0.999.")
    assert found["2"].sentence.endswith("First number: (-4) > 0 is false: 0.")
    assert found["4"].sentence.endswith("First number: 1 if (-4) > 0, else 0.2: here 0.2.")
    assert "÷ √(2π)" in found["11"].sentence and "√(2π)" in found["11"].equation
    assert by_number(program("karate"))["11"].sentence.endswith("σ(-13.24) ≈ 0.00.")
    noise = Cell("A1", 1e-17)
    assert text([noise]) == "0"
    assert by_number(program("transformer"))["6"].sentence.endswith("0 ÷ √3 = 0.")


def test_a_line_is_true_with_the_digits_shown() -> None:
    """1 − 0.999² would be 0.0020; what is rounded isn't equal, and a choice is shown where it makes a difference."""
    found = by_number(program("activations"))
    assert found["8"].sentence.endswith("First number: 1 − (-0.99933)² ≈ 0.0013.")
    assert found["9"].sentence.endswith("First number: (1 + (-0.999937)) ÷ 2 ≈ 0.000032.")
    said = {row.equation: row.sentence for row in rows(program("autoencoder"))}
    assert said["∂Z₃ = ∂A₃ where Z₃ > 0"].endswith("First number: (-2) if 0 > 0, else 0: here 0.")


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_sum_and_product_of_a_sentence_is_what_it_says(path: Path) -> None:
    for row in rows(program_of(read.load(path))):
        for left, sign, right in re.findall(r": ([-\d.()·+−÷ ]+) ([=≈]) (-?[\d.]*\d)(?=[.,])", row.sentence):
            made = eval(left.replace("·", "*").replace("−", "-").replace("÷", "/"))  # digits and signs alone
            decimals = max(2, len(right.partition(".")[2]))
            assert abs(made - float(right)) <= (0.5 + 1e-6) * 10**-decimals, row.sentence
            assert sign == "≈" or abs(made - float(right)) < 1e-9, row.sentence


def recalculated(found: Program, told: list[StepRow], path: Path) -> list[object]:
    """What an engine makes of the sentences, on a sheet with the program's numbers."""
    book = Workbook()
    canvas = book.active
    canvas.title = "Canvas"
    values = evaluate(found)
    for name, rect in places(found).items():
        if values.get(name) is not None and np.asarray(values[name]).dtype.kind == "f":
            for (i, j), value in np.ndenumerate(values[name]):
                canvas.cell(rect.row + i, rect.column + j, float(value))
    steps = book.create_sheet("Steps")
    for at, row in enumerate(told, 1):
        steps.cell(at, 1, f"={row.live}")
    book.save(path)
    read_back = engines.get("ironcalc").recalculate([path])[0]
    return [read_back.value("Steps", at, 1) for at in range(1, len(told) + 1)]


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_sentences_say_something_and_an_engine_finds_them(path: Path, tmp_path: Path) -> None:
    found = program_of(read.load(path))
    for row in (every := rows(found)):
        left, equals, right = row.equation.partition(" = ")
        assert not equals or left != right, row
        assert row.sentence, row
        assert len(row.live or "") <= 8000
    told = [row for row in every if row.live]
    assert recalculated(found, told, tmp_path / "steps.xlsx") == [row.sentence for row in told]


def test_pieces(tmp_path: Path) -> None:
    """Negative zero, quotes, long texts, terms that vanish: formula and text agree."""
    cells = [Cell(f"A{k}", value) for k, value in enumerate((-0.001, 0.125, -2.0, 0.0, 2.675, 100.0), 1)]
    small = Cell("A7", 0.00042, 5)
    choices = tuple(Choice(cell, (" + ", cell)) for cell in cells[3:6])
    sentences = [
        ['a "quoted" ', *[p for cell in cells for p in (cell, "; ")]],
        ["x" * 700, small],
        ["terms: ", Tail(choices), "."],
        ["plain ", Cell("A3", -2.0, bracketed=False)],
    ]
    assert [text(s) for s in sentences[2:]] == ["terms: 2.68 + 100.", "plain -2"]
    assert text(sentences[0]) == 'a "quoted" 0.00; 0.13; (-2); 0; 2.68; 100; '
    book = Workbook()
    for k, value in enumerate((*[cell.value for cell in cells], small.value), 1):
        book.active.cell(k, 1, value)
    for k, sentence in enumerate(sentences, 1):
        book.active.cell(k, 3, f"={formula(sentence)}")
    book.save(tmp_path / "pieces.xlsx")
    values = engines.get("ironcalc").recalculate([tmp_path / "pieces.xlsx"])[0]
    assert [values.value("Sheet", k, 3) for k in range(1, 5)] == [text(s) for s in sentences]


@pytest.mark.parametrize("decimals", [None, 3])
def test_numbers_read_as_their_cells_show_them(decimals: int | None, tmp_path: Path) -> None:
    """Zeros at the end too, and after somebody has changed the number."""
    at = [7.0, 1.5, 0.31, 16.34, 123.4, 0.0, -1.5, -0.004, 0.0969, 0.00042, 2.0049]
    book, forms = Workbook(), []
    for k, value in enumerate(at, 1):
        forms.append(numbers.form(np.array([value]), decimals=decimals))
        book.active.cell(k, 1, value)
        book.active.cell(k, 2, f"={formula(['L ', Shown(f'A{k}', value, forms[-1])])}")
        book.active.cell(k, 3, f"={formula(['', Shown(f'A{k}', value, numbers.HUNDREDTHS)])}")
    book.save(tmp_path / "shown.xlsx")
    values = engines.get("ironcalc").recalculate([tmp_path / "shown.xlsx"])[0]
    plain = [k for k, form in enumerate(forms) if form != numbers.POWERS]
    assert [values.value("Sheet", k + 1, 2) for k in plain] == [f"L {numbers.shown(at[k], forms[k])}" for k in plain]
    assert [values.value("Sheet", k, 3) for k in range(1, 12)] == [numbers.shown(x, numbers.HUNDREDTHS) for x in at]
    if decimals is None:
        assert [numbers.shown(x, form) for x, form in zip(at[:5], forms, strict=False)] == [
            "7", "1.5", "0.31", "16.3", "123"]  # fmt: skip


def test_whether_the_loss_falls() -> None:
    rule = 'IF(B3<B2,"▼",IF(B3>B2,"▲","="))'
    assert [change(Cell("B2", 1.0), Cell("B3", after)) for after in (0.5, 1.5, 1.0)] == [
        (rule, "▼"), (rule, "▲"), (rule, "=")]  # fmt: skip


