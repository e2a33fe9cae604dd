"""Rails, state lines and frames as lines along cells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from by_numbers import built
from by_specs import compiled
from checks_page import placed

from sheetgen.book import theme
from sheetgen.layout.drawing.room import Room
from sheetgen.layout.drawing.strokes import GRADIENT, MEMORY, STATE, frames, lines
from sheetgen.layout.geometry.figure import Box, Frame, Link, Placement, Rail
from sheetgen.layout.measure import text_width
from sheetgen.layout.plan import Diagonal, Edge, Label, Role
from sheetgen.workbook import Workbook


def box(key: str, row: int, column: int, height: int = 3, width: int = 2) -> Box:
    return Box(key, key, "home", "forward", 0, row, column, height, width, None, band=0)


EMPTY = Placement((), (), (), (), (), (), (), (), (), "none", (0,), 5, 40)


def drawn(role: Role = Role.ACTIVATION, **fields: object) -> list[Edge | Diagonal | Label]:
    """What is drawn of boxes A (rows 8–10, columns 5–6) and B (rows 20–22, the same columns)."""
    placement = replace(EMPTY, boxes=(box("A", 8, 5), box("B", 20, 5)), **fields)  # type: ignore[arg-type]
    turns = {"A": "t=4", "B": "t=5"}
    found = list(lines(placement, {"A": 1, "B": 4}, {"A": "A", "B": "B"}.__getitem__, turns.__getitem__, {"A": role}))
    assert {sheet for sheet, _ in found} <= {0}
    return [line for _, line in found]


def test_a_rail_leaves_its_source_and_enters_the_second_row_of_its_target() -> None:
    out, down, back, head = drawn(rails=(Rail("A", "B", 0, 7, 8, 21, 7, 7, False, 0),))
    assert out == Edge(8, 7, 1, 1, "bottom", 1, step=4)
    assert down == Edge(9, 7, 13, 1, "right", 1, step=4, carries="A ↓")
    assert back == Edge(21, 7, 1, 1, "bottom", 1, step=4)
    assert head == Label(21, 7, "◄A", "function", 4, hue=1)


def test_the_rail_of_a_gradient_goes_up_and_adds() -> None:
    out, up, back, head = drawn(rails=(Rail("B", "A", 0, 8, 20, 9, 7, 7, True, 2),))
    assert isinstance(head, Label) and (head.row, head.column, head.text, head.hue) == (9, 7, "◄ +", 3)
    assert isinstance(up, Edge) and (up.row, up.rows, up.column) == (10, 11, 8)
    assert isinstance(out, Edge) and isinstance(back, Edge) and (out.side, back.side) == ("bottom", "bottom")


def test_a_state_line_rises_to_the_next_turn() -> None:
    line, head = drawn(links=(Link("A", "B", 0, ((22, 7), (10, 8)), (21, 7), (9, 7), False),))
    assert head == Label(9, 7, "▸", "arrow", 4, "center", hue=STATE)
    assert line == Diagonal(10, 7, 12, True, STATE, 4)


def test_a_state_line_goes_round_what_is_in_the_way_and_has_the_colour_of_its_box() -> None:
    out, up, into, head = drawn(Role.MEMORY, links=(Link("A", "B", 0, ((22, 7), (22, 9), (10, 9), (10, 11)), (21, 7),
                                                         (9, 10), False),))  # fmt: skip
    assert out == Edge(21, 7, 1, 2, "bottom", MEMORY, step=4)
    assert up == Edge(10, 8, 12, 1, "right", MEMORY, step=4, carries="A ↑")
    assert into == Edge(9, 9, 1, 2, "bottom", MEMORY, step=4)
    assert (theme.hue(MEMORY), theme.hue(STATE)) == (theme.LOOKS[Role.MEMORY].outline[1], theme.HUES[2])  # type: ignore[index]
    assert isinstance(head, Label) and (head.row, head.column) == (9, 10)


def test_a_gradient_s_line_falls_to_the_turn_before() -> None:
    line, head = drawn(links=(Link("A", "B", 0, ((21, 7), (9, 8)), (21, 7), (9, 7), True),))
    assert isinstance(head, Label) and (head.row, head.text) == (21, "◂")
    assert isinstance(line, Diagonal) and (line.row, line.rows, line.hue) == (9, 12, GRADIENT)


def test_a_wrapped_state_leaves_the_page_and_enters_it_again() -> None:
    ends = drawn(links=(Link("A", "B", 0, (), (9, 7), (30, 4), False, wraps=True),))
    texts = [(x.row, x.column, x.text, x.align) for x in ends if isinstance(x, Label)]
    assert texts == [(9, 7, "▸ t=5", "left"), (30, 4, "A, from above ▸", "right")]
    ends = drawn(links=(Link("B", "A", 0, (), (9, 7), (30, 4), True, wraps=True),))
    assert [(x.row, x.text) for x in ends if isinstance(x, Label)] == [(9, "◂ t=5"), (30, "◂")]


def test_a_frame_has_four_sides_in_its_turn_s_colour() -> None:
    """But no line along a matrix that stands at its edge, which has an outline of its own, and none through a text."""
    frame = Frame("turn", 0, 7, 3, 10, 4, 0, 0, turn=1)
    placement = replace(EMPTY, boxes=(box("A", 8, 5), box("B", 20, 5)), frames=(frame,))
    room = Room([5.0] * 9, [])
    room.write(Label(14, 6, "A caption that runs on", "name"), 3)
    found = list(frames(placement, 0, {}, room))
    assert all(edge.hue == 2 for edge in found) and list(frames(placement, 1, {}, room)) == []
    assert {(e.side, e.row, e.column, e.rows, e.columns) for e in found} == {
        ("top", 7, 3, 1, 4), ("bottom", 16, 3, 1, 4), ("left", 7, 3, 10, 1), ("right", 7, 6, 1, 1),
        ("right", 11, 6, 3, 1), ("right", 15, 6, 2, 1),
    }  # fmt: skip
    whole = replace(placement, frames=(replace(frame, kind="closer", turn=None),))
    edges = frames(whole, 0, {}, Room([5.0] * 9, []))
    sides = {(edge.row, edge.column, edge.rows) for edge in edges if edge.side in ("left", "right")}
    assert sides == {(7, 3, 10), (7, 6, 10)}  # a Look closer is one box, whatever copies stand at its edge


def test_a_frame_s_side_goes_on_along_copies() -> None:
    """Whose dashes are no outline that it could take the place of."""
    made = compiled("self_attention")
    (frame,) = (each for each in placed(made.program).frames if each.kind == "closer")
    rows = range(frame.row, frame.row + frame.height)
    assert len([r for r in made.plan.sheets[0].regions if r.column == frame.column and r.row in rows]) == 2
    sides = [(e.row, e.rows) for e in made.plan.sheets[0].edges if (e.column, e.side) == (frame.column, "left")]
    assert sides == [(frame.row, frame.height)]


@pytest.mark.parametrize(("name", "lines_per_sheet"), [("rnn", 3), ("lstm", 3)])
def test_every_state_of_a_loop_has_its_line(name: str, lines_per_sheet: int) -> None:
    plan = compiled(name).plan
    forward = plan.sheets[0]
    heads = [label for label in forward.labels if label.text == "▸"]
    assert len(heads) >= lines_per_sheet and len({head.column for head in heads}) >= lines_per_sheet


def test_residuals_have_rails() -> None:
    sheet = compiled("resnet").plan.sheets[0]
    heads = [label for label in sheet.labels if label.text.startswith("◄")]
    assert len(heads) >= 2 and {head.hue for head in heads} <= {edge.hue for edge in sheet.edges}


def test_the_name_at_a_rail_s_end_touches_neither_the_matrix_nor_the_rail() -> None:
    made = compiled("resnet")
    sheet = made.plan.sheets[0]
    widths = dict(sheet.widths)
    for head in (label for label in sheet.labels if label.text.startswith("◄")):
        size = theme.LABELS[head.style].size
        assert widths[head.column] >= text_width(head.text, size) + 1  # the rail is this column's right side


def test_turns_with_state_lines_between_them_have_no_sides() -> None:
    """The lines stand where these would."""
    frame = Frame("turn", 0, 7, 3, 10, 4, 0, 0, turn=1)
    links = (Link("A", "B", 0, ((22, 7), (10, 8)), (21, 7), (9, 7), False),)
    for extra, sides in ((), {"top", "bottom", "left", "right"}), (links, {"top", "bottom"}):
        placement = replace(EMPTY, boxes=(box("A", 8, 5), box("B", 20, 5)), frames=(frame,), links=extra)
        assert {edge.side for edge in frames(placement, 0, {}, Room([5.0] * 9, []))} == sides


def heads(*steps: str) -> Workbook:
    """Two heads with weights of their own, in frames."""
    w = np.arange(4).reshape(2, 2) / 2
    matrices = {"X": ("input", np.ones((2, 2))), "W_1": ("parameter", w), "W_2": ("parameter", 1 - w)}
    loop = {"for": "h in 1..2", "steps": ["Q_{h} = W_{h} @ X", *steps]}
    return built(matrices, [loop, "Z = vstack([R_1, R_2])", "L = sum(Z ** 2)"])


def pierced(made: Workbook) -> list[str]:
    """The gaps in the sides of turns' frames, by the texts on their rows: what is a matrix's apart."""
    found = []
    for sheet in made.plan.sheets:
        sides = {(e.column, e.side, row) for e in sheet.edges if e.hue and e.side in ("left", "right")
                 for row in range(e.row, e.row + e.rows)}  # fmt: skip
        framed = {frame.row: frame for frame in sheet.edges if frame.hue and frame.side == "top"}
        assert framed
        for column, side in {side[:2] for side in sides}:
            rows = [row for c, s, row in sides if (c, s) == (column, side)]
            gaps = set(range(min(rows), max(rows))) - {*rows}
            gaps -= {row for r in sheet.regions if r.column <= column < r.column + r.width
                     for row in range(r.row, r.row + r.height)}  # fmt: skip
            found += [label.text for label in sheet.labels if label.row in gaps]
    return found


def test_no_caption_runs_through_the_side_of_a_frame() -> None:
    """It is told in a shorter form, where the air beside the lane can't get wider."""
    made = heads("V_{h} = relu(Q_{h}) / 3 + 0.125", "R_{h} = tanh(V_{h}) / 2 + relu(V_{h} - 0.25) + 1")
    assert pierced(made) == []


