"""Draws the pictures of the gallery: `make pictures`.

LibreOffice prints each workbook, poppler turns the canvas (and a backward pass on a sheet of its own)
into pictures, and Pillow cuts the white margins off and saves few colours.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

from sheetgen.cmd.render import render

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
DPI, BORDER, COLORS = 130, 20, 64
FOOTER = 0.93
"""The part of a page's height above its footer."""


def picture(page: Path, target: Path) -> None:
    """Cut a page to what is drawn on it."""
    image = Image.open(page).convert("RGB")
    image = image.crop((0, 0, image.width, int(image.height * FOOTER)))
    box = ImageChops.difference(image, Image.new("RGB", image.size, "white")).getbbox()
    left, top, right, bottom = box
    edges = (
        max(0, left - BORDER),
        max(0, top - BORDER),
        min(image.width, right + BORDER),
        min(image.height, bottom + BORDER),
    )
    image.crop(edges).quantize(COLORS).save(target, optimize=True)


def main(names: list[str]) -> None:
    """Pictures of the workbooks in `output/` of these names, or of all."""
    IMAGES.mkdir(exist_ok=True)
    books = [path for path in sorted((ROOT / "output").glob("*.xlsx")) if not names or path.stem in names]
    with tempfile.TemporaryDirectory() as folder:
        for book in books:
            (pdf,) = render([book], Path(folder), "pdf")
            pages = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, text=True, check=True).stdout.split(
                "\f"
            )
            backward = next((n for n, text in enumerate(pages, 1) if "· backward pass" in text), None)
            for number, suffix in ((1, ""), (backward, "-backward")):
                if number is not None:
                    stem = Path(folder, book.stem + suffix)
                    command = ["pdftoppm", "-png", "-r", str(DPI), "-f", str(number), "-singlefile", pdf, stem]
                    subprocess.run(command, check=True)
                    picture(stem.with_suffix(".png"), IMAGES / f"{book.stem}{suffix}.png")
            print(book.stem, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
