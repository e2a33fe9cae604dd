"""A workbook file against the file that its own spec builds today: every cell, and everything else in it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from sheetgen.cells.a1 import span
from sheetgen.errors import brief
from sheetgen.layout.plan import WorkbookPlan
from sheetgen.proof.audit import Cells, audit_cells, in_braces, shows
from sheetgen.proof.compare import drawn
from sheetgen.proof.formulas import same
from sheetgen.proof.model import LOOK, STYLE, Facets, Model
from sheetgen.proof.noise import RELATIVE
from sheetgen.proof.opened import Cell, Opened, SheetContent
from sheetgen.proof.report import ANOTHER, Change, Finding, Report
from sheetgen.proof.slack import Slack

MOST_NOTES = 20
HARMLESS = re.compile(
    r"_rels/.*|.*/_rels/.*|docProps/.*|xl/theme/.*|xl/calcChain\.xml|xl/sharedStrings\.xml|xl/styles\.xml|"
    r"xl/worksheets/sheet\d+\.xml|xl/charts/.*|xl/drawings/.*|xl/comments.*|xl/metadata\.xml|xl/persons/.*|"
    r"xl/threadedComments/.*|xl/printerSettings/.*|xl/workbook\.xml|\[Content_Types\]\.xml|xl/richData/.*"
)
"""Parts that any program may write, or that are compared by what they mean."""

DATE = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
NUMBER = re.compile(rb"(?<![\w.])(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![\w.])")

Found = tuple[str, str, str, str]
"""What, where, how it should be, how it is."""


def whole_file(plan: WorkbookPlan, report: Report, reference: Path, slack: Slack) -> Report:
    """Add to a report all in which its file differs from `reference`, the file that the plan makes.

    `slack` tells how far the cached values of a region may be off. Raises SheetgenError when the file can't be read.
    """
    with Opened(report.path) as found, Opened(reference) as wanted:
        unlike = {name for name in found.names & wanted.names if found.read(name) != wanted.read(name)}
        if not unlike and found.names == wanted.names:
            return report
        return _Comparison(plan, found, wanted, unlike).added_to(report, slack)


class _Comparison:
    def __init__(self, plan: WorkbookPlan, found: Opened, wanted: Opened, unlike: set[str]) -> None:
        self.plan, self.found, self.wanted, self.unlike = plan, found, wanted, unlike
        self.here, self.there = ({s.title: o.sheet(s.part) for s in o.sheets} for o in (found, wanted))
        self.models = Model(found, self.here), Model(wanted, self.there)
        self.cells, self.planned = ({t: _by_place(c) for t, c in s.items()} for s in (self.here, self.there))
        self.saved_by = self.program()
        self.changes: list[Found] = []
        self.others: list[Finding] = []
        self.notes: list[str] = []

    def program(self) -> str:
        """Who saved the file last; empty if nobody did after sheetgen."""
        mine, theirs = (_application(opened) for opened in (self.found, self.wanted))
        if mine != theirs:
            return mine or ANOTHER
        return ANOTHER if "xl/_rels/workbook.xml.rels" in self.unlike else ""

    @property
    def foreign(self) -> bool:
        """Whether it was saved by a program that writes looks in its own way."""
        return _application(self.found) != _application(self.wanted)

    def added_to(self, report: Report, slack: Slack) -> Report:
        cells = {title.casefold(): found for title, found in self.cells.items()}
        report = audit_cells(self.plan, report, cells, slack)
        self.doubles()
        self.others_and_texts()
        self.looks()
        self.facets()
        self.parts()
        notes = self.notes[:MOST_NOTES]
        if len(self.notes) > MOST_NOTES:
            notes.append(f"and {len(self.notes) - MOST_NOTES} more")
        changes = _grouped(self.changes)
        return replace(report, others=tuple(self.others), changes=changes, notes=tuple(notes), saved_by=self.saved_by)

    def doubles(self) -> None:
        for title, content in self.here.items():
            for (row, column), times in Counter((row, column) for row, column, _ in content.cells).items():
                if times > 1:
                    self.changes.append(("cell that stands there twice", _at(title, row, column), "", f"{times} cells"))

    def others_and_texts(self) -> None:
        """Cells outside of the plan's regions."""
        covered: dict[str, set[tuple[int, int]]] = {}
        for sheet, region in drawn(self.plan):
            places = np.ndindex(region.height, region.width)
            covered.setdefault(sheet.title, set()).update((region.row + i, region.column + j) for i, j in places)
        controls = {title: self.controls(title, covered.get(title, set())) for title in self.planned}
        played = any(
            self.cells.get(title, {}).get(place, EMPTY).value != self.planned[title].get(place, EMPTY).value
            for title, places in controls.items() for place in places
        )  # fmt: skip
        for title, planned in self.planned.items():
            found = self.cells.get(title, {})
            for place in sorted({*planned, *found} - covered.get(title, set())):
                was, now = planned.get(place, EMPTY), found.get(place, EMPTY)
                if was != now:
                    self.compare(title, place, was, now, place in controls[title], played)
        for title in self.cells:
            if title not in self.planned:
                for (row, column), cell in sorted(self.cells[title].items()):
                    if cell.formula is not None:
                        self.changes.append(("formula", _at(title, row, column), "", in_braces(cell.formula, cell.ref)))

    def controls(self, title: str, covered: set[tuple[int, int]]) -> set[tuple[int, int]]:
        """Cells that a reader sets, such as the number of the step that is shown."""
        checks = self.models[1].book[title].data_validations.dataValidation
        areas = [area for check in checks for area in check.sqref.ranges]
        return {place for area in areas if area.coord.count(":") == 0 for place in area.cells} - covered

    def compare(
        self, title: str, place: tuple[int, int], was: Cell, now: Cell, control: bool, played: bool
    ) -> None:
        where, address = _at(title, *place), span(*place)
        if was.formula is not None:
            kept = now.formula is not None and same(now.formula, was.formula)
            if not kept or now.ref.replace("$", "").split(":")[0] != was.ref.split(":")[0]:
                held = now.value if now.formula is None else in_braces(now.formula, now.ref)
                wanted = in_braces(was.formula, was.ref)
                self.others.append(Finding("formula", title, address, "", was.formula, wanted, held))
            elif not played and was.value is not None and not shows(now, was.value):
                self.others.append(Finding("cached", title, address, "", was.formula, was.value, now.value))
        elif now.formula is not None:
            self.changes.append(("formula", where, str(was.value or ""), in_braces(now.formula, now.ref)))
        elif was.value is None or control:
            if now.value is not None and now.value != was.value:
                self.notes.append(f"{where}: {brief(str(now.value), 60)}")
        elif not shows(now._replace(value="" if now.value is None else now.value), was.value):
            kind = "text" if isinstance(was.value, str) else "number"
            self.changes.append((kind, where, str(was.value), "" if now.value is None else str(now.value)))

    def looks(self) -> None:
        """How cells look; what they look like in a program that has looks of its own isn't asked."""
        pairs: dict[tuple[int, int], list[int]] = {}
        for title, planned in self.planned.items():
            found = self.cells.get(title, {})
            merged = self.merged(title) if self.saved_by else set()
            for place, was in planned.items():
                now = found.get(place, EMPTY)
                key = (was.style, now.style)
                if key not in pairs:
                    old, new = self.models[1].style(was.style), self.models[0].style(now.style)
                    differ = (k for k in range(len(STYLE)) if old[k] != new[k])
                    pairs[key] = [k for k in differ if not (self.foreign and _own_way(STYLE[k], old[k], new[k]))]
                for k in pairs[key] if place not in merged else (k for k in pairs[key] if STYLE[k] not in LOOK):
                    was_how, is_how = self.models[1].style(was.style)[k], self.models[0].style(now.style)[k]
                    self.changes.append((STYLE[k], _at(title, *place), was_how, is_how))

    def merged(self, title: str) -> set[tuple[int, int]]:
        """Merged cells, whose looks programs share out in their own way when they save a file."""
        return {place for area in self.models[1].book[title].merged_cells.ranges for place in area.cells}

    def facets(self) -> None:
        found, wanted = (model.facets() for model in self.models)
        for what in dict.fromkeys([*wanted, *found]):
            if self.foreign and what in LOOK:
                continue
            old, new = wanted.get(what, {}), found.get(what, {})
            for where in dict.fromkeys([*old, *new]):
                title, inside, _ = where.rpartition("!")
                own = (title if inside else where) in self.here.keys() - self.there.keys() and what != "sheet"
                if old.get(where) != new.get(where) and not own:
                    self.facet(what, where, old.get(where, ""), new.get(where, ""))

    def facet(self, what: str, where: str, was: str, now: str) -> None:
        if what == "sheet" and not was and now.startswith("visible"):
            self.notes.append(f"sheet {where}")  # of the reader's own; formulas in it are found elsewhere
        elif not (what in ("note", "picture") and not was):
            self.changes.append((what, where, was, now))
        else:
            self.notes.append(f"{where}: {brief(now, 60)}")

    def parts(self) -> None:
        """Parts that mean something else than what was compared."""
        for name in sorted(self.found.names - self.wanted.names):
            if not HARMLESS.fullmatch(name):
                self.changes.append(("part of the file", name, "", f"{len(self.found.read(name)):,} bytes"))
        if not self.saved_by and not self.changes and not self.others and not self.notes:
            for name in sorted({*self.unlike, *(self.wanted.names - self.found.names)}):
                if not alike(self.found.read(name), self.wanted.read(name)):
                    self.changes.append(("part of the file", name, "what the spec makes", "something else"))


