"""Tables of the documentation that are made of the code's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path


def filled(path: Path, tables: Mapping[str, str]) -> str:
    """A page with its tables as they should be."""
    page = path.read_text(encoding="utf-8")
    for name, text in tables.items():
        pattern = rf"(<!-- table: {name} -->\n).*?(\n<!-- end -->)"
        page, count = re.subn(pattern, lambda found, text=text: found[1] + text + found[2], page, flags=re.S)
        assert count == 1, f"docs/{path.name} has no place for the table `{name}`"
    return page
