"""What is handed out: the source distribution runs its own tests, and the wheel made of it works in a fresh
environment, for each Python that is found here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[1]
VERSIONS = ("3.11", "3.12", "3.13")
VERSION = "import sys, venv, ensurepip; print(sys.version_info[0], sys.version_info[1], sep='.')"
CLEAN = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PYTEST", "COV_"))}
pytestmark = pytest.mark.slow


def interpreters() -> dict[str, str]:
    """Version → program: this one, and each of `VERSIONS` that is on PATH or among pyenv's."""
    found = {version_of(sys.executable): sys.executable}
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    for version in VERSIONS:
        programs = [*sorted(pyenv.glob(f"{version}.*/bin/python")), shutil.which(f"python{version}")]
        working = (str(program) for program in programs if program and version_of(str(program)) == version)
        if version not in found and (program := next(working, None)):
            found[version] = program
    return found


def version_of(program: str) -> str:
    """Empty for what can't make an environment."""
    return subprocess.run([program, "-c", VERSION], capture_output=True, text=True).stdout.strip()


def run(*command: object, cwd: Path, **more: str) -> str:
    """What a program prints; a failure shows all that it said."""
    done = subprocess.run([*map(str, command)], cwd=cwd, env={**CLEAN, **more}, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, unpacked."""
    folder = tmp_path_factory.mktemp("sdist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=ROOT)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def wheel(source: Path) -> Path:
    """The wheel that is made of the source distribution, as installers do."""
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", source.parent, cwd=source)
    (made,) = source.parent.glob("*.whl")
    return made


QUICK = ["docs", "versions", "language_table", "operations_page", "names", "gallery_page", "names_page", "tutorial",
         "catalogue", "committed_output"]  # fmt: skip
"""Those that read files beside the package, first of all."""


def test_the_source_distribution_runs_its_tests(source: Path) -> None:
    python = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist"]
    there = run(*python, "--collect-only", cwd=source, PYTHONPATH=str(source))
    assert "test_committed_output.py" in there and "test_gallery.py" in there
    files = [f"tests/test_{name}.py" for name in QUICK]
    said = run(*python, *files, cwd=source, PYTHONPATH=str(source))
    assert " failed" not in said and "[100%]" in said


def test_the_wheel_holds_what_a_user_needs_and_no_more(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    package = [name for name in names if name.startswith("sheetgen/")]
    page = ("runtime.js", "style.css", "engine.wasm.gz", "IRONCALC-LICENSE-MIT.md")
    needed = ("py.typed", "spec/schema.json", "cmd/template.yaml", "specs/gcn.yaml", "specs/exercises/warm_up.yaml")
    needed += ("specs/more/rope.yaml",)
    needed += tuple(f"web/built/{name}" for name in page)
    assert {f"sheetgen/{name}" for name in needed} <= {*package}
    assert sorted({name.split("/")[0] for name in names}) == ["sheetgen", package_info(names)]
    assert not [name for name in names if "__pycache__" in name or name.startswith("sheetgen/tests")]
    assert not [name for name in names if "/web/src/" in name or name.endswith((".mjs", "package.json"))]


def package_info(names: list[str]) -> str:
    (info,) = {name.split("/")[0] for name in names if ".dist-info/" in name}
    return info


FOUND = interpreters()
USER = "import sheetgen\nreveal_type(sheetgen.compile('a.yaml').plan)\n"


@pytest.mark.parametrize(("version", "program"), FOUND.items(), ids=FOUND)
def test_installed(version: str, program: str, wheel: Path, tmp_path: Path) -> None:
    """The command and the types, in an environment and a folder that hold nothing else."""
    python, here = tmp_path / "env" / "bin" / "python", tmp_path / "empty folder"
    here.mkdir()
    run(program, "-m", "venv", tmp_path / "env", cwd=tmp_path)
    run(python, "-m", "pip", "install", "--quiet", "--constraint", ROOT / "constraints.txt", wheel, cwd=tmp_path)
    sheetgen = python.with_name("sheetgen")
    assert run(python, "-c", VERSION, cwd=here).strip() == version
    assert run(sheetgen, "build", "gcn", cwd=here).startswith("ok gcn: output/gcn.xlsx ")
    assert run(sheetgen, "html", "gcn", cwd=here) == "output/gcn.html\n"
    assert run(sheetgen, "new", "x", cwd=here) == "x.yaml: edit it, then `sheetgen build x`\n"
    assert run(sheetgen, "new", "y", "--from", "rope", cwd=here) == "y.yaml: edit it, then `sheetgen build y`\n"
    assert "  self_attention " in run(sheetgen, "list", cwd=here)
    built = json.loads(run(sheetgen, "build", "x", "--json", cwd=here))
    assert built["ok"] and [entry["name"] for entry in built["results"]] == ["x"]
    schema = (here / "x.yaml").read_text(encoding="utf-8").splitlines()[0].partition("$schema=")[2]
    path = Path(unquote(urlsplit(schema).path))
    assert urlsplit(schema).scheme == "file" and path.is_relative_to(tmp_path / "env")
    assert path.read_text(encoding="utf-8") == run(sheetgen, "schema", cwd=here)
    if program == sys.executable:
        (here / "user.py").write_text(USER, encoding="utf-8")
        said = run(sys.executable, "-m", "mypy", "--strict", "--python-executable", python, "user.py", cwd=here)
        assert 'Revealed type is "sheetgen.layout.plan.WorkbookPlan"' in said
