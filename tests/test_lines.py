"""Lines between boxes: states of loops, rails, and the order that keeps what is read above its reader."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import small
from by_specs import PATHS, SPECS, compiled
from checks_lines import missing_line
from page_checks import page_of, placed

from sheetgen.api import program_of
from sheetgen.layout.geometry import check
from sheetgen.layout.geometry.arrange import arrange
from sheetgen.layout.geometry.constraints import Below, Infeasible, Tie, smallest_rows
from sheetgen.layout.geometry.figure import Placement
from sheetgen.layout.geometry.fit import Choice
from sheetgen.layout.geometry.lay import lay
from sheetgen.layout.geometry.simplify import simplify
from sheetgen.layout.geometry.sketches import Sketches
from sheetgen.layout.geometry.text import bordered
from sheetgen.spec.read import load, loads


def page(text: str) -> Placement:
    return placed(program_of(loads(text)))


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_lines_have_heads_and_run_through_nothing(path: Path) -> None:
    made = page_of(compiled(path.stem))
    assert check.struck(made.placement) == []
    assert [problem for sheet in made.sheets for problem in missing_line(made, sheet)] == []


ROW_STATE = """
title: A row that every turn reads at the left
matrices:
  X: {role: input, value: [[1, 0, 2, 1], [1, 1, 1, 1]]}
  Y: {role: input, value: [[1, 2, 0, 1]]}
  w0: {role: parameter, value: [[1, 0]]}
steps:
  - for: t in 1..3
    steps:
      - E{t} = w{t-1} @ X - Y
      - w{t} = w{t-1} - 0.1 * E{t} @ X.T
"""


def test_a_state_comes_round_what_stands_in_the_slots() -> None:
    """Straight pieces only, and one column more between the turns, in which they have room."""
    links = page(ROW_STATE).links
    assert [(link.source, link.target) for link in links] == [("w1", "w1@1"), ("w2", "w2@1")]
    for link in links:
        assert len(link.path) > 2
        assert all((a == c) != (b == d) for (a, b), (c, d) in pairwise(link.path))


def test_a_state_line_turns_at_no_corner_of_a_box_and_on_no_band_s_edge() -> None:
    placement = placed(compiled("kalman").program)
    corners = {(r, c) for b in placement.boxes for r in (b.row, b.below) for c in (b.column, b.right)}
    edges = {band.first_row for band in placement.bands}
    assert placement.links
    for link in placement.links:
        assert corners.isdisjoint(link.path[1:-1])
        assert edges.isdisjoint(row for row, _ in link.path)


COLUMN_STATE = """
title: A column that the next turn reads from above
matrices:
  W: {role: parameter, value: [[1, 0], [0, 1]]}
  h0: {role: constant, value: [[1], [2]]}
steps:
  - for: t in 1..3
    steps:
      - h{t} = tanh(W @ h{t-1})
"""


def test_a_state_slants_through_a_gap_of_one_column() -> None:
    sketches = Sketches(simplify(program_of(loads(COLUMN_STATE))))
    placement = arrange(lay(sketches, lambda block, mode: (), Choice("none", split=False)), lambda block, mode: (), ())
    boxes = {box.key: box for box in placement.boxes}
    for link in placement.links:
        (row, column), (above, right) = link.path
        assert (row, column) == (boxes[link.source].row + 1, boxes[link.source].right)
        assert (above, right) == (boxes[link.target].row + 1, boxes[link.target].column)
        assert right == column + 1


TWICE = """
title: Added twice
matrices:
  X: {role: input, value: [[1, 0, 2], [0, 1, 1]]}
  W: {role: parameter, value: [[1, 1], [0, 1]]}
steps:
  - section: One
  - A = relu(W @ X)
  - B = relu(W @ A)
  - section: Two
  - C = relu(W @ B)
  - D = C + A
  - section: Three
  - E = relu(W @ D)
  - F = relu(E + A)
