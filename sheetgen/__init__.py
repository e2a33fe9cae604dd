"""Matrix maths in a few lines of YAML → a spreadsheet in which every number is a live formula.

    import sheetgen
    workbook = sheetgen.compile("specs/gcn.yaml")   # SpecError names file, line and column of a mistake
    workbook.save("gcn.xlsx")
    workbook.values["H1"]                           # a matrix as a 2-D numpy array
    workbook.exercise(["H1"]).save("gcn-exercise.xlsx")   # a page to fill in, which checks itself
    workbook.exercise(["H1"]).grade("returned").median    # of a folder of them, filled in
    sheetgen.exercises("specs/exercises/warm_up.yaml").save("warm-up.xlsx")   # a page of small ones
    workbook.verify("libreoffice").ok               # recalculated there, compared cell by cell
    sheetgen.verify_workbook("gcn.xlsx").first      # None, or the first wrong cell

Every error that a user can cause is a `SheetgenError`. What `Program`, `Made`, `Trained`, `Plane` and `WorkbookPlan`
are made of is in `sheetgen.ir.program`, `sheetgen.exercise.exercise`, `sheetgen.passes.train`,
`sheetgen.layout.training.plane` and `sheetgen.layout.plan`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = [
    "Box",
    "Change",
    "ClassSet",
    "Course",
    "EngineError",
    "Exercise",
    "ExercisePage",
    "Finding",
    "Grade",
    "Grades",
    "Gradients",
    "Growth",
    "Learning",
    "LimitError",
    "Made",
    "Mistake",
    "Part",
    "Plane",
    "PlantedMistake",
    "Program",
    "RegionReport",
    "Report",
    "SheetgenError",
    "SpecError",
    "Student",
    "Task",
    "Ties",
    "Trained",
    "Workbook",
    "WorkbookPlan",
    "__version__",
    "class_set",
    "compile",
    "compile_text",
    "exercises",
    "exercises_text",
    "grade_set",
    "verify_workbook",
]

if TYPE_CHECKING:
    from sheetgen.api import compile, compile_text, exercises, exercises_text, verify_workbook
    from sheetgen.classes.classes import ClassSet, class_set
    from sheetgen.classes.grading import grade_set
    from sheetgen.classes.roster import Student
    from sheetgen.errors import EngineError, LimitError, SheetgenError, SpecError
    from sheetgen.exercise.exercise import Made
    from sheetgen.grade.results import Box, Grade, Grades, Mistake, Part
    from sheetgen.ir.exercise import Task
    from sheetgen.ir.program import Program
    from sheetgen.layout.plan import WorkbookPlan
    from sheetgen.layout.training.plane import Plane
    from sheetgen.pages import Exercise, ExercisePage, PlantedMistake
    from sheetgen.passes.train import Trained
    from sheetgen.proof.report import Change, Course, Finding, Gradients, Growth, Learning, RegionReport, Report, Ties
    from sheetgen.workbook import Workbook
else:
    _HOME = {
        "api": ("compile", "compile_text", "exercises", "exercises_text", "verify_workbook"),
        "classes.classes": ("ClassSet", "class_set"),
        "classes.grading": ("grade_set",),
        "classes.roster": ("Student",),
        "errors": ("EngineError", "LimitError", "SheetgenError", "SpecError"),
        "exercise.exercise": ("Made",),
        "grade.results": ("Box", "Grade", "Grades", "Mistake", "Part"),
        "ir.exercise": ("Task",),
        "ir.program": ("Program",),
        "layout.plan": ("WorkbookPlan",),
        "layout.training.plane": ("Plane",),
        "pages": ("Exercise", "ExercisePage", "PlantedMistake"),
        "passes.train": ("Trained",),
        "proof.report": (
            "Change", "Course", "Finding", "Gradients", "Growth", "Learning", "RegionReport", "Report", "Ties",
        ),
        "workbook": ("Workbook",),
    }  # fmt: skip

    def __getattr__(name: str) -> object:
        """Load the compiler only when it is used: the modules inside the package can then be imported alone."""
        from importlib import import_module

        for module, names in _HOME.items():
            if name in names:
                return getattr(import_module(f"sheetgen.{module}"), name)
        raise AttributeError(f"module 'sheetgen' has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
