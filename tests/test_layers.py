"""`layers:`: what each layer stands for, and what is wrong with a stack that can't be written out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from test_attention_layers import STACKS, TOKENS
from typer.testing import CliRunner

from sheetgen.api import compile_text, program_of
from sheetgen.cmd import cli
from sheetgen.errors import SpecError
from sheetgen.ir.program import Program
from sheetgen.lang.show import show
from sheetgen.spec.layer import ACTIVATIONS
from sheetgen.spec.layer_table import LAYERS
from sheetgen.spec.read import loads

X = "  X: {role: input, value: [[1, 2, 0], [3, -1, 1], [0, 1, 2], [1, 1, -1]]}\n"
GRAPH = "graph: {nodes: [A, B, C], edges: [[A, B], [B, C]]}\n"


def stacked(stack: str, more: str = "") -> str:
    return f"title: t\n{GRAPH}matrices:\n{X}steps:\n  - layers: X\n    stack: {stack}\n{more}"


def drawn(seed: int, *sizes: int) -> str:
    return f"{{role: parameter, random: {{shape: {list(sizes)}, low: -1, high: 1, seed: {seed}}}}}"


def parameters(**sizes: tuple[int, ...]) -> str:
    """Made-up parameters, in their order."""
    return "".join(f"  {name}: {drawn(seed, *size)}\n" for seed, (name, size) in enumerate(sizes.items()))


BY_HAND: dict[str, tuple[str, str]] = {
    "[linear: 2]": (parameters(W1=(2, 4), b1=(2, 1)), "Z1 = W1 @ X + b1"),
    "[linear: {out: 2, bias: false}]": (parameters(W1=(2, 4)), "Z1 = W1 @ X"),
    "[linear: {out: 5}, relu, linear: 2, softmax]": (
        parameters(W1=(5, 4), b1=(5, 1), W2=(2, 5), b2=(2, 1)),
        "Z1 = W1 @ X + b1; A1 = relu(Z1); Z2 = W2 @ A1 + b2; A2 = softmax(Z2)",
    ),
    **{f"[{name}]": ("", f"A1 = {name}(X)") for name in ACTIVATIONS if name != "leaky_relu"},
    "[leaky_relu]": ("", "A1 = leaky_relu(X, 0.01)"),
    "[leaky_relu: 0.2, relu]": ("", "A1 = leaky_relu(X, 0.2); A2 = relu(A1)"),
    "[layer_norm]": (
        "  gamma1: {role: parameter, ones: [4, 1]}\n  beta1: {role: parameter, zeros: [4, 1]}\n",
        "N1 = layer_norm(X, gamma1, beta1)",
    ),
    "[batch_norm]": (
        "  gamma1: {role: parameter, ones: [4, 1]}\n  beta1: {role: parameter, zeros: [4, 1]}\n",
        "N1 = batch_norm(X, gamma1, beta1)",
    ),
    "[rms_norm]": ("  gamma1: {role: parameter, ones: [4, 1]}\n", "N1 = rms_norm(X, gamma1)"),
    "[linear: 3, dropout: 0.25, dropout]": (
        parameters(W1=(3, 4), b1=(3, 1))
        + "  mask1: {role: constant, random: {shape: [3, 3], distribution: bernoulli, p: 0.75, seed: 2}}\n"
        + "  mask2: {role: constant, random: {shape: [3, 3], distribution: bernoulli, p: 0.5, seed: 3}}\n",
        "Z1 = W1 @ X + b1; D1 = dropout(Z1, mask1, 0.25); D2 = dropout(D1, mask2, 0.5)",
    ),
    "[conv2d: {out: 3, size: 2}, relu, max_pool, flatten, linear: 1]": (
        parameters(K1=(3, 1, 2, 2), b1=(3, 1), W2=(1, 3), b2=(1, 1)),
        "Z1 = conv2d(X, K1, stride=1, padding=0) + b1; A1 = relu(Z1); M1 = max_pool(A1, 2); F1 = flatten(M1); "
        "Z2 = W2 @ F1 + b2",
    ),
    "[conv2d: {out: 2, padding: 1, bias: false}, depthwise_conv2d: {size: 2, stride: 2}, global_avg_pool]": (
        parameters(K1=(2, 1, 3, 3), K2=(2, 2, 2), b2=(2, 1)),
        "Z1 = conv2d(X, K1, stride=1, padding=1); Z2 = conv2d(Z1, K2, stride=2, padding=0, groups=2) + b2; "
        "G2 = global_avg_pool(Z2)",
    ),
    "[avg_pool, conv_transpose2d: 2, upsample, group_norm: 2, batch_norm]": (
        parameters(K2=(1, 2, 2, 2), b2=(2, 1))
        + "".join(f"  gamma{n}: {{role: parameter, ones: [2, 1]}}\n  beta{n}: {{role: parameter, zeros: [2, 1]}}\n"
                  for n in (3, 4)),
        "M1 = avg_pool(X, 2); Z2 = conv_transpose2d(M1, K2, stride=2, padding=0) + b2; U2 = upsample(Z2, 2); "
        "N3 = gamma3 * group_norm(U2, 2) + beta3; N4 = batch_norm(N3, gamma4, beta4)",
    ),
    "[group_norm: 2]": (
        "  gamma1: {role: parameter, ones: [4, 1]}\n  beta1: {role: parameter, zeros: [4, 1]}\n",
        "N1 = gamma1 * group_norm(X, 2) + beta1",
    ),
    "[dropout: {p: 0.2, mask: X}]": ("", "D1 = dropout(X, X, 0.2)"),
    "[sage: 2]": (
        parameters(W1=(2, 4), V1=(2, 4), b1=(2, 1)),
        "Adj_mean = Adj / maximum(sum(Adj, axis=0), 1); M1 = X @ Adj_mean; Z1 = W1 @ X + V1 @ M1 + b1",
    ),
    "[gin: 2]": (parameters(W1=(2, 4), b1=(2, 1)), "M1 = (1 + 0.0) * X + X @ Adj; Z1 = W1 @ M1 + b1"),
    "[gin: {out: 2, eps: 0.5, bias: false}]": (parameters(W1=(2, 4)), "M1 = (1 + 0.5) * X + X @ Adj; Z1 = W1 @ M1"),
    "[gat: 2]": (
        parameters(W1=(2, 4), from1=(1, 2), to1=(1, 2)),
        "M1 = W1 @ X; Adj_hat = Adj + eye(3); E1 = leaky_relu((from1 @ M1).T + to1 @ M1, 0.2); "
        "S1 = where(Adj_hat > 0, E1, -1000); A1 = softmax(S1); Z1 = M1 @ A1",
    ),
    "[gru: 2]": (
        parameters(Wr1=(2, 6), br1=(2, 1), Wz1=(2, 6), bz1=(2, 1), Wn1=(2, 4), bn1=(2, 1), Un1=(2, 2), cn1=(2, 1)),
        "H1_0 = zeros((2, 1)); " + "; ".join(
            f"XH1_{t} = vstack([X[:, {t - 1}:{t}], H1_{t - 1}]); R1_{t} = sigmoid(Wr1 @ XH1_{t} + br1); "
            f"Z1_{t} = sigmoid(Wz1 @ XH1_{t} + bz1); "
            f"N1_{t} = tanh(Wn1 @ X[:, {t - 1}:{t}] + bn1 + R1_{t} * (Un1 @ H1_{t - 1} + cn1)); "
            f"H1_{t} = (1 - Z1_{t}) * N1_{t} + Z1_{t} * H1_{t - 1}" for t in (1, 2, 3)
        ) + "; H1 = hstack([H1_1, H1_2, H1_3])",
    ),
    "[residual: [linear: 3, relu, linear: 4], relu]": (
        parameters(W1=(3, 4), b1=(3, 1), W2=(4, 3), b2=(4, 1)),
        "Z1 = W1 @ X + b1; A1 = relu(Z1); Z2 = W2 @ A1 + b2; R2 = X + Z2; A2 = relu(R2)",
    ),
    "[gcn: 2]": (
        parameters(W1=(2, 4), b1=(2, 1)),
        "Adj_hat = Adj + eye(3); Adj_deg = sum(Adj_hat, axis=0); Adj_share = Adj_deg ** -0.5; "
        "Adj_norm = Adj_hat * Adj_share * Adj_share.T; "
        "M1 = W1 @ X; Z1 = M1 @ Adj_norm + b1",
    ),
    "[gcn: 3, relu, gcn: 2]": (
        parameters(W1=(3, 4), b1=(3, 1), W2=(2, 3), b2=(2, 1)),
        "Adj_hat = Adj + eye(3); Adj_deg = sum(Adj_hat, axis=0); Adj_share = Adj_deg ** -0.5; "
        "Adj_norm = Adj_hat * Adj_share * Adj_share.T; "
        "M1 = W1 @ X; Z1 = M1 @ Adj_norm + b1; A1 = relu(Z1); M2 = W2 @ A1; Z2 = M2 @ Adj_norm + b2",
    ),
    "[gcn: {out: 2, normalize: false, bias: false}]": (parameters(W1=(2, 4)), "M1 = W1 @ X; Z1 = M1 @ Adj"),
    "[rnn: 2]": (
        parameters(Wx1=(2, 4), Wh1=(2, 2), b1=(2, 1)),
        "H1_0 = zeros((2, 1)); H1_1 = tanh(Wx1 @ X[:, 0:1] + Wh1 @ H1_0 + b1); "
        "H1_2 = tanh(Wx1 @ X[:, 1:2] + Wh1 @ H1_1 + b1); H1_3 = tanh(Wx1 @ X[:, 2:3] + Wh1 @ H1_2 + b1); "
        "H1 = hstack([H1_1, H1_2, H1_3])",
    ),
    "[lstm: 2]": (
        parameters(Wi1=(2, 6), bi1=(2, 1), Wf1=(2, 6), bf1=(2, 1), Wg1=(2, 6), bg1=(2, 1), Wo1=(2, 6), bo1=(2, 1)),
        "H1_0 = zeros((2, 1)); C1_0 = zeros((2, 1)); " + "; ".join(
            f"XH1_{t} = vstack([X[:, {t - 1}:{t}], H1_{t - 1}]); I1_{t} = sigmoid(Wi1 @ XH1_{t} + bi1); "
            f"F1_{t} = sigmoid(Wf1 @ XH1_{t} + bf1); G1_{t} = tanh(Wg1 @ XH1_{t} + bg1); "
            f"O1_{t} = sigmoid(Wo1 @ XH1_{t} + bo1); C1_{t} = F1_{t} * C1_{t - 1} + I1_{t} * G1_{t}; "
            f"H1_{t} = O1_{t} * tanh(C1_{t})" for t in (1, 2, 3)
        ) + "; H1 = hstack([H1_1, H1_2, H1_3])",
    ),
    "[self_attention: 2, relu]": (
        parameters(Wq1=(2, 4), Wk1=(2, 4), Wv1=(2, 4)),
        "Q1 = Wq1 @ X; K1 = Wk1 @ X; V1 = Wv1 @ X; S1 = K1.T @ Q1 / sqrt(2); A1 = softmax(S1); Z1 = V1 @ A1; "
        "A2 = relu(Z1)",
    ),
    "[self_attention]": (
        parameters(Wq1=(4, 4), Wk1=(4, 4), Wv1=(4, 4)),
        "Q1 = Wq1 @ X; K1 = Wk1 @ X; V1 = Wv1 @ X; S1 = K1.T @ Q1 / sqrt(4); A1 = softmax(S1); Z1 = V1 @ A1",
    ),
    "[multi_head_attention: 2]": (
        parameters(Wq1=(4, 4), Wk1=(4, 4), Wv1=(4, 4), Wo1=(4, 4)),
        "Q1 = Wq1 @ X; K1 = Wk1 @ X; V1 = Wv1 @ X; "
        "S1_1 = K1[0:2].T @ Q1[0:2] / sqrt(2); A1_1 = softmax(S1_1); O1_1 = V1[0:2] @ A1_1; "
        "S1_2 = K1[2:4].T @ Q1[2:4] / sqrt(2); A1_2 = softmax(S1_2); O1_2 = V1[2:4] @ A1_2; "
        "O1 = vstack([O1_1, O1_2]); Z1 = Wo1 @ O1",
    ),
}  # fmt: skip
"""The matrices and the steps that a person would have written for each stack."""


def statements(program: Program) -> list[str]:
    return [f"{s.name} = {show(s.expr)}" for s in program.statements]


@pytest.mark.parametrize("stack", BY_HAND)
def test_a_stack_is_what_one_would_write_by_hand(stack: str) -> None:
    matrices, steps = BY_HAND[stack]
    lines = "".join(f'  - "{step}"\n' for step in steps.split("; "))
    by_hand = program_of(loads(f"title: t\n{GRAPH}matrices:\n{X}{matrices}steps:\n{lines}"))
    workbook = compile_text(stacked(stack))
    assert statements(workbook.program) == statements(by_hand)
    assert [(g.name, g.role, g.value.tolist()) for g in workbook.program.givens] == [
        (g.name, g.role, g.value.tolist()) for g in by_hand.givens
    ]
    assert workbook.verify().ok


@pytest.mark.parametrize("stack", BY_HAND)
def test_what_is_shown_can_take_the_stack_s_place(stack: str) -> None:
    spec = loads(stacked(stack))
    before, _, steps = spec.written_out.partition("steps:\n")
    matrices = before.partition("matrices:\n")[2]
    text = f"title: t\n{GRAPH}matrices:\n{X}{matrices}steps:\n{steps}"
    assert statements(program_of(loads(text))) == statements(program_of(spec))


def test_every_layer_is_tested_and_trained() -> None:
    stacks = [*BY_HAND, *(json.dumps(stack) for stack, _ in STACKS.values()), json.dumps(TOKENS)]
    assert not [name for name in LAYERS if not any(re.search(rf"\b{name}\b", stack) for stack in stacks)]
    text = stacked("[gcn: 4, residual: [layer_norm, self_attention], lstm: 2, rnn: 2, gat: 2, gin: 3, sage: 2, gru: 2, "
                   "batch_norm, rms_norm, linear: 1]", (
        "    out: Y\n  - L = sum(Y ** 2)\nloss: L\nupdate: {learning_rate: 0.01}\n"
    ))  # fmt: skip
    program = program_of(loads(text))
    trained = {given.name for given in program.givens if given.role == "parameter"}
    assert len(trained) == 2 + 2 + 3 + 8 + 3 + (3 + 2 + 3 + 8 + 2 + 1) + 2
    assert trained == {s.name.removesuffix("_new") for s in program.statements if s.phase == "update"}


def test_own_weights_names_and_loops() -> None:
    spec = loads(
        "title: t\nmatrices:\n  X: {role: input, value: [1, 2]}\n  V: {role: parameter, eye: [2, 2]}\nsteps:\n"
        "  - for: n in 1..2\n    steps:\n      - layers: X\n        stack: [linear: {W: V}, linear: '{n}', tanh]\n"
        "        out: Y{n}\n"
    )
    assert [step.text for step in spec.steps] == [
        "Z1 = V @ X + b1", "Z2 = W2 @ Z1 + b2", "Y1 = tanh(Z2)",
        "Z3 = V @ X + b3", "Z4 = W4 @ Z3 + b4", "Y2 = tanh(Z4)",
    ]  # fmt: skip
    assert {g.name: g.shape for g in spec.givens if g.name.startswith("W")} == {"W2": (1, 2), "W4": (2, 2)}


def test_numbers_of_one_s_own() -> None:
    """Sizes follow from them; others are drawn as if nothing had been told."""
    stack = "[linear: {W: [[1, 0, 2, 0.5]], b: 3}, linear: 2, multi_head_attention: {heads: 1, Wo: V}]"
    given = "matrices:\n  V: {role: parameter, eye: [2, 2]}\n"
    spec = loads(stacked(stack).replace("matrices:\n", given))
    values = {given.name: given.value.tolist() for given in spec.givens}
    assert values["W1"] == [[1, 0, 2, 0.5]] and values["b1"] == [[3]] and "Wo3" not in values
    assert "W1: {role: parameter, value: [[1, 0, 2, 0.5]]}" in spec.written_out
    plain = loads(stacked("[linear: 1, linear: 2]"))
    assert values["W2"] == next(given.value.tolist() for given in plain.givens if given.name == "W2")
    assert loads(stacked("[batch_norm: {gamma: [1, 2, 1, 1]}]")).givens[-2].value.tolist() == [[1], [2], [1], [1]]


def test_another_seed_gives_other_numbers() -> None:
    first, second = (loads(stacked("[linear: 9]", f"    seed: {seed}\n")).givens[2].value for seed in (0, 1))
    assert first.shape == second.shape == (9, 4) and (first != second).any()


def test_show_prints_the_expansion(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(stacked("[linear: 2, relu]"))
    result = CliRunner().invoke(cli.app, ["show", str(tmp_path / "s.yaml")])
    shown = (
        f"    # line 6: layers from X on\n    matrices:\n      W1: {drawn(0, 2, 4)}\n      b1: {drawn(1, 2, 1)}\n"
        "    steps:\n      - Z1 = W1 @ X + b1\n      - A1 = relu(Z1)\n"
    )
    assert result.exit_code == 0 and f"Written out\n{shown}\nGiven\n" in result.stdout
    assert "  [1] Z1 (2×3) = [W1 | b1] @ [X ; 1]" in result.stdout


MISTAKES: dict[str, tuple[str, tuple[str, ...]]] = {
    "[]": ("7:12", ("`stack` is empty",)),
    "relu": ("7:12", ("list",)),
    "[reluu]": ("7:13", ("`reluu`", "`relu`")),
    "[zoneout]": ("7:13", ("`zoneout`", "self_attention")),
    "[dropout: 1]": ("7:22", ("`p` of `dropout`", "from 0 on, below 1", "`1`")),
    "[dropout: {mask: Adj}]": ("7:29", ("`Adj` is 3×3", "rows × columns: 4×3")),
    "[relu, 7]": ("7:19", ("`linear: 4`", "`7`")),
    "[[relu]]": ("7:13", ("list of 1",)),
    "[{relu: ~, linear: 2}]": ("7:13", ("mapping of 2",)),
    "[linear]": ("7:13", ("needs `out`", "`linear: 4`")),
    "[linear: 0]": ("7:21", ("whole number", "`0`")),
    "[linear: two]": ("7:21", ("whole number", "`two`")),
    "[linear: true]": ("7:21", ("whole number", "`true`")),
    "[linear: [2, 3]]": ("7:21", ("whole number", "list of 2")),
    "[linear: {outt: 2}]": ("7:22", ("`outt`", "`out`", "bias")),
    "[linear: {out: 2, bias: 1}]": ("7:36", ("true or false",)),
    "[linear: {out: 2, W: V}]": ("7:33", ("no matrix `V`", "`W`")),
    "[linear: {out: 2, W: 3}]": ("7:33", ("`W` is 1×1", "2×4")),
    "[linear: {out: 2, W: true}]": ("7:33", ("name of a matrix, or its numbers", "`true`")),
    "[linear: {W: [[1, 2]]}]": ("7:25", ("`W` is 1×2", "out × rows: 1×4")),
    "[linear: {W: [[1, 2], [3]]}]": ("7:34", ("row 2 has 1 numbers",)),
    "[linear: {W: [[1, x]]}]": ("7:30", ("`x` is not a number",)),
    "[gcn: {out: 2, adj: [[1]]}]": ("7:32", ("name of a matrix", "list of 1")),
    "[linear: {out: 3, W: X}]": ("7:33", ("`X` is 4×3", "out × rows", "3×4")),
    "[linear: 9999999]": ("7:13", ("W1", "1,048,576 rows")),
    "[lstm: 2000]": ("7:13", ("Wi1", "1,000,000 numbers")),
    "[relu: 3]": ("7:19", ("takes no number", "`- relu`")),
    "[relu: {x: 3}]": ("7:20", ("no `x`",)),
    "[leaky_relu: steep]": ("7:25", ("number", "`steep`")),
    "[conv2d: {out: 2, padding: -1}]": ("7:39", ("a whole number from 0 on", "-1")),
    "[conv2d: {out: 2, size: 1.5}]": ("7:36", ("a whole number from 1 on", "1.5")),
    "[conv2d: {out: 2, size: 2}, linear: 2]": ("7:40", ("`linear` takes a matrix", "2×3×2", "put `flatten` before it")),
    "[conv2d: {out: 2, size: 2}, residual: [conv2d: {out: 3, size: 1}]]": ("7:40", ("must give 2 channels",)),
    "[conv2d: {out: 2, K: X}]": ("7:33", ("`X` is 4×3", "out × channels × size × size")),
    "[layer_norm: {gamma: X}]": ("7:33", ("features × 1", "4×1")),
    "[residual]": ("7:13", ("list of layers",)),
    "[residual: relu]": ("7:23", ("list of layers", "`relu`")),
    "[residual: [reluu]]": ("7:24", ("`reluu`",)),
    "[residual: [linear: 3]]": ("7:13", ("`X` is 4×3", "`Z1` is 3×3", "4 rows")),
    "[gcn: {out: 2, adj: A}]": ("7:32", ("no matrix `A`", "`adj`")),
    "[gcn: {out: 2, adj: X}]": ("7:32", ("`X` is 4×3", "columns × columns", "3×3")),
    "[multi_head_attention: 3]": ("7:35", ("3 heads", "4 rows")),
    "[linear: '{n}']": ("7:22", ("whole number", "`{n}`")),
    "[linear: 2]\n    out: X": ("8:10", ("`X`", "already")),
    "[linear: 2]\n    out: max": ("8:10", ("function",)),
    "[linear: 2]\n    out: two words": ("8:10", ("name",)),
    "[linear: 2]\n    out: W1": ("7:13", ("`W1`", "already")),
    "[linear: 2]\n    seed: -1": ("8:11", ("`seed`", "less than 0")),
    "[linear: 2]\n    oout: Y": ("8:5", ("`oout`", "`out`")),
    "[linear: 2]\n  - Z1 = X": ("8:5", ("`Z1`", "already computed")),
    "[linear: 2]\n  - W1 = X": ("8:5", ("`W1`", "is given")),
    "[relu]\n  - layers: Q\n    stack: [relu]": ("8:13", ("no matrix `Q`",)),
    "[relu]\n  - B = X @ Q\n  - layers: X\n    stack: [relu]": ("8:13", ("no matrix `Q`",)),
    "[relu]\n  - Z2 = A1\n  - layers: A1\n    stack: [linear: 2]": ("10:13", ("`Z2`", "`linear`", "another name")),
}


@pytest.mark.parametrize("stack", MISTAKES)
def test_one_error_with_its_place(stack: str) -> None:
    place, words = MISTAKES[stack]
    with pytest.raises(SpecError) as caught:
        loads(stacked(stack), "s.yaml")
    assert str(caught.value).startswith(f"s.yaml:{place}: "), str(caught.value)
    assert not [word for word in words if word not in caught.value.message], caught.value.message


@pytest.mark.parametrize("name", ["W1", "b1"])
def test_a_name_that_the_layer_needs(name: str) -> None:
    text = stacked("[linear: 2]").replace("steps:", f"  {name}: {{role: parameter, value: 1}}\nsteps:")
    with pytest.raises(SpecError, match=rf"s.yaml:8:13: .*{name}.*`linear: {{{name[0]}: {name}}}`"):
        loads(text, "s.yaml")


def test_a_gcn_needs_a_graph() -> None:
    with pytest.raises(SpecError, match=r"6:13: There is no matrix `Adj` yet\. `gcn` needs it as `adj`"):
        loads(stacked("[gcn: 2]").replace(GRAPH, ""), "s.yaml")


def test_a_kernel_s_own_numbers_may_have_channels() -> None:
    text = "title: t\nmatrices: {X: {role: input, value: [[[1, 2], [0, 1]], [[3, 0], [1, 1]]]}}\n"
    stack = "[conv2d: {K: [[[[1, 0], [0, 1]], [[2, 0], [0, 0.5]]]]}]"
    made = compile_text(f"{text}steps: [{{layers: X, stack: {stack}}}]\n")
    kernels = {g.name: g.value.tolist() for g in made.program.givens if g.name.startswith("K")}
    assert kernels == {"K1_1_1": [[1, 0], [0, 1]], "K1_1_2": [[2, 0], [0, 0.5]]}
    assert made.values["Z1_1"].tolist() == [[1 + 1 + 2 * 3 + 0.5 * 1 + made.values["b1"].item()]]
