"""Names for readers: `W1` is W₁, the gradient of it ∂W₁, `Y_pred` Ŷ, `beta` β.

What a matrix *is* (a gradient, a new value, a helper without a name) is read from its statement, never from its name;
the name only decides how it is spelled.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sheetgen.ir.program import Program, Statement
from sheetgen.ir.walk import references
from sheetgen.page.words.script import SUBSCRIPTS, hat, indexed

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eps": "ε", "eta": "η", "theta": "θ",
    "lambda": "λ", "lam": "λ", "mu": "μ", "nu": "ν", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ",
    "chi": "χ", "psi": "ψ", "omega": "ω", "Delta": "Δ", "Theta": "Θ", "Omega": "Ω",
    "learning_rate": "η", "lr": "η", "dk": "dₖ",
}  # fmt: skip
"""Words for letters, and two that have a customary sign."""
LETTER_INDEX = re.compile(r"(.+)_([a-z])")
HATTED = re.compile(r"(.+)_(?:hat|pred)|([A-Za-z])hat")
NUMBERED = re.compile(r"(.*?\D)_?(\d+)")


@dataclass(frozen=True)
class Name:
    """What a matrix is called, before it is spelled: `base` as its author wrote it, or would have."""

    base: str
    gradient: bool = False
    new: bool = False


@dataclass(frozen=True)
class Symbols:
    """The names of a program's matrices. Helpers without a name have none here: they are told by their equation."""

    names: Mapping[str, Name]
    spelled: Mapping[str, str] = field(default_factory=dict)
    """How each base is written."""

    def name(self, matrix: str) -> Name | None:
        """What a matrix is called; None for a helper without a name."""
        return self.names.get(matrix)

    def of(self, matrix: str) -> str:
        """How a matrix is written: `W₁`, `∂W₁`, `W₁ new`; empty for a helper without a name."""
        name = self.names.get(matrix)
        return "" if name is None else self.text(name)

    def text(self, name: Name, index: str = "") -> str:
        """How a name is written, with a further index."""
        text = self.spelled.get(name.base) or spell(name.base)
        text = indexed(text, index) if index else text
        return ("∂" if name.gradient else "") + text + (" new" if name.new else "")


def symbols(program: Program) -> Symbols:
    """The names of all matrices of a program; no two of its bases are written alike."""
    aliases = pre_activations(program)
    names = {given.name: Name(given.name) for given in program.givens}
    for s in program.statements:
        if s.phase in ("forward", "after"):
            target = s.repeats if s.phase == "after" and s.repeats else s.name
            base = aliases.get(target) or ("" if s.auxiliary else target)
            parts = {s.name: base} if len(s.parts) == 1 else {part.name: part.name for part in s.parts}
            names.update({matrix: Name(base, new=s.phase == "after") for matrix, base in parts.items() if base})
    for s in program.statements:
        owner = names.get(s.gradient_of or "") if s.phase == "backward" else None
        if owner is not None:
            names[s.name] = Name(owner.base, gradient=True)
        elif s.phase == "update":
            names[s.name] = Name(names[s.repeats].base if s.repeats else s.name, new=True)
    return Symbols(names, _spelled(dict.fromkeys(name.base for name in names.values())))


def _spelled(bases: Iterable[str]) -> dict[str, str]:
    """How each base is written; what would look like another one is left as its author wrote it. Letters become
    indices (`x_t` is xₜ) where they do for all that differ in this letter alone, so not in W_f, W_i, W_o."""
    bases = list(bases)
    letters: dict[str, list[str]] = {}
    for base in bases:
        if match := LETTER_INDEX.fullmatch(base):
            letters.setdefault(match[1], []).append(match[2])
    small = {stem for stem, found in letters.items() if all(letter in SUBSCRIPTS for letter in found)}
    found: dict[str, str] = {}
    for base in bases:
        match = LETTER_INDEX.fullmatch(base)
        text = indexed(spell(match[1]), match[2]) if match and match[1] in small else spell(base)
        found[base] = base if text in found.values() else text
    return found


def spell(base: str) -> str:
    """`W1` → W₁, `m_hat_1` → m̂₁, `beta` → β; words stay as they are."""
    stem, indices, hatted = base, list[str](), False
    while stem not in GREEK:
        if match := HATTED.fullmatch(stem):
            stem, hatted = match[1] or match[2], True
        elif match := NUMBERED.fullmatch(stem):
            stem = match[1].rstrip("_") or match[1]
            indices.insert(0, match[2])
        else:
            break
    text = GREEK.get(stem, stem)
    if hatted:
        if len(text) > 1:
            return base
        text = hat(text)
    for index in indices:
        text = indexed(text, index)
    return text


def pre_activations(program: Program) -> dict[str, str]:
    """Short names for products with weights that have a gradient and no name of their own: Z and the index of the
    weights, `Z11` for those of W11; where there are several weights, the index of what is made of it."""
    weights = {g.name for g in program.givens if g.role == "parameter"}
    wanted = {s.gradient_of for s in program.statements}
    taken = {g.name.casefold() for g in program.givens}
    taken |= {s.name.casefold() for s in program.statements if not s.auxiliary}
    readers = _readers(program)
    found: dict[str, str] = {}
    for s in program.statements:
        if s.phase == "forward" and s.auxiliary and s.name in wanted and s.expr.op == "matmul":
            wish = _alias(s, weights, readers.get(s.name, ""))
            if wish and wish.casefold() not in taken:
                taken.add(wish.casefold())
                found[s.name] = wish
    return found


def _readers(program: Program) -> dict[str, str]:
    """The named statement that a helper serves."""
    found: dict[str, str] = {}
    for s in reversed([s for s in program.statements if s.phase == "forward"]):
        for ref in references(s.expr):
            found[ref.name] = found.get(s.name, s.name) if s.auxiliary else s.name
    return found


def _alias(s: Statement, weights: set[str], reader: str) -> str:
    left = [ref.name for ref in references(s.expr.args[0]) if ref.name in weights]
    right = [ref for ref in references(s.expr.args[1])]
    matrices = left[: max(1, len(right))]
    index = re.search(r"_?\d+$", reader)
    if s.round is None:
        return re.sub(r"^[A-Za-z]", "Z", matrices[0]) if len(matrices) == 1 else f"Z{index[0] if index else ''}"
    own = re.sub(r"^[A-Za-z]", "Z", matrices[0]) if len(matrices) == 1 else "Z"
    varies = re.search(r"\d+$", own)
    return own if varies or index is None else f"{own}_{index[0].lstrip('_')}"
