"""A report's material from a kept run: its tables, its sentences, and the charts of its page."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from workbench.errors import ReportError
from workbench.messages import message
from workbench.reports.exports.material import Material

if TYPE_CHECKING:
    from workbench.reports.kept_tables import KeptTable
    from workbench.reports.snapshots import Snapshot

_FIGURE = re.compile(r'<figure class="chart" id="(chart-\d+)"[^>]*>(.*?)</figure>', re.DOTALL)
_SPEC = re.compile(r'<script type="application/json" class="spec"[^>]*>(.*?)</script>', re.DOTALL)
_STILL = re.compile(r'<img class="still" src="data:image/svg\+xml;charset=utf-8,([^"]*)"')


def kept_material(snapshot: Snapshot) -> Material:
    """The material of a kept run.

    Parameters
    ----------
    snapshot : Snapshot

    Raises
    ------
    ReportError
        When a file of the run is damaged.
    """
    results, facts = snapshot.results, snapshot.facts
    tables = {str(table.path.name): table for table in snapshot.tables if table.path}
    charts = charts_of(page_of(snapshot))
    line = [str(entry) for entry in results.get("line") or []]
    header = {
        "block": "header", "title": results.get("title", ""),
        "subtitle": results.get("subtitle", ""), "workspace": facts.get("workspace", ""),
        "period": facts.get("period", ""), "as_of": facts.get("as_of", ""),
    }  # fmt: skip
    blocks = [header]
    for part in results.get("sections") or []:
        blocks += _blocks(part, tables, charts)
    notes = {
        (note["days"], note["title"]): {"when": note["days"], "title": note["title"],
                                        "text": note["text"]}
        for part in results.get("sections") or []
        for note in part.get("annotations") or []
    }  # fmt: skip
    return Material(
        snapshot.name, str(results.get("title") or snapshot.name), tuple(line), tuple(blocks),
        tuple((str(name), str(text)) for name, text in results.get("provenance") or []),
        annotations=tuple(notes[key] for key in sorted(notes)),
        failure=str(facts.get("why") or "") if facts.get("status") == "failed" else "",
        made_at=str(facts.get("made_at") or ""),
    )  # fmt: skip


def page_of(snapshot: Snapshot) -> str:
    """The page of a kept run as it was made."""
    try:
        return snapshot.page.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ReportError(
            message("{path} cannot be read: {reason}.", path=snapshot.page, reason=error)
        ) from error


def charts_of(html: str) -> dict[str, dict[str, Any]]:
    """Specification and picture of every chart of a page by the identity of its figure."""
    found: dict[str, dict[str, Any]] = {}
    for identity, inside in _FIGURE.findall(html):
        spec, still = _SPEC.search(inside), _STILL.search(inside)
        entry: dict[str, Any] = {}
        if spec:
            with contextlib.suppress(ValueError):
                entry["chart"] = json.loads(spec[1])
        if still:
            entry["svg"] = unquote(unescape(still[1]))
        found[identity] = entry
    return found


def _blocks(
    part: Mapping[str, Any], tables: Mapping[str, KeptTable], charts: Mapping[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    kind = part.get("kind")
    if kind == "figures":
        return [{"block": "figures", "figures": part.get("figures") or []}]
    if kind == "definitions":
        entries = [{"term": term, "text": text} for term, text in part.get("pairs") or []]
        return [{"block": "definitions", "entries": entries}]
    kept = [tables[Path(name).name] for name in part.get("tables") or []
            if Path(name).name in tables]  # fmt: skip
    if kind == "quality":
        names = {table.anchor.rpartition("-")[2]: _plain(table) for table in kept}
        return [{"block": "quality", "heading": part.get("heading", ""),
                 "sentence": part.get("reading", ""), **names}]  # fmt: skip
    if kind == "text":
        return [{"block": "text", "heading": part.get("heading", ""),
                 "text": part.get("text", "")}]  # fmt: skip
    if kind != "finding":
        return []
    chart = charts.get(str(part.get("chart") or ""), {})
    panels = [
        {"block": "finding", "anchor": f"{part.get('anchor', '')}-{n}",
         "heading": str(panel.get("heading") or part.get("heading", "")),
         "alt": panel.get("alt", ""), **charts[str(panel.get("chart"))]}
        for n, panel in enumerate(part.get("panels") or [], start=1)
        if str(panel.get("chart")) in charts
    ]  # fmt: skip
    return [{
        "block": "finding" if chart or not kept else "table",
        "anchor": part.get("anchor", ""), "heading": part.get("heading", ""),
        "reading": part.get("reading", ""), "alt": part.get("alt", ""),
        "notes": part.get("notes") or [], "definition": part.get("definition") or {},
        "scope": part.get("scope") or {}, "table": _plain(kept[0]) if kept else None, **chart,
    }, *panels]  # fmt: skip


def _plain(table: KeptTable) -> dict[str, Any]:
    return {
        "columns": [dict(column) for column in table.columns],
        "rows": [list(row) for row in table.rows],
        "file_name": f"{table.anchor}.csv",
        "total_rows": table.total_rows,
        "note": table.note,
    }
