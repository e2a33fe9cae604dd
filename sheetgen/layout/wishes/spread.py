"""Positions of a graph's nodes in a picture of some size: apart from each other, and beside the lines of others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

ROUNDS, PULL = 150, 0.5
APART, BESIDE = 1.7, 1.0
"""Diameters of a node from one centre to another, and from a centre to a line that passes."""
Points = tuple[tuple[float, float], ...]


def spread(points: Points, edges: Sequence[tuple[int, int]], size: tuple[float, float], dot: float) -> Points:
    """Points within [0, 1] × [0, 1] moved a little where nodes as wide as `dot` would touch in a picture of that size,
    or lie on a line."""
    box = np.array(size, dtype=float)
    at = np.array(points) * box
    lines = [(u, v) for u, v in edges if u != v]
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
    short = np.where((far < least) & (far > 0), least - far, 0.0)
    pushed: np.ndarray = (way / np.where(far > 0, far, 1)[..., None] * short[..., None]).sum(axis=1) / 2
    return pushed


def _from_lines(at: np.ndarray, lines: Sequence[tuple[int, int]], least: float) -> np.ndarray:
    """How far each node is to go away from lines between others."""
    push = np.zeros_like(at)
    for u, v in lines:
        along = at[v] - at[u]
        length = float(along @ along)
        if length == 0:
            continue
        share = (at - at[u]) @ along / length
        foot = at[u] + np.clip(share, 0, 1)[:, None] * along
        way = at - foot
        far = np.hypot(way[:, 0], way[:, 1])
        near = (far < least) & (share > 0) & (share < 1)
        near[[u, v]] = False
        side = np.where(far[:, None] > 1e-9, way / np.where(far > 1e-9, far, 1)[:, None],
                        np.array([-along[1], along[0]]) / length**0.5)  # fmt: skip
        push += np.where(near[:, None], side * (least - far)[:, None], 0.0)
    return push
