"""What is put into the cells that the boxes of a page leave: frames, charts, numbers of the title, captions, lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sheetgen.layout.geometry import backward, lines, operands, route, text
from sheetgen.layout.geometry.apart import print_of, with_copies_apart
from sheetgen.layout.geometry.columns import FIRST
from sheetgen.layout.geometry.enlarge import enlarged
from sheetgen.layout.geometry.explain import closers
from sheetgen.layout.geometry.figure import (
    Band,
    Block,
    Box,
    Caption,
    Column,
    Frame,
    Link,
    Picture,
    Placement,
    Rail,
    Request,
)
from sheetgen.layout.geometry.fit import Choice, columns_of, room_for_frames, room_for_pictures
from sheetgen.layout.geometry.folds import Folds, folds
from sheetgen.layout.geometry.lay import TITLE_ROWS, Ground, Laid
from sheetgen.layout.geometry.partners import GRADIENTS, Sheet, with_partners
from sheetgen.layout.geometry.pictures import Area, areas, pictures_in
from sheetgen.layout.geometry.script import Script
from sheetgen.layout.geometry.story import Margin
from sheetgen.layout.measure import Print
from sheetgen.records import replace

ROOMY = 0.82
"""The scale down to which gradients are printed so that the factors of their products have room above them."""


def arrange(laid: Laid, margin: Margin, requests: Sequence[Request], widest: int = 0) -> Placement:
    """The page of boxes that have their cells: what stands around them, charts, and lines; charts may widen it up to
    column `widest`, and where it stays upright at all events."""
    ground, choice, boxes, last = laid.ground, laid.choice, list(laid.boxes), laid.last
    script = ground.script
    columns = columns_of(boxes, [], [], choice, last)
    room = last if choice.mode == "beside" else room_for_frames(columns)
    rails = lines.rails_of(laid.tracks, ground.drawn.drafts, boxes, laid.lanes)
    turns = text.turn_frames(boxes, ground.bands, rails)
    frames, more = closers(script.explains, script.items, boxes, ground.drawn, room, ground.bands, rails, turns)
    boxes = [*boxes, *more]
    last = max([last, *(frame.column + frame.width - 1 for frame in frames)])
    columns = columns_of(boxes, rails, [], choice, last)
    wide = max(widest, room_for_pictures(columns))
    others = list[Area]()
    if requests:
        links = route.links_of(ground.drawn.links, boxes, ground.bands, rails)
        others += areas([*frames, *turns], rails, links, lines.arrows_of(boxes, rails))
    slim = [replace(band, last_row=band.last_row - band.words + band.slim) for band in ground.bands]
    read = [replace(r, reads=tuple(name for name in r.reads if name not in script.scalars)) for r in requests]
    pictures, lowered = pictures_in(read, slim, boxes, others, last, wide, columns)
    boxes, frames = _lowered(boxes, frames, lowered)
    last = max([last, *(picture.column + picture.width - 1 for picture in pictures)])
    numbers, title_rows = _numbers(script, min(last, _last_column(boxes, frames, pictures)))
    bands, shift = _grown(ground.bands, boxes, frames, pictures, title_rows - TITLE_ROWS)
    boxes = [box.lower(shift[box.band]) for box in boxes]
    frames = [replace(frame, row=frame.row + shift[frame.band]) for frame in frames]
    pictures = [replace(picture, row=picture.row + shift[picture.band]) for picture in pictures]
    extras, bands = _extras(ground, choice, bands, title_rows, margin)
    boxes += extras
    last = max([last, *(box.right - 1 for box in extras)])
    page, folded = _Page(laid, boxes, bands, frames, pictures, (last, max(last, room)), title_rows), Folds({})
    boxes = page.with_copies()
    if choice.mode == "sheets":
        folded = folds(page.boxes, bands, [*pictures, *frames])
    if folded.before:
        roomy = page.lower(folded)
        copied = roomy.with_copies()
        before, now = page.print(boxes), roomy.print(copied)
        if now.sheets <= before.sheets and now.scale >= min(before.scale, ROOMY):
            page, boxes = roomy, copied
        else:
            folded = Folds({})
    bands, frames, pictures, rails, links = page.bands, page.frames, page.pictures, page.rails, page.links
    turns = text.turn_frames(boxes, bands, rails)
    last = max([last, *(link.left[1] for link in links if link.wraps)])
    last = max([last, *(frame.column + frame.width - 1 for frame in turns if frame.sheet == 0)])
    wider = max([0, *(box.right - 1 - last for box in boxes)])
    turns = [replace(f, width=f.width - 1, air=False) if f.column + f.width - 1 > last + wider else f for f in turns]
    ends = [replace(f, air=True) for f in frames if f.column + f.width - 1 == last]
    last += bool(ends)  # their sides don't end the page
    arrows = lines.arrows_of(boxes, rails)
    lie = list(areas([*frames, *turns], rails, links, arrows))
    columns = columns_of(boxes, rails, [*links, *turns, *ends], choice, last + wider)
    pictures = enlarged(pictures, requests, bands, boxes, lie, columns[:last])
    taken = text.taken_cells(boxes, rails, arrows, pictures, folded.rows, last)
    boxes = text.captioned(boxes, taken, bands, last)
    return Placement(
        boxes=(*boxes, *numbers),
        bands=tuple(bands),
        columns=tuple(columns),
        heads=tuple(text.heads_of(boxes, bands, title_rows, script.weights)),
        rails=tuple(rails),
        links=tuple(links),
        arrows=tuple(arrows),
        frames=(*frames, *turns),
        pictures=tuple(pictures),
        mode=choice.mode,
        sheets=tuple(sorted({box.sheet for box in boxes})),
        title_rows=title_rows,
        last_row=max([title_rows, *(band.last_row for band in bands)]),
        big=ground.drawn.big,
        parts=backward.all_parts(script, ground.drawn),
        wider=wider,
        folded=tuple(folded.rows),
    )


@dataclass(frozen=True)
class _Page:
    """What stands on a page before copies of what is read from afar."""

    laid: Laid
    boxes: list[Box]
    bands: list[Band]
    frames: list[Frame]
    pictures: list[Picture]
    lasts: tuple[int, int]
    """Its last column, and the one up to which the sheet of the gradients may grow."""
    title_rows: int

    @cached_property
    def rails(self) -> list[Rail]:
        return lines.rails_of(self.laid.tracks, self.laid.ground.drawn.drafts, self.boxes, self.laid.lanes)

    @cached_property
    def links(self) -> list[Link]:
        return route.links_of(self.laid.ground.drawn.links, self.boxes, self.bands, self.rails)

    def lower(self, folded: Folds) -> _Page:
        """The page with more rows."""
        return replace(
            self,
            boxes=[folded.box(box) for box in self.boxes],
            bands=[folded.band(band) for band in self.bands],
            frames=[replace(frame, row=frame.row + folded.by(frame.row)) for frame in self.frames],
            pictures=[replace(picture, row=picture.row + folded.by(picture.row)) for picture in self.pictures],
        )

    def with_copies(self) -> list[Box]:
        """Its boxes, and copies of what gradients, and a second pass, read from afar."""
        last, turns = self.lasts[0], text.turn_frames(self.boxes, self.bands, self.rails)
        others: list[Picture | Frame] = [*self.pictures, *self.frames]
        boxes = with_partners(self.boxes, self.bands, self.lasts, self.rails, self.links, turns, others)
        if self.laid.choice.mode == "sheets":
            sheet = Sheet(GRADIENTS, boxes, self.bands, (last, last), self.rails, self.links, turns)
            boxes = with_copies_apart(sheet, boxes, last, self.title_rows, self.columns)
        return boxes

    def columns(self, boxes: Sequence[Box]) -> list[Column]:
        """Those of the page with these boxes."""
        end = max(self.lasts[0], *(box.right - 1 for box in boxes))
        return columns_of(boxes, self.rails, self.links, self.laid.choice, end)

    def print(self, boxes: Sequence[Box]) -> Print:
        """How the sheet of the gradients is likely printed with these boxes."""
        return print_of(boxes, self.columns(boxes), self.bands, self.title_rows)


def _numbers(script: Script, last: int) -> tuple[list[Box], int]:
    """The numbers of the title rows, right-aligned, each with a free cell for its name; and the title's rows."""
    a_row = max(1, (last - FIRST + 1) // 3)
    found = []
    for k, name in enumerate(reversed(script.scalars)):
        row, column = 1 + k // a_row, max(last - 3 * (k % a_row), FIRST + 1)
        found.append(Box(name, name, "home", "forward", 0, row, column, 1, 1, None))
    return found[::-1], max(TITLE_ROWS, -(-len(found) // a_row) + 1)


def _last_column(boxes: Sequence[Box], frames: Sequence[Frame], pictures: Sequence[Picture]) -> int:
    """The last one in which more than a rail stands."""
    ends = [box.right - 1 for box in boxes if box.sheet == 0]
    ends += [frame.column + frame.width - 1 for frame in frames]
    return max([FIRST, *ends, *(picture.column + picture.width - 1 for picture in pictures)])


def _lowered(boxes: Sequence[Box], frames: Sequence[Frame], by: int) -> tuple[list[Box], list[Frame]]:
    """Everything of the first band, `by` rows lower."""
    return [box.lower(by if box.band == 0 else 0) for box in boxes], [
        replace(frame, row=frame.row + by) if frame.band == 0 else frame for frame in frames
    ]


def _grown(
    bands: Sequence[Band], boxes: Sequence[Box], frames: Sequence[Frame], pictures: Sequence[Picture], by: int
) -> tuple[list[Band], list[int]]:
    """The bands, `by` rows lower and grown for what stands in them, and how far each of them moves down."""
    deep = [band.last_row for band in bands]
    for box in boxes:
        deep[box.band] = max(deep[box.band], box.below)
    areas: list[Frame | Picture] = [*frames, *pictures]
    for area in areas:
        band, below = bands[area.band], area.row + area.height
        slim = band.last_row - band.words + band.slim if below > band.last_row - band.words + 1 else 0
        deep[area.band] = max(deep[area.band], below, slim)
    found, shift = [], []
    for band, row in zip(bands, deep, strict=True):
        shift.append(by)
        found.append(replace(band, first_row=band.first_row + by, last_row=row + by))
        by += row - band.last_row
    return found, shift


def _extras(
    ground: Ground, choice: Choice, bands: list[Band], title_rows: int, margin: Margin
) -> tuple[list[Box], list[Band]]:
    """Helpers that stand at no matrix: in a band below everything, on the sheet of their pass."""
    script = ground.script
    if not script.extras:
        return [], bands
    homes = backward.all_homes(script, ground.drawn)
    first = bands[-1].last_row + 1 if bands else title_rows + 1
    row, boxes = first + 1, []
    for extra in script.extras:
        expr = operands.put(extra.expr, backward.only_copied(ground.drawn), homes)
        late = extra.key in script.late
        sheet = 2 if late else 0 if choice.mode == "beside" else 1
        caption = Caption(row - 1, FIRST + 1, expr.shape[1])
        boxes.append(Box(extra.key, extra.matrix, "home", "after" if late else "backward", sheet, row, FIRST + 1,
                         *expr.shape, expr, band=len(bands), caption=caption))  # fmt: skip
        row += expr.shape[0] + 1
    names = tuple(box.matrix for box in boxes)
    block = Block(len(bands), "", names, (), (), group=bands[-1].block.group + 1 if bands else 0)
    end = first + 1 + sum(text.rows for text in margin(block, choice.mode))
    return boxes, [*bands, Band(block, first, max(row - 1, end))]
