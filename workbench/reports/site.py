"""The folder of pages: one file a report, its kept runs, an overview for each matrix, an index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.ledger import alone
from workbench.messages import message
from workbench.reports import about, render
from workbench.reports.cells import Failure
from workbench.reports.changes import tell_changes
from workbench.reports.definitions import Plan
from workbench.reports.files import safe_name, unwritable, write_whole
from workbench.reports.kept_tables import table_digests, tables_of
from workbench.reports.listing import BLANK, latest_page, latest_pages, list_runs
from workbench.reports.page import read_page
from workbench.reports.snapshots import RUNS, keep
from workbench.reports.tables import Cell, Column, Table
from workbench.reports.talk import lay_in


def write_report(
    plan: Plan, notebook: Any, failure: Failure | None, folder: Path, *, made_at: datetime
) -> Path:
    """Keep a run of a report, write its page, and return the page's path.

    The run is kept below ``runs/`` (see `workbench.reports.snapshots`). A whole page replaces the
    old one and removes what an earlier failure left. A failed run writes ``NAME.failed.html`` and
    leaves the last good page as it is.
    """
    safe_name(plan.name)
    page = read_page(plan.name, notebook, title=plan.title, failure=failure)
    lay_in(page, (plan.name, plan.notebook.stem))
    about.describe(page, plan, made_at)
    facts = about.facts_of(page, plan, notebook, made_at)
    tell_changes(page, facts, folder)
    digests = table_digests(tables_of(page))
    html = render.render_page(page, facts, about.origin_of(plan, notebook, digests))
    keep(folder, page, html, facts, made_at)
    good, failed = folder / f"{plan.name}.html", folder / f"{plan.name}.failed.html"
    with one_writer(folder):
        if page.failure is not None:
            return write_whole(failed, html)
        write_whole(good, html)
        failed.unlink(missing_ok=True)
        return good


@contextmanager
def one_writer(folder: Path) -> Iterator[None]:
    """Let one process at a time replace the pages that everybody links to."""
    place = folder / RUNS
    try:
        place.mkdir(parents=True, exist_ok=True)
        held = ExitStack()
        held.enter_context(alone(place / ".writer"))
    except OSError as error:
        raise unwritable(place, error) from error
    with held:
        yield


def write_overview(
    name: str, plans: Sequence[Plan], folder: Path, *, now: Callable[[], datetime]
) -> Path:
    """Write the page that compares all pages of a matrix by their key figures."""
    entries = [latest_page(folder, plan.name) or _unmade(plan) for plan in plans]
    title = plans[0].title.rsplit(" — ", 1)[0] or name
    content: dict[str, Any] = {
        "kind": "overview",
        "name": name,
        "title": title,
        "status": "failed" if any(entry["status"] == "failed" for entry in entries) else "ok",
        "why": "",
        "workspace": _common(entries, "workspace"),
        "as_of": _common(entries, "as_of"),
        "period": _common(entries, "period"),
        "made_at": now().isoformat(timespec="seconds"),
        "parameters": [[key.replace("_", " "), message("each value")] for key in plans[0].part],
        "figures": [],
        "answers": [entry["title"] for entry in entries][:12],
        "part_of": "",
        "part": {},
        "pages": [plan.name for plan in plans],
    }
    return write_whole(
        folder / f"{name}.html",
        render.render_overview(content, entries, _comparison(name, entries)),
    )


def _comparison(name: str, entries: Sequence[Mapping[str, Any]]) -> Table:
    keys = list(dict.fromkeys(key for entry in entries for key in entry["part"]))
    labels = list(
        dict.fromkeys(figure["label"] for entry in entries for figure in entry["figures"])
    )
    columns = [
        *(Column(key, key.replace("_", " "), False) for key in keys),
        *(Column(label, label, True) for label in labels),
        Column("status", message("Status"), False),
    ]
    rows = []
    for entry in entries:
        figures = {figure["label"]: figure["value"] for figure in entry["figures"]}
        first = [Cell(entry["part"].get(key, ""), href=entry["file"]) for key in keys]
        values = [
            Cell(str(figures[label])) if label in figures else Cell("–", missing=True)
            for label in labels
        ]
        state = message("ok") if entry["status"] == "ok" else message("failed")
        rows.append((*first, *values, Cell(state)))
    return Table(tuple(columns), tuple(rows), f"{name}.csv", "", message("Key figures"))


def write_index(folder: Path) -> Path:
    """Write ``index.html``: every page and every kept run in `folder`, newest first."""
    with one_writer(folder):
        return _write_index(folder)


def _write_index(folder: Path) -> Path:
    entries = latest_pages(folder)
    runs, counts = list_runs(folder)
    for entry in entries:
        entry["runs"] = counts.get(entry["name"], 0)
    return write_whole(folder / "index.html", render.render_index(entries, runs))


def _unmade(plan: Plan) -> dict[str, Any]:
    part = {key: about.shown(value) for key, value in plan.part.items()}
    return {**BLANK, "name": plan.name, "title": plan.title, "status": "failed", "part": part}


def _common(entries: Sequence[Mapping[str, Any]], key: str) -> str:
    return " · ".join(dict.fromkeys(str(entry[key]) for entry in entries if entry[key]))
