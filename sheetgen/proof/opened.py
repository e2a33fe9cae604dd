"""A workbook file, opened for reading: its parts, its sheets, and the cells that exist."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

from sheetgen.cells.a1 import column_number
from sheetgen.errors import SheetgenError
from sheetgen.limits import unpacks_too_large

ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")


class Cell(NamedTuple):
    """A cell as the file has it. `value` is what it shows until it is recalculated: a number, a text (an error such as
    `#N/A` too), or None; `formula` comes without `=`; `ref` is the range of an array formula."""

    style: int
    value: float | str | None
    formula: str | None = None
    ref: str = ""


class SheetPart(NamedTuple):
    """A sheet: its title, the part that holds it, and whether it is `visible`, `hidden` or `veryHidden`."""

    title: str
    part: str
    state: str


class SheetContent(NamedTuple):
    """A sheet: its cells in the file's order, the attributes of its rows, and the element with everything but rows."""

    cells: tuple[tuple[int, int, Cell], ...]
    rows: Mapping[int, Mapping[str, str]]
    rest: Any


class Opened:
    """A workbook file; close it, or use it in a `with` statement. Raises SheetgenError where it can't be read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.archive = zipfile.ZipFile(path)
        self.names = frozenset(self.archive.namelist())

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *error: object) -> None:
        self.archive.close()

    def read(self, name: str) -> bytes:
        """A part's bytes; empty if there is no such part."""
        return self.archive.read(name) if name in self.names else b""

    def xml(self, name: str) -> Any:
        """A part's root element. Raises SheetgenError."""
        try:
            return etree.fromstring(self.read(name), etree.XMLParser(resolve_entities=False))
        except etree.XMLSyntaxError as error:
            raise self.damaged(name, error) from None

    def damaged(self, name: str, error: object) -> SheetgenError:
        return SheetgenError(f"{self.path}: the workbook is damaged (part {name}: {str(error)[:100]}).")

    @cached_property
    def sheets(self) -> tuple[SheetPart, ...]:
        """Worksheets, in the workbook's order."""
        links = {}
        for link in self.xml("xl/_rels/workbook.xml.rels"):
            target = str(link.get("Target", ""))
            place = target.removeprefix("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            links[link.get("Id")] = place
        found = []
        for element in self.xml("xl/workbook.xml").iter("{*}sheet"):
            key = next((value for name, value in element.items() if etree.QName(name).localname == "id"), None)
            if (part := links.get(key)) in self.names:
                found.append(SheetPart(str(element.get("name", "")), str(part), str(element.get("state", "visible"))))
        return tuple(found)

    @cached_property
    def strings(self) -> list[str]:
        """The texts that cells share."""
        if "xl/sharedStrings.xml" not in self.names:
            return []
        return [_text(item) for item in self.xml("xl/sharedStrings.xml").iter("{*}si")]

    def cells(self, part: str) -> Iterator[tuple[int, int, Cell]]:
        """Row, column (from 1) and content of each cell of a sheet, as the file has them, in its order."""
        return self._stream(part, {}, [])

    def text(self, title: str) -> str | None:
        """What stands on a sheet, row by row, the cells of a row put together; None if there is no such sheet."""
        part = next((sheet.part for sheet in self.sheets if sheet.title == title), None)
        if part is None:
            return None
        lines: dict[int, str] = {}
        for row, _, cell in self.cells(part):
            said = f"={cell.formula}" if cell.formula is not None else cell.value
            lines[row] = lines.get(row, "") + (f"{said:.15g}" if isinstance(said, float) else said or "")
        return "\n".join(lines.get(row, "") for row in range(1, max(lines, default=0) + 1))

    def sheet(self, part: str) -> SheetContent:
        """A whole sheet."""
        rows: dict[int, Mapping[str, str]] = {}
        rest: list[Any] = []
        cells = tuple(self._stream(part, rows, rest))
        return SheetContent(cells, rows, rest[0])

    def _stream(
        self, part: str, rows: dict[int, Mapping[str, str]], rest: list[Any]
    ) -> Iterator[tuple[int, int, Cell]]:
        """`rows` and `rest` are filled with the rows' own attributes and, at the end, all but the rows."""
        row = column = 0
        masters: dict[str, tuple[str, str]] = {}
        try:
            with self.archive.open(part) as stream:
                events = etree.iterparse(stream, ("start", "end"), tag=("{*}row", "{*}c"), resolve_entities=False)
                for event, element in events:
                    if event == "start":
                        if element.tag.endswith("}row"):
                            row, column = int(element.get("r", row + 1)), 0
                            rows[row] = dict(element.attrib)
                    elif element.tag.endswith("}row"):
                        element.clear()
                        while element.getprevious() is not None:
                            del element.getparent()[0]
                    else:
                        address = ADDRESS.fullmatch(element.get("r", ""))
                        row, column = (int(address[2]), column_number(address[1])) if address else (row, column + 1)
                        yield row, column, _cell(element, self.strings, masters)
        except (etree.XMLSyntaxError, ValueError, IndexError) as error:
            raise self.damaged(part, error) from None
        rest.append(events.root)


def _cell(element: Any, strings: list[str], masters: dict[str, tuple[str, str]]) -> Cell:
    kind, formula, ref, raw, inline = element.get("t", "n"), None, "", None, None
    for child in element:
        tag = child.tag[child.tag.rfind("}") + 1 :]
        if tag == "v":
            raw = child.text
        elif tag == "f":
            formula, ref = _formula(child, element.get("r", ""), masters)
        elif tag == "is":
            inline = _text(child)
    value: float | str | None = inline if kind == "inlineStr" else None
    if raw is not None:
        if kind == "s":
            value = strings[int(raw)]
        elif kind in ("n", "b"):
            value = float({"true": 1, "false": 0}.get(raw, raw))
        else:
            value = raw
    return Cell(int(element.get("s", 0)), value, formula, ref)


def _formula(element: Any, address: str, masters: dict[str, tuple[str, str]]) -> tuple[str, str]:
    text, kind = element.text or "", element.get("t", "normal")
    if kind == "shared":
        key = element.get("si", "")
        if text:
            masters[key] = (text, address)
        elif key in masters:
            from openpyxl.formula.translate import Translator

            master, origin = masters[key]
            text = Translator(f"={master}", origin).translate_formula(address).removeprefix("=")
    elif kind == "dataTable":
        text = f"TABLE({element.get('r1', '')},{element.get('r2', '')})"
    return text, element.get("ref", address) if kind == "array" else ""


def _text(element: Any) -> str:
    """The text of a shared string or an inline one, whose runs may have looks of their own."""
    pieces = (run.text or "" for run in element.iter("{*}t") if not run.getparent().tag.endswith("}rPh"))
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), "".join(pieces))


