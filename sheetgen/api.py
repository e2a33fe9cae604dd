"""From a spec to a workbook: every stage, in order."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sheetgen.errors import LimitError, SheetgenError, SpecError
from sheetgen.ir.program import Program
from sheetgen.layout.plan import WorkbookPlan

if TYPE_CHECKING:
    from sheetgen.proof.engines import Engine
    from sheetgen.proof.report import Report
    from sheetgen.spec.read import Spec


@dataclass(frozen=True)
class Workbook:
    """A compiled spec: its maths, its numbers, and its page, cell by cell."""

    program: Program = field(repr=False)
    values: dict[str, np.ndarray] = field(repr=False)
    """numpy's value of every matrix, by name: 2-D arrays of floats. Gradients and helpers are among them."""
    plan: WorkbookPlan = field(repr=False)
    name: str = "spec"
    """The spec's file, for errors."""

    def save(self, path: str | Path) -> Path:
        """Write the .xlsx file, whole or not at all, and return its path.

        Missing folders are made. Raises LimitError when the page doesn't fit into a workbook, SheetgenError when
        `path` can't be written; a file that was there before then stays as it was.
        """
        from lxml.etree import SerialisationError

        from sheetgen.book import workbook

        target = Path(path)
        try:
            workbook.write(self.plan, target)
        except LimitError as error:
            raise LimitError(f"{self.name}: {error}") from None
        except (OSError, SerialisationError) as error:  # openpyxl keeps sheets in temporary files
            raise SheetgenError(f"{target} can't be written: {getattr(error, 'strerror', None) or error}.") from None
        return target

    def verify(self, engine: str = "ironcalc") -> Report:
        """Write a temporary file, let `engine` (`ironcalc`, `libreoffice`) recalculate it, and compare every cell.

        Raises EngineError when the engine is missing, fails or takes too long.
        """
        from sheetgen.proof import compare as verify
        from sheetgen.proof import engines

        chosen = engines.get(engine)
        with tempfile.TemporaryDirectory(prefix="sheetgen-") as folder:
            path = self.save(Path(folder, "workbook.xlsx"))
            return verify.check(self.plan, path, chosen, (self.program, self.values))


def compile(path: str | Path) -> Workbook:
    """Compile a spec file; data files are looked up beside it.

    Raises SpecError, with file, line and column, or LimitError when the page can't be laid out.
    """
    from sheetgen.spec import read as spec

    return compile_spec(spec.load(Path(path)))


def compile_text(text: str, name: str = "spec", base: str | Path = ".") -> Workbook:
    """Compile a spec's text; `name` stands for the file in errors, `base` is where its files are looked up.

    Raises SpecError or LimitError, as `compile` does.
    """
    from sheetgen.spec import read as spec

    return compile_spec(spec.loads(text, name, Path(base)))


def verify_workbook(path: Path | str, engine: str = "ironcalc") -> Report:
    """Verify a workbook file from itself: its Spec sheet is compiled anew and every cell compared with it.

    `engine` is `ironcalc` or `libreoffice`. Raises SheetgenError when the file isn't a workbook, or none that sheetgen
    made; SpecError when its Spec sheet no longer compiles; EngineError when the engine is missing or fails.
    """
    from sheetgen.proof.engines import get

    return verify_workbooks([Path(path)], get(engine))[0]


def verify_workbooks(paths: Sequence[Path], engine: Engine) -> list[Report]:
    """`verify_workbook` for several files, handed to the engine together."""
    from sheetgen.proof.audit import audit
    from sheetgen.proof.compare import compare

    plans = [plan_of(path) for path in paths]
    return [
        audit(plan, compare(plan, values, path, engine.title))
        for plan, path, values in zip(plans, paths, engine.recalculate(paths), strict=True)
    ]


def plan_of(path: Path) -> WorkbookPlan:
    """The plan that the spec inside a workbook compiles to today. Raises SheetgenError or SpecError."""
    from sheetgen.book.package import read_spec
    from sheetgen.proof.opened import check_workbook

    check_workbook(path)
    return compile_text(read_spec(path), name=f"{path.name}, sheet Spec", base=path.parent).plan


def compile_spec(spec: Spec) -> Workbook:
    """Compile a spec that is already read. Raises SpecError for its maths, or LimitError."""
    from sheetgen.layout import plan_workbook
    from sheetgen.passes.evaluate import evaluate
    from sheetgen.spec.embed import self_contained

    program = program_of(spec)
    with _errors_of(spec):
        values = evaluate(program)
        return Workbook(program, values, plan_workbook(program, values, self_contained(spec)), spec.path)


def program_of(spec: Spec) -> Program:
    """Everything up to the drawing: the program with its backward pass, in drawable statements.

    The backward pass is drawn around the forward pass where there is room for it, as in a chain of
    layers; otherwise mirrored on a sheet of its own.
    Raises SpecError for unknown names, shapes that don't fit and values that aren't finite.
    """
    from sheetgen.layout import goes_abreast, stands_around
    from sheetgen.passes.expand import expand
    from sheetgen.passes.grad.reverse import differentiate
    from sheetgen.passes.lower import lower

    forward = lower(spec)
    if not spec.backward:
        return expand(forward)
    with _errors_of(spec):
        if not goes_abreast(forward):
            program = expand(differentiate(forward, spec.wrt, spec.learning_rate))
            if stands_around(program):
                return program
        return expand(differentiate(forward, spec.wrt, spec.learning_rate, mirrored=True))


@contextmanager
def _errors_of(spec: Spec) -> Iterator[None]:
    """Lets errors of the later stages say which spec they are about, and where."""
    try:
        yield
    except SpecError as error:
        raise spec.locate(error) from None
    except LimitError as error:
        raise LimitError(f"{spec.path}: {error}") from None
