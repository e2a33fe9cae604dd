"""From how many cells on a matrix should be one array formula: engines on matrices of growing size.

Each file holds about as many formulas as any other, in more or fewer matrices. `LARGE` of
`sheetgen.layout.drawing.values` follows from the table.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks import measure
from benchmarks.bench import WAYS, print_line

FORMULAS = 40_000
SIDES = (10, 20, 30, 40, 50, 70)
"""Up to 5,461 cells, the most that a product may have as one array formula."""
HEADINGS = ("operation", "matrix", "IronCalc: cells", "blocks", "LibreOffice: cells", "blocks")
OPERATIONS = {"product": "A{t} = W @ A{t-1}", "ReLU": "A{t} = relu(A{t-1})"}
SPEC = """
title: Matrices
formulas: {way}
matrices:
  W: {{role: parameter, eye: [{side}, {side}]}}
  A0: {{role: input, random: {{shape: [{side}, {side}], seed: 1}}}}
steps:
  - for: t in 1..{count}
    steps: ["{step}"]
"""


def main() -> None:
    print_line(HEADINGS, HEADINGS)
    print_line(["-" * len(heading) for heading in HEADINGS], HEADINGS)
    with tempfile.TemporaryDirectory(prefix="sheetgen-") as folder:
        for operation, step in OPERATIONS.items():
            for side in SIDES:
                count = round(FORMULAS / side**2)
                paths = [Path(folder, f"{way}.xlsx") for way in WAYS]
                for way, path in zip(WAYS, paths, strict=True):
                    measure.alone(measure.build, SPEC.format(way=way, side=side, count=count, step=step), path)
                seconds = [work(path, 60) for work in (measure.ironcalc, measure.libreoffice) for path in paths]
                texts = ["> 60" if s is None else f"{s:.2f}" for s in seconds]
                print_line([operation, f"{side}×{side}", *texts], HEADINGS)


if __name__ == "__main__":
    main()
