"""How the command ends when it can't say what it has to say, on faults, and on names that systems don't take."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SPEC = "title: t\nmatrices:\n  X: {role: input, value: [1, 2]}\nsteps:\n  - Z = X + 1\n"
SLOW = pytest.mark.slow
"""Each of these starts Python anew; of every kind one stays quick."""
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX streams and names")


def sheetgen(folder: Path, *arguments: str | bytes, shell: str = "", **environment: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the command; `shell` redirects its streams."""
    own = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    command: list[str | bytes] = [sys.executable, "-m", "sheetgen", *arguments]
    if shell:
        command = ["bash", "-c", f'"$@" {shell}; exit ${{PIPESTATUS[0]}}', "bash", *command]
    done = subprocess.run(command, cwd=folder, env=own, capture_output=True, timeout=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "s.yaml").write_text(SPEC)
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [pytest.param(("build", "s.yaml"), marks=SLOW), pytest.param(("show", "s.yaml"), marks=SLOW), ("schema",)],
    ids=" ".join,
)
@pytest.mark.parametrize(
    ("shell", "why"),
    [(">&-", "stdout is closed"), (">/dev/full", "No space left on device"), ("| sleep 0", "Broken pipe")],
)
def test_no_place_for_the_output(here: Path, arguments: tuple[str, ...], shell: str, why: str) -> None:
    code, _, said = sheetgen(here, *arguments, shell=shell)
    assert said == f"sheetgen: The output can't be written: {why}.\n" and code == 2
    assert (here / "output" / "s.xlsx").is_file() == (arguments[0] == "build")


@pytest.mark.parametrize("shell", ["2>&-", "2>/dev/full", "2>&- >&-"])
def test_no_place_for_an_error(here: Path, shell: str) -> None:
    assert sheetgen(here, "build", "none.yaml", shell=shell) == (2, "", "")


@pytest.mark.parametrize(
    ("epoch", "good"),
    [
        ("4354819198", True), ("4354819199", False), pytest.param("0", True, marks=SLOW),
        *(pytest.param(epoch, False, marks=SLOW) for epoch in ("-1", "1e9", "9" * 5000)),
    ],
)
def test_clocks_that_an_archive_can_hold(here: Path, epoch: str, good: bool) -> None:
    code, _, said = sheetgen(here, "build", "s.yaml", SOURCE_DATE_EPOCH=epoch)
    assert code == (0 if good else 2) and len(said.splitlines()) == (not good) and len(said) < 200
    assert good or (said.startswith("sheetgen: SOURCE_DATE_EPOCH is ") and "2107" in said)


def test_a_fault_is_told_in_one_line_and_shown_on_demand(here: Path) -> None:
    (here / "sitecustomize.py").write_text("import yaml\nyaml.parse = lambda *_, **__: 1 / 0\n")
    path = f"{here}{os.pathsep}{ROOT}"
    code, _, said = sheetgen(here, "show", "s.yaml", PYTHONPATH=path)
    assert code == 3 and len(said.splitlines()) == 1
    assert said.startswith("sheetgen: This is a fault in sheetgen, not yours: ZeroDivisionError: division by zero (")
    code, _, said = sheetgen(here, "show", "s.yaml", PYTHONPATH=path, SHEETGEN_TRACEBACK="1")
    assert code == 1 and said.startswith("Traceback") and said.endswith("ZeroDivisionError: division by zero\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("build", "x" * 300 + ".yaml"), ("new", "x" * 300), ("verify", "x" * 300 + ".xlsx"),
        *(pytest.param(each, marks=SLOW) for each in (
            ("build", "s.yaml", "-o", "x" * 300), ("build", "y" * 5000), ("show", "x" * 300),
            ("render", "s.yaml", "-o", "z" * 256),
        )),
    ],
    ids=lambda arguments: arguments[0],
)  # fmt: skip
def test_names_that_are_too_long(here: Path, arguments: tuple[str, ...]) -> None:
    code, said, complaint = sheetgen(here, *arguments)
    assert (code, said, len(complaint.splitlines())) == (2, "", 1) and complaint.startswith("sheetgen: "), complaint


def test_the_longest_name_is_no_trouble(here: Path) -> None:
    name = "n" * 250
    (here / f"{name}.yaml").write_text(SPEC)
    code, said, complaint = sheetgen(here, "build", f"{name}.yaml")
    assert (code, complaint) == (0, "") and said.startswith(f"ok {name}: ")
    assert [path.name for path in (here / "output").iterdir()] == [f"{name}.xlsx"]


@pytest.mark.slow
def test_names_that_are_not_utf_8(here: Path) -> None:
    name = b"caf\xe9.yaml"
    with open(os.path.join(os.fsencode(here), name), "w") as file:
        file.write(SPEC)
    for arguments in (("show", name), ("build", name, "-o", "out"), ("build", "s.yaml", "-o", b"\xff")):
        code, said, complaint = sheetgen(here, *arguments)
        assert (code, complaint) == (0, "") and said
    for arguments in (("build", b"\xe9"), ("new", b"\xe9"), ("verify", b"\xff.xlsx")):
        code, said, complaint = sheetgen(here, *arguments)
        assert (code, said, len(complaint.splitlines())) == (2, "", 1), complaint
