"""The boxes of gradients, new weights and the second pass: at which box of the forward page each of them stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from sheetgen.ir.node import Node
from sheetgen.ir.node import matrix as leaf
from sheetgen.layout.geometry import nodes, operands
from sheetgen.layout.geometry.board import Draft
from sheetgen.layout.geometry.derive import Derived
from sheetgen.layout.geometry.figure import Kind, Phase, Span
from sheetgen.layout.geometry.script import Script
from sheetgen.layout.geometry.sketch import Part, Sketch, whole
from sheetgen.records import replace


@dataclass(frozen=True)
class Attached:
    """A box that belongs to box `at` of the forward page, and has its shape."""

    key: str
    matrix: str
    kind: Kind
    phase: Phase
    expr: Node
    """Over keys."""
    at: int
    of: str
    rows: Span | None = None
    columns: Span | None = None
    turned: bool = False


def forward_exprs(sketch: Sketch) -> dict[str, Node]:
    """What each computed box of the forward page computes, over keys."""
    found = {}
    for draft in sketch.drafts:
        if draft.expr is not None:
            copies = sketch.copies.get(draft.key, {})
            found[draft.key] = draft.expr if draft.kind == "ones" else operands.put(draft.expr, copies, sketch.homes)
    return found


class _Page:
    """The forward page as the derived boxes see it."""

    def __init__(self, script: Script, sketch: Sketch) -> None:
        self.script, self.sketch = script, sketch
        self.copies = sketch.copies
        self.number = {draft.key: k for k, draft in enumerate(sketch.drafts)}
        self.stacked = {part.key for name, parts in sketch.parts.items() if name in script.gradients for part in parts}
        self.owner = {g.key: name for name, g in script.gradients.items()}
        self.homes = all_homes(script, sketch)
        self.only_copied = only_copied(sketch)

    def places(self, name: str) -> tuple[Part, ...]:
        """Where a matrix stands."""
        if name in self.sketch.parts:
            return self.sketch.parts[name]
        k = self.number.get(name)
        return () if k is None else (Part(name, None, None, self.sketch.drafts[k].shape),)


def all_homes(script: Script, sketch: Sketch) -> dict[str, Node]:
    """What a matrix, gradient or new weight that stands in parts is read as, over keys."""
    homes = dict(sketch.homes)
    for name, derived in [*script.gradients.items(), *script.news.items()]:
        if name in sketch.parts:
            homes[derived.key] = whole([replace(part, key=_part_key(derived, part.key)) for part in sketch.parts[name]])
    return homes


def only_copied(sketch: Sketch) -> dict[Node, Node]:
    """What stands only where a product reads it, such as -B of A @ -B: gradients read it there too."""
    return {operand.T.T: seen for copies in [*sketch.copies.values()][::-1] for operand, seen in copies.items()
            if not (operands.is_operand(operand) or nodes.is_stack(operand) or nodes.is_ones(operand))}  # fmt: skip


def all_parts(script: Script, sketch: Sketch) -> dict[str, tuple[str, ...]]:
    """The keys of the boxes in which matrices stand that have none of their own, gradients and new values too."""
    found = {name: tuple(part.key for part in parts) for name, parts in sketch.parts.items()}
    for name, keys in tuple(found.items()):
        for derived in (script.gradients.get(name), script.news.get(name)):
            if derived is not None:
                found[derived.matrix] = tuple(_part_key(derived, key) for key in keys)
        if name in script.agains:
            found[script.agains[name].matrix] = tuple(f"{key}@again" for key in keys)
    return found


def _part_key(derived: Derived, key: str) -> str:
    return f"{derived.key}@{key}"


def derived_boxes(script: Script, sketch: Sketch) -> tuple[Attached, ...]:
    """The gradients and, on the cells of what they repeat, everything after the update."""
    page = _Page(script, sketch)
    found: list[Attached] = []
    for name, gradient in script.gradients.items():
        found += _gradient(page, name, gradient)
    for name, new in script.news.items():
        expr = operands.put(new.expr, {}, page.homes)
        found += _at_home(page, name, new, expr, "update")
    return tuple(found)


def _at_home(page: _Page, name: str, derived: Derived, expr: Node, phase: Phase) -> Iterator[Attached]:
    """At the matrix's place, or a part at each part of it."""
    kind: Kind = "home" if derived.matrix else "row"
    for part in page.places(name):
        k = page.number[part.key]
        if part.rows is None and part.columns is None:
            yield Attached(derived.key, derived.matrix, kind, phase, expr, k, name)
        else:
            cut = operands.part_of(expr, part.rows, part.columns)
            yield Attached(_part_key(derived, part.key), derived.matrix, kind, phase, cut, k, name, part.rows,
                           part.columns)  # fmt: skip


