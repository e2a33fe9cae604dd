"""What each layer of a `layers:` stack stands for: its parameters and its steps, as a spec would write them.

In the texts, `$x` is the matrix that comes in, `$rows` × `$columns` its size, `$channels` how many of
them it has, `$features` these or else its rows, `$y` what comes out, `$n` the layer's
number; the rest are the layer's own options and weights. Without its bias, a layer loses ` + $b`. Braces belong to the
loops and lists, as everywhere in a spec.
"""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SIZE = "a whole number from 1 on"
STACK = "a list of layers"


@dataclass(frozen=True)
class Known:
    """An option that names a matrix which is there already, with its usual name and its size."""

    usual: str
    size: str


@dataclass(frozen=True)
class Share:
    """An option that is a part of the whole, with its usual value."""

    usual: float


@dataclass(frozen=True)
class Whole:
    """An option that is a whole number, with its usual value and the least."""

    usual: int
    least: int = 1


@dataclass(frozen=True)
class When:
    """Steps that a true-or-false option brings, and those without it."""

    option: str
    steps: list[Any]
    otherwise: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Layer:
    """One kind of layer; a new one is a new entry of `LAYERS`."""

    result: str
    """What comes out is called by this letter and the layer's number."""
    steps: list[Any]
    """Texts, (text, sentence), loops and groups as in a spec, `When`."""
    says: str
    takes: dict[str, Any] = field(default_factory=dict)
    """Options: SIZE, STACK, a `Known` matrix, a `Share`, a `Whole` number, the name of the size it defaults to, or
    a default. The first is what a bare value means, as in `linear: 4`."""
    weights: dict[str, str] = field(default_factory=dict)
    """Size of each parameter: rows × columns."""
    fill: dict[str, str] = field(default_factory=dict)
    """Parameters that start as `ones` or `zeros`; others are small whole numbers."""
    masks: dict[str, str] = field(default_factory=dict)
    """Size of each constant of zeros and ones, drawn with the share `p` of zeros."""
    divides: str = ""
    """The option that must divide the rows; `$part` is the quotient."""

    @property
    def named(self) -> dict[str, str]:
        """Size of each matrix that is made up unless the spec names one of its own."""
        return self.weights | self.masks


ACTIVATIONS = ("relu", "leaky_relu", "sigmoid", "hard_sigmoid", "tanh", "gelu", "silu", "softplus", "elu", "selu",
               "mish", "softsign", "softmax")

