"""How the command ends: on Ctrl-C and its like, when its output can't be written, and on a fault of its own.

Always with one line on stderr, without a traceback, and with nothing left behind.
"""

from __future__ import annotations

import io
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from sheetgen import signals

TRACEBACK = "SHEETGEN_TRACEBACK"
"""Set in the environment, it lets tracebacks of faults through."""
WRONG, FAULT = 2, 3


class Stopped(KeyboardInterrupt):
    """A signal came. Its own type, because Python ends with SIGINT after a KeyboardInterrupt within `exec`."""


def run(work: Callable[[], int]) -> NoReturn:
    """Exit with the code that `work` returns or exits with, or with 128 + n after signal n.

    The first signal raises Stopped, once: whatever tidies up on the way out isn't disturbed by others.
    """
    came: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        _ignore_signals()
        came.append(number)
        raise Stopped

    code = WRONG
    try:
        sys.unraisablehook = _raise_again
        for number in signals.ending():
            if signal.getsignal(number) != signal.SIG_IGN:  # as nohup and `&` do
                signal.signal(number, stop)
        closed = _open_closed_streams()
        with _scratch():
            code = _code_of(work, came)
        sys.stdout.flush()
        if closed and closed.getvalue():
            code = lost(OSError(None, "stdout is closed"))
    except KeyboardInterrupt:
        pass
    except OSError as error:
        code = lost(error)
    if came:
        code = 128 + came[0]
        complain(signals.WORDS[signal.Signals(came[0]).name], "")
    sys.exit(code)


def _code_of(work: Callable[[], int], came: Sequence[int]) -> int:
    try:
        return work()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else WRONG
    except OSError as error:
        return lost(error)
    except MemoryError:
        complain("There isn't enough memory for this.")
        return WRONG
    except Exception as error:
        if came:  # some code makes another error of any
            return WRONG
        if os.environ.get(TRACEBACK):
            raise
        trace = error.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        where = f" ({Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno})" if trace else ""
        said = " ".join(str(error).split())[:200]
        complain(
            f"This is a fault in sheetgen, not yours: {type(error).__name__}: {said}{where}. Please report it, with "
            f"the traceback that {TRACEBACK}=1 shows."
        )
        return FAULT


def complain(message: object, who: str = "sheetgen: ") -> None:
    """One message on stderr, if it can be written."""
    try:
        print(f"{who}{message}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        _silence(sys.stderr)


def lost(error: OSError) -> int:
    """Say once that something can't be read or written, mostly stdout; the exit code of that."""
    what = f"{error.filename}" if error.filename else "The output"
    complain(f"{what} can't be written: {error.strerror or error}.")
    _silence(sys.stdout)
    return WRONG


def _silence(stream: object) -> None:
    """What is still in the stream's buffer goes nowhere, rather than fail again when Python ends."""
    try:
        number = stream.fileno()  # type: ignore[attr-defined]
    except (OSError, ValueError, AttributeError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)


def _raise_again(lost: sys.UnraisableHookArgs) -> None:
    """Python drops exceptions within `__del__` and the like; a Stopped comes once more a moment later."""
    if lost.exc_type is not Stopped:
        sys.__unraisablehook__(lost)
    elif hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, _stop_again)
        signal.setitimer(signal.ITIMER_REAL, 0.001)


def _stop_again(number: int, frame: FrameType | None) -> None:
    raise Stopped


def _ignore_signals() -> None:
    for number in signals.ending():
        signal.signal(number, signals.ignored)


def _open_closed_streams() -> io.StringIO | None:
    """Put something in the place of closed streams, lest files that are opened later become them; what takes stdout."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    closed = io.StringIO() if sys.stdout is None else None
    sys.stdout = closed or sys.stdout
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without ✓ or × still gets its line
    return closed


@contextmanager
def _scratch() -> Iterator[None]:
    """A folder for all temporary files, those of other programs too, which goes in the end, come what may."""
    path: Path | None = None
    try:
        try:
            with suppress(OSError):  # who needs a temporary file says so
                path = Path(tempfile.gettempdir(), f"sheetgen-{os.getpid()}-{os.urandom(4).hex()}")
                path.mkdir(mode=0o700)
                tempfile.tempdir = os.environ["TMPDIR"] = str(path)
            yield
        finally:
            _ignore_signals()
    finally:  # no signal gets here any more: the first one turned all of them off
        for wait in range(20):  # programs that were just ended may still write into it
            if path is None or not path.exists():
                break
            time.sleep(0.01 * wait)
            shutil.rmtree(path, ignore_errors=True)
