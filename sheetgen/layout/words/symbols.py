"""Names for readers: `W1` is W₁, the gradient of it ∂W₁, `Y_pred` Ŷ, `beta` β.

What a matrix *is* (a gradient, a new value, a helper without a name) is read from its statement, never from its name;
the name only decides how it is spelled.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sheetgen.ir.node import Node
from sheetgen.ir.program import Local, Program, Statement
from sheetgen.ir.walk import summands
from sheetgen.layout.axes import NONE, Axes, axes
from sheetgen.layout.words.losses import is_gradient, of_several
from sheetgen.layout.words.script import BAR, HAT, SUBSCRIPTS, indexed, marked

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eps": "ε", "eta": "η", "theta": "θ",
    "lambda": "λ", "lam": "λ", "mu": "μ", "nu": "ν", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ",
    "chi": "χ", "psi": "ψ", "omega": "ω", "Delta": "Δ", "Theta": "Θ", "Omega": "Ω",
    "learning_rate": "η", "lr": "η", "dk": "dₖ",
}  # fmt: skip
"""Words for letters, and two that have a customary sign."""
LETTER_INDEX = re.compile(r"(.+)_([a-z])")
HATTED = re.compile(r"(.+)_(?:hat|pred)|([A-Za-z])hat")
BARRED = re.compile(r"(.+)_bar")
NUMBERED = re.compile(r"(.*?\D)_?(\d+)")
LETTERED = re.compile(r"([^\W\d_]\d+)(_?)([A-Z])")
WORDED = re.compile(r"([^\W\d_]\d+)(_[^\W\d_]{2,})")
CONVOLUTIONS = ("conv2d", "conv1d", "conv_transpose2d", "conv_transpose1d")
LETTER = re.compile(r"W(?![a-z]{5})|[wb](?![a-z]{3})|[^\W\d_a-zW](?![a-z]{2})|[ac-vx-z](?![a-z])")
"""The letter of a matrix before what tells it from others; a word has none."""
LAYER, APART = re.compile(r"\d*"), re.compile(r"(?<!\d)_|_(?!\d)")
"""The number that several names have in common, and a `_` that stands between no two numbers."""
TOKENS = re.compile(r"\d+|[^\W\d_]+|_|\W")


@dataclass(frozen=True)
class Name:
    """What a matrix is called, before it is spelled: `base` as its author wrote it, or would have."""

    base: str
    gradient: bool = False
    new: bool = False
    loss: str = ""
    """Of a gradient: the base of its loss, where another one has a gradient with respect to the same matrix."""


@dataclass(frozen=True)
class Symbols:
    """The names of a program's matrices. Helpers without a name have none here: they are told by their equation."""

    names: Mapping[str, Name]
    spelled: Mapping[str, str] = field(default_factory=dict)
    """How each base is written."""
    axes: Mapping[str, Axes] = field(default_factory=dict)
    """What rows and columns of matrices are called."""

    def place(self, matrix: str, axis: int, at: int) -> str:
        """The number of a row (axis 0) or a column, counted from 1, or as they are numbered on the page."""
        names = self.axes.get(matrix, NONE)[axis]
        numbered = len(set(names)) == len(names) > at and all(map(str.isdecimal, names))
        return names[at] if numbered else str(at + 1)

    def name(self, matrix: str) -> Name | None:
        """What a matrix is called; None for a helper without a name."""
        return self.names.get(matrix)

    @cached_property
    def looks(self) -> frozenset[str]:
        """How all matrices are written, capitals apart."""
        return frozenset(self.of(matrix).casefold() for matrix in self.names)

    @cached_property
    def stems(self) -> frozenset[str]:
        """How all matrices are written, without what is small."""
        return frozenset(self.of(matrix).rstrip("".join(SUBSCRIPTS.values())) for matrix in self.names)

    @cached_property
    def numbered(self) -> frozenset[str]:
        """The letters that have several matrices, by number: `h` for `H1` and `h_2`."""
        stems = (NUMBERED.fullmatch(matrix) for matrix in self.names)
        return frozenset(match[1].rstrip("_").casefold() for match in stems if match)

    def of(self, matrix: str) -> str:
        """How a matrix is written: `W₁`, `∂W₁`, `W₁ new`; empty for a helper without a name."""
        name = self.names.get(matrix)
        return "" if name is None else self.text(name)

    def text(self, name: Name, *indices: str) -> str:
        """How a name is written, with further indices."""
        text = self.spelled.get(name.base) or spell(name.base)
        for index in indices:
            text = indexed(text, index)
        of = f"∂{self.spelled.get(name.loss) or spell(name.loss)}/" if name.loss else ""
        return of + "∂" * name.gradient + text + " new" * name.new


