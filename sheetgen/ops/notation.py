"""How tightly pieces of mathematics bind, for captions such as `ReLU({0})` or `{0:+} + {1:+}`.

`{0:*}` is the first argument where it must bind as tightly as a factor, `{0:+}` as a summand, `{0:.}` as a single
thing; `{0}` takes anything.
"""

from __future__ import annotations

from typing import NamedTuple

CHOICE, COMPARISON, SUM, TOTAL, QUOTIENT, PRODUCT, PREFIX, POWER, ATOM = 0.0, 1.0, 2.0, 3.0, 3.2, 3.5, 4.0, 5.0, 9.0


class Caption(NamedTuple):
    """A template for an operation as mathematics, and how tightly the result binds."""

    template: str
    level: float = ATOM
