"""The sheet Spec: the text that the workbook was compiled from, and that `verify` reads."""

from __future__ import annotations

import numpy as np

from sheetgen.book import theme
from sheetgen.book.cells import LONGEST_TEXT, Block
from sheetgen.book.frame import Columns, text_frame
from sheetgen.book.sheet import Note, Sheet
from sheetgen.book.styles import Styles
from sheetgen.layout.plan import WorkbookPlan
from sheetgen.names import SPEC


def spec_sheet(plan: WorkbookPlan, styles: Styles) -> Sheet:
    """The spec's text from A1 down, a line per row; a line too long for a cell goes on in the next columns."""
    lines = plan.spec_text.replace("\r\n", "\n").split("\n")
    pieces = [
        [line[k : k + LONGEST_TEXT - 1] for k in range(0, max(1, len(line)), LONGEST_TEXT - 1)] for line in lines
    ]
    values = np.full((len(lines), max(map(len, pieces))), None, dtype=object)
    ids = np.full(values.shape, styles.get(font=theme.MONO), dtype=np.int64)
    for i, parts in enumerate(pieces):
        for j, part in enumerate(parts):
            if part:
                values[i, j], ids[i, j] = part, styles.get(part, font=theme.MONO)
    note = "The spec that this workbook was compiled from. `sheetgen verify` reads it to check every cell."
    frame = text_frame(SPEC, plan.title, columns=(Columns(1, 1, 110),))
    return Sheet(frame, [Block(1, 1, values, ids, what="the spec's text")], notes=(Note(1, 1, note),))
