"""docs/names.md: what sheetgen says to write for names of other libraries, which exists here and, where it is numpy's,
has numpy's values.

`python tests/test_names_page.py` writes its tables anew.
"""

from __future__ import annotations

import ast
import operator
import re
from typing import Any

import numpy as np
import pytest
from by_specs import ROOT
from doc_tables import filled
from names_elsewhere import FUNCTIONS, LAYERS, LIBRARIES, OPTIMISERS, OTHERWISE
from test_language_table import row, written

from sheetgen.errors import SpecError
from sheetgen.lang import advice
from sheetgen.lang.infer import infer
from sheetgen.lang.syntax import parse_expression
from sheetgen.ops import OPERATIONS
from sheetgen.passes.evaluate import value_of
from sheetgen.passes.optimisers import STEPS
from sheetgen.spec.layer_table import LAYERS as KNOWN_LAYERS
from sheetgen.spec.read import loads

PAGE = ROOT / "docs" / "names.md"
ROWS = [(section, names) for section, rows in FUNCTIONS.items() for names in rows]
NUMPYS = [name for _, names in ROWS for name in names[0].split() if name.startswith("np.")]


def advised(name: str) -> str:
    """What a message says of a name, or of a call."""
    tree = ast.parse(name, mode="eval").body
    if isinstance(tree, ast.Call):
        assert isinstance(tree.func, ast.Attribute)
        return advice.of_method(tree.func, tree.args, tree.keywords)
    return advice.of_method(tree) if isinstance(tree, ast.Attribute) else advice.instead(name)


def here(name: str) -> str:
    """What to write for a function of another library: an expression, or how an operation is written in full."""
    found = re.fullmatch(r" Write `(.+)`\.", advised(name))
    assert found, f"nothing is said of {name}"
    called = ast.parse(found[1].replace("…", ""), mode="eval").body
    if not isinstance(called, ast.Call) or called.keywords:
        return found[1]
    operation = OPERATIONS[ast.unparse(called.func)]
    needed = [default is None for _, default in operation.arguments]
    plain = all(isinstance(each, ast.Name | ast.Tuple) for each in called.args)
    return written(operation) if plain and all(needed[: len(called.args)]) else found[1]


def table(rows: list[tuple[str, str, str]]) -> str:
    lines = [row("here", *LIBRARIES), "|---|---|---|---|"]
    for names in rows:
        (mine,) = {here(name) for text in names for name in text.split()}
        lines.append(row(f"`{mine}`", *(", ".join(f"`{name}`" for name in text.split()) for text in names)))
    return "\n".join(lines)


def three(heads: tuple[str, str, str], rows: list[tuple[str, str, str]]) -> str:
    quoted = [row(*(text and f"`{text}`" for text in each)) for each in rows]
    return "\n".join([row(*heads), "|---|---|---|", *quoted])


def tables() -> dict[str, str]:
    functions = "\n\n".join(f"### {section}\n\n{table(rows)}" for section, rows in FUNCTIONS.items())
    said = [(next(iter({advised(name) for name in names.split()})).strip(), names.split()) for names in OTHERWISE]
    return {
        "functions": functions,
        "otherwise": "\n".join([row("", "here"), "|---|---|", *(
            row(", ".join(f"`{name}`" for name in names), answer) for answer, names in said
        )]),
        "layers": three(("here", "PyTorch", "Keras"), LAYERS),
        "optimisers": three(("`optimizer:`", "PyTorch", "Keras"), OPTIMISERS),
    }  # fmt: skip


def test_the_page_is_what_messages_say() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert filled(PAGE, tables()) == page, "run `python tests/test_names_page.py` and read what it changed"


def test_each_name_that_messages_know_is_on_the_page() -> None:
    names = [name for _, row_of in ROWS for text in row_of for name in text.split()]
    names += [name for text in OTHERWISE for name in text.split()]
    listed = {advice.squashed(name.partition("(")[0].rpartition(".")[2]) for name in names}
    listed |= {advice.squashed(name) for name in names if name.startswith("F.")}
    assert {key for key in {**advice.WRITE, **advice.SAY} if "/" not in key} - listed == set()


TWO = ("x", "y", "z", "p", "q", "a", "b", "low", "high", "condition", "kernel", "table", "mask")


@pytest.mark.parametrize("names", [names for _, names in ROWS], ids=lambda names: " ".join(names).split()[0])
def test_what_stands_for_a_function_exists_here(names: tuple[str, str, str]) -> None:
    """The language reads it, knows each function in it, and works out its shape."""
    text = here(" ".join(names).split()[0])
    sizes = {", stride=None": "", ", …": "", "(2, 6)": "(1, 4)", "one_hot(y, n)": "one_hot(tokens, 2)",
                 "transpose1d(x": "transpose1d(x[:1]"}
    for what, size in sizes.items():
        text = text.replace(what, size)
    shapes = {**dict.fromkeys([*TWO, "index"], (2, 2)), "tokens": (1, 2)}
    assert infer(parse_expression(text), shapes).shape