LAYERS: dict[str, Layer] = {
    "linear": Layer(
        "Z", says="Each sample's features are weighed and added up, plus a bias.",
        takes={"out": SIZE, "bias": True},
        weights={"W": "out × rows", "b": "out × 1"},
        steps=["$y = $W @ $x + $b"]),

    **{name: Layer("A", [f"$y = {name}($x)"], f"The function {name}.") for name in ACTIVATIONS},

    "leaky_relu": Layer(
        "A", says="ReLU that lets a little of the negatives through.",
        takes={"negative_slope": 0.01},
        steps=["$y = leaky_relu($x, $negative_slope)"]),

    "layer_norm": Layer(
        "N", says="Each column gets average 0 and spread 1, then a scale and a shift that are trained.",
        weights={"gamma": "features × 1", "beta": "features × 1"}, fill={"gamma": "ones", "beta": "zeros"},
        steps=["$y = layer_norm($x, $gamma, $beta)"]),

    "batch_norm": Layer(
        "N", says="Each row gets average 0 and spread 1 over the samples, then a scale and a shift that are trained.",
        weights={"gamma": "features × 1", "beta": "features × 1"}, fill={"gamma": "ones", "beta": "zeros"},
        steps=["$y = batch_norm($x, $gamma, $beta)"]),

    "rms_norm": Layer(
        "N", says="Each column is divided by the root of its mean square, then scaled by what is trained.",
        weights={"gamma": "rows × 1"}, fill={"gamma": "ones"},
        steps=["$y = rms_norm($x, $gamma)"]),

    "dropout": Layer(
        "D", says="Each number is dropped with probability p; what stays is divided by the share that stays.",
        takes={"p": Share(0.5)}, masks={"mask": "rows × columns"},
        steps=["$y = dropout($x, $mask, $p)"]),

    "conv2d": Layer(
        "Z", says="Each channel that comes out adds up all that come in, each under a kernel of its own, plus a bias.",
        takes={"out": SIZE, "size": Whole(3), "stride": Whole(1), "padding": Whole(0, 0), "bias": True},
        weights={"K": "out × channels × size × size", "b": "out × 1"},
        steps=["$y = conv2d($x, $K, stride=$stride, padding=$padding) + $b"]),

    "depthwise_conv2d": Layer(
        "Z", says="Each channel has a kernel of its own and isn't mixed with others.",
        takes={"size": Whole(3), "stride": Whole(1), "padding": Whole(0, 0), "bias": True},
        weights={"K": "channels × size × size", "b": "channels × 1"},
        steps=["$y = conv2d($x, $K, stride=$stride, padding=$padding, groups=$channels) + $b"]),

    "conv_transpose2d": Layer(
        "Z", says="The way back of a convolution: each number is spread over a window, times a kernel.",
        takes={"out": SIZE, "size": Whole(2), "stride": Whole(2), "padding": Whole(0, 0), "bias": True},
        weights={"K": "channels × out × size × size", "b": "out × 1"},
        steps=["$y = conv_transpose2d($x, $K, stride=$stride, padding=$padding) + $b"]),

    "max_pool": Layer(
        "M", says="Of each window only the largest number stays.",
        takes={"size": Whole(2)},
        steps=["$y = max_pool($x, $size)"]),

    "avg_pool": Layer(
        "M", says="Of each window the average stays.",
        takes={"size": Whole(2)},
        steps=["$y = avg_pool($x, $size)"]),

    "global_avg_pool": Layer(
        "G", says="Of each channel the average stays, in a column.",
        steps=["$y = global_avg_pool($x)"]),

    "upsample": Layer(
        "U", says="Each number becomes a block of equal numbers.",
        takes={"scale": Whole(2)},
        steps=["$y = upsample($x, $scale)"]),

    "flatten": Layer(
        "F", says="All numbers, channel after channel and row by row, in a single column.",
        steps=["$y = flatten($x)"]),

    "group_norm": Layer(
        "N", says="Each group of rows, or of channels, gets average 0 and spread 1, then a scale and a shift.",
        takes={"groups": SIZE},
        weights={"gamma": "features × 1", "beta": "features × 1"}, fill={"gamma": "ones", "beta": "zeros"},
        steps=["$y = $gamma * group_norm($x, $groups) + $beta"]),

    "residual": Layer(
        "R", says="What goes in is added to what comes out of the layers inside.",
        takes={"stack": STACK},
        steps=[("$y = $x + $inner", "The shortcut: $x itself is added to what the layers made of it.")]),

    "gcn": Layer(
        "Z", says="Graph convolution: each node averages what its neighbours and itself have to say.",
        takes={"out": SIZE, "adj": Known("Adj", "columns × columns"), "normalize": True, "bias": True},
        weights={"W": "out × rows", "b": "out × 1"},
        steps=[
            When("normalize", [
                ("${adj}_hat = $adj + eye($columns)", "Ones on the diagonal: each node also listens to itself."),
                ("${adj}_deg = sum(${adj}_hat, axis=0)", "How many each node listens to."),
                ("${adj}_share = ${adj}_deg ** -0.5", "1 ÷ √degree: busy nodes shall not drown the rest."),
                ("${adj}_norm = ${adj}_hat * ${adj}_share * ${adj}_share.T", "Each edge is weighed by both its ends."),
            ]),
            ("M$n = $W @ $x", "Each node writes a message: its features, weighed."),
            When("normalize",
                 [("$y = M$n @ ${adj}_norm + $b", "Each node adds up the messages that reach it.")],
                 [("$y = M$n @ $adj + $b", "Each node adds up the messages that reach it.")]),
        ]),

    "sage": Layer(
        "Z", says="GraphSAGE: each node weighs its own features, and the average of its neighbours'.",
        takes={"out": SIZE, "adj": Known("Adj", "columns × columns"), "bias": True},
        weights={"W": "out × rows", "V": "out × rows", "b": "out × 1"},
        steps=[
            ("${adj}_mean = $adj / maximum(sum($adj, axis=0), 1)", "Each neighbour's share of the average."),
            ("M$n = $x @ ${adj}_mean", "What the neighbours of each node have on average."),
            ("$y = $W @ $x + $V @ M$n + $b", "The node itself and its neighbours have weights of their own."),
        ]),

    "gin": Layer(
        "Z", says="Graph isomorphism layer: each node adds up its neighbours and itself, without averaging.",
        takes={"out": SIZE, "adj": Known("Adj", "columns × columns"), "eps": 0.0, "bias": True},
        weights={"W": "out × rows", "b": "out × 1"},
        steps=[
            ("M$n = (1 + $eps) * $x + $x @ $adj", "A sum tells one neighbour from two; an average doesn't."),
            ("$y = $W @ M$n + $b", "The sums are weighed."),
        ]),

    "gat": Layer(
        "Z", says="Graph attention: each node takes its shares of its neighbours' messages and its own.",
        takes={"out": SIZE, "adj": Known("Adj", "columns × columns"), "negative_slope": 0.2},
        weights={"W": "out × rows", "from": "1 × out", "to": "1 × out"},
        steps=[
            ("M$n = $W @ $x", "Each node writes a message: its features, weighed."),
            ("${adj}_hat = $adj + eye($columns)", "Ones on the diagonal: each node also listens to itself."),
            ("E$n = leaky_relu(($from @ M$n).T + $to @ M$n, $negative_slope)",
             "How much each node (row) interests each other one (column)."),
            ("S$n = where(${adj}_hat > 0, E$n, -1000)", "Only neighbours are heard."),
            ("A$n = softmax(S$n)", "Down each column, interest becomes shares of 1."),
            ("$y = M$n @ A$n", "Each node takes its shares of the messages."),
        ]),

    "rnn": Layer(
        "H", says="Recurrent layer: columns are time steps, and each sees the hidden state of the one before.",
        takes={"hidden": SIZE},
        weights={"Wx": "hidden × rows", "Wh": "hidden × hidden", "b": "hidden × 1"},
        steps=[
            ("H${n}_0 = zeros(($hidden, 1))", "The hidden state starts at 0."),
            {"for": "t in 1..$columns", "steps": [{
                "do": "H${n}_{t} = tanh($Wx @ $x[:, {t-1}:{t}] + $Wh @ H${n}_{t-1} + $b)",
                "say": "Time step {t}: column {t} of $x meets the hidden state of the step before."}]},
            ("$y = hstack([H${n}_{1..$columns}])", "The hidden states of all time steps, side by side."),
        ]),

    "gru": Layer(
        "H", says="Recurrent layer with a gate that resets and one that keeps; columns are time steps.",
        takes={"hidden": SIZE},
        weights={"Wr": "hidden × rows + hidden", "br": "hidden × 1",
                 "Wz": "hidden × rows + hidden", "bz": "hidden × 1",
                 "Wn": "hidden × rows", "bn": "hidden × 1",
                 "Un": "hidden × hidden", "cn": "hidden × 1"},
        steps=[
            ("H${n}_0 = zeros(($hidden, 1))", "The hidden state starts at 0."),
            {"for": "t in 1..$columns", "steps": [{
                "say": "Time step {t}: the gates decide what of the past is heard, and how much of it stays.",
                "steps": [
                    "XH${n}_{t} = vstack([$x[:, {t-1}:{t}], H${n}_{t-1}])",
                    "R${n}_{t} = sigmoid($Wr @ XH${n}_{t} + $br)",
                    "Z${n}_{t} = sigmoid($Wz @ XH${n}_{t} + $bz)",
                    "N${n}_{t} = tanh($Wn @ $x[:, {t-1}:{t}] + $bn + R${n}_{t} * ($Un @ H${n}_{t-1} + $cn))",
                    "H${n}_{t} = (1 - Z${n}_{t}) * N${n}_{t} + Z${n}_{t} * H${n}_{t-1}"]}]},
            ("$y = hstack([H${n}_{1..$columns}])", "The hidden states of all time steps, side by side."),
        ]),

    "lstm": Layer(
        "H", says="Recurrent layer with a memory cell that gates open and close; columns are time steps.",
        takes={"hidden": SIZE},
        weights={"Wi": "hidden × rows + hidden", "bi": "hidden × 1",
                 "Wf": "hidden × rows + hidden", "bf": "hidden × 1",
                 "Wg": "hidden × rows + hidden", "bg": "hidden × 1",
                 "Wo": "hidden × rows + hidden", "bo": "hidden × 1"},
        steps=[
            ("H${n}_0 = zeros(($hidden, 1))", "The hidden state starts at 0."),
            ("C${n}_0 = zeros(($hidden, 1))", "So does the memory cell."),
            {"for": "t in 1..$columns", "steps": [{
                "say": "Time step {t}: the gates decide what is written, what is forgotten and what is shown.",
                "steps": [
                    "XH${n}_{t} = vstack([$x[:, {t-1}:{t}], H${n}_{t-1}])",
                    "I${n}_{t} = sigmoid($Wi @ XH${n}_{t} + $bi)",
                    "F${n}_{t} = sigmoid($Wf @ XH${n}_{t} + $bf)",
                    "G${n}_{t} = tanh($Wg @ XH${n}_{t} + $bg)",
                    "O${n}_{t} = sigmoid($Wo @ XH${n}_{t} + $bo)",
                    "C${n}_{t} = F${n}_{t} * C${n}_{t-1} + I${n}_{t} * G${n}_{t}",
                    "H${n}_{t} = O${n}_{t} * tanh(C${n}_{t})"]}]},
            ("$y = hstack([H${n}_{1..$columns}])", "The hidden states of all time steps, side by side."),
        ]),

    "self_attention": Layer(
        "Z", says="Each column asks all columns and takes from those whose keys match its query.",
        takes={"out": "rows"},
        weights={"Wq": "out × rows", "Wk": "out × rows", "Wv": "out × rows"},
        steps=[
            ("Q$n = $Wq @ $x", "Queries: what each column looks for."),
            ("K$n = $Wk @ $x", "Keys: what each column has to offer."),
            ("V$n = $Wv @ $x", "Values: what it gives to those who ask."),
            ("S$n = K$n.T @ Q$n / sqrt($out)",
             "Scores: each key times each query, scaled by the root of their length."),
            ("A$n = softmax(S$n)", "Attention: down each column, the scores of a query become shares of 1."),
            ("$y = V$n @ A$n", "Each column takes its shares of the values."),
        ]),

    "multi_head_attention": Layer(
        "Z", says="Self-attention several times side by side, each head on its own rows.",
        takes={"heads": SIZE}, divides="heads",
        weights={"Wq": "rows × rows", "Wk": "rows × rows", "Wv": "rows × rows", "Wo": "rows × rows"},
        steps=[
            ("Q$n = $Wq @ $x", "Queries of all heads, below one another."),
            ("K$n = $Wk @ $x", "Keys of all heads."),
            ("V$n = $Wv @ $x", "Values of all heads."),
            {"for": "h in 1..$heads", "steps": [{
                "say": "Head {h} has its own rows of the queries, keys and values: $part of each.",
                "steps": [
                    "S${n}_{h} = K$n[{(h-1)*$part}:{h*$part}].T @ Q$n[{(h-1)*$part}:{h*$part}] / sqrt($part)",
                    "A${n}_{h} = softmax(S${n}_{h})",
                    "O${n}_{h} = V$n[{(h-1)*$part}:{h*$part}] @ A${n}_{h}"]}]},
            ("O$n = vstack([O${n}_{1..$heads}])", "What the heads found, below one another."),
            ("$y = $Wo @ O$n", "The last weights mix the heads."),
        ]),
}


