"""From a spec to a workbook: every stage, in order."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sheetgen.errors import LimitError, SheetgenError, SpecError
from sheetgen.plan import WorkbookPlan
from sheetgen.program import Program

if TYPE_CHECKING:
    from sheetgen.spec import Spec
    from sheetgen.verify import Report


@dataclass(frozen=True)
class Workbook:
    """A compiled spec."""

    program: Program
    values: dict[str, np.ndarray]
    """numpy's value of every matrix, by name."""
    plan: WorkbookPlan
    name: str = "spec"
    """The spec's file, for errors."""

    def save(self, path: str | Path) -> Path:
        """Write the .xlsx file, whole or not at all, and return its path. Raises LimitError and SheetgenError."""
        from lxml.etree import SerialisationError

        from sheetgen import workbook

        target = Path(path)
        try:
            workbook.write(self.plan, target)
        except LimitError as error:
            raise LimitError(f"{self.name}: {error}") from None
        except (OSError, SerialisationError) as error:  # openpyxl keeps sheets in temporary files
            raise SheetgenError(f"{target} can't be written: {getattr(error, 'strerror', None) or error}.") from None
        return target

    def verify(self, engine: str = "ironcalc") -> Report:
        """Write a temporary file, let `engine` (`ironcalc`, `libreoffice`) recalculate it, and compare."""
        from sheetgen import engines, verify

        chosen = engines.get(engine)
        with tempfile.TemporaryDirectory(prefix="sheetgen-") as folder:
            return verify.check(self.plan, self.save(Path(folder, "workbook.xlsx")), chosen)


def compile(path: str | Path) -> Workbook:
    """Compile a spec file. Raises SpecError, with file, line and column, or LimitError."""
    from sheetgen import spec

    return compile_spec(spec.load(Path(path)))


def compile_text(text: str, name: str = "spec", base: str | Path = ".") -> Workbook:
    """Compile a spec's text; `name` stands for the file in errors, `base` is where its files are looked up."""
    from sheetgen import spec

    return compile_spec(spec.loads(text, name, Path(base)))


def compile_spec(spec: Spec) -> Workbook:
    """Compile a spec that is already read."""
    from sheetgen.embed import self_contained
    from sheetgen.evaluate import evaluate
    from sheetgen.layout import plan_workbook

    program = program_of(spec)
    with _errors_of(spec):
        values = evaluate(program)
        return Workbook(program, values, plan_workbook(program, values, self_contained(spec)), spec.path)


def program_of(spec: Spec) -> Program:
    """Everything up to the drawing: the program with its backward pass, in drawable statements."""
    from sheetgen.autodiff import differentiate
    from sheetgen.lower import lower
    from sheetgen.normalise import expand

    program = lower(spec)
    if spec.backward:
        with _errors_of(spec):
            program = differentiate(program, spec.wrt, spec.learning_rate)
    return expand(program)


@contextmanager
def _errors_of(spec: Spec) -> Iterator[None]:
    """Lets errors of the later stages say which spec they are about, and where."""
    try:
        yield
    except SpecError as error:
        raise spec.locate(error) from None
    except LimitError as error:
        raise LimitError(f"{spec.path}: {error}") from None
