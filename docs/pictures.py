"""Draws the pictures of the gallery: `make pictures`.

LibreOffice prints each workbook, poppler turns the pages of the Canvas (and of the Gradients, if they have a sheet)
into pictures, and Pillow puts them below one another, without margins and in few colours. A workbook that is trained
also has a picture of its Canvas in the last epoch. `exercises` draws an exercise: blank, half filled in, and finished;
`warm-up`, the page of small exercises; `mistake`, a page with a wrong number; `tutorial`, what the tutorial's specs
make; `class-report`, the report on a made-up class, which WeasyPrint draws (it needs Pango).
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops

from sheetgen.api import compile, compile_text, recompiled
from sheetgen.api import exercises as small_exercises
from sheetgen.book import workbook
from sheetgen.cmd.render import render
from sheetgen.exercise.exercise import answers, exercise, typed
from sheetgen.grade.report import report
from sheetgen.ir.exercise import Task
from sheetgen.layout.plan import Region, Role
from sheetgen.passes.evaluate import value_of

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
DPI, BORDER, COLORS, MOST_PAGES = 110, 16, 64, 3
SHEETS = {"Canvas": "", "Gradients": "-gradients", "Training": "-training"}
"""What the pictures of each sheet are called by, behind the workbook's name."""
FOOTER = 0.93
"""The part of a page's height above its footer."""


def trimmed(page: Path) -> Image.Image:
    """A page cut to what is drawn on it."""
    image = Image.open(page).convert("RGB")
    image = image.crop((0, 0, image.width, int(image.height * FOOTER)))
    left, top, right, bottom = ImageChops.difference(image, Image.new("RGB", image.size, "white")).getbbox()
    right, bottom = min(image.width, right + BORDER), min(image.height, bottom + BORDER)
    return image.crop((max(0, left - BORDER), max(0, top - BORDER), right, bottom))


def picture(pages: list[Path], target: Path) -> None:
    """A sheet's pages below one another."""
    images = [trimmed(page) for page in pages]
    whole = Image.new("RGB", (max(i.width for i in images), sum(i.height for i in images)), "white")
    top = 0
    for image in images:
        whole.paste(image, (0, top))
        top += image.height
    whole.quantize(COLORS).save(target, optimize=True)


def sheet_pages(pdf: Path) -> dict[str, list[int]]:
    """The numbers of each drawn sheet's pages, by the name in their footers."""
    texts = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    found: dict[str, list[int]] = {}
    for number, text in enumerate(texts.split("\f"), 1):
        footer = text.strip().rpartition("\n")[2]
        for title in SHEETS:
            if f" {title} " in footer:
                found.setdefault(title, []).append(number)
    return found


def at_last(book: Path, folder: Path) -> Path | None:
    """A copy of a workbook that is trained, with its last epoch typed into the cell Epoch."""
    with zipfile.ZipFile(book) as parts:
        files = {name: parts.read(name) for name in parts.namelist()}
    cell = re.search(rb'name="Epoch"[^>]*>[^<]*!\$([A-Z]+)\$(\d+)<', files["xl/workbook.xml"])
    if cell is None:
        return None
    run = recompiled(book).trained
    assert run is not None
    canvas = "xl/worksheets/sheet1.xml"
    typed = rb"\g<1>%d\g<2>" % run.training.train.epochs
    files[canvas] = re.sub(rb'(<c r="%s%s"[^>]*><v>)[^<]*(</v>)' % cell.groups(), typed, files[canvas])
    target = folder / f"{book.stem}-learned.xlsx"
    with zipfile.ZipFile(target, "w") as parts:
        for name, data in files.items():
            parts.writestr(name, data)
    return target


LESSON = Task(("Z1", "A1", "Z2", "A2", "dL_dZ3", "dL_dW3"), 2)
"""Of the backpropagation: what its exercise in the pictures leaves empty."""


def exercises(folder: Path) -> list[Path]:
    """The exercise in three states; in the second one Z1 has a slip, and A2 is begun."""
    whole = compile(ROOT / "specs" / "backpropagation.yaml")
    made = exercise(whole.plan, whole.program, whole.values, LESSON)
    right = answers(made)
    half = {key: np.array(right[key]) for key in ("Z1", "A1", "Z2", "A2")}
    half["Z1"][3], half["A1"][3], half["A2"][2:] = 2.0, 2.0, np.nan
    half["Z2"] = whole.values["W2"] @ half["A1"] + whole.values["b2"]
    half["A2"][:2] = np.maximum(half["Z2"], 0)[:2]
    files = []
    for name, numbers in {"blank": {}, "half": half, "done": right}.items():
        files.append(folder / f"exercise-{name}.xlsx")
        workbook.write(typed(made, numbers), files[-1])
    return files


def warm_up(folder: Path) -> list[Path]:
    """The page of small exercises: five are done, and the sixth has a slip."""
    page = small_exercises(ROOT / "specs" / "exercises" / "warm_up.yaml")
    right = {region.key: region.values for region in page.key.sheets[0].regions
             if region.role is Role.BLANK or region.open is not None}  # fmt: skip
    begun = {key: np.array(value) for key, value in right.items() if int(key.split("_")[0]) <= 6}
    begun["6_p"][0, 1], begun["6_p"][0, 2] = 0.24, np.nan

    def filled(region: Region) -> Region:
        found = begun.get(region.key)
        return region if found is None else replace(region, values=np.nan_to_num(found), empty=np.isnan(found))

    canvas, *others = page.plan.sheets
    plan = replace(page.plan, sheets=(replace(canvas, regions=tuple(map(filled, canvas.regions))), *others))
    workbook.write(plan, folder / "warm-up.xlsx")
    return [folder / "warm-up.xlsx"]


