"""From a spec to a workbook: every stage, in order."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sheetgen import garbage
from sheetgen.errors import LimitError, SheetgenError, SpecError
from sheetgen.ir.program import Program
from sheetgen.names import SPEC
from sheetgen.pages import ExercisePage
from sheetgen.workbook import Workbook, report_of

if TYPE_CHECKING:
    from sheetgen.ir.training import Batches, Train
    from sheetgen.layout.training.plane import Plane
    from sheetgen.passes.train import Trained
    from sheetgen.proof.engines import Engine
    from sheetgen.proof.report import Report
    from sheetgen.spec.exercises import Exercises
    from sheetgen.spec.read import Spec


def compile(path: str | Path, allow_files_outside: bool = False) -> Workbook:
    """Compile a spec file; data files are looked up in its folder, and outside it only if that is allowed.

    Raises SpecError, with file, line and column, or LimitError when the page can't be laid out.
    """
    from sheetgen.spec import read as spec

    return compile_spec(spec.load(Path(path), allow_files_outside))


def compile_text(
    text: str, name: str = "spec", base: str | Path | None = ".", allow_files_outside: bool = False
) -> Workbook:
    """Compile a spec's text; `name` stands for the file in errors, `base` is where its files are looked up.

    With None for a base no file is opened. Raises SpecError or LimitError, as `compile` does.
    """
    from sheetgen.spec import read as spec

    return compile_spec(spec.loads(text, name, None if base is None else Path(base), allow_files_outside))


def exercises(path: str | Path, allow_files_outside: bool = False) -> ExercisePage:
    """The page of a spec of small `exercises`, and its key.

    Raises SpecError, with file, line and column, or LimitError, as `compile` does.
    """
    from sheetgen.spec.exercises import load_exercises

    return compile_exercises(load_exercises(Path(path), allow_files_outside))


def exercises_text(
    text: str, name: str = "spec", base: str | Path | None = ".", allow_files_outside: bool = False
) -> ExercisePage:
    """The same of a spec's text; `name` and `base` as in `compile_text`."""
    from sheetgen.spec.exercises import loads_exercises

    return compile_exercises(loads_exercises(text, name, None if base is None else Path(base), allow_files_outside))


def compile_exercises(read: Exercises) -> ExercisePage:
    """The page of exercises that are already read. Raises SpecError or LimitError."""
    from sheetgen.exercise.frames import Small, framed

    parts = []
    for spec in read.specs:
        workbook = compile_spec(spec)
        if workbook.task is not None:
            parts.append(Small(workbook.plan, workbook.program, workbook.values, workbook.task))
    try:
        made = framed(read.title, read.about, parts)
    except SpecError as error:
        spec = next(spec for number, spec in enumerate(read.specs) if error.at[:1] == (number,))
        raise spec.error(error.message, *map(str, error.at[1:]), "exercise") from None
    titles = tuple(spec.title for spec in read.specs)
    plan, decimals = made.made.plan, made.made.decimals
    return ExercisePage(plan, made.key, titles, sum(made.cells), decimals, made.made, read.path)


def verify_workbook(path: Path | str, engine: str = "ironcalc") -> Report:
    """Verify a workbook file from itself: its Spec sheet is compiled anew, and all in the file is compared with that.

    `engine` is `ironcalc` or `libreoffice`. Raises SheetgenError when the file isn't a workbook, or none that sheetgen
    made; SpecError when its Spec sheet no longer compiles; EngineError when the engine is missing or fails.
    """
    from sheetgen.proof.engines import get

    return verify_workbooks([Path(path)], get(engine))[0]


def verify_workbooks(paths: Sequence[Path], engine: Engine) -> list[Report]:
    """`verify_workbook` for several files, handed to the engine together."""
    with tempfile.TemporaryDirectory(prefix="sheetgen-") as folder:
        workbooks = [recompiled(path) for path in paths]
        references = [workbook.save(Path(folder, f"{k}.xlsx")) for k, workbook in enumerate(workbooks)]
        return [
            report_of(workbook, path, values, engine.title, reference)
            for workbook, path, values, reference in zip(
                workbooks, paths, engine.recalculate(paths), references, strict=True
            )
        ]


def recompiled(path: Path) -> Workbook:
    """What the spec inside a workbook file compiles to today. Raises SheetgenError or SpecError."""
    return compile_text(read_spec(path), name=f"{path.name}, sheet {SPEC}", base=None)


