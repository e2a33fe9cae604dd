"""`make bench`: our build against openpyxl and XlsxWriter, memory, and engines on cells against blocks.

Each row is printed when it is measured, as a line of a Markdown table. docs/benchmarks.md explains the columns.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import measure
from benchmarks.networks import NETWORKS, spec_text

SIZES = (1_000, 10_000, 100_000, 1_000_000)
HEADINGS = ("network", "cells", "build s", "openpyxl s", "XlsxWriter s", "times faster", "µs/cell", "B/cell", "kB",
            "IronCalc: cells", "blocks", "LibreOffice: cells", "blocks")  # fmt: skip
WAYS = ("cells", "blocks")
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
Network = StrEnum("Network", list(NETWORKS))


class Patience:
    """Lets an engine recalculate ever larger files, until one takes it too long."""

    def __init__(self, work: Callable[[Path, float], float | None], limit: float) -> None:
        self.work, self.limit = work, limit
        self.took: float | None = 0.0

    def seconds(self, path: Path) -> str:
        """How long the engine took; – where the file before took more than half the limit."""
        if self.took is None or self.took > self.limit / 2:
            return "–"
        self.took = self.work(path, self.limit)
        return f"> {self.limit:g}" if self.took is None else f"{self.took:.2f}"


@app.command()
def main(
    networks: Annotated[list[Network] | None, typer.Argument(help="Which networks; all when left out.")] = None,
    max_cells: Annotated[int, typer.Option(help="The largest size.")] = SIZES[-1],
    engines: Annotated[bool, typer.Option(help="Let IronCalc and LibreOffice recalculate.")] = True,
    limit: Annotated[float, typer.Option(help="Seconds that an engine may take for a file.")] = 30,
) -> None:
    """Measure networks of 10³ to 10⁶ cells and print a Markdown table."""
    print_line(HEADINGS, HEADINGS)
    print_line(["-" * len(heading) for heading in HEADINGS], HEADINGS)
    with tempfile.TemporaryDirectory(prefix="sheetgen-") as folder:
        for network in networks or list(Network):
            works = [work for work in (measure.ironcalc, measure.libreoffice) for _ in WAYS] if engines else []
            patience = [Patience(work, limit) for work in works]
            for size in (size for size in SIZES if size <= max_cells):
                print_line(_measured(network.value, size, Path(folder), patience), HEADINGS)
        if engines:
            path = Path(folder, "start.xlsx")
            measure.alone(measure.build, measure.WARM_UP, path)
            print(f"\nLibreOffice needs {measure.libreoffice(path, limit) or limit:.1f} s for a workbook of 4 cells.")


def _measured(network: str, size: int, folder: Path, patience: Sequence[Patience]) -> list[str]:
    """A row of the table. Build and its peers write a formula in each cell, the most work."""
    texts = [spec_text(network, size, way) for way in WAYS]
    paths = [folder / f"{way}.xlsx" for way in WAYS]
    built = measure.builds(texts[0], paths[0])
    theirs = measure.alone(measure.openpyxl, texts[0], folder / "openpyxl.xlsx")
    fastest = measure.alone(measure.xlsxwriter, texts[0], folder / "xlsxwriter.xlsx")
    if built is None or theirs is None or fastest is None:
        return [network, f"{size:,}", "failed"]
    if patience:
        measure.alone(measure.build, texts[1], paths[1])
    cells, seconds, peak = built
    return [
        network, f"{cells:,}", f"{seconds:.2f}", f"{theirs:.2f}", f"{fastest:.2f}", f"{fastest / seconds:.1f}",
        f"{1e6 * seconds / cells:.1f}", f"{peak / cells:,.0f}", f"{paths[0].stat().st_size / 1e3:,.0f}",
        *(engine.seconds(path) for engine, path in zip(patience, paths * 2, strict=False)),
    ]  # fmt: skip


def print_line(texts: Sequence[str], headings: Sequence[str]) -> None:
    """A line of a table: a column of words, then numbers, each as wide as its heading at least."""
    aligned = (
        f"{text:{'>' if k else '<'}{max(9, len(heading))}}"
        for k, (text, heading) in enumerate(zip(texts, headings, strict=False))
    )
    print(f"| {' | '.join(aligned)} |", flush=True)


if __name__ == "__main__":
    app()
