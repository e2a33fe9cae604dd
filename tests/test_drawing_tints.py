"""Fills that say what meets what, and cells that are picked out by what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from by_numbers import built
from by_specs import compiled
from small import TRAIN, book, loop
from test_drawing_lines import EMPTY

from sheetgen.book import theme
from sheetgen.book.regions import drawn
from sheetgen.book.rules import INKED, PICKED, region_formats
from sheetgen.book.sheet import Rule
from sheetgen.book.styles import Looks
from sheetgen.ir.node import call, matrix
from sheetgen.layout.drawing.tints import tints
from sheetgen.layout.geometry.figure import Box
from sheetgen.layout.plan import Region, Role


def region(spec: str, name: str) -> Region:
    return next(r for r in compiled(spec).plan.sheets[0].regions if r.name == name)


def copies(spec: str, sheet: int, stem: str) -> list[Region]:
    regions = compiled(spec).plan.sheets[sheet].regions
    return [r for r in regions if r.role is Role.COPY and r.name.startswith(stem)]


def rules(*regions: Region) -> dict[str, list[str]]:
    """The conditions of the rules of each range, with what they change."""
    looks = Looks()
    formats = region_formats(drawn(regions), looks)
    tint = {number: tint for tint, number in looks.ids.items()}
    return {
        place: [rule.formula for rule in form.rules if isinstance(rule, Rule) and tint[rule.look].fill is not None]
        for form in formats for place in form.ranges
    }  # fmt: skip


def test_heads_that_are_stacked_have_the_colours_of_their_turns() -> None:
    """And so have the columns of the weights that meet them."""
    assert region("multi_head_attention", "Wo").tints == ((0, 2, 1), (2, 4, 2))
    assert region("multi_head_attention", "Z").parts == ((0, 2, 1), (2, 4, 2))
    assert theme.tint(1) != theme.tint(2) and theme.tint(Role.INPUT) == theme.LOOKS[Role.INPUT].fill


def test_what_a_weight_meets_keeps_its_role_s_look() -> None:
    assert [tint for *_, tint in region("lstm", "Wf").tints] == [Role.INPUT, Role.ACTIVATION]


def test_a_stack_within_a_stack_keeps_the_looks_of_its_parts() -> None:
    """As the weights do that meet it."""
    looks = [tint for *_, tint in region("densenet", "D2").parts]
    assert looks == [Role.INPUT, *[Role.ACTIVATION] * 2] == [tint for *_, tint in region("densenet", "Wo").tints]


def test_copies_of_tinted_weights_are_tinted_and_turned_ones_by_rows() -> None:
    step = "H_{t} = tanh(W @ vstack([X[:, {t-1}], H_{t-1}]))"
    given = "X input 2x3, H_0 constant 2x1, W parameter 2x4, V parameter 1x2"
    made = book(given, [loop(step), "Y = V @ H_3", "L = sum(Y ** 2)"], TRAIN)
    new, old = (next(r for r in made.plan.sheets[k].regions if r.name == name)
                for k, name in ((1, "W_new@again"), (0, "W")))  # fmt: skip
    assert new.role is Role.COPY and new.tints == old.tints == ((0, 2, Role.INPUT), (2, 4, Role.ACTIVATION))
    stack = Box("s", "", "copy", "forward", 0, 9, 1, 4, 1, call("vstack", matrix("x", (2, 1)), matrix("h", (2, 1))))
    product = Box("z", "z", "home", "forward", 0, 9, 9, 2, 1, matrix("W", (2, 4)) @ matrix("s", (4, 1)))
    turned = Box("W@1", "W", "copy", "backward", 0, 20, 9, 4, 2, None, turned=True)
    homes = [Box(n, n, "home", "forward", 0, 1, 1, 2, 1, None) for n in ("x", "h", "W")]
    placement = replace(EMPTY, boxes=(*homes, stack, product, turned))
    columns, rows = tints(placement, {"x": Role.INPUT, "h": Role.ACTIVATION, "W": Role.PARAMETER})
    assert columns["W"] == rows["W@1"] == rows["s"] == ((0, 2, Role.INPUT), (2, 4, Role.ACTIVATION))


def test_a_copy_of_a_target_is_dark_and_one_of_an_image_has_its_ink() -> None:
    X = np.ones((2, 2))
    look = [each.look for each in drawn([Region("Y@1", Role.COPY, 1, 1, X, like=Role.TARGET),
                                         Region("X@1", Role.COPY, 5, 1, X, like=Role.INPUT)])]  # fmt: skip
    assert (look[0].fill, look[0].ink) == (theme.LOOKS[Role.TARGET].fill, theme.WHITE)
    assert look[0].outline == look[1].outline == theme.LOOKS[Role.COPY].outline and look[1].fill == theme.WHITE
    images = [r for k in (0, 1, 2) for r in copies("cnn", k, "X") if min(r.values.shape) > 1]
    assert all(r.image for r in images) and region("cnn", "X").image
    assert {r.like for r in copies("lstm", 1, "Y")} <= {Role.TARGET}


def test_the_right_class_of_an_answer_is_picked_out_wherever_the_target_says() -> None:
    P, Y = region("mlp", "Y_pred"), region("mlp", "Y")
    assert P.picked == f"{_cell(Y)}=1"
    assert rules(P)[_span(P)][-1] == f"AND({P.picked},ISNUMBER({_cell(P)}))"
    assert region("clip", "P_image").picked is not None  # a diagonal is a target as well


def test_columns_that_are_looked_up_are_picked_out_in_their_table() -> None:
    Vin, centre = region("word2vec", "Vin"), region("word2vec", "centre")
    cell = _cell(centre)
    assert Vin.picked == f"COUNTIF(${cell[:-1]}${cell[-1]},COLUMN()-{Vin.column})>0"


def test_what_holds_is_picked_out_and_what_was_left_out_is_dark() -> None:
    belongs = region("kmeans", "G_1")
    assert belongs.picked == f"{_cell(belongs)}=1" and not belongs.dark_zeros
    steps = ["G = softmax(S)", "chosen = G > min(G, axis=0)", "kept = G * chosen", "share = kept / sum(kept, axis=0)"]
    gate = built({"S": ("input", [[2, 1], [1, 2], [-2, -1]])}, steps, loss=None).plan.sheets[0].regions
    dark = {r.name: r.dark_zeros for r in gate}
    assert [dark[name] for name in ("G", "chosen", "kept", "share")] == [False, False, True, True]
    best = region("sampling", "may_k")
    assert best.picked == f"{_cell(best)}=1"


def test_pixels_that_are_put_into_a_rectangle_are_black_and_white() -> None:
    picture = region("hopfield", "picture_3")
    assert picture.inked and not region("hopfield", "s_T").inked
    assert any(">0" in condition for condition in rules(picture)[_span(picture)])
    made = built({"x": ("input", [1, 2, 3, 4])}, ["A = reshape(x, (2, 2))"], loss=None)
    assert not any(r.inked for r in made.plan.sheets[0].regions)


def test_picked_and_inked_digits_can_be_read() -> None:
    from test_book_theme import contrast

    for tint in (PICKED, INKED):
        assert contrast(tint.color or "", tint.fill or "") >= 4.5
    for hue in range(1, 8):
        assert contrast(theme.LOOKS[Role.FORWARD].ink, theme.tint(hue) or "") >= 4.5


def _cell(region: Region) -> str:
    from sheetgen.cells.a1 import span

    return span(region.row, region.column)


def _span(region: Region) -> str:
    from sheetgen.cells.a1 import span

    return span(region.row, region.column, region.height, region.width)
