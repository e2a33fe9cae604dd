"""The layers of transformers against plain numpy, written from the papers' definitions; their masks, and what is wrong
with them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from sheetgen import compile_text
from sheetgen.api import program_of
from sheetgen.errors import SpecError
from sheetgen.passes.evaluate import evaluate
from sheetgen.spec.read import loads

Values = dict[str, np.ndarray]
X = np.array([[1.0, 2, 0], [3, -1, 1], [0, 1, 2], [1, 1, -1]])
MEMORY = np.array([[1.0, 0, 2, 1], [0, 1, 1, -1], [2, 1, 0, 0], [1, -1, 1, 0]])
KEEP = np.array([[1.0, 1, 0]])
KEEP_MEMORY = np.array([[1.0, 0, 1, 1]])


def text_of(stack: list[Any], x: np.ndarray = X) -> str:
    given = {"X": x, "M": MEMORY, "keep": KEEP, "mkeep": KEEP_MEMORY}
    matrices = {name: {"role": "input", "value": value.tolist()} for name, value in given.items()}
    steps = [{"layers": "X", "stack": stack, "out": "Y"}, "L = sum(Y ** 2)"]
    return json.dumps({"title": "t", "matrices": matrices, "steps": steps, "loss": "L", "backward": True})


def values(stack: list[Any], x: np.ndarray = X) -> Values:
    return evaluate(program_of(loads(text_of(stack, x))))


def shares(scores: np.ndarray, seen: np.ndarray | None) -> np.ndarray:
    """Softmax of each column over the rows that may be seen."""
    weights = np.exp(scores - scores.max()) * (1 if seen is None else seen)
    return np.asarray(weights / weights.sum(axis=0))


def turned(x: np.ndarray, base: float = 10000) -> np.ndarray:
    """Row i and row i + d/2 of column t are a point, turned by t · base^(-2i/d)."""
    half = len(x) // 2
    points = (x[:half] + 1j * x[half:]) * np.exp(
        1j * np.outer([base ** (-2 * i / len(x)) for i in range(half)], range(x.shape[1]))
    )
    return np.vstack([points.real, points.imag])


def heads_of(
    v: Values, n: int, x: np.ndarray, heads: int, seen: np.ndarray | None = None, memory: np.ndarray | None = None,
    rope: bool = False,
) -> np.ndarray:  # fmt: skip
    source, size = x if memory is None else memory, len(x) // heads
    found = []
    for head in range(heads):
        rows = slice(head * size, (head + 1) * size)
        q, k, value = v[f"Wq{n}"][rows] @ x, v[f"Wk{n}"][rows] @ source, v[f"Wv{n}"][rows] @ source
        q, k = (turned(q), turned(k)) if rope else (q, k)
        found.append(value @ shares(k.T @ q / np.sqrt(size), seen))
    return np.asarray(v[f"Wo{n}"] @ np.vstack(found))


def normed(x: np.ndarray) -> np.ndarray:
    """Layer norm; its scale and shift are ones and zeros at first."""
    return np.asarray((x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5))


def thought(v: Values, n: int, x: np.ndarray) -> np.ndarray:
    """The two linear layers of a block, the first of them with number n."""
    return np.asarray(v[f"W{n + 1}"] @ np.maximum(v[f"W{n}"] @ x + v[f"b{n}"], 0) + v[f"b{n + 1}"])


LOWER = np.triu(np.ones((3, 3)))
"""Column q may see row k where k ≤ q."""
BOTH = LOWER * KEEP.T


def single(v: Values, seen: np.ndarray | None, rope: bool = False, base: float = 10000) -> np.ndarray:
    q, k = v["Wq1"] @ X, v["Wk1"] @ X
    q, k = (turned(q, base), turned(k, base)) if rope else (q, k)
    return np.asarray(v["Wv1"] @ X @ shares(k.T @ q / np.sqrt(len(q)), seen))


def experts(v: Values, k: int, hidden: int) -> np.ndarray:
    result = np.zeros_like(X)
    for column, x in enumerate(X.T):
        scores = v["Wg1"] @ x
        best = sorted(range(len(scores)), key=lambda e: -scores[e])[:k]
        weights = np.exp(scores[best] - scores.max())
        for expert, share in zip(best, weights / weights.sum(), strict=True):
            rows = slice(expert * hidden, (expert + 1) * hidden)
            result[:, column] += share * (v["V1"][:, rows] @ np.maximum(v["W1"][rows] @ x + v["b1"][rows, 0], 0))
    return result


def encoder(v: Values, x: np.ndarray, seen: np.ndarray | None = None) -> np.ndarray:
    x = normed(x + heads_of(v, 1, x, 2, seen))
    return normed(x + thought(v, 3, x))


def encoder_first(v: Values, x: np.ndarray) -> np.ndarray:
    x = x + heads_of(v, 2, normed(x), 2)
    return x + thought(v, 4, normed(x))


def decoder(v: Values, x: np.ndarray, seen: np.ndarray, memory_seen: np.ndarray | None) -> np.ndarray:
    x = normed(x + heads_of(v, 1, x, 2, seen))
    x = normed(x + heads_of(v, 3, x, 2, memory_seen, MEMORY))
    return normed(x + thought(v, 5, x))


def recurrent(v: Values, n: int, x: np.ndarray) -> np.ndarray:
    h, found = np.zeros(2), []
    for column in x.T:
        h = np.tanh(v[f"Wx{n}"] @ column + v[f"Wh{n}"] @ h + v[f"b{n}"][:, 0])
        found.append(h)
    return np.array(found).T


def places(x: np.ndarray) -> np.ndarray:
    """sin and cos of t / 10000^(2⌊i/2⌋/d), as the paper has them."""
    rows, columns = x.shape
    return np.array([[(np.sin, np.cos)[i % 2](t / 10000 ** (2 * (i // 2) / rows)) for t in range(columns)]
                     for i in range(rows)])  # fmt: skip


STACKS: dict[str, tuple[list[Any], Any]] = {
    "causal": ([{"self_attention": {"causal": True}}], lambda v: single(v, LOWER)),
    "padding": ([{"self_attention": {"keep": "keep"}}], lambda v: single(v, KEEP.T)),
    "both masks": ([{"self_attention": {"causal": True, "keep": "keep"}}], lambda v: single(v, BOTH)),
    "rope": ([{"self_attention": {"rope": True}}], lambda v: single(v, None, True)),
    "rope, causal, a base": (
        [{"self_attention": {"out": 2, "rope": True, "base": 100, "causal": True}}],
        lambda v: single(v, LOWER, True, 100),
    ),
    "cross": (
        [{"cross_attention": "M"}],
        lambda v: v["Wv1"] @ MEMORY @ shares((v["Wk1"] @ MEMORY).T @ (v["Wq1"] @ X) / 2, None),
    ),
    "cross, padding": (
        [{"cross_attention": {"memory": "M", "out": 2, "keep": "mkeep"}}],
        lambda v: v["Wv1"] @ MEMORY @ shares((v["Wk1"] @ MEMORY).T @ (v["Wq1"] @ X) / np.sqrt(2), KEEP_MEMORY.T),
    ),
    "heads, causal": (
        [{"multi_head_attention": {"heads": 2, "causal": True}}], lambda v: heads_of(v, 1, X, 2, LOWER),
    ),
    "heads, memory, padding": (
        [{"multi_head_attention": {"heads": 2, "memory": "M", "keep": "mkeep"}}],
        lambda v: heads_of(v, 1, X, 2, KEEP_MEMORY.T, MEMORY),
    ),
    "heads, rope": (
        [{"multi_head_attention": {"heads": 2, "rope": True, "causal": True}}],
        lambda v: heads_of(v, 1, X, 2, LOWER, rope=True),
    ),
    "places": ([{"linear": 4}, "positional_encoding"], lambda v: v["Z1"] + places(X)),
    "experts": ([{"moe": {"experts": 3, "hidden": 2}}], lambda v: experts(v, 2, 2)),
    "one expert": ([{"moe": {"experts": 3, "k": 1}}], lambda v: experts(v, 1, 4)),
    "encoder": ([{"encoder_block": 2}], lambda v: encoder(v, X)),
    "encoder, padding": (
        [{"encoder_block": {"heads": 2, "hidden": 3, "keep": "keep"}}], lambda v: encoder(v, X, KEEP.T),
    ),
    "encoder, norms first": ([{"encoder_block": {"heads": 2, "norm_first": True}}], lambda v: encoder_first(v, X)),
    "decoder": (
        [{"decoder_block": {"heads": 2, "hidden": 3, "memory": "M"}}], lambda v: decoder(v, X, LOWER, None),
    ),
    "decoder, padding": (
        [{"decoder_block": {"heads": 2, "memory": "M", "keep": "keep", "memory_keep": "mkeep"}}],
        lambda v: decoder(v, X, BOTH, KEEP_MEMORY.T),
    ),
    "both ways": (
        [{"bidirectional": [{"rnn": 2}]}],
        lambda v: np.vstack([recurrent(v, 1, X), recurrent(v, 2, X[:, ::-1])[:, ::-1]]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STACKS)
def test_a_layer_is_what_the_paper_says(case: str) -> None:
    stack, by_numpy = STACKS[case]
    v = values(stack)
    np.testing.assert_allclose(v["Y"], by_numpy(v), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("case", ["both masks", "heads, rope", "experts", "encoder", "decoder, padding", "both ways"])
def test_its_cells_and_gradients_are_right(case: str) -> None:
    report = compile_text(text_of(STACKS[case][0])).verify()
    assert report.ok and report.gradients and report.gradients.checked and not report.gradients.wrong


TOKENS = [{"embedding": {"out": 3, "words": 5}}]


def test_embedding_looks_tokens_up() -> None:
    v = values(TOKENS, np.array([[4.0, 0, 4]]))
    assert v["T1"].shape == (3, 5)
    np.testing.assert_array_equal(v["Y"], v["T1"][:, [4, 0, 4]])


def test_sections_of_blocks_and_headings_in_a_stack() -> None:
    spec = loads(text_of([{"section": "Look"}, "relu", {"encoder_block": {"heads": 2}}, {"section": "Out"}, "tanh"]))
    steps = {step.text.partition(" = ")[0]: step.section for step in spec.steps}
    assert [steps[name] for name in ("A1", "Q2", "R2", "Z4", "N6", "Y", "L")] == [
        "Look", "Self-attention", "Self-attention", "Feed-forward", "Feed-forward", "Out", "",
    ]  # fmt: skip


MISTAKES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "no memory": ({"decoder_block": 2}, ("`decoder_block` needs `memory`", "`decoder_block: {heads: 4, memory: M}`")),
    "no heads": ("encoder_block", ("`encoder_block` needs `heads`", "`encoder_block: 4`")),
    "bare": ({"cross_attention": None}, ("`cross_attention` needs `memory`", "`cross_attention: M`")),
    "no words": ({"embedding": 3}, ("`embedding` needs `words`", "`embedding: {out: 4, words: 4}`")),
    "heads": ({"encoder_block": 3}, ("3 heads can't share 4 rows (`X` is 4×3) evenly",)),
    "padding": ({"encoder_block": {"heads": 2, "keep": "mkeep"}}, ("`mkeep` is 1×4", "1 × keys: 1×3")),
    "odd": ({"self_attention": {"out": 3, "rope": True}}, ("`rope` needs an even number of rows, not 3",)),
    "odd heads": ({"multi_head_attention": {"heads": 4, "rope": True}}, ("an even number of rows, not 1",)),
    "activation": ({"encoder_block": {"heads": 2, "activation": "swish"}}, ("one of relu", "`swish`")),
    "k": ({"moe": {"experts": 2, "k": 0}}, ("`k` of `moe`", "whole number from 1 on")),
    "too many": ({"moe": {"experts": 2, "k": 3}}, ("each column has only 2",)),
    "tokens": ({"embedding": {"out": 2, "words": 3}}, ("token ids must stand in one row",)),
    "heading": ([{"section": 3}, "relu"], ("`section: Encoder`",)),
    "headings only": ({"section": "Encoder"}, ("heading", "layer")),
    "here": ("TransformerEncoderLayer", ("`encoder_block`",)),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_one_error_in_one_line(case: str) -> None:
    stack, words = MISTAKES[case]
    with pytest.raises(SpecError) as caught:
        loads(text_of(stack if isinstance(stack, list) else [stack]))
    assert not [word for word in words if word not in caught.value.message], caught.value.message
