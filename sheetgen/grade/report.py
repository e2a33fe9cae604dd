"""The report on a class, as one HTML file: steps × students, what went wrong first, each student's first mistake."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.resources import files

from sheetgen.grade.cause import OTHER
from sheetgen.grade.results import Box, Grade, Grades

ABREAST = 24
"""Students in a row of the map, at most; more follow below."""
HARDEST = 3
"""Steps that are named."""
BINS = 7
HIGH = 96
"""Pixels of the highest bar."""
KEY = (
    '<p class="key"><i class="ok"></i>✓ all right<i class="part"></i>3 right, rest not filled in<i class="half"></i>3 '
    'that many right, others wrong<i class="first"></i>first mistake of this student<i class="none"></i>not begun'
    "&emsp;Judged by the student’s own earlier numbers: one slip costs one cell.</p>"
)


def report(grades: Grades) -> str:
    """The whole file. All that comes from spec and students is escaped; nothing is loaded from elsewhere."""
    title = escape(grades.title)
    style = (files("sheetgen.grade") / "report.css").read_text(encoding="utf-8")
    graded = grades.graded
    numbered = [(f"{k:0{max(2, len(str(len(graded))))}}", result) for k, result in enumerate(graded, 1)]
    body = [f"<h1>{title} — class report</h1>", _summary(grades)]
    if graded:
        wide = -(-len(numbered) // -(-len(numbered) // ABREAST))
        groups = [numbered[k : k + wide] for k in range(0, len(numbered), wide)]
        maps = "".join(_map(grades, group, group is groups[-1]) for group in groups)
        body += [f"<section><div class=scroll>{maps}</div>{KEY}</section>",
                 f"<section class=two>{_distribution(grades)}{_causes(numbered)}</section>",
                 "<section><h2>First mistake of each student</h2><div class=cards>"
                 + "".join(_card(number, result) for number, result in numbered) + "</div></section>"]  # fmt: skip
    if grades.refused:
        body.append("<section><h2>Not graded</h2><div class=cards>" + "".join(map(_refused, grades.refused))
                    + "</div></section>")  # fmt: skip
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    head += f"<title>{title} — class report</title>\n<style>\n{style}</style>"
    lines = "\n".join(body)
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n{lines}\n</body></html>\n'


def hard_steps(grades: Grades) -> list[tuple[str, int]]:
    """The steps in which most first mistakes were made, and how many, the hardest first."""
    counts = [(part.title, _firsts(grades, part.matrix)) for part in grades.parts]
    return [each for each in sorted(counts, key=lambda each: -each[1]) if each[1]][:HARDEST]


def _firsts(grades: Grades, matrix: str) -> int:
    return sum(result.first is not None and result.first.matrix == matrix for result in grades.graded)


def _summary(grades: Grades) -> str:
    count, unfinished = len(grades.graded), sum(result.open > 0 for result in grades.graded)
    parts = [f"<b>{count}</b> student{'s' * (count != 1)}", f"<b>{grades.all_right}</b> all right",
             f"median <b>{grades.median:g}</b> of {grades.cells}", f"<b>{unfinished}</b> not finished"]  # fmt: skip
    if grades.refused:
        parts.append(f"<b>{len(grades.refused)}</b> not graded")
    if hard := hard_steps(grades):
        named = ", ".join(f"<b>{escape(title)}</b> ({times})" for title, times in hard)
        parts.append(f"first mistakes most often in {named}")
    if named_causes := [each for each in grades.causes if each[0] != OTHER]:
        cause, times = named_causes[0]
        parts.append(f"most frequent: <b>{escape(cause)}</b> ({times})")
    return f'<p class="sub">{" · ".join(parts)}</p>'


def _map(grades: Grades, group: Sequence[tuple[str, Grade]], last: bool) -> str:
    """A row for each part, a column for each student; the last map's rows end with what all of them made of it."""
    ends = "<th class=end>all right, of<br>those who began</th><th class=end>first mistake<br>here</th>" if last else ""
    heads = "".join(f'<th title="{escape(result.student)}">{number}</th>' for number, result in group)
    rows = [f'<tr><th class="l">student</th><th>cells</th>{heads}{ends}</tr>']
    for k, part in enumerate(grades.parts):
        name, _, rule = part.equation.partition(" = ")
        label = f"<b>{escape(name)}</b> <span>{escape(rule)}</span>"
        cells = "".join(_cell(result.boxes[k], result, part.matrix) for _, result in group)
        rows.append(f'<tr><th class="l">{label}</th><td class="of">{part.cells}</td>{cells}'
                    f"{_end(grades, k) if last else ''}</tr>")  # fmt: skip
    end = "<td></td><td></td>" if last else ""
    totals: list[tuple[str, str, int | str, list[int]]] = [
        ("<b>right</b> own numbers followed", "total", grades.cells, [result.points for _, result in group]),
        ("right if only final numbers counted", "dim", grades.cells, [result.strict for _, result in group]),
        ("hints used", "dim", "", [result.hints for _, result in group]),
    ]
    for called, kind, of, numbers in totals:
        cells = "".join(f"<td>{number if of != '' else number or ''}</td>" for number in numbers)
        rows.append(f'<tr class="{kind}"><th class="l">{called}</th><td class="of">{of}</td>{cells}{end}</tr>')
    return f'<table class="heat">{"".join(rows)}</table>'


