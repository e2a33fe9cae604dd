"""Rows by alignment: ties between boxes, orders between them, and the smallest rows that satisfy both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush


class Infeasible(Exception):
    """An order between two boxes that a tie has fixed otherwise."""


@dataclass(frozen=True)
class Tie:
    """row(b) = row(a) + d."""

    a: int
    b: int
    d: int


@dataclass(frozen=True)
class Below:
    """row(b) ≥ row(a) + d."""

    a: int
    b: int
    d: int
    soft: bool = False
    """Left out where the others don't allow it."""


def smallest_rows(first: Sequence[int], ties: Sequence[Tie], belows: Sequence[Below]) -> list[int]:
    """The smallest row of each box; `first[k]` is the least that box k may have.

    Union–find with offsets for the ties, then the longest path through the groups; linear but for the inverse
    Ackermann function and a heap of the groups that soft orders hold back. Raises Infeasible when ties and orders
    contradict each other.
    """
    root, offset = groups(len(first), ties)
    least = dict.fromkeys(root, 0)
    for k, row in enumerate(first):
        least[root[k]] = max(least[root[k]], row - offset[k])
    after: dict[int, list[tuple[int, int, bool]]] = {group: [] for group in least}
    waiting = {group: [0, 0] for group in least}
    """How many orders, and how many soft ones, each group still waits for."""
    for order in belows:
        a, b = root[order.a], root[order.b]
        distance = order.d + offset[order.a] - offset[order.b]
        if a != b:
            after[a].append((b, distance, order.soft))
            waiting[b][order.soft] += 1
        elif distance > 0 and not order.soft:
            raise Infeasible(f"{order} against a tie")
    ready = [group for group, count in waiting.items() if count == [0, 0]]
    held = [group for group, count in waiting.items() if count[0] == 0 < count[1]]
    heapify(held)
    done: set[int] = set()
    while ready or held:
        group = ready.pop() if ready else heappop(held)
        if group in done:
            continue
        done.add(group)
        for b, distance, soft in after[group]:
            if b in done:
                continue
            least[b] = max(least[b], least[group] + distance)
            waiting[b][soft] -= 1
            if waiting[b] == [0, 0]:
                ready.append(b)
            elif waiting[b][0] == 0 and not soft:
                heappush(held, b)
    if len(done) < len(least):
        raise Infeasible("a circle of orders")
    return [least[root[k]] + offset[k] for k in range(len(first))]


def groups(count: int, ties: Sequence[Tie]) -> tuple[list[int], list[int]]:
    """The group of each of `count` boxes, and its rows below the group's. Raises Infeasible."""
    parent = list(range(count))
    shift = [0] * count  # row(k) - row(parent[k])

    def find(k: int) -> int:
        path = []
        while parent[k] != k:
            path.append(k)
            k = parent[k]
        for at in reversed(path[:-1]):
            shift[at] += shift[parent[at]]
            parent[at] = k
        return k

    for tie in ties:
        a, b = find(tie.a), find(tie.b)
        distance = (shift[tie.a] if a != tie.a else 0) + tie.d - (shift[tie.b] if b != tie.b else 0)
        if a != b:
            parent[b], shift[b] = a, distance
        elif distance != 0:
            raise Infeasible(f"{tie} against another")
    return [find(k) for k in range(count)], [shift[k] if parent[k] != k else 0 for k in range(count)]
