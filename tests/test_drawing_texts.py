"""Where texts may stand, and which do: room, margins, heads, captions, signs, names of rows and columns."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import pytest
import small
from by_specs import compiled
from small import TRAIN, book

import sheetgen
from sheetgen.book import theme
from sheetgen.layout import measure
from sheetgen.layout.drawing.edges import APART, _columns
from sheetgen.layout.drawing.room import Room
from sheetgen.layout.plan import Label, SheetPlan

# Room


@pytest.fixture
def room() -> Room:
    """Columns of 5 characters; a matrix in C2:D3, a line left of column H."""
    return Room([5.0] * 10, [(2, 3, 2, 2)], {2: {8}})


def test_a_matrix_takes_its_cells(room: Room) -> None:
    assert room.free(2, 1, 2) and room.free(4, 3) and room.free(1, 1, 10)
    assert not room.free(2, 3) and not room.free(3, 4) and not room.free(2, 1, 3)


def test_a_text_is_written_once_and_takes_its_cells(room: Room) -> None:
    label = Label(2, 6, "Z", "name")
    assert room.write(label, 2) and room.labels == [label]
    assert not room.write(Label(2, 7, "A", "name")) and not room.free(2, 7) and room.free(2, 8)
    assert not room.write(Label(2, 4, "on a matrix", "name")) and not room.write(Label(9, 1, "", "name"))
    assert room.labels == [label]


def test_a_text_at_the_right_takes_the_cells_before_it(room: Room) -> None:
    assert room.write(Label(5, 4, "margin", "function", align="right"), 3)
    assert room.free(5, 1) and not room.free(5, 2, 3) and room.free(5, 5)


def test_a_text_needs_as_many_columns_as_it_is_wide(room: Room) -> None:
    assert room.reach(5, 3, "Z", 10, False, 9) == 1
    assert room.reach(5, 3, "0123456", 10, False, 9) == 2
    assert room.reach(5, 3, "0123456", 20, False, 9) == 3
    assert room.reach(5, 3, "0123456", 10, False, 1) == 0  # no more than it may


def test_a_text_stops_at_matrices_and_lines(room: Room) -> None:
    assert room.reach(2, 1, "0123456", 10, False, 9) == 2
    assert room.reach(2, 2, "0123456", 10, False, 9) == 0
    assert room.reach(2, 6, "0123456", 10, False, 9) == 2
    assert room.reach(2, 7, "0123456", 10, False, 9) == 0  # the line
    assert room.reach(2, 8, "0123456", 10, False, 9) == 2  # it may begin there


@pytest.mark.parametrize("widens", [True, False])
def test_a_caption_runs_over_the_edge_only_of_a_sheet_that_may_get_wider(widens: bool) -> None:
    room = Room([5.0] * 4, [], widens=widens)
    assert room.reach(1, 4, "0123456", 10, False, 9, edge=True) == (2 if widens else 0)
    assert room.reach(1, 4, "0123456", 10, False, 9) == 0


# What is written


def canvas(text: dict[str, object]) -> SheetPlan:
    return sheetgen.compile_text(json.dumps({"title": "t", **text})).plan.sheets[0]


def texts(sheet: SheetPlan, style: str) -> list[str]:
    return [label.text for label in sheet.labels if label.style == style]


LAYERS = {
    "matrices": {
        "X": {"role": "input", "value": [[1, 2], [3, 4]], "rows": ["wide", "high"], "columns": ["one", "two"]},
        "W": {"role": "parameter", "value": [[1, 0], [0, 1], [1, 1]]},
        "b": {"role": "parameter", "value": [1, 0, 0]},
        "V": {"role": "parameter", "value": [[1, 0, 2]]},
        "Y": {"role": "target", "value": [[1, 0]]},
    },
    "steps": [
        {"section": "Hidden"}, {"do": "A = relu(W @ X + b)", "say": "What is negative becomes 0."},
        {"section": "Output"}, "P = V @ A", "L = mse(P, Y)",
    ],
    "loss": "L", "backward": True, "update": {"learning_rate": 0.5},
}  # fmt: skip


@pytest.fixture(scope="module")
def page() -> SheetPlan:
    return canvas(LAYERS)


def test_each_band_has_its_badge_title_equations_and_sentence_in_the_margin(page: SheetPlan) -> None:
    for band, badge, title in zip(page.bands, ("1", "2"), ("Hidden", "Output"), strict=True):
        first = {label.column: label for label in page.labels if label.row == band.first_row}
        assert (first[1].text, first[1].style, first[2].text, first[2].style) == (badge, "badge", title, "section")
    assert [label.column for label in page.labels if label.style in ("equation", "sentence")][:4] == [2] * 4
    said = texts(page, "equation")
    assert said[0] == "Z = W·X + b" and "A = ReLU(Z)" in said
    assert "What is negative becomes 0." in [text.replace("\n", " ") for text in texts(page, "sentence")]


def test_the_lanes_have_heads(page: SheetPlan) -> None:
    assert page.heads == page.first_row - 1
    heads = [label for label in page.labels if label.row == page.heads]
    assert [label.text for label in sorted(heads, key=lambda label: label.column)][:2] == ["Parameters", "Forward ↓"]
    assert {label.style for label in heads} == {"head"}


def test_names_of_columns_stand_on_the_first_of_a_lane_and_the_last_of_a_band(page: SheetPlan) -> None:
    x = next(region for region in page.regions if region.name == "X")
    last = next(region for region in page.regions if region.name == "A")
    for row in (x.row - 1, last.row + last.height):
        found = [label.text for label in page.labels if label.row == row and label.style == "label"]
        assert found[:2] == ["one", "two"] or found == []
    assert "one" in texts(page, "label") and "wide" in texts(page, "label")


def test_names_that_their_columns_cannot_hold_are_wrapped_or_stand_upright() -> None:
    long = json.loads(json.dumps(LAYERS))
    for names, wrapped in ((["a very long name", "another one"], True), (["a name, extraordinarily", "b"], False)):
        long["matrices"]["X"]["columns"] = names
        found = [label for label in canvas(long).labels if (label.text, label.align) == (names[0], "center")]
        assert found and all((label.lines > 1, label.upright) == (wrapped, not wrapped) for label in found)


def test_a_caption_is_the_whole_equation_where_there_is_room(page: SheetPlan) -> None:
    names = texts(page, "name")
    assert any(text.endswith("P = V·A") for text in names)
    assert {"Y", "W"} <= {text.split(" ")[0] for text in names}


def test_a_sign_is_one_label_where_all_its_cells_are_free_and_fills_the_free_ones_elsewhere() -> None:
    sign = Label(2, 3, "→", "arrow", down=3)
    room = Room([4.0] * 8, [])
    room.write_each(sign)
    assert room.labels == [sign] and sign.height == 3
    assert not room.free(4, 3) and room.free(4, 4) and room.free(5, 3)
    room = Room([4.0] * 8, [(3, 3, 1, 1)])
    room.write_each(sign)
    assert [(x.row, x.column, x.height) for x in room.labels] == [(2, 3, 1), (4, 3, 1)]


def test_a_long_arrow_is_one_text_over_empty_cells_from_box_to_box() -> None:
    page = compiled("lora").plan.sheets[0]
    made, new = (next(r for r in page.regions if r.name == name) for name in ("dL_dB", "B_new"))
    (arrow,) = [x for x in page.labels if x.row == made.row and made.column < x.column < new.column]
    assert (arrow.column, arrow.align) == (new.column - 1, "right")
    assert set(arrow.text[:-1]) == {"—"} and arrow.text[-1] == "→"
    widths = dict(page.widths)
    wide = sum(widths.get(column, measure.COLUMN_WIDTH) for column in range(made.column + 1, new.column))
    assert wide - measure.text_width("—") < measure.text_width(arrow.text) <= wide


def test_arrows_stand_in_every_row_of_a_product(page: SheetPlan) -> None:
    v, p = (next(r for r in page.regions if r.name == name) for name in ("V", "P"))
    between = [x for x in page.texts if x.row == p.row and v.column + v.width <= x.column < p.column]
    assert [label.text for label in between] == ["→"] and between[0].style == "arrow"
    w, z = (next(r for r in page.regions if r.name == name) for name in ("W", "A"))
    rows = {label.row for label in page.texts if label.text == "→" and label.column < z.column}
    assert set(range(w.row, w.row + 3)) <= rows


def test_a_look_closer_names_its_terms() -> None:
    sheet = compiled("gcn").plan.sheets[0]
    title = next(label for label in sheet.labels if "Look closer" in label.text)
    under = [label for label in sheet.labels if title.row < label.row < title.row + 8 and label.style == "shape"]
    inside = [label.text.removeprefix("from ") for label in under if label.column >= title.column]
    assert inside[:5] == ["A", "B", "C", "D", "E"]
    assert all(label.pale for label in under if label.column >= title.column)


def test_an_axis_is_named_once_within_reach() -> None:
    """Not left and right of a square, not again on the same rows beside it, not under one box and over the next."""
    named = {"X": "{role: input, value: [[1, 2], [3, 4]], rows: [up, down], columns: [one, two]}"}
    made = sheetgen.compile_text(
        f"title: t\nmatrices: {{X: {named['X']}, Y: {named['X']}}}\nsteps: [A = X + Y, B = A * A, C = tanh(B)]\n"
    ).plan.sheets[0]
    at = {region.name: region for region in made.regions}
    for name in ("X", "B", "C"):
        rows = [x for x in made.labels if x.style == "label" and x.row == at[name].row]
        assert [x.text for x in rows if x.text == "up"] == ["up"], name
    assert texts(made, "label").count("one") == 2  # X's and Y's columns


def test_a_step_without_a_box_has_its_number_at_what_holds_it() -> None:
    """Gradients of what stands inside of a root are written into the formula of what it is made of."""
    steps = ["Z = W @ X", "U = Z / sqrt(sum(Z ** 2, axis=0))", "L = sum(U * Y)"]
    made = book("X input 3x2, W parameter 3x3, Y target 3x2", steps, TRAIN)
    captions = {label.text for label in made.plan.sheets[0].labels if label.style in ("name", "function")}
    told = {row.number: row.equation for row in made.plan.steps}
    assert told[8].startswith("∂Z = ") and "(6–8) ∂Z" in captions
    assert not any(caption.startswith(("(6) ", "(7) ")) for caption in captions)


# Names beside one another


def _free_between(sheet: SheetPlan, style: str) -> list[float]:
    """Characters that are free between texts in the middle of neighbouring columns."""
    widths, size = dict(sheet.widths), theme.LABELS[style].size  # type: ignore[index]
    found = [x for x in sheet.labels if (x.style, x.align, x.lines, x.upright) == (style, "center", 1, False)]
    free = {(x.row, x.column): (widths[x.column] - measure.text_width(x.text, size)) / 2 for x in found}
    return [free[at] + free[at[0], at[1] + 1] for at in free if (at[0], at[1] + 1) in free]


def _named(names: list[str], more: str = "") -> SheetPlan:
    listed, numbers = ", ".join(names), ", ".join("1" for _ in names)
    return sheetgen.compile_text(f"""\
