"""Bad input through the command: exit 2, one message with its place, the old workbook untouched, nothing left."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import zipfile
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hostile import FILES, HOSTILE
from test_bad_input_spec import CASES
from typer.testing import CliRunner

from sheetgen.cmd import cli

ROOT = Path(__file__).parents[1]
X = "  X: {role: input, value: [[1, 2], [3, 4]]}\n"
W = "  W: {role: parameter, value: [0, 2]}\n"


def spec(steps: str, matrices: str = X, rest: str = "") -> str:
    """A spec whose matrices start on line 3 and whose steps, with one line of matrices, on line 5."""
    return f"title: t\nmatrices:\n{matrices}steps:\n{steps}\n{rest}"


def file(reference: str) -> str:
    return spec("  - Z = X", f"  X: {{role: input, file: {reference}}}\n")


LONG_SUM = "+".join(f"({'+'.join(['X'] * 60)})" for _ in range(32))
STAIRS = "".join(f"{'  ' * depth}a:\n" for depth in range(2000))
LAUGHS = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))

DEEPER: dict[str, tuple[str | bytes, str, tuple[str, ...]]] = {
    # Maths
    "unknown name": (spec("  - Z = X @ Y"), "5:13", ("no matrix `Y`",)),
    "unknown function": (spec("  - Z = reluu(X)"), "5:9", ("`reluu`", "`relu`")),
    "product": (spec("  - Z = X @ X[0]"), "5:9", ("2×2", "1×2", "2 rows")),
    "sum": (spec("  - Z = X + ones((3, 2))"), "5:9", ("2×2", "3×2", "same shape")),
    "product in a group": (spec("  - say: s\n    steps:\n      - Z = X @ X[0]"), "7:13", ("2 rows",)),
    "row": (spec("  - Z = X[2]"), "5:11", ("no row 2", "2 rows")),
    "cycle": (spec("  - A = B + X\n  - B = A + X"), "5:9", ("`B` is used before",)),
    "cycle of one": (spec("  - A = A + X"), "5:9", ("its own definition",)),
    "nothing computed": (spec("  - {say: Look., show: [X]}"), "4:1", ("computes anything",)),
    "not an expression": (spec("  - Z = X +"), "5:12", ("can't read",)),
    "code": (spec("  - Z = __import__('os').system('ls')"), "5:9", ("isn't available",)),
    "loss of a shape": (spec("  - Z = X", rest="loss: Z"), "6:1", ("2×2", "1×1")),
    "nothing to train": (spec("  - Z = sum(X)", rest="loss: Z\nbackward: true"), "7:1", ("parameter",)),
    "no way to it": (
        spec("  - Z = sum(W)", W + X, "loss: Z\nbackward: {wrt: [X]}"), "8:1", ("doesn't depend on `X`",)
    ),
    "explained sum": (spec("  - Z = X + 1\n  - explain: Z[:, 0]"), "6:14", ("`A @ B`",)),
    "verdict on a sum": (spec("  - Z = X + 1\n  - verdict: Z + 1"), "6:14", ("one matrix",)),
    "column behind a loop's braces": (spec("  - for: t in 10..11\n    steps: ['Z{t} = Y']"), "6:14", ("`Y`",)),
    "column in folded text": (spec("  - Z = X +\n      X + Y"), "5:5", ("`Y`",)),
    # Numbers
    "division by 0": (spec("  - Z = X / 0"), "5:5", ("`Z = X / 0`", "divided by 0")),
    "division by an entry": (spec("  - Z = 1 / (X - 4)"), "5:5", ("row 1, column 1", "divided by 0")),
    "logarithm": (spec("  - Z = log(X - 1)"), "5:5", ("`Z = log(X - 1)`", "logarithm of 0")),
    "root": (spec("  - Z = 2 * sqrt(-X)"), "5:5", ("`sqrt(-X)`", "negative")),
    "power": (spec("  - Z = 2 ** 9999"), "5:5", ("too large",)),
    "tower": (spec("  - Z = 9 ** 9 ** 9 ** 9"), "5:5", ("too large",)),
    "exponential": (spec("  - Z = exp(X * 1000)"), "5:5", ("709",)),
    "inside of a function": (spec("  - Z = layer_norm(X * 1e200)"), "5:5", ("`Z_squares", "too large")),
    "gradient": (spec("  - L = sum(sqrt(W))", W, "loss: L\nbackward: true"), "7:1", ("divided by 0",)),
    "update": (
        spec("  - L = sum(W ** 2)", W, "loss: L\nupdate: {learning_rate: 1e299}"), "7:1", ("`L_terms_new", "too large")
    ),
    "token": (spec("  - Z = embedding(X, 7 * ones((1, 2)))"), "5:5", ("not a column",)),
    # Size
    "zeros": (spec("  - Z = zeros((100000, 100000))"), "5:9", ("100000×100000", "16,384 columns")),
    "rows": (spec("  - Z = ones((9999999999, 1))"), "5:9", ("1,048,576 rows",)),
    "cells": (spec("  - Z = ones((5000, 5000))"), "5:9", ("1,000,000 numbers",)),
    "identity": (spec("  - Z = eye(1000000)"), "5:9", ("columns",)),
    "outer product": (
        spec("  - Z = X @ X.T", "  X: {role: input, zeros: [9000, 1]}\n"), "5:9", ("9000×9000", "1,000,000")
    ),
    "broadcast": (spec("  - Z = sum(X + X.T)", "  X: {role: input, zeros: [9000, 1]}\n"), "5:13", ("9000×9000",)),
    "doubling": (
        spec("  - Z0 = X\n  - for: t in 1..99\n    steps: ['Z{t} = hstack([Z{t-1}, Z{t-1}])']"), "7:14", ("columns",)
    ),
    "many": (
        spec("  - for: t in 1..99\n    steps: ['Z{t} = X + {t}']", "  X: {role: input, zeros: [999, 999]}\n"), "6:14",
        ("5,000,000",)
    ),
    "multiplications": (
        "title: t\ngraph: {networkx: complete_graph, args: [640]}\nsteps:\n  - A = Adj\n  - H = Adj @ Adj\n", "5:5",
        ("262,144,000 pairs", "250,000,000")
    ),
    "multiplications of a loop": (
        spec("  - for: t in 1..99\n    steps: ['Z{t} = X @ (X + {t})']", "  X: {role: input, zeros: [200, 200]}\n"),
        "6:14", ("256,000,000 pairs",)
    ),
    "convolution": (
        spec("  - Z = conv2d(X, ones((300, 300)))", "  X: {role: input, zeros: [999, 999]}\n"), "5:5", ("pairs",)
    ),
    "random": (spec("  - Z = X", "  X: {role: input, random: {shape: [100000, 100000]}}\n"), "3:28", ("columns",)),
    "wide": (spec("  - Z = X", "  X: {role: input, zeros: [1, 20000]}\n"), "3:27", ("1×20000", "16,384")),
    "power in a loop": (spec("  - for: t in 1..2\n    steps: ['Z{t} = {2 ** 9999}']"), "6:14", ("2 ** 9999",)),
    "product in a loop": (
        spec("  - for: t in 1..2\n    steps: ['Z{t} = {9999999 * 9999999}']"), "6:14", ("too large",)
    ),
    "name": (spec(f"  - {'Z' * 200} = X"), "5:5", ("too long for a name", "80")),
    "formula": (
        spec(
            f"  - Z = X+{LONG_SUM.replace('X', 'b')}",
            "  X: {role: input, zeros: [3, 30]}\n  b: {role: input, zeros: [3, 1]}\n",
        ),
        "", ("Z needs", "8,192"),
    ),
    "long word": (
        spec(f"  - Z = X + 1\n  - verdict: Z\n    words: {{0: {'w' * 300}}}"), "7:16", ("250 characters",)
    ),
    "many words": (
        spec(f"  - Z = X + 1\n  - verdict: Z\n    words: {{{', '.join(f'{k}: w' for k in range(60))}}}"), "7:12",
        ("60 words", "50")
    ),
    "word twice": (spec("  - Z = X + 1\n  - verdict: Z\n    words: {0: a, 0.0: b}"), "7:19", ("word already",)),
    # Nesting
    "functions": (spec(f"  - Z = {'relu(' * 200}X{')' * 200}"), "5:514", ("too long", "several steps")),
    "parentheses": (spec(f"  - Z = {'(' * 1500}X{')' * 1500}"), "5:5", ("too long", "several steps")),
    "signs": (spec(f"  - Z = {'-' * 3000}X"), "5:5", ("several steps",)),
    "endless text": (spec(f"  - Z = X{' + X' * 5000}"), "5:5", ("4,000 characters",)),
    "brackets": (spec(f"  - Z = sum(X, axis={'[' * 150}{']' * 150})"), "5:21", ("`axis`",)),
    "stairs": (STAIRS, "30:59", ("nested more than 30",)),
    # The file itself
    "no UTF-8": (spec("  - Z = X").encode() + b"# \xe9\n", "6", ("UTF-8",)),
    "UTF-16": (spec("  - Z = X").encode("utf-16"), "1", ("UTF-8",)),
    "zip": (b"PK\x03\x04\x14\x00\x00\x00\x08\x00\xff\xfe", "1", ("UTF-8",)),
    "byte order mark": (b"\xef\xbb\xbf" + spec("  - Z = Q").encode(), "5:9", ("`Q`",)),
    "Windows lines": (spec("  - Z = Q").replace("\n", "\r\n"), "5:9", ("`Q`",)),
    "old Mac lines": (spec("  - Z = Q").replace("\n", "\r"), "5:9", ("`Q`",)),
    "tab between": (spec("  - Z =\tQ"), "5:9", ("`Q`",)),
    # Data files
    "missing": (file("none.csv"), "3:26", ("no file `none.csv`",)),
    "folder": (file("folder.csv"), "3:26", ("no file `folder.csv`",)),
    "name of a file": (file("a" * 3000 + ".csv"), "3:26", ("can't be read: File name too long",)),
    "junk csv": (file("junk.csv"), "3:26", ("can't be read",)),
    "junk npy": (file("junk.npy"), "3:26", ("array of numbers",)),
    "junk npz": (file("junk.npz#W"), "3:26", ("not a zip file",)),
    "key": (file("w.npz#W2"), "3:26", ("no array `W2`", "W1")),
    "no key": (file("w.npz"), "3:26", ("w.npz#NAME", "W1")),
    "pickle": (file("objects.npy"), "3:26", ("array of numbers",)),
    "number": (file("words.csv"), "3:26", ("`words.csv`, line 2: `x`",)),
    "promise": (file("promise.npz#W"), "3:26", ("can't be read",)),
    "graph's junk": ("title: t\ngraph: {file: junk.graphml}\nsteps: [H = Adj @ Adj]\n", "2:15", ("can't be read",)),
    "graph's bomb": ("title: t\ngraph: {file: laughs.graphml}\nsteps: [H = Adj @ Adj]\n", "2:15", ("can't be read",)),
}  # fmt: skip


def at(line: int | None) -> str:
    return "" if line is None else str(line)


EVERYTHING = {
    **{name: (text, at(line), words) for name, (text, line, words) in CASES.items()}, **DEEPER,
    **{f"hostile: {name}": case for name, case in HOSTILE.items()},
}  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files that specs may name."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "folder.csv").mkdir()
    for suffix in ("csv", "npy", "npz", "graphml"):
        (folder / f"junk.{suffix}").write_bytes(bytes(range(128, 256)) * 3)
    for name, content in FILES.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    np.savez(folder / "w.npz", W1=np.eye(2))
    np.save(folder / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    (folder / "words.csv").write_text("1,2\n3,x\n")
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({10**12}, {10**3}), }}".ljust(117) + "\n"
    with zipfile.ZipFile(folder / "promise.npz", "w") as archive:
        archive.writestr("W.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
    nodes = '<graph edgedefault="directed"><node id="&i;"/></graph>'
    (folder / "laughs.graphml").write_text(f'<!DOCTYPE x [<!ENTITY a "ha">{LAUGHS}]><graphml>{nodes}</graphml>')
    return folder


def build(*arguments: object) -> Any:
    return CliRunner().invoke(cli.app, ["build", *(str(argument) for argument in arguments)])


@pytest.mark.parametrize("name", EVERYTHING)
def test_one_message_and_nothing_is_lost(name: str, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text, place, words = EVERYTHING[name]
    monkeypatch.chdir(data)
    (data / "s.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    (data / "lesson").mkdir(exist_ok=True)
    (data / "lesson" / "s.xlsx").write_text("old")
    result = build("s.yaml", "-o", "lesson")
    assert result.exit_code == 2 and isinstance(result.exception, SystemExit), result.exception
    assert (data / "lesson" / "s.xlsx").read_text() == "old"
    assert [path.name for path in (data / "lesson").iterdir()] == ["s.xlsx"]
    said = result.stderr
    assert said.startswith(f"sheetgen: s.yaml:{place}" if place else "sheetgen: s.yaml: "), said
    assert said.count("sheetgen: ") == 1 and len(said.splitlines()) <= 2, said
    assert len(said) < 1000, said  # a hundred names of functions
    assert not [word for word in words if word not in said], said
    assert said.replace("\n", "").isprintable()
    assert "Traceback" not in result.output and "ok" not in result.stdout


@pytest.mark.parametrize("name", ["missing.yaml", "folder.yaml", "broken link.yaml", "pipe.yaml"])
def test_specs_that_cant_be_read(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "broken link.yaml").symlink_to("nowhere")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.yaml")
    result = build(name)
    assert result.exit_code == 2 and result.stderr.startswith(f"sheetgen: {name}"), result.stderr
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize("folder", ["notes.txt", "notes.txt/deeper", "blocked", "x" * 300, "/proc/sheetgen"])
def test_folders_that_cant_be_written_to(folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("notes")
    (tmp_path / "blocked" / "s.xlsx" / "in the way").mkdir(parents=True)
    (tmp_path / "s.yaml").write_text(spec("  - Z = X"))
    before = sorted(tmp_path.rglob("*"))
    result = build("s.yaml", "-o", folder)
    assert result.exit_code == 2 and result.stderr.startswith(f"sheetgen: {folder}"), result.stderr
    assert len(result.stderr.splitlines()) == 1 and sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "notes.txt").read_text() == "notes"


SIGNS = """title: '=BAD(1)'
about: '@BAD(2)'
graph: {nodes: ['=BAD(3)', '+BAD(4)', '-BAD(5)', '@BAD(6)'], edges: [['=BAD(3)', '+BAD(4)']], predict: P}
matrices:
  X: {role: input, value: [[1, 2, 3, 4]], rows: ['=BAD(7)'], columns: ['+BAD(8)', b, c, d], about: '=BAD(9)'}
  W: {role: parameter, value: 1, about: '-BAD(10)'}
