"""Programs by lot: every operation of the language, on numbers that are hard to decide."""

from __future__ import annotations

import random
from collections.abc import Callable

Shape = tuple[int, int]
HARD = (0, 0, 1, -1, 2, 3, -7, 0.1, 0.2, 0.3, -0.3, 0.5, 0.7, 0.8, 1e-3, 1e-7, 12.5, 100)
"""0.1 + 0.2 isn't 0.3; several are equal, or one another's negative."""
CELLWISE = (
    "exp(minimum({}, 3))", "log(abs({}) + 0.1)", "sqrt({} ** 2 + 0.01)", "sqrt(abs({}))", "tanh({})", "abs({})",
    "sign({})", "round({}, 1)", "relu({})", "leaky_relu({}, 0.1)", "sigmoid({})", "hard_sigmoid({})", "silu({})",
    "softplus({})", "erf({})", "gelu({})", "-{}", "{} ** 2", "{} ** 3", "2 ** minimum({}, 5)", "{} / 3",
    "1 / ({} ** 2 + 1)", "{} - 0.3", "softmax({})", "softmax({}, axis=1)", "layer_norm({})", "0.1 * {}", "{} * 1000",
    "{} + 0.2", "where({} > 0.3, 1, -1)", "sin({})", "cos({})", "floor({} * 3)", "ceil({} / 0.3)", "clip({}, -0.3, 2)",
    "square({})", "log1p(abs({}))", "expm1(minimum({}, 3))", "elu({})", "selu({})", "mish({})", "softsign({})",
    "log_sigmoid({})", "log_softmax({})", "softmin({}, axis=1)", "batch_norm({})", "rms_norm({})", "triu({})",
    "sort({})", "sort({}, axis=1, descending=True)", "argsort({})", "gather({0}, argsort({0}, axis=1), axis=1)",
    "cumsum({})", "cumprod(minimum({}, 2), axis=1)", "glu(vstack([{0}, {0} * 2]))",
    "swiglu(hstack([{0}, {0}]), axis=1)",
)  # fmt: skip
PAIRED = (
    "{} + {}", "{} + {}", "{} - {}", "{} - {}", "{} * {}", "{} / (abs({}) + 0.5)", "maximum({}, {})", "minimum({}, {})",
    "({} > {})", "({} >= {})", "({} < {})", "({} <= {})", "({} == {})", "({} != {})", "where({0} > 0, {0}, {1})",
    "where({0} == {1}, 0.5, {1} / ({0} ** 2 + 0.1))", "(abs({}) + 0.2) ** minimum(abs({}), 3)",
    "mod({}, abs({}) + 0.5)",
)  # fmt: skip
REDUCED = ("sum", "mean", "max", "min", "logsumexp", "norm", "var", "std", "prod", "median")
LOSSES = (
    "cross_entropy(softmax({}), {})", "cross_entropy_with_logits({}, {})", "binary_cross_entropy(sigmoid({}), {})",
    "binary_cross_entropy_with_logits({}, {})", "mse({}, {})", 'mse({}, {}, reduction="mean")', "huber({}, {})",
    "hinge({}, {})",
)  # fmt: skip