title: T
matrices:
  X: {{role: input, value: [[{numbers}], [{numbers}]], columns: [{listed}]}}
  W: {{role: parameter, value: [[1, 2], [2, 1]]}}
steps:
  - Z = W @ X
{more}""").plan.sheets[0]


def test_names_of_neighbouring_columns_do_not_read_as_one_line() -> None:
    free = _free_between(_named(["photo 1", "photo 2", "photo 3"]), "label")
    assert free and min(free) >= APART - 1e-9


def test_names_in_columns_that_can_not_be_wider_stand_in_more_lines_or_in_small_print() -> None:
    room, names = Room([4.75] * 12, []), ["action", "charm"]
    box = next(box for box in small.page("A input 2x2, B input 2x2", ["C = A @ B"]).boxes if box.matrix == "A")
    box = replace(box, row=5, column=3, labels=replace(box.labels, above=True))
    assert {x.style for x in _columns(room, box, names, 1, below=False)} == {"shape"}
    assert {x.style for x in _columns(room, box, ["far", "near"], 1, below=False)} == {"label"}
    wide = Room([5.88] * 12, [])
    assert {x.lines for x in _columns(wide, box, ["photo 1", "photo 2"], 1, below=False)} == {2}


def test_what_the_terms_of_a_look_closer_are_called_stands_apart() -> None:
    canvas = sheetgen.compile_text("""\
