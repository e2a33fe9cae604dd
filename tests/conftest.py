"""A small plan drawn by hand, the file that belongs to it, and ways to spoil that file."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from sheetgen.layout.plan import Label, Region, Role, SheetPlan, WorkbookPlan
from sheetgen.proof.engines import libreoffice


def hand_made() -> WorkbookPlan:
    """W (B2:C3), X (E2:E3), Z = W @ X (G2:G3), A = relu(Z) (I2:I3), and a live text in K2."""
    w, x = np.array([[2.0, -1.0], [0.5, -3.0]]), np.array([[3.0], [1.0]])
    z = w @ x
    regions = (
        Region("W", Role.PARAMETER, 2, 2, w, defined_name="W"),
        Region("X", Role.INPUT, 2, 5, x, defined_name="X"),
        Region("Z", Role.FORWARD, 2, 7, z, (("MMULT($B2:$C2,E$2:E$3)",), ("MMULT($B3:$C3,E$2:E$3)",)), array=True),
        Region("A", Role.ACTIVATION, 2, 9, np.maximum(z, 0), (("MAX(0,G2)",), ("MAX(0,G3)",))),
    )
    labels = (Label(1, 1, "By hand", "title"), Label(2, 11, "up", "sentence", formula='IF(G2>0,"up","down")'))
    return WorkbookPlan("By hand", (SheetPlan("Canvas", "By hand", regions, labels),), (), "", ())


def write_by_hand(plan: WorkbookPlan, path: Path) -> Path:
    """The plan's cells through openpyxl alone."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for sheet in plan.sheets:
        target = workbook.create_sheet(sheet.title)
        for region in sheet.regions:
            for (i, j), value in np.ndenumerate(region.values):
                cell = target.cell(region.row + i, region.column + j)
                formula = region.formulas[i][j] if region.formulas else None
                if formula is None:
                    cell.value = float(value)
                else:
                    cell.value = ArrayFormula(cell.coordinate, f"={formula}") if region.array else f"={formula}"
        for label in sheet.texts:
            target.cell(label.row, label.column).value = f"={label.formula}" if label.formula else label.text
    workbook.save(path)
    return path


def rewrite(path: Path, part: str, change: Callable[[str], str]) -> None:
    """Change the XML of every part of a workbook whose name contains `part`."""
    old = path.with_suffix(".old")
    shutil.move(path, old)
    with zipfile.ZipFile(old) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, change(data.decode()).encode() if part in name else data)
    old.unlink()


def falsify_cached_values(path: Path, value: str = "999") -> int:
    """Put `value` behind every formula, as a cached number; returns how many there were."""
    count = 0

    def change(xml: str) -> str:
        nonlocal count
        xml, n = re.subn(r"</f>(?:<v\s*/>|<v>[^<]*</v>)?", f"</f><v>{value}</v>", xml)
        count += n
        return re.sub(r'(<c [^>]*?) t="(?:str|b|e)"([^>]*><f)', r"\1\2", xml)

    rewrite(path, "worksheets/sheet", change)
    return count


SOFFICE = shutil.which("soffice")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What has the engine's name as a parameter, its own or a fixture's, is marked `libreoffice`."""
    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {}).values()
        if any(isinstance(value, str) and value == "libreoffice" for value in parameters):
            item.add_marker("libreoffice")


@pytest.fixture(autouse=True)
def _only_marked_tests_start_libreoffice(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make check` leaves the marked ones out and needs no LibreOffice, even if this computer has it."""
    if request.node.get_closest_marker("libreoffice"):
        return
    run = libreoffice.run

    def guarded(command: Sequence[str], seconds: float) -> str:
        assert command[0] != SOFFICE, "mark this test: it starts LibreOffice"
        return run(command, seconds)

    monkeypatch.setattr(libreoffice, "run", guarded)


@pytest.fixture
def plan() -> WorkbookPlan:
    return hand_made()


@pytest.fixture
def workbook(plan: WorkbookPlan, tmp_path: Path) -> Path:
    return write_by_hand(plan, tmp_path / "by hand.xlsx")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser, for tests that are marked `browser`."""
    from by_browser import browser

    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a module's live pages are."""
    return tmp_path_factory.mktemp("live pages")
