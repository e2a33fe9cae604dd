"""What may be written, what it means, and what is said about the rest."""

from __future__ import annotations

import pytest

from sheetgen.errors import SpecError
from sheetgen.ir.node import call, matrix, number
from sheetgen.lang.infer import infer
from sheetgen.lang.show import show
from sheetgen.lang.syntax import parse, parse_expression

NAMES = {"W1": (4, 3), "X": (3, 2), "b1": (4, 1), "H": (3, 5), "tokens": (1, 4)}


def typed(text: str):
    target, tree, _ = parse(text)
    return infer(tree, NAMES, text, {"later"}, target)


def test_a_statement_has_a_target_and_a_tree() -> None:
    assert parse("Z1 = W1 @ X + b1").target == "Z1"
    node = typed("Z1 = W1 @ X + b1")
    assert node.op == "add" and node.shape == (4, 2)
    assert node.args == (call("matmul", matrix("W1", (4, 3)), matrix("X", (3, 2))), matrix("b1", (4, 1)))


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("Z = X[0]", (1, 2)), ("Z = X[:, 1]", (3, 1)), ("Z = X[-1, -2]", (1, 1)), ("Z = X[1:, :1]", (2, 1)),
        ("Z = H[:, 3-1:3]", (3, 1)), ("Z = X[:, :]", (3, 2)), ("Z = H[:, -2:]", (3, 2)), ("Z = X.T", (2, 3)),
        ("Z = sum(X)", (1, 1)), ("Z = sum(X, axis=0)", (1, 2)), ("Z = mean(X, axis=-1)", (3, 1)),
        ("Z = max(X, 0, keepdims=True)", (1, 2)), ("Z = round(X, 2)", (3, 2)), ("Z = vstack([X, X])", (6, 2)),
        ("Z = hstack((X, H))", (3, 7)),
        ("Z = zeros((2, 3))", (2, 3)), ("Z = ones([2, 3])", (2, 3)), ("Z = eye(3)", (3, 3)),
        ("Z = 3 ** X", (3, 2)), ("Z = X > 1", (3, 2)), ("Z = where(X > 1, X, 0)", (3, 2)), ("Z = argmax(H)", (1, 5)),
        ("Z = softmax(H, axis=1)", (3, 5)), ("Z = cross_entropy(H, H, reduction='mean')", (1, 1)),
        ("Z = max_pool(H, (3, 2))", (1, 2)), ("Z = conv2d(H, X)", (1, 4)), ("Z = embedding(H, tokens)", (3, 4)),
        ("Z = zeros((rows(X), columns(H)))", (3, 5)), ("Z = eye(columns(W1 @ X))", (2, 2)),
        ("Z = H[:, columns(X):columns(H)-1]", (3, 2)), ("Z = reshape(X, (columns(X), rows(X)))", (2, 3)),
        ("Z = leaky_relu(X, negative_slope=0.2)", (3, 2)), ("Z = +X - -X", (3, 2)), ("Z = tril(X)", (3, 2)),
    ],
)  # fmt: skip
def test_shapes(text: str, shape: tuple[int, int]) -> None:
    assert typed(text).shape == shape


def test_sums_of_lists_go_cell_by_cell() -> None:
    assert typed("Z = sum([X, W1[0:3, 0:2], 2])") == typed("Z = X + W1[0:3, 0:2] + 2")
    assert typed("Z = mean((X, H[:, 0]))") == typed("Z = (X + H[:, 0]) / 2")