def _cell(box: Box, result: Grade, matrix: str) -> str:
    begun = box.right + box.wrong + box.waiting
    if not begun:
        look, text = "none", ""
    elif box.all_right:
        look, text = "ok", "✓"
    elif not box.wrong:
        look, text = ("part", str(box.right)) if box.right else ("none", "–")
    else:
        share = box.right / box.cells
        look, text = "near" if share >= 0.8 else "half" if share >= 0.5 else "bad", str(box.right)
    here = result.first is not None and result.first.matrix == matrix
    counts = f"{box.right} right, {box.wrong} wrong, {box.waiting} not judged, {box.empty} not filled in"
    return f'<td class="{look}{" first" * here}" title="{escape(f"{result.student}: {counts}")}">{text}</td>'


def _end(grades: Grades, k: int) -> str:
    boxes = [result.boxes[k] for result in grades.graded]
    began = sum(box.empty < box.cells for box in boxes)
    right, first = sum(box.all_right for box in boxes), _firsts(grades, grades.parts[k].matrix)
    return f'<td class="sum">{right} of {began}</td><td class="sum{" often" * (first > 0)}">{first or ""}</td>'


def _distribution(grades: Grades) -> str:
    """How many students have how many cells right, with their own numbers followed and without."""
    size = max(1, -(-grades.cells // (BINS - 1)))
    starts = [*range(0, grades.cells, size), grades.cells]
    ends = [*(start - 1 for start in starts[1:]), grades.cells]
    counts = [[sum(a <= points <= b for points in found) for a, b in zip(starts, ends, strict=True)]
              for found in ([r.points for r in grades.graded], [r.strict for r in grades.graded])]  # fmt: skip
    most = max(1, *(max(each) for each in counts))
    pairs = "".join(
        "<div>" + "".join(
            f'<u class="{kind}" data-n="{n or ""}" style="height:{round(HIGH * n / most)}px"></u>'
            for kind, n in zip(("own", "strict"), pair, strict=True)
        ) + "</div>"
        for pair in zip(*counts, strict=True)
    )  # fmt: skip
    named = "".join(f"<span>{a}{'' if a == b else f'–{b}'}</span>" for a, b in zip(starts, ends, strict=True))
    key = '<p class="key"><i class="own"></i>own numbers followed<i class="strict"></i>only final numbers counted</p>'
    head = f"<h2>Distribution of scores</h2><div class=bars>{pairs}</div><div class=bins>{named}</div>"
    return f"<div>{head}{key}</div>"


def _causes(numbered: Sequence[tuple[str, Grade]]) -> str:
    found: dict[str, dict[str, list[str]]] = {}
    for number, result in numbered:
        if result.first is not None:
            found.setdefault(result.first.cause, {}).setdefault(result.first.title, []).append(number)
    counted = sorted(((sum(map(len, who.values())), cause, who) for cause, who in found.items()), key=lambda e: -e[0])
    most = counted[0][0] if counted else 1
    rows = []
    for times, cause, who in counted:
        where = "; ".join(f"{title}: {', '.join(numbers)}" for title, numbers in who.items())
        rows.append(
            f'<tr><td class="n">{times}</td><td class="bar"><div style="width:{round(92 * times / most)}px"></div></td>'
            f'<td><b>{escape(cause)}</b></td><td class="who">{escape(where)}</td></tr>'
        )
    return f"<div><h2>What went wrong first</h2><table class=why>{''.join(rows)}</table></div>"


def _card(number: str, result: Grade) -> str:
    first = result.first
    lines = [f"<b>{escape(result.student)}</b>"]
    if first is None:
        lines.append(escape(result.said))
    else:
        lines.append(f"{escape(f'{first.title} {first.place}'.strip())}: {escape(_told(first.typed, first.right))}")
        lines.append(f"<span>{escape(first.cause)}</span>")
    lines += [f"<em>{escape(remark)}</em>" for remark in result.remarks]
    if result.open:
        lines.append(f"<em>{result.open} cells not filled in</em>")
    kind = "card" if first is not None else "card right"
    return f'<div class="{kind}"><u>{number}</u><p>{"<br>".join(lines)}</p></div>'


def _told(typed: float | str, right: float | None) -> str:
    """`2, not 1`."""
    said = f"“{typed}”" if isinstance(typed, str) else _number(typed)
    return said if right is None else f"{said}, not {_number(right)}"


def _number(value: float) -> str:
    return f"{round(value, 6):g}".replace("-", "−")


def _refused(result: Grade) -> str:
    name = escape(result.file.as_posix())
    return f'<div class="card refused"><p><b>{name}</b><br><span>{escape(result.problem)}</span></p></div>'
