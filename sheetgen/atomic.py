"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sheetgen.errors import SheetgenError


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A stream for a new file, which takes the place of `path` when it is whole; missing folders are made.

    Until then, and after any error, `path` stays as it was. Raises SheetgenError when it can't be written.
    """
    temporary = path.with_name(f".{path.stem[:40]}-{os.urandom(4).hex()}.tmp")  # known before it is there
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as stream:
            yield stream
        os.replace(temporary, path)
    except BaseException as error:  # Ctrl-C too: nothing half-written may stay behind
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            hint = " Is it open in another program?" if isinstance(error, PermissionError) else ""
            raise SheetgenError(f"{path} can't be written: {error.strerror or error}.{hint}") from None
        raise
