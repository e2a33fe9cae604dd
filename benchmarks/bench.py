"""`make bench`: our build against plain openpyxl, memory, and engines on cells against blocks.

Each row is printed when it is measured, as a line of a Markdown table. docs/benchmarks.md explains the columns.
"""

from __future__ import annotations

import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import measure
from benchmarks.networks import NETWORKS, spec_text

SIZES = (1_000, 10_000, 100_000, 1_000_000)
HEADINGS = ("network", "formulas", "cells", "build s", "openpyxl s", "ratio", "µs/cell", "B/cell", "kB", "IronCalc s",
            "LibreOffice s")  # fmt: skip
WIDTHS = (11, 8, 9, 7, 10, 5, 7, 6, 6, 10, 13)
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
Network = StrEnum("Network", list(NETWORKS))


class Formulas(StrEnum):
    cells = "cells"
    blocks = "blocks"
    auto = "auto"


class Engines:
    """Lets the engines recalculate ever larger files, until one is too slow for the next."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.last: dict[str, tuple[int, float]] = {}
        """Cells and seconds of the last file."""

    def seconds(self, engine: str, path: Path, cells: int) -> str:
        """How long an engine took; – for a file that would take it longer than the limit, were its growth linear."""
        size, took = self.last.get(engine, (cells, 0.0))
        if took * cells / size > self.limit:
            return "–"
        if engine == "ironcalc":
            found = measure.alone(measure.ironcalc, path, limit=self.limit)
        else:
            found = measure.libreoffice(path, self.limit)
        self.last[engine] = (cells, self.limit if found is None else found)
        return f"> {self.limit:g}" if found is None else f"{found:.2f}"


@app.command()
def main(
    networks: Annotated[list[Network] | None, typer.Argument(help="Which networks; all when left out.")] = None,
    max_cells: Annotated[int, typer.Option(help="The largest size.")] = SIZES[-1],
    formulas: Annotated[list[Formulas] | None, typer.Option(help="Which ways to write formulas.")] = None,
    engines: Annotated[bool, typer.Option(help="Let IronCalc and LibreOffice recalculate.")] = True,
    limit: Annotated[float, typer.Option(help="Seconds that an engine may take for a file.")] = 60,
) -> None:
    """Measure networks of 10³ to 10⁶ cells and print a Markdown table."""
    _line(*HEADINGS)
    _line(*("-" * width for width in WIDTHS))
    with tempfile.TemporaryDirectory(prefix="sheetgen-") as folder:
        for network in networks or list(Network):
            for way in formulas or [Formulas.cells, Formulas.blocks]:
                patience = Engines(limit)
                for size in (size for size in SIZES if size <= max_cells):
                    _measure(network.value, way.value, size, Path(folder), patience if engines else None)
        if engines:
            path = Path(folder, "start.xlsx")
            measure.alone(measure.build, measure.WARM_UP, path)
            started = measure.libreoffice(path, limit) or limit
            print(f"\nLibreOffice needs {started:.1f} s for a workbook of 4 cells.")


def _measure(network: str, way: str, size: int, folder: Path, engines: Engines | None) -> None:
    text, path = spec_text(network, size, way), folder / f"{network}.xlsx"
    built = measure.alone(measure.build, text, path)
    theirs = measure.alone(measure.openpyxl, text, folder / "openpyxl.xlsx")
    if built is None or theirs is None:
        _line(network, way, f"{size:,}", *["failed"] * 2, *[""] * 6)
        return
    cells, seconds, peak = built
    recalculated = [engines.seconds(name, path, cells) if engines else "" for name in ("ironcalc", "libreoffice")]
    _line(
        network, way, f"{cells:,}", f"{seconds:.2f}", f"{theirs:.2f}", f"{seconds / theirs:.2f}",
        f"{1e6 * seconds / cells:.1f}", f"{peak / cells:,.0f}", f"{path.stat().st_size / 1e3:,.0f}", *recalculated,
    )  # fmt: skip


def _line(*texts: str) -> None:
    """A line of the table: two columns of words, then numbers."""
    aligned = (f"{text:{'<' if k < 2 else '>'}{WIDTHS[k]}}" for k, text in enumerate(texts))
    print(f"| {' | '.join(aligned)} |", flush=True)


if __name__ == "__main__":
    app()