steps:
  - section: '=BAD(11)'
  - {do: P = sigmoid(W @ X @ Adj), say: '=BAD(12)'}
  - {say: '@BAD(13)', show: [X]}
  - {verdict: P, say: '+BAD(14)', words: {0: '=BAD(15)', 0.5: '"&BAD(16)&"'}}
  - L = sum(P)
loss: L
update: {learning_rate: 1}
"""


def test_text_is_never_a_formula(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.yaml").write_text(SIGNS)
    assert build("s.yaml", "-o", ".").exit_code == 0
    with zipfile.ZipFile(tmp_path / "s.xlsx") as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}
    formulas = re.findall(r"<(?:\w+:)?f(?:ormula\d)?\b[^>]*>([^<]*)<", "".join(parts.values()))
    assert len(formulas) > 50
    outside = [re.sub('"(?:[^"]|"")*"', "", unescape(formula)) for formula in formulas]  # of texts in quotes
    assert not [formula for formula in outside if "BAD" in formula]
    assert "BAD" not in "".join(re.findall("<definedName.*?</definedName>", parts["xl/workbook.xml"]))
    texts = set(re.findall(r"<t\b[^>]*>([^<]*)<", parts["xl/sharedStrings.xml"]))
    assert {"=BAD(1)", "=BAD(7)", "+BAD(8)", "@BAD(6)", "+BAD(14)"} <= texts
    assert any(text.startswith("=BAD(12)") for text in texts)  # with the other sentences of its section


FULL = """import resource, sys
from sheetgen.__main__ import main
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits and signals")
def test_a_full_disk(tmp_path: Path) -> None:
    (tmp_path / "transformer.xlsx").write_text("old")
    command = [sys.executable, "-c", FULL, "build", ROOT / "specs" / "transformer.yaml", "-o", tmp_path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and "transformer.xlsx can't be written" in done.stderr, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["transformer.xlsx"]
    assert (tmp_path / "transformer.xlsx").read_text() == "old"


INTERRUPTING = """import os, signal, sys, time
MOMENT, NUMBER = sys.argv.pop(), int(sys.argv.pop())

def interrupt(*_):
    os.kill(os.getpid(), NUMBER)
    time.sleep(10)

class Dying:
    __del__ = interrupt

class Finder:
    def find_spec(self, name, *_):
        if name == "sheetgen.layout" and MOMENT == "dying":
            Dying()
            time.sleep(10)
        return interrupt() if name == MOMENT else None

sys.meta_path.insert(0, Finder())
if MOMENT == "replacing":
    os.replace = interrupt
elif MOMENT == "calculating":
    from sheetgen.proof.engines import ironcalc
    ironcalc._ask = interrupt
elif MOMENT == "within exec":
    import dataclasses
    dataclasses.dataclass = lambda *_, **__: exec("interrupt()", globals())
from sheetgen.__main__ import main

main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits and signals")
@pytest.mark.parametrize(
    ("number", "code", "word"),
    [
        ("SIGINT", 130, "Interrupted"), pytest.param("SIGTERM", 143, "Terminated", marks=pytest.mark.slow),
        pytest.param("SIGHUP", 129, "Hung up", marks=pytest.mark.slow),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "moment",
    ["typer", "sheetgen.layout", "sheetgen.book.workbook", "replacing", "calculating", "dying", "within exec"],
)
def test_interrupted(moment: str, number: str, code: int, word: str, tmp_path: Path) -> None:
    """A signal when a module is loaded, when the new workbook is whole but not in its place, when the engine works,
    where Python drops exceptions, and within `exec`, after which Python would end itself in its own way."""
    output, temporary = tmp_path / "output", tmp_path / "tmp"
    output.mkdir()
    temporary.mkdir()
    (output / "s.xlsx").write_text("old")
    (tmp_path / "s.yaml").write_text(spec("  - Z = X + 1"))
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT)}
    arguments = ["build", "s.yaml", str(getattr(signal, number).value), moment]
    command = [sys.executable, "-c", INTERRUPTING, *arguments]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", f"{word}\n")
    assert (output / "s.xlsx").read_bytes().startswith(b"PK" if moment == "calculating" else b"old")
    assert [path.name for path in output.iterdir()] == ["s.xlsx"] and not list(temporary.iterdir())
