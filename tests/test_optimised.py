"""Under `python -O`, which leaves `assert` out, the same workbooks come out and verify."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sheetgen

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "name", ["rnn", *(pytest.param(name, marks=pytest.mark.slow) for name in ("backpropagation", "karate"))]
)
def test_build_without_asserts(name: str, tmp_path: Path) -> None:
    spec = ROOT / "specs" / f"{name}.yaml"
    command = [sys.executable, "-O", "-m", "sheetgen", "build", str(spec), "-o", str(tmp_path / "optimised")]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"ok {name}: ") and "verified by IronCalc" in done.stdout
    plain = sheetgen.compile(spec).save(tmp_path / f"{name}.xlsx")
    assert (tmp_path / "optimised" / plain.name).read_bytes() == plain.read_bytes()
