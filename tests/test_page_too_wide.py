"""A page that no paper holds is laid out once, and just as if every other way had been tried before."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from page_checks import placed

from benchmarks.networks import trained
from sheetgen.api import program_of
from sheetgen.layout.drawing import workbook
from sheetgen.layout.geometry import place
from sheetgen.layout.geometry.fit import SMALLER_MARGIN, readable
from sheetgen.spec import read as spec


def _spec(rows: int, columns: int, stack: list[Any]) -> dict[str, Any]:
    made = trained("Wide", rows, columns, stack)
    wide = {"role": "parameter", "random": {"shape": [2, 50], "low": -1, "high": 1, "seed": 3}}
    made["matrices"] = {"X": made["matrices"]["X"], "Z": wide}
    return {**made, "steps": [made["steps"][0], "V = exp(Z)", "L = mean(out ** 2) + mean(V)"]}


SPECS = {
    "loop": _spec(2, 3, [{"lstm": 2}]),
    "chain": _spec(3, 4, [{"linear": 3}, {"residual": [{"linear": 3}]}]),
    "graph": {"graph": {"networkx": "cycle_graph", "args": [6]}} | _spec(2, 6, [{"gcn": 2}]),
}

SPECS["few gradients"] = {
    **SPECS["chain"], "matrices": {"Z": SPECS["chain"]["matrices"]["Z"]}, "steps": ["V = exp(Z)", "L = mean(V)"],
}  # fmt: skip


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("without", [(), ("update",), ("backward", "update")])
def test_a_page_too_wide_for_paper_is_what_all_tries_come_to(
    name: str, without: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = {key: value for key, value in SPECS[name].items() if key not in without}
    program = program_of(spec.loads(yaml.safe_dump(text)))
    tries: list[place.Choice] = []
    lay = place.lay

    def counted(*args: Any) -> Any:
        tries.append(args[2])
        return lay(*args)

    monkeypatch.setattr(place, "lay", counted)
    workbook.placed.cache_clear()
    page = placed(program)
    assert len(tries) <= (4 if name == "few gradients" else 2)
    assert not readable(page.columns)
    assert page.columns[1].width == SMALLER_MARGIN
    assert all(len(band.block.turns) < 2 for band in page.bands)
    tries.clear()
    for module in (place, workbook):
        monkeypatch.setattr(module, "too_wide", lambda sketches: False)
    workbook.placed.cache_clear()
    assert vars(placed(program)) == vars(page) and tries