class Writer:
    """Writes one spec: `shapes` are those of the matrices that there are."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.shapes: dict[str, Shape] = {}
        self.given: list[str] = []
        self.steps: list[str] = []

    def matrix(self, shape: Shape, role: str = "", integers: int = 0) -> str:
        """The name of a new given matrix; with `integers`, of numbers below that."""
        name, rng = f"G{len(self.given)}", self.rng
        rows = [
            [rng.randrange(integers) if integers else rng.choice(HARD) for _ in range(shape[1])]
            for _ in range(shape[0])
        ]
        role = role or rng.choice(("parameter", "parameter", "input", "constant"))
        self.given.append(f"  {name}: {{role: {role}, value: {rows}}}")
        if not integers:
            self.shapes[name] = shape
        return name

    def operand(self, shape: Shape) -> str:
        """A matrix of that shape, or one that broadcasts to it."""
        rng = self.rng
        wanted = rng.choice([shape] * 6 + [(1, shape[1]), (shape[0], 1), (1, 1)])
        fitting = [name for name, found in self.shapes.items() if found == wanted]
        turned = [name for name, found in self.shapes.items() if found == wanted[::-1]]
        if wanted == (1, 1) and rng.random() < 0.5:
            return str(rng.choice([number for number in HARD if number > 0]))
        if fitting and rng.random() < 0.8:
            return rng.choice(fitting[-4:])
        return f"{rng.choice(turned)}.T" if turned and rng.random() < 0.5 else self.matrix(wanted)

    def expression(self, depth: int = 2) -> tuple[str, Shape]:
        """Some expression, and its shape."""
        rng = self.rng
        if depth == 0 or rng.random() < 0.15:
            name = rng.choice([*self.shapes][-5:])
            return name, self.shapes[name]
        text, (rows, columns) = self.expression(depth - 1)
        kinds: list[Callable[[], tuple[str, Shape]]] = [
            lambda: (rng.choice(CELLWISE).format(f"({text})"), (rows, columns)),
            lambda: (rng.choice(CELLWISE).format(f"({text})"), (rows, columns)),
            lambda: (rng.choice(PAIRED).format(f"({text})", self.operand((rows, columns))), (rows, columns)),
            lambda: (rng.choice(PAIRED).format(f"({text})", self.operand((rows, columns))), (rows, columns)),
            lambda: self.product(text, (rows, columns)),
            lambda: (f"{rng.choice(REDUCED)}({text}, axis=0)", (1, columns)),
            lambda: (f"{rng.choice(REDUCED)}({text}, axis=1)", (rows, 1)),
            lambda: (f"({text}).T", (columns, rows)),
            lambda: self.moved(text, (rows, columns)),
            lambda: self.special(text, (rows, columns)),
        ]
        return rng.choice(kinds)()

    def product(self, text: str, shape: Shape) -> tuple[str, Shape]:
        size = self.rng.randrange(1, 4)
        if self.rng.random() < 0.5:
            bias = f" + {self.matrix((size, 1))}" if self.rng.random() < 0.5 else ""
            return f"{self.matrix((size, shape[0]))} @ ({text}){bias}", (size, shape[1])
        return f"({text}) @ {self.matrix((shape[1], size))}", (shape[0], size)

    def moved(self, text: str, shape: Shape) -> tuple[str, Shape]:
        rng, (rows, columns) = self.rng, shape
        stop = rng.randrange(1, columns + 1)
        return rng.choice([
            lambda: (f"({text})[{rng.randrange(rows)}]", (1, columns)),
            lambda: (f"({text})[:, 0:{stop}]", (rows, stop)),
            lambda: (f"({text})[-1:, {columns - 1}]", (1, 1)),
            lambda: (f"vstack([{text}, {self.exactly((1, columns))}])", (rows + 1, columns)),
            lambda: (f"hstack([{self.exactly((rows, 2))}, {text}])", (rows, columns + 2)),
            lambda: (f"flatten({text})", (rows * columns, 1)),
            lambda: (f"reshape({text}, (1, {rows * columns}))", (1, rows * columns)),
            lambda: (f"tril(({text}) @ ({text}).T)", (rows, rows)),
        ])()  # fmt: skip

    def exactly(self, shape: Shape) -> str:
        fitting = [name for name, found in self.shapes.items() if found == shape]
        return self.rng.choice(fitting) if fitting and self.rng.random() < 0.7 else self.matrix(shape)

    def special(self, text: str, shape: Shape) -> tuple[str, Shape]:
        rng, (rows, columns) = self.rng, shape
        kinds: list[Callable[[], tuple[str, Shape]]] = [
            lambda: (f"argmax({text}, axis=0)", (1, columns)),
            lambda: (f"one_hot(argmax({text}, axis=0), {rows})", (rows, columns)),
            lambda: (f"lookup({text}, {self.matrix((1, 3), 'input', integers=columns)})", (1, 3)) if rows == 1 else
            (f"embedding({text}, {self.matrix((1, 3), 'input', integers=columns)})", (rows, 3)),
            lambda: (f"group_norm({text}, {2 if rows % 4 == 0 else 1})", shape),
            lambda: (f"sum({text})", (1, 1)),
            lambda: (f"logsumexp({text})", (1, 1)),
            lambda: (f"layer_norm({text}, {self.matrix((rows, 1))}, {self.matrix((rows, 1))})", shape),
        ]
        if rows > 1 and columns > 1:
            kinds += [
                lambda: (f"conv2d({text}, {self.matrix((2, 2))})", (rows - 1, columns - 1)),
                lambda: (f"conv2d({text}, {self.matrix((2, 2))}, padding=1)", (rows + 1, columns + 1)),
                lambda: (f'conv2d({text}, {self.matrix((3, 2))}, padding="same")', shape),
                lambda: (f"conv2d({text}, {self.matrix((2, 2))}, 1, (1, 0), (2, 1))", (rows, columns - 1)),
                lambda: (f"conv_transpose2d({text}, {self.matrix((2, 2))})", (rows + 1, columns + 1)),
                lambda: (f"conv_transpose2d({text}, {self.matrix((3, 2))}, (2, 1), (1, 0), (1, 0))",
                         (2 * rows, columns + 1)),
                lambda: (f"max_pool({text}, 2, 1, 1)", (rows + 1, columns + 1)),
                lambda: (f"avg_pool({text}, (1, 2), 1, (0, 1))", (rows, columns + 1)),
                lambda: (f"upsample({text}, (1, 2))", (rows, 2 * columns)),
                lambda: (f"global_max_pool({text})", (1, 1)),
                lambda: (f"global_avg_pool({text})", (1, 1)),
                lambda: (f"max_pool({text}, 2, 1)", (rows - 1, columns - 1)),
                lambda: (f"avg_pool({text}, 2, 1)", (rows - 1, columns - 1)),
            ]
        return rng.choice(kinds)()

    def step(self, name: str) -> None:
        text, shape = self.expression(self.rng.choice((1, 2, 2, 3)))
        if text in self.shapes:
            text = f"{text} + 0.1"
        self.steps.append(f"  - {name} = {text}")
        self.shapes[name] = shape

    def loop(self, name: str) -> None:
        """A state that is carried from turn to turn."""
        start = self.rng.choice([*self.shapes][-5:])
        shape, turns = self.shapes[start], self.rng.choice((2, 3))
        body = self.rng.choice(CELLWISE).format(f"{name}_{{t-1}}")
        self.steps += [
            f"  - {name}_0 = {start} * 1", f"  - for: t in 1..{turns}", "    steps:",
            f"      - {name}_{{t}} = {self.rng.choice(PAIRED).format(f'({body})', self.exactly(shape))} + {{t}} / 10",
        ]  # fmt: skip
        self.shapes |= {f"{name}_{t}": shape for t in range(turns + 1)}

    def recurrent(self, name: str) -> None:
        """A network that reads a column of an input in each turn."""
        rng, rows, turns, size = self.rng, self.rng.randrange(1, 4), self.rng.choice((2, 3)), self.rng.randrange(1, 4)
        given, start = self.matrix((rows, turns), "input"), self.matrix((size, 1), "constant")
        column, before = f"{given}[:, {{t-1}}]", f"{name}_{{t-1}}"
        read, width = rng.choice([
            (f"vstack([{column}, {before}])", rows + size),
            (f"vstack([vstack([{column}, {before}]), {before}])", rows + 2 * size),
            (f"vstack([hstack([{column}, {column}]), hstack([{before}, {before}])])[:, 0:1]", rows + size),
            (column, rows),
        ])  # fmt: skip
        added = rng.choice(["", f" + {self.matrix((size, 1), 'parameter')}", f" + {before}"])
        body = f"tanh({self.matrix((size, width), 'parameter')} @ {read}{added})"
        self.steps += [f"  - {name}_0 = {start} * 1", f"  - for: t in 1..{turns}", "    steps:"]
        self.steps += [f"      - section: {name}"] if rng.random() < 0.3 else []
        self.steps.append(f"      - {name}_{{t}} = {body}")
        self.shapes |= {f"{name}_{t}": (size, 1) for t in range(turns + 1)}


def random_program(rng: random.Random) -> str:
    """The text of a spec."""
    writer = Writer(rng)
    for _ in range(rng.choice((1, 2, 2))):
        writer.matrix((rng.randrange(1, 5), rng.randrange(1, 5)), rng.choice(("input", "parameter")))
    for k in range(rng.randrange(1, 8)):
        if rng.random() < 0.2:
            writer.steps.append(f"  - section: Part {k}")
        part = rng.random()
        (writer.loop if part < 0.12 else writer.recurrent if part < 0.2 else writer.step)(f"M{k}")
    last = [*writer.shapes][-1]
    if rng.random() < 0.2:
        writer.steps.append("  - {verdict: V, words: {-1: low, 0: zero, 0.3: some, 1: high}}")
        writer.steps.insert(-1, f"  - V = sum({last}, axis=0)")
    shape = writer.shapes[last]
    weighed = f"sum({last} * {writer.matrix(shape)})"
    loss = rng.choice(LOSSES).format(last, writer.matrix(shape, "target")) if rng.random() < 0.5 else weighed
    writer.steps.append(f"  - L = {loss}")
    lines = ["title: By lot", "matrices:", *writer.given, "steps:", *writer.steps, "loss: L"]
    if rng.random() < 0.8 and any("role: parameter" in line for line in writer.given):
        lines += ["backward: true", *(["update: {learning_rate: 0.01}"] if rng.random() < 0.5 else [])]
    if rng.random() < 0.2:
        lines.append("formulas: blocks")
    return "\n".join(lines) + "\n"
