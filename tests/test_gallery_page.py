"""docs/gallery.md shows every spec that comes with sheetgen under its topic, those of output/ with their pictures.

`python tests/test_gallery_page.py` writes the lists of the others anew.
"""

from __future__ import annotations

import re
from pathlib import Path

from by_specs import GALLERY, ROOT, SHIPPED

from sheetgen.spec.heading import Heading, heading
from sheetgen.spec.model import TOPICS

PAGE = ROOT / "docs" / "gallery.md"
SECTION = re.compile(r"^### (.+)\n", re.M)


def head(path: Path) -> Heading:
    found = heading(path)
    assert found is not None, path
    return found


def more(topic: str) -> str:
    """A line for each spec of a topic that is built only by its name; empty if there is none."""
    others = [path for path in SHIPPED if path not in GALLERY and head(path).topic == topic]
    rows = [
        f"| [{head(path).title}](../specs/more/{path.name}) | {head(path).about} | `sheetgen build {path.stem}` |"
        for path in others
    ]
    return "\n".join(["| more | | |", "|---|---|---|", *rows]) if rows else ""


def filled(page: str) -> str:
    """The page with its lists as they should be."""
    for topic in TOPICS:
        pattern = rf"(<!-- more: {topic} -->\n).*?(<!-- end -->)"
        text = more(topic) and more(topic) + "\n"
        page, count = re.subn(pattern, lambda found, text=text: found[1] + text + found[2], page, flags=re.S)
        assert count == 1, f"docs/gallery.md has no place for more of {topic}"
    return page


def chapters() -> dict[str, str]:
    """What stands under each heading of a topic, in the order of the page."""
    _, *parts = re.split(r"^## (.+)\n", PAGE.read_text(encoding="utf-8"), flags=re.M)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_topics_stand_in_their_order() -> None:
    assert list(chapters()) == [topic.capitalize() for topic in TOPICS]


def test_the_lists_are_what_the_specs_say() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert filled(page) == page, "run `python tests/test_gallery_page.py`"


def test_every_workbook_has_a_section_with_its_picture_under_its_topic() -> None:
    shown = {}
    for topic, text in chapters().items():
        for title, section in zip(SECTION.findall(text), SECTION.split(text)[2::2], strict=True):
            (name,) = re.findall(r"\[spec\]\(\.\./specs/(\w+)\.yaml\) · \[workbook\]\(\.\./output/\1\.xlsx\)", section)
            assert f"(images/{name}.png)" in section, title
            shown[name] = topic
    assert shown == {path.stem: head(path).topic.capitalize() for path in GALLERY}
    files = re.findall(r"\(images/([\w-]+\.png)\)", PAGE.read_text(encoding="utf-8"))
    assert [name for name in files if not (ROOT / "docs" / "images" / name).is_file()] == []


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
