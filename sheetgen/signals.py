"""The signals that ask a program to end, and what is said of each."""

from __future__ import annotations

import signal

WORDS = {"SIGINT": "Interrupted", "SIGTERM": "Terminated", "SIGHUP": "Hung up"}


def ending() -> list[signal.Signals]:
    """Those that this system has."""
    return [getattr(signal, name) for name in WORDS if hasattr(signal, name)]


def ignored(number: int, frame: object) -> None:
    """Where signals shall do nothing from now on. Of SIG_IGN, Python complains when one has just come in."""
