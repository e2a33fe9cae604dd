"""Random specs: matrices of fitting shapes, sections, loops, a loss with its backward pass."""

from __future__ import annotations

import random

FUNCTIONS = [
    "relu({})",
    "tanh({})",
    "exp({} / 8)",
    "softmax({})",
    "layer_norm({})",
    "sigmoid({})",
    "({}) ** 2",
    "2 * {}",
]
ROWWISE = ["sum({}, axis=0)", "mean({}, axis=0)", "max({}, axis=0)"]


def random_spec(seed: int) -> str:
    """The text of a spec."""
    rng = random.Random(seed)
    sizes = rng.sample([1, 2, 3, 4, 5, 6, 18], 3)
    shapes: dict[str, tuple[int, int]] = {}
    matrices: list[str] = []
    steps: list[str] = []

    def given(rows: int, columns: int, role: str) -> str:
        name = f"G{len(matrices)}"
        matrices.append(f"  {name}: {{role: {role}, random: {{shape: [{rows}, {columns}], seed: {len(matrices)}}}}}")
        return name

    def pick() -> str:
        names = list(shapes)
        return names[-1] if rng.random() < 0.5 else rng.choice(names)

    def matrix(rows: int, columns: int) -> str:
        fitting = [name for name, shape in shapes.items() if shape == (rows, columns)]
        if fitting and rng.random() < 0.5:
            return rng.choice(fitting)
        turned = [name for name, shape in shapes.items() if shape == (columns, rows)]
        if turned and rng.random() < 0.3:
            return f"{rng.choice(turned)}.T"
        return given(rows, columns, rng.choice(["parameter", "parameter", "input", "constant"]))

    def expression(name: str) -> tuple[str, tuple[int, int]]:
        rows, columns = shapes[name]
        kind = rng.random()
        if kind < 0.3:
            out = rng.choice(sizes)
            bias = f" + {given(out, 1, 'parameter')}" if rng.random() < 0.5 else ""
            return f"{matrix(out, rows)} @ {name}{bias}", (out, columns)
        if kind < 0.4:
            out = rng.choice(sizes)
            return f"{name} @ {matrix(columns, out)}", (rows, out)
        if kind < 0.6:
            return rng.choice(FUNCTIONS).format(name), (rows, columns)
        if kind < 0.75:
            sign = rng.choice(["+", "-", "*"])
            return f"{name} {sign} {matrix(rows, columns)}", (rows, columns)
        if kind < 0.8:
            terms = [matrix(rows, columns) for _ in range(rng.choice([2, 3, 4]))]
            return " + ".join([name, *terms]), (rows, columns)
        if kind < 0.87:
            return rng.choice(ROWWISE).format(name), (1, columns)
        if kind < 0.9:
            return f"sum({name}, axis=1)", (rows, 1)
        if kind < 0.95 and rows > 1:
            return f"{name}[0:{rows - 1}, :]", (rows - 1, columns)
        other = matrix(rows, columns)
        return f"vstack([{name}, {other}])", (2 * rows, columns)

    shapes[given(rng.choice(sizes), rng.choice(sizes), "input")] = (0, 0)
    first = next(iter(shapes))
    text = matrices[0]
    shape = text[text.index("[") + 1 : text.index("]")].split(", ")
    shapes[first] = (int(shape[0]), int(shape[1]))
    for k in range(rng.randrange(2, 14)):
        if rng.random() < 0.3:
            steps.append(f"  - section: Part {k}")
        if rng.random() < 0.15:
            steps += _loop(rng, k, shapes, pick(), matrix, given)
            continue
        expr, made = expression(pick())
        steps.append(f"  - M{k} = {expr}")
        shapes[f"M{k}"] = made
    computed = [name for name in shapes if name.startswith("M")]
    weight = given(*shapes[computed[-1]], "parameter")
    steps.append(f"  - L = sum(({computed[-1]} * {weight}) ** 2)")
    lines = ["title: Random", "matrices:", *matrices, "steps:", *steps, "loss: L"]
    if rng.random() < 0.7:
        lines += ["backward: true", "update: {learning_rate: 0.01}"]
    return "\n".join(lines) + "\n"


def _loop(rng, k, shapes, start, matrix, given):  # type: ignore[no-untyped-def]
    """A loop over a state, or one whose turns don't feed each other."""
    rows, columns = shapes[start]
    turns = rng.choice([2, 3, 5])
    weight = given(rows, rows, "parameter")
    bias = given(rows, 1, "parameter")
    steps = [f"  - for: t in 1..{turns}", "    steps:"]
    state = rng.random() < 0.6
    before = f"M{k}_{{t-1}}" if state else start
    if state:
        steps[:0] = [f"  - M{k}_0 = {start} * 1"]
        shapes[f"M{k}_0"] = (rows, columns)
    steps.append(f"      - A{k}_{{t}} = {weight} @ {before} + {bias}")
    last = f"tanh(A{k}_{{t}})"
    if rng.random() < 0.5:
        steps.append(f"      - B{k}_{{t}} = {last} * {before}")
        last = f"B{k}_{{t}}"
    if rng.random() < 0.4:
        steps.append("      - section: More")
    if rng.random() < 0.4:
        steps.append(f"      - C{k}_{{t}} = {last} * {matrix(rows, columns)}")
        last = f"C{k}_{{t}}"
    steps.append(f"      - M{k}_{{t}} = {last} + {before} / 2")
    for t in range(1, turns + 1):
        shapes[f"M{k}_{t}"] = (rows, columns)
    return steps
