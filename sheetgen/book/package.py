"""openpyxl's file → the final file: our own cells with their cached values, fixed clocks, an atomic replace."""

from __future__ import annotations

import errno
import io
import os
import re
import time
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from openpyxl import load_workbook

from sheetgen.book.cells import Block, SharedStrings, rows, used_range
from sheetgen.errors import SheetgenError, brief

SPEC_SHEET = "Spec"
EPOCH, LAST_EPOCH = 315532800, 4354819198
"""1980-01-01, the first moment a zip archive can hold, and the end of 2107, the last.

`SOURCE_DATE_EPOCH` takes the place of the first."""
MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
IGNORED = (
    '<ignoredErrors><ignoredError sqref="{range}" numberStoredAsText="1" formula="1" formulaRange="1"/></ignoredErrors>'
)
"""Silences Excel's green corners for what is meant: labels such as "1", neighbours with other formulas."""


class Sheet:
    """The cells of one worksheet, in the order of the workbook's sheets, and the heights of its rows in points."""

    def __init__(self, blocks: Sequence[Block], heights: Mapping[int, float] | None = None) -> None:
        self.blocks, self.heights = blocks, heights or {}


def pack(book: bytes, sheets: Sequence[Sheet], path: Path) -> None:
    """Put the cells of `sheets` into the workbook file `book` and replace `path` with the result.

    `path` is replaced only when everything is written; until then, and after any error, it stays as it was.
    Raises SheetgenError when the folder can't be written to, LimitError when the cells don't fit a sheet.
    """
    moment = clock()
    stamp = max(moment, time.gmtime(EPOCH))[:6]
    temporary = path.with_name(f".{path.stem[:40]}-{os.urandom(4).hex()}.tmp")  # known before it is there
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
            _copy(book, sheets, target, stamp, time.strftime("%Y-%m-%dT%H:%M:%SZ", moment))
        os.replace(temporary, path)
    except BaseException as error:  # Ctrl-C too: nothing half-written may stay behind
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            hint = " Is it open in another program?" if isinstance(error, PermissionError) else ""
            raise SheetgenError(f"{path} can't be written: {error.strerror or error}.{hint}") from None
        raise


def clock() -> time.struct_time:
    """The moment that stands in the file: `SOURCE_DATE_EPOCH` if it is set, otherwise 1980-01-01."""
    text = os.environ.get("SOURCE_DATE_EPOCH") or str(EPOCH)
    if not (text.isdecimal() and len(text) < 11 and int(text) <= LAST_EPOCH):
        expected = f"a number of seconds since 1970, at most {LAST_EPOCH} (the end of 2107)"
        raise SheetgenError(f"SOURCE_DATE_EPOCH is {brief(text, 40)!r}; expected {expected}.")
    return time.gmtime(int(text))


def read_spec(path: Path | str) -> str:
    """The spec's text, as it stands on the Spec sheet of a workbook that sheetgen made.

    Raises SheetgenError when `path` is no workbook, or one without that sheet.
    """
    path = Path(path)
    try:
        book = load_workbook(path, read_only=True)
    except OSError as error:
        raise SheetgenError(f"{path} can't be read: {error.strerror or error}.") from None
    except Exception:  # whatever openpyxl, zipfile and the XML parser make of a damaged file
        raise SheetgenError(f"{path} is not an Excel workbook (.xlsx), or it is damaged.") from None
    try:
        if SPEC_SHEET not in book.sheetnames:
            raise SheetgenError(f"{path} has no sheet `{SPEC_SHEET}`: it wasn't made by sheetgen.")
        sheet = book[SPEC_SHEET]
        sheet.reset_dimensions()
        lines = ["".join(str(v) for v in row if v is not None) for row in sheet.iter_rows(values_only=True)]
    finally:
        book.close()
    return "\n".join(lines)


def _copy(
    book: bytes, sheets: Sequence[Sheet], target: zipfile.ZipFile, stamp: tuple[int, ...], created: str
) -> None:
    strings = SharedStrings()
    with zipfile.ZipFile(io.BytesIO(book)) as source:
        names = sorted(source.namelist(), key=lambda name: name != "[Content_Types].xml")
        for name in names:
            data = source.read(name)
            part = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", name)
            if part:
                _copy_sheet(data.decode(), sheets[int(part[1]) - 1], strings, target, _entry(name, stamp))
            else:
                target.writestr(_entry(name, stamp), _patched(name, data, created))
    with target.open(_entry("xl/sharedStrings.xml", stamp), "w") as stream:
        stream.write(strings.xml())


def _copy_sheet(
    xml: str, sheet: Sheet, strings: SharedStrings, target: zipfile.ZipFile, entry: zipfile.ZipInfo
) -> None:
    if not xml.endswith("</worksheet>"):  # openpyxl's temporary files may end early without an error
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    span = used_range(sheet.blocks)
    head, tail = re.split(r"<sheetData\s*/>|<sheetData>.*</sheetData>", xml, maxsplit=1, flags=re.S)
    head = re.sub(r'<dimension ref="[^"]*"', f'<dimension ref="{span}"', head)
    place = re.search(r"<(?:drawing|legacyDrawing|tableParts)\b|</worksheet>", tail)
    assert place is not None
    tail = tail[: place.start()] + IGNORED.format(range=span) + tail[place.start() :]
    with target.open(entry, "w", force_zip64=True) as stream:
        stream.write(f"{head}<sheetData>".encode())
        for chunk in rows(sheet.blocks, sheet.heights, strings):
            stream.write(chunk.encode())
        stream.write(f"</sheetData>{tail}".encode())


def _patched(name: str, data: bytes, created: str) -> bytes:
    if name == "docProps/core.xml":
        return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", created.encode(), data)
    if name == "[Content_Types].xml":
        part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{MAIN}.sharedStrings+xml"/>'
        return data.replace(b"</Types>", f"{part}</Types>".encode())
    if name == "xl/_rels/workbook.xml.rels":
        link = f'<Relationship Type="{RELATION}/sharedStrings" Target="sharedStrings.xml" Id="strings"/>'
        data = data.replace(b"</Relationships>", f"{link}</Relationships>".encode())
        return data.replace(b'Target="/xl/', b'Target="')
    if re.fullmatch(r"xl/\w+/_rels/.*\.rels", name):  # absolute targets stop IronCalc from loading the file
        return data.replace(b'Target="/xl/', b'Target="../')
    return data


def _entry(name: str, stamp: tuple[int, ...]) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, stamp)  # type: ignore[arg-type]
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o600 << 16
    return entry


