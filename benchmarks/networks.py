"""Specs of networks that grow: from about how many cells are wanted to the spec's text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml


def mlp(cells: int) -> dict[str, Any]:
    """Four linear layers, each as wide as there are samples."""
    width = side(cells, 40, least=2)
    return trained("Multi-layer perceptron", width, width, [
        {"linear": width}, "relu", {"linear": width}, "relu", {"linear": width}, "relu", {"linear": width},
    ])  # fmt: skip


def gcn(cells: int) -> dict[str, Any]:
    """Two graph convolutions on a ring of nodes, with a quarter as many features as nodes."""
    nodes = 4 * side(cells, 200, least=1)
    spec = trained("Graph convolutional network", nodes // 4, nodes, [
        {"gcn": nodes // 4}, "relu", {"gcn": nodes // 4},
    ])  # fmt: skip
    return {"graph": {"networkx": "cycle_graph", "args": [nodes]}, **spec}


def lstm(cells: int) -> dict[str, Any]:
    """An LSTM with as many time steps as hidden states, unrolled."""
    steps = side(cells, 71, least=2)
    return trained("LSTM", steps, steps, [{"lstm": steps}])


def transformer(cells: int) -> dict[str, Any]:
    """One block, two heads: attention, then two linear layers, each with a shortcut and a normalisation."""
    width = 2 * side(cells, 490, least=1)
    inner = [{"linear": 2 * width}, "relu", {"linear": width}]
    return trained("Transformer block", width, width, [
        {"residual": [{"multi_head_attention": 2}]}, "layer_norm", {"residual": inner}, "layer_norm",
    ])  # fmt: skip


def trained(title: str, rows: int, columns: int, stack: list[Any]) -> dict[str, Any]:
    """A stack of layers with its loss, backward pass and update."""
    shape = [rows, columns]
    return {
        "title": title,
        "matrices": {
            "X": {"role": "input", "random": {"shape": shape, "low": -1, "high": 1, "seed": 1}},
            "Y": {"role": "target", "random": {"shape": shape, "low": -1, "high": 1, "seed": 2}},
        },
        "steps": [{"layers": "X", "stack": stack, "out": "out"}, "L = mse(out, Y, reduction='mean')"],
        "loss": "L",
        "backward": True,
        "update": {"learning_rate": 0.1},
    }


def side(cells: int, squares: int, least: int) -> int:
    """The side of a square of which there are about `squares` among the cells."""
    return max(least, round((cells / squares) ** 0.5))


NETWORKS: dict[str, Callable[[int], dict[str, Any]]] = {
    "mlp": mlp, "gcn": gcn, "lstm": lstm, "transformer": transformer,
}  # fmt: skip


def spec_text(network: str, cells: int, formulas: str) -> str:
    """The spec of a network of about so many cells; `formulas` is `cells`, `blocks` or `auto`."""
    return yaml.safe_dump({**NETWORKS[network](cells), "formulas": formulas}, sort_keys=False)
