"""How everything looks: the only place that knows a colour, a font, a border or a number format.

Lightness and line style tell the roles apart as well as hue does, so that a grey print and
colour-blind eyes can read the sheet: parameters have a thick outline, copies a dashed one,
targets white digits on dark grey.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.styleable import StyleableObject

from sheetgen.layout import measure
from sheetgen.layout.plan import Role

FONT, MONO, SIZE = "Arial", "Courier New", 10
INK, GREY, FAINT = "262626", "595959", "808080"
FORWARD_INK, BACKWARD_INK, RED = "9C4A00", "0B4F9E", "D00000"
WHITE, YELLOW, RULE = "FFFFFF", "FFF2CC", "BFBFBF"
ZERO_FILL, ZERO_INK = "6B6B6B", "FFFFFF"
EDGE_ON = "8CC07A"
MARKER = "FFE566"
HEAT = ("FFFFFF", "FDBE6F", "E8762C")
DIVERGING = ("7FB1DE", "FFFFFF", "F0A860")

@dataclass(frozen=True)
class Look:
    """How the cells of a role look; sides are (style, colour) pairs or None."""

    ink: str = FORWARD_INK
    fill: str | None = None
    outline: tuple[str, str] | None = ("thin", FAINT)
    inner: tuple[str, str] | None = ("thin", RULE)
    bold: bool = False
    italic: bool = False


LOOKS = {
    Role.INPUT: Look(INK, YELLOW, ("thin", "8A6D1B"), ("thin", "D6BC6A")),
    Role.PARAMETER: Look(INK, None, ("medium", RED), ("thin", "A6A6A6")),
    Role.BIAS: Look(INK, "D9D9D9", ("medium", RED), ("thin", "A6A6A6")),
    Role.CONSTANT: Look(INK, "F2F2F2", ("thin", GREY), ("thin", RULE)),
    Role.TARGET: Look(WHITE, GREY, ("thin", INK), ("thin", "A6A6A6"), bold=True),
    Role.ADJACENCY: Look(INK, "E4F1DC", ("medium", "3F7A2A"), ("thin", "A9CF97")),
    Role.GCN: Look(FORWARD_INK, "E6DDF2", ("thin", "6A3D9A"), ("thin", "BFA8DC"), bold=True),
    Role.FORWARD: Look(FORWARD_INK, None, ("thin", FAINT), ("thin", RULE), bold=True),
    Role.ACTIVATION: Look(FORWARD_INK, "DDEFD2", ("thin", "4D7F33"), ("thin", "A9CF97"), bold=True),
    Role.OUTPUT: Look(FORWARD_INK, "D6E6F7", ("thin", "2E75B6"), ("thin", "9DC3E6"), bold=True),
    Role.GRADIENT: Look(BACKWARD_INK, None, ("thin", "5B84C4"), ("thin", "B4C7E7"), bold=True),
    Role.UPDATED: Look(INK, None, ("mediumDashed", RED), ("thin", RULE)),
    Role.ONES: Look(FAINT, None, None, None),
    Role.COPY: Look(GREY, None, ("dashed", FAINT), ("hair", RULE), italic=True),
    Role.HEATMAP: Look(INK, None, ("thin", "8A5A1B"), ("thin", "E0C9A6"), bold=True),
    Role.VERDICT: Look(INK, "F2F2F2", ("thin", FAINT), ("thin", RULE), bold=True),
}

LABEL_INK = {
    Role.INPUT: "7F6000",
    Role.PARAMETER: "B00000",
    Role.BIAS: GREY,
    Role.TARGET: INK,
    Role.ADJACENCY: "38761D",
    Role.GCN: "6A3D9A",
    Role.FORWARD: FORWARD_INK,
    Role.ACTIVATION: "38761D",
    Role.OUTPUT: "1F5A93",
    Role.GRADIENT: BACKWARD_INK,
    Role.UPDATED: "B00000",
    Role.HEATMAP: "8A5A1B",
}
"""Colour of names and arrows that belong to a role, dark enough to read on white."""

LABELS: dict[str, dict[str, Any]] = {
    "title": {"size": 20, "bold": True, "color": INK},
    "subtitle": {"size": 11, "color": GREY},
    "section": {"size": 12, "bold": True, "color": INK},
    "name": {"size": 10, "bold": True, "color": INK},
    "shape": {"size": 8, "color": FAINT},
    "arrow": {"size": 11, "color": GREY},
    "function": {"size": 9, "italic": True, "color": GREY},
    "label": {"size": 9, "color": GREY},
    "sentence": {"size": 10, "color": INK},
    "hint": {"size": 9, "italic": True, "color": FAINT},
    "number": {"size": 11, "bold": True, "color": FORWARD_INK},
    "key": {"size": 9, "color": GREY},
}

PHASE_FILL = {"forward": "FBE5D0", "backward": "D6E6F7", "update": "F9D5D5", "after": "E4F1DC"}
LIKELIHOOD = ("EBEBEB", "CADFF1", "97C4E6", "5BA3D6", "2E86C1")
"""Node colours from `very unlikely` to `very likely`: ever darker, so that grey print keeps the order."""
POSITIVE, NEGATIVE = "E39A5B", "6FA8DC"
"""Weights in a diagram, by their sign."""
RESTING, HIDDEN = "D9D9D9", "B7D7A8"
"""A neuron at 0, and one that is awake."""
SERIES = ("2E75B6", "D55E00", "3F7A2A", "6A3D9A", "8A6D1B", "595959")

TIERS = (
    (f"ABS({{a}})>={measure.SCIENTIFIC}", "0.0E+0"),
    ("ROUND({a},2)=ROUND({a},0)", "[>=0.5]0;[<=-0.5]-0;0"),
    ("ROUND({a},2)=ROUND({a},1)", "0.0"),
)
"""Conditional number formats over the base `0.00`: 2 shows as 2 and 0.5 as 0.5. `{a}` is the cell."""


def side(line: tuple[str, str] | None) -> Side:
    """openpyxl's border side from (style, colour)."""
    return Side(style=line[0], color=line[1]) if line else Side()


