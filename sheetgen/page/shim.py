"""Temporary: the former node classes as views of the one node type, until the geometry speaks it itself."""
from __future__ import annotations
from typing import Any
from sheetgen.ir.node import Node, Shape, matrix, number, call as _call
from sheetgen.ir.program import Given, Graph, Part, Program, Statement, Step
from sheetgen.ops import OPERATIONS
from sheetgen.ops.views import cut

Node.node = property(lambda self: self)  # type: ignore

class _Call(type):
    def __instancecheck__(cls, x: Any) -> bool: return isinstance(x, Node) and not x.is_leaf
    def __call__(cls, op, args=(), shape=(1, 1), options=()): return Node(op, tuple(args), shape, options)
class Call(metaclass=_Call): ...
class _Ref(type):
    def __instancecheck__(cls, x: Any) -> bool: return isinstance(x, Node) and x.is_matrix
    def __call__(cls, name, shape): return matrix(name, shape)
class Ref(metaclass=_Ref): ...
class _Number(type):
    def __instancecheck__(cls, x: Any) -> bool: return isinstance(x, Node) and x.is_number
    def __call__(cls, value): return number(value)
class Number(metaclass=_Number): ...
def Term(x): return x if isinstance(x, Node) else number(x)
def transposed(x): return x.T
call = _call
