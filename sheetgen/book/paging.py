"""An endless page in sheets of paper: few pages, cut where it costs least, none of them half white."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, pow
from typing import NamedTuple

WHITE, POWER = 1.5, 2.5
"""Pages that an empty page costs more than a full one, and how fast that falls the fuller it is; the last page may be
white."""
HARDLY, LITTLE, UNEVEN = 0.25, 0.3, 0.3
"""Of the last page, the share that is hardly worth a page, what an empty one costs more, in pages, and what it costs
besides, because the pages before it could be less full."""
TORN, STEP = 2.0, 8
"""What a cut costs where none is allowed, in pages, and the rows between such cuts."""


@dataclass(frozen=True)
class Stripe:
    """A sheet as one endless page."""

    tops: Sequence[float]
    """How far down each row begins, and the last one ends."""
    prices: Mapping[int, float]
    """Rows with which a page may begin, in order, and what that costs, in pages."""
    repeated: float
    """Points that the rows repeated on each further page take."""


class Partition(NamedTuple):
    """The rows with which further pages begin, and what the pages cost: one each, and more for cuts and white paper."""

    cost: float
    cuts: list[int]


def partition(stripe: Stripe, page: float) -> Partition:
    """The cheapest pages `page` points high: the shortest way through the rows where a cut may be."""
    tops, prices = stripe.tops, _with_torn(stripe, page)
    rows = [1, *prices, len(tops)]
    best, before = [0.0, *[inf] * (len(rows) - 1)], [0] * len(rows)
    for j in range(1, len(rows)):
        begins = list[tuple[int, float]]()
        for i in reversed(range(j)):
            room = page - (stripe.repeated if i else 0.0)
            filled = (tops[rows[j] - 1] - tops[rows[i] - 1]) / room
            if filled > 1 and i < j - 1:
                break
            begins.append((i, filled))
        for i, filled in reversed(begins):  # the fullest page first: most others can't be cheaper, however white
            if best[i] + 1 > best[j]:
                continue
            cost = best[i] + 1 + (_white(filled) if j < len(rows) - 1 else _last(filled) if i else 0.0)
            if cost <= best[j]:
                best[j], before[j] = cost, i
        best[j] += prices.get(rows[j], 0.0)
    found, at = list[int](), before[-1]
    while at:
        found.append(rows[at])
        at = before[at]
    return Partition(best[-1], found[::-1])


def _white(filled: float) -> float:
    return WHITE * pow(max(0.0, 1 - filled), POWER)


def _last(filled: float) -> float:
    return LITTLE * max(0.0, 1 - filled / HARDLY) + UNEVEN * max(0.0, 1 - filled) ** 2


def _with_torn(stripe: Stripe, page: float) -> dict[int, float]:
    """The prices, and those of rows in stretches higher than a page in which no cut is allowed."""
    tops, bottom = stripe.tops, len(stripe.tops)
    found = {}
    for first, last in pairwise([1, *stripe.prices, bottom]):
        if first in stripe.prices:
            found[first] = stripe.prices[first]
        if tops[last - 1] - tops[first - 1] > page - stripe.repeated:
            found.update(dict.fromkeys(range(first + STEP, last, STEP), TORN))
    return found
