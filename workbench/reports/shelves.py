"""Where notebooks and parameter files are found: the working folder first, then the shipped."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from workbench import shelf
from workbench.errors import ArgumentError, ReportError
from workbench.messages import message


def find(kind: str, name: str, ending: str) -> Path | None:
    """Return the first ``<root>/<kind>/<name><ending>``, or None."""
    if "/" in name or "\\" in name or name.startswith("."):
        return None
    paths = (root / kind / f"{name}{ending}" for root in shelf.roots())
    return next((path for path in paths if path.is_file()), None)


def names(kind: str, ending: str) -> list[str]:
    """Return every name found under `kind`, sorted, each once."""
    return sorted(
        {path.stem for root in shelf.roots() for path in (root / kind).glob(f"*{ending}")}
    )


def find_notebook(name: str, beside: Path | None = None) -> Path:
    """Return the notebook of a report file, given as a name or as a path."""
    stem = name.removesuffix(".ipynb")
    near = [beside.parent / name] if beside else []
    direct = [path for path in [*near, Path(name)] if path.suffix == ".ipynb" and path.is_file()]
    found = direct[0] if direct else find("notebooks", Path(stem).name, ".ipynb")
    if found is None:
        raise ReportError(
            missing(message("notebook"), name, names("notebooks", ".ipynb"), "notebooks/")
        )
    return found


def missing(what: str, name: str, known: list[str], folder: str) -> str:
    """Return the sentence for a name that nothing answers to."""
    close = get_close_matches(name, known, n=3, cutoff=0.5)
    hint = ""
    if close:
        hint = " " + message("Did you mean {names}?", names=", ".join(map(repr, close)))
    return message(
        "No {what} is called {name}.{hint} Known in {folder}: {known}.",
        what=what,
        name=repr(name),
        hint=hint,
        folder=folder,
        known=", ".join(known) or message("none"),
    )


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file, or a sentence saying which line is wrong."""
    try:
        return shelf.read_mapping(path)
    except ArgumentError as problem:
        raise ReportError(str(problem)) from problem


def data_folder(workspace: str, given: str) -> Path | None:
    """Return the folder a workspace reads its files from, or None when that cannot be told."""
    if given:
        return Path(given)
    path = Path(workspace)
    file = (
        path
        if path.suffix in (".yaml", ".yml")
        else find("parameters/workspaces", workspace, ".yaml")
    )
    if file is None or not file.is_file():
        return None
    root = read_yaml(file).get("root")
    if not isinstance(root, str):
        return None
    expanded = os.path.expandvars(root)
    if "$" in expanded:
        return None
    folder = (file.parent / Path(expanded).expanduser()).resolve()
    here = Path.cwd().resolve()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder
