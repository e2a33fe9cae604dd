"""A compiled spec, as what Python hands out: maths, numbers and page, what they become and are proven by."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sheetgen.errors import SpecError
from sheetgen.ir.program import Program
from sheetgen.layout.plan import WorkbookPlan
from sheetgen.pages import Exercise, PlantedMistake, save_html, save_plan

if TYPE_CHECKING:
    from sheetgen.ir.exercise import Task
    from sheetgen.layout.training.plane import Plane
    from sheetgen.passes.train import Trained
    from sheetgen.proof.engines import Values
    from sheetgen.proof.report import Gradients, Growth, Learning, Report, Ties


@dataclass(frozen=True)
class Workbook:
    """A compiled spec: its maths, its numbers, and its page, cell by cell."""

    program: Program = field(repr=False)
    values: dict[str, np.ndarray] = field(repr=False)
    """numpy's value of every matrix, by name: 2-D arrays of floats. Gradients and helpers are among them."""
    plan: WorkbookPlan = field(repr=False)
    forward: Program = field(repr=False)
    """The program before its backward pass was derived, and with composites such as softmax in one piece."""
    name: str = "spec"
    """The spec's file, for errors."""
    trained: Trained | None = field(default=None, repr=False)
    """The epochs of `train`."""
    plane: Plane | None = field(default=None, repr=False)
    """What they change over two inputs, or two parameters."""

    task: Task | None = field(default=None, repr=False)
    """What the spec's `exercise` says."""
    tensors: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Of what has channels, the names of its matrices, in lists as its numbers are."""

    def save(self, path: str | Path) -> Path:
        """Write the .xlsx file, whole or not at all, and return its path.

        Missing folders are made. Raises LimitError when the page doesn't fit into a workbook, SheetgenError when
        `path` can't be written; a file that was there before then stays as it was.
        """
        return save_plan(self.plan, Path(path), self.name)

    def save_html(self, path: str | Path) -> Path:
        """Write a single HTML file that shows the sheet and calculates in a browser, and return its path.

        It needs no server and no network. Raises LimitError and SheetgenError as `save` does.
        """
        from sheetgen.layout.words.vocabulary import vocabulary
        from sheetgen.spec.embed import edges_place, number_places
        from sheetgen.spec.heading import heading_in
        from sheetgen.spec.source import Source
        from sheetgen.web.handover import Written

        words, text = vocabulary(self.program), self.plan.spec_text
        names = (*self.values, *(statement.name for statement in self.program.statements))
        titles = {name: words.title_of(name) for name in names}
        head = heading_in(Source(text, self.name))
        topic, edges = head.topic if head else "", edges_place(text, self.name)
        written = Written(topic, number_places(text, self.name), edges, self.tensors)
        return save_html(self.plan, Path(path), self.name, titles, written)

    def exercise(
        self, blank: str | Sequence[str] | None = None, round: int | None = None, hints: bool | None = None,
        level: int | None = None,
    ) -> Exercise:  # fmt: skip
        """The page with some matrices to fill in, which checks itself: `workbook.exercise(["Z1", "A1"], round=2)`.

        `blank` names computed matrices, or is `forward`, `backward` or `all`; instead of it `level` goes from 1, the
        first few cells, over 2, some more, and 3, the forward pass, to 4, everything. `round` says to how many
        decimals, left out as few as the numbers allow, at least two. What is left out comes from the spec's `exercise`.
        Raises SpecError for matrices that can't be filled in, for too few decimals, and for a spec with `train`.
        """
        from sheetgen.exercise.exercise import exercise
        from sheetgen.ir.exercise import Task

        own = self.task
        if blank is not None and level is not None:
            raise SpecError("`blank` and `level` both say what is left empty: leave out one of them.")
        if blank is None and level is None and own is None:
            raise SpecError("Which matrices are to be filled in? Name some, or say forward, backward, all or a level.")
        if self.trained is not None:
            raise SpecError("A spec with `train` is about many pages of numbers; leave it out for an exercise.")
        names = (blank,) if isinstance(blank, str) else tuple(blank or ())
        if blank is None and level is None and own is not None:
            names, level = own.blank, own.level
        digits = round if round is not None or own is None else own.round
        asked = hints if hints is not None else own is None or own.hints
        made = exercise(self.plan, self.program, self.values, Task(names, digits, asked, level))
        matrices = tuple(each.matrix for each in made.blanks)
        return Exercise(made.plan, matrices, made.cells, made.decimals, made, self.name)

    def mistake(self, seed: int = 0) -> PlantedMistake:
        """The page with one wrong number, and numbers that follow from it: `workbook.mistake(7).save("find.xlsx")`.

        Another `seed` gives another mistake. Raises SpecError where none could be made, and for a spec with `train`,
        EngineError when IronCalc, which works out what follows, is missing.
        """
        from sheetgen.mistake.mistake import plant
        from sheetgen.proof.engines import get

        if self.trained is not None:
            raise SpecError("A spec with `train` is about many pages of numbers; leave it out to plant a mistake.")
        engine = get("ironcalc")

        def recalculated(plan: WorkbookPlan) -> Values:
            with tempfile.TemporaryDirectory(prefix="sheetgen-") as folder:
                return engine.recalculate([save_plan(plan, Path(folder, "page.xlsx"), self.name)])[0]

        return plant(self.plan, self.program, self.values, seed, recalculated, self.name)

    @cached_property
    def gradients(self) -> Gradients | None:
        """Every gradient, or a sample of very many, against differences of the forward pass; None if there are none.

        A wrong one would be a fault of sheetgen's own, which no engine can see.
        """
        from sheetgen.proof.gradients import check_gradients

        return check_gradients(self.forward, self.program, self.values, self.plan)

    @cached_property
    def ties(self) -> Ties | None:
        """The cells that hang on numbers which only a spreadsheet takes for equal; None if there are none."""
        from sheetgen.proof.ties import find_ties

        return find_ties(self.program, self.values, self.plan)

    @cached_property
    def growth(self) -> Growth | None:
        """How the update makes the loss larger; None if it doesn't."""
        from sheetgen.proof.growth import find_growth

        return find_growth(self.program, self.values)

    @cached_property
    def learning(self) -> Learning | None:
        """What the loss does from epoch to epoch; None without `train`."""
        from sheetgen.proof.growth import learning_of

        return None if self.trained is None else learning_of(self.trained)

    def verify(self, engine: str = "ironcalc") -> Report:
        """Write a temporary file, let `engine` (`ironcalc`, `libreoffice`) recalculate it, and compare every cell.

        Gradients are checked as well. Raises EngineError when the engine is missing, fails or takes too long.
        """
        from sheetgen.proof import engines

        chosen = engines.get(engine)
        with tempfile.TemporaryDirectory(prefix="sheetgen-") as folder:
            path = self.save(Path(folder, "workbook.xlsx"))
            return report_of(self, path, chosen.recalculate([path])[0], chosen.title)


def report_of(workbook: Workbook, path: Path, values: Values, engine: str, reference: Path | None = None) -> Report:
    """What `engine` (its title) has made of the file at `path`: its `values` against numpy's.

    With `reference`, a file that this workbook was saved to, the whole file is compared with that.
    """
    from sheetgen.proof.compare import compare
    from sheetgen.proof.slack import Slack
    from sheetgen.proof.whole import whole_file

    slack = Slack(workbook.plan, values, workbook.program, workbook.values, workbook.trained)
    report = compare(workbook.plan, values, path, engine, slack)
    report = replace(report, gradients=workbook.gradients, ties=workbook.ties, growth=workbook.growth,
                     learning=workbook.learning)  # fmt: skip
    return report if reference is None else whole_file(workbook.plan, report, reference, slack)
