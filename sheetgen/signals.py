"""The signals that ask a program to end, and what is said of each."""

from __future__ import annotations

import signal

WORDS = {"SIGINT": "Interrupted", "SIGTERM": "Terminated", "SIGHUP": "Hung up"}


def ending() -> list[signal.Signals]:
    """Those that this system has."""
    return [getattr(signal, name) for name in WORDS if hasattr(signal, name)]
