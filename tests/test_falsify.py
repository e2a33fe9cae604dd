"""A workbook file in which one character, or one element, of any part was changed never passes.

`SHEETGEN_SECONDS=600 pytest tests/test_falsify.py` goes on for ten minutes.
"""

from __future__ import annotations

import os
import random
import re
import time
import zipfile
from pathlib import Path

import pytest

import sheetgen
from sheetgen.errors import SheetgenError
from sheetgen.proof import engines
from sheetgen.proof.engines import Values
from sheetgen.workbook import report_of

ROOT = Path(__file__).parents[1]
SECONDS = float(os.environ.get("SHEETGEN_SECONDS") or 4)
LETTERS = ("0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
FRACTION = re.compile(r"(?<=<v>)-?\d*\.\d+(?:[eE]-?\d+)?(?=</v>)|(?<=<c:v>)-?\d*\.\d+(?:[eE]-?\d+)?(?=</c:v>)")


def character(text: str, rng: random.Random) -> str:
    """One letter or digit for another of its kind; no date, and no digit of a cached fraction that hardly counts."""
    meant = [(m.start() + 7, m.end()) for m in FRACTION.finditer(text)] + [m.span() for m in DATE.finditer(text)]
    spots = [m.start() for m in re.finditer("[A-Za-z0-9]", text)]
    at = rng.choice([s for s in spots if not any(a <= s < b for a, b in meant)] if len(meant) < 50 else spots)
    if any(a <= at < b for a, b in meant):
        return character(text, rng)
    kind = next(letters for letters in LETTERS if text[at] in letters)
    return text[:at] + rng.choice([new for new in kind if new != text[at]]) + text[at + 1 :]


def element(text: str, rng: random.Random) -> str:
    """One element without children deleted, doubled, or put in the place of another."""
    found = list(re.finditer(r"<([\w:]+)(?: [^<>]*)?(?:/>|>[^<>]*</\1>)", text))
    if len(found) < 2:
        return character(text, rng)
    one, other = rng.choice(found), rng.choice(found)
    put = rng.choice(("", one[0] * 2, other[0]))
    return text if put == one[0] else text[: one.start()] + put + text[one.end() :]


LEAST = 5
"""Falsifications that are tried on a slow machine, too."""


@pytest.mark.parametrize(
    "name", ["softmax", *(pytest.param(name, marks=pytest.mark.slow) for name in ("gcn", "backpropagation"))]
)
def test_nothing_is_overlooked(name: str, tmp_path: Path) -> None:
    rng = random.Random(f"{name} {SECONDS}")
    book = sheetgen.compile(ROOT / "specs" / f"{name}.yaml")
    reference, path = book.save(tmp_path / "reference.xlsx"), tmp_path / "falsified.xlsx"
    values: Values = engines.get("ironcalc").recalculate([reference])[0]
    with zipfile.ZipFile(reference) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    end, tried = time.monotonic() + SECONDS, 0
    while tried <= LEAST or time.monotonic() < end:
        part = rng.choice(list(parts))
        text = parts[part].decode()
        changed = rng.choice((character, element))(text, rng)
        if changed == text:
            continue
        with zipfile.ZipFile(path, "w") as target:
            for each, data in parts.items():
                target.writestr(each, changed if each == part else data)
        tried += 1
        try:
            report = report_of(book, path, values, "IronCalc", reference)
        except SheetgenError:
            continue
        k = next((k for k, (a, b) in enumerate(zip(text, changed, strict=False)) if a != b), 0)
        told = not report.ok or report.notes or report.saved_by
        assert told, f"{part}: …{text[max(0, k - 80) : k + 40]}… → …{changed[max(0, k - 80) : k + 40]}…"
