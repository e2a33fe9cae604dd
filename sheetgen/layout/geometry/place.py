"""All stages in order: from a program to a page, with the first arrangement that fits on paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sheetgen.ir.node import Node
from sheetgen.ir.program import Program
from sheetgen.layout.geometry import backward, lines, nodes, text
from sheetgen.layout.geometry.bands import Row, rows_of
from sheetgen.layout.geometry.beside import Seat, beside, on_sheets, second_pass, turned_above
from sheetgen.layout.geometry.columns import FIRST, Spot, lane_columns
from sheetgen.layout.geometry.constraints import Infeasible, smallest_rows
from sheetgen.layout.geometry.explain import look_closer
from sheetgen.layout.geometry.figure import Band, Block, Box, Caption, Frame, Picture, Placement, Request, Zone
from sheetgen.layout.geometry.fit import (
    LANDSCAPE,
    SMALLER_CELL,
    SMALLER_MARGIN,
    Choice,
    columns_of,
    pixels,
    printed,
    readable,
)
from sheetgen.layout.geometry.groups import sketch
from sheetgen.layout.geometry.pictures import picture_in
from sheetgen.layout.geometry.simplify import Script, simplify
from sheetgen.layout.geometry.sketcher import Options, Sketch

TITLE_ROWS = 5
"""Title, about (and numbers), legend, heads."""
Margin = Callable[[Block], int]


def place(program: Program, margin: Margin, pictures: Sequence[Request] = ()) -> Placement:
    """Where everything of a program stands. `margin` gives the rows that a block's text needs in the margin,
    `pictures` asks for room for charts.

    The program's backward pass, if any, must be in natural orientation.
    """
    script = simplify(program)
    choice = Choice("beside" if script.gradients else "none")
    page = arrange(script, margin, pictures, choice)
    if readable(page.columns) and not any(frame.kind == "turn" for frame in page.frames):
        return page
    if script.gradients:
        choice = replace(choice, mode="sheets")
        page = arrange(script, margin, pictures, choice)
    for better in _narrower(script, choice):
        if readable(page.columns):
            break
        page, choice = _wrapped(script, margin, pictures, better(choice), page)
    return page


def _narrower(script: Script, choice: Choice) -> list[Callable[[Choice], Choice]]:
    return [
        lambda c: c,
        lambda c: replace(c, right=False),
        lambda c: replace(c, cell=SMALLER_CELL, margin=SMALLER_MARGIN),
    ]


def _wrapped(script: Script, margin: Margin, pictures: Sequence[Request], choice: Choice, page: Placement) -> tuple[Placement, Choice]:
    """The page with as many turns side by side as fit."""
    page = arrange(script, margin, pictures, choice)
    loops = {band.block.loop: len(band.block.turns) for band in page.bands if band.block.loop is not None}
    for loop, turns in loops.items():
        while not readable(page.columns) and turns > 1:
            turns = min(turns - 1, int(turns * LANDSCAPE / 0.7 / pixels(page.columns)) or 1)
            choice = replace(choice, turns={**choice.turns, loop: turns})
            page = arrange(script, margin, pictures, choice)
    return page, choice


def arrange(script: Script, margin: Margin, pictures: Sequence[Request], choice: Choice) -> Placement:
    """One page, arranged as `choice` says."""
    rows = rows_of(script, choice.turns)
    try:
        drawn = sketch(script, rows, Options(choice.right, choice.fold))
        at = smallest_rows([draft.head for draft in drawn.drafts], drawn.ties, drawn.belows)
    except Infeasible:
        drawn = sketch(script, rows, Options(False, choice.fold))
        at = smallest_rows([draft.head for draft in drawn.drafts], drawn.ties, drawn.belows)
    exprs = backward.forward_exprs(drawn)
    seats = _seats(script, drawn, exprs, choice, rows)
    return _Page(script, drawn, exprs, seats, rows, at, margin, pictures, choice).placement()


def _seats(script: Script, drawn: Sketch, exprs: dict[str, Node], choice: Choice, rows: Sequence[Row]) -> list[Seat]:
    """The boxes behind the forward pass, and where each goes."""
    attached = [*backward.derived_boxes(script, drawn), *backward.again(script, drawn, exprs)]
    if choice.mode == "beside":
        return beside(script, drawn, attached, any(row.lanes for row in rows))
    return on_sheets([*attached, *backward.links(drawn, [box for box in attached if box.phase == "backward"])])


class _Page:
    """The stages after the sketch, on one page."""

    def __init__(self, script: Script, drawn: Sketch, exprs: dict[str, Node], seats: list[Seat], rows: Sequence[Row],
                 at: Sequence[int], margin: Margin, pictures: Sequence[Request], choice: Choice) -> None:  # fmt: skip
        self.script, self.drawn, self.exprs, self.seats, self.rows = script, drawn, exprs, seats, rows
        self.margin, self.pictures, self.choice = margin, pictures, choice
        self.loops = [row.block.loop for row in rows]
        self.bands = self.stacked(at)
        self.at = [self.bands[d.band].first_row + self.lead(d.band) + row for d, row in zip(drawn.drafts, at, strict=True)]

    def lead(self, band: int) -> int:
        """Rows for the heads of turns."""
        block = self.rows[band].block
        return int(block.loop is not None and (band == 0 or self.rows[band - 1].block.group != block.group))

    def stacked(self, at: Sequence[int]) -> list[Band]:
        deep = [0] * len(self.rows)
        for draft, row in zip(self.drawn.drafts, at, strict=True):
            deep[draft.band] = max(deep[draft.band], row + draft.height + self.lead(draft.band))
        bands, top = [], TITLE_ROWS + 1
        for row, depth in zip(self.rows, deep, strict=True):
            height = max(depth, self.margin(row.block)) + 1
            bands.append(Band(row.block, top, top + height - 1))
            top += height
        return bands

    def placement(self) -> Placement:
        drafts, loops = self.drawn.drafts, self.loops
        number = {draft.key: k for k, draft in enumerate(drafts)}
        found = lines.tracks([(number[a], number[b]) for a, b in self.drawn.rails], drafts, self.at, loops)
        spots = [self.spot(k, d.zone, -1 - d.offset - d.width if d.zone.part == 0 else d.offset) for k, d in enumerate(drafts)]
        if self.choice.mode == "beside":
            self.seats = turned_above(self.seats, self.drawn, self.at, [band.first_row for band in self.bands])
        near = [seat for seat in self.seats if seat.zone is not None]
        spots += [self.beside_spot(seat, seat.zone) for seat in near if seat.zone is not None]
        areas = sorted({0, *(s.area for s in spots if s.area in (2, 5))})
        tracked = [spot for area in areas for spot in lines.track_spots(found, drafts, self.at, loops, area)]
        columns = lane_columns([*spots, *tracked])
        boxes = [self.forward(k, columns[k] + spots[k].left) for k in range(len(drafts))]
        instead = second_pass(self.seats, self.drawn, self.exprs) if self.choice.mode == "beside" else {}
        besides = {id(seat): columns[len(drafts) + k] + seat.offset for k, seat in enumerate(near)}
        boxes += [self.seated(seat, boxes[seat.box.at], besides.get(id(seat)), instead) for seat in self.seats]
        last = max((box.column + box.width - 1 for box in boxes), default=FIRST)
        last = max([last, *(columns[len(spots) + k] + spot.left for k, spot in enumerate(tracked))])
        lanes = {drafts[t.target].key: columns[t.target] for t in found}
        return self.finish(boxes, last, found, lanes)

    def spot(self, k: int, zone: Zone, left: int) -> Spot:
        draft, row = self.drawn.drafts[k], self.at[k]
        return Spot(zone.area, zone.turn, zone.sub, draft.band, self.loops[draft.band], left, left + draft.width,
                    row - draft.head, row + draft.height - 1)  # fmt: skip

    def beside_spot(self, seat: Seat, zone: Zone) -> Spot:
        spot = self.spot(seat.box.at, zone, seat.offset)
        row, (height, width) = self.at[seat.box.at] - seat.up, seat.box.expr.shape
        captioned = seat.up > 0 or self.drawn.drafts[seat.box.at].head > 0
        head = seat.head if seat.head is not None and captioned else 0
        return replace(spot, right=spot.left + width, first=row - head, last=row + height - 1)

    def forward(self, k: int, column: int) -> Box:
        draft, row = self.drawn.drafts[k], self.at[k]
        caption = Caption(row - draft.head, column, draft.width) if draft.head and draft.kind != "ones" else None
        if caption is not None and draft.head > 1 and draft.phase == "forward" and draft.expr is not None:
            caption = replace(caption, row=row - 1)
        return Box(draft.key, draft.matrix, draft.kind, "forward", 0, row, column, draft.height, draft.width,
                   self.exprs.get(draft.key), draft.of, draft.rows, draft.columns, draft.turned, draft.glued,  # type: ignore[arg-type]
                   draft.band, draft.zone, draft.turn, caption)  # fmt: skip

    def seated(self, seat: Seat, at: Box, column: int | None, instead: dict[str, Node]) -> Box:
        a = seat.box
        expr = nodes.rebuild(a.expr, lambda part: instead.get(getattr(part, "name", ""))) if instead else a.expr
        box = replace(at, key=a.key, matrix=a.matrix, kind=a.kind, phase=a.phase, sheet=seat.sheet, expr=expr, of=a.of,
                      rows=a.rows, columns=a.columns, turned=a.turned)  # fmt: skip
        if column is None or seat.zone is None:
            return box
        row, (height, width) = box.row - seat.up, a.expr.shape
        captioned = seat.head is not None and (seat.up > 0 or box.caption is not None)
        caption = Caption(row - (seat.head or 1), column, width) if captioned else None
        return replace(box, row=row, column=column, height=height, width=width, caption=caption, zone=seat.zone)

    def finish(self, boxes: list[Box], last: int, found: Sequence[lines.Track], lanes: dict[str, int]) -> Placement:
        boxes, frames = self.explained(boxes, last)
        last = max([last, *(frame.column + frame.width - 1 for frame in frames)])
        pictures = self.pictured(boxes, frames, last)
        shift, bands = self.restacked(boxes, frames, pictures)
        scalars, extra = self.numbers(last)
        shift = [by + extra for by in shift]
        bands = [replace(band, first_row=band.first_row + extra, last_row=band.last_row + extra) for band in bands]
        boxes = [_moved(box, shift[box.band]) for box in boxes]
        frames = [replace(frame, row=frame.row + shift[frame.band]) for frame in frames]
        pictures = [replace(picture, row=picture.row + shift[picture.band]) for picture in pictures]
        end = bands[-1].last_row if bands else TITLE_ROWS
        more = self.extras(end + 2, len(bands))
        if more:
            names = tuple(box.matrix for box in more)
            block = Block(len(bands), "", names, (), (), group=bands[-1].block.group + 1 if bands else 0)
            bands.append(Band(block, end + 1, more[-1].row + more[-1].height))
            end = bands[-1].last_row
        last = max([last, *(box.column + box.width - 1 for box in more)])
        boxes += more
        rails = lines.rails_of(found, self.drawn.drafts, boxes, lanes)
        links = lines.links_of(self.drawn.links, boxes, bands)
        arrows = lines.arrows_of(boxes, rails)
        taken = text.taken_cells(boxes, rails, arrows, pictures)
        boxes = [*text.captioned(boxes, taken, bands, last), *scalars]
        columns = columns_of(boxes, rails, self.choice, last)
        landscape, scale = printed(columns)
        mode = self.choice.mode
        frames += text.turn_frames(boxes, bands)
        return Placement(
            tuple(boxes), tuple(bands), tuple(columns), tuple(text.heads_of(boxes, bands, mode, TITLE_ROWS + extra)),
            tuple(rails), tuple(links), tuple(arrows), tuple(frames), tuple(pictures), mode,
            tuple(sorted({box.sheet for box in boxes})), landscape, scale, tuple(_cuts(bands)), TITLE_ROWS + extra, end,
            self.drawn.big,
        )  # fmt: skip

    def explained(self, boxes: list[Box], last: int) -> tuple[list[Box], list[Frame]]:
        frames: list[Frame] = []
        forward = {box.key: box for box in boxes if box.sheet == 0}
        for item in self.script.explains:
            result = next((box for box in forward.values() if self.explains(item.name, item.expr, box)), None)
            if result is None:
                continue
            band = [box for box in boxes if box.band == result.band and box.sheet == 0]
            copies = self.drawn.copies.get(result.key, {})
            top = self.bands[result.band].first_row
            closer = look_closer(item, band, copies, self.drawn.homes, last, result, top)
            if closer is not None:
                boxes = [*boxes, *closer.boxes]
                frames.append(closer.frame)
        return boxes, frames

    def explains(self, name: str, expr: Node, box: Box) -> bool:
        """Whether a statement explains a column of what stands in a box."""
        item = next((item for item in self.script.items if item.name == box.matrix and item.kind == "product"), None)
        return item is not None and nodes.is_column_of(expr, item.expr)

    def pictured(self, boxes: Sequence[Box], frames: Sequence[Frame], last: int) -> list[Picture]:
        found: list[Picture] = []
        for k, request in enumerate(self.pictures):
            home = next((box.band for box in boxes if box.matrix == request.matrix and box.kind == "home"), 0)
            band = self.bands[home]
            here = [box for box in boxes if box.band == home and box.sheet == 0]
            framed = [frame for frame in frames if frame.band == home]
            others = [picture for picture in found if picture.band == home]
            found.append(picture_in(k, request, band, here, framed, last, others))
        return found

    def restacked(self, boxes: Sequence[Box], frames: Sequence[Frame], pictures: Sequence[Picture]) -> tuple[list[int], list[Band]]:
        """How far each band moves down, because bands above it have grown for frames and pictures."""
        deep = [band.last_row for band in self.bands]
        for frame in frames:
            deep[frame.band] = max(deep[frame.band], frame.row + frame.height)
        for picture in pictures:
            deep[picture.band] = max(deep[picture.band], picture.row + picture.height)
        shift, bands, by = [], [], 0
        for band, row in zip(self.bands, deep, strict=True):
            shift.append(by)
            bands.append(Band(band.block, band.first_row + by, row + by))
            by += row - band.last_row
        return shift, bands

    def numbers(self, last: int) -> tuple[list[Box], int]:
        """The numbers of the title rows, right-aligned, and the rows that they need beyond one."""
        a_row = max(1, (last - FIRST + 1) // 3)
        found = []
        for k, name in enumerate(reversed(self.script.scalars)):
            row, place = 2 + k // a_row, max(last - 3 * (k % a_row), FIRST + 1)
            found.append(Box(name, name, "home", "forward", 0, row, place, 1, 1, None, labels=replace(text.Labels(), left=True)))
        return found[::-1], max(0, -(-len(found) // a_row) - 1)

    def extras(self, top: int, band: int) -> list[Box]:
        """Helpers that stand at no matrix: below everything, on the sheet of their pass."""
        found = []
        mode = self.choice.mode
        homes = backward.all_homes(self.script, self.drawn)
        for extra in self.script.extras:
            expr = nodes.put(extra.expr, {}, homes)
            sheet = 2 if extra.key in self.script.late else 0 if mode == "beside" else 1
            phase = "after" if sheet == 2 else "backward"
            found.append(Box(extra.key, extra.matrix, "home", phase, sheet, top, FIRST + 1, *expr.shape, expr, band=band,  # type: ignore[arg-type]
                             caption=Caption(top - 1, FIRST + 1, expr.shape[1])))  # fmt: skip
            top += expr.shape[0] + 1
        return found


def _moved(box: Box, by: int) -> Box:
    caption = None if box.caption is None else replace(box.caption, row=box.caption.row + by)
    return replace(box, row=box.row + by, caption=caption)


def _cuts(bands: Sequence[Band]) -> list[int]:
    """Rows before which a page may be cut: where a group of bands begins."""
    return [b.first_row for a, b in zip(bands, bands[1:], strict=False) if a.block.group != b.block.group]
