"""Orders worked on by a dask cluster, whose machines need nothing but sheetgen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from sheetgen.classes.make import Files, Order, make
from sheetgen.errors import SheetgenError

PATIENCE = 30
"""Seconds in which the scheduler has to answer."""


def worked_by_cluster(orders: Sequence[Order], address: str) -> Iterator[tuple[int, list[Files | SheetgenError]]]:
    """The number of each order with what was made of it, as they come in; dask hands out anew what dies with a machine.

    Raises SheetgenError when the cluster can't be reached, or loses the same order several times.
    """
    try:
        dask: Any = import_module("distributed")
    except ImportError:
        raise SheetgenError("For --dask, install the extra: pip install 'sheetgen[cluster]'.") from None
    try:
        client = dask.Client(address, timeout=PATIENCE)
    except (OSError, ValueError, TypeError) as error:
        raise SheetgenError(f"There is no dask scheduler at {address}: {error}.") from None
    with client:
        futures = {client.submit(make, order, pure=False): number for number, order in enumerate(orders)}
        for future in dask.as_completed(futures):
            if future.status != "finished":
                raise SheetgenError(f"The cluster couldn't make some files: {future.exception()}.")
            yield futures[future], future.result()
            future.release()
