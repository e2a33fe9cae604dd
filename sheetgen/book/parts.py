"""The parts of the file that openpyxl doesn't write: drawings, charts, notes, and how sheets refer to them.

They are called as Excel calls them, which some readers rely on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import ceil
from typing import NamedTuple

from sheetgen.book import theme
from sheetgen.book.cells import text_xml
from sheetgen.book.charts.add import Drawing
from sheetgen.book.sheet import Note, Sheet
from sheetgen.book.xml import escape
from sheetgen.cells.a1 import letters

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "application/vnd.openxmlformats-officedocument"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHARED_STRINGS = f'<Relationship Type="{RELATION}/sharedStrings" Target="sharedStrings.xml" Id="strings"/>'
NOTE_LINE, NOTE_COLUMNS = 44, 5
"""Characters on a line of a note, and the columns that it covers."""


class Part(NamedTuple):
    """A file within the file; without a type it is known by its extension."""

    name: str
    data: str
    type: str = ""


def added(sheets: Sequence[Sheet], drawings: Sequence[Drawing | None]) -> list[Part]:
    """The parts that belong to the sheets; `drawings` are those of the first sheets."""
    found: list[Part] = []
    charts = 0
    for number, sheet in enumerate(sheets, 1):
        relations = []
        drawing = drawings[number - 1] if number <= len(drawings) else None
        if drawing is not None:
            own = []
            for k, chart in enumerate(drawing.charts, 1):
                charts += 1
                found.append(Part(f"xl/charts/chart{charts}.xml", chart, f"{MAIN}.drawingml.chart+xml"))
                own.append(_relation(f"rId{k}", "chart", f"../charts/chart{charts}.xml"))
            found.append(Part(f"xl/drawings/drawing{number}.xml", drawing.xml, f"{MAIN}.drawing+xml"))
            found.append(_relations(f"xl/drawings/_rels/drawing{number}.xml.rels", own))
            relations.append(_relation("drawing", "drawing", f"../drawings/drawing{number}.xml"))
        if sheet.notes:
            found.append(Part(f"xl/comments{number}.xml", _comments(sheet.notes), f"{MAIN}.spreadsheetml.comments+xml"))
            found.append(Part(f"xl/drawings/vmlDrawing{number}.vml", _shapes(sheet.notes, number)))
            relations.append(_relation("notes", "comments", f"../comments{number}.xml"))
            relations.append(_relation("shapes", "vmlDrawing", f"../drawings/vmlDrawing{number}.vml"))
        if relations:
            found.append(_relations(f"xl/worksheets/_rels/sheet{number}.xml.rels", relations))
    return found


def references(number: int, sheet: Sheet, drawings: Sequence[Drawing | None]) -> str:
    """What sheet `number` says of its drawing and its notes."""
    drawing = number <= len(drawings) and drawings[number - 1] is not None
    return (f'<drawing xmlns:r="{RELATION}" r:id="drawing"/>' if drawing else "") + (
        f'<legacyDrawing xmlns:r="{RELATION}" r:id="shapes"/>' if sheet.notes else ""
    )


def content_types(found: Sequence[Part]) -> str:
    """The parts' entries in the list of types."""
    strings = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{MAIN}.spreadsheetml.sharedStrings+xml"/>'
    own = "".join(f'<Override PartName="/{part.name}" ContentType="{part.type}"/>' for part in found if part.type)
    shapes = any(part.name.endswith(".vml") for part in found)
    return (f'<Default Extension="vml" ContentType="{MAIN}.vmlDrawing"/>' if shapes else "") + strings + own


def with_names(workbook: str, names: Mapping[str, str]) -> str:
    """The workbook's part with defined names, in the order of the alphabet, besides those of what is printed."""
    own = [(name, f'<definedName name="{name}">{escape(text)}</definedName>') for name, text in names.items()]
    theirs = re.findall(r'<definedName name="([^"]+)".*?</definedName>', workbook, re.S)
    kept = list(zip(theirs, re.findall(r"<definedName .*?</definedName>", workbook, re.S), strict=True))
    every = "".join(xml for _, xml in sorted(own + kept, key=lambda each: each[0].casefold()))
    workbook = re.sub(r"<definedNames\s*/>|<definedNames>.*?</definedNames>", "", workbook, flags=re.S)
    return workbook.replace("</sheets>", f"</sheets><definedNames>{every}</definedNames>" if every else "</sheets>", 1)


def _relations(name: str, relations: Sequence[str]) -> Part:
    return Part(name, f'{HEAD}<Relationships xmlns="{PACKAGE}">{"".join(relations)}</Relationships>')


def _relation(key: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{key}" Type="{RELATION}/{kind}" Target="{target}"/>'


def _comments(notes: Sequence[Note]) -> str:
    found = "".join(
        f'<comment ref="{letters(note.column)}{note.row}" authorId="0"><text><t xml:space="preserve">'
        f"{text_xml(note.text)}</t></text></comment>"
        for note in notes
    )
    authors = "<authors><author>sheetgen</author></authors>"
    return f'{HEAD}<comments xmlns="{SHEET}">{authors}<commentList>{found}</commentList></comments>'


def _shapes(notes: Sequence[Note], number: int) -> str:
    """The notes' boxes, each beside its cell."""
    shapes = "".join(_shape(note, 1024 * number + k) for k, note in enumerate(notes, 1))
    return (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel">'
        f'<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{number}"/></o:shapelayout>'
        '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
        '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
        f"{shapes}</xml>"
    )


def _shape(note: Note, key: int) -> str:
    lines = sum(max(1, ceil(len(line) / NOTE_LINE)) for line in note.text.split("\n"))
    top, left = max(0, note.row - 2), note.column
    paper = f"#{theme.NOTE.lower()}"
    anchor = f"{left}, 15, {top}, 10, {left + NOTE_COLUMNS}, 31, {top + 1 + lines}, 9"
    return (
        f'<v:shape id="_x0000_s{key}" type="#_x0000_t202" style="position:absolute;visibility:hidden" '
        f'fillcolor="{paper}" o:insetmode="auto"><v:fill color2="{paper}"/><v:shadow color="black" obscured="t"/>'
        '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"/>'
        f'</v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{escape(anchor)}'
        f"</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{note.row - 1}</x:Row><x:Column>{note.column - 1}</x:Column>"
        "</x:ClientData></v:shape>"
    )
