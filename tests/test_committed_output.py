"""The workbooks in output/ are those that the specs build today: the same parts, texts and formulas, the same
numbers to 1e-12 (the last digits of exp and tanh depend on the processor)."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from sheetgen.api import compile
from sheetgen.cmd.targets import specs_in

ROOT = Path(__file__).parents[1]
SPECS = specs_in(ROOT / "specs")
NUMBER = re.compile(r"(?<![\w.])(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![\w.])")


def parts(path: Path) -> dict[str, str]:
    """The uncompressed parts: what compression makes of them depends on zlib's version."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}


def close(a: str, b: str) -> bool:
    x, y = float(a), float(b)
    return abs(x - y) <= 1e-12 * max(1.0, abs(x), abs(y))


def difference(committed: str, built: str) -> str | None:
    """The first place where two parts differ by more than the last digits of a number, with what stands before it."""
    if committed == built:
        return None
    ours, theirs = NUMBER.split(committed), NUMBER.split(built)
    for k, (a, b) in enumerate(zip(ours, theirs, strict=False)):
        if a != b and not (k % 2 and close(a, b)):
            return f"…{''.join(ours[max(0, k - 6) : k])[-120:]}⟨committed {a[:80]!r}, built {b[:80]!r}⟩"
    return None if len(ours) == len(theirs) else "one is longer"


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_committed_workbook_is_what_its_spec_builds(spec: Path, tmp_path: Path) -> None:
    committed = ROOT / "output" / f"{spec.stem}.xlsx"
    assert committed.is_file(), f"{committed.name} is missing in output/: run `make` and commit it"
    old, new = parts(committed), parts(compile(spec).save(tmp_path / committed.name))
    assert list(old) == list(new)
    for name, text in old.items():
        assert (found := difference(text, new[name])) is None, f"{name}: {found}; run `make` and commit output/"


def test_no_workbook_without_a_spec() -> None:
    assert {path.stem for path in (ROOT / "output").glob("*.xlsx")} <= {path.stem for path in SPECS}


def test_the_comparison_can_fail() -> None:
    xml = '<c r="B2"><f>MAX(0,A2)</f><v>0.3333333333333333</v></c>'
    assert difference(xml, xml.replace("33</v>", "34</v>")) is None
    for change in (("A2", "A3"), ("MAX(0", "MAX(1"), ("0.33333", "0.33334"), ("</c>", "</c><c/>"), ("B2", "C2")):
        assert difference(xml, xml.replace(*change)) is not None