def mistakes(folder: Path) -> list[Path]:
    """A page with a mistake, as students get it."""
    return [compile(ROOT / "specs" / "gcn.yaml").mistake(7).save(folder / "mistake.xlsx")]


def tutorial(folder: Path) -> list[Path]:
    """A workbook of each spec in the tutorial, in order."""
    page = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    specs = re.findall(r"^```yaml\n(title:.*?)^```$", page, re.S | re.M)
    return [compile_text(spec).save(folder / f"tutorial-{number}.xlsx") for number, spec in enumerate(specs, 1)]


Slip = tuple[str, int, int, float]
CLASS: list[tuple[str, Slip | None, int]] = [
    ("01", None, 6), ("02", ("Z1", 3, 0, 2), 6), ("03", None, 6), ("04", ("Z1", 1, 0, 7), 6),
    ("05", ("dL_dZ3", 0, 0, -0.5), 6), ("06", ("Z2", 1, 0, -2), 6), ("07", None, 6), ("08", ("A1", 2, 0, -1), 6),
    ("09", ("Z1", 3, 0, 3), 5), ("10", ("Z1", 0, 0, 3), 6), ("11", None, 6), ("12", ("Z1", 2, 0, 5), 6),
    ("13", ("Z2", 0, 0, 3), 6), ("14", ("A1", 2, 0, 1), 6), ("15", None, 4), ("16", ("Z1", 3, 0, 2), 6),
    ("17", ("Z2", 3, 0, 5), 6), ("18", ("dL_dW3", 1, 0, 0.5), 6), ("19", None, 6), ("20", ("Z1", 1, 0, 7), 3),
    ("21", ("A2", 1, 0, -4), 6), ("22", ("dL_dZ3", 1, 0, 0.5), 6), ("23", None, 6), ("24", ("Z1", 3, 0, 2), 5),
]  # fmt: skip
"""A made-up class: a number, a wrong number (matrix, row and column from 0), and how many matrices are filled in."""


def class_report(folder: Path) -> Path:
    """The report on `CLASS`, whose students go on rightly after their slips, as a PDF."""
    from weasyprint import HTML  # type: ignore[import-not-found, unused-ignore]

    whole = compile(ROOT / "specs" / "backpropagation.yaml")
    task = whole.exercise(LESSON.blank, LESSON.round)
    returned = folder / "returned"
    returned.mkdir()
    for name, slip, filled in CLASS:
        values = {given.name: given.value for given in whole.program.givens}
        for statement in whole.program.statements:
            if statement.kind == "matrix":
                value = value_of(statement.expr, values).copy()
                if slip is not None and slip[0] == statement.name:
                    value[slip[1], slip[2]] = slip[3]
                values[statement.name] = value
        numbers = {matrix: values[matrix] for matrix in task.blanks[:filled]}
        workbook.write(typed(task.made, numbers), returned / f"page {name}.xlsx")
    page, pdf = report(task.grade(returned)), folder / "class-report.pdf"
    HTML(string=page).write_pdf(pdf)
    return pdf


def main(names: list[str]) -> None:
    """Pictures of the workbooks in `output/` of these names, or of all."""
    IMAGES.mkdir(exist_ok=True)
    books = [path for path in sorted((ROOT / "output").glob("*.xlsx")) if not names or path.stem in names]
    with tempfile.TemporaryDirectory() as folder:
        learned = [copy for book in books if (copy := at_last(book, Path(folder)))]
        made = exercises(Path(folder)) if not names or "exercises" in names else []
        made += warm_up(Path(folder)) if not names or "warm-up" in names else []
        made += mistakes(Path(folder)) if not names or "mistake" in names else []
        made += tutorial(Path(folder)) if not names or "tutorial" in names else []
        for book in (*books, *learned, *made):
            (pdf,) = render([book], Path(folder), "pdf")
            for title, numbers in sheet_pages(pdf).items():
                if book in learned and title != "Canvas":
                    continue
                pages = []
                for number in numbers[:MOST_PAGES]:
                    stem = Path(folder, f"{book.stem}-{number}")
                    command = ["pdftoppm", "-png", "-r", str(DPI), "-f", str(number), "-l", str(number), "-singlefile"]
                    subprocess.run([*command, pdf, stem], check=True)
                    pages.append(stem.with_suffix(".png"))
                picture(pages, IMAGES / f"{book.stem}{SHEETS[title]}.png")
            print(book.stem, flush=True)
        if not names or "class-report" in names:
            pdf = class_report(Path(folder))
            subprocess.run(["pdftoppm", "-png", "-r", str(DPI), pdf, Path(folder, "class-report")], check=True)
            picture(sorted(Path(folder).glob("class-report-*.png")), IMAGES / "class-report.png")


if __name__ == "__main__":
    main(sys.argv[1:])
