"""python read_formulas.py FILE → what PyPI's `formulas` calculates, as JSON like that of read.cjs."""

from __future__ import annotations

import json
import re
import sys

import formulas
import numpy as np
from openpyxl.utils import column_index_from_string


def main(path: str) -> None:
    """Titles come out in capitals, as the library has them."""
    solution = formulas.ExcelModel().loads(path).finish().calculate()
    sheets: dict[str, list[tuple[int, int, object]]] = {}
    for key, cell in solution.items():
        at = re.fullmatch(r"'\[[^\]]*\](.+)'!([A-Z]+)(\d+)", key) if isinstance(key, str) else None
        if at is None:
            continue
        value = np.asarray(cell.value, dtype=object).ravel()[0]
        number = isinstance(value, int | float | np.number)
        text = str(value) if type(value) is str or str(value).startswith("#") else None  # an empty cell's is neither
        place = (int(at[3]), column_index_from_string(at[2]))
        sheets.setdefault(at[1], []).append((*place, float(value) if number else text))
    print(json.dumps([{"title": title, "cells": cells} for title, cells in sheets.items()]))


if __name__ == "__main__":
    main(sys.argv[1])
