"""How everything looks: the only place that knows a colour, a font or the size of a text.

Lightness and line style tell the roles apart as well as hue does, so that a grey print and
colour-blind eyes can read the sheet: parameters have a thick outline, copies a dashed one,
targets white digits on dark grey. Text has a contrast of at least 4.5 : 1 to its ground, lines 3 : 1.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sheetgen.layout.chart import Paint
from sheetgen.layout.measure import SIZE as SIZE
from sheetgen.layout.measure import SMALLEST_PRINT as SMALLEST_PRINT
from sheetgen.layout.plan import LabelStyle, Role, Tint

FONT, MONO = "Arial", "Courier New"
TITLE, LARGE, SMALL, SMALLER, CRAMPED, TINY = 16, 12, 9, 8, 7, 5
"""Sizes of the title of Steps, of a loss, of what stands beside, of words in cells and below the page, of numbers in a
crowded diagram, and of the digits that a large heat map doesn't show."""
INK, GREY, QUIET = "262626", "595959", "636363"
FORWARD_INK, BACKWARD_INK, RED, GREEN = "9C4A00", "0B4F9E", "D00000", "375623"
WHITE, SHADE, YELLOW, BADGE = "FFFFFF", "F7F7F7", "FFF2CC", "404040"
LINE, HAIR, RULE = "808080", "757575", "8C8C8C"
FAINT, THIN_RULE, GRID = "C9C9C9", "BFBFBF", "DADADA"
"""Lines between the cells of a heat map without digits; between the rows of Steps and around charts; within charts."""
ZERO_FILL, ZERO_INK = "6B6B6B", "FFFFFF"
GRADIENT_HUE = "5B84C4"
"""The outline of a gradient, and its lines."""
EDGE_ON = "8CC07A"
COMPUTED, OPERAND = "FFD84D", "BFEAF5"
"""What the current step computes, and what it reads."""
PICKED = "FFE699"
"""Cells that are picked out."""
PALE = "757575"
RIGHT_FILL, WRONG, WRONG_FILL, DONE, TRACK = "DDEFD2", "9C0006", "FFC7CE", "4A7F2C", "E3E3E3"
"""An answer that is right, one that is wrong, what is done, and what there is to do."""
NOTE = "FFFFE1"
CHROME = {
    "desk": "E9E7E1", "panel": "FBFAF8", "hover": "F4F2EC", "seam": "D5D2C9", "knob": "8C8C8C", "idle": "767676",
    "focus": "1B6AC9", "live": "2E8B2E", "busy": "B07C00", "touched": "B35F00",
}  # fmt: skip
"""What lies around the sheet on a live page: grounds, lines, what has the focus, how the engine is."""

Line = tuple[str, str]
"""Style and colour."""


class Sides(NamedTuple):
    """The lines around a cell."""

    left: Line | None = None
    top: Line | None = None
    right: Line | None = None
    bottom: Line | None = None


@dataclass(frozen=True)
class Look:
    """How the cells of a role look."""

    ink: str = FORWARD_INK
    fill: str | None = WHITE
    """None is the ground."""
    outline: Line | None = ("thin", LINE)
    inner: Line | None = ("hair", HAIR)
    bold: bool = False
    italic: bool = False


TOTALS = {Role.FORWARD: "FBEBDD", Role.GRADIENT: "E6EEF9"}
"""The fill of what is summed up along the edge of its matrix."""
CHOSEN = Look(INK, PICKED)
"""Of cells that are picked out."""
LOOKS = {
    Role.INPUT: Look(INK, YELLOW, ("thin", "8A6D1B")),
    Role.PARAMETER: Look(INK, outline=("medium", RED)),
    Role.BIAS: Look(INK, "D9D9D9", ("medium", RED)),
    Role.CONSTANT: Look(INK, "F2F2F2", ("thin", GREY)),
    Role.TARGET: Look(WHITE, GREY, ("thin", INK), ("hair", "B5B5B5"), bold=True),
    Role.ADJACENCY: Look("4E6843", "E4F1DC", ("medium", "3F7A2A")),
    Role.GCN: Look(FORWARD_INK, "E9E1F4", ("thin", "6A3D9A"), bold=True),
    Role.FORWARD: Look(bold=True),
    Role.ACTIVATION: Look(GREEN, "DDEFD2", ("thin", "4D7F33"), bold=True),
    Role.MEMORY: Look("0B5752", "D5EEEA", ("thin", "0B7A75"), bold=True),
    Role.OUTPUT: Look(FORWARD_INK, "D6E6F7", ("thin", "2E75B6"), bold=True),
    Role.GRADIENT: Look(BACKWARD_INK, outline=("thin", GRADIENT_HUE), bold=True),
    Role.UPDATED: Look(INK, outline=("medium", RED)),
    Role.ONES: Look(QUIET, None, None, None),
    Role.COPY: Look("5F5F5F", outline=("dashed", LINE), italic=True),
    Role.HEATMAP: Look(INK, outline=("thin", "8A5A1B"), bold=True),
    Role.VERDICT: Look(INK, outline=("thin", "2E75B6"), bold=True),
    Role.BLANK: Look(INK, "FBE5D6", ("medium", "C55A11"), ("thin", "C55A11")),
    Role.ENTRY: Look(INK, WHITE, ("thin", "C55A11")),
}
BLANK_BIAS = "F8CBAD"
"""A blank that is a bias."""

