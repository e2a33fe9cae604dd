"""The specs in the documentation compile, what it says of their layers is what `sheetgen show` prints, and the files
that it names are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sheetgen.api import compile_text, exercises_text, program_of
from sheetgen.cmd.listing import listing
from sheetgen.spec.layer_table import LAYERS
from sheetgen.spec.read import loads

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.S | re.M)
FILES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES = {path.name: path.read_text(encoding="utf-8") for path in FILES}
BLOCKS = {name: BLOCK.findall(text) for name, text in PAGES.items()}
SPECS = [
    pytest.param(text, id=f"{name}-{place}")
    for name, blocks in BLOCKS.items()
    for place, (kind, text) in enumerate(blocks, 1)
    if kind == "yaml" and re.search("^title:", text, re.M) and re.search("^steps:", text, re.M)
]


@pytest.mark.parametrize("text", SPECS)
def test_a_spec_in_the_documentation_compiles(text: str) -> None:
    assert compile_text(text, base=ROOT / "specs").verify().ok


def test_a_page_of_exercises_in_the_documentation_is_made() -> None:
    texts = [text for blocks in BLOCKS.values() for kind, text in blocks if re.search("^exercises:", text, re.M)]
    assert [exercises_text(text).titles for text in texts] == [("Dot product", "ReLU")]


def test_layers_are_documented_as_they_are_written_out() -> None:
    pairs = list(zip(BLOCKS["layers.md"], BLOCKS["layers.md"][1:], strict=False))
    examples = [(spec, shown) for (kind, spec), (other, shown) in pairs if (kind, other) == ("yaml", "text")]
    for spec, shown in examples:
        read = loads(spec)
        printed = listing(program_of(read), read.written_out)
        assert "".join(f"    {line}\n" for line in shown.splitlines()) in printed
    assert len(examples) == 26
    assert not [name for name in LAYERS if not re.search(rf"^## .*\b{name}\b", PAGES["layers.md"], re.M)]


PATH = re.compile(r"`((?:[\w.-]+/)*[\w-]+(?:/|\.(?:py|json|toml|txt)))`")
NAMED = re.compile(r"`([A-Za-z_]+)`\s+(?:in|of)\s+`([\w/]+\.py)`")


def found(path: str) -> list[Path]:
    """What a page means by a path: seen from the top, from inside the package, or a module's name alone."""
    exact = [top / path for top in (ROOT, ROOT / "sheetgen") if (top / path).exists()]
    return exact or ([] if "/" in path else sorted((ROOT / "sheetgen").rglob(path)))


@pytest.mark.parametrize("page", PAGES)
def test_the_files_that_a_page_names_are_there(page: str) -> None:
    assert [path for path in PATH.findall(PAGES[page]) if not found(path)] == []
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", PAGES[page])
    home = next(path.parent for path in FILES if path.name == page)
    assert [link for link in links if not (home / link).exists()] == []


def test_what_a_page_finds_in_a_file_is_there() -> None:
    named = [(page, *pair) for page, text in PAGES.items() for pair in NAMED.findall(text)]
    assert [
        (page, what, path)
        for page, what, path in named
        if not any(what in file.read_text(encoding="utf-8") for file in found(path))
    ] == []
    assert len(named) >= 8
