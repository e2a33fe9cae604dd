"""What all charts have in common: fonts, axes, legends."""

from __future__ import annotations

from typing import Any

from openpyxl.chart.legend import Legend
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Font, Paragraph, ParagraphProperties

from sheetgen.book import theme


def text(size: int, bold: bool = False) -> RichText:
    """Text properties; `size` in hundredths of a point."""
    properties = CharacterProperties(sz=size, b=bold, latin=Font(typeface=theme.FONT), solidFill=theme.INK)
    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=properties), endParaRPr=properties)])


def legend() -> Legend:
    """A legend below the chart."""
    below = Legend()
    below.position, below.overlay, below.txPr = "b", False, text(900)
    return below


def show_axes(picture: Any) -> None:
    """Axes with their numbers, in a quiet colour."""
    for axis in (picture.x_axis, picture.y_axis):
        axis.delete = False  # left out, Excel hides the axes
        axis.txPr = text(900)
        axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=theme.RULE))
