"""What the proof costs: verifying a file against building it and the engine itself; a tiny spec; many specs.

Each row is printed when it is measured, as a line of a Markdown table. docs/benchmarks.md explains the columns.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from benchmarks import measure
from benchmarks.bench import Network, print_line
from benchmarks.networks import spec_text

SIZES = (1_000, 10_000, 100_000, 1_000_000)
HEADINGS = ("network", "cells", "build s", "IronCalc s", "verify s", "ratio", "gradients")
TINY = "title: Tiny\nmatrices:\n  x: {role: parameter, value: [1, 2]}\nsteps:\n  - y = exp(x)\n  - L = sum(y)\nloss: L\nbackward: true\n"  # noqa: E501
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


class Verified(NamedTuple):
    """Seconds of all processors that the whole of `verify` took, and what it said of the gradients."""

    seconds: float
    gradients: str


def verify(path: Path) -> Verified:
    """Verify a file from itself, in this process and the engine's."""
    from sheetgen.api import compile_text, verify_workbooks
    from sheetgen.proof import engines

    warm = path.with_name("warm-up.xlsx")
    compile_text(measure.WARM_UP).save(warm)
    verify_workbooks([warm], engines.get("ironcalc"))
    before = _spent()
    (report,) = verify_workbooks([path], engines.get("ironcalc"))
    if not report.ok:
        raise SystemExit(f"{path}: {report.first}")
    return Verified(_spent() - before, str(report.gradients or ""))


def ironcalc(path: Path) -> float:
    """Seconds of the processor that IronCalc needs to open and recalculate a file."""
    import ironcalc as engine

    before = time.process_time()
    engine.load_from_xlsx(str(path), "en", "UTC", "en").evaluate()
    return time.process_time() - before


def _spent() -> float:
    """Seconds of the processor so far, those of ended processes too."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@app.command()
def main(
    networks: Annotated[list[Network] | None, typer.Argument(help="Which networks; all when left out.")] = None,
    max_cells: Annotated[int, typer.Option(help="The largest size.")] = 100_000,
) -> None:
    """Measure the proof of networks of 10³ cells and more, of a tiny spec, and of many."""
    print_line(HEADINGS, HEADINGS)
    print_line(["-" * len(heading) for heading in HEADINGS], HEADINGS)
    with tempfile.TemporaryDirectory(prefix="sheetgen-") as folder:
        for network in networks or list(Network):
            for size in (size for size in SIZES if size <= max_cells):
                print_line(_measured(network.value, size, Path(folder)), HEADINGS)
        print()
        _command("a tiny spec", Path(folder), {"tiny": TINY}, 1)
        many = {f"{network.value}_{k}": spec_text(network.value, 1_000 * k, "auto") for network in Network
                for k in range(1, 5)}  # fmt: skip
        for jobs in sorted({1, len(os.sched_getaffinity(0))}):
            _command(f"{len(many)} specs of 1,000 to 4,000 cells", Path(folder), many, jobs)


def _measured(network: str, size: int, folder: Path) -> list[str]:
    path = folder / "network.xlsx"
    built = measure.alone(measure.build, spec_text(network, size, "auto"), path)
    engine, verified = measure.alone(ironcalc, path), measure.alone(verify, path)
    if built is None or engine is None or verified is None:
        return [network, f"{size:,}", "failed"]
    ratio = verified.seconds / (built.seconds + engine)
    return [network, f"{built.cells:,}", f"{built.seconds:.2f}", f"{engine:.2f}", f"{verified.seconds:.2f}",
            f"{ratio:.2f}", verified.gradients.removeprefix("gradients: ")]  # fmt: skip


def _command(what: str, folder: Path, specs: dict[str, str], jobs: int) -> None:
    """The command's own time, from its start to the prompt, with compiled modules; the best of three."""
    paths = [folder / f"{name}.yaml" for name in specs]
    for path, text in zip(paths, specs.values(), strict=True):
        path.write_text(text, encoding="utf-8")
    best = (float("inf"), float("inf"))
    compiled = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    for _ in range(3):
        before, start = _spent(), time.perf_counter()
        command = [sys.executable, "-m", "sheetgen", "build", *map(str, paths), "-o", str(folder), "-j", str(jobs)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=compiled)
        best = min(best, (time.perf_counter() - start, _spent() - before))
    print(f"`sheetgen build` of {what}, {jobs} at a time: {best[0]:.2f} s, of the processors {best[1]:.2f} s")


if __name__ == "__main__":
    app()