def fill(color: str | None) -> PatternFill:
    """openpyxl's solid fill, or none."""
    return PatternFill("solid", start_color=color) if color else PatternFill()


class Styles:
    """Registers each style once in an openpyxl sheet's workbook and hands out its id."""

    def __init__(self, sheet: Any) -> None:
        self.sheet, self.ids = sheet, {}  # type: Any, dict[Any, int]

    def get(
        self,
        *,
        size: float = SIZE,
        bold: bool = False,
        italic: bool = False,
        underline: bool = False,
        color: str = INK,
        font: str = FONT,
        background: str | None = None,
        sides: tuple[tuple[str, str] | None, ...] = (None, None, None, None),
        number: str = "General",
        align: str = "left",
        vertical: str = "center",
        wrap: bool = False,
        text: str = "",
    ) -> int:
        """A style's id. `sides` are left, top, right, bottom; `text` is what stands in the cell, if it is text."""
        quote = text.startswith(("=", "+", "-", "@"))
        key = (size, bold, italic, underline, color, font, background, sides, number, align, vertical, wrap, quote)
        if key not in self.ids:
            cell = StyleableObject(self.sheet)
            cell.font = Font(
                name=font, size=size, bold=bold, italic=italic, color=color, underline="single" if underline else None
            )
            cell.fill = fill(background)
            left, top, right, bottom = (side(line) for line in sides)
            cell.border = Border(left=left, top=top, right=right, bottom=bottom)
            cell.number_format = number
            cell.alignment = Alignment(horizontal=align, vertical=vertical, wrap_text=wrap)
            if quote:
                cell.quotePrefix = True
            self.ids[key] = cell.style_id
        return self.ids[key]

    def number(self, look: Look, sides: tuple[bool, bool, bool, bool], number: str, italic: bool = False) -> int:
        """A region's cell; `sides` says for left, top, right, bottom whether that side is on the outline."""
        lines = tuple(look.outline if outer else look.inner for outer in sides)
        return self.get(
            bold=look.bold, italic=look.italic or italic, color=look.ink, background=look.fill, sides=lines,
            number=number, align="center",
        )  # fmt: skip

    def label(self, style: str, align: str, role: Role | None, text: str, link: bool = False) -> int:
        """A label's cell."""
        options = dict(LABELS[style])
        if role is not None and role in LABEL_INK:
            options["color"] = LABEL_INK[role]
        return self.get(**options, align=align, text=text, underline=link)
