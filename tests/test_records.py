"""Records with other fields are those that `dataclasses.replace` makes."""

from __future__ import annotations

import dataclasses
from functools import cached_property
from typing import Any

import pytest

from sheetgen.records import replace


@dataclasses.dataclass(frozen=True)
class Point:
    x: int
    y: int = 0

    @cached_property
    def far(self) -> int:
        return abs(self.x) + abs(self.y)


def test_other_fields_are_put_in_and_what_was_worked_out_is_worked_out_anew() -> None:
    old = Point(3)
    assert old.far == 3
    new = replace(old, y=4)
    assert new == dataclasses.replace(old, y=4) == Point(3, 4) and hash(new) == hash(Point(3, 4))
    assert new.far == 7 and old == Point(3) and old.far == 3
    with pytest.raises(dataclasses.FrozenInstanceError):
        new.x = 1  # type: ignore[misc]


def test_a_misspelt_field_is_an_error() -> None:
    wrong: dict[str, Any] = {"z": 1}
    with pytest.raises(TypeError, match="Point has no field z"):
        replace(Point(3), **wrong)
