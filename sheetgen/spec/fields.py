"""What the values in a spec's file are made of: texts, numbers, edges, and the model that all others come from."""

from __future__ import annotations

import math
import sys
import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, WithJsonSchema

from sheetgen.ir.node import is_number
from sheetgen.lang.advice import QUOTES, is_quoted_number

LONGEST_TEXT = 4000


def _text(value: Any) -> Any:
    """Numbers may stand for texts (`title: 2024`)."""
    return str(value) if is_number(value) else value


def printable(value: str) -> str:
    """`value` without blanks around it. Raises ValueError if a sheet can't hold it."""
    if bad := next((c for c in value if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cs", "Cn")), None):
        raise ValueError(f"there is a character (code {ord(bad)}) here that can't be part of a text")
    if len(value) > LONGEST_TEXT:
        raise ValueError(f"this text is longer than {LONGEST_TEXT:,} characters")
    return value.strip()


def _finite(value: Any) -> Any:
    if not is_number(value) or abs(value) > sys.float_info.max or not math.isfinite(value):
        hint = f"; {QUOTES}" if is_quoted_number(value) else ""
        raise ValueError(f"a finite number is needed, not `{value}`{hint}")
    return float(value)


def _edge(value: list[Any]) -> list[Any]:
    """Two texts, and perhaps a number."""
    ends = [_text(end) for end in value[:2]]
    for end in ends:
        if not isinstance(end, str) or not end.strip():
            shown = "nothing" if end is None else f"`{str(end)[:40]}`"
            raise ValueError(f"an end of an edge is the name of a node, not {shown}")
    for weight in value[2:]:
        if not is_number(weight):
            hint = f"; {QUOTES}" if is_quoted_number(weight) else ""
            raise ValueError(f"an edge's weight is a number, as in `[A, B, 0.5]`, not `{str(weight)[:40]}`{hint}")
        if not 0 < abs(weight) <= 1e300:
            raise ValueError(f"an edge's weight is a number other than 0, below 1e300, not `{weight}`")
    return [*map(printable, ends), *map(float, value[2:])]


Text = Annotated[str, BeforeValidator(_text), AfterValidator(printable)]
Finite = Annotated[float, BeforeValidator(_finite)]
Size = Annotated[StrictInt, Field(ge=1)]
Square = Annotated[list[Size], Field(min_length=2, max_length=2)]
Sizes = Annotated[list[Size], Field(min_length=2, max_length=4)]
"""Rows and columns, before them channels, and before these samples."""
Extent = Annotated[list[Annotated[StrictInt, Field(ge=0)]], Field(min_length=2, max_length=4)]

NUMBERS = {
    "anyOf": [
        {"type": "number"},
        {"type": "array", "items": {"type": "number"}},
        {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
        {"type": "array", "items": {"type": "array", "items": {"type": "array"}}},
    ]
}


END = {"type": ["string", "number"]}
EDGE = {"type": "array", "prefixItems": [END, END, {"type": "number"}], "minItems": 2, "maxItems": 3}


Edge = Annotated[list[Any], Field(min_length=2, max_length=3), AfterValidator(_edge), WithJsonSchema(EDGE)]
Positive = Annotated[Finite, Field(gt=0)]
Share = Annotated[Finite, Field(ge=0, lt=1)]


class Model(BaseModel):
    """Unknown keys are errors. A model's checks are made when they are first needed, which takes a moment."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
