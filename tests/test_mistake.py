"""Pages with one wrong number: exactly one cell doesn't follow from what it reads, and only an answer tells which."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from by_specs import GALLERY, SPECS, compiled
from typer.testing import CliRunner

import sheetgen
from sheetgen.book import workbook as book
from sheetgen.cmd import cli
from sheetgen.errors import SpecError
from sheetgen.layout.plan import Region, Role, WorkbookPlan
from sheetgen.layout.words.vocabulary import vocabulary
from sheetgen.mistake.panel import FOUND, NOT_YET, WAITING
from sheetgen.names import CHECK
from sheetgen.passes.evaluate import value_of
from sheetgen.proof import engines
from sheetgen.proof.engines import Values

FEW = {path.stem for path in GALLERY[::4]}
PLAIN = sorted(path.stem for path in SPECS if compiled(path.stem).trained is None and path.stem != "karate_plain")
SMALL = """title: Small
matrices:
  X: {role: input, value: [[2, -1], [1, 3], [1, 1]]}
  W: {role: parameter, value: [[1, -2, 1], [2, 1, 0]]}
  b: {role: parameter, value: [1, -4]}
steps:
  - Z = W @ X + b
  - A = relu(Z)
  - M = mean(A, axis=1)
  - S = A.T @ A
  - L = sum(S) + sum(M ** 2)
loss: L
backward: true
"""


@cache
def planted(name: str, seed: int) -> sheetgen.PlantedMistake:
    return compiled(name).mistake(seed)


def typed_numbers(plan: WorkbookPlan) -> dict[str, np.ndarray]:
    return {r.key: r.values for sheet in plan.sheets for r in sheet.regions if r.values.dtype.kind in "fiub"}


def wrong_cells(name: str, plan: WorkbookPlan) -> list[tuple[str, int, int]]:
    """The cells that aren't what the finished workbook's region makes of the page's own numbers."""
    numbers = typed_numbers(plan)
    found = []
    for region in (r for sheet in compiled(name).plan.sheets for r in sheet.regions):
        if region.source is None or region.words or region.key not in numbers:
            continue
        made = np.broadcast_to(value_of(region.source, numbers), region.values.shape)
        off = np.abs(made - numbers[region.key]) > 1e-6 * np.maximum(1, np.abs(made))
        found += [(region.name, i + 1, j + 1) for i, j in np.argwhere(off).tolist()]
    return found


@pytest.mark.parametrize("name", [pytest.param(n, marks=() if n in FEW else pytest.mark.slow) for n in PLAIN])
def test_exactly_one_cell_doesn_t_follow_from_what_it_reads(name: str) -> None:
    made = planted(name, 7)
    assert wrong_cells(name, made.plan) == [(made.matrix, made.row, made.column)]
    finished = typed_numbers(compiled(name).plan)
    changed = sum(int((np.abs(value - finished[key]) > 1e-9).sum()) for key, value in typed_numbers(made.plan).items()
                  if key in finished and value.shape == finished[key].shape)  # fmt: skip
    assert changed >= 4, "itself, and three at least that follow"
    right = finished[made.matrix][made.row - 1, made.column - 1]
    assert abs(right - made.right) <= 0.005 + 1e-9 and abs(made.wrong - right) > max(1e-4, 3 * abs(right - made.right))


def test_kinds_of_slips_that_people_make() -> None:
    """Each as often as others, whatever the number of cells that it is possible in."""
    small = sheetgen.compile_text(SMALL)
    found = [small.mistake(seed) for seed in range(60)]
    reasons = {made.reason for made in found}
    assert reasons >= {
        "the bias was left out", "a negative number was not cut to 0", "a minus sign was lost",
        "the sum instead of the mean", "one term was left out",
    }  # fmt: skip
    z = np.array([[2, -1], [1, 3], [1, 1]])
    w, b = np.array([[1, -2, 1], [2, 1, 0]]), np.array([[1], [-4]])
    for made in found:
        at = (made.row - 1, made.column - 1)
        if (made.matrix, made.reason) == ("Z", "the bias was left out"):
            assert (made.wrong, made.right) == ((w @ z)[at], (w @ z + b)[at])
        if made.reason == "a negative number was not cut to 0":
            assert made.matrix == "A" and made.wrong == (w @ z + b)[at] < 0 and made.right == 0
        if made.reason == "the sum instead of the mean":
            assert made.wrong == 2 * made.right
    assert len({(made.matrix, made.row, made.column, made.wrong) for made in found}) > 20
    again = small.mistake(7)
    assert (again.matrix, again.row, again.column, again.wrong) == (
        found[7].matrix, found[7].row, found[7].column, found[7].wrong
    )  # fmt: skip


def said(values: Values) -> str:
    texts = {text for text in values.sheets["canvas"].texts.values() if text in (FOUND, NOT_YET, WAITING)}
    assert len(texts) == 1
    return texts.pop()