def test_sentences_are_the_same_for_all_that_share_a_row() -> None:
    for names in OTHERWISE:
        assert len({advised(name) for name in names.split()}) == 1, names
        assert advised(names.split()[0]), names


VALUES = {
    "A": np.array([[0.2, 0.9], [0.4, 0.3]]), "B": np.array([[0.5, 0.6], [0.8, 0.1]]),
    "u": np.array([[1.0], [2.0]]), "v": np.array([[3.0], [-1.0]]), "C": np.array([[1, 0], [1, 1]]),
}  # fmt: skip
CALLS = {
    "np.outer": "np.outer(u, v)", "np.clip": "np.clip(A, 0.3, 0.8)", "np.where": "np.where(A > 0.5, A, B)",
    "np.heaviside": "np.heaviside(A, 0)", "np.argmax": "np.argmax(A, axis=0)", "np.argmin": "np.argmin(A, axis=0)",
    "np.cumsum": "np.cumsum(A, axis=0)", "np.cumprod": "np.cumprod(A, axis=0)", "np.sort": "np.sort(A, axis=0)",
    "np.argsort": "np.argsort(A, axis=1)", "np.take_along_axis": "np.take_along_axis(A, C, axis=0)",
    "np.reshape": "np.reshape(A, (1, 4))", "np.vstack": "np.vstack([A, B])",
    "np.hstack": "np.hstack([A, B])", "np.zeros": "np.zeros((2, 3))", "np.ones": "np.ones((2, 3))",
    "np.eye": "np.eye(2)", "np.identity": "np.identity(2)",
    "np.mod": "np.mod(B, A)", "np.remainder": "np.remainder(B, A)",
}  # fmt: skip


def numpys_call(name: str) -> str:
    """numpy's function of as many matrices as stand for it here."""
    two = re.search(r"\by\b", here(name)) or name in ("np.maximum", "np.minimum", "np.mod")
    return CALLS.get(name, f"{name}(A, B)" if two else f"{name}(A)")


@pytest.mark.parametrize("name", NUMPYS)
def test_numpys_functions_have_the_same_values_here(name: str) -> None:
    call = name if "(" in name else numpys_call(name)
    theirs = np.asarray(eval(call, {"np": np, **VALUES}), float)
    tree: Any = ast.parse(call, mode="eval").body
    mine = re.fullmatch(r" Write `(.+)`\.", advice.of_method(tree.func, tree.args, tree.keywords))
    assert mine, call
    shapes = {key: value.shape for key, value in VALUES.items()}
    value = value_of(infer(parse_expression(mine[1]), shapes), VALUES)
    np.testing.assert_allclose(value, theirs.reshape(value.shape), rtol=1e-12, atol=1e-15, err_msg=call)


def test_every_function_that_numpy_has_by_the_same_name_is_listed() -> None:
    known = {o.name for o in OPERATIONS.values() if o.public and callable(getattr(np, o.name, None))}
    assert known - {name.removeprefix("np.") for name in NUMPYS} == set()


def test_numpys_names_are_numpys() -> None:
    for name in (name for text in [*NUMPYS, *OTHERWISE] for name in text.split() if name.startswith("np.")):
        assert operator.attrgetter(name.partition("(")[0].removeprefix("np."))(np) or name == "np.newaxis"


def test_every_function_here_is_an_answer() -> None:
    text = PAGE.read_text(encoding="utf-8")
    missing = {o.name for o in OPERATIONS.values() if o.public and f"| `{written(o)}` |" not in text}
    assert missing == {"lookup"}  # which is `embedding`


@pytest.mark.parametrize("names", LAYERS, ids=lambda names: names[0])
def test_layers_exist_here_and_messages_agree(names: tuple[str, str, str]) -> None:
    mine = names[0].partition(":")[0]
    assert mine in KNOWN_LAYERS
    loads(
        "title: t\ngraph: {nodes: [a, b], edges: [[a, b]]}\nmatrices:\n  X: {role: input, zeros: [4, 2]}\n"
        "  M: {role: input, zeros: [4, 3]}\n  tokens: {role: input, zeros: [1, 2]}\n"
        f"steps:\n  - layers: {'tokens' if mine == 'embedding' else 'X'}\n    stack: [{names[0]}]\n"
    )
    for name in filter(None, (re.split(r"\W", text.removeprefix("nn."))[0] for text in names[1:])):
        if name in ("x", "Add", "Activation") or name == mine or (mine, name) == ("bidirectional", "LSTM"):
            continue
        with pytest.raises(SpecError) as caught:
            loads(f"title: t\nmatrices:\n  X: {{role: input, value: 1}}\nsteps:\n  - layers: X\n    stack: [{name}]\n")
        assert f" Write `{mine}`." in caught.value.message


def test_every_layer_and_optimiser_is_listed() -> None:
    assert {names[0].partition(":")[0] for names in LAYERS} == {*KNOWN_LAYERS}
    assert {names[0] for names in OPTIMISERS} == {*STEPS}


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE, tables()), encoding="utf-8")
