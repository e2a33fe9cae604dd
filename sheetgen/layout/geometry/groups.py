"""Where each statement goes: the rules of the grammar, in program order, without search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sheetgen.ir.node import matrix as leaf
from sheetgen.layout.geometry import nodes
from sheetgen.layout.geometry.bands import Placed, Row
from sheetgen.layout.geometry.board import Draft, Standing
from sheetgen.layout.geometry.cells import cells, reduce, view
from sheetgen.layout.geometry.constraints import Below, Tie
from sheetgen.layout.geometry.figure import Zone
from sheetgen.layout.geometry.products import beside, ones, product
from sheetgen.layout.geometry.script import Script
from sheetgen.layout.geometry.sketch import Options, Sketch
from sheetgen.layout.geometry.sketcher import Sketcher
from sheetgen.ops.views import blocks_of

RULES = {"product": product, "beside": beside, "reduce": reduce, "cells": cells, "view": view}


def sketch(script: Script, rows: Sequence[Row], options: Options) -> Sketch:
    """Place every item of every band, and every given matrix."""
    on = Sketcher(script, options)
    before: Row | None = None
    for row in rows:
        carried: dict[Zone, list[Standing]] = {}
        if before is not None and _continues(before, row):
            if row.lanes:
                _ones_below(on, row)
            carried = _earlier(on)
        _open(on, row, carried)
        for placed in row.items:
            _place(on, placed)
        _introduce(on, row.shows)
        before = row
    if before is not None:
        _introduce(on, tuple(script.sources), everything=True)
    return on.result()


def _continues(before: Row, row: Row) -> bool:
    """Whether the lanes of a band go on in the next one: the trunk, or the same turns of a loop."""
    return (before.block.loop, before.block.turns) == (row.block.loop, row.block.turns)


def _earlier(on: Sketcher) -> dict[Zone, list[Standing]]:
    """What the next band sees above it: the lowest box of each turn's first lane, with the rows glued to it; in a loop,
    whose bands are parts of one body, everything in all lanes."""
    found: dict[Zone, list[Standing]] = {}
    for zone, lane in on.board.lanes.items():
        if zone.part != 1 or not lane.standing or not (zone.sub == 0 or on.row.lanes):
            continue
        end = max(on.board.lane(other).cursor for other in on.board.lanes_of(zone.turn))
        low = max(end, lane.standing[-1].bottom) if on.row.lanes else lane.standing[-1].bottom
        kept, far = [], False
        for standing in reversed(lane.standing):
            far = far or standing.far
            if far and not on.row.lanes:
                break
            kept.append(replace(standing, top=standing.top - low, bottom=standing.bottom - low, far=far))
            far = far or not on.draft(standing).glued
        found[zone] = kept[::-1]
    return found


def _ones_below(on: Sketcher, row: Row) -> None:
    """Put the 1s that several products of the next band and those after it multiply with their biases under what else
    they read, where that ends this band: as an input that all gates of a loop read."""
    for placed in row.items:
        above = nodes.above(placed.item.expr)
        parts = blocks_of(above, 0) if above is not None else []
        zone = Zone(0, placed.turn, 0)
        if len(parts) > 1 and nodes.is_ones(parts[-1]) and on.branches(placed.item) and parts[-2] in on.bottom(zone):
            on.show(placed.item.name, parts[-1], on.board.add(replace(ones(on, parts[-1], zone, 0), glued="under")))


def _open(on: Sketcher, row: Row, carried: dict[Zone, list[Standing]]) -> None:
    """Start a band: every turn in its first lane."""
    on.row = row
    on.state.loop_band = row.block.index if row.lanes else on.state.loop_band
    on.board.lanes = {}
    on.state.shared, on.state.followed, on.state.brought = {}, {}, {}
    on.state.first, on.state.latest, on.state.aside = {}, {}, {}
    on.state.at, on.state.last = {}, {}
    for turn in range(max(row.lanes, 1)):
        zone = Zone(0, turn, 0)
        on.state.at[turn] = zone
        matrices = [s.operand.name for s in carried.get(zone, ()) if s.operand.is_matrix]
        on.state.last[turn] = matrices[-1] if matrices else ""
    for zone, standing in carried.items():
        on.board.lane(zone).standing += standing


def _place(on: Sketcher, placed: Placed) -> None:
    """Place a statement; in a loop, on the rows of the same statement of the first turn, and what it brings into
    its lane no higher than what that did."""
    item, start = placed.item, len(on.board.drafts)
    index = RULES[item.kind](on, placed)
    if placed.index >= 0:
        drafts = on.board.drafts
        brought = [k for k in reversed(range(start, len(drafts))) if drafts[k].zone.part == 1]
        for a, b in zip(on.state.brought.setdefault(placed.index, brought), brought, strict=False):
            if a != b and (drafts[a].zone.sub, drafts[a].shape) == (drafts[b].zone.sub, drafts[b].shape):
                on.board.belows.append(Below(a, b, 0, soft=True))
        first = on.state.first.setdefault(placed.index, index)
        if first != index:
            on.board.ties.append(Tie(first, index, 0))
        on.state.latest[placed.index] = index
    for verdict in on.verdicts.get(item.name, ()):
        box = on.board.drafts[index]
        words = Draft(verdict.name, "", "verdict", verdict.expr, *verdict.shape, box.zone, box.band, of=item.name)
        on.board.add(replace(words, turn=box.turn))
    if item.name not in on.state.aside:  # else the lane goes on where it was
        on.state.at[placed.turn], on.state.last[placed.turn] = on.board.drafts[index].zone, item.name


def _introduce(on: Sketcher, names: Sequence[str], everything: bool = False) -> None:
    """Given matrices that a step shows, or that nothing reads: at the end of the lane."""
    for name in names:
        source = on.script.sources.get(name)
        if source is None or name in on.state.settled or name in on.scalars or name in on.state.parts:
            continue
        if everything or source.role in ("input", "constant"):
            on.into_lane(leaf(name, source.shape), Zone(0, 0, 0), "")