def test_sizes_are_numbers() -> None:
    assert typed("Z = X / sqrt(rows(W1)) - columns(X.T)") == matrix("X", (3, 2)) / call("sqrt", number(4)) - 3


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("Z1 = W1 @ H[:2] + b1", 6, "W1 is 4×3 and H[0:2, :] is 2×5; W1 @ H[0:2, :] needs H[0:2, :] to have 3 rows"),
        ("Z = X + W1", 5, "Z = X + W1: X is 3×2 and W1 is 4×3"),
        ("Z = relux(X)", 5, "Did you mean `relu`?"),
        ("Z = w1 @ X", 5, "Did you mean `W1`?"),
        ("Z = X + relu", 9, "write `relu(…)`"),
        ("Z = 2 * later", 9, "`later` is used before it is computed"),
        ("Z = Z + 1", 5, "used in its own definition"),
        ("Z = X[3]", 7, "there is no row 3; there are 3 rows, counted from 0"),
        ("Z = X[:, 1:5]", 10, "isn't within the 2 columns, numbered 0 to 1"),
        ("Z = X[1:1]", 7, "isn't within the 3 rows"),
        ("Z = X[::2]", 7, "no step"),
        ("Z = X[0, 0, 0]", 5, "two dimensions"),
        ("Z = X.mean()", 5, "Write `mean(X)`"),
        ("Z = np.exp(X)", 5, "Write `exp(X)`"),
        ("Z = X.shape", 5, "`.shape` isn't available"),
        ("Z = sum(X, axs=0)", 16, "Did you mean `axis`?"),
        ("Z = sum(X, axis=2)", 17, "must be 0 (down the columns)"),
        ("Z = sum(X, X)", 12, "must be written out"),
        ("Z = sum(X, keepdims=False)", 21, "always keep two dimensions"),
        ("Z = mse(X, X, reduction='avg')", 25, '"sum" or "mean"'),
        ("Z = softmax()", 5, "`x` is missing"),
        ("Z = softmax(X, x=X)", 18, "given twice"),
        ("Z = relu(X, X)", 5, "takes `(x)`"),
        ("Z = vstack(X, X)", 5, "takes one list"),
        ("Z = [1, 2]", 5, "isn't an expression"),
        ("Z = 'a'", 5, "isn't a number"),
        ("Z = sum([X, W1])", 5, "X is 3×2 and W1 is 4×3; matrices that are combined cell by cell need"),
        ("Z = mean([X, X], axis=0)", 5, "`mean([A, B])`"), ("Z = sum([])", 5, "`sum([A, B])`"),
        ("Z = max([X, X])", 9, "takes `(x"), ("Z = sum([" + "X," * 101 + "])", 5, "split it into several steps"),
        ("Z = dropout(X, 0.5)", 5, "the mask has a 1 for each cell that stays"),
        ("Z = rows(X, X)", 5, "`rows` takes one matrix: `rows(X)`"), ("Z = columns()", 5, "takes one matrix"),
        ("Z = rows([X])", 5, "takes one matrix"), ("Z = X * columns(Q)", 17, "no matrix `Q`"),
        ("Z = X * rows", 9, "write `rows(…)`"), ("Z = X[rows(X)]", 7, "there is no row 3"),
        ("Z = 1e999", 5, "too large"),
        ("Z = X ^ 2", 5, "Write `X ** 2`."),
        ("Z = X if X else X", 5, "isn't part of the language"),
        ("Z = 0 < X < 1", 5, "two things at a time"),
        ("Z = __import__('os')", 5, "There is no function `__import__`"),
        ("Z = matmul(W1, X)", 5, "There is no function `matmul`. Write `W1 @ X`."),
        ("Z = W1 @ 2", 5, "write `*` to multiply by a number"),
        ("Z = W1·X", 7, "`@` is the matrix product"),
        ("Z += X", 1, "write a new name"),
        ("Z == X", 1, "name = expression"),
        ("a, b = X", 1, "name = expression"),
        ("Z = (X", 5, "can't read"),
        ("Z = zeros(3)", 5, "zeros((2, 3))"),
        ("Z = zeros((0, 0))", 5, "zeros((2, 3))"),
        ("Z = ones((0, 3))", 5, "ones((2, 3))"),
        ("Z = embedding(H, X)", 5, "one row"),
        ("Z = max_pool(X, 9)", 5, "doesn't fit"),
        ("Z = exp(**X)", 11, "write every argument"),
        ("Z = " + "+".join(["X"] * 300), 5, "split it into several steps"),
        ("Z = " + "(" * 3000 + "X" + ")" * 3000, None, "several steps"),
    ],
)  # fmt: skip
def test_errors_say_where_and_what(text: str, column: int | None, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        typed(text)
    assert message in caught.value.message
    if column is not None:
        assert caught.value.column == column


@pytest.mark.parametrize(
    "text",
    [
        "W1 @ X + b1", "(W1 + 1) @ X.T", "-X ** 2", "(-X) ** 2", "X - (X - X) - X", "X / (X * X)", "2 ** (X ** 2)",
        "where(X > 0, X, 0)", "X[1:3, 0]", "leaky_relu(X, 0.2)", "softmax(X, axis=1)", "exp(X).T", "(X + X).T",
    ],
)  # fmt: skip
def test_show_reads_back_as_the_same_node(text: str) -> None:
    names = {"W1": (4, 3), "X": (3, 3), "b1": (4, 1)}
    node = infer(parse_expression(text), names)
    assert infer(parse_expression(show(node)), names) == node


def test_negative_numbers_are_literals() -> None:
    assert typed("Z = -2") == number(-2.0)
    assert typed("Z = leaky_relu(X)").args[1] == number(0.01)