def _gradient(page: _Page, name: str, gradient: Derived) -> Iterator[Attached]:
    """A reader's share at the copy that it read, and at the matrix's place the sum of the shares and of the rest."""
    shares: dict[str, list[Node]] = defaultdict(list)
    rest: list[Node] = []
    terms = nodes.summands(gradient.expr)
    for term in terms:
        reader = _reader(page, term)
        key = _whole_copy(page, reader, name)
        term = operands.put(term, {**page.only_copied, **page.copies.get(reader, {})}, page.homes)
        if key is not None:
            shares[key].append(term)
        else:
            rest.append(term)
    for n, (key, parts) in enumerate(shares.items(), 1):
        k = page.number[key]
        turned = page.sketch.drafts[k].turned
        share = nodes.sum_of(parts)
        yield Attached(f"{gradient.key}@{n}", "", "part", "backward", share.T if turned else share, k, name,
                       turned=turned)  # fmt: skip
        back: Node = leaf(f"{gradient.key}@{n}", page.sketch.drafts[k].shape)
        rest.append(back.T if turned else back)
    yield from _at_home(page, name, gradient, nodes.sum_of(rest), "backward")


def _reader(page: _Page, term: Node) -> str:
    """The statement through which a share comes: the one whose gradient it holds, if it is one."""
    owners = {page.owner[ref.name] for ref in term.references if ref.name in page.owner}
    return owners.pop() if len(owners) == 1 else ""


def _whole_copy(page: _Page, reader: str, name: str) -> str | None:
    """The copy of a whole matrix through which a statement reads it, and reads it once."""
    found = [
        (seen.name, page.sketch.drafts[page.number[seen.name]])
        for operand, seen in page.copies.get(reader, {}).items()
        if seen is not None and seen.is_matrix and any(ref.name == name for ref in operand.references)
    ]
    if len(found) != 1:
        return None
    key, draft = found[0]
    if key in page.stacked:  # the gradient of the stack stands there
        return None
    entire = draft.kind == "copy" and draft.matrix == name and draft.rows is None and draft.columns is None
    return key if entire else None


def again(script: Script, sketch: Sketch, exprs: Mapping[str, Node]) -> tuple[Attached, ...]:
    """The second forward pass: the formulas of the first, over the boxes on the same cells of another sheet. In bands
    where nothing changes it has no boxes; what stands there is read where it is."""
    new: dict[str, str] = {}
    matrices: dict[str, str] = {}
    for name, derived in [*script.agains.items(), *script.news.items()]:
        matrices[name] = derived.matrix
    changed = {name: derived.key for name, derived in script.agains.items()}
    weights = {name: derived for name, derived in script.news.items()}
    boxes = {draft.key: draft for draft in sketch.drafts}
    needed: dict[str, None] = {}
    todo = list(changed)[::-1]
    while todo:
        key = todo.pop()
        if key in needed or key not in boxes:
            continue
        needed[key] = None
        draft = boxes[key]
        if key in changed or draft.kind in ("copy", "ones"):
            todo += [ref.name for ref in exprs[key].references] if key in exprs else []
    live = _live(needed, boxes, exprs, {key for key in needed if key in changed or boxes[key].matrix in weights})
    needed = {key: None for key in needed if boxes[key].band in live}
    for key in needed:
        draft = boxes[key]
        if key in changed:
            new[key] = changed[key]
        elif draft.matrix in weights and draft.kind == "home":
            derived = weights[draft.matrix]
            new[key] = derived.key if draft.rows is None and draft.columns is None else _part_key(derived, key)
        else:
            new[key] = f"{key}@again"
    out = []
    for k, draft in enumerate(sketch.drafts):
        key = draft.key
        if key not in needed or (draft.kind == "home" and draft.matrix in weights):
            continue
        of = draft.matrix or draft.of
        matrix = matrices.get(draft.matrix, draft.matrix)
        if key in changed or draft.kind in ("copy", "ones"):
            expr, kind = nodes.rename(exprs[key], new), draft.kind
            if key in changed:
                matrix = script.agains[key].matrix
        else:
            expr, kind = leaf(key, draft.shape), "copy"
        out.append(Attached(new[key], matrix, kind, "after", expr, k, of, draft.rows, draft.columns, draft.turned))
    return tuple(out)


def _live(needed: Iterable[str], boxes: Mapping[str, Draft], exprs: Mapping[str, Node], changed: Set[str]) -> set[int]:
    """The bands that hold something new: what is `changed`, or a copy of it, of however many steps."""
    readers: dict[str, list[str]] = defaultdict(list)
    for key in needed:
        for ref in exprs[key].references if boxes[key].kind == "copy" and key in exprs else ():
            readers[ref.name].append(key)
    new, todo = set(changed), list(changed)
    while todo:
        more = [key for key in readers[todo.pop()] if key not in new]
        new.update(more)
        todo += more
    return {boxes[key].band for key in new}
