"""LibreOffice at work as a person would use it: a macro opens a workbook, changes it, and saves it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

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
  form(0).Name = "FilterName" : form(0).Value = "Calc MS Excel 2007 XML"
  book.storeToURL("{target}", form())
  book.close(True)
End Sub"""


def edited(source: Path, target: Path, lines: Sequence[str], profile: Path) -> Path:
    """A copy of a workbook once LibreOffice has run `lines` of Basic on `book`."""
    program = [find_soffice(), f"-env:UserInstallation={profile.resolve().as_uri()}", "--headless", "--norestore"]
    module = profile / "user" / "basic" / "Standard" / "Module1.xba"
    if not module.exists():  # the first start makes it
        run([*program, "--terminate_after_init"], 120)
    text = MACRO.format(source=source.resolve().as_uri(), target=target.resolve().as_uri(), lines="\n  ".join(lines))
    module.write_text(MODULE.format(text=escape(text, {'"': "&quot;"})), encoding="utf-8")
    run([*program, "macro:///Standard.Module1.Go"], 120)
    assert target.is_file()
    return target
