"""`vary:` of a spec file: which matrices change from student to student, and within which numbers."""

from __future__ import annotations

from collections.abc import Mapping

from sheetgen.ir.variation import Range, Variation
from sheetgen.lang.syntax import did_you_mean
from sheetgen.lang.tensors import Tensor, spread
from sheetgen.spec.model import SpecFile
from sheetgen.spec.source import Source

LARGEST = 1_000_000
"""Of the whole numbers that may be drawn."""


def variation(source: Source, file: SpecFile, tensors: Mapping[str, Tensor]) -> Variation | None:
    """What `vary` says. Raises SpecError for names that aren't among the matrices, and for ranges that aren't."""
    vary = file.vary
    if vary is None:
        return None
    if file.train is not None:
        raise source.error("`vary` is for pages to fill in, which `train` makes none of.", ("vary",), True)
    ranges = []
    for name, wanted in vary.matrices.items():
        at = ("vary", "matrices", name)
        given = [each for each, matrix in file.matrices.items() if not matrix.empty]
        if name not in given:
            hint = did_you_mean(name, given) or f" There are {', '.join(given)}."
            raise source.error(f"vary: there is no matrix `{name}` that the spec gives.{hint}", at, True)
        if isinstance(wanted, str):
            ranges += [Range(each, 0, 1, one_hot=True) for each in spread([name], tensors)]
            continue
        low, high = wanted
        if not -LARGEST <= low < high <= LARGEST:
            problem = f"vary: from {low} to {high} there is nothing to choose from"
            if low < high:
                problem = f"vary: whole numbers from -{LARGEST:,} to {LARGEST:,} can be drawn"
            raise source.error(f"{problem}; write [smallest, largest].", at)
        ranges += [Range(each, low, high) for each in spread([name], tensors)]
    return Variation(tuple(ranges), vary.largest, tuple(vary.denominators or ()), vary.live)
