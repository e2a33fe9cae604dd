"""What stands at helpers without a name whose expression has no room: never a sign without what it is applied to."""

from __future__ import annotations

from collections import Counter

import pytest
from small import TRAIN, book
from words_by_hand import written

from sheetgen.ir.node import Node, call, matrix, number
from sheetgen.layout.words.shortened import shortened
from sheetgen.layout.words.symbols import symbols

KNOWN = symbols(written("title: t\nmatrices:\n  A: {role: input, value: [[1, 2], [3, 4]]}\nsteps:\n  - B = A + 1\n"))
WITH_X = symbols(written("title: t\nmatrices:\n  X: {role: input, value: [[1, 2], [3, 4]]}\nsteps:\n  - B = X + 1\n"))
A = matrix("A", (2, 2))


def largest(node: Node, axis: int | None = 0) -> Node:
    return call("max", node, axis=axis)


def rows(first: int, last: int) -> Node:
    return Node("slice", (A,), (last - first, 2), (("columns", (0, 2)), ("rows", (first, last))))


def captions(matrices: str, steps: list[str], more: str = "") -> Counter[str]:
    """All texts at the boxes of the Canvas."""
    labels = book(matrices, steps, more).plan.sheets[0].labels
    return Counter(label.text for label in labels if label.style in ("name", "hint", "function"))


@pytest.mark.parametrize(
    ("node", "of", "expected"),
    [
        (call("exp", 1000 * A - largest(1000 * A)), "", ("exp(each − max)", "eˣ⁻ᵐᵃˣ", "exp(…)")),
        (call("exp", 1000 * A - largest(1000 * A, 1)), "",
         ("exp(each − max), each row", "eˣ⁻ᵐᵃˣ, each row", "exp(…), each row")),
        (call("exp", 1000 * A - largest(1000 * A, None)), "",
         ("exp(each − max), over all", "eˣ⁻ᵐᵃˣ, over all", "exp(…), over all")),
        (call("exp", 1000 * A - largest(A)), "", ("exp(…)",)),  # of something else
        (call("log", call("multiply", number(30000), A)), "", ("ln(each)", "ln(…)")),
        (A * A + 2 * A - 700, "", ("A∘A + 2·A − …", "A∘A + …")),
        (call("multiply", A, call("multiply", A, call("log", 2 * A + 300))), "L", ("L, term by term", "terms of L")),
        (call("multiply", A, 2 * A + 300) - 9000 * A, "L", ("L, term by term", "terms of L", "A∘(2·A + 300) − …")),
        (1000 * A - call("mean", 1000 * A, axis=1), "", ("1000·A − mean, each row", "1000·A − …, each row")),
        (call("mean", A, axis=0), "", ("mean(A)",)),
        (call("mean", A, axis=1), "", ("mean(A), each row",)),
        (call("matmul", call("transpose", rows(0, 1)), rows(0, 1)), "", ("Aᵀ·A of row 1", "of row 1")),
        (A, "", ()),
    ],
)
def test_what_a_reader_can_complete(node: Node, of: str, expected: tuple[str, ...]) -> None:
    assert shortened(node, KNOWN, of) == expected


def test_no_exponent_is_called_as_a_matrix_is() -> None:
    x = matrix("X", (2, 2))
    assert shortened(call("exp", 1000 * x - largest(1000 * x)), WITH_X) == ("exp(each − max)", "exp(…)")


def test_the_terms_of_a_loss_say_what_they_are() -> None:
    steps = ["P = sigmoid(W @ X)", "L = binary_cross_entropy(P, Y)"]
    said = captions("X input 2x2, W parameter 1x2, Y target 1x2", steps, TRAIN)
    assert said["L, term by term"] == 1 and said["−Y·ln P − …"] == 0


def test_a_sign_stands_only_for_a_sum_of_what_stands_beside_it() -> None:
    """Of two signs that would look alike, and of a sum of something else, the caption tells what they are."""
    said = captions("A input 2x8, B input 2x8", ["P = exp(A - max(B, axis=0))", "Q = exp(A - max(A, axis=1))",
                                                 "N = layer_norm(A) + batch_norm(A)"])  # fmt: skip
    assert said["(1) P = exp(A − max(B))"] == said["(2) Q = eᵃ⁻ᵐᵃˣ, each row"] == 1
    assert said["(3) N = norm(A, each column) + norm(A, each row)"] == 1


def test_ranks_tell_of_what_and_in_which_order() -> None:
    said = captions("s input 1x5", ["order = argsort(s, axis=1, descending=True)"])
    assert said["ranks of s, each row, largest first"] == 1


def test_what_is_computed_as_it_stands_isn_t_turned_once_more() -> None:
    said = captions("X input 2x5", ["D = 2 * X.T @ X"])
    assert said["2·Xᵀ"] == 1 and not [text for text in said if "ᵀ)ᵀ" in text]


def test_an_exponential_in_a_narrow_lane_says_of_what() -> None:
    steps = ["P = softmax(beta * (Keys.T @ Keys @ q))", "Z = 2 * P"]
    said = captions("Keys input 3x2, q input 2x1, beta constant 1x1", steps)
    assert said["exp"] == 0 and said["exp(β·Keysᵀ·Keys·q − max)"] == 1  # back from its last column


def test_parts_of_matrices_say_which_part() -> None:
    steps = ["Queries = W @ X", "Keys = V @ X",
             "S = Keys[0:2].T @ Queries[0:2] / sqrt(2)", "T = Keys[2:4].T @ Queries[2:4] / sqrt(2)"]  # fmt: skip
    said = captions("X input 4x3, W parameter 4x4, V parameter 4x4", steps)
    assert not said.keys() & {"of Queries", "of Keys"} and not [text for text in said if text.endswith("…")]
    assert said["rows 1–2 of Queries"] == said["rows 3–4 of Queries"] == 1


def test_a_number_stays_though_the_words_have_no_room() -> None:
    """The new loss is shown twice; its step's number stands at the one that the step fills."""
    steps = ["Guess = sigmoid(W @ X + b)", "L = sum((Guess - Y) ** 2)"]
    said = captions("X input 2x3, W parameter 1x2, b parameter 1x1, Y target 1x3", steps, TRAIN)
    assert said["(8) L new"] == said["L new"] == 1