def symbols(program: Program) -> Symbols:
    """The names of all matrices of a program; no two of its bases are written alike."""
    aliases = pre_activations(program)
    aliases |= locals_of(program, aliases.values())
    losses = {loss.name for loss in program.losses}
    names = {given.name: Name(given.name) for given in program.givens}
    for s in program.statements:
        if s.phase in ("forward", "after") and not is_gradient(s, program):
            target = s.repeats if s.phase == "after" and s.repeats else s.name
            base = aliases.get(target) or ("" if s.auxiliary else target)
            if base:
                names[s.name] = Name(base, new=s.phase == "after" and target in losses)
    several = of_several(program)
    for s in program.statements:
        owner = names.get(s.gradient_of or "") if is_gradient(s, program) else None
        if owner is not None:
            loss = names[s.loss].base if s.loss in names and s.gradient_of in several else ""
            names[s.name] = Name(owner.base, gradient=True, loss=loss)
        elif s.phase == "update":
            names[s.name] = Name(names[s.repeats].base if s.repeats else s.name, new=True)
    return Symbols(names, _spelled(dict.fromkeys(name.base for name in names.values())), axes(program))


def _spelled(bases: Iterable[str]) -> dict[str, str]:
    """How each base is written; what would look like another one is left as its author wrote it. Letters become
    indices (`x_t` is xₜ) where they do for all that differ in this letter alone, so not in W_f, W_i, W_o. Words don't:
    fonts have their small letters in different sizes, or not at all."""
    bases = list(bases)
    letters: dict[str, list[str]] = {}
    for base in bases:
        if match := LETTER_INDEX.fullmatch(base):
            letters.setdefault(match[1], []).append(match[2])
    small = {stem for stem, found in letters.items() if all(letter in SUBSCRIPTS for letter in found)}
    found: dict[str, str] = {}
    taken: set[str] = set()
    for base in bases:
        match = LETTER_INDEX.fullmatch(base)
        text = indexed(spell(match[1]), match[2]) if match and match[1] in small else spell(base)
        found[base] = base if text in taken else text
        taken.add(found[base])
    return found


def spell(base: str) -> str:
    """`W1` → W₁, `Z1_A` → Z₁,A (as Z₁,ₛ for any), `W1_old` → W₁_old, `m_hat_1` → m̂₁, `alpha_bar` → ᾱ; words stay as
    they are."""
    if match := LETTERED.fullmatch(base):
        return spell(match[1]) + ("," if match[2] else "") + match[3]
    match = WORDED.fullmatch(base)
    if match and match[2][1:] not in ("hat", "pred", "bar"):
        return spell(match[1]) + match[2]
    stem, indices, mark = base, list[str](), ""
    while stem not in GREEK:
        hatted, barred = HATTED.fullmatch(stem), BARRED.fullmatch(stem)
        if (match := hatted or barred) and len(GREEK.get(match[1] or match[2], match[1] or match[2])) == 1:
            stem, mark = match[1] or match[2], HAT if hatted else BAR
        elif match := NUMBERED.fullmatch(stem):
            stem = match[1].rstrip("_") or match[1]
            indices.insert(0, match[2])
        else:
            break
    text = GREEK.get(stem, stem)
    text = marked(text, mark) if mark else text
    for index in indices:
        text = indexed(text, index)
    return text


def pre_activations(program: Program) -> dict[str, str]:
    """Short names for products with weights (or maps of kernels) that have a gradient and no name of their own: Z and
    the index of the weights, `Z11` for those of W11. In a loop they have the turn's index as well."""
    weights = {g.name for g in program.givens if g.role == "parameter"}
    wanted = {s.gradient_of for s in program.statements}
    taken = {g.name.casefold() for g in program.givens}
    taken |= {s.name.casefold() for s in program.statements if not s.auxiliary}
    looks = {readable(name) for name in taken}
    makers = {s.name: s for s in program.statements if s.phase == "forward" and s.auxiliary}
    places: dict[tuple[int, str] | str, list[Statement]] = {}
    stems: dict[str, str] = {}
    for s in program.statements:
        if s.phase == "forward" and s.auxiliary and s.name in wanted:
            stem = stems[s.name] = _stem(_factors(s.expr, makers), weights)
            if stem:
                places.setdefault((s.round[0], stem) if s.round else s.name, []).append(s)
    readers = _readers(program)
    found: dict[str, str] = {}
    for same in places.values():
        stem = stems[same[0].name]
        turns = differing([readers.get(s.name, "") for s in same]) if len(same) > 1 else None
        wishes = [stem] if len(same) == 1 else [f"{stem}_{part}" for part in turns[1]] if turns else []
        keys = {readable(wish).casefold() for wish in wishes}
        if len(keys) == len(same) and not keys & looks:
            looks |= keys
            found.update({s.name: wish for s, wish in zip(same, wishes, strict=True)})
    return found


