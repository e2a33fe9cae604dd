"""IronCalc in a process of its own, so that a workbook that breaks it takes nothing else along.

Run as a script, by `ironcalc.py`: it imports nothing of sheetgen and starts at once. Each line of its input is JSON,
`[path, bytes of memory]`; each answer a line of JSON and then what it announces: for each sheet its title, how many
cells hold anything, and its texts by number of the cell; then the rows, columns and numbers of all cells, in binary.
What IronCalc prints by itself, such as warnings, goes to stderr: stdout is for answers.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from array import array
from typing import Any, BinaryIO

STACK = 512 << 20
"""Bytes: formulas may nest, and cells depend on one another, more deeply than the usual 8 MB allow."""


def main() -> None:
    """Answer until the input ends."""
    threading.stack_size(STACK)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    worker = threading.Thread(target=_serve, args=(answers,), daemon=True)
    worker.start()
    worker.join()


def _serve(answers: BinaryIO) -> None:
    import ironcalc

    for line in sys.stdin:
        path, memory = json.loads(line)
        _limit(memory)
        try:
            _answer(ironcalc.load_from_xlsx(path, "en", "UTC", "en"), answers)
        except BaseException as error:  # a Rust panic is no Exception
            _write(answers, json.dumps({"error": str(error) or type(error).__name__}))


def _limit(memory: int) -> None:
    try:
        import resource
    except ImportError:  # no such thing on Windows
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (memory if hard < 0 else min(memory, hard), hard))


def _answer(model: Any, answers: BinaryIO) -> None:
    model.evaluate()
    titles = [str(sheet["name"]) for sheet in model.get_worksheets_properties()]
    texts: list[dict[int, str]] = [{} for _ in titles]
    found = [(array("i"), array("i"), array("d")) for _ in titles]
    for sheet, row, column in model.get_all_cells():
        value = model.get_cell_value(sheet, row, column)
        if value is None:
            continue
        rows, columns, numbers = found[sheet]
        if isinstance(value, str):
            texts[sheet][len(rows)] = value
            value = float("nan")
        rows.append(row)
        columns.append(column)
        numbers.append(value)
    sheets = [
        {"title": title, "cells": len(rows), "texts": text}
        for title, text, (rows, _, _) in zip(titles, texts, found, strict=True)
    ]
    _write(answers, json.dumps({"sheets": sheets}))
    for arrays in found:
        for part in arrays:
            answers.write(part.tobytes())
    answers.flush()


def _write(answers: BinaryIO, line: str) -> None:
    answers.write(line.encode() + b"\n")
    answers.flush()


if __name__ == "__main__":
    main()
