"""LibreOffice at work as a person would use it: a macro opens a workbook, changes it, and saves it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import lxml.html

from sheetgen.proof.engines.libreoffice import find_soffice, run

MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">
{text}
</script:module>
"""
MACRO = """Sub Go
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden" : hidden(0).Value = True
  book = StarDesktop.loadComponentFromURL("{source}", "_blank", 0, hidden())
  {lines}
  Dim form(0) As New com.sun.star.beans.PropertyValue
  form(0).Name = "FilterName" : form(0).Value = "{form}"
  book.storeToURL("{target}", form())
  book.close(True)
End Sub"""

FORMS = {".xlsx": "Calc MS Excel 2007 XML", ".html": "HTML (StarCalc)"}


def edited(source: Path, target: Path, lines: Sequence[str], profile: Path) -> Path:
    """A copy of a workbook, or its sheets as HTML, once LibreOffice has run `lines` of Basic on `book`."""
    program = [find_soffice(), f"-env:UserInstallation={profile.resolve().as_uri()}", "--headless", "--norestore"]
    module = profile / "user" / "basic" / "Standard" / "Module1.xba"
    if not module.exists():  # the first start makes it
        run([*program, "--terminate_after_init"], 120)
    places = {"source": source.resolve().as_uri(), "target": target.resolve().as_uri(), "form": FORMS[target.suffix]}
    text = MACRO.format(**places, lines="\n  ".join(lines))
    module.write_text(MODULE.format(text=escape(text, {'"': "&quot;"})), encoding="utf-8")
    run([*program, "macro:///Standard.Module1.Go"], 120)
    assert target.is_file()
    return target


def visible(page: Path) -> list[set[tuple[int, int]]]:
    """For each sheet of the HTML that LibreOffice saved, the cells whose text can be told from their ground: there it
    writes the looks that conditions bring."""
    return [_visible(table) for table in lxml.html.parse(str(page)).getroot().iter("table")]


def _visible(table: lxml.html.HtmlElement) -> set[tuple[int, int]]:
    taken, found = set[tuple[int, int]](), set[tuple[int, int]]()
    for row, line in enumerate(table.iter("tr"), start=1):
        column = 1
        for cell in line.iter("td"):
            while (row, column) in taken:
                column += 1
            height, width = (int(cell.get(span, 1)) for span in ("rowspan", "colspan"))
            taken |= {(row + i, column + j) for i in range(height) for j in range(width)}
            inks = {font.get("color", "#000000") for font in cell.iter("font") if font.text_content().strip()}
            if inks - {cell.get("bgcolor", "#FFFFFF")}:
                found.add((row, column))
    return found
