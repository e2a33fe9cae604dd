"""One HTML file out of a plan's data, the page's program and the engine: it asks for nothing else, ever."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from sheetgen.book import theme
from sheetgen.web.looks import colors

TEMPLATE = """<!DOCTYPE html>
<!-- The engine in this file is IronCalc, https://www.ironcalc.com:
{licence}-->
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="sheetgen">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header class="top"><div><h1>{title}</h1><p>{about}</p></div><div id="tools"></div></header>
<main id="page" tabindex="-1"></main>
<aside id="side" aria-label="Step by step"></aside>
<noscript>This page calculates in the browser and needs JavaScript.</noscript>
<script id="plan" type="text/plain">{plan}</script>
<script id="engine" type="text/plain">{engine}</script>
<script>{program}</script>
</body>
</html>
"""
POLICY = (
    "default-src 'none'; script-src {program} 'wasm-unsafe-eval'; style-src {style}; base-uri 'none'; "
    "form-action 'none'"
)


def document(data: Mapping[str, Any]) -> str:
    """The HTML of what `handover.hand_over` gave.

    Texts of the spec stand in compressed data, from which the program makes text nodes only, and twice in the head,
    escaped. No other program and no other style than these runs: the policy names both by their hashes.
    """
    program, style = built("runtime.js"), built("style.css") + styles(data)
    policy = POLICY.format(program=hash_of(program), style=hash_of(style))
    return TEMPLATE.format(
        policy=escape(policy), title=escape(str(data["title"])), about=escape(str(data["about"])), style=style,
        plan=packed(json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()),
        engine=_engine(), program=program, licence=built("IRONCALC-LICENSE-MIT.md").replace("--", "- -"),
    )  # fmt: skip


def packed(content: bytes) -> str:
    """Compressed, as text: nothing in it can end an element. The same content gives the same text."""
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()


@cache
def built(name: str) -> str:
    """A file of the bundled program."""
    return (files("sheetgen.web") / "built" / name).read_text(encoding="utf-8")


@cache
def _engine() -> str:
    return base64.b64encode((files("sheetgen.web") / "built" / "engine.wasm.gz").read_bytes()).decode()


def hash_of(text: str) -> str:
    """What a content-security policy calls a program or a style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def styles(data: Mapping[str, Any]) -> str:
    """The theme as CSS, and each style of a cell as a class."""
    return variables() + "".join(_rule(number, style) for number, style in enumerate(data["styles"]))


def variables() -> str:
    """The theme's colours and fonts as CSS variables."""
    fonts = {"font": f'"{theme.FONT}","Liberation Sans",sans-serif', "mono": f'"{theme.MONO}",monospace'}
    names = {name: f"#{color}" for name, color in colors().items() if isinstance(color, str)} | fonts
    return f":root{{{';'.join(f'--{name}:{value}' for name, value in names.items())}}}"


FLEX = {"left": "flex-start", "center": "center", "right": "flex-end"}


def _rule(number: int, style: Mapping[str, Any]) -> str:
    parts = [f"font-size:calc(var(--z,1)*{style['size']}px)", f"color:#{style['ink']}"]
    parts += [f"background-color:#{style['fill']}"] if "fill" in style else []
    parts += ["font-weight:bold"] if "bold" in style else []
    parts += ["white-space:normal"] if "wrap" in style else []
    parts += ["font-style:italic"] if "italic" in style else []
    parts += ["text-decoration:underline"] if "underline" in style else []
    parts += ["writing-mode:vertical-rl;rotate:180deg"] if "upright" in style else []
    if (align := style.get("align")) in FLEX:
        parts.append(f"justify-content:{FLEX[align]};text-align:{align}")
    if line := next((side for side in style.get("sides", ()) if side), None):
        parts.append(f"border-color:#{line[1]};border-style:{'dashed' if line[0] == 'dashed' else 'solid'}")
        parts.append(f"border-width:{2 if line[0] == 'medium' else 1}px")
    return f".s{number}{{{';'.join(parts)}}}"
