"""Work shared out over processes: results in order, one message when one dies, nothing left behind on Ctrl-C."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from sheetgen import signals

Task = TypeVar("Task")
Made = TypeVar("Made")
PATIENCE = 5.0
"""Seconds that a process has to clean up once it is told to end."""


def cores() -> int:
    """How many processes can work at the same time."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def shared_out(
    work: Callable[[Task], Made], tasks: Sequence[Task], processes: int, started: Callable[[Task], None]
) -> Iterator[tuple[int, Made | None]]:
    """The number and result of each task, in the order in which they come in; None where its process died.

    `work` must be a function of a module. `started` is told, here, what is worked on.
    """
    context = multiprocessing.get_context("spawn")
    todo = iter(enumerate(tasks))
    busy: dict[Connection, tuple[BaseProcess, int]] = {}
    everyone: list[BaseProcess] = []

    def start() -> Connection:
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, work), daemon=True)
        process.start()
        theirs.close()
        everyone.append(process)
        busy[ours] = (process, -1)
        return ours

    def hand_over(connection: Connection) -> None:
        process, _ = busy.pop(connection)
        number, task = next(todo, (-1, None))
        if task is None:
            connection.close()
            return
        started(task)
        busy[connection] = (process, number)
        with suppress(OSError):  # it has died; the wait below says so
            connection.send((number, task))

    try:
        for _ in range(min(processes, len(tasks))):
            hand_over(start())
        while busy:
            for ready in wait(list(busy)):
                connection: Any = ready
                try:
                    result = connection.recv()
                except (EOFError, OSError):
                    yield busy.pop(connection)[1], None
                    hand_over(start())
                else:
                    yield result
                    hand_over(connection)
    finally:
        _end(everyone)


def _serve(connection: Connection, work: Callable[[Any], Any]) -> None:
    """In the other process. What asks to end is for the first one, which then ends this one, so that temporary files go
    too."""
    for number in signals.ending():
        signal.signal(number, _leave if number == signal.SIGTERM else signal.SIG_IGN)
    try:
        while True:
            number, task = connection.recv()
            connection.send((number, work(task)))
    except (EOFError, OSError):
        pass
    except Exception:
        if signal.getsignal(signal.SIGTERM) != signals.ignored:
            raise
        return  # a library took the end for a mistake of its own, as a bare `except` of openpyxl's does
    signal.signal(signal.SIGTERM, signals.ignored)  # what is still open is closed now


def _leave(number: int, frame: object) -> None:
    signal.signal(signal.SIGTERM, signals.ignored)
    raise SystemExit(128 + number)


def _end(processes: Sequence[BaseProcess]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(PATIENCE)
        if process.is_alive():
            process.kill()
            process.join()
