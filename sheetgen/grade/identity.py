"""Whose file it is: what learning platforms write into the names of files and folders."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

CANVAS = re.compile(r"(?P<name>[^_]+)(?:_LATE)?_(?P<id>\d+)_\d+_.+")
"""`doejane_LATE_123_456_lesson.xlsx`: the student's id and that of what was handed in."""
MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_[a-z]+.*")
"""`Jane Doe_123_assignsubmission_file`, a folder or the beginning of a file's name."""


@dataclass(frozen=True)
class Identity:
    """What a path tells of a student: a name, and the number by which a platform knows them, or empty texts."""

    name: str
    id: str = ""


def identity_of(path: PurePath) -> Identity:
    """Of a file, as a path within the folder that is graded."""
    for part in (*path.parts[:-1], path.stem):
        if found := MOODLE.fullmatch(part):
            return Identity(found["name"].strip(), found["id"])
    if found := CANVAS.fullmatch(path.name):
        return Identity(found["name"], found["id"])
    return Identity(path.stem)