def schema() -> dict[str, Any]:
    """JSON Schema of one item of a stack."""
    bare = [name for name, layer in LAYERS.items() if not needed(layer)]
    return {
        "anyOf": [
            {"enum": bare},
            {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": False,
             "properties": {name: _schema(layer) for name, layer in LAYERS.items() if layer.takes or layer.named}},
        ]
    }


def needed(layer: Layer) -> list[str]:
    """The options without which there is no such layer."""
    return [name for name, default in layer.takes.items() if default in (SIZE, STACK)]


def _schema(layer: Layer) -> dict[str, Any]:
    options = {name: _option(default) for name, default in layer.takes.items()}
    properties = {**options, **{name: {"type": "string"} for name in layer.named}}
    whole = {"type": "object", "additionalProperties": False, "properties": properties}
    return {"description": layer.says, "anyOf": [*list(options.values())[:1], whole]}


def _option(default: Any) -> dict[str, Any]:
    if default == STACK:
        return {"type": "array", "minItems": 1}
    if isinstance(default, Known):
        return {"type": "string", "default": default.usual}
    if isinstance(default, Share):
        return {"type": "number", "minimum": 0, "exclusiveMaximum": 1, "default": default.usual}
    if isinstance(default, Whole):
        return {"type": "integer", "minimum": default.least, "default": default.usual}
    if isinstance(default, str):
        return {"type": "integer", "minimum": 1}
    return {"type": "boolean" if isinstance(default, bool) else "number", "default": default}
