"""Everything in a workbook file but its cells, as texts that can be compared: names, rules, notes, looks, charts.

openpyxl reads it, so that what is compared is what it means, not how some program has written it.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from lxml import etree
from openpyxl import load_workbook
from openpyxl.workbook.properties import CalcProperties

from sheetgen.cells.a1 import letters
from sheetgen.errors import SheetgenError
from sheetgen.proof.formulas import canonical
from sheetgen.proof.opened import Opened, SheetContent

Facets = dict[str, dict[str, str]]
"""What it is (a `defined name`), then where (or which), then how it is, as text."""
STYLE = ("number format", "font", "fill", "border", "alignment", "protection")
LOOK = frozenset({"font", "fill", "border", "alignment", "column width", "row height", "view", "page", "rule's look"})
"""What another program writes in its own way."""


class Model:
    """What openpyxl makes of a workbook file whose sheets are already read."""

    def __init__(self, opened: Opened, contents: Mapping[str, SheetContent]) -> None:
        self.path, self.contents = opened.path, contents
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.book = load_workbook(_without_cells(opened, contents))
        except Exception as error:  # openpyxl has no base class for what it can't read
            raise SheetgenError(f"{opened.path}: the workbook can't be read ({str(error)[:100]}).") from None
        self.styles: dict[int, tuple[str, ...]] = {}

    def style(self, number: int) -> tuple[str, ...]:
        """How a style of the file looks, in the order of `STYLE`."""
        if number not in self.styles:
            with self.readable():
                self.styles[number] = _style(self.book, number)
        return self.styles[number]

    @contextmanager
    def readable(self) -> Iterator[None]:
        """openpyxl hands out whatever stands in a file, also what isn't there; that comes out here."""
        try:
            yield
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise SheetgenError(f"{self.path}: the workbook can't be read ({str(error)[:100]}).") from None

    def facets(self) -> Facets:
        """All of it but the styles of cells."""
        with self.readable():
            return self._facets()

    def _facets(self) -> Facets:
        found: Facets = {}

        def put(what: str, where: str, how: object) -> None:
            found.setdefault(what, {})[where] = str(how)

        book = self.book
        calculation = book.calculation or CalcProperties()
        put("calculation", "workbook", f"{calculation.calcMode or 'auto'}{', iterates' * bool(calculation.iterate)}"
            f"{'' if calculation.fullPrecision in (None, True) else ', precision as displayed'}")  # fmt: skip
        if book.security is not None and (book.security.lockStructure or book.security.lockWindows):
            put("protection of the workbook", "workbook", "locked")
        for name, defined in book.defined_names.items():
            put("defined name", name, canonical(str(defined.attr_text)) + ", hidden" * bool(defined.hidden))
        for position, sheet in enumerate(book.worksheets):
            put("sheet", sheet.title, f"{sheet.sheet_state}, sheet {position + 1}")
            for what, where, how in _sheet(sheet, self.contents[sheet.title]):
                put(what, f"{sheet.title}!{where}" if where else sheet.title, how)
        return found


def _without_cells(opened: Opened, contents: Mapping[str, SheetContent]) -> io.BytesIO:
    parts = {sheet.part: contents[sheet.title] for sheet in opened.sheets}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name in sorted(opened.names):
            if name in parts:
                root = parts[name].rest
                for rows in root.iter("{*}sheetData"):
                    del rows[:]
                target.writestr(name, etree.tostring(root))
            elif name != "xl/sharedStrings.xml":
                target.writestr(name, opened.read(name))
            else:
                target.writestr(name, '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>')
    buffer.seek(0)
    return buffer


def _sheet(sheet: Any, content: SheetContent) -> Iterator[tuple[str, str, object]]:
    """What, where and how, of everything that belongs to one sheet."""
    for name, defined in sheet.defined_names.items():
        yield "defined name", name, canonical(str(defined.attr_text))
    if sheet.protection.sheet:
        yield "protection of the sheet", "", "locked"
    for area in sheet.merged_cells.ranges:
        yield "merged cells", area.coord, "merged"
    for ranges in sheet.conditional_formatting:
        rules = sorted(ranges.rules, key=lambda rule: rule.priority)
        where = _area(ranges.sqref)
        yield "rule", where, "; ".join(_rule(rule) for rule in rules)
        yield "rule's look", where, "; ".join(_rule_look(rule) for rule in rules)
    for check in sheet.data_validations.dataValidation:
        texts = (check.promptTitle, check.prompt, check.errorTitle, check.error)
        listed = check.type == "list"
        limits = (check.type, "" if listed else check.operator or "between", check.allow_blank, check.showErrorMessage)
        bounds = (check.formula1, None if listed else check.formula2)
        formulas = (canonical(str(bound)) for bound in bounds if bound is not None)
        for cells in _area(check.sqref).split():
            yield "validation", cells, " ".join(map(str, (*limits, *formulas, *(t for t in texts if t))))
    for row in sheet.iter_rows():
        for cell in row:
            if cell.comment is not None:
                yield "note", cell.coordinate, cell.comment.text.strip()
            if cell.hyperlink is not None:
                yield "link", cell.coordinate, canonical(str(cell.hyperlink.location or cell.hyperlink.target))
    yield from _lines(sheet, content)
    for chart in sheet._charts:
        yield "chart", _anchor(chart), _chart(chart)
    for image in sheet._images:
        yield "picture", _anchor(image), "a picture"
    view = sheet.sheet_view
    yield "view", "", f"{sheet.freeze_panes} {view.showGridLines} {view.zoomScale} {view.rightToLeft}"
    page = sheet.page_setup
    yield "page", "", f"{page.orientation} {page.paperSize} {page.scale} {page.fitToWidth} {page.fitToHeight}"
    yield "print area", "", canonical(f"{sheet.print_area} {sheet.print_title_rows} {sheet.print_title_cols}")


