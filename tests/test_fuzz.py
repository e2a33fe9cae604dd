"""Specs by lot: garbled ones end in one message, whole ones in a workbook that is right.

`SHEETGEN_SECONDS=600 pytest tests/test_fuzz.py -k garbled` goes on for ten minutes, and so does `-k programs`.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import exp
from pathlib import Path

import pytest
from bad_specs import SMALL, STACK, garbled
from random_programs import random_program
from typer.testing import CliRunner

import sheetgen
from sheetgen.cmd import cli
from sheetgen.cmd.targets import specs_in
from sheetgen.errors import SpecError
from sheetgen.proof import engines

ROOT = Path(__file__).parents[1]
SECONDS = float(os.environ.get("SHEETGEN_SECONDS") or 4)
SLOWEST = 60
"""Seconds for one spec."""
SPECS = specs_in(ROOT / "specs")
TEXTS = [*(path.read_text(encoding="utf-8") for path in SPECS), *[STACK] * 6, *[SMALL] * 12]
PLACE = re.compile(r"sheetgen: s\.yaml:\d+(:\d+)?: ")
WHOLE = re.compile(r"sheetgen: s\.yaml: (Sheet |The page |The file |The spec is |The walkthrough )")
"""What isn't wrong at one place."""


class TooSlow(BaseException):
    """Caught by nothing but pytest."""


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("text", [STACK, SMALL], ids=["stack", "small"])
def test_what_is_garbled_is_right_before(text: str) -> None:
    assert sheetgen.compile_text(text).verify().ok


def check_garbled(data: bytes, folder: Path) -> bool:
    """Build a spec as the command does; whether it was right after all."""
    (folder / "s.yaml").write_bytes(data)
    output = folder / "output"
    shutil.rmtree(output, ignore_errors=True)
    with at_most(SLOWEST):
        result = CliRunner().invoke(cli.app, ["build", "s.yaml", "-o", "output"])
    assert isinstance(result.exception, SystemExit | None), result.exception
    made = [path.name for path in output.iterdir()] if output.exists() else []
    if result.exit_code == 0:
        assert result.stdout.startswith("ok s: ") and made == ["s.xlsx"] and result.stderr == ""
        return True
    said = result.stderr
    assert result.exit_code == 2 and made == [], (result.exit_code, made, said)
    assert PLACE.match(said) or WHOLE.match(said), said
    assert said.count("sheetgen: ") == 1 and len(said.splitlines()) <= 2 and len(said) < 1200, said
    assert said.replace("\n", "").isprintable() and "Traceback" not in said, said
    return False


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the gallery's specs name."""
    monkeypatch.chdir(tmp_path)
    for path in (ROOT / "specs").iterdir():
        if path.is_file() and path.suffix != ".yaml":
            shutil.copy(path, tmp_path)
    return tmp_path


def faults(make: Callable[[random.Random], bytes], check: Callable[[bytes, Path], bool], here: Path) -> tuple[int, int]:
    """Checks what `make` makes until the time is over; how many were right, and how many refused."""
    rng, counts = random.Random(SECONDS), {True: 0, False: 0}
    end, found = time.monotonic() + SECONDS, []
    while time.monotonic() < end:
        data = make(rng)
        try:
            counts[check(data, here)] += 1
        except (Exception, TooSlow) as error:
            kept = Path(os.environ.get("SHEETGEN_KEEP") or here, f"fault{len(found)}.yaml")
            kept.write_bytes(data)
            found.append(f"{kept}: {type(error).__name__}: {str(error)[:600]}")
    print(f"{counts[True]} right, {counts[False]} refused")
    assert not found, "\n".join(found)
    return counts[True], counts[False]


def test_garbled_specs(here: Path) -> None:
    right, wrong = faults(lambda rng: garbled(rng.choice(TEXTS), rng), check_garbled, here)
    assert right + wrong < 30 or wrong > right / 2


NO_NUMBER = re.compile(r"gives no finite number|is too large|are too large|doesn't depend on")


def check_program(data: bytes, folder: Path, engine: str = "ironcalc") -> bool:
    """Build a program, verify its numbers, its gradients, and the whole of its file; False if it has no numbers."""
    with at_most(SLOWEST):
        try:
            book = sheetgen.compile_text(data.decode(), "s.yaml")
        except SpecError as error:
            assert NO_NUMBER.search(str(error)), error
            return False
        report = sheetgen.verify_workbook(book.save(folder / "s.xlsx"), engine)
    assert report.ok, (report.first, report.changes[:2])
    return True


@pytest.mark.parametrize("engine", [*engines.ENGINES])
def test_random_programs(engine: str, here: Path) -> None:
    right, _ = faults(lambda rng: random_program(rng).encode(), partial(check_program, engine=engine), here)
    assert right > 0


