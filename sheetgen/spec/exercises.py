"""Reading a page of small exercises: each entry of `exercises` is a spec of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from sheetgen.spec.errors import first_error
from sheetgen.spec.files import Folder
from sheetgen.spec.model import ExercisesFile
from sheetgen.spec.read import Spec, spec_of
from sheetgen.spec.source import Source, is_page, text_of

FORM = "is a spec of its own: `title:`, `matrices:`, `steps:`, `exercise:` …"


@dataclass(frozen=True)
class Exercises:
    """The exercises of a page, in order; each says what is left empty."""

    path: str
    title: str
    about: str
    specs: tuple[Spec, ...]


def holds_exercises(path: Path) -> bool:
    """Whether a file is a page of exercises rather than a spec. Raises SpecError."""
    return is_page(Source(text_of(path), str(path)))


def load_exercises(path: Path, outside: bool = False) -> Exercises:
    """Read a file of exercises, as `load` does that of a spec. Raises SpecError."""
    return loads_exercises(text_of(path), str(path), path.parent, outside)


def loads_exercises(
    text: str, path: str = "spec", base: Path | None = Path(), outside: bool = False
) -> Exercises:  # fmt: skip
    """Read a text of exercises, as `loads` does that of a spec. Raises SpecError."""
    source = Source(text, path)
    if not is_page(source):
        raise source.error("This is no page of exercises: it has no list `exercises`.", ())
    try:
        file = ExercisesFile.model_validate(source.root.plain())
    except ValidationError as problem:
        raise first_error(problem, source, ExercisesFile) from None
    folder, specs = Folder(base, outside), []
    for number, node in enumerate(source.root.value["exercises"].value):
        if not isinstance(node.value, dict):
            raise source.error(f"Item {number + 1} of `exercises` {FORM}", ("exercises", number))
        specs.append(spec_of(source.part(node), folder))
        if specs[-1].exercise is None:
            missing = f"Exercise {number + 1} doesn't say what is left empty: `exercise: {{blank: [Z1]}}`."
            raise source.error(missing, ("exercises", number))
    return Exercises(path, file.title, file.about, tuple(specs))
