"""Specs, garbled: lines, tokens, signs, bytes and values deleted, swapped and replaced, by lot."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from typing import Any

import yaml

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
SMALL = """title: Small
about: All kinds of entries.
graph: {nodes: [A, B, C], edges: [[A, B, 0.5], [B, C]], name: G, predict: p}
matrices:
  X: {role: input, value: [[1, 0.5, -2], [3, 4, 0]], rows: [a, b], columns: [u, v, w], about: data}
  W: {role: parameter, random: {shape: [2, 2], low: -2, high: 2, seed: 4}}
  b: {role: parameter, zeros: [2, 1]}
  N: {role: input, value: [[0, 2, 1]], integer: true}
  Y: {role: target, value: 0.25}
define:
  squash(A, by=2):
    - section: Squash {A}
    - {do: "B = A / by", say: "{B} for {squash}"}
    - for: t in 1..2
      steps: ["C{t} = tanh(B) * {t}"]
    - C1 + C2[0:rows(A), :]
  twice(A): "squash(squash(A, 0.5) - A)"
steps:
  - section: One
  - do: Z = W @ X @ G + b
    say: Weigh them.
  - {explain: "Z[:, 0]"}
  - say: Then
    steps: ["A = relu(Z[0:1, :]) + 0.1", "B = where(A > 0.5, A, -A / 2)"]
  - for: t in 1..3
    first: ["S{t} = B"]
    steps: ["S{t} = tanh(B * {t}) + one_hot(N, 3)[{t-1}]"]
  - p = sigmoid(sum([S{1..2}, -twice(S3)]) * hstack([S{3..1 step 2}])[:, 0:columns(N)])
  - {verdict: p, words: {0: low, 0.5: high}}
  - L = mse(p, Y, reduction="mean")