def check_workbook(path: Path) -> None:
    """Raise SheetgenError, in the reader's terms, unless `path` is a whole .xlsx file that is safe to unpack."""
    if not path.exists():
        raise SheetgenError(f"{path}: there is no such file.")
    if path.is_dir():
        raise SheetgenError(f"{path} is a folder; expected a workbook (.xlsx).")
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            problem = _suspect(parts)
            damaged = None if problem else archive.testzip()
    except PermissionError:
        raise SheetgenError(f"{path}: no permission to read it.") from None
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, ValueError):
        raise SheetgenError(f"{path} is not an Excel workbook (.xlsx), or it is damaged.") from None
    except Exception as error:  # zlib.error, lzma.LZMAError and RuntimeError (a password) share no base class
        raise SheetgenError(f"{path}: the workbook is damaged or protected ({error}).") from None
    if problem:
        raise SheetgenError(f"{path}: {problem}")
    if damaged:
        raise SheetgenError(f"{path}: the workbook is damaged (part {damaged}).")
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise SheetgenError(f"{path} is not an Excel workbook (.xlsx): it has no xl/workbook.xml.")


def _suspect(parts: list[zipfile.ZipInfo]) -> str:
    """Why an archive isn't unpacked; empty if nothing speaks against it."""
    name, times = Counter(part.filename.casefold() for part in parts).most_common(1)[0] if parts else ("", 0)
    if times > 1:
        return f"the workbook is damaged ({times} parts are called {name[:40]})."
    bomb = unpacks_too_large((part.compress_size, part.file_size) for part in parts)
    return f"the workbook is refused, because {bomb}." if bomb else ""


def unpacked(path: Path) -> int:
    """How many bytes a workbook's parts have, unpacked; 0 if it can't be read."""
    with suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
        return sum(part.file_size for part in archive.infolist())
    return 0
