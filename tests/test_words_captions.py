"""What stands at the boxes: on boxes set by hand, and over every spec that there is."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from by_specs import PATHS, SPECS
from words_by_hand import blocks, page, plain_boxes, program, program_of, written

import sheetgen
from sheetgen.ir.node import Node, matrix
from sheetgen.layout.geometry.figure import Block, Box, Frame, Head
from sheetgen.layout.words import heads
from sheetgen.layout.words.badges import badge, spans
from sheetgen.layout.words.captions import Captions, captions
from sheetgen.layout.words.loops import turn_titles
from sheetgen.layout.words.margin import margins
from sheetgen.layout.words.vocabulary import vocabulary
from sheetgen.spec import read

SOFTMAX = """title: t
matrices:
  Z: {role: input, value: [[1, 2], [3, 4]], about: two scores}
steps:
  - P = softmax(Z)
"""


def box(key: str, expr: Node | None, row: int, height: int = 2, **fields: object) -> Box:
    """A box of two columns at column 5."""
    made = {"matrix": key.partition("@")[0], "kind": "home", "phase": "forward", "sheet": 0, **fields}
    return Box(key, row=row, column=5, height=height, width=2, expr=expr, **made)  # type: ignore[arg-type]


def softmax_page() -> Captions:
    """Z, its maximum glued under it, the exponentials, their sum glued, and P."""
    z, e = matrix("Z", (2, 2)), matrix("P_exp", (2, 2))
    largest = Node("max", (z,), (1, 2), (("axis", 0),))
    row = matrix("P_exp@max", (1, 2))
    exp = Node("exp", (Node("subtract", (z, row), (2, 2)),), (2, 2))
    share = Node("divide", (e, matrix("P_sum", (1, 2))), (2, 2))
    return captions(vocabulary(written(SOFTMAX)), page(
        box("Z", None, 5), box("P_exp@max", largest, 7, 1, matrix="", kind="row", of="P_exp", glued="under"),
        box("P_exp", exp, 9), box("P_sum", Node("sum", (e,), (1, 2), (("axis", 0),)), 11, 1, glued="under"),
        box("P", share, 13), box("Z@1", z, 20, kind="copy", turned=True),
        box("Z@2", z, 25, kind="copy", columns=(0, 1)), box("ones", None, 30, 1, kind="ones", matrix=""),
        box("P_sum@1", matrix("P_sum", (1, 2)), 35, 1, kind="copy"),
    ))  # fmt: skip


def test_a_softmax_says_what_its_cells_compute() -> None:
    page_of = softmax_page()
    said = {key: page_of.caption(found) for key, found in page_of.boxes.items()}
    assert said == {
        "Z": ("Z  two scores", "Z"),
        "P_exp@max": (),
        "P_exp": ("eᶻ⁻ᵐᵃˣ",),
        "P_sum": (),
        "P": ("(1) P = eᶻ⁻ᵐᵃˣ ÷ Σ", "(1) P", "P"),
        "Z@1": ("Zᵀ",),
        "Z@2": ("z₁",),
        "ones": (),
        "P_sum@1": ("Σ eᶻ⁻ᵐᵃˣ, each column",),  # of what, where it isn't glued
    }
    assert [page_of.sign(page_of.boxes[key]) for key in ("P_exp@max", "P_sum", "ones")] == ["max", "Σ", "1"]
    copy = box("P_exp@1", matrix("P_exp", (2, 2)), 40, kind="copy")
    assert page_of.signs([copy])[0] == ("eᶻ⁻ᵐᵃˣ",)  # without room above it
    assert [page_of.name(page_of.boxes[key]) for key in ("P_exp", "P_sum", "P", "Z@1")] == ["eᶻ⁻ᵐᵃˣ", "Σ", "P", "Zᵀ"]


def test_a_norm_has_rows_for_average_and_spread() -> None:
    found = written(
        "title: t\nmatrices:\n  X: {role: input, value: [[1, 2], [3, 5]]}\n"
        "  Z: {role: input, value: [[1, 2], [3, 4]]}\nsteps:\n  - N1 = layer_norm(X + Z)\n"
    )
    by_name = {s.name: s.expr for s in found.statements}
    spread = Node("sqrt", (Node("add", (
        Node("mean", (Node("power", (matrix("N1_centred", (2, 2)), Node("number", value=2.0)), (2, 2)),), (1, 2)),
        Node("number", value=1e-5),
    ), (1, 2)),), (1, 2))  # fmt: skip
    page_of = captions(vocabulary(found), page(
        box("X", None, 2), box("Z", None, 5), box("N1_pre", by_name["N1_pre"], 9),
        box("N1_mean", by_name["N1_mean"], 11, 1, glued="under"), box("N1_centred", by_name["N1_centred"], 13),
        box("N1_std", spread, 15, 1, glued="under"), box("N1", by_name["N1"], 17),
    ))  # fmt: skip
    said = {key: page_of.caption(found)[0] for key, found in page_of.boxes.items() if page_of.caption(found)}
    assert said == {
        "X": "X", "Z": "Z", "N1_pre": "X + Z", "N1_centred": "X + Z − μ", "N1": "(1) N₁ = (X + Z − μ) ÷ σ",
    }  # fmt: skip
    assert [page_of.sign(page_of.boxes[key]) for key in ("N1_mean", "N1_std")] == ["μ", "σ"]


def test_turns_gradients_and_new_values() -> None:
    found = program("rnn")
    boxes = {b.key: b for b in plain_boxes(found)}
    part = Box("dL_dH1@1", "", "part", "backward", 1, 9, 9, 3, 1, matrix("dL_dH2_pre", (3, 1)), "H1", turn=1)
    words = captions(vocabulary(found), page(*boxes.values(), part))
    boxes = {key: replace(b, turn=None) if b.phase != "forward" else b for key, b in boxes.items()}
    assert words.caption(boxes["H1"]) == ("(1) H₁ = tanh(Z₁)", "(1) H₁ = tanh", "(1) H₁", "H₁")
    assert words.caption(boxes["H2"]) == ("(2) H₂ = tanh(Z₂)", "(2) H₂ = tanh", "(2) H₂", "H₂")
    assert replace(words, silent={"H2"}).caption(boxes["H2"])[1:] == ("H₂ = tanh", "H₂")
    assert words.caption(boxes["H2_pre"]) == ("Z₂ = Wx·x₂ + Wh·H₁ + b", "Z₂")
    assert words.caption(part) == ("∂Z₂, part of ∂H₁", "part of ∂H₁", "to H₁")
    assert words.caption(boxes["dL_dWy"]) == ("(10) ∂Wy = ∂Ŷ·Hᵀ", "(10) ∂Wy", "∂Wy")
    assert words.caption(boxes["Wy_new"]) == ("Wy new",)
    assert words.together([boxes["Wy_new"], boxes["by_new"]]) == ("Wy, by new",)
    assert words.together([boxes["dL_dWy"], boxes["dL_dby"]]) == (
        "(10) ∂Wy  (11) ∂by", "(10–11) ∂Wy, ∂by", "∂Wy, ∂by")  # fmt: skip
    assert words.caption(boxes["L_new"]) == ("(25) L new", "L new")
    assert words.caption(boxes["Y_pred_new"])[-1] == "Ŷ"
    assert (words.gradient("dL_dWy"), words.gradient("H1")) == (True, False)


def test_a_gradient_that_comes_back_from_copies() -> None:
    found = program("self_attention")
    parts = [
        Box(f"dL_dX@{k}", "", "part", "backward", 1, 9 + 9 * k, 9, 6, 4, matrix("dL_dQ", (3, 4)), "X") for k in (1, 2)
    ]
    refs = [matrix(p.key, (6, 4)) for p in parts]
    home = Box("dL_dV", "dL_dV", "home", "backward", 1, 50, 9, 6, 4, Node("add", tuple(refs), (6, 4)), "V")
    words = captions(vocabulary(found), page(*parts, home))
    assert words.caption(home)[0] == "(15) ∂V: 2 parts, added"
    one = replace(home, expr=refs[0])
    assert captions(vocabulary(found), page(*parts, one)).caption(one) == ("∂V",)  # its number stands at the share


def test_badges_have_one_style() -> None:
    """Few steps or many: no page has circles, which end at 20."""
    assert [badge(k) for k in (1, 21, 99)] == ["(1)", "(21)", "(99)"]
    assert badge(12, 3) == "(12c)"
    assert badge(0) == ""
    assert [spans(n) for n in ([8, 9, 10], [3, 7, 5, 6], [5], [1, 3, 5], [])] == ["8–10", "3, 5–7", "5", "1 …", ""]


def test_signs_heads_and_frames() -> None:
    rnn, attention = program("rnn"), program("multi_head_attention")
    band = blocks(rnn, [1])[0]
    words = captions(vocabulary(rnn), page(band=band))
    kinds = ("parameters", "forward", "gradient", "new", "again")
    assert [heads.head(words, Head(kind, 3, 5, 0, 4))[0] for kind in kinds] == [
        "Parameters", "Forward ↓", "Gradient ↑", "W − η·∂W", "Again ↓",
    ]  # fmt: skip
    assert heads.head(words, Head("gradient", 3, 1, 0, 4))[-1] == "∂ ↑"
    assert heads.head(words, Head("turn", 3, 1, 0, 4, turn=2, band=0)) == ("t = 3", "t=3", "3")
    both = captions(vocabulary(attention), page(band=blocks(attention, [1])[0]))
    assert heads.frame(both, Frame("turn", 0, 1, 1, 1, 1, 0, 0, turn=1)) == ("Head 2", "2")
    assert heads.head(both, Head("turn", 3, 9, 0, 4, turn=0, band=0))[0] == "Head 1"


def test_a_lane_of_gradients_says_whose_they_are() -> None:
    """∂W = ∂Z·Aᵀ only over weights' gradients; over that of a factor its name."""
    found = program("softmax")
    factor = Box("dL_dT", "dL_dT", "home", "backward", 0, 12, 12, 1, 1, vocabulary(found).makers["dL_dT"].expr, "T")
    assert heads.head(captions(vocabulary(found), page(factor)), Head("weights", 12, 1, 0, 4)) == ("∂T", "∂")
    rnn = program("rnn")
    weight = next(b for b in plain_boxes(rnn) if b.key == "dL_dWy")
    head = Head("weights", weight.column, 3, weight.sheet, 4)
    assert heads.head(captions(vocabulary(rnn), page(weight)), head) == ("∂W = ∂Z·Aᵀ", "∂W")


