"""A page that shows live pages as small pictures, drawn from their data, with links."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from itertools import accumulate
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sheetgen.book import theme
from sheetgen.names import NO_TOPIC
from sheetgen.web.document import hash_of, variables

PLAN = re.compile(r'<script id="plan" type="text/plain">([A-Za-z0-9+/=]*)</script>')
TO_FILL_IN = "To fill in"
WIDE, HIGH = 300, 200
"""Pixels of a picture."""
STYLE = (
    "body{margin:0;font:15px/1.45 var(--font);color:var(--ink);background:var(--desk)}"
    "main{max-width:1320px;margin:0 auto;padding:24px 20px 60px}h1{margin:0 0 4px;font-size:28px}"
    "h2{margin:30px 0 10px;font-size:19px}h3{margin:9px 12px 2px;font-size:16px}"
    "p{margin:0 12px 11px;color:var(--grey);font-size:13.5px}.lead{margin:0;font-size:15px}"
    "ul{list-style:none;margin:0;padding:0;display:grid;gap:16px;"
    "grid-template-columns:repeat(auto-fill,minmax(250px,1fr))}"
    "a{display:block;height:100%;background:var(--white);border:1px solid var(--seam);border-radius:8px;"
    "overflow:hidden;color:inherit;text-decoration:none}a:hover{box-shadow:0 3px 12px rgb(0 0 0/20%)}"
    "a:focus-visible{outline:3px solid var(--focus)}"
    "svg{display:block;width:100%;height:auto;border-bottom:1px solid var(--seam)}"
)
TEMPLATE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src {hash}; base-uri 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Live pages</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>Live pages</h1>
<p class="lead">Every number is a formula. Open one, change a number, and watch it run through the page.</p>
{body}
</main>
</body>
</html>
"""


def index(pages: Sequence[Path], topics: Sequence[str]) -> str:
    """The HTML for pages that `document` wrote, in the folder of all of them, by their topics in this order."""
    groups: dict[str, list[tuple[str, str]]] = {name: [] for name in (*topics, NO_TOPIC, TO_FILL_IN)}
    for page in pages:
        data = data_of(page.read_text(encoding="utf-8"))
        title, about = escape(data["title"]), escape(data["about"])
        entry = (
            f'<li><a href="{quote(page.name)}">{picture(data)}<h3>{title}</h3><p>{about}</p></a></li>'
        )
        topic = TO_FILL_IN if data["sealed"] else data["topic"] or NO_TOPIC
        groups[topic].append((data["title"].casefold(), entry))
    body = "\n".join(
        f"<section><h2>{topic.capitalize()}</h2><ul>\n{chr(10).join(each for _, each in sorted(entries))}\n</ul>"
        "</section>"
        for topic, entries in groups.items() if entries
    )  # fmt: skip
    style = variables() + STYLE
    return TEMPLATE.format(hash=escape(hash_of(style)), style=style, body=body)


def data_of(html: str) -> dict[str, Any]:
    """What was handed over to a page."""
    found = PLAN.search(html)
    if found is None:
        raise ValueError("this is no live page")
    data: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(found[1])))
    return data


def picture(data: Mapping[str, Any]) -> str:
    """The top of the first sheet: numbers and colours only, no text of the spec."""
    sheet = data["sheets"][0]
    xs, ys = ([0, *accumulate(sheet[name])] for name in ("columns", "rows"))
    scale = WIDE / max(1, xs[-1])
    parts: list[str] = []

    def box(at: Sequence[int], fill: str, stroke: str = "none", dashed: bool = False) -> None:
        row, column, rows, columns = at
        x, y = xs[column - 1] * scale, ys[row - 1] * scale
        right, bottom = xs[min(column - 1 + columns, len(xs) - 1)], ys[min(row - 1 + rows, len(ys) - 1)]
        if y < HIGH:
            dash = ' stroke-dasharray="2 1"' if dashed else ""
            parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{right * scale - x:.1f}" '
                         f'height="{bottom * scale - y:.1f}" fill="{fill}" stroke="{stroke}"{dash}/>')  # fmt: skip

    for first, last, shaded, _ in sheet["bands"]:
        box((first, 1, last - first + 1, len(xs) - 1), f"#{theme.SHADE}" if shaded else f"#{theme.WHITE}")
    for region in sheet["regions"]:
        style = data["styles"][region["style"] if isinstance(region["style"], int) else region["style"][0]]
        line = next((side for side in region["frame"] if side), None)
        box(region["at"], f"#{style.get('fill', theme.WHITE)}", f"#{line[1]}" if line else "none",
            line is not None and line[0] == "dashed")  # fmt: skip
        _digits(parts, region, style, xs, ys, scale)
    for chart in sheet["charts"]:
        box(chart["at"], f"#{theme.WHITE}", f"#{theme.THIN_RULE}")
        if chart["kind"] == "graph":
            _graph(parts, chart, sheet["regions"], xs, ys, scale)
    return f'<svg viewBox="0 0 {WIDE} {HIGH}" aria-hidden="true">{"".join(parts)}</svg>'


MOST = 250
"""Cells of a matrix whose numbers are hinted at."""


def _digits(
    parts: list[str], region: Mapping[str, Any], style: Mapping[str, Any], xs: Sequence[int], ys: Sequence[int],
    scale: float,
) -> None:  # fmt: skip
    """A dash for each number."""
    row, column, rows, columns = region["at"]
    if rows * columns > MOST or ys[row - 1] * scale > HIGH:
        return
    path = "".join(
        f"M{(xs[column - 1 + j] + xs[column + j]) / 2 * scale - 2:.1f} "
        f"{(ys[row - 1 + i] + ys[row + i]) / 2 * scale:.1f}h4"
        for i in range(rows) for j in range(columns)
    )  # fmt: skip
    parts.append(f'<path d="{path}" stroke="#{style["ink"]}" stroke-width="1.6" fill="none" opacity=".75"/>')


def _graph(
    parts: list[str], chart: Mapping[str, Any], regions: Sequence[Mapping[str, Any]], xs: Sequence[int],
    ys: Sequence[int], scale: float,
) -> None:  # fmt: skip
    """Edges and nodes where the chart has them."""
    row, column, rows, columns = chart["at"]
    left, top = xs[column - 1] * scale, ys[row - 1] * scale
    wide = xs[min(column - 1 + columns, len(xs) - 1)] * scale - left
    high = ys[min(row - 1 + rows, len(ys) - 1)] * scale - top
    size = max(1.5, min(6.0, min(wide, high) / len(chart["positions"]) ** 0.5 / 5))
    spots = [(left + (0.1 + 0.8 * x) * wide, top + (0.15 + 0.7 * (1 - y)) * high) for x, y in chart["positions"]]
    edges = next((r["values"] for r in regions if r["matrix"] == chart["adjacency"]), [0] * len(spots) ** 2)
    lines = "".join(
        f"M{spots[u][0]:.1f} {spots[u][1]:.1f}L{spots[v][0]:.1f} {spots[v][1]:.1f}"
        for u in range(len(spots)) for v in range(u) if edges[u * len(spots) + v]
    )  # fmt: skip
    parts.append(f'<path d="{lines}" stroke="#{theme.LINE}" stroke-width=".7" fill="none"/>')
    for x, y in spots:
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" fill="#{theme.LIKELIHOOD[3]}"/>')