title: T
matrices:
  M: {role: input, value: [[1, 2, 0, 1, 2], [0, 1, 1, 2, 0]]}
  S: {role: input, value: [[1, 0, 1, 0, 0], [0, 1, 1, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 1, 1], [0, 0, 0, 1, 1]],
      rows: [A, B, C, D, E], columns: [A, B, C, D, E]}
steps:
  - H = M @ S
  - explain: H[:, 0]
""").plan.sheets[0]
    assert "from E" in texts(canvas, "shape")
    assert min(_free_between(canvas, "shape")) >= APART - 1e-9


@pytest.mark.parametrize("turns", [4, 5])
def test_heads_of_turns_leave_room_to_the_next_one(turns: int) -> None:
    ones = ", ".join("1" * turns)
    canvas = sheetgen.compile_text(f"""\
title: T
matrices:
  H0: {{role: constant, value: [0, 0]}}
  x: {{role: input, value: [[{ones}]]}}
  Wx: {{role: parameter, value: [[0.5], [0.3]]}}
  Wh: {{role: parameter, value: [[0.2, 0.4], [-0.3, 0.1]]}}
  b: {{role: parameter, value: [0, 0]}}
  V: {{role: parameter, value: [[1, -1]]}}
  Y: {{role: target, value: [[{ones}]]}}