EMPTY = Cell(0, None)


def alike(one: bytes, other: bytes) -> bool:
    """Whether two parts differ in nothing but dates and the last digits of fractions, which hang on the processor."""
    ours, theirs = (NUMBER.split(DATE.sub(b"", part)) for part in (one, other))
    return len(ours) == len(theirs) and all(
        a == b or (k % 2 == 1 and (b"." in a or b"." in b) and abs(float(a) - float(b)) <= RELATIVE * abs(float(a)))
        for k, (a, b) in enumerate(zip(ours, theirs, strict=True))
    )


def _own_way(what: str, was: str, now: str) -> bool:
    """Whether another program may have written a look so by itself; LibreOffice gives results a format of their own."""
    return what in LOOK or (what == "number format" and was == "General" and bool(re.fullmatch(r"[#0.,]+", now)))


def _by_place(content: SheetContent) -> Cells:
    return {(row, column): cell for row, column, cell in content.cells}


def _at(title: str, row: int, column: int) -> str:
    return f"{title}!{span(row, column)}"


def _application(opened: Opened) -> str:
    """The program that a file names as its maker, with the version."""
    text = opened.read("docProps/app.xml").decode("utf-8", "replace")
    name, version = (
        found[1] if (found := re.search(rf"<(?:\w+:)?{tag}>([^<]*)<", text)) else ""
        for tag in ("Application", "AppVersion")
    )
    name = name.split("$")[0].replace("/", " ")
    return brief(name if re.search(r"\d", name) else f"{name} {version}".strip(), 60)


def _grouped(changes: list[Found]) -> tuple[Change, ...]:
    """Changes of one kind on one sheet as one, with the first of them."""
    groups: dict[tuple[str, str, bool], list[Found]] = {}
    for change in changes:
        what, where, was, _ = change
        place = where if what == "part of the file" else where.rpartition("!")[0]
        groups.setdefault((what, place, not was), []).append(change)
    return tuple(
        Change(what, where, len(group), was, now) for group in groups.values() for what, where, was, now in group[:1]
    )


__all__ = ["Facets", "whole_file"]
