"""Draws the moving picture of a live page, in Debian's Chromium: `make pictures`."""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Page, sync_playwright

from sheetgen.api import compile

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "images" / "live-gcn.webp"
SIZE, WIDE, QUALITY = {"width": 1280, "height": 720}, 1000, 72
HAND = ((0, 0), (0, 17), (4, 13), (7, 19), (10, 18), (7, 12), (12, 12))
"""A pointer's outline."""


class Film:
    """Pictures one after the other, each with its time in milliseconds."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.frames: list[tuple[Image.Image, int]] = []

    def shoot(self, time: int, at: tuple[float, float] | None = None) -> None:
        """The page as it is, with a pointer at a place."""
        image = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        if at is not None:
            outline = [(at[0] + x, at[1] + y) for x, y in HAND]
            ImageDraw.Draw(image).polygon(outline, fill="black", outline="white")
        self.frames.append((image.resize((WIDE, WIDE * image.height // image.width), Image.Resampling.LANCZOS), time))

    def middle(self, selector: str) -> tuple[float, float]:
        """Where an element stands."""
        box = self.page.locator(selector).first.bounding_box()
        if box is None:
            raise SystemExit(f"{selector} isn't on the page")
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def save(self, target: Path) -> None:
        first, *others = [image for image, _ in self.frames]
        times = [time for _, time in self.frames]
        first.save(target, save_all=True, append_images=others, duration=times, loop=0, quality=QUALITY, method=6)


def main() -> None:
    """Switch an edge, look at the verdict, ask where a number comes from, and play some steps."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = compile(ROOT / "specs" / "gcn.yaml").save_html(Path(folder, "gcn.html"))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE)
        page.emulate_media(reduced_motion="reduce")
        page.goto(path.resolve().as_uri())
        page.wait_for_selector("html[data-state=live]", state="attached")
        film = Film(page)
        film.shoot(1500)
        edge = '[role=switch][aria-label="edge A – E"]'
        film.shoot(700, film.middle(edge))
        page.locator(edge).dispatch_event("click")
        page.wait_for_selector(f"{edge}[aria-checked=true]", state="attached")
        film.shoot(1500, film.middle(edge))
        for top in (150, 300, 450, 600, 750, 900):
            page.evaluate("(top) => document.querySelector('#page').scrollTo(0, top)", top)
            page.wait_for_timeout(80)
            film.shoot(120)
        film.shoot(1200)
        cell = '.cell[aria-label^="z, column A"]'
        page.locator(cell).first.click()
        page.wait_for_timeout(200)
        film.shoot(2800, film.middle(cell))
        page.keyboard.press("Escape")
        page.evaluate("document.querySelector('#page').scrollTo(0, 0)")
        for step in (3, 4, 5):
            page.evaluate("(step) => sheetgen.player.goTo(step)", step)
            page.wait_for_timeout(300)
            film.shoot(1100)
        browser.close()
        film.save(TARGET)
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size // 1000} kB", file=sys.stderr)


if __name__ == "__main__":
    main()
