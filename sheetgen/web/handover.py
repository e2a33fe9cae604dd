"""A workbook's plan as the page reads it: one dictionary of plain data, ready for JSON. Nothing else is handed over.

Rows and columns count from 1, as in the workbook. Formulas stand once each in `formulas`, without `=`, with relative
references (`R[0]C[-1]`), and are called by their number from 1; 0 is none. Styles, too, are called by their number,
from 0; so are the forms of numbers. A list in which all is alike may be that one thing instead.

    title, about, topic, sealed  texts, and whether it is an exercise
    sheets                       [sheet], in the workbook's order; `order` has them as the engine is to take them
      title, heading, first      its name, its page's title, the first row below the head
      columns, rows              pixels, from the first on
      legend                     [[text, style]]
      bands                      [[first row, last row, shaded, step]]
      regions                    [region]: the matrices
        at                       [row, column, height, width]
        matrix, name, title      its name in the program, what readers call it, its caption
        rows, columns            what its rows and columns are called, if they are
        role, like               as in the plan
        values                   row by row; those that are typed to the last bit
        formulas, array, block   formulas of the cells, whether these are array formulas, one formula for all
        style, form, number      of each cell; the form of its numbers; whether it holds numbers rather than words
        frame, inner             lines around it (left, top, right, bottom) and between cells: [kind, colour] or 0
        zeros, inked, edge       looks by value: 0 is dark, above 0 is ink, other than 0 is an edge
        heat, map                [[number, colour]] of a heat map; whether it shows no digits
        when                     [[look, formulas, form]]: looks under conditions, the first first
        marked                   [[row, column, height, width]], from 0: cells that are picked out
        step, used               the step that makes it, those that read it
        note, prompt, kind       what is told about it; of cells that can be edited: number, whole, switch or text
        corner, turned, epochs   where a piece of a given matrix begins, whether it is turned; of a training: of what
        words, empty, large      a verdict's texts; cells that hold nothing yet; a loss
      labels                     [{at, text, style, kind, step, formula, pale, link, lines}]: texts, `at` (row, column,
                                 rows, columns); `kind` is the plan's style, `pale` a condition
      edges                      [[row, column, rows, columns, side, colour, heavy, step]]
      diagonals                  [[row, column, rows, rising, colour, step]]
      highlights                 [[row, column, rows, columns, formula, look]]: looks under a condition (`looks`)
      charts                     see `sheetgen.web.pictures`
    data                         the columns that charts are drawn from: {sheet, columns: [{column, values, formulas}]}
    names                        [[defined name, reference]]
    steps                        [{number, shown, section, equation, sentence, live, sheet, row, column, phase}]
    switched                     steps that the switch for gradients hides
    controls                     the cells Step and Gradients: {sheet, step: [row, column], switch: [row, column]}
    formulas, styles, forms      what the numbers mean
    looks, colors                the looks that conditions bring, and what else the page needs of the palette
    counter                      of a training: {sheet, row, column, last, unit}, the cell that chooses what is shown
    spec                         {text, matrices: {name: [start, end]}, edges: [start, end] or null}: the spec's text,
                                 and what gives its numbers, in characters; empty for an exercise
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sheetgen.book.charts.add import pictures
from sheetgen.book.head import HEIGHTS
from sheetgen.book.labels import clean
from sheetgen.book.player import controls
from sheetgen.book.workbook import names_of
from sheetgen.cells.a1 import column_number
from sheetgen.errors import LimitError
from sheetgen.layout.plan import Role, WorkbookPlan
from sheetgen.web import looks
from sheetgen.web.pictures import chart_data, data_sheet
from sheetgen.web.sheets import Handover, drawn_sheet, place_in

MOST_CELLS = 150_000
"""With more, a browser takes longer than readers wait."""


@dataclass(frozen=True)
class Written:
    """A spec's topic, and where its text gives its numbers, from which character to which."""

    topic: str = ""
    matrices: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    edges: tuple[int, int] | None = None
    tensors: Mapping[str, Any] = field(default_factory=dict)
    """Of what is given with channels, the names of its matrices, in lists as its numbers are."""


def hand_over(
    plan: WorkbookPlan, titles: Mapping[str, str] | None = None, written: Written | None = None
) -> dict[str, Any]:
    """The data of a plan; `titles` are what its matrices are called. Raises LimitError for a page that is no workbook
    either, or too large for a browser."""
    cells = sum(region.values.size for sheet in plan.sheets for region in sheet.regions)
    if cells > MOST_CELLS:
        raise LimitError(
            f"A live page holds {MOST_CELLS:,} cells; this one would have {cells:,}. `sheetgen build` makes a workbook."
        )
    made = Handover(plan, titles or {})
    drawings = pictures(plan, HEIGHTS)
    sheets = [drawn_sheet(made, sheet) for sheet in plan.sheets]
    for sheet, found in zip(sheets, drawings, strict=True):
        sheet["charts"] = [chart_data(each, plan) for each in found]
    data = data_sheet([each for found in drawings for each in found], made.formula)
    first = plan.sheets[0]
    at = controls(first)
    return {
        "title": clean(plan.title), "about": clean(first.about), "sealed": plan.sealed,
        "topic": written.topic if written else "",
        "sheets": sheets, "order": _order(plan), "data": data,
        "names": [[name, place] for name, place in names_of(plan).items()],
        "steps": _steps(made), "switched": sorted(plan.switched_steps),
        "controls": {"sheet": first.title, "step": place_in(at.step), "switch": place_in(at.switch)},
        "formulas": made.formulas.things, "styles": looks.table(made.styles),
        "forms": [looks.form_data(form) for form in made.forms.things],
        "counter": _counter(plan), "spec": _spec(plan, written),
        "looks": {name: looks.tint(tint) for name, tint in looks.LOOKS.items()}, "colors": looks.colors(),
    }  # fmt: skip


def _order(plan: WorkbookPlan) -> list[int]:
    """The sheets as the engine calculates them: trainings first, because a chain of epochs that is entered from its
    end runs deeper than its stack."""
    trainings = [any(region.epochs_of for region in sheet.regions) for sheet in plan.sheets]
    return sorted(range(len(trainings)), key=lambda k: (not trainings[k], k))


def _counter(plan: WorkbookPlan) -> dict[str, Any] | None:
    epochs = max((r.height for sheet in plan.sheets for r in sheet.regions if r.epochs_of), default=0)
    for sheet in plan.sheets:
        for region in sheet.regions:
            if epochs and region.choices and region.role is Role.INPUT:
                return {"sheet": sheet.title, "row": region.row, "column": region.column, "last": epochs - 1,
                        "unit": clean(region.prompt and region.name.rpartition(" ")[2])}  # fmt: skip
    return None


def _spec(plan: WorkbookPlan, written: Written | None) -> dict[str, Any] | None:
    if written is None or plan.sealed or not plan.spec_text:
        return None
    return {"text": plan.spec_text, "matrices": written.matrices, "edges": written.edges,
            "tensors": written.tensors}  # fmt: skip


def _steps(made: Handover) -> list[dict[str, Any]]:
    found = []
    for step in made.plan.steps:
        sheet, _, place = (step.link or "").rpartition("!")
        letters_, digits = place.rstrip("0123456789"), place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        found.append({
            "number": step.number, "shown": clean(step.numbers) or str(step.number), "section": clean(step.section),
            "equation": clean(step.equation), "sentence": clean(step.sentence),
            "live": made.formula(step.live, 1, 1), "sheet": sheet.strip("'"), "phase": step.phase,
            "row": int(digits) if place else 0, "column": int(column_number(letters_)) if place else 0,
        })  # fmt: skip
    return found