def test_titles_of_turns_become_shorter() -> None:
    gan = vocabulary(program_of(read.load(next(path for path in SPECS if path.stem == "gan_step"))))
    loop = next(loop for loop in gan.loops.values() if "discriminator" in loop.bodies[0][0].section)
    assert turn_titles(loop, 1) == ("The discriminator on fake points", "fake points", "fake", "2")


def test_look_closer() -> None:
    found = program("gcn")
    closer = Frame("closer", 0, 1, 1, 1, 1, 0, 0, key="H1_explained_0")
    assert heads.frame(captions(vocabulary(found), page()), closer)[0] == "(6) Look closer: H₁, column 1"
    named = captions(vocabulary(found), page(), {"H1": list("ABCDE")})
    assert heads.frame(named, closer) == ("(6) Look closer: H₁, A", "Look closer: H₁, A", "(6) H₁, A", "H₁, A")
    result = Box("H1_explained_0", "H1_explained_0", "sum", "forward", 0, 5, 5, 3, 1, None, "H1_explained_0")
    assert named.caption(result)[-1] == "H₁, A"


HELPERS = re.compile(r"[A-Za-z]\w*_(pre|exp|sum|max|terms|squares|mean|centred|std|var|product|log|hat)(_\w+)?\b")
BARE = re.compile(r"^[()\d ]*[+−·∘÷=∗<>≤≥√]$")


