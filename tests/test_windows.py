"""Convolutions and pools against their definitions, written with loops, and by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sheetgen import compile_text
from sheetgen.errors import SpecError

X = np.arange(20.0).reshape(4, 5) % 7 - 2
K = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]])


def value(expression: str, **matrices: np.ndarray) -> np.ndarray:
    given = [f"  {name}: {{role: input, value: {m.tolist()}}}" for name, m in matrices.items()]
    text = "\n".join(["title: t", "matrices:", *given, "steps:", f"  - 'Y = {expression}'"])
    return compile_text(text).values["Y"]


def convolved(x, k, stride=(1, 1), before=(0, 0), after=(0, 0), dilation=(1, 1)):
    """Σ over the kernel's cells, each of which looks at zeros outside `x`."""
    def cell(i, j):
        return x[i, j] if 0 <= i < x.shape[0] and 0 <= j < x.shape[1] else 0.0

    sizes = [
        (x.shape[d] + before[d] + after[d] - dilation[d] * (k.shape[d] - 1) - 1) // stride[d] + 1 for d in (0, 1)
    ]
    out = np.zeros(sizes)
    for i, j, u, v in itertools.product(*map(range, (*sizes, *k.shape))):
        at = i * stride[0] - before[0] + u * dilation[0], j * stride[1] - before[1] + v * dilation[1]
        out[i, j] += k[u, v] * cell(*at)
    return out


@pytest.mark.parametrize(
    ("options", "how"),
    [
        ("", {}),
        (", padding=(1, 0)", {"before": (1, 0), "after": (1, 0)}),
        (", padding=2, stride=(1, 2)", {"before": (2, 2), "after": (2, 2), "stride": (1, 2)}),
        (", dilation=2, padding=1", {"dilation": (2, 2), "before": (1, 1), "after": (1, 1)}),
        (", dilation=(3, 1)", {"dilation": (3, 1)}),
        (', padding="same"', {"before": (0, 1), "after": (1, 1)}),
        (', padding="same", dilation=2', {"before": (1, 2), "after": (1, 2), "dilation": (2, 2)}),
        (', padding="same", stride=2', {"before": (0, 1), "after": (0, 1), "stride": (2, 2)}),
    ],
)
def test_convolution(options: str, how: dict) -> None:
    np.testing.assert_allclose(value(f"conv2d(X, K{options})", X=X, K=K), convolved(X, K, **how))


@pytest.mark.parametrize(
    ("options", "stride", "padding", "more", "dilation"),
    [
        ("", (1, 1), (0, 0), (0, 0), (1, 1)),
        (", 2", (2, 2), (0, 0), (0, 0), (1, 1)),
        (", (2, 3), (1, 0), (1, 2)", (2, 3), (1, 0), (1, 2), (1, 1)),
        (", 2, 1, 0, 1, 2", (2, 2), (1, 1), (0, 0), (2, 2)),
    ],
)
def test_transposed_convolution(options: str, stride, padding, more, dilation) -> None:
    """Each cell times the kernel, laid where the convolution would have read; the size is PyTorch's."""
    sizes = [
        (X.shape[d] - 1) * stride[d] - 2 * padding[d] + dilation[d] * (K.shape[d] - 1) + more[d] + 1 for d in (0, 1)
    ]
    wanted = np.zeros(sizes)
    for i, j, u, v in itertools.product(*map(range, (*X.shape, *K.shape))):
        at = i * stride[0] + u * dilation[0] - padding[0], j * stride[1] + v * dilation[1] - padding[1]
        if 0 <= at[0] < sizes[0] and 0 <= at[1] < sizes[1]:
            wanted[at] += X[i, j] * K[u, v]
    found = value(f"conv_transpose2d(X, K{options})", X=X, K=K)
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted)


def test_transposed_convolution_of_a_row_has_a_row_for_each_of_the_kernel() -> None:
    found = value("conv_transpose1d(X, K, stride=2, padding=1)", X=np.array([[1.0, 2.0]]), K=K)
    assert found.tolist() == [[-2, 3 + 2, -4], [4, -1 + 1, 8]]


def test_padding_is_nothing_to_max_pool() -> None:
    below = -X**2 - 1
    wanted = [[below[max(2 * i - 1, 0) : 2 * i + 1, max(2 * j - 1, 0) : 2 * j + 1].max() for j in range(3)]
              for i in range(3)]
    assert value("max_pool(X, 2, padding=1)", X=below).tolist() == wanted


def test_padding_is_zeros_to_avg_pool_unless_it_does_not_count() -> None:
    ones = np.ones((2, 4))
    assert value("avg_pool(X, 2, padding=1)", X=ones).tolist() == [[0.25, 0.5, 0.25], [0.25, 0.5, 0.25]]
    assert value("avg_pool(X, 2, padding=1, count_include_pad=False)", X=ones).tolist() == [[1, 1, 1], [1, 1, 1]]
    assert value("avg_pool(X, 2, padding=1)", X=np.ones((1, 4))).tolist() == [[0.5, 1, 0.5]]


def test_enlarging_a_row_makes_it_longer_and_a_number_a_block() -> None:
    assert value("upsample(X, 3)", X=np.array([[1.0, 2.0]])).tolist() == [[1, 1, 1, 2, 2, 2]]
    assert value("upsample(X, 2)", X=np.array([[7.0]])).tolist() == [[7, 7], [7, 7]]
    np.testing.assert_array_equal(value("upsample(X, (2, 3))", X=X), np.kron(X, np.ones((2, 3))))


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ('conv2d(X, K, padding="full")', 'from 0 to 9, or a pair (rows, columns), or "same", not'),
        ("conv2d(X, K, padding=(1, 2, 3))", "or a pair (rows, columns)"),
        ("conv2d(X, K, dilation=4)", "a window of 5×9 doesn't fit into 4×5"),
        ("conv2d(X, K, groups=2)", "a single matrix is one channel"),
        ("conv_transpose2d(X, K, padding=4)", "nothing is left"),
        ("conv_transpose2d(X, K, output_padding=1)", "output_padding must be smaller than the stride, 1"),
        ("conv_transpose1d(X, K)", "a single row"),
        ("max_pool(X, 2, padding=2)", "padding is at most half a window, which is 2×2"),
        ("avg_pool(X, count_include_pad=1)", "True or False"),
        ("upsample(X, scale_factor=2)", "Write `scale`"),
    ],
)
def test_what_does_not_fit_is_told(expression: str, told: str) -> None:
    with pytest.raises(SpecError) as raised:
        value(expression, X=X, K=K)
    assert told in str(raised.value)
    assert raised.value.line == 6
