"""What is shipped and shown: notebooks without logic, the wheel, the changelog, the README."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import zipfile

import pytest

import workbench
from tests.house import ROOT, files, named

NOTEBOOKS = files("notebooks", ending=".ipynb")
KEPT = {"keep_output", "nbval-check-output"}
LOGIC = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.Try,
    ast.With,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
SQL = re.compile(r"\b(select\b.+\bfrom|insert\s+into|create\s+(table|view))\b", re.I | re.S)
LARGEST_NOTEBOOK = 60_000


def _cells(path, kind="code"):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def _source(cell) -> str:
    return "".join(cell["source"])


def _tags(cell) -> set[str]:
    return set(cell["metadata"].get("tags", []))


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=named)
def test_notebooks_hold_no_logic(path):
    found = [
        f"{type(node).__name__} in: {_source(cell)[:60]}"
        for cell in _cells(path)
        for node in ast.walk(ast.parse(_source(cell)))
        if isinstance(node, LOGIC)
    ]
    assert found == []
    assert [_source(cell) for cell in _cells(path) if SQL.search(_source(cell))] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=named)
def test_notebooks_keep_no_output_but_headlines(path):
    kept = [_source(c)[:60] for c in _cells(path) if c["outputs"] and not _tags(c) & KEPT]
    assert kept == []
    assert path.stat().st_size <= LARGEST_NOTEBOOK


@pytest.mark.parametrize("path", NOTEBOOKS, ids=named)
def test_notebooks_begin_with_a_question_and_have_typed_parameters(path):
    title = _source(_cells(path, "markdown")[0]).splitlines()[0]
    assert title.startswith("# ")
    (cell,) = [cell for cell in _cells(path) if "parameters" in _tags(cell)]
    lines = _source(cell).splitlines()
    body = ast.parse(_source(cell)).body
    assert [type(statement).__name__ for statement in body if not _typed(statement)] == []
    assert [lines[s.end_lineno - 1] for s in body if "#" not in lines[s.end_lineno - 1]] == []


def _typed(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.AnnAssign)


def test_the_changelog_has_this_version_and_keeps_its_form():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d{2}-\d{2}))?$", text, re.MULTILINE)
    assert headings[0] == ("Unreleased", "")
    assert workbench.__version__ in dict(headings)
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= {
        "Added",
        "Changed",
        "Deprecated",
        "Removed",
        "Fixed",
        "Security",
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_carries_notebooks_and_parameters(wheel):
    expected = {
        f"workbench/starter/{named(p)}"
        for p in [*NOTEBOOKS, *files("parameters", ending=".yaml")]
    }  # fmt: skip
    assert expected <= set(wheel.namelist())


def test_the_wheel_carries_every_file_of_the_package_and_nothing_made(wheel):
    names = set(wheel.namelist())
    package = {named(p) for p in files("workbench") if p.suffix not in {".nbi", ".nbc", ".pyc"}}
    assert package <= names
    assert [n for n in names if "__pycache__" in n or n.endswith((".nbc", ".nbi"))] == []
    assert [n for n in names if n.startswith(("tests/", "benchmarks/", "data/"))] == []


def test_the_wheel_names_the_license_and_the_command(wheel):
    names = {name.split("/", 1)[-1]: name for name in wheel.namelist() if ".dist-info/" in name}
    assert "License-Expression: Apache-2.0" in wheel.read(names["METADATA"]).decode()
    assert "workbench = workbench.cli:main" in wheel.read(names["entry_points.txt"]).decode()
    assert "licenses/LICENSE" in names


def _readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_screen_of_the_readme_says_what_is_needed():
    first = "\n".join(_readme().splitlines()[:40])
    assert "make report" in first
    assert "make test" in first
    (picture,) = re.findall(r"!\[[^\]]{10,}\]\(([^)]+)\)", first)
    assert (ROOT / picture).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_every_make_target_and_command_stands_in_the_readme():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (targets,) = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    missing = [t for t in targets.split() if t != "help" and f"make {t}" not in _readme()]
    helped = subprocess.run(
        [sys.executable, "-m", "workbench.cli", "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={"COLUMNS": "120", "NO_COLOR": "1", "PYTHONPATH": str(ROOT)},
    ).stdout
    commands = re.findall(r"^ {4}([a-z]+) ", helped, re.MULTILINE)
    assert {"check", "report", "demo", "new"} <= set(commands)
    missing += [c for c in commands if f"workbench {c}" not in _readme()]
    assert missing == []


def test_links_in_the_documents_lead_somewhere():
    broken = [
        f"{named(document)}: {link}"
        for document in files(ending=".md")
        for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", document.read_text("utf-8"))
        if not (document.parent / link).exists()
    ]
    assert broken == []


def test_the_readme_shows_the_last_benchmark():
    results = (ROOT / "benchmarks" / "results.md").read_text(encoding="utf-8").strip()
    assert results in _readme()


def test_the_page_on_the_workspace_file_names_every_key():
    from workbench.data import settings, workspace_file

    models = (
        workspace_file.WorkspaceFile,
        workspace_file.TableFile,
        workspace_file.Database,
        workspace_file.Touchpoints,
        workspace_file.Rule,
        workspace_file.EventColumn,
        settings.FiscalYear,
        settings.Currency,
    )
    text = (ROOT / "docs" / "workspace-file.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(\w+)`", text))
    assert [key for model in models for key in model.model_fields if key not in told] == []


def test_the_examples_of_the_readme_are_sound(tmp_path):
    from workbench.data.workspace_file import read_workspace_file

    (example,) = re.findall(r"```yaml\n(.*?)```", _readme(), re.DOTALL)
    path = tmp_path / "ours.yaml"
    path.write_text(example, encoding="utf-8")
    assert set(read_workspace_file(path)[0].tables) == {
        "accounts",
        "opportunities",
        "subscriptions",
    }


def test_the_five_lines_of_the_readme_run(tmp_path, monkeypatch):
    import pandas as pd

    (lines,) = re.findall(r"```python\n(.*?)```", _readme(), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    events = ["lead_form", "mql", "opportunity", "won"]
    times = pd.date_range("2026-01-01", periods=4, freq="7D", tz="UTC")
    rows = [
        {"account_id": "a", "occurred_at": t, "event": e}
        for t, e in zip(times, events, strict=True)
    ]
    rows.append({"account_id": "b", "occurred_at": times[0], "event": "lead_form"})
    pd.DataFrame(rows).to_parquet("events.parquet")
    *program, last = lines.strip().splitlines()
    names: dict = {}
    exec("\n".join(program), names)
    assert list(eval(last, names)["key"]) == ["b"]