LABEL_INK = {
    Role.INPUT: "7F6000",
    Role.PARAMETER: "B00000",
    Role.BIAS: GREY,
    Role.TARGET: INK,
    Role.ADJACENCY: GREEN,
    Role.GCN: "6A3D9A",
    Role.FORWARD: FORWARD_INK,
    Role.ACTIVATION: GREEN,
    Role.MEMORY: "0B5752",
    Role.OUTPUT: "1F5A93",
    Role.GRADIENT: BACKWARD_INK,
    Role.UPDATED: "B00000",
    Role.COPY: QUIET,
    Role.HEATMAP: "8A5A1B",
}
"""Colour of names and arrows that belong to a role."""

HUES = ("404040", "8A3FA8", "2B7F4F", "1F6FB2", "B5560B", "A3243B", "4F6B00", "0B7A75")
"""Frames are the first; rails and turns take the others in turn."""


PALENESS = 18
"""Per cent of a turn's colour in the fill of what comes from it."""


@dataclass(frozen=True)
class Type:
    """How a text looks."""

    size: float = SIZE
    bold: bool = False
    italic: bool = False
    color: str = INK
    fill: str | None = None


LABELS: dict[LabelStyle, Type] = {
    "title": Type(20, bold=True),
    "subtitle": Type(10, color=GREY),
    "badge": Type(11, bold=True, color=WHITE, fill=BADGE),
    "section": Type(12, bold=True),
    "equation": Type(9.5, color=FORWARD_INK),
    "sentence": Type(9, color=QUIET),
    "head": Type(10, bold=True),
    "turn": Type(11, bold=True),
    "name": Type(10, bold=True),
    "arrow": Type(10, color=QUIET),
    "function": Type(8, italic=True, color=QUIET),
    "label": Type(9, color=QUIET),
    "note": Type(9, italic=True, color=QUIET),
    "hint": Type(9, italic=True, color=QUIET),
    "shape": Type(8, color=QUIET),
    "number": Type(11, bold=True, color=FORWARD_INK),
    "key": Type(9, color=GREY),
}

PHASE_FILL = {"forward": "FBE5D0", "backward": "D6E6F7", "update": "F9D5D5", "after": "E4F1DC"}
LIKELIHOOD = ("F2F2F2", "D0E3F3", "B0D4EF", "8CC1E8", "68ADE0")
"""Node colours from `very unlikely` to `very likely`: ever darker, so that grey print keeps the order."""
POSITIVE, NEGATIVE = "C8641B", "3B7DB8"
"""Weights in a diagram, by their sign."""
RESTING, GIVEN, HIDDEN = "D9D9D9", "FFD966", "B7D7A8"
"""A neuron at 0, one of the input, and one that is awake."""
SERIES = ("2E75B6", "595959", "D55E00", "3F7A2A", "6A3D9A", "8A6D1B")
PREDICTION, AFTER, AFTER_LINE = "2E75B6", "9DC3E6", "D55E00"
"""What is predicted, and what after the update; a line of that is too thin to be pale."""
PAINTS: Mapping[Paint, str] = {"prediction": PREDICTION, "target": GREY, "after": AFTER}
HEATS = {Role.ADJACENCY: ("FFFFFF", "7DB868", "3B5C20"), Role.GCN: ("FFFFFF", "B79FD9", "6A3D9A")}
HEAT, DIVERGING = ("FFFFFF", "FDBE6F", "E8762C"), ("7FB1DE", "FFFFFF", "F0A860")


def tint(of: Tint) -> str | None:
    """The fill of a role, or the pale colour of a turn."""
    if isinstance(of, Role):
        return LOOKS[of].fill
    return "".join(f"{255 - (255 - int(hue(of)[k : k + 2], 16)) * PALENESS // 100:02X}" for k in (0, 2, 4))


def hues_beside(kinds: Collection[Paint]) -> list[str]:
    """The colours of series by number, without that of a target if there is one among them."""
    return [hue for hue in SERIES if hue != GREY or "target" not in kinds]


def paint(kind: Paint, number: int, hues: Sequence[str] = SERIES) -> str:
    """The colour of a series of a chart, by its kind or its number."""
    return PAINTS.get(kind) or hues[number % len(hues)]


def hue(number: int) -> str:
    """The colour of a rail, a frame or a turn."""
    return GRADIENT_HUE if number < 0 else HUES[0] if number == 0 else HUES[1 + (number - 1) % (len(HUES) - 1)]