def locals_of(program: Program, taken: Iterable[str]) -> dict[str, str]:
    """Short names for what functions of the spec's own compute: S₁ for the S of Z₁, S for that of O; where another
    matrix, or one of `taken`, is called so, O_S; and where that is another one, too, they keep their own."""
    forward = [s for s in program.statements if s.phase == "forward" and not s.auxiliary]
    waiting = {s.name: s.local for s in forward if s.local is not None}
    others = (s.name for s in program.statements if s.name not in waiting)
    looks = {readable(name).casefold() for name in (*taken, *(g.name for g in program.givens), *others)}
    found: dict[str, str] = {}
    for wish in (_numbered_like, lambda local: f"{local.of}_{local.name}"):
        wishes = {name: wish(local) for name, local in waiting.items()}
        counts = Counter(readable(each).casefold() for each in wishes.values())
        fitting = {
            name: each for name, each in wishes.items()
            if counts[key := readable(each).casefold()] == 1 and key not in looks
        }  # fmt: skip
        found |= fitting
        looks |= {readable(each).casefold() for each in fitting.values()}
        waiting = {name: local for name, local in waiting.items() if name not in fitting}
    return found


def _numbered_like(local: Local) -> str:
    """Its own name, with the number of what it is computed for."""
    numbered = NUMBERED.fullmatch(local.of)
    return local.name + (f"_{numbered[2]}" if numbered else "")


def readable(name: str) -> str:
    """What tells names apart when they are read: `Z1` and `Z_1` look alike."""
    return name.replace("_", "")


def _readers(program: Program) -> dict[str, str]:
    """The named statement that a helper serves."""
    found: dict[str, str] = {}
    for s in reversed([s for s in program.statements if s.phase == "forward"]):
        for ref in s.expr.references:
            found[ref.name] = found.get(s.name, s.name) if s.auxiliary else s.name
    return found


def _factors(node: Node, makers: Mapping[str, Statement]) -> list[str]:
    """The matrices that stand left in a product, or slide as kernels, with what is added to them; empty for an
    expression of any other kind."""
    if node.op == "matmul":
        return [ref.name for ref in node.args[0].references]
    terms = summands(node)
    windows = [t for t in terms if _window(t, makers) is not None]
    if not windows or any(t.shape == node.shape and t not in windows for t in terms):
        return []
    return [name for t in windows if (name := _window(t, makers)) is not None]


def _window(node: Node, makers: Mapping[str, Statement]) -> str | None:
    """The kernel of a convolution, perhaps computed in a helper."""
    node = makers[node.name].expr if node.is_matrix and node.name in makers else node
    return node.args[1].name if node.op in CONVOLUTIONS else None


def _stem(left: list[str], weights: set[str]) -> str:
    """`Zf` for the weights Wf (and Uf), `Z` for Wx and Wh, `Z2` for the kernels K2_1_1 and K2_1_2, `Z1` for a bias b1
    alone, `Zfrom1` for from1, which is a word; empty where none of them are."""
    matrices = [name for name in left if name in weights]
    matrices = [name for name in matrices if name[0].isupper()] or matrices
    ends = {name[1:] if LETTER.match(name) else name for name in matrices}
    if len(ends) > 1:
        ends = {LAYER.match(end)[0] for end in ends}  # type: ignore[index]
    return "Z" + (APART.sub("", ends.pop()) if len(ends) == 1 else "") if matrices else ""


def differing(names: Sequence[str]) -> tuple[tuple[str, str], tuple[str, ...]] | None:
    """What is alike before and after the one place where `names` differ, and what stands there."""
    if len(set(names)) == 1:
        return None
    tokens = [TOKENS.findall(name) for name in names]
    if len({len(t) for t in tokens}) == 1:
        places = [k for k, column in enumerate(zip(*tokens, strict=True)) if len(set(column)) > 1]
        if len(places) == 1 and all(t[places[0]].isdigit() for t in tokens):
            k = places[0]
            return ("".join(tokens[0][:k]), "".join(tokens[0][k + 1 :])), tuple(t[k] for t in tokens)
    first = _alike(names)
    rest = [name[first:] for name in names]
    last = _alike([name[::-1] for name in rest])
    parts = tuple(r[: len(r) - last] for r in rest)
    return ((names[0][:first], rest[0][len(rest[0]) - last :]), parts) if all(parts) else None


def _alike(names: Sequence[str]) -> int:
    """How many characters all names start with alike."""
    columns = enumerate(zip(*names, strict=False))
    return next((k for k, column in columns if len(set(column)) > 1), min(map(len, names)))
