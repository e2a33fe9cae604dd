"""What a spec says of charts: that each is of one kind, and shows matrices that there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sheetgen.errors import SpecError
from sheetgen.ir.program import PICTURES
from sheetgen.lang.syntax import did_you_mean
from sheetgen.lang.tensors import Tensor, spread
from sheetgen.spec.braces import turns
from sheetgen.spec.model import Chart
from sheetgen.spec.source import Key, Source


def checked(
    charts: Sequence[Chart], source: Source, known: list[str], tensors: Mapping[str, Tensor]
) -> tuple[Chart, ...]:
    """The charts, whose matrices are among the known ones, those of a tensor in its place. Raises SpecError."""
    made: list[Chart] = []
    for place, chart in enumerate(charts):
        kinds = [kind for kind in PICTURES if getattr(chart, kind) is not None]
        if len(kinds) != 1:
            found = f"not {' and '.join(kinds)}" if kinds else "which is missing"
            raise source.error(f"A chart shows one of {', '.join(PICTURES)}, {found}.", ("charts", place))
        for key, value, kind in (("by", chart.by, "points"), ("border", chart.border, "points"),
                                 ("over", chart.over, "lines")):  # fmt: skip
            if value is not None and kinds[0] != kind:
                raise source.error(f"`{key}` goes with `{kind}` alone.", ("charts", place, key), True)
        for name, at in _names(chart, kinds[0], source, place):
            if name not in known and name not in tensors:
                raise source.error(f"There is no matrix `{name}`.{did_you_mean(name, known)}", at)
        made.append(chart.model_copy(update={kinds[0]: spread(getattr(chart, kinds[0]), tensors)}))
    return tuple(made)


def _names(chart: Chart, kind: str, source: Source, place: int) -> Iterator[tuple[str, tuple[Key, ...]]]:
    """The names that a chart mentions, and where."""
    for k, text in enumerate(getattr(chart, kind)):
        at = ("charts", place, kind, k)
        try:
            items, _ = turns(text)
        except SpecError as error:
            raise source.error(error.message, at) from None
        yield from ((item.partition("[")[0].strip(), at) for item in items)
    for key, name in (("by", chart.by), ("over", chart.over), ("beside", chart.beside)):
        if name is not None:
            yield name, ("charts", place, key)
    for key in ("weights", "bias"):
        if (name := getattr(chart.border, key, None)) is not None:
            yield name, ("charts", place, "border", key)
