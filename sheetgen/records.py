"""Frozen dataclasses with other fields, for the loops over all boxes, statements and matrices of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["replace"]

if TYPE_CHECKING:
    from dataclasses import replace
else:

    def replace(record: Any, **fields: Any) -> Any:
        """`dataclasses.replace` of a record without slots and `__post_init__`, several times as fast: nothing is asked
        field by field."""
        values, known = {**record.__dict__, **fields}, record.__dataclass_fields__
        if len(values) > len(known):  # the record knows what it once worked out, or a field is misspelt
            if wrong := fields.keys() - known.keys():
                raise TypeError(f"{type(record).__name__} has no field {', '.join(wrong)}")
            values = {name: values[name] for name in known}
        made = object.__new__(type(record))
        made.__dict__.update(values)
        return made