"""


def test_rails_of_one_source_share_a_column() -> None:
    rails = page(TWICE).rails
    assert [rail.source for rail in rails] == ["A", "A"]
    assert rails[0].column == rails[1].column and rails[0].colour == rails[1].colour
    assert rails[0].target_row < rails[1].target_row


def test_a_rail_ends_right_of_what_is_glued_to_its_target() -> None:
    """The sums of a softmax along rows stand at its right."""
    steps = ["Scores:", "S = X.T @ X", "N = S @ S", "One:", "M = X @ N", "Two:", "P = softmax(S + N, axis=1)",
             "L = sum(P * P)"]  # fmt: skip
    placement = small.page("X parameter 2x3", steps, "loss: L\nbackward: true")
    boxes = {box.key: box for box in placement.boxes}
    (rail,) = (rail for rail in placement.rails if rail.source == "N")
    glued = [box.right for box in placement.boxes if box.glued == "right" and box.column == boxes[rail.target].right]
    assert glued and rail.back == max(glued) <= rail.column


def test_a_copy_does_not_stand_above_what_it_shows() -> None:
    """A filter's last matrix reads what is computed in another lane, and is drawn below it."""
    steps = small.loop(
        "u_{t} = F @ x_{t-1}", "Q_{t} = F @ P_{t-1} @ F.T + D", "e_{t} = z[:, {t-1}] - H @ u_{t}",
        "S_{t} = H @ Q_{t} @ H.T + n", "K_{t} = Q_{t} @ H.T / S_{t}", "x_{t} = u_{t} + K_{t} @ e_{t}",
        "P_{t} = (eye(2) - K_{t} @ H) @ Q_{t}", turns=4,
    )  # fmt: skip
    numbers = "z input 1x4, x_0 input 2x1, P_0 constant 2x2, F constant 2x2, H constant 1x2, D constant 2x2"
    placement = small.page(f"{numbers}, n constant 1x1", [steps])
    boxes = {box.key: box for box in placement.boxes}
    copies = [box for box in boxes.values() if box.kind == "copy" and box.of in boxes]
    same = [(boxes[box.of], box) for box in copies if (boxes[box.of].band, boxes[box.of].turn) == (box.band, box.turn)]
    assert len(same) > 10
    assert [box.key for source, box in same if box.row < source.row] == []


def test_a_soft_order_gives_way_to_the_others() -> None:
    ties, hard = [Tie(0, 1, 2)], [Below(1, 2, 3)]
    assert smallest_rows([0, 0, 0], ties, hard) == [0, 2, 5]
    assert smallest_rows([0, 0, 0], ties, [*hard, Below(2, 0, 0, soft=True)]) == [0, 2, 5]
    assert smallest_rows([0, 0, 0], ties, [*hard, Below(0, 2, 9, soft=True)]) == [0, 2, 9]
    assert smallest_rows([0, 0, 0], ties, [*hard, Below(0, 1, 7, soft=True)]) == [0, 2, 5]
    with pytest.raises(Infeasible):
        smallest_rows([0, 0, 0], ties, [*hard, Below(2, 0, 0)])


def test_what_later_turns_bring_stands_as_high_as_in_the_first() -> None:
    """The whole input has rows of its own above the first turn's column of it, so that turns can stand close."""
    placement = placed(program_of(load(PATHS["bidirectional_rnn"])))
    wanted = ("copy", "X", "forward", 0)
    columns = [box for box in placement.boxes if (box.kind, box.of, box.phase, box.sheet) == wanted]
    first = [box for box in columns if box.band == 0]
    assert len(first) == 5 and len({box.row for box in first}) == 1
    assert [b.column - a.column for a, b in pairwise(first)] == [3] * 4


def test_rails_into_one_box_have_heads_of_their_own() -> None:
    steps = ["One:", "A = W @ X", "Two:", "B = relu(A)", "Three:", "D = W @ B", "Four:", "T = tanh(D) + A + B"]
    rails = small.page("X input 3x4, W parameter 3x3", steps).rails
    assert [(rail.source, rail.target) for rail in rails] == [("A", "T"), ("B", "T")]
    assert rails[0].target_row + 1 == rails[1].target_row


def test_no_border_of_a_turn_cuts_a_softmax_that_would_stand_beside() -> None:
    """With this chart the page lies on its side, and the softmax of the first sentence would reach into the second."""
    placement = page(PATHS["padding"].read_text(encoding="utf-8").replace("beside: A_short", "beside: L"))
    assert {frame.turn for frame in placement.frames if frame.kind == "turn"} == {0, 1}
    assert not bordered(placement.boxes, placement.frames)
