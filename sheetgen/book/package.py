"""openpyxl's parts → the file: our own cells with their cached values, fixed clocks, an atomic replace."""

from __future__ import annotations

import os
import re
import time
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sheetgen.atomic import replacing
from sheetgen.book import parts
from sheetgen.book.cells import SharedStrings, rows, used_range
from sheetgen.book.charts.add import Drawing
from sheetgen.book.sheet import Sheet, after_cells
from sheetgen.errors import SheetgenError, brief

EPOCH, LAST_EPOCH = 315532800, 4354819198
"""1980-01-01, the first moment a zip archive can hold, and the end of 2107, the last.

`SOURCE_DATE_EPOCH` takes the place of the first."""
LEVEL = 2
"""Of compression: a fifth of the time of the usual 6, for files a sixth larger."""
AT_ONCE = 16
"""Rows that are compressed together."""
IGNORED = (
    '<ignoredErrors><ignoredError sqref="{range}" numberStoredAsText="1" formula="1" formulaRange="1"/></ignoredErrors>'
)
"""Silences Excel's green corners for what is meant: labels such as "1", neighbours with other formulas."""


@dataclass(frozen=True)
class Content:
    """The parts that openpyxl writes, by name, and what it doesn't: the sheets' cells, the charts of the first ones,
    defined names."""

    parts: Mapping[str, bytes]
    sheets: Sequence[Sheet]
    drawings: Sequence[Drawing | None]
    names: Mapping[str, str]


def pack(content: Content, path: Path) -> None:
    """Put the workbook file together and replace `path` with the result.

    `path` is replaced only when everything is written; until then, and after any error, it stays as it was.
    Raises SheetgenError when the folder can't be written to, LimitError when the cells don't fit a sheet.
    """
    moment = clock()
    stamp = max(moment, time.gmtime(EPOCH))[:6]
    with replacing(path) as stream, zipfile.ZipFile(stream, "w") as target:
        _copy(content, target, stamp, time.strftime("%Y-%m-%dT%H:%M:%SZ", moment))


def clock() -> time.struct_time:
    """The moment that stands in the file: `SOURCE_DATE_EPOCH` if it is set, otherwise 1980-01-01."""
    text = os.environ.get("SOURCE_DATE_EPOCH") or str(EPOCH)
    if not (text.isdecimal() and len(text) < 11 and int(text) <= LAST_EPOCH):
        expected = f"a number of seconds since 1970, at most {LAST_EPOCH} (the end of 2107)"
        raise SheetgenError(f"SOURCE_DATE_EPOCH is {brief(text, 40)!r}; expected {expected}.")
    return time.gmtime(int(text))


def _copy(content: Content, target: zipfile.ZipFile, stamp: tuple[int, ...], created: str) -> None:
    strings = SharedStrings()
    added = parts.added(content.sheets, content.drawings)
    for name, data in content.parts.items():
        part = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", name)
        if part:
            number = int(part[1])
            sheet = content.sheets[number - 1]
            tail = parts.references(number, sheet, content.drawings)
            _copy_sheet(data.decode(), sheet, tail, strings, target, _entry(name, stamp))
        elif name == "xl/workbook.xml":
            target.writestr(_entry(name, stamp), parts.with_names(data.decode(), content.names))
        else:
            target.writestr(_entry(name, stamp), _patched(name, data, created, added))
    for each in added:
        target.writestr(_entry(each.name, stamp), each.data)
    target.writestr(_entry("xl/sharedStrings.xml", stamp), strings.xml())


def _copy_sheet(
    xml: str, sheet: Sheet, references: str, strings: SharedStrings, target: zipfile.ZipFile, entry: zipfile.ZipInfo
) -> None:
    span = used_range(sheet.blocks, sheet.cells)
    head, tail = re.split(r"<sheetData\s*/>|<sheetData>.*</sheetData>", xml, maxsplit=1, flags=re.S)
    head = re.sub(r'<dimension ref="[^"]*"', f'<dimension ref="{span}"', head)
    tail = tail.removesuffix("</worksheet>")
    tail = f"{after_cells(sheet)}{tail}{IGNORED.format(range=span)}{references}</worksheet>"
    with target.open(entry, "w") as stream:
        stream.write(f"{head}<sheetData>".encode())
        made = rows(sheet.blocks, sheet.cells, sheet.rows, strings)
        while text := "".join(islice(made, AT_ONCE)):
            stream.write(text.encode())
        stream.write(f"</sheetData>{tail}".encode())


def _patched(name: str, data: bytes, created: str, added: Sequence[parts.Part]) -> bytes:
    if name == "docProps/core.xml":
        return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", created.encode(), data)
    if name == "[Content_Types].xml":
        return data.replace(b"</Types>", f"{parts.content_types(added)}</Types>".encode())
    if name == "xl/_rels/workbook.xml.rels":
        data = data.replace(b"</Relationships>", f"{parts.SHARED_STRINGS}</Relationships>".encode())
        return data.replace(b'Target="/xl/', b'Target="')  # absolute targets stop IronCalc from loading the file
    return data


def _entry(name: str, stamp: tuple[int, ...]) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, stamp)  # type: ignore[arg-type]
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry._compresslevel = LEVEL  # type: ignore[attr-defined]  # an archive's own is for entries given by name
    entry.create_system = 3
    entry.external_attr = 0o600 << 16
    return entry
