"""The folder of pages: one file a report, an overview for each matrix, an index over all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.messages import message
from workbench.reports import render
from workbench.reports.cells import Failure
from workbench.reports.definitions import Plan
from workbench.reports.files import file_size, write_whole
from workbench.reports.page import Page, read_page
from workbench.reports.tables import Cell, Column, Table

_FACTS = re.compile(r'<script type="application/json" id="report-facts">(.*?)</script>', re.DOTALL)
_HEAD = 262_144
MOST_FIGURES = 5
_TOLD = {"workspace", "as_of", "period", "data"}  # the line under the title says these
FIGURE = ("label", "value", "detail", "interval", "change")
_TEXTS = ("name", "title", "why", "workspace", "as_of", "period", "made_at", "part_of", "file",
          "failed_file", "size")  # fmt: skip
_BLANK: dict[str, Any] = {
    **dict.fromkeys(_TEXTS, ""),
    "kind": "report",
    "status": "ok",
    "part": {},
    "parameters": [],
    "figures": [],
    "answers": [],
    "parts": [],
    "pages": [],
}


def write_report(
    plan: Plan, notebook: Any, failure: Failure | None, folder: Path, *, made_at: datetime
) -> Path:
    """Write the page of an executed notebook and return its path.

    A whole page replaces the old one and removes what an earlier failure left. A failed run
    writes ``NAME.failed.html`` and leaves the last good page as it is.
    """
    page = read_page(plan.name, notebook, title=plan.title, failure=failure)
    describe(page, plan, made_at)
    good, failed = folder / f"{plan.name}.html", folder / f"{plan.name}.failed.html"
    if page.failure is None:
        write_whole(good, render.render_page(page, facts(page, plan, made_at)))
        failed.unlink(missing_ok=True)
        return good
    return write_whole(failed, render.render_page(page, facts(page, plan, made_at)))


def describe(page: Page, plan: Plan, made_at: datetime) -> None:
    """Fill in what the run knows: parameter chips and provenance."""
    from workbench import __version__

    header = page.header
    for name, value in plan.parameters.items():
        parameter = plan.known[name]
        shown = _shown(value)
        told = (name in _TOLD and header) or shown == page.title
        if shown and not told and value is not False:
            page.chips.append((name.replace("_", " "), shown))
        page.parameters.append(
            {"name": name, "value": shown or "–", "kind": parameter.annotation,
             "help": parameter.help, "given": "given" if name in plan.values else ""}
        )  # fmt: skip
    versions = {"workbench": __version__, **_mapping(header.get("versions"))}
    page.provenance += [
        (message("Workspace"), _workspace(header, plan)),
        (message("Fingerprint of data and settings"), str(header.get("fingerprint") or "")),
        (message("As of"), str(header.get("as_of") or "")),
        (message("Notebook"), plan.notebook.name),
        (message("Report"), plan.name),
        (message("Made at"), made_at.strftime("%Y-%m-%d %H:%M UTC")),
        (message("Versions"), ", ".join(f"{name} {value}" for name, value in versions.items())),
    ]
    page.provenance = [(label, text) for label, text in page.provenance if text]


def facts(page: Page, plan: Plan, made_at: datetime) -> dict[str, Any]:
    """Return what the index tells about a page; the page itself carries it."""
    return {
        "kind": "report",
        "name": page.name,
        "title": page.title,
        "status": "failed" if page.failure else "ok",
        "why": page.failure.sentence if page.failure else "",
        "workspace": _workspace(page.header, plan),
        "as_of": str(page.header.get("as_of") or ""),
        "period": str(page.header.get("period") or ""),
        "made_at": made_at.isoformat(timespec="seconds"),
        "parameters": page.chips,
        "figures": [{key: figure[key] for key in FIGURE} for figure in page.figures][:MOST_FIGURES],
        "answers": page.answers[:12],
        "part_of": plan.part_of,
        "part": {key: _shown(value) for key, value in plan.part.items()},
    }


def read_facts(path: Path) -> dict[str, Any] | None:
    """Return the facts a page carries, or None for a file that is not one of our pages."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            found = _FACTS.search(file.read(_HEAD))
        content = json.loads(found.group(1)) if found else None
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and "made_at" in content else None


def write_overview(
    name: str, plans: Sequence[Plan], folder: Path, *, now: Callable[[], datetime]
) -> Path:
    """Write the page that compares all pages of a matrix by their key figures."""
    entries = [_entry(folder, plan.name) or _unmade(plan) for plan in plans]
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
    """Write ``index.html``: every page in `folder`, newest first."""
    entries = [entry for name in _names(folder) if (entry := _entry(folder, name))]
    entries.sort(key=lambda entry: (entry["made_at"], entry["name"]), reverse=True)
    by_name = {entry["name"]: entry for entry in entries}
    held = {name for entry in entries for name in entry["pages"]}
    shown = [entry for entry in entries if entry["name"] not in held]
    for entry in shown:
        entry["parts"] = [by_name[name] for name in entry["pages"] if name in by_name]
    return write_whole(folder / "index.html", render.render_index(shown))


def _names(folder: Path) -> list[str]:
    pages = [path for path in folder.glob("*.html") if path.name != "index.html"]
    return sorted({path.name.removesuffix(".html").removesuffix(".failed") for path in pages})


def _entry(folder: Path, name: str) -> dict[str, Any] | None:
    """Return what the index shows of a report: its good page, and its last failure if newer."""
    good, failed = folder / f"{name}.html", folder / f"{name}.failed.html"
    kept, broken = read_facts(good), read_facts(failed)
    found = kept or broken
    if found is None:
        return None
    path = good if kept else failed
    return {
        **_BLANK,
        **found,
        "status": "failed" if broken else found["status"],
        "why": broken["why"] if broken else found["why"],
        "file": path.name,
        "failed_file": failed.name if broken else "",
        "size": file_size(path.stat().st_size),
    }


def _unmade(plan: Plan) -> dict[str, Any]:
    part = {key: _shown(value) for key, value in plan.part.items()}
    return {**_BLANK, "name": plan.name, "title": plan.title, "status": "failed", "part": part}


def _workspace(header: Mapping[str, Any], plan: Plan) -> str:
    return str(header.get("workspace") or plan.parameters.get("workspace", ""))


def _common(entries: Sequence[Mapping[str, Any]], key: str) -> str:
    return " · ".join(dict.fromkeys(str(entry[key]) for entry in entries if entry[key]))


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _shown(value: Any) -> str:
    """Return a parameter's value as a reader sees it on a chip."""
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return message("yes") if value else message("no")
    if isinstance(value, list | tuple):
        in_order = any(isinstance(item, Mapping) for item in value)
        return (" → " if in_order else ", ").join(_shown(item) for item in value)
    if isinstance(value, Mapping) and value.get("label"):
        return str(value["label"])
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_shown(item)}" for key, item in value.items())
    return str(value)