def test_the_air_in_frames_is_as_wide_as_captions_need() -> None:
    texts = [label.text for label in heads("E_{h} = relu(2 * Q_{h})", "R_{h} = Q_{h} + E_{h}").plan.sheets[0].labels]
    assert {"(3) R₁ = Q₁ + E₁", "(6) R₂ = Q₂ + E₂"} <= {*texts}


def test_a_name_stands_in_the_frame_of_what_it_names() -> None:
    """Not left of the frame's side."""
    X, K = np.ones((4, 4)), np.ones((2, 2))
    matrices = {"X": ("input", X), **{f"K_{k}": ("parameter", k * K) for k in (1, 2)},
                **{f"b_{k}": ("parameter", [[k]]) for k in (1, 2)}}  # fmt: skip
    loop = {"for": "k in 1..2", "steps": ["Z_{k} = conv2d(X, K_{k}) + b_{k}"]}
    sheet = built(matrices, [loop, "S = Z_1 + Z_2", "L = sum(S ** 2)"]).plan.sheets[0]
    box = next(region for region in sheet.regions if region.name == "b_2")
    name = next(label for label in sheet.labels if label.text == "b₂")
    assert (name.row, name.column) == (box.row, box.column + 1)


@pytest.mark.parametrize(("text", "rows"), [("Z", {*range(7, 17)}), ("a wide text", {*range(8, 17)})])
def test_a_frame_s_right_side_is_left_out_where_a_caption_ends_at_it_over_a_matrix(text: str, rows: set[int]) -> None:
    """Where nothing stands between the matrix and the frame."""
    frame = Frame("turn", 0, 6, 3, 12, 4, 0, 0, turn=1)
    room = Room([5.0] * 9, [])
    room.write(Label(7, 5, text, "name"), room.reach(7, 5, text, 10.0, True, 4))
    lines = frames(replace(EMPTY, boxes=(box("A", 8, 5),), frames=(frame,)), 0, {}, room)
    sides = [edge for edge in lines if edge.side == "right"]
    found = {row for edge in sides for row in range(edge.row, edge.row + edge.rows)}
    assert {edge.column for edge in sides} == {6} and found == {6, *rows} - {8, 9, 10} | {17}
