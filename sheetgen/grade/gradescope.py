"""Gradescope: the results of a submission, and an autograder to upload."""

from __future__ import annotations

import io
import json
import shlex
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from sheetgen.grade.results import Box, Grade, Grades, Part
from sheetgen.grade.tables import feedback

NOTHING = "There is no workbook (.xlsx) among the files."
SETUP = """#!/usr/bin/env bash
# Gradescope runs this once: it installs sheetgen, from a wheel beside it or from the package index.
set -euo pipefail
apt-get update
apt-get install -y python3 python3-venv
python=python3
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    apt-get install -y python3.11 python3.11-venv
    python=python3.11
fi
"$python" -m venv /opt/sheetgen
wheel=$(find /autograder/source -name '*.whl' | head -n 1)
/opt/sheetgen/bin/pip install "${{wheel:-sheetgen=={version}}}"
"""
RUN = """#!/usr/bin/env bash
# Gradescope runs this for each submission.
top="${{AUTOGRADER:-/autograder}}"
results="$top/results/results.json"
mkdir -p "$top/results"
"${{SHEETGEN:-/opt/sheetgen/bin/sheetgen}}" grade "$top/submission" --spec "$top/source/spec.yaml" \\
    {options} --format gradescope -o "$results"
if [ ! -s "$results" ]; then
    echo '{{"score": 0, "output": "The autograder failed. Please tell your instructor."}}' > "$results"
fi
"""
STAMP = (1980, 1, 1, 0, 0, 0)


def results(grades: Grades | None) -> str:
    """`results.json`: a test for each matrix, without a right number. Of several workbooks the best one counts; None
    stands for a submission without any."""
    graded = sorted(grades.graded, key=lambda result: -result.points) if grades else []
    found: dict[str, Any]
    if grades is None or not grades.results:
        found = {"score": 0, "output": NOTHING}
    elif not graded:
        told = "\n".join(f"{each.file.as_posix()}: {each.problem}" for each in grades.results)
        found = {"score": 0, "output": told}
    else:
        best = graded[0]
        said = "\n".join([feedback(best, grades), *(f"{remark}." for remark in best.remarks)])
        pairs = zip(grades.parts, best.boxes, strict=True)
        found = {"score": best.points, "output": said, "output_format": "text",
                 "tests": [_test(part, box, best) for part, box in pairs]}  # fmt: skip
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _test(part: Part, box: Box, result: Grade) -> dict[str, Any]:
    parts = [f"{box.right} of {box.cells} right"]
    parts += [f"{count} {what}" for count, what in ((box.empty, "empty"), (box.waiting, "not judged")) if count]
    told = ", ".join(parts) + "."
    if result.first is not None and result.first.matrix == part.matrix:
        told += f" Look again at {result.first.place or 'it'}: {result.first.cause}."
    status = "passed" if box.all_right else "failed"
    return {"name": part.equation, "score": box.right, "max_score": box.cells, "status": status, "output": told,
            "output_format": "text"}  # fmt: skip


def autograder(spec: str, options: Sequence[str], version: str) -> bytes:
    """A zip archive to upload: `setup.sh`, `run_autograder`, and the spec's text. `options` are those of the command
    that made the exercise, such as `--blank Z1,A1`."""
    files: Mapping[str, str] = {
        "setup.sh": SETUP.format(version=version), "run_autograder": RUN.format(options=shlex.join(options)),
        "spec.yaml": spec,
    }  # fmt: skip
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, STAMP)
            entry.create_system, entry.external_attr = 3, (0o644 if name == "spec.yaml" else 0o755) << 16
            archive.writestr(entry, text)
    return stream.getvalue()
