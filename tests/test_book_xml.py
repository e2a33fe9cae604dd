"""Texts come out of XML as they went in."""

from __future__ import annotations

import pytest
from lxml import etree

from sheetgen.book.xml import escape, quoted


@pytest.mark.parametrize("text", ["", "a < b && c > d", "\"it's\"", "one\n two\tthree", "&#10; &amp;", "Σ = ½ 𝑥"])
def test_texts_come_back(text: str) -> None:
    element = etree.fromstring(f"<t a={quoted(text)}>{escape(text)}</t>")
    assert (element.get("a"), element.text or "") == (text, text)
