"""What `import sheetgen` gives: every name at run time, and its type to a user's strict mypy."""

from __future__ import annotations

import re
import subprocess
import sys
import typing
from inspect import getmembers, isfunction
from pathlib import Path

import pytest

import sheetgen

PACKAGE = Path(sheetgen.__file__).parent
USER = '''
from pathlib import Path
from typing import assert_type

import numpy as np

import sheetgen

workbook = sheetgen.compile("specs/gcn.yaml")
assert_type(workbook, sheetgen.Workbook)
assert_type(sheetgen.compile_text("title: t", base=Path()), sheetgen.Workbook)
assert_type(workbook.save("gcn.xlsx"), Path)
assert_type(workbook.values, dict[str, np.ndarray])
assert_type(workbook.plan, sheetgen.WorkbookPlan)
assert_type(workbook.program, sheetgen.Program)
assert_type(workbook.program.loss, str | None)
assert_type(sheetgen.exercises("specs/exercises/warm_up.yaml"), sheetgen.ExercisePage)
report = workbook.verify("libreoffice")
assert_type(report, sheetgen.Report)
assert_type(sheetgen.verify_workbook("gcn.xlsx"), sheetgen.Report)
assert_type(report.ok, bool)
assert_type(report.first, sheetgen.Finding | None)
assert_type(report.regions, tuple[sheetgen.RegionReport, ...])
assert_type(sheetgen.__version__, str)
try:
    pass
except sheetgen.SpecError as error:
    assert_type(error.line, int | None)
'''
MISTAKES = {
    "sheetgen.complie('a.yaml')": "attr-defined",
    "sheetgen.compile(3)": "arg-type",
    "sheetgen.compile('a.yaml').verify(engine=1)": "arg-type",
    "sheetgen.compile('a.yaml').vales": "attr-defined",
}


CONFIG = """
[mypy]
strict = True
mypy_path = {root}
[mypy-sheetgen.*]
follow_imports = silent
"""


@pytest.mark.slow
def test_a_users_strict_mypy(tmp_path: Path) -> None:
    """The types are what they should be, and mistakes are mistakes, each in its line."""
    (tmp_path / "mypy.ini").write_text(CONFIG.format(root=PACKAGE.parent), encoding="utf-8")
    text = USER + "".join(f"{line}\n" for line in MISTAKES)
    (tmp_path / "user.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--hide-error-context", "user.py"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout
    first = USER.count("\n") + 1
    expected = [f"user.py:{first + k}: [{code}]" for k, code in enumerate(MISTAKES.values())]
    found = re.findall(r"^(user\.py:\d+): error: .*(\[[a-z-]+\])$", said, re.M)
    assert [f"{place}: {code}" for place, code in found] == expected, said


def test_the_package_says_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()


def test_every_name_is_there() -> None:
    assert sorted(sheetgen.__all__, key=str.casefold) == sorted(set(sheetgen.__all__), key=str.casefold)
    for name in sheetgen.__all__:
        assert getattr(sheetgen, name) is not None and name in dir(sheetgen)
    assert sheetgen.Report.__module__ == "sheetgen.proof.report"
    with pytest.raises(AttributeError, match="no attribute 'complie'"):
        sheetgen.complie  # noqa: B018


def test_a_name_alone_loads_no_compiler() -> None:
    code = "import sys, sheetgen; print(sheetgen.__version__, 'numpy' in sys.modules, sheetgen.SpecError.__name__)"
    done = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=True)
    assert done.stdout == f"{sheetgen.__version__} False SpecError\n"


def test_the_types_that_the_api_shows_are_exported() -> None:
    """Whatever a function or method returns or takes, and what a workbook and a report hold."""
    shown: set[type] = set()
    for name in sheetgen.__all__:
        thing = getattr(sheetgen, name)
        if name in ("Program", "Made", "Trained", "Plane", "WorkbookPlan", "__version__"):
            continue
        members = [member for key, member in getmembers(thing, isfunction) if not key.startswith("_")]
        for annotated in [thing, *members]:
            for hint in typing.get_type_hints(annotated, None, KNOWN).values():
                shown |= classes(hint)
    assert {thing.__name__ for thing in shown} <= set(sheetgen.__all__)
    assert {sheetgen.Program, sheetgen.WorkbookPlan, sheetgen.Report, sheetgen.RegionReport, sheetgen.Finding} <= shown


IMPORTED = ("Grades", "Gradients", "Growth", "Learning", "Made", "Plane", "Report", "Task", "Ties", "Trained")
KNOWN = {name: getattr(sheetgen, name) for name in IMPORTED}
"""What a module imports for type checkers only."""


def classes(hint: object) -> set[type]:
    """The package's own classes in an annotation."""
    inner = {found for arg in typing.get_args(hint) for found in classes(arg)}
    own = isinstance(hint, type) and hint.__module__.startswith("sheetgen")
    return inner | ({typing.cast(type, hint)} if own else set())
