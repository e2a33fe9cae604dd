"""The layers of transformers: attention with its masks, places, embeddings, experts, and blocks that are built of them.

`rope` turns the halves of queries and keys against each other, as Llama does (Su and others, arXiv:2104.09864, with
pairs of rows that lie half of them apart); `positional_encoding` is that of Vaswani and others (arXiv:1706.03762), and
`encoder_block` and `decoder_block` are PyTorch's without dropout, with the norms behind or, with `norm_first`, before.
"""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

from typing import Any

from sheetgen.spec.layer import ACTIVATIONS, SIZE, Known, Layer, When, Whole, Word

MASKED = ("causal", "keep")
MASKS = {"causal": False, "keep": Known("", "1 × keys")}
ROPE = {"rope": False, "base": 10000}
TURN = {"place": "1 × columns", "pair": "half × 1"}
COUNTED = {"place": "count", "pair": "count"}
MEMORY = {"source": ("memory", "rows"), "keys": ("memory", "columns")}

SEEN = [When("causal", [
    When("keep",
         [("seen$n = triu(ones(($columns, $columns))) * $keep.T",
           "1 where a query (column) may see a key (row): nothing that comes later, and no padding.")],
         [("seen$n = triu(ones(($columns, $columns)))",
           "1 where a query (column) may see a key (row): itself and those before it.")]),
], [When("keep", [("seen$n = $keep.T", "1 for the keys that count, 0 for padding.")])])]
PACE = [When("rope", [
    ("angle$n = $place * $base ** (-$pair / $half)",
     "How far each pair of rows is turned in each column: the first pair fast, the others slower."),
    ("cos$n = cos(angle$n)", "Their cosines."),
    ("sin$n = sin(angle$n)", "And sines."),
])]


def _turned(target: str, of: str, first: str, middle: str, last: str) -> str:
    """A matrix whose two halves of rows are turned against each other."""
    a, b = f"{of}[{first}:{middle}]", f"{of}[{middle}:{last}]"
    return f"{target} = vstack([{a} * cos$n - {b} * sin$n, {b} * cos$n + {a} * sin$n])"


def _masked(scores: str, seen: str, shares: str, *says: str) -> list[Any]:
    """Scores become shares; those that may not be seen are hopeless first."""
    hidden, plain = f"{seen} = where(seen$n > 0, {scores}, -1000)", f"{shares} = softmax(%s)"
    steps = [[hidden, plain % seen], [plain % scores]]
    told = [list(zip(part, says[-len(part):], strict=True)) for part in steps] if says else steps
    return [When(MASKED, told[0], told[1])]


SHARES = "Attention: down each column, the scores of a query become shares of 1."
HOPELESS = "What may not be seen gets a hopeless score."
SCORES = "Scores: each key times each query, scaled by the root of their length."
FIRST, MIDDLE, LAST = "{(h-1)*$part}", "{(h-1)*$part+$half}", "{h*$part}"