def read_spec(path: Path) -> str:
    """The spec's text, as it stands on the Spec sheet of a workbook. Raises SheetgenError when there is none."""
    from sheetgen.proof.opened import Opened, check_workbook

    check_workbook(path)
    with Opened(path) as opened:
        text = opened.text(SPEC)
    if text is None:
        raise SheetgenError(f"{path} has no sheet `{SPEC}`: it wasn't made by sheetgen, or is an exercise.")
    return text


@garbage.kept()
def compile_spec(spec: Spec) -> Workbook:
    """Compile a spec that is already read. Raises SpecError for its maths, or LimitError."""
    from sheetgen.layout.drawing.workbook import plan_workbook
    from sheetgen.passes.evaluate import evaluate
    from sheetgen.passes.terms import with_terms
    from sheetgen.spec.embed import self_contained

    forward = _forward(spec)
    taken = _batches(spec, spec.train, forward) if spec.train else None
    if taken is not None:
        forward = _on_a_batch(spec, taken)
    program = _with_backward(spec, forward)
    with _errors_of(spec):
        values = evaluate(program)
        program = with_terms(program, values)
        if spec.train is not None:
            return _trained(spec, spec.train, taken, forward, program, values)
        plan = plan_workbook(program, values, self_contained(spec))
        if spec.exercise is not None:
            from sheetgen.exercise.choice import check_names

            check_names(plan, program, spec.exercise)
        return Workbook(program, values, plan, forward, spec.path, task=spec.exercise, tensors=spec.nested)


def _batches(spec: Spec, train: Train, forward: Program) -> Batches | None:
    from sheetgen.passes.batches import batches

    with _errors_of(spec):
        return batches(forward, train)


def _trained(
    spec: Spec, train: Train, taken: Batches | None, forward: Program, program: Program, values: dict[str, np.ndarray]
) -> Workbook:
    """The workbook of a training, in which each step takes one of the batches `taken`."""
    from sheetgen.layout.drawing.workbook import plan_workbook
    from sheetgen.layout.training.page import learned_in, wishes, with_training
    from sheetgen.layout.words.vocabulary import vocabulary
    from sheetgen.passes.train import trained
    from sheetgen.spec.embed import self_contained

    run, words = trained(program, train, taken), vocabulary(program)
    plane = _plane(spec, program, run, values, words.title_of)
    more, learned = wishes(words, run, plane), learned_in(run.training)
    plan = plan_workbook(program, values, self_contained(spec), more, run.table, learned)
    return Workbook(program, values, with_training(plan, words, run, plane), forward, spec.path, run, plane,
                    tensors=spec.nested)  # fmt: skip


def _plane(
    spec: Spec, program: Program, run: Trained, values: dict[str, np.ndarray], called: Callable[[str], str]
) -> Plane | None:
    """What the training changes over a plane, where there is one."""
    from sheetgen.layout.training.plane import Plane
    from sheetgen.passes import surface

    found = surface.over_parameters(program, run)
    if found is None and (asked := surface.question(spec, program)) is not None:
        try:
            found = surface.over_inputs(asked, program_of(asked.spec), values)
        except SpecError:  # its steps need as many samples as there are
            return None
    table = None if found is None else surface.points(found, values)
    if found is None or table is None:
        return None
    axes = surface.axes(found, program)
    return Plane(found, table, axes, f"{called(found.shown)} over {axes[0]} and {axes[1]}")


def program_of(spec: Spec) -> Program:
    """Everything up to the drawing: the program with its backward pass, in drawable statements.

    Raises SpecError for unknown names, shapes that don't fit and values that aren't finite.
    """
    return _with_backward(spec, _forward(spec))


def _forward(spec: Spec) -> Program:
    from sheetgen.passes.lower import lower
    from sheetgen.passes.number import numbered

    return numbered(lower(spec))


def _on_a_batch(spec: Spec, taken: Batches) -> Program:
    """The forward pass on the samples of the first step."""
    try:
        return _forward(spec.with_data(taken.first))
    except SpecError as error:
        problem = f"With {taken.numbers.shape[1]} of the samples, as `batch` says: {error.message}"
        raise SpecError(problem, path=error.path, line=error.line, column=error.column, text=error.text) from None


def _with_backward(spec: Spec, forward: Program) -> Program:
    from sheetgen.passes.grad import differentiate, drawable_form

    if not spec.backward:
        return drawable_form(forward)
    with _errors_of(spec):
        return differentiate(forward, spec.wrt, spec.learning_rate)


@contextmanager
def _errors_of(spec: Spec) -> Iterator[None]:
    """Lets errors of the later stages say which spec they are about, and where."""
    try:
        yield
    except SpecError as error:
        raise spec.locate(error) from None
    except LimitError as error:
        raise LimitError(f"{spec.path}: {error}") from None
