"""Hands every workbook to every program that opens or recalculates it, and writes the table of docs/engines.md:
`make engines`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sheetgen
from sheetgen.cmd.targets import MORE, specs_in
from sheetgen.errors import EngineError
from sheetgen.proof import engines
from sheetgen.proof.compare import compare
from sheetgen.proof.engines import Values
from sheetgen.proof.slack import Slack

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "engines.md"
START, END = "<!-- table -->", "<!-- end -->"
sys.path.insert(0, str(ROOT / "tests"))
from by_readers import READERS, Unreadable  # noqa: E402


@dataclass
class Row:
    """What one program has made of all workbooks."""

    title: str
    calculates: bool
    opened: int = 0
    cells: int = 0
    wrong: int = 0


def programs() -> dict[str, tuple[bool, Callable[[Path], Values]]]:
    """The programs that are here, with whether they recalculate, and how they read a file."""
    found: dict[str, tuple[bool, Callable[[Path], Values]]] = {}
    for name, title in engines.ENGINES.items():
        engine = engines.get(name)
        found[title] = True, lambda path, engine=engine: engine.recalculate([path])[0]  # type: ignore[misc]
    found |= {each.title: (each.recalculates, each.read) for each in READERS.values() if each.there()}
    return found


def main() -> None:
    """Every spec of the gallery and of the tests; failures are told on stderr."""
    specs = [spec for folder in ("specs", f"specs/{MORE}", "tests/specs") for spec in specs_in(ROOT / folder)]
    here = programs()
    rows = {title: Row(title, calculates) for title, (calculates, _) in here.items()}
    with tempfile.TemporaryDirectory(prefix="sheetgen-") as folder:
        for spec in specs:
            book = sheetgen.compile(spec)
            for title, (_, read) in here.items():
                path = book.save(Path(folder, f"{spec.stem}.xlsx"))
                try:
                    values = read(path)
                except (Unreadable, EngineError) as error:
                    print(f"{title}, {spec.stem}: {str(error)[-200:]}", file=sys.stderr)
                    continue
                report = compare(book.plan, values, path, title, Slack(book.plan, values, book.program, book.values))
                row = rows[title]
                row.opened, row.cells, row.wrong = row.opened + 1, row.cells + report.cells, row.wrong + report.wrong
                for finding in report.findings[:1]:
                    print(f"{title}, {spec.stem}: {finding}", file=sys.stderr)
    table = ["|  | what it does | workbooks opened | cells compared | wrong |", "|---|---|---|---|---|"]
    for row in rows.values():
        does = "recalculates" if row.calculates else "reads what stands in the file"
        table.append(f"| {row.title} | {does} | {row.opened} of {len(specs)} | {row.cells:,} | {row.wrong:,} |")
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    made = "\n".join([START, *table, END])
    PAGE.write_text(head + made + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