def answered(made: sheetgen.PlantedMistake, **fields: object) -> WorkbookPlan:
    """The page with another answer than the key's in some fields; None leaves one empty."""
    names = {"matrix": "Matrix", "row": "Row", "column": "Column", "number": "Right number"}

    def typed(region: Region) -> Region:
        key = next((k for k, title in names.items() if title == region.name and region.role is Role.ENTRY), "")
        if key not in fields:
            return region
        value = fields[key]
        cells = np.full(region.values.shape, "" if isinstance(value, str) else 0.0, dtype=region.values.dtype)
        cells[0, 0] = 0.0 if value is None else value
        empty = np.ones(cells.shape, dtype=bool)
        empty[0, 0] = value is None
        return replace(region, values=cells, empty=empty)

    main, *others = made.key.sheets
    return replace(made.key, sheets=(replace(main, regions=tuple(map(typed, main.regions))), *others))


@pytest.mark.parametrize("engine", [*engines.ENGINES])
def test_only_the_right_answer_is_right(engine: str, tmp_path: Path) -> None:
    made = sheetgen.compile_text(SMALL).mistake(3)
    other = made.column % 2 + 1
    pages = {
        "blank": (made.plan, WAITING),
        "key": (made.key, FOUND),
        "number within its rounding": (answered(made, number=made.right + 0.004), FOUND),
        "another number": (answered(made, number=made.right + 1), NOT_YET),
        "the wrong number": (answered(made, number=made.wrong), NOT_YET),
        "another column": (answered(made, column=other), NOT_YET),
        "a cell that isn't there": (answered(made, row=99), NOT_YET),
        "nothing yet": (answered(made, number=None), WAITING),
    }
    paths = []
    for k, (plan, _) in enumerate(pages.values()):
        paths.append(tmp_path / f"{k}.xlsx")
        book.write(plan, paths[-1])
    for (name, (_, wanted)), values in zip(pages.items(), engines.get(engine).recalculate(paths), strict=True):
        assert said(values) == wanted, name
        texts = [text for sheet in values.sheets.values() for text in sheet.texts.values()]
        assert not [text for text in texts if text.startswith("#")]


@pytest.mark.slow
def test_a_right_number_elsewhere_is_no_answer(tmp_path: Path) -> None:
    """For every cell of a page, its own right number: only the planted one is found."""
    made = sheetgen.compile_text(SMALL).mistake(11)
    keys = [label.text for sheet in made.plan.sheets if sheet.title == CHECK for label in sheet.labels]
    finished = sheetgen.compile_text(SMALL)
    numbers, words = typed_numbers(finished.plan), vocabulary(finished.program)
    titles = {words.title_of(name): name for name in finished.values}
    asked = [key.split("|") for key in keys if key.split("|")[0] in titles]
    paths = []
    for k, (matrix, row, column) in enumerate(asked):
        paths.append(tmp_path / f"{k}.xlsx")
        right = numbers[titles[matrix]][int(row) - 1, int(column) - 1]
        book.write(answered(made, matrix=matrix, row=int(row), column=int(column), number=right), paths[-1])
    found = [at for at, values in zip(asked, engines.get("ironcalc").recalculate(paths), strict=True)
             if said(values) == FOUND]  # fmt: skip
    assert found == [[words.title_of(made.matrix), str(made.row), str(made.column)]]


def test_the_file_tells_nothing(tmp_path: Path) -> None:
    """No formula where numbers stand, no cached verdict, no name of the place, no steps, no spec."""
    made = planted("gcn", 7)
    with zipfile.ZipFile(made.save(tmp_path / "find.xlsx")) as archive:
        parts = {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
    titles = re.findall(r'<sheet [^>]*name="([^"]+)"', parts["xl/workbook.xml"])
    assert titles == ["Canvas", CHECK]
    canvas = parts["xl/worksheets/sheet1.xml"]
    numbers = [cell for cell in re.findall(r"<c [^>]*>.*?</c>", canvas) if "<f" in cell and 't="str"' not in cell]
    assert numbers == [], "whose formula would tell"
    check = parts["xl/worksheets/sheet2.xml"]
    verdicts = [cell for cell in re.findall(r"<c [^>]*>.*?</c>", check) if "<f" in cell]
    assert len(verdicts) > 100 and not any(re.search("<v>[^<]", cell) for cell in verdicts)
    assert "sheetProtection" in canvas
    assert not any(name.startswith("xl/charts") for name in parts)


def test_what_no_mistake_can_be_made_in() -> None:
    with pytest.raises(SpecError, match=r"can be wrong so that others follow|nothing to fill in"):
        sheetgen.compile_text("title: T\nmatrices:\n  A: {role: input, value: 2}\nsteps: [Z = A * 3]\n").mistake()
    with pytest.raises(SpecError, match="can be wrong so that others follow"):
        compiled("karate_plain").mistake()
    with pytest.raises(SpecError, match="`train`"):
        compiled("xor").mistake()


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    arguments = ["mistake", str(tmp_path / "small.yaml"), "--seed", "3", "-o", str(tmp_path)]
    result = CliRunner().invoke(cli.app, arguments)
    assert result.exit_code == 0 and result.stdout.splitlines() == [
        f"{tmp_path / 'small-mistake.xlsx'}: one number is wrong",
        f"{tmp_path / 'small-mistake-key.xlsx'}: which one, and why",
    ]
    told = json.loads(CliRunner().invoke(cli.app, [*arguments, "--json"]).stdout)
    assert told["matrix"] == sheetgen.compile_text(SMALL).mistake(3).matrix