A, B = "{role: parameter, value: [[1, 2, 4]]}", "{role: constant, value: [[4, 2, -1]]}"
GELU = 1.4220783401842695e-08
"""-2 times GELU's slope at -6.2695: erfc(6.2695 / √2) / 2 - 6.2695 · exp(-6.2695² / 2) / √(2π) is -7.11e-09."""
WIDE = "matrices:\n  W: {role: parameter, ones: [1, 101]}\n  V: {role: parameter, ones: [101, 1]}\n"
FOUND: dict[str, tuple[str, str, list[float]]] = {
    "a sum over ranges of which one stands turned": (
        "matrices:\n  A: {role: parameter, value: [[1, 2], [3, 4]]}\n  B: {role: parameter, value: [[3, 5]]}\n"
        "steps: ['M = where(A == B, 0, B / A).T', 'N = mean(M, axis=1)', L = sum(N ** 2)]\nloss: L\nbackward: true\n",
        "dL_dB", [1.5, 1.875 * 0.75],
    ),
    "the place of what is computed on the way": (
        f"matrices:\n  A: {A}\n  B: {B}\n  S: {{role: parameter, value: 0.1}}\n"
        'steps: ["Z = argmax(A / B, axis=0) + S"]\n', "Z", [0.1] * 3,
    ),
    "the place of the only number": (
        'matrices:\n  A: {role: input, value: 3}\nsteps: ["Z = one_hot(argmax(2 ** minimum(A, 5)), 1) * 7"]\n',
        "Z", [7],
    ),
    "what has no formula for a range": (
        "matrices:\n  A: {role: input, value: [[0.5], [12.26]]}\n  S: {role: parameter, value: 2}\n"
        "steps: ['Z = sum(round(A, 1)) + S', 'Y = mean(gelu(A * 0)) + S']\n", "Z", [14.8],
    ),
    "a reduction on the way to another": (
        "matrices:\n  A: {role: parameter, value: [[-1, 2], [3, 0]]}\n  S: {role: parameter, value: 2}\n"
        "steps: ['P = where(min(A, axis=0) == S, 0.5, S / (min(A, axis=0) ** 2 + 0.25))', L = sum(P ** 2)]\n"
        "loss: L\nupdate: {learning_rate: 0.1}\n", "dL_dS", [2 * 1.6 / 1.25 + 2 * 8 / 0.25],
    ),
    "a product that alone scales a matrix too large for a copy": (
        f"{WIDE}steps: ['Z = (0.1 * W) @ V', L = sum(Z ** 2)]\nloss: L\nupdate: {{learning_rate: 0.1}}\n",
        "dL_dW", [2 * 10.1 * 0.1] * 101,
    ),
    "a row of what a product alone scales": (
        f"{WIDE}steps: ['Z = (0.1 * W)[0, :] @ V', L = sum(Z ** 2)]\nloss: L\nupdate: {{learning_rate: 0.1}}\n",
        "dL_dV", [2 * 10.1 * 0.1] * 101,
    ),
    "a column of the same turned": (
        f"{WIDE}steps: ['Z = (0.1 * W).T[:, 0].T @ V', L = sum(Z ** 2)]\nloss: L\nbackward: true\n",
        "dL_dV", [2 * 10.1 * 0.1] * 101,
    ),
    "a whole number so large that its tenth decimal is none": (
        "matrices:\n  A: {role: input, value: [[72959, 218877, -72959, 1e9]]}\n"
        "steps: ['Z = ceil(A) - A', 'Y = Z + floor(A) - A + mod(A, 7)']\n", "Y", [5, 1, 2, 6],
    ),
    "the slope of a GELU that takes all digits of what it adds to 1": (
        "matrices:\n  B: {role: parameter, value: [[1], [0.5], [0.7], [0.7]]}\n"
        "  A: {role: parameter, value: [[-7, 0.001, 0.7, 0.2]]}\n  C: {role: constant, value: 2}\n"
        "steps: ['M = A @ B', 'N = norm(gelu(M + 0.1), axis=0)', 'L = sum(N * C)']\nloss: L\nbackward: true\n",
        "dL_dB", [-7 * GELU, 0.001 * GELU, 0.7 * GELU, 0.2 * GELU],
    ),
    "a number that is nothing beside the others of its matrix": (
        "matrices:\n  A: {role: parameter, value: [[1e20, 0.25]]}\n  Y: {role: target, value: [[1, 100]]}\n"
        "steps: ['M = A * 1', 'L = binary_cross_entropy_with_logits(M, Y)']\nloss: L\nbackward: true\n",
        "dL_dM", [0, 1 / (1 + exp(-0.25)) - 100],
    ),
    "the gradient of what a mean takes in, in a product": (
        "matrices:\n  A: {role: input, value: [[2, 1]]}\n  B: {role: input, value: [[1], [0]]}\n"
        "  C: {role: input, value: [[1, 2]]}\n  W: {role: parameter, value: [[1], [3]]}\n"
        "steps: ['M = mean(W @ A + B, axis=0)', L = sum(M * C)]\nloss: L\nbackward: true\n", "dL_dW", [2, 2],
    ),
    "a table of one number": (
        'matrices:\n  A: {role: input, value: 3}\n  N: {role: input, value: [[0, 0]]}\n'
        'steps: ["Z = lookup((A > 2) + 0.2, N)"]\n', "Z", [1.2, 1.2],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_by_lot(name: str) -> None:
    text, matrix, value = FOUND[name]
    made = sheetgen.compile_text(f"title: t\n{text}")
    assert made.values[matrix].ravel() == pytest.approx(value)
    report = made.verify()
    assert report.ok, report.first
