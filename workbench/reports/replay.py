"""Running a page again from what it carries: are the numbers the same, and if not, why?

A page holds its notebook and the values it was given (`workbench.reports.about.origin_of`), a
digest of every table, its key figures and answers, and of the data and definitions the digests of
that day. A machine with the workbench and the data needs nothing else.

To run a page is to run its code. It runs without further ado when it is the code of a notebook in
reach or of a run that was kept here; a page from elsewhere has to be trusted by name.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.errors import ReportError
from workbench.messages import message
from workbench.reports import about, render, shelves
from workbench.reports.changes import data_changes, definition_changes, version_changes
from workbench.reports.comparing import RunComparison, Side, compare_runs, find_side, read_html
from workbench.reports.definitions import Plan
from workbench.reports.files import write_whole
from workbench.reports.kept_tables import KeptTable, table_digests, tables_of
from workbench.reports.page import read_page
from workbench.reports.parameters import check_values, read_parameters
from workbench.reports.snapshots import all_snapshots

SAME, CANNOT, DIFFERENT = 0, 1, 3


@dataclass(frozen=True)
class Replay:
    """What became of running a page again.

    Attributes
    ----------
    exit_code : int
        0: every number is the same. 3: some differ. 1: it could not be run.
    sentence : str
        The finding.
    reasons : tuple of str
        What is not as it was: data, definitions, versions.
    comparison : RunComparison, optional
        Where the numbers differ.
    path : pathlib.Path, optional
        The page that was made, when asked for.
    """

    exit_code: int
    sentence: str
    reasons: tuple[str, ...] = ()
    comparison: RunComparison | None = None
    path: Path | None = field(default=None)


def replay_page(
    wanted: str,
    *,
    folder: str | Path = "reports",
    workspace: str = "",
    data: str = "",
    save: str | Path = "",
    trust: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Replay:
    """Run a page again and compare.

    Parameters
    ----------
    wanted : str
        Path of a page, or a kept run as `workbench.reports.snapshots.find_snapshot` takes it.
    folder : str or Path
        Folder of the pages.
    workspace, data : str
        Where the data lie now, when that is elsewhere.
    save : str or Path
        A file for the page that comes out; empty: it is not kept.
    trust : bool
        Run the page's code though it is not known here.

    Raises
    ------
    ReportError
        For a file that is no page, one that does not carry its notebook, or whose code is unknown.
    """
    side = find_side(Path(folder), wanted)
    html = read_html(side.page)
    origin = about.read_origin(html)
    if origin is None:
        raise ReportError(
            message(
                "{path} does not carry the notebook that made it, so it cannot be run again. It "
                "was made by an earlier version, or handed out without it.",
                path=side.page,
            )
        )
    if not trust and not _known_here(origin, Path(folder)):
        raise ReportError(
            message(
                "{path} holds code of a notebook that is not known here, and to replay it would "
                "run that code. Read it at the end of the page (All code); if you trust it, add "
                "--trust.",
                path=side.page,
            )
        )
    with tempfile.TemporaryDirectory(prefix="workbench-") as temporary:
        plan = _plan(origin, Path(temporary), workspace, data)
        gone = _absent(plan)
        if gone:
            return Replay(CANNOT, gone)
        return _run(plan, side, origin, save, now())


def _known_here(origin: Mapping[str, Any], folder: Path) -> bool:
    """Whether the code of a page is that of a notebook in reach, or of a run kept here."""
    wanted = about.code_digest(origin["cells"])
    for name in shelves.names("notebooks", ".ipynb"):
        with contextlib.suppress(OSError, ValueError, KeyError, ReportError):
            content = json.loads(shelves.find_notebook(name).read_text(encoding="utf-8"))
            if about.code_digest(content["cells"]) == wanted:
                return True
    return any(
        about.mapping(run.facts.get("notebook")).get("code") == wanted
        for run in all_snapshots(folder)
    )


def _plan(origin: Mapping[str, Any], folder: Path, workspace: str, data: str) -> Plan:
    """The page as it was planned, with its own notebook."""
    import nbformat
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    content = new_notebook()
    for cell in origin["cells"]:
        make = new_code_cell if cell.get("cell_type") == "code" else new_markdown_cell
        made = make(str(cell.get("source", "")))
        made.metadata["tags"] = list(cell.get("tags", []))
        content.cells.append(made)
    name = Path(str(origin.get("notebook") or "notebook.ipynb")).name
    path = folder / (name if name.endswith(".ipynb") else f"{name}.ipynb")
    nbformat.write(content, path)
    known = read_parameters(content)
    given = {**about.mapping(origin.get("values"))}
    given |= {key: value for key, value in (("workspace", workspace), ("data", data)) if value}
    where = message("The page {name}", name=origin.get("name", ""))
    values = check_values(known, given, where=where)
    return Plan(
        str(origin.get("name") or "page"), str(origin.get("title") or ""), path, known, values,
        str(origin.get("part_of") or ""), about.mapping(origin.get("part")),
    )  # fmt: skip


def _absent(plan: Plan) -> str:
    values = plan.parameters
    folder = shelves.data_folder(str(values.get("workspace", "")), str(values.get("data", "")))
    if folder is None or folder.is_dir():
        return ""
    return message(
        "The data are gone: there is no folder {folder}. Say where they are now with --data DIR.",
        folder=folder,
    )


def _run(
    plan: Plan, side: Side, origin: Mapping[str, Any], save: str | Path, made_at: datetime
) -> Replay:
    from workbench.reports.run import execute

    notebook, failure = execute(plan)
    page = read_page(plan.name, notebook, title=plan.title, failure=failure)
    about.describe(page, plan, made_at)
    facts = about.facts_of(page, plan, notebook, made_at)
    reasons = _reasons(facts, side.facts)
    if page.failure is not None and side.facts.get("status") == "ok":
        sentence = message("It could not be run again. {why}", why=page.failure.sentence)
        return Replay(CANNOT, sentence, reasons)
    tables = tables_of(page)
    html = render.render_page(page, facts, about.origin_of(plan, notebook, table_digests(tables)))
    path = write_whole(Path(save), html) if save else None
    comparison = _comparison(side, facts, tables, about.mapping(origin.get("tables")), html)
    if comparison is None or comparison.same:
        sentence = message(
            "The numbers are the same: {figures} key figures, {answers} answers, {tables} tables.",
            figures=len(facts["figures"]), answers=len(facts["answers"]), tables=len(tables),
        )  # fmt: skip
        return Replay(SAME, sentence, reasons, comparison, path)
    return Replay(DIFFERENT, _different(comparison, reasons), reasons, comparison, path)


def _comparison(
    side: Side,
    facts: Mapping[str, Any],
    tables: list[KeptTable],
    digests: Mapping[str, str],
    html: str,
) -> RunComparison | None:
    """What differs; None when no digest does, so that nothing has to be read from the page."""
    same = table_digests(tables) == digests and all(
        _texts(facts.get(key)) == _texts(side.facts.get(key)) for key in ("figures", "answers")
    )
    if same:
        return None
    with tempfile.TemporaryDirectory(prefix="workbench-") as temporary:
        page = write_whole(Path(temporary) / "page.html", html)
        return compare_runs(
            Side(side.name, side.facts, side.page), Side(message("run again"), facts, page)
        )


def _texts(entries: Any) -> list[Any]:
    return [
        (entry["label"], entry["value"]) if isinstance(entry, Mapping) else entry
        for entry in entries or []
    ]


def _reasons(now: Mapping[str, Any], then: Mapping[str, Any]) -> tuple[str, ...]:
    data, files = data_changes(now, then), definition_changes(now, then)
    versions = version_changes(now, then)
    named = (
        (data, message("The data changed: {what}.", what=", ".join(data))),
        (files, message("The definitions changed: {what}.", what=", ".join(files))),
        (versions, message("Other versions: {what}.", what=", ".join(versions))),
    )
    days = [str(facts.get("as_of") or "") for facts in (then, now)]
    said = [sentence for given, sentence in named if given]
    if days[0] != days[1]:
        said.append(message("Looked at from {now}, not {then}.", now=days[1], then=days[0]))
    return tuple(said)


def _different(found: RunComparison, reasons: tuple[str, ...]) -> str:
    figures = [label for label, before, after, _ in found.figures if before != after]
    tables = [change.title for change in found.tables if not change.same]
    parts = [
        (figures, message("key figures: {names}", names=", ".join(figures))),
        (found.answers, message("answers: {n}", n=len(found.answers))),
        (tables, message("tables: {names}", names="; ".join(tables))),
        (found.tables_added, message("new tables: {names}", names="; ".join(found.tables_added))),
        (found.tables_removed,
         message("tables gone: {names}", names="; ".join(found.tables_removed))),
    ]  # fmt: skip
    sentence = message(
        "The numbers differ ({what}).", what=" · ".join(text for given, text in parts if given)
    )
    if reasons:
        return sentence
    return f"{sentence} " + message(
        "Data, definitions and versions are as they were: the notebook may draw at random without "
        "a seed, or ask the clock."
    )
