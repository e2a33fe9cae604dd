"""What may be typed into the cells of given numbers; regions that take the same share a check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sheetgen.book.labels import clean
from sheetgen.book.sheet import Check
from sheetgen.cells.a1 import span
from sheetgen.layout.plan import Region, Role

KINDS = {
    "a number": ("decimal", "-1E+300", "1E+300"),
    "a whole number": ("whole", "-1000000000", "1000000000"),
    "0 or 1": ("list", '"0,1"', ""),
}

NUMBERS = "Only a number fits here, such as 2 or -0.5. Press Esc to leave the cell as it was."
"""To who types something else into a blank."""


def checks(regions: Sequence[Region]) -> list[Check]:
    """The checks of a sheet's editable cells. Only a region with a prompt shows one while its cells are chosen."""
    shared: dict[tuple[str, str, str], list[str]] = {}
    blanks = [region for region in regions if _blank(region)]
    regions = [region for region in regions if not _blank(region) and not _takes_text(region)]
    offered = [region for region in regions if region.choices]
    for region in regions:
        if region.editable and not region.choices:
            wanted = "0 or 1" if region.switch else "a whole number" if region.integers else "a number"
            prompt = clean(region.prompt)
            key = (wanted, _short(region.name, 32) if prompt else "", _short(prompt, 255))
            shared.setdefault(key, []).extend(_ranges(region))
    return [
        Check(
            tuple(ranges), *KINDS[wanted], title=title or f"Here goes {wanted}", prompt=prompt,
            error=f"Here goes {wanted}. Type 0 instead of deleting: an empty cell would break the sheet.",
        )
        for (wanted, title, prompt), ranges in shared.items()
    ] + [
        Check(tuple(_ranges(region)), "list", region.choices, title=_short(region.name, 32),
              prompt=_short(clean(region.prompt), 255), blank=True)
        for region in offered
    ] + [
        Check(tuple(_to_fill_in(region)), *KINDS["a number"], blank=True,
              title=_short(region.name, 32), prompt=_short(clean(region.prompt), 255), error=NUMBERS)
        for region in blanks
    ]  # fmt: skip


def _blank(region: Region) -> bool:
    return region.role is Role.BLANK or region.open is not None


def _to_fill_in(region: Region) -> Iterator[str]:
    """A blank, or the single cells of it."""
    if region.open is None:
        yield span(region.row, region.column, region.height, region.width)
    else:
        yield from (span(region.row + int(i), region.column + int(j)) for i, j in np.argwhere(region.open))


def _takes_text(region: Region) -> bool:
    """Whether anything may be typed: a name."""
    return region.role is Role.ENTRY and not region.choices


def _ranges(region: Region) -> Iterator[str]:
    """The region, or the runs of its cells that hold no formula."""
    if region.formulas is None:
        yield span(region.row, region.column, region.height, region.width)
        return
    for i, row in enumerate(region.formulas):
        j = 0
        while j < len(row):
            start = j
            while j < len(row) and row[j] is None:
                j += 1
            if j > start:
                yield span(region.row + i, region.column + start, 1, j - start)
            j += 1


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