ATTENTION: dict[str, Layer] = {
    "self_attention": Layer(
        "Z", says="Each column asks all columns and takes from those whose keys match its query.",
        takes={"out": "rows", **MASKS, **ROPE}, free={"keys": ("", "columns")},
        weights={"Wq": "out × rows", "Wk": "out × rows", "Wv": "out × rows"},
        constants=TURN, fill=COUNTED, only={"place": "rope", "pair": "rope", "half": "rope"},
        quotients={"half": ("out", "")},
        steps=[
            ("Q$n = $Wq @ $x", "Queries: what each column looks for."),
            ("K$n = $Wk @ $x", "Keys: what each column has to offer."),
            ("V$n = $Wv @ $x", "Values: what it gives to those who ask."),
            *PACE,
            When("rope", [
                (_turned("Q${n}_turned", "Q$n", "0", "$half", "$out"),
                 "Queries turned by their places, as the hands of clocks."),
                (_turned("K${n}_turned", "K$n", "0", "$half", "$out"),
                 "Keys likewise, so that only the distance of two places counts."),
                ("S$n = K${n}_turned.T @ Q${n}_turned / sqrt($out)", SCORES),
            ], [("S$n = K$n.T @ Q$n / sqrt($out)", SCORES)]),
            *SEEN,
            *_masked("S$n", "M$n", "A$n", HOPELESS, SHARES),
            ("$y = V$n @ A$n", "Each column takes its shares of the values."),
        ]),

    "cross_attention": Layer(
        "Z", says="Each column asks the columns of another matrix, such as what an encoder made, and takes from those.",
        takes={"memory": Known("", "source × keys", needed=True), "out": "rows", "keep": Known("", "1 × keys")},
        free=MEMORY, weights={"Wq": "out × rows", "Wk": "out × source", "Wv": "out × source"},
        steps=[
            ("Q$n = $Wq @ $x", "Queries: what each column looks for."),
            ("K$n = $Wk @ $memory", "Keys: what each column of $memory has to offer."),
            ("V$n = $Wv @ $memory", "Values: what it gives to those who ask."),
            ("S$n = K$n.T @ Q$n / sqrt($out)", SCORES),
            *SEEN,
            *_masked("S$n", "M$n", "A$n", HOPELESS, SHARES),
            ("$y = V$n @ A$n", "Each column takes its shares of the values."),
        ]),

    "multi_head_attention": Layer(
        "Z", says="Self-attention several times side by side, each head on its own rows.",
        takes={"heads": SIZE, **MASKS, "memory": Known("", "source × keys"), **ROPE}, free=MEMORY,
        quotients={"part": ("rows", "heads"), "half": ("part", "")},
        weights={"Wq": "rows × rows", "Wk": "rows × source", "Wv": "rows × source", "Wo": "rows × rows"},
        constants=TURN, fill=COUNTED, only={"place": "rope", "pair": "rope", "half": "rope"},
        steps=[
            ("Q$n = $Wq @ $x", "Queries of all heads, below one another."),
            ("K$n = $Wk @ $heard", "Keys of all heads."),
            ("V$n = $Wv @ $heard", "Values of all heads."),
            *SEEN,
            *PACE,
            {"for": "h in 1..$heads", "steps": [{
                "say": "Head {h} has its own rows of the queries, keys and values: $part of each.",
                "steps": [
                    When("rope", [
                        _turned("Q${n}_{h}", "Q$n", FIRST, MIDDLE, LAST),
                        _turned("K${n}_{h}", "K$n", FIRST, MIDDLE, LAST),
                        "S${n}_{h} = K${n}_{h}.T @ Q${n}_{h} / sqrt($part)",
                    ], ["S${n}_{h} = K$n[{(h-1)*$part}:{h*$part}].T @ Q$n[{(h-1)*$part}:{h*$part}] / sqrt($part)"]),
                    *_masked("S${n}_{h}", "M${n}_{h}", "A${n}_{h}"),
                    "O${n}_{h} = V$n[{(h-1)*$part}:{h*$part}] @ A${n}_{h}"]}]},
            ("O$n = vstack([O${n}_{1..$heads}])", "What the heads found, below one another."),
            ("$y = $Wo @ O$n", "The last weights mix the heads."),
        ]),

    "embedding": Layer(
        "E", says="Each number in a row of tokens is looked up: its column of a table that is trained.",
        takes={"out": SIZE, "words": SIZE}, weights={"T": "out × words"},
        steps=[("$y = embedding($T, $x)", "Each token's column is looked up in the table.")]),

    "positional_encoding": Layer(
        "P", says="Sines and cosines of each column's place are added, so that columns know where they stand.",
        takes={"base": 10000}, constants={"place": "1 × columns", "row": "rows × 1"},
        fill={"place": "count", "row": "count"},
        steps=[
            ("angle$n = $place / $base ** (($row - mod($row, 2)) / $rows)",
             "An angle for each place, counted from 0: the first two rows go round fast, the others slower."),
            ("PE$n = where(mod($row, 2) == 0, sin(angle$n), cos(angle$n))",
             "Rows 0, 2, … take the sine, rows 1, 3, … the cosine. No two columns are alike."),
            ("$y = $x + PE$n", "Added to $x, they tell each column its place."),
        ]),

    "moe": Layer(
        "Z", says="Mixture of experts: a router sends each column to the best k of several small networks.",
        takes={"experts": SIZE, "k": Whole(2), "hidden": "rows"},
        weights={"Wg": "experts × rows", "W": "experts·hidden × rows", "b": "experts·hidden × 1",
                 "V": "rows × experts·hidden"},
        steps=[
            ("G$n = $Wg @ $x", "The router scores each expert (row) for each column."),
            ("top$n = top_k(G$n, $k)", "The best $k experts of each column."),
            ("share$n = softmax(where(top$n > 0, G$n, -1000))", "Their scores become shares of 1; all others get 0."),
            {"for": "e in 1..$experts", "steps": [{
                "say": "Expert {e} has its own rows of the first weights and columns of the second. It answers every "
                       "column here, so that answers can be compared.",
                "steps": [
                    "H${n}_{e} = relu($W[{(e-1)*$hidden}:{e*$hidden}] @ $x + $b[{(e-1)*$hidden}:{e*$hidden}])",
                    "E${n}_{e} = $V[:, {(e-1)*$hidden}:{e*$hidden}] @ H${n}_{e}"]}]},
            ("$y = sum([share$n[{0..$experts-1}] * E${n}_{1..$experts}])",
             "The answers, each times its expert's share, added up."),
        ]),
}

FEED: list[Any] = [{"linear": "$hidden"}, "$activation", {"linear": "$rows"}]
BLOCK: dict[str, Any] = {"heads": SIZE, "hidden": "4·rows", "activation": Word(("relu", *ACTIVATIONS[1:])),
                         "norm_first": False}
LOOK: dict[str, Any] = {"multi_head_attention": {"heads": "$heads", "causal": "$causal", "keep": "$keep"}}
ASK: dict[str, Any] = {"multi_head_attention": {"heads": "$heads", "memory": "$memory", "keep": "$memory_keep"}}


def _block(*parts: tuple[str, list[Any]]) -> list[Any]:
    """Each part with its heading, a shortcut around it, and a norm behind it or, inside of the shortcut, first."""
    first, last = [], []
    for title, layers in parts:
        first += [{"section": title}, {"residual": ["layer_norm", *layers]}]
        last += [{"section": title}, {"residual": layers}, "layer_norm"]
    return [When("norm_first", first, last)]


BLOCKS: dict[str, Layer] = {
    "encoder_block": Layer(
        "", steps=[], says="A block of a transformer: self-attention and two linear layers, with shortcuts and norms.",
        takes={**BLOCK, **MASKS}, free={"keys": ("", "columns")},
        built=_block(("Self-attention", [LOOK]), ("Feed-forward", FEED))),

    "decoder_block": Layer(
        "", steps=[], says="A block of a transformer that looks back at its own columns, and at all of an encoder's.",
        takes={**BLOCK, "memory": Known("", "source × others", needed=True), "causal": True,
               "keep": Known("", "1 × columns"), "memory_keep": Known("", "1 × others")},
        free={"source": ("memory", "rows"), "others": ("memory", "columns")},
        built=_block(("Masked self-attention", [LOOK]), ("Cross-attention", [ASK]), ("Feed-forward", FEED))),
}
