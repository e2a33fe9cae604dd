"""The specs in the documentation compile, and what it says of their layers is what `sheetgen show` prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sheetgen.api import compile_text, program_of
from sheetgen.cmd.listing import listing
from sheetgen.spec.layer_table import LAYERS
from sheetgen.spec.read import loads

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.S | re.M)
PAGES = {path.name: path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]}
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


def test_layers_are_documented_as_they_are_written_out() -> None:
    pairs = list(zip(BLOCKS["layers.md"], BLOCKS["layers.md"][1:], strict=False))
    examples = [(spec, shown) for (kind, spec), (other, shown) in pairs if (kind, other) == ("yaml", "text")]
    for spec, shown in examples:
        read = loads(spec)
        printed = listing(program_of(read), read.written_out)
        assert "".join(f"    {line}\n" for line in shown.splitlines()) in printed
    assert len(examples) == 10
    assert not [name for name in LAYERS if not re.search(rf"^## .*\b{name}\b", PAGES["layers.md"], re.M)]
