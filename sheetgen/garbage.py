"""Python's collector of garbage, which looks at all objects again and again: a build makes many, and they stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept() -> Iterator[None]:
    """Within, objects that refer to one another in a circle are kept until the end; all others go as ever.

    Nothing changes where the collector was off before.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # what was made counts as old: it isn't looked at all at once
            gc.freeze()
            gc.unfreeze()
        gc.enable()
