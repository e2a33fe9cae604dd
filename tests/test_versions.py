"""Users get ranges, `make` and CI exact versions: what constraints.txt pins."""

from __future__ import annotations

import tomllib
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
NEEDED = [
    *PROJECT["project"]["dependencies"],
    *(need for needs in EXTRAS.values() for need in needs),
    *PROJECT["build-system"]["requires"],
]


def pinned() -> dict[str, str]:
    """Package → its one version."""
    found = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, sign, number = line.partition("==")
            assert sign and number and "*" not in number, f"{line}: no exact version"
            found[canonicalize_name(name)] = number
    return found


@pytest.mark.parametrize("need", NEEDED)
def test_a_range_for_users_and_a_version_in_it_for_us(need: str) -> None:
    requirement = Requirement(need)
    signs = {each.operator for each in requirement.specifier}
    assert signs == {">=", "<"}, "a lower and an upper bound"
    assert requirement.specifier.contains(pinned()[canonicalize_name(requirement.name)])


@pytest.mark.parametrize("name", ["openpyxl", "et-xmlfile", "lxml"])
def test_what_writes_the_file_is_pinned_and_is_what_runs(name: str) -> None:
    assert version(name) == pinned()[name]


def test_all_that_is_installed_along_is_pinned_too() -> None:
    """Dependencies of dependencies, as far as they are installed here."""
    elsewhere = {need for extra in ("pictures", "readers", "engines") for need in EXTRAS[extra]}
    todo, seen = [Requirement(need).name for need in NEEDED if need not in elsewhere], set()
    while todo:
        name = canonicalize_name(todo.pop())
        if name not in seen:
            seen.add(name)
            todo += [r.name for r in map(Requirement, requires(name) or []) if r.marker is None or r.marker.evaluate()]
    assert seen <= pinned().keys()


def test_make_installs_what_is_pinned() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = [line for line in makefile.splitlines() if "pip install" in line and "build/lock" not in line]
    assert installs and all("--constraint constraints.txt" in line for line in installs)


def test_no_registry_is_named() -> None:
    for name in ("pyproject.toml", "constraints.txt", "Makefile", ".ci/run"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text and "index-url" not in text, name
