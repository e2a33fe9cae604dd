"""Positions of a graph's nodes in a picture of some size: apart from each other, and beside the lines of others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

ROUNDS, PULL = 150, 0.5
AT_ONCE = 50_000
"""Distances between nodes and lines that are worked out together; more than nodes."""
APART, BESIDE = 1.7, 1.0
"""Diameters of a node from one centre to another, and from a centre to a line that passes."""
Points = tuple[tuple[float, float], ...]


def spread(points: Points, edges: Sequence[tuple[int, int]], size: tuple[float, float], dot: float) -> Points:
    """Points within [0, 1] × [0, 1] moved a little where nodes as wide as `dot` would touch in a picture of that size,
    or lie on a line."""
    box = np.array(size, dtype=float)
    at = np.array(points) * box
    lines = np.array([(u, v) for u, v in edges if u != v], dtype=int).reshape(-1, 2)
    for _ in range(ROUNDS):
        push = _from_nodes(at, APART * dot) + _from_lines(at, lines, BESIDE * dot)
        if not push.any():
            break
        at = np.clip(at + PULL * push, 0, box)
    return tuple((float(x), float(y)) for x, y in np.round(at / box, 3) + 0.0)


def _from_nodes(at: np.ndarray, least: float) -> np.ndarray:
    """How far each node is to go away from those that are too near."""
    way = at[:, None] - at[None]
    far = np.hypot(way[..., 0], way[..., 1])
    one, other = ((far < least) & (far > 0)).nonzero()
    way, far = way[one, other], far[one, other][:, None]
    push = np.zeros_like(at)
    np.add.at(push, one, way / far * (least - far))
    return push / 2


def _from_lines(at: np.ndarray, lines: np.ndarray, least: float) -> np.ndarray:
    """How far each node is to go away from lines between others."""
    push = np.zeros_like(at)
    for start in range(0, len(lines), AT_ONCE // len(at)):
        u, v = lines[start : start + AT_ONCE // len(at)].T
        along = at[v] - at[u]
        length = (along**2).sum(axis=1)
        u, v, along, length = (each[length > 0] for each in (u, v, along, length))
        (x, y), ((left, top), (right, down)) = at.T, (each.T[..., None] for each in (at[u], along))
        share = ((x - left) * right + (y - top) * down) / length[:, None]
        beside = (share > 0) & (share < 1)
        beside[range(len(u)), u] = beside[range(len(u)), v] = False
        line, node = beside.nonzero()
        way = at[node] - (at[u[line]] + share[line, node][:, None] * along[line])
        far = np.hypot(way[:, 0], way[:, 1])
        line, node, way, far = (each[far < least] for each in (line, node, way, far[:, None]))
        across = np.stack((-along[line, 1], along[line, 0]), axis=1) / np.sqrt(length[line])[:, None]
        side = np.where(far > 1e-9, way / np.where(far > 1e-9, far, 1), across)
        np.add.at(push, node, side * (least - far))  # line by line
    return push
