"""Specs of the gallery, garbled: each compiles, or says where it is wrong; nothing else happens."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from sheetgen.api import program_of
from sheetgen.cmd.targets import specs_in
from sheetgen.errors import SpecError
from sheetgen.spec.read import loads

ROOT = Path(__file__).parents[1]
STACK = """title: A stack
graph: {nodes: [A, B], edges: [[A, B]]}
matrices:
  X: {role: input, value: [[1, 2], [3, 4]]}
  V: {role: parameter, random: {shape: [2, 2], seed: 1}}
steps:
  - layers: X
    stack: [linear: {out: 2, W: V, bias: false}, relu, residual: [layer_norm, self_attention: 2], leaky_relu: 0.1]
    out: H
  - for: t in 1..2
    steps:
      - layers: H
        stack: [gcn: {out: 2, adj: Adj}, multi_head_attention: 2, rnn: '{t}', lstm: 2]
        seed: 3
        out: Y{t}
  - L = sum(Y1 ** 2)
loss: L
update: {learning_rate: 0.1}
"""
TEXTS = [*(path.read_text(encoding="utf-8") for path in specs_in(ROOT / "specs")), *[STACK] * 6]
TOKEN = re.compile(r"\w+|[^\w\s]|\s+")
TOKENS = [token for text in TEXTS for token in TOKEN.findall(text)]
ODD = [
    "0", "-1", "1e300", ".nan", ".inf", "9999999999", "[]", "{}", "{t}", "'", '"', "true", "~", "=", "==", "@", "**",
    "/", "(", ")", "[", "]", ":", ": ", ", ", "&a", "*a", "|", "#", "- ", "\t", "\n", "\u2028", "relu(", "softmax(",
    "X", "Adj", "é", "for: t in 1..3", "layers: X",
]  # fmt: skip


def garbled(text: str, rng: random.Random) -> str:
    """`text` with a few lines or tokens deleted, doubled, swapped or replaced."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        by_line = rng.random() < 0.4
        parts = text.splitlines(keepends=True) if by_line else TOKEN.findall(text)
        if not parts:
            return text
        here, there = rng.randrange(len(parts)), rng.randrange(len(parts))
        match rng.randrange(4):
            case 0:
                del parts[here]
            case 1:
                parts.insert(there, parts[here])
            case 2:
                parts[here], parts[there] = parts[there], parts[here]
            case 3:
                parts[here] = rng.choice(parts if by_line else [*TOKENS, *ODD * 20])
        text = "".join(parts)
    return text


@pytest.mark.parametrize("seed", range(8))
def test_garbled_specs(seed: int) -> None:
    rng = random.Random(seed)
    wrong = 0
    for _ in range(60):
        text = garbled(rng.choice(TEXTS), rng)
        try:
            program_of(loads(text, "s.yaml", ROOT / "specs"))
        except SpecError as error:
            assert re.match(r"s\.yaml:\d+(:\d+)?: ", str(error)), (str(error), text)
            wrong += 1
        except Exception as error:
            raise AssertionError(text) from error
    assert 20 < wrong < 60