charts: [{lines: [p, "B[0]"]}, {points: [X], title: Two}]
loss: L
backward: {wrt: [X]}
update: {learning_rate: 0.1}
formulas: cells
"""
TOKEN = re.compile(r"\w+|[^\w\s]|\s+")
NUMBER = re.compile(r"(?<![\w.])\d+(\.\d+)?")
TOKENS = [
    "{t}", "'", '"', "true", "~", "=", "==", "@", "**", "/", "(", ")", "[", "]", ":", ": ", ", ", "#", "- ", "\t", "\n",
    "relu(", "softmax(", "X", "Adj", "é", "for: t in 1..3", "layers: X", "- - ", "? ", "! ", "!!binary ", "!!set ",
    "!!python/object/apply:os.system ", "&a ", "*a", "<<: ", "|", ">-", "%YAML 1.1\n", "---\n", "...\n", "null", "=1+1",
    "one_hot(", "reshape(", "conv2d(X, X)", "lookup(", "not ", "lambda: ", "X[", ".T", "[[1, 2], [3]]", "@=", ":=",
    "{t-1}", "{9**9**9}", "{{", "}}", "${HOME}", "`", "\\", "\\x00", "1..4", "../../etc/passwd", "/dev/zero",
]  # fmt: skip
"""What may come in the place of a token."""
NUMBERS = [
    "0", "-1", "1e300", "1e308", "1e309", "-1e-320", ".nan", ".inf", "-.INF", "9999999999", "1" + "0" * 400, "0.5",
    "1e-7", "0x1F", "0o17", "0b11", "1_000", "+1", ".5", "5.", "٣", "½", "12:30:45", "2024-01-01", "1,5", "true", "''",
    "'2'", "1e", "--1", "1.2.3", "999999", "16385", "1048577", "-0", "1j",
]  # fmt: skip
SIGNS = [
    "\0", "\x07", "\x1b[31m", "\x7f", "\x85", "\xa0", "\xad", "\u0300", "\u200b", "\u200d", "\u202e", "\u2028",
    "\u2029", "\u2066", "\ufeff", "\ufffe", "\ufffd", "\ud800", "\U0001f600", "\U000e0041", "\U0010ffff", "𝒳", "Ｘ",
    "ǆ", "ſ", "ﬀ", "İ", "ᵀ", "−", "×", "«", "、", "ا", "\r", "\t", " ", "\v", "\f",
]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, 0, -1, 2.5, 10**30, 1e308, float("nan"), float("-inf"), "", " ", "X", "=1", "relu(X)", "a\nb",
    "\t", "x" * 5000, "{t}", [], {}, [[]], [None], [[1, 2], [3]], [[[1]]], {"a": 1}, {1: 2}, {"": ""}, b"\xff",
    [{"do": "Z = X"}], ["Q = 1"], "t in 1..3", "t in 1..999999999", "linear: 3", ["relu"], {"shape": [0, 0]},
    {"wrt": ["X", "X"]}, [1] * 3000,
]  # fmt: skip
"""What may come in the place of a value."""


def rearranged(parts: list[str], others: Sequence[Callable[[str], str]], rng: random.Random) -> str:
    """A part deleted, doubled, moved, put elsewhere, or made into another by one of `others`."""
    if not parts:
        return ""
    here, there = rng.randrange(len(parts)), rng.randrange(len(parts))
    match way := rng.randrange(4 + len(others)):
        case 0:
            del parts[here]
        case 1:
            parts.insert(there, parts[here])
        case 2:
            parts[here], parts[there] = parts[there], parts[here]
        case 3:
            parts[here] = parts[there]
        case _:
            parts[here] = others[way - 4](parts[here])
    return "".join(parts)


def lines(text: str, rng: random.Random) -> str:
    """A line deleted, doubled, moved, put elsewhere, or indented otherwise."""

    def further(line: str) -> str:
        return rng.choice((" ", "  ", "\t", "- ", "      ")) + line

    def less(line: str) -> str:
        return line.removeprefix(rng.choice((" ", "  ", "  - ")))

    return rearranged(text.splitlines(keepends=True), (further, less), rng)


def tokens(text: str, rng: random.Random) -> str:
    """A token deleted, doubled, swapped with another, or replaced."""
    return rearranged(TOKEN.findall(text), (lambda _: rng.choice(TOKENS),), rng)


def numbers(text: str, rng: random.Random) -> str:
    """Another number, or what somebody may take for one."""
    found = list(NUMBER.finditer(text))
    if not found:
        return text
    one = rng.choice(found)
    return text[: one.start()] + rng.choice(NUMBERS) + text[one.end() :]


def signs(text: str, rng: random.Random) -> str:
    """An odd sign, a letter of the other case, or the rest cut off."""
    at = rng.randrange(len(text) + 1)
    match rng.randrange(8):
        case 0:
            return text[:at]
        case 1:
            return text[:at] + text[at : at + 1].swapcase() + text[at + 1 :]
        case 2:
            return text.replace("\n", rng.choice(("\r\n", "\r", "\x85", "\u2028")))
        case _:
            return text[:at] + rng.choice(SIGNS) * rng.choice((1, 1, 1, 3)) + text[at + rng.randrange(2) :]


def depths(text: str, rng: random.Random) -> str:
    """Something that nests deeply, is long, or grows when it is read."""
    deep = rng.choice((20, 60, 300, 5000))
    laughs = "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    expressions = (
        "(" * deep + "X" + ")" * deep, "-" * deep + "X", " + ".join(["X"] * deep), "relu(" * deep + "X" + ")" * deep,
        "X" + ".T" * deep, "X" + "[0:1]" * deep, " @ ".join(["X"] * deep), "vstack([" * deep + "X" + "])" * deep,
        " ** ".join(["X"] * deep), "X" + "_" * deep, "9" * deep, "X + " + "0." + "1" * deep,
    )  # fmt: skip
    blocks = (
        f"more: {'[' * deep}{']' * deep}\n", f"more: {'{a: ' * deep}1{'}' * deep}\n",
        "".join(f"{' ' * k}a:\n" for k in range(min(deep, 2000))), f"a: &a [1]\n{laughs}", "a: &a [*a]\n",
        f"more: '{'x' * 100 * deep}'\n", "&a\n" * 3, f"? {'[' * deep}\n", "# " + "x" * 100 * deep + "\n",
        "".join(f"m{k}: {k}\n" for k in range(deep)),
    )  # fmt: skip
    if rng.random() < 0.5:
        parts = text.splitlines(keepends=True)
        parts.insert(rng.randrange(len(parts) + 1), rng.choice(blocks))
        return "".join(parts)
    found = list(re.finditer(r"(?<= = ).+", text))
    if not found:
        return text
    one = rng.choice(found)
    return text[: one.start()] + rng.choice(expressions) + text[one.end() :]


def values(text: str, rng: random.Random) -> str:
    """Somewhere in the tree another value, a key less or called otherwise; all written anew, perhaps with anchors."""
    try:
        tree = yaml.safe_load(text)
    except Exception:
        return text
    places: list[tuple[Any, Any]] = []
    seen: set[int] = set()

    def walk(node: Any) -> None:
        if id(node) in seen:  # a circle of an earlier change
            return
        seen.update([id(node)] if isinstance(node, (list, dict)) else ())
        for key in range(len(node)) if isinstance(node, list) else list(node) if isinstance(node, dict) else ():
            places.append((node, key))
            walk(node[key])

    walk(tree)
    if not places:
        return text
    (node, key), (other, there) = rng.choice(places), rng.choice(places)
    match rng.randrange(6):
        case 0:
            del node[key]
        case 1:
            node[key] = other[there]  # an alias, or a circle
        case 2:
            if isinstance(node, dict):
                node[rng.choice((str(key) + "s", str(key).upper(), 1, None, True, "for", "steps"))] = node.pop(key)
        case 3:
            node[key] = [node[key]]
        case _:
            node[key] = rng.choice(VALUES)
    try:
        return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, default_flow_style=rng.choice((True, False)))
    except (yaml.YAMLError, RecursionError):
        return text


Way = Callable[[str, random.Random], str]
WAYS: tuple[Way, ...] = (lines, tokens, tokens, numbers, signs, depths, values, values)


def garbled(text: str, rng: random.Random) -> bytes:
    """A spec's file, garbled in one or several ways."""
    for _ in range(rng.choice((1, 1, 1, 1, 2, 4))):
        text = rng.choice(WAYS)(text, rng)
    data = text.encode("utf-8", "surrogatepass")
    match rng.randrange(60):
        case 0:
            return text.encode("utf-16", "surrogatepass")
        case 1:
            at = rng.randrange(len(data) + 1)
            return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
        case 2:
            return b"\xef\xbb\xbf" + data
        case _:
            return data
