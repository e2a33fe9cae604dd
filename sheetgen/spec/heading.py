"""What a spec's file says of itself, read without its numbers and steps: for lists of many."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from sheetgen.spec.errors import first_error
from sheetgen.spec.model import Head
from sheetgen.spec.source import Source, text_of

KINDS = ("steps", "exercises")
"""The keys of which a file has one, if it is for sheetgen."""
SENTENCE = re.compile(r"""[.!?]["'”’)]*(?=\s|$)""")


@dataclass(frozen=True)
class Heading:
    """A title, a sentence or two, and a topic; the last two may be empty."""

    title: str
    about: str
    topic: str

    @property
    def sentence(self) -> str:
        """The first one of `about`."""
        end = SENTENCE.search(self.about)
        return " ".join((self.about[: end.end()] if end else self.about).split())


def heading(path: Path) -> Heading | None:
    """The heading of a spec or of a page of exercises; None if the file is neither. Raises SpecError."""
    return heading_in(Source(text_of(path), str(path)))


def heading_in(source: Source) -> Heading | None:
    """The same of a file that is already read."""
    root = source.root.value
    if not isinstance(root, dict) or not any(key in root for key in KINDS):
        return None
    try:
        head = Head.model_validate({key: root[key].plain() for key in Head.model_fields if key in root})
    except ValidationError as problem:
        raise first_error(problem, source, Head) from None
    return Heading(head.title, head.about, head.topic or "")
