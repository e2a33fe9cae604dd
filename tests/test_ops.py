"""Every operation: its gradient against central differences, its formulas against numpy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from formula_sheet import FormulaSheet

from sheetgen.cells.formula import block_formula
from sheetgen.ir.names import Names
from sheetgen.ir.program import Given, Loss, Program, Statement
from sheetgen.lang.infer import infer
from sheetgen.lang.syntax import parse, parse_expression
from sheetgen.ops import OPERATIONS
from sheetgen.passes.evaluate import evaluate
from sheetgen.passes.grad import differentiate
from sheetgen.passes.hoist import normal_form

SHAPES = {
    "A": (3, 4),
    "B": (3, 4),
    "C": (4, 3),
    "R": (1, 4),
    "V": (3, 1),
    "S": (1, 1),
    "K": (2, 2),
    "F": (3, 2),
    "Q": (4, 5),
    "E": (2, 5),
}
TOKENS = np.array([[3.0, 0.0, 3.0, 1.0]])

EXPRESSIONS = [
    "A + B",
    "A + R",
    "A - V",
    "A * S",
    "A * R",
    "A / (B ** 2 + 1)",
    "S / (V * V + 1)",
    "-A",
    "A ** 2",
    "(B * B + 1) ** A",
    "3 ** A",
    "where(A > B, A * 2, R)",
    "A * (A >= R)",
    "A * (B < 0) + (A <= B) + (A == A) + (A != B)",
    "exp(A)",
    "dropout(A, B > 0, 0.2)",
    "dropout(A, B > 0, S)",
    "log(P)",
    "sqrt(P)",
    "tanh(A)",
    "abs(A)",
    "maximum(A, R)",
    "minimum(A, 0.1)",
    "relu(A)",
    "leaky_relu(A)",
    "leaky_relu(A, S)",
    "leaky_relu(A, negative_slope=0.2)",
    "sigmoid(A)",
    "hard_sigmoid(A * 4)",
    "silu(A)",
    "softplus(A)",
    "gelu(A)",
    "elu(A)",
    "elu(A, S)",
    "selu(A)",
    "softsign(A)",
    "mish(A * 4)",
    "log_sigmoid(A * 4)",
    "sin(A)",
    "cos(A)",
    "tan(A / 2)",
    "square(A)",
    "square(A - R)",
    "log1p(P)",
    "log1p(A / 100000)",
    "expm1(A)",
    "expm1(A / 100000)",
    "A * floor(3 * A)",
    "A * ceil(3 * A)",
    "mod(A, 0.7)",
    "mod(3 * A, B * B + 1)",
    "clip(A, -0.5, 0.5)",
    "clip(A, R - 1, S + 1)",
    "2 - -A",
    "(-A) ** 2",
    "-(A ** 2)",
    "1 - (A - B) - (A + B)",
    "A / (B * B + 1) / 2",
    "A.T + C",
    "A.T * C - R.T",
    "A[1:, 2]",
    "A[-1]",
    "A[:, -2:] * 2",
    "vstack([A, R])",
    "hstack([A.T, C])",
    "tril(Q)",
    "A + ones((3, 4)) + zeros((3, 4))",
    "Q[:, :4] * eye(4)",
    "sum(A)",
    "sum(A, axis=0)",
    "sum(A, axis=1) * V",
    "mean(A)",
    "mean(A, axis=1)",
    "mean(A.T, axis=0)",
    "max(A)",
    "max(A, axis=0)",
    "min(A, axis=-1)",
    "A - mean(A, axis=0)",
    "sum((A - B) ** 2)",
    "sum(3 * A) + mean(B) * sum(R)",
    "max(A[1:].T, axis=0)",
    "A @ C",
    "A @ C + V",
    "C.T @ A.T",
    "A @ B.T",
    "A.T @ C.T",
    "A @ C + B @ A.T + V",
    "V @ R",
    "A @ A.T",
    "A @ C @ A",
    "hstack([A, V]) @ vstack([C, R[:, :3]])",
    "relu(A @ C) * 2 + C.T @ C",
    "A[:, 1:3] @ Q[:2]",
    "A.T[1:] @ F",
    "R @ C + S",
    "sqrt(3) * A",
    "A @ C / sqrt(4)",
    "A @ Q[:, :4] + R",
    "softmax(A)",
    "softmax(A, axis=1)",
    "logsumexp(A)",
    "logsumexp(A, axis=0)",
    "argmin(A) * R",
    "prod(A, axis=1)",
    "prod(A[:2])",
    "prod(A.T, axis=0)",
    "norm(A)",
    "norm(A, axis=0)",
    "var(A)",
    "var(A, axis=1, ddof=1)",
    "std(A, axis=0)",
    "std(A, ddof=1)",
    "cosine_similarity(A, B)",
    "cosine_similarity(A, B, axis=None)",
    "log_softmax(A)",
    "log_softmax(A, axis=1)",
    "softmin(A)",
    "batch_norm(A)",
    "batch_norm(A, V, F[:, :1])",
    "batch_norm(A, eps=0.1)",
    "rms_norm(A)",
    "rms_norm(A, V)",
    "huber(A, B)",
    'huber(A, B, S * S + 0.5, reduction="mean")',
    "smooth_l1(A, B, 0.5)",
    "smooth_l1(A, B, S * S + 0.5)",
    "hinge(A, B)",
    "kl_div(P, P * P)",
    "triu(Q)",
    "cumsum(A)",
    "cumsum(A, axis=1) * V",
    "cumsum(A.T)",
    "cumprod(A)",
    "cumprod(A.T, axis=1) * C",
    "cumprod(A * (A > 0), axis=1)",
    "A * top_k(A, 2)",
    "A * top_k(A, 1, axis=1)",
    "sort(A) * B",
    "sort(A, axis=1, descending=True) * B",
    "sort(A.T) * C",
    "sort(vstack([A, B]), descending=True)[1:4] * B",
    "argsort(A) * A",
    "argsort(A.T, axis=1, descending=True) * C",
    "gather(Q[:, :4], N)",
    "gather(Q[:, :4].T, N.T, axis=1)",
    "gather(C @ A, N) * R",
    "gather(A, argsort(A)) * B",
    "gather(R, N * 0)",
    "median(A)",
    "median(A, axis=0) * R",
    "median(A, axis=1) * V",
    "glu(vstack([A, B]))",
    "glu(A, axis=1)",
    "swiglu(vstack([B, A])) * C.T",
    "swiglu(A, axis=1)",
    "sum(eye(3), axis=0).T * A",
    "sum(ones((2, 2))) * A",
    "argmax(eye(4)) + R",
    "flatten(eye(2)).T * R",
    "max_pool(eye(4)) * K",
    "cumsum(ones((3, 4))) * A",
    "sort(eye(4)) * C.T[:1]",
    "conv2d(eye(4), K)[:, :1] * V",
    "cross_entropy_with_logits(A[:, :3], eye(3))",
    "trace(A @ C)",
    "trace(K) * A",
    "diag(R) @ C",
    "diag(V)",
    "diag(K) * S",
    "diag(A[:, :3] * 2) + V",
    "layer_norm(A)",
    "layer_norm(A, V, F[:, :1])",
    "layer_norm(A, eps=0.1)",
    "cross_entropy(softmax(A), Y)",
    'cross_entropy(softmax(A), Y, reduction="mean")',
    "cross_entropy(P, Y)",
    "binary_cross_entropy(sigmoid(A), T)",
    'binary_cross_entropy(P / 4, T, reduction="mean")',
    "binary_cross_entropy(P / 4, P / 5)",
    "mse(A, B)",
    'mse(A, S, reduction="mean")',
    "cross_entropy(softmax(A), S)",
    "cross_entropy_with_logits(A, B)",
    'cross_entropy_with_logits(A, S, reduction="mean")',
    "binary_cross_entropy_with_logits(A, T)",
    'binary_cross_entropy_with_logits(A * 20, B, reduction="mean")',
    "one_hot(N, 4)[1:] * A",
    "one_hot(N, 3, ignore_index=3) * A",
    'cross_entropy(softmax(V), Y[:, :1], reduction="mean")',
    'binary_cross_entropy(sigmoid(R), T[:1], reduction="mean")',
    "cross_entropy(P, P / 5)",
    "group_norm(Q, 2)",
    "group_norm(Q * B[0, 0], 1, 0.1) * E[:, :1].T[0, 0]",
    "group_norm(vstack([A, B]), 2)",
    "conv2d(A, K)",
    "conv2d(Q, K, stride=2)",
    "conv2d(A, K, padding=1)",
    "conv2d(Q, K, stride=(2, 1), padding=1)",
    "conv2d(A.T, K)",
    'conv2d(A, K, padding="same")',
    'conv2d(Q, B, stride=2, padding="same")',
    "conv2d(Q, K, padding=(0, 2))",
    "conv2d(Q, K, dilation=2)",
    "conv2d(Q, K, stride=2, padding=(2, 1), dilation=(1, 2))",
    "conv2d(A.T, B, padding=2)",
    "conv1d(A, F)",
    'conv1d(A, F, padding="same")',
    "conv1d(A, F, padding=2, dilation=2)",
    "conv_transpose2d(A, K)",
    "conv_transpose2d(A, K, stride=2)",
    "conv_transpose2d(A.T, K, stride=(2, 3), padding=1, output_padding=(1, 2))",
    "conv_transpose2d(A, K, dilation=2, padding=(0, 1))",
    "conv_transpose1d(R, F)",
    "conv_transpose1d(R, F, stride=2, padding=1, output_padding=1)",
    "conv_transpose1d(R, F, dilation=2)",
    "conv1d(A, F, stride=2, padding=1)",
    "conv1d(R, K[:1])",
    "conv1d(V.T, S)",
    "max_pool(Q, 2)",
    "max_pool(Q, size=2, stride=1)",
    "max_pool(R, 2)",
    "avg_pool(Q, 2)",
    "avg_pool(Q, (1, 3), stride=1)",
    "avg_pool(V, 2, stride=1)",
    "max_pool(Q, 2, padding=1)",
    "max_pool(Q, 3, 2, (1, 0))",
    "max_pool(R, 2, padding=1)",
    "avg_pool(Q, 2, padding=1)",
    "avg_pool(Q, 3, stride=2, padding=1, count_include_pad=False)",
    "avg_pool(A.T, 3, stride=1, padding=1)",
    "global_max_pool(A) * B",
    "global_avg_pool(A.T) * B",
    "global_avg_pool(vstack([A, B[:1]]))",
    "upsample(A, 2)",
    "upsample(R, 3) * 2",
    "upsample(A.T, (1, 3))",
    "upsample(S, 2)",
    "conv2d(upsample(A, (2, 1)), K)",
    "max_pool(A.T, (2, 1))",
    "flatten(A)",
    "vstack([flatten(A.T), flatten(B[1:])])",
    "flatten(A).T * 2",
    "reshape(A, (2, 6))",
    "reshape(A.T @ B, (2, 8))",
    "embedding(E, N)",
    "lookup(A, N)",
    "embedding(C.T, N)",
    "round(A, 1) * 2",
]


def givens(seed: int) -> list[Given]:
    rng = np.random.default_rng(seed)
    made = [Given(name, "parameter", rng.uniform(-2, 2, shape)) for name, shape in SHAPES.items()]
    made.append(Given("P", "parameter", rng.uniform(0.5, 3, (3, 4))))
    one_hot = np.eye(3)[:, rng.integers(0, 3, 4)]
    made += [Given("Y", "target", one_hot), Given("T", "target", rng.integers(0, 2, (3, 4)).astype(float))]
    return [*made, Given("N", "constant", TOKENS, integers=True)]


def program(text: str, seed: int = 1) -> Program:
    """`OUT = text`, and a loss that weighs its cells unequally."""
    given = givens(seed)
    shapes = {g.name: g.shape for g in given}
    node = infer(parse_expression(text), shapes, text)
    names = Names([*shapes, "OUT", "L"])
    weights = np.random.default_rng(7).uniform(-1, 1, node.shape)
    given.append(Given("WEIGHTS", "constant", weights))
    shapes |= {"OUT": node.shape, "WEIGHTS": node.shape}
    loss = infer(parse("L = sum(OUT * WEIGHTS)").tree, shapes)
    statements = [
        Statement(name, expr, 1, auxiliary=name not in ("OUT", "L"))
        for target, root in (("OUT", node), ("L", loss))
        for name, expr, _ in normal_form(target, root, names.fresh, {"V", "R", "S"}.__contains__)
    ]
    return Program("t", tuple(given), tuple(statements), (), (Loss("L"),))


def central_differences(p: Program, name: str, h: float = 1e-6) -> np.ndarray:
    """The gradient of the loss by wiggling every cell of a given matrix."""
    base = next(g.value for g in p.givens if g.name == name)
    result = np.zeros_like(base)
    for at in np.ndindex(*base.shape):
        ends = []
        for sign in (1, -1):
            value = base.copy()
            value[at] += sign * h
            moved = tuple(Given(g.name, g.role, value if g.name == name else g.value) for g in p.givens)
            ends.append(evaluate(Program("t", moved, p.statements, (), (Loss("L"),)))["L"][0, 0])
        result[at] = (ends[0] - ends[1]) / (2 * h)
    return result


def gradient(values: dict[str, np.ndarray], name: str, loss: str = "L") -> np.ndarray | None:
    """A gradient in the orientation of its matrix, however it was computed."""
    if f"d{loss}_d{name}" in values:
        return values[f"d{loss}_d{name}"]
    flipped = values.get(f"d{loss}_d{name}_T")
    return None if flipped is None else flipped.T


@pytest.mark.parametrize("text", [e for e in EXPRESSIONS if "round" not in e])
@pytest.mark.parametrize("seed", [1, 2])
def test_gradients_match_central_differences(text: str, seed: int) -> None:
    p = program(text, seed)
    whole = differentiate(p)
    values = evaluate(whole)
    for name, value in evaluate(p).items():
        np.testing.assert_allclose(values[name], value, rtol=1e-9, atol=1e-12, err_msg=name)
    used = {name for name in SHAPES.keys() | {"P"} if name in text.replace("softmax", "")}
    checked = 0
    for name in used:
        found = gradient(values, name)
        if found is not None:
            checked += 1
            np.testing.assert_allclose(found, central_differences(p, name), rtol=1e-5, atol=1e-7, err_msg=name)
    assert checked


@pytest.mark.parametrize("text", [e for e in EXPRESSIONS if "round" not in e])
def test_the_gradient_of_a_plain_sum(text: str) -> None:
    """What reaches the expression is then the number 1, not a matrix."""
    given = givens(4)
    root = infer(parse_expression(f"sum({text})"), {g.name: g.shape for g in given}, text)
    forms = normal_form("L", root, Names(g.name for g in given).fresh, {"V", "R", "S"}.__contains__)
    made = tuple(Statement(name, expr, 1, auxiliary=name != "L") for name, expr, _ in forms)
    p = Program("t", tuple(given), made, (), (Loss("L"),))
    values = evaluate(differentiate(p))
    for g in given:
        found = gradient(values, g.name)
        if g.role == "parameter" and found is not None:
            np.testing.assert_allclose(found, central_differences(p, g.name), rtol=1e-5, atol=1e-6, err_msg=g.name)


def test_every_operation_is_tried() -> None:
    tried = {
        call.op
        for text in EXPRESSIONS
        for statement in (*program(text).statements, *differentiate(program(text)).statements)
        for call in _calls(statement.expr)
    }
    elsewhere = {"argmax", "binary_cross_entropy_of_sigmoid", "stop_gradient", "detach"}  # in tests of their own
    assert set(OPERATIONS) - tried <= elsewhere


def _calls(node):
    return [node, *(c for a in node.args for c in _calls(a))] if hasattr(node, "op") else []


def test_formulas_match_numpy_in_a_spreadsheet(tmp_path: Path) -> None:
    sheet = FormulaSheet()
    for k, text in enumerate([*EXPRESSIONS, "argmax(A)", "argmax(A, axis=1)"]):
        p = program(text)
        p = differentiate(p) if k < len(EXPRESSIONS) else p
        renamed = {name: f"{name}_{k}" for name in p.names} | {g.name: f"{g.name}_{k}" for g in p.givens}
        renamed |= {s.name: f"{s.name}_{k}" for s in p.statements}
        sheet.program(_renamed(p, renamed))
    assert sheet.wrong(tmp_path) == []


def _renamed(p: Program, new: dict[str, str]) -> Program:
    from dataclasses import replace

    from sheetgen.ir.walk import substitute

    used = {r.name for s in p.statements for r in s.expr.references}
    return replace(
        p,
        givens=tuple(replace(g, name=new[g.name]) for g in p.givens if g.name in used),
        statements=tuple(
            replace(s, name=new[s.name], expr=substitute(s.expr, new)) for s in p.statements
        ),
    )


def test_block_formulas_match_numpy_in_a_spreadsheet(tmp_path: Path) -> None:
    sheet = FormulaSheet()
    given = givens(3)
    for g in given:
        sheet.put(g.name, g.value)
    shapes = {g.name: g.shape for g in given}
    written = 0
    for k, text in enumerate(EXPRESSIONS):
        forms = normal_form(f"OUT{k}", infer(parse_expression(text), shapes, text), Names(sheet.rects).fresh)
        if len(forms) > 1:
            continue
        node = sheet.ready(forms[0][1])
        if block_formula(node, sheet.rects.__getitem__, "Main") is not None:
            sheet.compute(f"OUT{k}", node, block=True)
            written += 1
    assert written > 40
    assert sheet.wrong(tmp_path) == []
