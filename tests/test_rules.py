"""Which test shows which rule of a page (`rules.md`): that the table tells the truth."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
UNCOVERED = {
    "turns of a long loop may be folded",
    "a joining band for a weight shared over time",
    "look closer at a chain of formulas",
    "over budget: the lane wrapped",
}
"""Rules without a test; the set can only shrink."""


def table() -> dict[str, list[str]]:
    """The tests of each rule, as `file.test`, both without their `test_`."""
    rows = re.findall(r"^\| [\d.]+ \| (.+?) \| (.+) \|$", (HERE / "rules.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len({rule for rule, _ in rows}) == len(rows)
    return {rule: re.findall(r"`(\w+\.\w+)`", tests) for rule, tests in rows}


def written(files: str) -> set[str]:
    """The tests of some files."""
    return {
        f"{path.stem.removeprefix('test_')}.{name}"
        for path in HERE.glob(files)
        for name in re.findall(r"^def test_(\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }


def test_every_test_in_the_table_is_there() -> None:
    listed = {test for tests in table().values() for test in tests}
    assert len(listed) > 100
    assert listed - written("test_*.py") == set()


def test_every_test_of_a_rule_is_in_the_table() -> None:
    listed = {test for tests in table().values() for test in tests}
    assert written("test_rules_*.py") - listed == set()


def test_rules_without_a_test_are_known() -> None:
    assert {rule for rule, tests in table().items() if not tests} == UNCOVERED
