"""Habits of the code: small files, documented names, cheap imports, words that travel."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys

import pytest

import workbench
from tests.house import PACKAGE, ROOT, files, modules, named, tree_of

MOST_LINES = 400
HEAVY = {
    "IPython",
    "altair",
    "duckdb",
    "jupyter_client",
    "jupyter_core",
    "nbclient",
    "nbformat",
    "numba",
    "numpy",
    "pandas",
    "papermill",
    "polars",
    "pyarrow",
    "pydantic",
    "rich",
    "scipy",
    "sklearn",
    "statsmodels",
    "vl_convert",
}
TEXTS = {".py", ".md", ".yaml", ".toml", ".txt", ".ipynb", ".html", ".css", ".js", ".cfg", ""}
# Places of one machine, and marks of work that is not finished.
NOT_HERE = {
    "path of one machine": r"(?<![\w.])/(?:home|root|Users|work|mnt)/\w|\b[A-Z]:\\\\?Users\b",
    "unfinished": r"\b(?:TODO|FIXME|XXX)\b|NotImplementedError|^(?:<{7}|>{7}) ",
    "address of a package index": r"--(?:extra-)?index-url|--find-links|/simple/?(?=[\s\"'])",
}


@pytest.mark.parametrize("path", modules("workbench", "tests", "benchmarks"), ids=named)
def test_a_file_can_be_read_in_one_sitting(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def _public(tree: ast.Module) -> list[tuple[str, ast.AST]]:
    """Public functions, classes and methods, the methods of private classes left out."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    top = [n for n in tree.body if isinstance(n, kinds) and not n.name.startswith("_")]
    inner = [
        (f"{owner.name}.{node.name}", node)
        for owner in top
        if isinstance(owner, ast.ClassDef)
        for node in owner.body
        if isinstance(node, kinds) and not node.name.startswith("_") and not _is_overload(node)
    ]
    return [(node.name, node) for node in top if not _is_overload(node)] + inner


def _is_overload(node: ast.AST) -> bool:
    return any("overload" in ast.dump(mark) for mark in getattr(node, "decorator_list", []))


@pytest.mark.parametrize("path", modules("workbench"), ids=named)
def test_public_names_are_documented(path):
    silent = [name for name, node in _public(tree_of(path)) if not ast.get_docstring(node)]
    assert silent == []


@pytest.mark.parametrize("path", modules("workbench"), ids=named)
def test_no_star_imports(path):
    assert "*" not in [
        alias.name
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]


def test_public_names_are_sorted_and_there():
    assert list(workbench.__all__) == sorted(set(workbench.__all__))
    assert [name for name in workbench.__all__ if not hasattr(workbench, name)] == []
    assert set(workbench.__all__) <= set(dir(workbench))


def test_every_public_name_stands_in_the_readme_or_on_the_map():
    text = (ROOT / "README.md").read_text("utf-8") + (PACKAGE / "README.md").read_text("utf-8")
    words = set(re.findall(r"\w+", text))
    assert [name for name in workbench.__all__ if name not in words] == []


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="falout"):
        workbench.falout  # noqa: B018


@pytest.mark.parametrize("module", ["workbench", "workbench.cli"])
def test_importing_pulls_in_nothing_heavy(module):
    code = f"import sys, json, {module}; print(json.dumps(sorted(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    loaded = {name.split(".")[0] for name in json.loads(answer.stdout)}
    assert sorted(loaded & HEAVY) == []


def _texts() -> list:
    return [p for p in files() if p.suffix in TEXTS and p.name != "test_house_code.py"]


@pytest.mark.parametrize("what", NOT_HERE)
def test_no_text_holds_what_belongs_elsewhere(what):
    pattern = re.compile(NOT_HERE[what], re.MULTILINE)
    found = [
        f"{named(path)}:{number}: {line.strip()[:80]}"
        for path in _texts()
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_the_search_finds_what_it_looks_for():
    examples = {
        "path of one machine": "data = '/home/me/data'",
        "unfinished": "# TODO later",
        "address of a package index": "pip install --index-url x",
    }
    assert all(re.search(NOT_HERE[what], text, re.MULTILINE) for what, text in examples.items())