steps:
  - for: t in 1..{turns}
    steps:
      - section: Time step {{t}}
      - do: H{{t}} = tanh(Wx @ x[:, {{t-1}}] + Wh @ H{{t-1}} + b)
  - section: Output
  - H = hstack([{", ".join(f"H{k + 1}" for k in range(turns))}])
  - P = V @ H
  - L = mse(P, Y, reduction="mean")
loss: L
backward: true
""").plan.sheets[0]
    widths = dict(canvas.widths)
    heads = sorted((x.column, x) for x in canvas.labels if x.text.startswith("t") and "=" in x.text
                   and x.style in ("turn", "head"))  # fmt: skip
    assert len(heads) == 2 * turns
    ends = {}
    for column, label in heads:
        need, left = measure.text_width(label.text, theme.LABELS[label.style].size, True), label.align == "left"
        start = sum(widths[k] for k in range(1, column if left else column + 1))
        ends[column] = (start, start + need) if left else (start - need, start)
    for (_, end), (start, _) in pairwise(ends.values()):
        assert end + 0.8 <= start, ends


def test_no_name_of_a_part_is_cut_off() -> None:
    """The first turn tells what stands in a narrow lane: `rewa…` in the next ones tells nobody anything."""
    beside = texts(compiled("returns_by_loop").plan.sheets[0], "function")
    assert "rewards" in beside and not [text for text in beside if text.startswith("rewa") and text != "rewards"]


SQUARES = """
title: Squares in narrow lanes
matrices:
  W: {role: parameter, value: [[1, 0], [1, 1]]}
  h_0: {role: parameter, value: [1, 2]}
steps:
  - for: t in 1..4
    steps:
      - mansion_{t} = W @ h_{t-1}
      - n_{t} = sqrt(sum(mansion_{t} ** 2))
      - h_{t} = mansion_{t} / (1 + n_{t})
  - L = sum(h_4 ** 2)
loss: L
backward: true
"""


def test_the_gradient_of_a_square_in_a_narrow_lane_says_that_rather_than_half_a_name() -> None:
    names = texts(sheetgen.compile_text(SQUARES).plan.sheets[0], "name")
    assert names.count("∂(…)²") == 3 and not [name for name in names if name.endswith("…")]


@pytest.mark.parametrize(("about", "arrows"), [("truth", 3), ("the right answers", 0)])
def test_arrows_come_in_over_all_columns_or_over_none(about: str, arrows: int) -> None:
    """A target's caption may cover the place of the first."""
    names = ["x1", "x2", "x3"]
    sheet = canvas({
        "matrices": {
            "X": {"role": "input", "value": [[1, 0, 1], [0, 1, 1]], "columns": names},
            "V": {"role": "parameter", "value": [[1, -1], [2, 1], [0, 1]]},
            "W": {"role": "parameter", "value": [[1, -1, 2]]},
            "Y": {"role": "target", "value": [[1, 1, 0]], "columns": names, "about": about},
        },
        "steps": [{"section": "Hidden"}, "A = sigmoid(V @ X)", {"section": "Output"}, "P = sigmoid(W @ A)",
                  {"section": "Loss"}, "L = mse(P, Y)"],
        "loss": "L", "backward": True, "update": {"learning_rate": 0.5},
    })  # fmt: skip
    squares = next(region for region in sheet.regions if region.name == "L_squares")
    columns = range(squares.column, squares.column + squares.width)
    (row,) = [label.row for label in sheet.labels if label.text == f"Y  {about}"]
    came = [label for label in sheet.labels if label.text == "↓" and label.row == row and label.column in columns]
    assert len(came) == arrows
