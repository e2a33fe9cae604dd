"""Many specs over several processes: results in order whatever their number, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from sheetgen.pool import cores, shared_out

ROOT = Path(__file__).parents[1]
SPEC = """
title: Spec {k}
matrices:
  X: {{role: parameter, value: [[{k}, 1], [0.5, 2]]}}
steps:
  - A = tanh(X)
  - L = sum(A * A)
loss: L
backward: true
"""
BROKEN = "title: Broken\nmatrices: {X: {role: input, value: [1]}}\nsteps: [Y = X @ W]\n"


def work(task: tuple[str, float]) -> str:
    """What the processes do: sleep, die, get a signal, or say who they are."""
    what, seconds = task
    if what.startswith("SIG"):
        os.kill(os.getpid(), getattr(signal, what))
    if what == "die":
        os._exit(3)
    if what == "swallow":
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        except BaseException:
            raise TypeError("expected a number") from None
    time.sleep(seconds)
    return what if what != "who" else str(os.getpid())


def test_results_come_with_their_numbers() -> None:
    tasks = [("a", 0.3), ("b", 0.0), ("c", 0.0)]
    started: list[tuple[str, float]] = []
    found = list(shared_out(work, tasks, 2, started.append))
    assert sorted(found) == [(0, "a"), (1, "b"), (2, "c")] and started == tasks


def test_a_process_that_dies_takes_only_its_own_task_along() -> None:
    found = dict(shared_out(work, [("a", 0.0), ("die", 0.0), ("b", 0.0), ("c", 0.0)], 1, lambda task: None))
    assert found == {0: "a", 1: None, 2: "b", 3: "c"}


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_library_that_takes_the_end_for_a_mistake_leaves_no_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    found = dict(shared_out(work, [("swallow", 0.0), ("b", 0.0)], 1, lambda task: None))
    assert found == {0: None, 1: "b"}
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_terminal_s_signal_is_left_to_the_first_process() -> None:
    """It reaches all of them, and this one may be writing a file."""
    found = dict(shared_out(work, [("SIGINT", 0.0), ("SIGHUP", 0.0)], 1, lambda task: None))
    assert found == {0: "SIGINT", 1: "SIGHUP"}


def test_no_more_processes_than_tasks_and_none_is_left() -> None:
    found = dict(shared_out(work, [("who", 0.2), ("who", 0.2)], 8, lambda task: None))
    pids = {int(text or 0) for text in found.values()}
    assert len(pids) == 2 and os.getpid() not in pids
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_the_rest_is_given_up_when_nobody_wants_it_any_more() -> None:
    start = time.monotonic()
    results = shared_out(work, [("a", 0.0), ("b", 60.0)], 2, lambda task: None)
    assert next(results) == (0, "a")
    results.close()
    assert time.monotonic() - start < 20


def specs(folder: Path, count: int) -> list[str]:
    for k in range(count):
        (folder / f"s{k}.yaml").write_text(SPEC.format(k=k) if k != 2 else BROKEN)
    return [f"s{k}.yaml" for k in range(count)]


def command(folder: Path, *arguments: str, **options: Any) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder / "tmp")}
    (folder / "tmp").mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "sheetgen", *arguments],
        cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
    )  # fmt: skip


@pytest.mark.slow
def test_results_don_t_depend_on_how_many_work(tmp_path: Path) -> None:
    names = specs(tmp_path, 5)
    told = []
    for jobs in ("1", "3"):
        process = command(tmp_path, "build", *names, "-o", f"out{jobs}", "-j", jobs, "--json")
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 2  # s2 is broken
        data = json.loads(out)
        for result in data["results"]:
            del result["seconds"]
            result["workbook"] = Path(result["workbook"] or "").name
            for report in result["reports"]:
                del report["path"]
        told.append(data)
    assert told[0] == told[1]
    assert [result["name"] for result in told[0]["results"]] == ["s0", "s1", "s2", "s3", "s4"]
    assert "W" in told[0]["results"][2]["error"]
    files = [sorted((path.name, path.read_bytes()) for path in (tmp_path / f"out{jobs}").iterdir()) for jobs in (1, 3)]
    assert files[0] == files[1] and len(files[0]) == 4


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), *(pytest.param(*end, marks=pytest.mark.slow)
                             for end in ((signal.SIGTERM, 143), (signal.SIGHUP, 129)))],
)
def test_interrupted_in_the_middle(tmp_path: Path, number: int, code: int) -> None:
    names = specs(tmp_path, 30)
    process = command(tmp_path, "build", *names, "-o", "out", "-j", "2", start_new_session=True)
    for _ in range(600):
        if (tmp_path / "out").is_dir() and any((tmp_path / "out").glob("*.xlsx")):
            break
        time.sleep(0.05)
    os.killpg(process.pid, number)  # as a terminal does
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in err and len(err.splitlines()) <= 1
    assert not [path.name for path in (tmp_path / "out").iterdir() if path.suffix != ".xlsx"]
    assert not [path.name for path in (tmp_path / "tmp").iterdir() if path.name.startswith("sheetgen-")]


def test_there_is_at_least_one_core() -> None:
    assert cores() >= 1
