"""What a small spec doesn't need isn't loaded: most of the command's time on it goes into loading."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SPEC = "title: t\nmatrices:\n  X: {role: parameter, value: 2}\nsteps: [L = exp(X)]\nloss: L\nbackward: true\n"
HEAVY = {"networkx", "rich", "ssl", "http.client", "urllib.request", "jsonschema", "hypothesis", "matplotlib", "scipy"}
LOADED = (
    "import atexit, sys; atexit.register(lambda: print(*sys.modules)); "
    "from sheetgen.__main__ import main; sys.argv[1:] = {arguments}; main()"
)


@pytest.mark.parametrize("arguments", [["build", "s.yaml"], pytest.param(["verify", "s.yaml"], marks=pytest.mark.slow)])
def test_only_what_is_needed_is_loaded(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SPEC)
    command = [sys.executable, "-c", LOADED.format(arguments=arguments)]
    done = subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True,
                          text=True, timeout=60)  # fmt: skip
    said, loaded = done.stdout.splitlines()
    assert said.startswith("ok s: ") and "sheetgen.proof.gradients" in loaded.split(), done.stderr
    assert HEAVY & set(loaded.split()) == set()
