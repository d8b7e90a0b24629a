"""What a page says of itself: chips, provenance, the facts for the index, the way to run it again.

A page carries two JSON scripts. ``report-facts`` stands in its head and holds what the index and
comparisons ask for; ``report-origin`` stands at its end and holds what `workbench.reports.replay`
needs: the notebook itself and every value it was given.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from workbench import shelf
from workbench.messages import message
from workbench.reports.definitions import Plan
from workbench.reports.page import Page

FORMAT = 1
MOST_FIGURES = 5
MOST_ANSWERS = 12
FIGURE = ("label", "value", "detail", "interval", "change")
_TOLD = {"workspace", "as_of", "period", "data"}  # the line under the title says these
_HEAD = 262_144
_FACTS = re.compile(r'<script type="application/json" id="report-facts">(.*?)</script>', re.DOTALL)
_ORIGIN = re.compile(
    r'<script type="application/json" id="report-origin">(.*?)</script>', re.DOTALL
)
# Text files that say what numbers mean; a change in one may change a number.
_DEFINED_IN = ("kpis", "views", "tables", "dashboards")


def describe(page: Page, plan: Plan, made_at: datetime) -> None:
    """Fill in what the run knows: parameter chips and provenance."""
    header = page.header
    for name, value in plan.parameters.items():
        parameter = plan.known[name]
        said = shown(value)
        told = (name in _TOLD and header) or said == page.title
        if said and not told and value is not False:
            page.chips.append((name.replace("_", " "), said))
        page.parameters.append(
            {"name": name, "value": said or "–", "kind": parameter.annotation,
             "help": parameter.help, "given": "given" if name in plan.values else ""}
        )  # fmt: skip
    versions = {**_own_version(), **mapping(header.get("versions"))}
    page.provenance += [
        (message("Workspace"), workspace_of(header, plan)),
        (message("Fingerprint of data and settings"), str(header.get("fingerprint") or "")),
        (message("As of"), str(header.get("as_of") or "")),
        (message("Notebook"), plan.notebook.name),
        (message("Report"), plan.name),
        (message("Made at"), made_at.strftime("%Y-%m-%d %H:%M UTC")),
        (message("Versions"), ", ".join(f"{name} {value}" for name, value in versions.items())),
    ]
    page.provenance = [(label, text) for label, text in page.provenance if text]


def facts_of(page: Page, plan: Plan, notebook: Any, made_at: datetime) -> dict[str, Any]:
    """What the index and comparisons ask of a page; see `workbench.reports.snapshots`."""
    header = page.header
    figures = [{**{key: f[key] for key in FIGURE}, "raw": f.get("raw")} for f in page.figures]
    return {
        "format": FORMAT,
        "kind": "report",
        "name": page.name,
        "title": page.title,
        "status": "failed" if page.failure else "ok",
        "why": page.failure.sentence if page.failure else "",
        "workspace": workspace_of(header, plan),
        "as_of": str(header.get("as_of") or ""),
        "period": str(header.get("period") or ""),
        "made_at": made_at.isoformat(timespec="seconds"),
        "run": "",
        "parameters": page.chips,
        "values": plain(plan.parameters),
        "figures": figures[:MOST_FIGURES],
        "answers": page.answers[:MOST_ANSWERS],
        "part_of": plan.part_of,
        "part": {key: shown(value) for key, value in plan.part.items()},
        "notebook": {
            "name": plan.notebook.name,
            "digest": notebook_digest(notebook),
            "code": code_digest(notebook.cells),
        },
        "files": definition_files(str(plan.parameters.get("workspace") or "")),
        "data": {
            "fingerprint": str(header.get("fingerprint") or ""),
            "tables": mapping(header.get("tables")),
        },
        "versions": {**library_versions(), **mapping(header.get("versions"))},
        "since": {},
    }


def origin_of(plan: Plan, notebook: Any, tables: Mapping[str, str]) -> dict[str, Any]:
    """What runs the page again: notebook, values, and a digest of every table and answer.

    Parameters
    ----------
    plan : Plan
    notebook : nbformat.NotebookNode
        The executed notebook; its outputs stay out.
    tables : mapping
        Digest of each table by its anchor.
    """
    cells = [
        {
            "cell_type": cell.cell_type,
            "source": "".join(cell.get("source", "")),
            "tags": sorted(cell.get("metadata", {}).get("tags", [])),
        }
        for cell in notebook.cells
    ]
    return {
        "format": FORMAT,
        "name": plan.name,
        "title": plan.title,
        "notebook": plan.notebook.name,
        "cells": cells,
        "values": plain(plan.values),
        "part_of": plan.part_of,
        "part": plain(plan.part),
        "tables": dict(tables),
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


def read_origin(html: str) -> dict[str, Any] | None:
    """Return what runs a page again, or None for a page that does not carry it."""
    found = _ORIGIN.search(html)
    try:
        content = json.loads(found.group(1)) if found else None
    except ValueError:
        return None
    return content if isinstance(content, dict) and "cells" in content else None


def notebook_digest(notebook: Any) -> str:
    """What the code of a notebook is, in a few characters; its parameters and texts stay out."""
    sources = [
        "".join(cell.get("source", "")).strip()
        for cell in notebook.cells
        if cell.cell_type == "code" and "parameters" not in cell.get("metadata", {}).get("tags", [])
    ]
    return digest([source for source in sources if source])


def code_digest(cells: Iterable[Mapping[str, Any]]) -> str:
    """What all code cells are, in a few characters; none is left out, whatever its tags say."""
    sources = [
        "".join(cell.get("source", "")).strip() for cell in cells if cell["cell_type"] == "code"
    ]
    return digest([source for source in sources if source])


def digest(content: Any) -> str:
    """Plain values in a few characters: equal values, equal digest."""
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def definition_files(workspace: str) -> dict[str, str]:
    """Digest of each text file in reach that says what numbers mean."""
    found: dict[str, str] = {}
    kinds = [(kind, "*.yaml") for kind in _DEFINED_IN]
    if re.fullmatch(r"[\w-]+", workspace):
        kinds.append(("workspaces", f"{workspace}.yaml"))
    for root in shelf.roots():
        for kind, pattern in kinds:
            for path in sorted((root / "parameters" / kind).glob(pattern)):
                found.setdefault(f"{kind}/{path.name}", _file_digest(path))
    own = Path(workspace)
    if own.suffix in (".yaml", ".yml") and own.is_file():
        found[f"workspaces/{own.name}"] = _file_digest(own)
    return found


def _file_digest(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return ""
    return digest("\n".join(line.rstrip() for line in text.splitlines()))


@cache
def library_versions() -> dict[str, str]:
    """Versions of the libraries that numbers may depend on."""
    try:
        wanted = metadata.requires("b2b-journey-workbench") or []
    except metadata.PackageNotFoundError:
        wanted = []
    names = [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in wanted if "extra ==" not in line]
    found = dict(_own_version())
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _own_version() -> dict[str, str]:
    from workbench import __version__

    return {"workbench": __version__}


def workspace_of(header: Mapping[str, Any], plan: Plan) -> str:
    """Whose data a page shows."""
    return str(header.get("workspace") or plan.parameters.get("workspace", ""))


def plain(value: Any) -> Any:
    """A value of a parameter as JSON and YAML know it."""
    return json.loads(json.dumps(value, default=str))


def mapping(value: Any) -> dict[str, Any]:
    """A mapping, empty for everything that is none."""
    return dict(value) if isinstance(value, Mapping) else {}


def shown(value: Any) -> str:
    """Return a parameter's value as a reader sees it on a chip."""
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return message("yes") if value else message("no")
    if isinstance(value, list | tuple):
        in_order = any(isinstance(item, Mapping) for item in value)
        return (" → " if in_order else ", ").join(shown(item) for item in value)
    if isinstance(value, Mapping) and value.get("label"):
        return str(value["label"])
    if isinstance(value, Mapping) and value.get("analysis"):
        return str(value.get("view") or value["analysis"]).replace("_", " ")  # its page says more
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {shown(item)}" for key, item in value.items())
    return str(value)
