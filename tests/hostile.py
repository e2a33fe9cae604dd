"""Input that nobody should write, and some that everybody does once: each with its place and words of its message."""

from __future__ import annotations

X = "  X: {role: input, value: [[1, 2], [3, 4]]}\n"
Case = tuple[str | bytes, str, tuple[str, ...]]


def step(*steps: str, rest: str = "") -> str:
    """Steps from line 5 on; an expression begins in column 5."""
    return f"title: t\nmatrices:\n{X}steps:\n" + "".join(f"  - {each}\n" for each in steps) + rest


def matrix(value: str) -> str:
    """A matrix on line 3."""
    return f"title: t\nmatrices:\n  X: {{role: input, {value}}}\nsteps: [Z = X + 1]\n"


def graph(value: str) -> str:
    """A graph on line 2."""
    return f"title: t\ngraph: {{{value}}}\nsteps: [H = Adj @ Adj]\n"


def loop(head: str, text: str) -> str:
    return step(f"{{for: '{head}', steps: ['{text}']}}")


FORM = "`name = expression`, such as `Z1 = W1 @ X + b1`"
BRACES = "Braces hold a loop's variable, such as `{t}`"

EXPRESSIONS: dict[str, Case] = {
    "1e400": (step("Z = X * 1e400"), "5:13", ("too large",)),
    "imaginary": (step("Z = X * 2j"), "5:13", ("`2j` isn't a number",)),
    "bytes": (step("Z = X * b'1'"), "5:13", ("isn't a number",)),
    "walrus": (step("Z = (y := X)"), "5:10", ("isn't part of the language",)),
    "comprehension": (step("Z = [x for x in X]"), "5:9", ("isn't part of the language",)),
    "conditional": (step("Z = X if X else X"), "5:9", ("isn't part of the language",)),
    "await": (step("Z = await X"), "5:9", ("isn't part of the language",)),
    "unpacked list": (step("Z = relu(*X)"), "5:14", ("write every argument",)),
    "unpacked mapping": (step("Z = relu(**X)"), "5:16", ("write every argument",)),
    "class": (step("Z = X.__class__"), "5:9", ("`.__class__` isn't available",)),
    "two targets": (step("Z = Y = X"), "5:5", (FORM,)),
    "changed": (step("Z += X"), "5:5", ("computed once",)),
    "annotated": (step("'Z: int = X'"), "5:6", (FORM,)),
    "cell as a target": (step("Z[0] = X"), "5:5", (FORM,)),
    "comparison as a target": (step("Z == X"), "5:5", (FORM,)),
    "nothing to compute": (step("'Z = '"), "5:9", (FORM,)),
    "nothing to call it": (step("'= X'"), "5:6", (FORM,)),
    "two in one": (step("Z = X; Y = X"), "5:5", ("one statement per step",)),
    "two lines": (step('"Z = X\\nY = X"'), "5:6", ("one statement per step",)),
    "only a comment": (step("'# later'"), "5:6", ("one statement per step",)),
    "blanks": (step("'   '"), "5:6", ("one statement per step",)),
    "column from a division": (step("Z = X[:, 1/0]"), "5:14", ("a whole number, not `1 / 0`",)),
    "column from a power": (step("Z = X[:, 10**30]"), "5:14", ("a whole number",)),
    "step of a slice": (step("Z = X[::2, :]"), "5:11", ("no step",)),
    "three indices": (step("Z = X[0, 0, 0]"), "5:9", ("two dimensions",)),
    "no rows": (step("Z = X[1:1]"), "5:11", ("isn't within the 2 rows",)),
    "other shape": (step("Z = reshape(X, (100000000000, 1))"), "5:9", ("100000000000 cells, not 4",)),
    "negative shape": (step("Z = reshape(X, (-1, 4))"), "5:20", ("pair (rows, columns)",)),
    "empty identity": (step("Z = eye(0)"), "5:9", ("`eye(3)`",)),
    "padding": (step("Z = conv2d(X, X, padding=-1)"), "5:30", ("from 0 to 9", 'or "same", not `-1`')),
    "stride": (step("Z = conv2d(X, X, stride=0)"), "5:29", ("from 1 on",)),
    "decimals": (step("Z = round(X, 400)"), "5:18", ("from -9 to 9, not `400`",)),
    "right to left": (step("Z = X\u202e + 1"), "5:10", ("right-to-left override (U+202E)",)),
    "emoji": (step("Z = X + \U0001f600"), "5:13", ("letters A to Z",)),
    "Cyrillic": (step("Z = \u0425 + 1"), "5:9", ("`\u0425` isn't part of the language",)),
    "control character": (step("Z = X\x0b+ 1"), "5:10", ("code 11",)),
    "format string": (step("Z = f'{X}'"), "5:5", ("`{X}` stands for something only inside a `for`",)),
}

