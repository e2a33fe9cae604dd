"""Where each statement goes: the rules of the grammar, in program order, without search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sheetgen.ir.node import matrix as leaf
from sheetgen.layout.geometry.bands import Placed, Row
from sheetgen.layout.geometry.board import Draft, Standing
from sheetgen.layout.geometry.cells import cells, reduce, view
from sheetgen.layout.geometry.constraints import Below, Tie
from sheetgen.layout.geometry.figure import Zone
from sheetgen.layout.geometry.products import beside, product
from sheetgen.layout.geometry.script import Script
from sheetgen.layout.geometry.sketch import Options, Sketch
from sheetgen.layout.geometry.sketcher import Sketcher

RULES = {"product": product, "beside": beside, "reduce": reduce, "cells": cells, "view": view}


def sketch(script: Script, rows: Sequence[Row], options: Options) -> Sketch:
    """Place every item of every band, and every given matrix."""
    on = Sketcher(script, options)
    before: Row | None = None
    for row in rows:
        carried = _bottoms(on) if before is not None and _continues(before, row) else {}
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


def _bottoms(on: Sketcher) -> dict[int, list[Standing]]:
    """The lowest box of each turn's first lane, with the rows glued to it, as the next band sees it."""
    found: dict[int, list[Standing]] = {}
    for zone, lane in on.board.lanes.items():
        if zone.part == 1 and zone.sub == 0 and lane.standing:
            low = lane.standing[-1].bottom
            kept = []
            for standing in reversed(lane.standing):
                kept.append(replace(standing, top=standing.top - low, bottom=standing.bottom - low))
                if not on.board.drafts[on.board.number[standing.key]].glued:
                    break
            found[zone.turn] = kept[::-1]
    return found


def _open(on: Sketcher, row: Row, carried: dict[int, list[Standing]]) -> None:
    """Start a band: every turn in its first lane."""
    on.row = row
    on.state.loop_band = row.block.index if row.lanes else on.state.loop_band
    on.board.lanes = {}
    on.state.shared, on.state.followed, on.state.brought = {}, {}, {}
    on.state.first, on.state.latest = {}, {}
    on.state.at, on.state.last = {}, {}
    for turn in range(max(row.lanes, 1)):
        zone = Zone(0, turn, 0)
        on.state.at[turn], on.state.last[turn] = zone, ""
        for standing in carried.get(turn, ()):
            on.board.lane(zone).standing.append(standing)
            if standing.operand.is_matrix:
                on.state.last[turn] = standing.operand.name


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
    on.state.at[placed.turn], on.state.last[placed.turn] = on.board.drafts[index].zone, item.name


def _introduce(on: Sketcher, names: Sequence[str], everything: bool = False) -> None:
    """Given matrices that a step shows, or that nothing reads: at the end of the lane."""
    for name in names:
        source = on.script.sources.get(name)
        if source is None or name in on.state.settled or name in on.scalars or name in on.state.parts:
            continue
        if everything or source.role in ("input", "constant"):
            on.into_lane(leaf(name, source.shape), Zone(0, 0, 0), "")
