"""`sheetgen list`: the specs that can be named, by topic, a line each."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sheetgen.cmd.options import AsJson
from sheetgen.names import NO_TOPIC

EXAMPLES = "sheetgen list  ·  sheetgen list --json"


@dataclass(frozen=True)
class Entry:
    """A spec that can be given by its name, and what it says of itself."""

    name: str
    path: Path
    title: str
    sentence: str
    topic: str

    def to_json(self) -> dict[str, str]:
        return {"name": self.name, "title": self.title, "about": self.sentence, "topic": self.topic,
                "path": str(self.path)}  # fmt: skip


def list_specs(as_json: AsJson = False) -> int:
    """Print the specs that there are, by topic: names for the other commands, each with its title and a sentence.

    They are looked up in specs/ and specs/more/, here, and among sheetgen's own specs.
    `topic:` in a spec says where it is shown.
    """
    from sheetgen.cmd.console import print_json
    from sheetgen.cmd.ending import WRONG, complain

    found, failed = entries()
    if as_json:
        errors = [{"name": name, "error": str(error)} for name, error in failed]
        print_json({"ok": not failed, "specs": [entry.to_json() for entry in found], "failed": errors})
    else:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
        print("\n".join(lines(found, width)))
    sys.stdout.flush()
    for _, error in failed:
        complain(error)
    return WRONG if failed else 0


def entries() -> tuple[list[Entry], list[tuple[str, Exception]]]:
    """The specs at hand, by topic and then by name, and those that can't be read, with the reason."""
    from sheetgen.cmd.targets import at_hand
    from sheetgen.errors import SheetgenError
    from sheetgen.spec.heading import heading
    from sheetgen.spec.model import TOPICS

    found: list[Entry] = []
    failed: list[tuple[str, Exception]] = []
    for name, path in sorted(at_hand().items()):
        try:
            head = heading(path)
        except SheetgenError as error:
            failed.append((name, error))
            continue
        if head is not None:
            found.append(Entry(name, path, head.title, head.sentence, head.topic))
    order = (*TOPICS, "")
    return sorted(found, key=lambda entry: order.index(entry.topic)), failed


def lines(found: Sequence[Entry], width: int = 0) -> Iterator[str]:
    """A heading for each topic and a line for each spec; folded if they are wider than `width` (0: never)."""
    column = max((len(entry.name) for entry in found), default=0)
    topic = None
    for entry in found:
        if entry.topic != topic:
            if topic is not None:
                yield ""
            topic = entry.topic
            yield topic.capitalize() or NO_TOPIC
        title = entry.title if entry.title.endswith((".", "!", "?")) else f"{entry.title}."
        line = f"  {entry.name:<{column}}  {title} {entry.sentence}".rstrip()
        yield textwrap.fill(line, width, subsequent_indent=" " * (column + 4)) if width > column + 20 else line
