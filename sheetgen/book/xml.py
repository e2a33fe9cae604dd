"""Texts within XML. Python's own `xml.sax.saxutils` would do, but it loads all of HTTP, which takes a moment."""

from __future__ import annotations

import re


def escape(text: str) -> str:
    """`text` between tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quoted(text: str) -> str:
    """`text` as the value of an attribute, with its quotes."""
    return '"' + re.sub(r'["\n\r\t]', lambda found: f"&#{ord(found[0])};", escape(text)) + '"'
