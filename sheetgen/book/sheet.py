"""A worksheet on its way into the file: cells, and what lies on them: merged cells, rules, checks, links, notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sheetgen.book.cells import Block, Cell, Rows
from sheetgen.book.frame import Frame
from sheetgen.book.styles import opaque
from sheetgen.book.xml import escape, quoted

PROTECTION = '<sheetProtection sheet="1" objects="1" scenarios="1" formatColumns="0" formatRows="0"/>'
LONGEST = 400
"""Ranges of one rule or check; more are given to several."""


@dataclass(frozen=True)
class Rule:
    """A conditional format: where `formula` holds, a cell takes the look with number `look`."""

    formula: str
    look: int
    stop: bool = False

    def xml(self, priority: int) -> str:
        stop = ' stopIfTrue="1"' if self.stop else ""
        return (
            f'<cfRule type="expression" dxfId="{self.look}" priority="{priority}"{stop}>'
            f"<formula>{escape(self.formula)}</formula></cfRule>"
        )


@dataclass(frozen=True)
class Scale:
    """A conditional format that colours cells by their number: points (number, colour) in ascending order."""

    points: tuple[tuple[float, str], ...]

    def xml(self, priority: int) -> str:
        values = "".join(f'<cfvo type="num" val="{number:g}"/>' for number, _ in self.points)
        colors = "".join(f'<color rgb="{opaque(color)}"/>' for _, color in self.points)
        return f'<cfRule type="colorScale" priority="{priority}"><colorScale>{values}{colors}</colorScale></cfRule>'


@dataclass(frozen=True)
class Format:
    """Rules for ranges. Formulas are about cell A1 where `anchored`: the ranges then start with it, so that every
    program takes them to be relative to the same cell."""

    ranges: tuple[str, ...]
    rules: tuple[Rule | Scale, ...]
    anchored: bool = False


@dataclass(frozen=True)
class Check:
    """What may be typed into ranges."""

    ranges: tuple[str, ...]
    kind: str
    first: str
    second: str = ""
    title: str = ""
    error: str = ""
    prompt: str = ""
    blank: bool = False

    def xml(self, ranges: str) -> str:
        options = {"type": self.kind, "allowBlank": "1"} if self.blank else {"type": self.kind}
        if self.error:
            options |= {"showErrorMessage": "1", "errorTitle": self.title[:32], "error": self.error[:225]}
        if self.prompt:
            options |= {"showInputMessage": "1", "promptTitle": self.title[:32], "prompt": self.prompt[:255]}
        second = f"<formula2>{escape(self.second)}</formula2>" if self.second else ""
        attributes = "".join(f" {name}={quoted(text)}" for name, text in options.items())
        return (
            f'<dataValidation{attributes} sqref="{ranges}"><formula1>{escape(self.first)}</formula1>{second}'
            "</dataValidation>"
        )


@dataclass(frozen=True)
class Link:
    """From a cell to a place in the workbook, such as `'Canvas'!A1`."""

    ref: str
    location: str
    tip: str = ""


@dataclass(frozen=True)
class Note:
    """A comment on a cell."""

    row: int
    column: int
    text: str


@dataclass(frozen=True)
class Sheet:
    """A worksheet: its frame, which openpyxl writes, and all else."""

    frame: Frame
    blocks: Sequence[Block] = ()
    cells: Sequence[Cell] = ()
    rows: Rows = field(default_factory=Rows)
    merged: tuple[str, ...] = ()
    formats: tuple[Format, ...] = ()
    checks: tuple[Check, ...] = ()
    links: tuple[Link, ...] = ()
    notes: tuple[Note, ...] = ()
    protected: bool = False
    """Without a password; columns and rows may be widened."""


def after_cells(sheet: Sheet) -> str:
    """The XML that follows the cells, in the order that the format demands."""
    parts = [PROTECTION] if sheet.protected else []
    if sheet.merged:
        cells = "".join(f'<mergeCell ref="{ref}"/>' for ref in sheet.merged)
        parts.append(f'<mergeCells count="{len(sheet.merged)}">{cells}</mergeCells>')
    parts += _formats(sheet.formats)
    if sheet.checks:
        found = [check.xml(ranges) for check in sheet.checks for ranges in _pieces(check.ranges)]
        parts.append(f'<dataValidations count="{len(found)}">{"".join(found)}</dataValidations>')
    if sheet.links:
        links = "".join(
            f'<hyperlink ref="{link.ref}" location={quoted(link.location)} tooltip={quoted(link.tip[:255])}/>'
            for link in sheet.links
        )
        parts.append(f"<hyperlinks>{links}</hyperlinks>")
    return "".join(parts)


def _formats(formats: Sequence[Format]) -> Iterator[str]:
    priority = 0
    for each in formats:
        for ranges in _pieces(each.ranges):
            rules = []
            for rule in each.rules:
                priority += 1
                rules.append(rule.xml(priority))
            anchor = "A1 " if each.anchored and ranges != "A1" else ""
            yield f'<conditionalFormatting sqref="{anchor}{ranges}">{"".join(rules)}</conditionalFormatting>'


def _pieces(ranges: Sequence[str]) -> Iterator[str]:
    for k in range(0, len(ranges), LONGEST):
        yield " ".join(ranges[k : k + LONGEST])