def checked(text: str, helpers: set[str], named: set[str]) -> None:
    """A text may hold no helper's name, no operator of the specs, and never a sign alone."""
    assert "@" not in text and "**" not in text and "[:" not in text and "<" not in text.replace("< ", ""), text
    assert not BARE.fullmatch(text), text
    assert text.count("(") == text.count(")"), text
    words = set(re.findall(r"\w+", text))
    assert not words & helpers, (text, words & helpers)
    assert not [m[0] for m in HELPERS.finditer(text) if m[0] not in named], text


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_no_page_says_what_no_reader_knows(path: Path) -> None:
    found = program_of(read.load(path))
    words = vocabulary(found)
    helpers = {s.name for s in found.statements if s.auxiliary}
    named = {g.name for g in found.givens} | {s.name for s in found.statements if not s.auxiliary}
    boxes = plain_boxes(found)
    page_of = captions(words, page(*boxes))
    for one in boxes:
        for text in (*page_of.caption(one), page_of.name(one)):
            checked(text, helpers - named, named)
        if one.phase != "after" and one.kind == "home" and one.turn in (None, 0):
            assert page_of.caption(one), one.key
    told: list[Block] = [*blocks(found), *blocks(found, list(words.loops))]
    for block in told:
        for line in margins(words, [block])[block.index].lines:
            if line.kind == "equation":
                checked(line.text.replace("(", "").replace(")", ""), helpers - named, named)


SHARES = """
title: Shares
matrices:
  X: {role: input, value: [[2, 1, -1], [1, 2, 1]]}
  Wg: {role: parameter, value: [[1, 0], [0, 1]]}
  W1: {role: parameter, value: [[1, 0], [1, 1]]}
  W2: {role: parameter, value: [[0, 1], [-1, 1]]}
  Y: {role: target, value: [[2, 2, 1], [3, 1, 2]]}
steps:
  - share = softmax(Wg @ X)
  - for: expert in 1..2
    steps:
      - E{expert} = relu(W{expert} @ X)
      - part{expert} = share[{expert-1}] * E{expert}
  - Y_pred = part1 + part2
  - L = mse(Y_pred, Y)
loss: L
update: {learning_rate: 0.1}
"""


def test_the_second_pass_is_captioned_as_the_first() -> None:
    """A maximum isn't called the exponential that reads it, nor a part or a stack by the matrix alone."""
    text = PATHS["clip"].read_text(encoding="utf-8")
    before, after = text.partition("  - for: which")[0], text.partition("  - section: Loss")[2]
    questions = [("image", "S"), ("text", "S, axis=1")]
    lines = [f"  - P_{k} = softmax({of})\n  - L_{k} = cross_entropy(P_{k}, Pairs)\n" for k, of in questions]
    sheets = sheetgen.compile_text("".join([before, *lines, "  - section: Loss", after])).plan.sheets
    said, first = ({(label.row, label.column): label.text for label in sheets[k].labels} for k in (-1, 0))
    maximum = next(place for place, text in first.items() if text.endswith("max of S, each row"))
    assert said[maximum] == "max of S, each row"
    share = {label.text for label in sheetgen.compile_text(SHARES).plan.sheets[-1].labels}
    assert {"row 1 of share", "row 2 of share"} <= share
