"""Loading a workspace: find its file, build or reuse the cache, open the tables."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import duckdb

from workbench import shelf
from workbench.data import sql
from workbench.data.build import build_workspace
from workbench.data.cache import built, cache_root, fingerprint, is_whole
from workbench.data.checked import (
    DATABASE,
    DESCRIPTION,
    QUARANTINE,
    CheckedData,
    Description,
    balance_frame,
)
from workbench.data.databases import postgres_state
from workbench.data.findings import Finding, UnusableDataError
from workbench.data.sources import SourceError, paths_of
from workbench.data.workspace_file import WorkspaceFile, expanded, read_workspace_file
from workbench.errors import ArgumentError
from workbench.messages import message

PATIENCE = 100


def load(
    source: str | Path,
    *,
    root: Path | str | None = None,
    cache: Path | None = None,
    refresh: bool = False,
) -> CheckedData:
    """Read, check and keep the tables of a workspace.

    Parameters
    ----------
    source
        Name of a workspace, or path of a workspace file.
    root
        Folder of the data files, in place of the one the workspace file names.
    cache
        Folder for caches, in place of ``WORKBENCH_CACHE`` or the user's cache folder.
    refresh
        Build again even if nothing changed.

    Returns
    -------
    CheckedData
        The tables, the event view, and everything that was found.

    Raises
    ------
    ArgumentError
        When there is no such workspace.
    WorkspaceFileError
        With everything that is wrong in the workspace file.
    UnusableDataError
        With everything found, when the data cannot be used.
    """
    path = workspace_path(source)
    file, text = read_workspace_file(path)
    folder = data_folder(file, path, root)
    inputs, states = _inputs(file, folder)
    name = fingerprint([text, str(folder), *states], inputs)
    target = cache_root(cache) / f"{file.name}-{name}"

    def build(directory: Path) -> None:
        build_workspace(file, folder, directory, path)

    return _opened_whole(built(target, build, refresh=refresh), name)


def _opened_whole(directory: Path, name: str) -> CheckedData:
    """Open a build; another process that refreshes it may just be between away and back."""
    for _ in range(PATIENCE):
        try:
            return opened(directory, name)
        except (OSError, duckdb.IOException):
            if is_whole(directory):
                break
            time.sleep(0.02)
    return opened(directory, name)


def workspace_path(source: str | Path) -> Path:
    """The workspace file of a name or path."""
    given = Path(source).expanduser()
    if given.suffix in shelf.ENDINGS or given.is_file():
        if not given.is_file():
            raise ArgumentError(message("There is no workspace file {path}.", path=given))
        return given.absolute()
    return shelf.named("workspaces", str(source), "workspace")


def data_folder(file: WorkspaceFile, path: Path, root: Path | str | None) -> Path:
    """The folder of the data files; a relative one counts from the workspace file."""
    if root is not None:
        return Path(root).expanduser().absolute()
    named = Path(expanded(file.root)).expanduser()
    return named if named.is_absolute() else (path.parent / named).resolve()


def _inputs(file: WorkspaceFile, folder: Path) -> tuple[list[Path], list[str]]:
    """Every input file, and the state of every server; all that is missing is told at once."""
    found: list[Path] = []
    states: dict[str, str] = {}
    problems: list[Finding] = []
    for name, entry in file.tables.items():
        try:
            if entry.database is None or entry.database.url is None:
                found.extend(paths_of(entry, folder))
            elif entry.database.url not in states:
                states[entry.database.url] = postgres_state(entry.database.url)
        except SourceError as error:
            problems.extend(replace(one, table=name) for one in error.findings)
    if problems:
        raise UnusableDataError.of(file.name, problems)
    return found, list(states.values())


def opened(directory: Path, name: str) -> CheckedData:
    """Open a finished build; no input file is touched."""
    description = Description.read(directory / DESCRIPTION)
    quarantine = directory / QUARANTINE
    return CheckedData(
        name=description.name,
        title=description.title,
        settings=description.settings,
        connection=sql.connect(directory / DATABASE, read_only=True),
        tables=description.tables,
        findings=description.findings,
        balance=balance_frame(description.balance),
        quarantine=quarantine if quarantine.is_file() else None,
        as_of=description.as_of,
        fingerprint=name,
        directory=directory,
    )