def _lines(sheet: Any, content: SheetContent) -> Iterator[tuple[str, str, object]]:
    """Rows and columns that are hidden, or have a size of their own."""
    for row, attributes in content.rows.items():
        if attributes.get("hidden") in ("1", "true") or float(attributes.get("ht", 1)) == 0:
            yield "hidden row", str(row), "hidden"
        elif "ht" in attributes:
            yield "row height", str(row), f"{float(attributes['ht']):.1f}"
    for column in sheet.column_dimensions.values():
        for number in range(column.min or 0, min(column.max or 0, 1000) + 1):
            if column.hidden or column.width == 0:
                yield "hidden column", letters(number), "hidden"
            else:
                yield "column width", letters(number), f"{column.width:.1f}"


def _area(ranges: Any) -> str:
    """Ranges in one order, however they were put together: runs of each row, joined where rows have the same."""
    rows: dict[int, list[tuple[int, int]]] = {}
    tall = []
    for area in ranges.ranges:
        if area.size["rows"] * len(ranges.ranges) > 5000:
            tall.append(area.coord)
            continue
        for row in range(area.min_row, area.max_row + 1):
            rows.setdefault(row, []).append((area.min_col, area.max_col))
    boxes: list[list[int]] = []
    for row, runs in sorted(rows.items()):
        for left, right in _joined(runs):
            above = next((box for box in boxes if box[1:] == [row - 1, left, right]), None)
            if above is not None:
                above[1] = row
            else:
                boxes.append([row, row, left, right])
    named = (f"{letters(c)}{a}:{letters(d)}{b}" for a, b, c, d in sorted(boxes))
    return " ".join([*named, *sorted(tall)])


def _joined(runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for left, right in sorted(runs):
        if joined and left <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(right, joined[-1][1]))
        else:
            joined.append((left, right))
    return joined


def _rule(rule: Any) -> str:
    formulas = " ".join(canonical(str(formula)) for formula in rule.formula)
    return f"{rule.type} {rule.operator or ''} {formulas}".strip()


def _rule_look(rule: Any) -> str:
    if rule.colorScale is not None:
        ends = ((point.type, point.val, _color(color)) for point, color in
                zip(rule.colorScale.cfvo, rule.colorScale.color, strict=False))  # fmt: skip
        return " ".join(map(str, ends))
    look = rule.dxf
    if look is None:
        return ""
    font, fill = look.font, look.fill
    ink = (font.b, font.i, font.u, font.strike, _color(font.color)) if font else ()
    ground = (fill.fill_type, _color(fill.bgColor)) if fill else ()
    edges = [_side(getattr(look.border, edge)) for edge in ("left", "right", "top", "bottom")] if look.border else ()
    return f"{look.numFmt.formatCode if look.numFmt else ''} {ink} {ground} {edges}{' stop' * bool(rule.stopIfTrue)}"


def _style(book: Any, number: int) -> tuple[str, ...]:
    if not 0 <= number < len(book._cell_styles):
        return ("?",) * len(STYLE)
    style = book._cell_styles[number]
    font, fill, border = book._fonts[style.fontId], book._fills[style.fillId], book._borders[style.borderId]
    alignment, protection = book._alignments[style.alignmentId], book._protections[style.protectionId]
    return (
        _number_format(book, style.numFmtId),
        f"{font.name} {font.sz:g} {'bold ' * bool(font.b)}{'italic ' * bool(font.i)}{font.u or ''}{_color(font.color)}",
        f"{fill.fill_type} {_color(fill.fgColor)}" if fill.fill_type else "none",
        " ".join(_side(getattr(border, edge)) for edge in ("left", "right", "top", "bottom")),
        f"{alignment.horizontal or 'general'} {alignment.vertical or 'bottom'} {bool(alignment.wrap_text)} "
        f"{alignment.textRotation or 0} {alignment.indent or 0:g}",
        f"{'locked' if protection.locked else 'open'}{', hidden' * bool(protection.hidden)}",
    )


def _number_format(book: Any, number: int) -> str:
    from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE

    if number < BUILTIN_FORMATS_MAX_SIZE:
        return str(BUILTIN_FORMATS.get(number, "General"))
    own = book._number_formats[number - BUILTIN_FORMATS_MAX_SIZE :][:1]
    return str(own[0]) if own else "?"


def _color(color: Any) -> str:
    if color is None:
        return ""
    if color.type == "rgb":
        return str(color.rgb)[-6:]
    return f"{color.type} {color.value}"


def _side(side: Any) -> str:
    return f"{side.style} {_color(side.color)}" if side is not None and side.style else "–"


def _anchor(drawing: Any) -> str:
    start = getattr(drawing.anchor, "_from", None)
    return f"{letters(start.col + 1)}{start.row + 1}" if start is not None else ""


def _chart(chart: Any) -> str:
    """Its kind, its texts, and what its series refer to."""
    tree = chart._write()
    refs = sorted(canonical(element.text or "").replace("$", "") for element in tree.iter("{*}f"))
    texts = [text for element in tree.iter("{*}t") if (text := (element.text or "").strip()) not in ("", "None")]
    return f"{type(chart).__name__} {' '.join(texts)} {' '.join(refs)}"
