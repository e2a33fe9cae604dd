"""What is measured, each in a process of its own, so that nothing is warm, shared or left over."""

from __future__ import annotations

import gc
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does
T = TypeVar("T")
WARM_UP = "title: Warm-up\nmatrices:\n  x: {role: input, value: [1, 2]}\nsteps:\n  - y = exp(x)\n"
GRAPH = "title: Graph\ngraph: {networkx: path_graph, args: [2]}\nsteps:\n  - y = exp(Adj)\n"
"""With it, what loads only for graphs is warm too."""
ENOUGH, TIMES = 1.0, 3
"""Seconds after which a measurement isn't repeated, the best counts; and how often a build is measured at most."""


class Build(NamedTuple):
    """Our own build: cells in the matrices, seconds of the processor, bytes at the peak."""

    cells: int
    seconds: float
    peak: int


def alone(work: Callable[..., T], *args: Any, limit: float | None = None) -> T | None:
    """The result of `work(*args)` in a new process; None when it fails or takes longer than `limit` seconds."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(theirs, work, args), daemon=True)
    process.start()
    theirs.close()
    try:
        return ours.recv() if ours.poll(limit) else None
    except EOFError:
        return None
    finally:
        process.kill()
        process.join()


def _send(connection: Connection, work: Callable[..., Any], args: tuple[Any, ...]) -> None:
    connection.send(work(*args))


def builds(text: str, path: Path) -> Build | None:
    """The best of a few builds, each in a process of its own: a second one in the same process would find places and
    formulas of the first."""
    found = list[Build]()
    while len(found) < TIMES and sum(each.seconds for each in found) < ENOUGH:
        each = alone(build, text, path)
        if each is None:
            return None
        found.append(each)
    return min(found, key=lambda each: each.seconds)


def build(text: str, path: Path) -> Build:
    """From the spec's text to the file, without verification."""
    from sheetgen.api import compile_text

    for tiny in (WARM_UP, GRAPH):
        compile_text(tiny).save(path)
    before, start = _peak(), time.process_time()
    workbook = _built(text, path)
    seconds, peak = time.process_time() - start, _peak() - before
    return Build(sum(region.values.size for sheet in workbook.plan.sheets for region in sheet.regions), seconds, peak)


def _built(text: str, path: Path) -> Any:
    from sheetgen.api import compile_text

    workbook = compile_text(text)
    workbook.save(path)
    return workbook


def openpyxl(text: str, path: Path) -> float:
    """Seconds that openpyxl needs for the same cells."""
    from benchmarks.peer import Peer

    return _peer(Peer, text, path)


def xlsxwriter(text: str, path: Path) -> float:
    """Seconds that XlsxWriter needs for the same cells and their values."""
    from benchmarks.peer import XlsxWriterPeer

    return _peer(XlsxWriterPeer, text, path)


def _peer(kind: Any, text: str, path: Path) -> float:
    from sheetgen.api import compile_text
    from sheetgen.book.workbook import assemble

    content = assemble(compile_text(text).plan)
    peer = kind(content.parts, content.sheets)
    del content
    gc.collect()
    gc.freeze()  # what was made ready must not cost openpyxl time
    return _timed(lambda: peer.write(path))[1]


def ironcalc(path: Path, limit: float) -> float | None:
    """Seconds that IronCalc needs to open the file and recalculate it; None when they are more than `limit`."""
    return alone(_ironcalc, path, limit=limit)


def _ironcalc(path: Path) -> float:
    import ironcalc as engine

    start = time.perf_counter()
    engine.load_from_xlsx(str(path), "en", "UTC", "en").evaluate()
    return time.perf_counter() - start


def libreoffice(path: Path, limit: float) -> float | None:
    """Seconds that LibreOffice needs to start, open the file, recalculate it and write its first sheet as text."""
    from sheetgen.errors import EngineError
    from sheetgen.proof.engines.libreoffice import convert

    with tempfile.TemporaryDirectory(prefix="sheetgen-") as folder:
        start = time.perf_counter()
        try:
            convert([path], "csv", Path(folder), limit)
        except EngineError:
            return None
        return time.perf_counter() - start


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    """A result and the shortest time that the processor spent on it, so that other programs don't count."""
    best, spent = float("inf"), 0.0
    while spent < ENOUGH:
        start = time.process_time()
        result = work()
        seconds = time.process_time() - start
        best, spent = min(best, seconds), spent + seconds
    return result, best


def _peak() -> int:
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
