"""How long each stage takes: `python -m benchmarks.bench [SPEC…]`.

One line a spec, then square products that grow. Seconds are the best of three runs.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sheetgen import verify
from sheetgen.compiler import Workbook, compile_spec
from sheetgen.engines import get
from sheetgen.spec import load, loads
from sheetgen.targets import find_all

T = TypeVar("T")
SIZES = (10, 30, 60, 100)
GROWING = """
title: {n} × {n}
matrices:
  W: {{role: parameter, random: {{shape: [{n}, {n}], low: -3, high: 3, seed: 1}}}}
  X: {{role: input, random: {{shape: [{n}, {n}], low: -3, high: 3, seed: 2}}}}
steps:
  - Z = W @ X
  - A = relu(Z)
"""


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """The result of `work` and its shortest time of three, in seconds."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return result, best


def line(name: str, compiled: Callable[[], Workbook], folder: Path) -> str:
    """Compile, write and verify once more than once; one line of figures."""
    workbook, compiling = timed(compiled)
    path, writing = timed(lambda: workbook.save(folder / "bench.xlsx"))
    engine = get("ironcalc")
    report, checking = timed(lambda: verify.check(workbook.plan, path, engine))
    size = path.stat().st_size / 1024
    return f"{name:<28}{report.cells:>9,}{compiling:>10.3f}{writing:>10.3f}{checking:>10.3f}{size:>10,.0f}"


def main() -> None:
    targets, _ = find_all(sys.argv[1:])
    print(f"{'spec':<28}{'cells':>9}{'compile':>10}{'write':>10}{'verify':>10}{'KiB':>10}")
    with tempfile.TemporaryDirectory(prefix="sheetgen-") as temporary:
        folder = Path(temporary)
        for target in targets:
            print(line(target.name, lambda path=target.path: compile_spec(load(path)), folder), flush=True)  # type: ignore[misc]
        for n in SIZES:
            text = GROWING.format(n=n)
            print(line(f"{n}×{n} product and ReLU", lambda text=text: compile_spec(loads(text)), folder), flush=True)  # type: ignore[misc]


if __name__ == "__main__":
    main()
