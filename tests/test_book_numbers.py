"""Numbers as a person would write them: alike within a matrix, and true after an edit."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook

from sheetgen.book.workbook import write
from sheetgen.cmd.render import render
from sheetgen.layout.measure import text_width
from sheetgen.layout.numbers import AS_TYPED, HUNDREDTHS, POWERS, TENTHS, WHOLES, Form, form, shown, two_digits
from sheetgen.layout.numbers import texts as numbers_shown
from sheetgen.layout.plan import Region, Role, SheetPlan, WorkbookPlan


def texts(*numbers: float, **options: object) -> list[str]:
    """What a row of computed numbers shows."""
    values = np.array([numbers], dtype=float)
    kind = form(values, **options)  # type: ignore[arg-type]
    return [shown(number, kind) for number in numbers]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((2, 1, 0, -3), ["2", "1", "0", "-3"]),
        ((0.5, 2, -1.5), ["0.5", "2", "-1.5"]),
        ((0.5, 0.25, 2), ["0.50", "0.25", "2"]),
        ((0.25, 12.345, 165.3, -1234.5), ["0.25", "12.3", "165", "-1235"]),
        ((0.7, 0.004, -0.004, 0), ["0.70", "0.00", "0.00", "0"]),
        ((0.25, 0.004, -0.004, 0), ["0.25", "0.00", "0.00", "0"]),
        ((0.995001, 1.999, 1e-17), ["1.00", "2.00", "0"]),
        ((0.1 + 0.2, 0.7), ["0.3", "0.7"]),
        ((0.0034, 0.0005, 0), ["0.0034", "0.0005", "0"]),
        ((0.0994, -0.05), ["0.099", "-0.050"]),
        ((0.00041, 0.00011, -2.5e-7), ["0.0004", "0.0001", "0.0000"]),
        ((0.00004, -2.5e-7, 0), ["4.0E-5", "-2.5E-7", "0"]),
        ((1e-17, -2e-16), ["0", "0"]),
        ((1234567, 99999, -2.5e12), ["1.2E+6", "99999", "-2.5E+12"]),
        ((1e100, 0.5), ["1.0E+100", "0.5"]),
    ],
)
def test_computed_numbers(numbers: tuple[float, ...], expected: list[str]) -> None:
    assert texts(*numbers) == expected


def test_rounds_of_a_loop_have_equal_decimals() -> None:
    assert texts(0.272, 0.2, 0, 0.2781, decimals=3) == ["0.272", "0.200", "0", "0.278"]


def test_no_number_loses_the_0_before_its_point() -> None:
    assert texts(0.052, -0.0041, 0, 1e-5, 0.5, 2.25, decimals=3) == [
        "0.052", "-0.004", "0", "0.000", "0.500", "2.250"]  # fmt: skip
    assert [two_digits(np.array([v])) for v in (0.052, 0.0099, 0.2, 0.00001)] == [3, 4, None, None]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((2, 0.05, -1.5), ["2", "0.05", "-1.5"]),
        ((0.001,), ["0.001"]),
        ((0.999,), ["0.999"]),
        ((0.5488135, 0.71518937), ["0.55", "0.72"]),
        ((0.123456789,), ["0.12"]),
    ],
)
def test_given_numbers_stay_as_typed_if_they_are_short(numbers: tuple[float, ...], expected: list[str]) -> None:
    assert texts(*numbers, given=True) == expected


def test_the_longest_text_of_a_matrix_is_among_few() -> None:
    random = np.random.default_rng(1)
    kinds = [kind for kind in (*FORMS, AS_TYPED, form(np.zeros(1), decimals=3)) for _ in range(100)]
    numbers = [random.choice([-1, 1], n) * random.random(n) * 10.0 ** random.integers(-18, 9, n)
               for n in random.integers(1, 9, len(kinds))]  # fmt: skip
    numbers = [np.round(some, random.integers(0, 20)) for some in numbers]
    for some, kind, few in zip(numbers, kinds, numbers_shown(numbers, kinds), strict=True):
        all_of_them = {shown(number, kind) for number in some}
        assert all_of_them.issuperset(few)
        assert max(map(text_width, few)) == max(map(text_width, all_of_them))


def test_words_stay_words() -> None:
    assert shown("very likely", AS_TYPED) == "very likely"


NUMBERS = (0, 1e-17, 0.004, -0.004, 0.05, 0.0994, 0.0996, 0.1, 0.25, 0.3, 0.5, 0.999, 1.999, 2, -3, 9.99, 9.996, 12.345,
           99.94, 99.96, 165.3, 99999, 99999.6, 1e7, -0.0004, 0.1 + 0.2)  # fmt: skip
FORMS = (WHOLES, TENTHS, HUNDREDTHS, POWERS, form(np.array([0.0034])), form(np.zeros(1), decimals=3))


def test_conditions_say_the_same_as_formulas() -> None:
    """Each tier's formula, computed by an engine, against the tier's own answer for every number."""
    import ironcalc

    model = ironcalc.create("tiers", "en", "UTC", "en")
    expected = []
    for row, number in enumerate(NUMBERS, 1):
        model.set_user_input(0, row, 1, repr(float(number)))
        for column, tier in enumerate((tier for kind in FORMS for tier in kind.tiers), 2):
            model.set_user_input(0, row, column, f"={tier.condition(f'A{row}')}")
            expected.append((row, column, bool(tier.holds(np.array([float(number)])))))
    model.evaluate()
    wrong = [(row, column) for row, column, holds in expected if model.get_cell_value(0, row, column) != holds]
    assert len(expected) > 500 and wrong == []


def drawn_by_libreoffice(path: Path, folder: Path) -> list[list[str]]:
    """The texts of the first page, line by line."""
    (pdf,) = render([path], folder, "pdf")
    command = ["pdftotext", "-layout", "-l", "1", str(pdf), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line.split() for line in text.stdout.splitlines() if line.strip()]


@pytest.fixture
def matrices() -> list[np.ndarray]:
    rows = ([2, 1, 0, -3], [0.5, 2, -1.5, 0], [0.25, 12.345, 165.3, 0], [0.25, -0.004, 1e-17, 0.5],
            [0.0034, 0.0005, 0, -0.0012], [0.00004, -2.5e-8, 0, 1e-6], [1234567, 99999, 0.25, -2.5e12])  # fmt: skip
    return [np.array([row], dtype=float) for row in rows]


def page(matrices: list[np.ndarray]) -> WorkbookPlan:
    regions = tuple(
        Region(f"M{k}", Role.FORWARD, 6 + k, 2, m, (tuple(repr(float(v)) for v in m[0]),))
        for k, m in enumerate(matrices)
    )
    widths = tuple((k, 12.0) for k in range(1, 9))
    return WorkbookPlan("t", (SheetPlan("Canvas", "t", regions, (), widths=widths),), (), "", ())


@pytest.mark.libreoffice
def test_libreoffice_draws_what_shown_says(matrices: list[np.ndarray], tmp_path: Path) -> None:
    matrices += [np.array([row]) for row in ([2.125, 1.005, -0.375, 1000.5], [0.0000225, -2.35e-8, 9.95e-6, 1e-6])]
    assert texts(*matrices[-2][0]) == ["2.13", "1.01", "-0.38", "1001"]
    assert texts(*matrices[-1][0]) == ["2.3E-5", "-2.4E-8", "1.0E-5", "1.0E-6"]
    write(page(matrices), tmp_path / "a.xlsx")
    drawn = drawn_by_libreoffice(tmp_path / "a.xlsx", tmp_path)
    assert drawn[1:-1] == [texts(*m[0]) for m in matrices]


@pytest.mark.libreoffice
def test_numbers_follow_an_edit(matrices: list[np.ndarray], tmp_path: Path) -> None:
    """Other numbers in the same cells: whole ones in a matrix of hundredths, hundredths among whole ones, …"""
    write(page(matrices), tmp_path / "a.xlsx")
    book = load_workbook(tmp_path / "a.xlsx")
    edits = (
        (6, (0.25, -0.004, 12.345, 2), ["0.25", "0.00", "12.3", "2"]),
        (7, (0.123, 0.5, 3, 0.004), ["0.12", "0.5", "3", "0.00"]),
        (8, (7, 0.4, 0, 1e-17), ["7", "0.40", "0", "0"]),
        (10, (3, 0.5, 150, 0.05), ["3", "0.50", "150", "0.0500"]),
        (11, (0.25, 12.3, 0, 0.05), ["0.25", "12.3", "0", "5.0E-2"]),
    )
    for row, numbers, _ in edits:
        for column, number in enumerate(numbers, 2):
            book["Canvas"].cell(row, column).value = number
    book.save(tmp_path / "b.xlsx")
    drawn = drawn_by_libreoffice(tmp_path / "b.xlsx", tmp_path)
    assert [drawn[row - 5] for row, *_ in edits] == [expected for *_, expected in edits]


def test_formats_of_the_cells(matrices: list[np.ndarray], tmp_path: Path) -> None:
    """What a program without conditional formats shows."""
    write(page(matrices), tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx")["Canvas"]
    found = [sheet.cell(6 + k, 2).number_format for k in range(len(matrices))]
    assert found == ["0", "0.0", "0.00", "0.00", "0.0000", "0.0E+0", "0.00"]


def test_regions_that_look_alike_share_their_rules(tmp_path: Path) -> None:
    """However many there are."""
    regions = tuple(
        Region(f"M{k}", Role.FORWARD, 6 + 2 * k, 2, np.array([[0.25, k]]), (("0.25", str(k)),), dark_zeros=k % 2 == 0)
        for k in range(1000)
    )
    write(WorkbookPlan("t", (SheetPlan("Canvas", "t", regions, ()),), (), "", ()), tmp_path / "a.xlsx")
    formats = list(load_workbook(tmp_path / "a.xlsx")["Canvas"].conditional_formatting)
    assert len(formats) == 4 and sum(len(str(f.sqref).split()) for f in formats) == 1004
    assert all(str(f.sqref).startswith("A1 ") for f in formats)


def test_a_form_is_the_same_for_the_same_numbers() -> None:
    assert form(np.array([[0.25]])) == form(np.array([[0.5, 0.75]])) == HUNDREDTHS and isinstance(HUNDREDTHS, Form)


