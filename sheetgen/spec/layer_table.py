"""What each layer of a `layers:` stack stands for: its parameters and its steps, as a spec would write them.

`sheetgen.spec.layer` tells how an entry is read, `sheetgen.spec.attention_layers` has those of transformers.
"""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

from sheetgen.spec.attention_layers import ATTENTION, BLOCKS
from sheetgen.spec.layer import ACTIVATIONS, SIZE, STACK, Known, Layer, SelfLoops, Share, When, Whole

LOOPS = ("${adj}_hat = $adj + eye($columns)", "Ones on the diagonal: each node also listens to itself.")

LAYERS: dict[str, Layer] = {
    "linear": Layer(
        "Z", says="Each sample's features are weighed and added up, plus a bias.",
        takes={"out": SIZE, "bias": True},
        weights={"W": "out × rows", "b": "out × 1"}, only={"b": "bias"},
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
        takes={"p": Share(0.5)}, constants={"mask": "rows × columns"},
        steps=["$y = dropout($x, $mask, $p)"]),

    "conv2d": Layer(
        "Z", says="Each channel that comes out adds up all that come in, each under a kernel of its own, plus a bias.",
        takes={"out": SIZE, "size": Whole(3), "stride": Whole(1), "padding": Whole(0, 0), "bias": True},
        weights={"K": "out × channels × size × size", "b": "out × 1"}, only={"b": "bias"},
        steps=["$y = conv2d($x, $K, stride=$stride, padding=$padding) + $b"]),

    "depthwise_conv2d": Layer(
        "Z", says="Each channel has a kernel of its own and isn't mixed with others.",
        takes={"size": Whole(3), "stride": Whole(1), "padding": Whole(0, 0), "bias": True},
        weights={"K": "channels × size × size", "b": "channels × 1"}, only={"b": "bias"},
        steps=["$y = conv2d($x, $K, stride=$stride, padding=$padding, groups=$channels) + $b"]),

    "conv_transpose2d": Layer(
        "Z", says="The way back of a convolution: each number is spread over a window, times a kernel.",
        takes={"out": SIZE, "size": Whole(2), "stride": Whole(2), "padding": Whole(0, 0), "bias": True},
        weights={"K": "channels × out × size × size", "b": "out × 1"}, only={"b": "bias"},
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
        takes={"stack": STACK}, inner={"inner": "$x"}, keeps=True,
        steps=[("$y = $x + $inner", "The shortcut: $x itself is added to what the layers made of it.")]),

    "gcn": Layer(
        "Z", says="Graph convolution: each node averages what its neighbours and itself have to say.",
        takes={"out": SIZE, "adj": Known("Adj", "columns × columns"), "normalize": True, "self_loops": SelfLoops(),
               "bias": True},
        weights={"W": "out × rows", "b": "out × 1"}, only={"b": "bias"},
        steps=[
            When("normalize", [
                When("self_loops", [LOOPS]),
                ("${adj}_deg = sum($hat, axis=0)", "How many each node listens to."),
                ("${adj}_share = ${adj}_deg ** -0.5", "1 ÷ √degree: busy nodes shall not drown the rest."),
                ("${adj}_norm = $hat * ${adj}_share * ${adj}_share.T", "Each edge is weighed by both its ends."),
            ]),
            ("M$n = $W @ $x", "Each node writes a message: its features, weighed."),
            When("normalize",
                 [("$y = M$n @ ${adj}_norm + $b", "Each node adds up the messages that reach it.")],
                 [("$y = M$n @ $adj + $b", "Each node adds up the messages that reach it.")]),
        ]),

    "sage": Layer(
        "Z", says="GraphSAGE: each node weighs its own features, and the average of its neighbours'.",
        takes={"out": SIZE, "adj": Known("Adj", "columns × columns"), "bias": True},
        weights={"W": "out × rows", "V": "out × rows", "b": "out × 1"}, only={"b": "bias"},
        steps=[
            ("${adj}_mean = $adj / maximum(sum($adj, axis=0), 1)", "Each neighbour's share of the average."),
            ("M$n = $x @ ${adj}_mean", "What the neighbours of each node have on average."),
            ("$y = $W @ $x + $V @ M$n + $b", "The node itself and its neighbours have weights of their own."),
        ]),

    "gin": Layer(
        "Z", says="Graph isomorphism layer: each node adds up its neighbours and itself, without averaging.",
        takes={"out": SIZE, "adj": Known("Adj", "columns × columns"), "eps": 0.0, "bias": True},
        weights={"W": "out × rows", "b": "out × 1"}, only={"b": "bias"},
        steps=[
            ("M$n = (1 + $eps) * $x + $x @ $adj", "A sum tells one neighbour from two; an average doesn't."),
            ("$y = $W @ M$n + $b", "The sums are weighed."),
        ]),

    "gat": Layer(
        "Z", says="Graph attention: each node takes its shares of its neighbours' messages and its own.",
        takes={"out": SIZE, "adj": Known("Adj", "columns × columns"), "negative_slope": 0.2,
               "self_loops": SelfLoops()},
        weights={"W": "out × rows", "from": "1 × out", "to": "1 × out"},
        steps=[
            ("M$n = $W @ $x", "Each node writes a message: its features, weighed."),
            When("self_loops", [LOOPS]),
            ("E$n = leaky_relu(($from @ M$n).T + $to @ M$n, $negative_slope)",
             "How much each node (row) interests each other one (column)."),
            ("S$n = where($hat > 0, E$n, -1000)", "Only neighbours are heard."),
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
            {"for": "t in 1..$columns", "steps": [
                {"do": "XH${n}_{t} = vstack([$x[:, {t-1}:{t}], H${n}_{t-1}])",
                 "say": "Time step {t}: the input meets the last hidden state."},
                {"do": "R${n}_{t} = sigmoid($Wr @ XH${n}_{t} + $br)",
                 "say": "Reset gate: how much of the past is heard."},
                {"do": "Z${n}_{t} = sigmoid($Wz @ XH${n}_{t} + $bz)",
                 "say": "Update gate: how much of the past stays."},
                {"do": "N${n}_{t} = tanh($Wn @ $x[:, {t-1}:{t}] + $bn + R${n}_{t} * ($Un @ H${n}_{t-1} + $cn))",
                 "say": "Candidate: what may be new."},
                {"do": "H${n}_{t} = (1 - Z${n}_{t}) * N${n}_{t} + Z${n}_{t} * H${n}_{t-1}",
                 "say": "The hidden state: a part of the new, a part of the old."}]},
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
            ("C${n}_0 = zeros(($hidden, 1))", "The memory cell starts at 0."),
            {"for": "t in 1..$columns", "steps": [
                {"do": "XH${n}_{t} = vstack([$x[:, {t-1}:{t}], H${n}_{t-1}])",
                 "say": "Time step {t}: the input meets the last hidden state."},
                {"do": "I${n}_{t} = sigmoid($Wi @ XH${n}_{t} + $bi)", "say": "Input gate: how much is let in."},
                {"do": "F${n}_{t} = sigmoid($Wf @ XH${n}_{t} + $bf)", "say": "Forget gate: 0 forgets, 1 keeps."},
                {"do": "G${n}_{t} = tanh($Wg @ XH${n}_{t} + $bg)", "say": "Candidate: what may be let in."},
                {"do": "O${n}_{t} = sigmoid($Wo @ XH${n}_{t} + $bo)", "say": "Output gate: how much is shown."},
                {"do": "C${n}_{t} = F${n}_{t} * C${n}_{t-1} + I${n}_{t} * G${n}_{t}",
                 "say": "The memory cell: a part of the old, a part of the new."},
                {"do": "H${n}_{t} = O${n}_{t} * tanh(C${n}_{t})", "say": "The hidden state."}]},
            ("$y = hstack([H${n}_{1..$columns}])", "The hidden states of all time steps, side by side."),
        ]),

    "bidirectional": Layer(
        "B", says="The layers inside read the columns twice, from both ends, with weights of their own each time.",
        takes={"stack": STACK}, inner={"there": "$x", "again": "${x}_back"},
        before=[("${x}_back = hstack([$x[:, {$columns-1..0}]])", "The columns from the last to the first.")],
        steps=[
            ("${again}_back = hstack([$again[:, {$columns-1..0}]])", "Each result back to its column."),
            ("$y = vstack([$there, ${again}_back])", "Each column now knows what comes before it, and after."),
        ]),

    **ATTENTION,
    **BLOCKS,
}