STEPS: dict[str, Case] = {
    "endless loop": (loop("t in 1..999999999999", "Z{t} = X"), "5:12", ("too large",)),
    "loop over nothing": (loop("t", "Z{t} = X"), "5:12", ("`t in 1..4`",)),
    "loop over two": (loop("t, k in 1..2", "Z{t} = X"), "5:12", ("`[(1, 2), (2, 3)]`",)),
    "loop of halves": (loop("t in 1.5..2", "Z{t} = X"), "5:12", ("whole numbers",)),
    "loop without its turn": (loop("t in 1..2", "Z = X"), "5:33", ("already computed",)),
    "open brace": (loop("t in 1..2", "Z{t = X"), "5:34", (BRACES,)),
    "attribute in braces": (loop("t in 1..2", "Z{t.__class__} = X"), "5:34", (BRACES,)),
    "division in braces": (loop("t in 1..2", "Z{1/t} = X"), "5:34", (BRACES,)),
    "tower in braces": (loop("t in 1..2", "Z{9**9**9} = X"), "5:33", ("+ - * combine whole numbers",)),
    "empty stack": (step("{layers: X, stack: []}"), "5:24", ("`stack` is empty",)),
    "negative layer": (step("{layers: X, stack: [{linear: -3}]}"), "5:34", ("a whole number from 1 on",)),
    "huge layer": (step("{layers: X, stack: [{linear: 100000000}]}"), "5:25", ("1,048,576 rows",)),
    "two layers in one": (step("{layers: X, stack: [{linear: 3, relu: 2}]}"), "5:25", ("not a mapping of 2",)),
    "no layer": (step("{layers: X, stack: [null]}"), "5:25", ("not nothing",)),
    "steps as a mapping": (f"title: t\nmatrices:\n{X}steps: {{Z: X}}\n", "4:8", ("should be a list",)),
    "steps as a text": (f"title: t\nmatrices:\n{X}steps: Z = X\n", "4:8", ("should be a list",)),
    "loss that is a number": (step("Z = X", rest="loss: 3\n"), "6:7", ("no step that computes `3`",)),
    "loss that is given": (step("Z = X", rest="loss: X\n"), "6:7", ("no step that computes `X`",)),
    "endless rate": (
        step("L = sum(X)", rest="loss: L\nupdate: {learning_rate: .inf}\n"), "7:25", ("a finite number is needed",)
    ),
    "gradients as a list": (step("L = sum(X)", rest="loss: L\nbackward: [X]\n"), "7:11", ("`backward: {wrt: [X]}`",)),
}  # fmt: skip

NUMBERS: dict[str, Case] = {
    "truth": (matrix("value: [[true, 2]]"), "3:29", ("`true` is not a number.",)),
    "date": (matrix("value: [[2024-01-01, 2]]"), "3:29", ("`2024-01-01` is not a number.",)),
    "mapping": (matrix("value: {a: 1}"), "3:27", ("is not a number",)),
    "underscore": (matrix("value: [[1_000]]"), "3:29", ("`1_000` is not a number: write `1000`.",)),
    "per cent": (matrix("value: [[50%]]"), "3:29", ("write `0.5`.",)),
    "fraction": (matrix("value: [[1/2]]"), "3:29", ("What is computed is a step.",)),
    "root": (matrix("value: sqrt(2)"), "3:27", ("What is computed is a step.",)),
    "wide digit": (matrix("value: [[\uff11]]"), "3:29", ("write `1`.",)),
    "minus of typesetters": (matrix("value: [[\u22121]]"), "3:29", ("write `-1`.",)),
    "two in one cell": (matrix("value: [[1,5 2]]"), "3:31", ("`5 2` is not a number.",)),
    "1e309": (matrix("value: [[1e309]]"), "3:29", ("infinity",)),
    "negative seed": (matrix("random: {shape: [2, 2], seed: -1}"), "3:50", ("`-1` is less than 0",)),
    "no rows to draw": (matrix("random: {shape: [0, 2]}"), "3:37", ("`0` is less than 1",)),
    "endless label": (matrix(f"value: 1, rows: [{'x' * 40000}]"), "3:37", ("4,000 characters",)),
    "merge key": (
        "title: t\nmatrices:\n  X: &x {role: input, value: 1}\n  Y: {<<: *x}\nsteps: [Z = X]\n", "4:7", ("`<<`",)
    ),
    "node that is true": (graph("nodes: [A, true]"), "2:20", ("should be a text, not `true`. In quotes", "`'true'`")),
    "edge of three nodes": (graph("nodes: [A, B], edges: [[A, B, C]]"), "2:32", ("as in `[A, B, 0.5]`, not `C`",)),
    "edge of four": (graph("nodes: [A, B], edges: [[A, B, 1, 2]]"), "2:32", ("more than 3 items",)),
    "quoted weight": (graph("nodes: [A, B], edges: [[A, B, '0.5']]"), "2:32", ("take the quotes off",)),
    "weight 0": (graph("nodes: [A, B], edges: [[A, B, 0]]"), "2:32", ("a number other than 0",)),
    "endless weight": (graph("nodes: [A, B], edges: [[A, B, .inf]]"), "2:32", ("below 1e300, not `inf`",)),
    "edge twice": (graph("nodes: [A, B], edges: [[A, B, 1], [A, B, 2]]"), "2:43", ("add its weights up",)),
    "edge that isn't sure": (
        graph("nodes: [A, B], edges: [[A, B, 1], [B, A, 2]]"), "2:43", ("another weight", "`directed: true`")
    ),
    "address": (graph("file: 'http://example.com/g.csv'"), "2:16", ("no file `http://example.com/g.csv`",)),
    "no name": (graph("file: ''"), "2:16", ("ends in .graphml, .gml, .edgelist, .csv",)),
    "end of a name": (graph('file: "a\\0.csv"'), "2:16", ("code 0",)),
}  # fmt: skip

