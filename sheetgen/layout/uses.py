"""What the placer must know of a program in advance: who uses what, and how."""

from __future__ import annotations

from collections import Counter

from sheetgen.ir.node import Node
from sheetgen.ir.program import Program, Statement
from sheetgen.ir.walk import references


def is_product(statement: Statement) -> bool:
    """Whether it is drawn as on paper: left operand, upper operand, result."""
    return statement.expr.op == "matmul" and statement.kind == "matrix"


def pieces(node: Node, stack: str) -> tuple[Node, ...]:
    """The matrices that `vstack` or `hstack` puts together, or the operand itself."""
    return node.args if node.op == stack else (node,)


class Uses:
    """Facts about the statements of a program."""

    def __init__(self, program: Program) -> None:
        self.statements = program.statements
        self.maker = {part.name: s for s in program.statements for part in s.parts}
        self.givens = {given.name: given for given in program.givens}
        products = [s for s in program.statements if is_product(s)]
        self.gradients = {s.gradient_of: s for s in program.statements if s.phase == "backward" and s.gradient_of}
        self.with_ones: dict[str, int] = {}
        """Matrices that get a row of ones below them, with the step that needs it first."""
        self.operands: set[str] = set()
        """Matrices that are an operand of a product, or a piece of one, just as they are."""
        self.left_uses: Counter[Node] = Counter()
        """How many products of the forward pass each left operand takes part in."""
        self.biases: set[str] = set()
        """Columns that stand beside weights."""
        for s in products:
            left, right = s.expr.args
            self.left_uses[left] += s.phase == "forward"
            for place, piece in enumerate(pieces(left, "hstack")):
                if piece.is_matrix:
                    self.operands.add(piece.name)
                    if place and piece.shape[1] == 1 and right_one(right, place):
                        self.biases.add(piece.name)
            below = pieces(right, "vstack")
            self.operands.update(piece.name for piece in below if piece.is_matrix)
            if len(below) == 2 and below[0].is_matrix and below[1].op == "ones":
                self.with_ones.setdefault(below[0].name, s.step)
        self.through: dict[str, list[Statement]] = {}
        """By product of the forward pass: the products of the backward pass that its gradient enters."""
        for s in products:
            if s.phase == "backward":
                for ref in references(s.expr):
                    source = self.maker.get(ref.name)
                    if source is not None and source.phase == "backward" and source.gradient_of:
                        self.through.setdefault(source.gradient_of, []).append(s)

    def gradient_node(self, name: str) -> Node | None:
        """The operand, as it enters products, that is the gradient of product `name`."""
        for s in self.through.get(name, ()):
            for arg in s.expr.args:
                base = arg.args[0] if arg.op == "transpose" else arg
                made = self.maker.get(base.name) if base.is_matrix else None
                if made is not None and made.phase == "backward" and made.gradient_of == name:
                    return arg
        return None


def right_one(right: Node, place: int) -> bool:
    """Whether the piece of the upper operand that meets piece `place` of the left one is a row of ones."""
    below = pieces(right, "vstack")
    return place < len(below) and below[place].op == "ones"
