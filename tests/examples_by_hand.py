"""An example of each operation that a spec may use, worked out by hand: the tables of docs/language.md show it, and
test_examples.py holds the compiler and IronCalc to it.

What comes in are lists of rows, flat lists, which are columns, and numbers, as in a spec; what comes out has at most
four decimals.
"""

from __future__ import annotations

import ast
from typing import Any

ARROW = " → "
EXAMPLES = {
    "matmul": "[[1, 2], [3, 4]] @ [5, 6] → [17, 39]",
    "add": "[[1, 2], [3, 4]] + [10, 20] → [[11, 12], [23, 24]]",
    "subtract": "[5, 1] - [2, 3] → [3, -2]",
    "multiply": "[2, 3] * [4, -1] → [8, -3]",
    "divide": "[1, 6] / [4, 3] → [0.25, 2]",
    "negative": "-[1, -2] → [-1, 2]",
    "power": "[2, 3] ** 2 → [4, 9]",
    "greater": "[1, 2, 3] > 2 → [0, 0, 1]",
    "greater_equal": "[1, 2, 3] >= 2 → [0, 1, 1]",
    "less": "[1, 2, 3] < 2 → [1, 0, 0]",
    "less_equal": "[1, 2, 3] <= 2 → [1, 1, 0]",
    "equal": "[1, 2, 3] == 2 → [0, 1, 0]",
    "not_equal": "[1, 2, 3] != 2 → [1, 0, 1]",
    "where": "where([1, 0], [5, 6], [7, 8]) → [5, 8]",
    "exp": "exp([0, 1]) → [1, 2.7183]",
    "log": "log([1, 10]) → [0, 2.3026]",
    "sqrt": "sqrt([9, 2]) → [3, 1.4142]",
    "tanh": "tanh([0, 1]) → [0, 0.7616]",
    "abs": "abs([-2, 3]) → [2, 3]",
    "sign": "sign([-5, 0, 2]) → [-1, 0, 1]",
    "maximum": "maximum([1, 5], [3, 2]) → [3, 5]",
    "minimum": "minimum([1, 5], 2) → [1, 2]",
    "round": "round([2.46, -1.23], decimals=1) → [2.5, -1.2]",
    "stop_gradient": "stop_gradient([1, 2]) → [1, 2]",
    "detach": "detach([1, 2]) → [1, 2]",
    "sin": "sin([0, 1]) → [0, 0.8415]",
    "cos": "cos([0, 1]) → [1, 0.5403]",
    "tan": "tan([0, 1]) → [0, 1.5574]",
    "square": "square([-3, 2]) → [9, 4]",
    "log1p": "log1p([0, 1]) → [0, 0.6931]",
    "expm1": "expm1([0, 1]) → [0, 1.7183]",
    "floor": "floor([1.7, -1.2]) → [1, -2]",
    "ceil": "ceil([1.2, -1.7]) → [2, -1]",
    "mod": "mod([7, -7], 3) → [1, 2]",
    "clip": "clip([-2, 0.5, 9], 0, 1) → [0, 0.5, 1]",
    "dropout": "dropout([1, 2, 3], [1, 0, 1]) → [2, 0, 6]",
    "relu": "relu([-1, 2]) → [0, 2]",
    "leaky_relu": "leaky_relu([-1, 2]) → [-0.01, 2]",
    "sigmoid": "sigmoid([0, 2]) → [0.5, 0.8808]",
    "hard_sigmoid": "hard_sigmoid([-9, 0, 1.5]) → [0, 0.5, 0.75]",
    "silu": "silu([0, 2]) → [0, 1.7616]",
    "softplus": "softplus([0, 2]) → [0.6931, 2.1269]",
    "erf": "erf([0, 1]) → [0, 0.8427]",
    "gelu": "gelu([0, 1]) → [0, 0.8413]",
    "elu": "elu([-1, 2]) → [-0.6321, 2]",
    "selu": "selu([-1, 1]) → [-1.1113, 1.0507]",
    "softsign": "softsign([-1, 3]) → [-0.5, 0.75]",
    "mish": "mish([0, 1]) → [0, 0.8651]",
    "log_sigmoid": "log_sigmoid([0, 2]) → [-0.6931, -0.1269]",
    "conv2d": "conv2d([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 0], [0, 1]]) → [[6, 8], [12, 14]]",
    "conv1d": "conv1d([[1, 2, 4, 8]], [[1, -1]]) → [[-1, -2, -4]]",
    "conv_transpose2d": "conv_transpose2d([[1, 2]], [[1, 10], [0, 1]]) → [[1, 12, 20], [0, 1, 2]]",
    "conv_transpose1d": "conv_transpose1d([[1, 2, 3]], [[1, 1]], stride=2) → [[1, 1, 2, 2, 3, 3]]",
    "max_pool": "max_pool([[1, 2, 5, 0], [4, 3, 1, 2]]) → [[4, 5]]",
    "avg_pool": "avg_pool([[1, 2, 5, 0], [4, 3, 1, 2]]) → [[2.5, 2]]",
    "global_max_pool": "global_max_pool([[1, 2], [4, 3]]) → 4",
    "global_avg_pool": "global_avg_pool([[1, 2], [4, 3]]) → 2.5",
    "upsample": "upsample([[1, 2], [3, 4]], (1, 2)) → [[1, 1, 2, 2], [3, 3, 4, 4]]",
    "cumsum": "cumsum([1, 2, 3]) → [1, 3, 6]",
    "cumprod": "cumprod([1, 2, 3]) → [1, 2, 6]",
    "top_k": "top_k([3, 1, 2], 2) → [1, 0, 1]",
    "sort": "sort([[3, 1], [1, 2]], axis=1, descending=True) → [[3, 1], [2, 1]]",
    "argsort": "argsort([3, 1, 2]) → [1, 2, 0]",
    "gather": "gather([[5, 6], [7, 8]], [[1, 0], [1, 1]]) → [[7, 6], [7, 8]]",
    "median": "median([3, 1, 8, 2]) → 2.5",
    "glu": "glu([6, 0]) → [3]",
    "swiglu": "swiglu([0, 2, 3, 1]) → [0, 1.7616]",
    "sum": "sum([[1, 2], [3, 4]], axis=0) → [[4, 6]]",
    "mean": "mean([[1, 2], [3, 4]], axis=1) → [1.5, 3.5]",
    "max": "max([[1, 5], [3, 4]]) → 5",
    "min": "min([[1, 5], [3, 4]], axis=1) → [1, 3]",
    "argmax": "argmax([[1, 9], [5, 2]]) → [[1, 0]]",
    "argmin": "argmin([[1, 9], [5, 2]]) → [[0, 1]]",
    "prod": "prod([1, 2, 3, 4]) → 24",
    "softmax": "softmax([1, 2, 3]) → [0.09, 0.2447, 0.6652]",
    "logsumexp": "logsumexp([1, 2, 3]) → 3.4076",
    "log_softmax": "log_softmax([1, 2]) → [-1.3133, -0.3133]",
    "softmin": "softmin([1, 2]) → [0.7311, 0.2689]",
    "norm": "norm([3, 4]) → 5",
    "var": "var([1, 2, 3, 4]) → 1.25",
    "std": "std([1, 2, 3, 4], ddof=1) → 1.291",
    "cosine_similarity": "cosine_similarity([3, 4], [4, 3]) → 0.96",
    "trace": "trace([[1, 2], [3, 4]]) → 5",
    "layer_norm": "layer_norm([[1, 5], [3, 5]]) → [[-1, 0], [1, 0]]",
    "batch_norm": "batch_norm([[1, 3], [5, 5]]) → [[-1, 1], [0, 0]]",
    "group_norm": "group_norm([[1, 5], [3, 5], [0, 2], [8, 0]], 2) → [[-1, 0], [1, 0], [-1, 1], [1, -1]]",
    "rms_norm": "rms_norm([3, 4]) → [0.8485, 1.1314]",
    "reshape": "reshape([[1, 2, 3], [4, 5, 6]], (3, 2)) → [[1, 2], [3, 4], [5, 6]]",
    "flatten": "flatten([[1, 2], [3, 4]]) → [1, 2, 3, 4]",
    "one_hot": "one_hot([[2, 0]], 3) → [[0, 1], [0, 0], [1, 0]]",
    "embedding": "embedding([[1, 2, 3], [4, 5, 6]], [[2, 0]]) → [[3, 1], [6, 4]]",
    "lookup": "lookup([[1, 2, 3], [4, 5, 6]], [[2, 0]]) → [[3, 1], [6, 4]]",
    "cross_entropy": "cross_entropy([0.25, 0.75], [0, 1]) → 0.2877",
    "binary_cross_entropy": "binary_cross_entropy([[0.8, 0.4]], [[1, 0]]) → 0.734",
    "cross_entropy_with_logits": "cross_entropy_with_logits([1, 2], [0, 1]) → 0.3133",
    "binary_cross_entropy_with_logits": "binary_cross_entropy_with_logits([[0, 2]], [[1, 0]]) → 2.8201",
    "mse": "mse([1, 2], [3, 2]) → 4",
    "huber": "huber([0, 3], [0.5, 0]) → 2.625",
    "smooth_l1": "smooth_l1([0, 3], [0.5, 0]) → 2.625",
    "hinge": "hinge([[0.5, 2]], [[1, -1]]) → 3.5",
    "kl_div": "kl_div([0.5, 0.5], [0.25, 0.75]) → 0.1438",
    "transpose": "[[1, 2], [3, 4]].T → [[1, 3], [2, 4]]",
    "slice": "[[1, 2, 3], [4, 5, 6]][:, 1] → [2, 5]",
    "tril": "tril([[1, 2], [3, 4]]) → [[1, 0], [3, 4]]",
    "triu": "triu([[1, 2], [3, 4]]) → [[1, 2], [0, 4]]",
    "diag": "diag([2, 3]) → [[2, 0], [0, 3]]",
    "vstack": "vstack([[[1, 2]], [[3, 4]]]) → [[1, 2], [3, 4]]",
    "hstack": "hstack([[1, 2], [3, 4]]) → [[1, 3], [2, 4]]",
    "zeros": "zeros((2, 3)) → [[0, 0, 0], [0, 0, 0]]",
    "ones": "ones((2, 3)) → [[1, 1, 1], [1, 1, 1]]",
    "eye": "eye(2) → [[1, 0], [0, 1]]",
}


class _Lists(ast.NodeTransformer):
    """Puts a name in the place of each matrix, and keeps what it was."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if getattr(node.func, "id", "") in ("vstack", "hstack"):  # of a list of matrices
            node.args = [ast.List([self.visit(each) for each in node.args[0].elts])]  # type: ignore[attr-defined]
            return node
        return self.generic_visit(node)

    def visit_List(self, node: ast.List) -> ast.AST:
        name = "ABCD"[len(self.found)]
        self.found[name] = ast.literal_eval(node)
        return ast.Name(name)


def taken_apart(example: str) -> tuple[dict[str, Any], str, Any]:
    """The matrices that an example is given, the expression of them, and what comes out, as a spec writes it."""
    text, result = example.split(ARROW)
    lists = _Lists()
    tree = lists.visit(ast.parse(text, mode="eval"))
    return lists.found, ast.unparse(tree), ast.literal_eval(result)


def shown(example: str) -> str:
    """An example in a table."""
    text, result = example.split(ARROW)
    return f"`{text}`{ARROW}`{result}`"