FILES: dict[str, str | bytes] = {
    "empty.csv": "", "head.csv": "a,b\n1,2\n", "semicolons.csv": "1;2\n", "wide.csv": "1,2\n".encode("utf-16"),
    "nan.csv": "1,2\n3,nan\n", "nul.csv": "1,\0\n", "quote.csv": '1,2\n3,"4\n5,6\n', "long.csv": f"1,{'x' * 200_000}\n",
    "lines.csv": '1,"2\n"\n3,4\n5\n', "blank.csv": "\n\n\n", "open.csv": 'source,target\nA,"B\nC,D\n',
    "deep.gml": "graph [ " + "a [ " * 20000, "power.edgelist": "A B\nA B {'weight': 10**10**10}\n",
    "outside.graphml": '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><graphml>&a;</graphml>',
    "table.xlsx": "PK",
}  # fmt: skip
DATA: dict[str, Case] = {
    "header of numbers": (matrix("file: head.csv"), "3:26", ("`head.csv`, line 1: `a`", "no header")),
    "semicolons": (matrix("file: semicolons.csv"), "3:26", ("`semicolons.csv`, line 1", "separated by commas")),
    "UTF-16 csv": (matrix("file: wide.csv"), "3:26", ("`wide.csv`, line 1", "UTF-8")),
    "empty csv": (matrix("file: empty.csv"), "3:26", ("`empty.csv`: it is empty",)),
    "not a number in a file": (matrix("file: nan.csv"), "3:26", ("`nan.csv`: row 2, column 2: NaN",)),
    "empty cell": (matrix("file: nul.csv"), "3:26", ("`nul.csv`, line 1: nothing is not a number",)),
    "open quote": (matrix("file: quote.csv"), "3:26", ("`quote.csv`, line 2: quotation marks don't match",)),
    "long cell": (matrix("file: long.csv"), "3:26", ("`long.csv`, line 1: a cell is too long",)),
    "line after a break in a cell": (matrix("file: lines.csv"), "3:26", ("`lines.csv`, line 4: 1 numbers, but 2",)),
    "device": (matrix("file: /dev/zero"), "3:26", ("none of .npz, .npy and .csv",)),
    "workbook as data": (matrix("file: table.xlsx"), "3:26", ("none of .npz, .npy and .csv",)),
    "folder as a graph": (graph("file: ."), "2:15", ("ends in .graphml",)),
    "blank graph": (graph("file: blank.csv"), "2:8", ("no nodes",)),
    "open quote of a node": (graph("file: open.csv"), "2:15", ("`open.csv`, line 2: quotation marks don't match",)),
    "endless node": (graph("file: long.csv"), "2:15", ("`long.csv`, line 1: a cell is too long",)),
    "deep gml": (graph("file: deep.gml"), "2:15", ("`deep.gml` can't be read",)),
    "work in an edge": (graph("file: power.edgelist"), "2:15", ("`power.edgelist`, line 2: ", "`A B 0.5`")),
    "entity of the system": (graph("file: outside.graphml"), "2:15", ("`outside.graphml` can't be read",)),
}

HOSTILE = {**EXPRESSIONS, **STEPS, **NUMBERS, **DATA}
