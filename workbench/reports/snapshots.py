"""What is kept of every run of a report: the page as it was made, and its results as data.

Layout below the folder of the pages (``reports/`` unless ``--out`` says otherwise)::

    NAME.html                         the latest good page: a fixed link
    NAME.failed.html                  what came of the last run, while that failed
    index.html                        the list of all reports and runs
    runs/NAME/2026-04-01T09-00-00Z/   one run, named by its instant in UTC; -2, -3 … when taken
        page.html                     the page as it was made, a failed run's too
        facts.json                    what the index and comparisons ask for (`FACTS`)
        results.json                  the parts of the page in order, as plain values (`RESULTS`)
        parameters.yaml               every parameter of the notebook with the value it had
        tables/01-ANCHOR.parquet      each table with its raw values, one file a table

A run's folder appears when it is whole and is never written again. Names that begin with a dot are
drafts of runs that did not come to an end.

FACTS: ``format, kind, name, title, status ("ok" or "failed"), why, workspace, as_of, period,
made_at, run ("NAME/INSTANT"), bytes, parameters [[name, value as read]], values {name: value},
figures [{label, value, detail, interval, change, raw}], answers [sentence], part_of, part,
notebook {name, digest, code}, files {path: digest}, data {fingerprint, tables}, versions {name:
version}, since {...}``. ``raw`` is a number as data, see `workbench.results.measured`.

RESULTS: ``{title, subtitle, line, sections: [{kind, anchor, heading, reading, notes, chart
(identity of the figure on the page), alt, panels [{chart, alt, heading}], tables [path], text,
figures, definition, scope}], provenance [[name, text]]}``; a section of definitions has ``pairs``.

PARQUET: a column for each column of the table under its name, instants and dates as text, numbers
as they are before rounding; the schema's metadata holds under ``workbench`` a JSON mapping
``{anchor, title, reading, note, total_rows, columns: [{name, label, kind, unit}]}``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from workbench.errors import ReportError
from workbench.messages import message
from workbench.reports.files import safe_name, write_folder
from workbench.reports.kept_tables import KeptTable, read_tables, write_tables
from workbench.reports.page import Page

RUNS = "runs"
FORMAT = 1
PAGE, FACTS, RESULTS, PARAMETERS = "page.html", "facts.json", "results.json", "parameters.yaml"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(?:-(\d+))?\Z")


@dataclass(frozen=True)
class Snapshot:
    """One kept run.

    Attributes
    ----------
    folder : pathlib.Path
    facts : mapping
        See the module's FACTS.
    """

    folder: Path
    facts: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The report's name."""
        return self.folder.parent.name

    @property
    def run(self) -> str:
        """Name of report and run, as in ``grow_key_accounts/2026-04-01T09-00-00Z``."""
        return f"{self.name}/{self.folder.name}"

    @property
    def ok(self) -> bool:
        """Whether the run came to its end."""
        return bool(self.facts.get("status") == "ok")

    @property
    def page(self) -> Path:
        """The page as it was made."""
        return self.folder / PAGE

    @cached_property
    def results(self) -> dict[str, Any]:
        """The parts of the page in order; see the module's RESULTS."""
        return _read_json(self.folder / RESULTS)

    @cached_property
    def tables(self) -> list[KeptTable]:
        """Every table of the page with its raw values, in the order of the page."""
        return read_tables(self.folder)

    @property
    def order(self) -> tuple[str, int]:
        """What runs of one report are sorted by: the instant, then the number behind it."""
        found = _INSTANT.match(self.folder.name)
        return self.folder.name[:20], int(found[1] or 1) if found else 0


def instant_name(made_at: datetime) -> str:
    """The name of a run: its instant in UTC, without signs that a file system refuses."""
    return made_at.astimezone(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")


def keep(
    folder: Path, page: Page, html: str, facts: Mapping[str, Any], made_at: datetime
) -> Snapshot:
    """Keep a run; two runs of one second both find a place.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the pages.
    page : Page
        What the page was written from.
    html : str
        The page itself.
    facts : mapping
    made_at : datetime
    """
    name = safe_name(page.name)

    def fill(draft: Path) -> None:
        tables = write_tables(draft, page)
        _write_json(draft / RESULTS, plain_results(page, tables))
        values = yaml.safe_dump(facts["values"], allow_unicode=True, sort_keys=False)
        (draft / PARAMETERS).write_text(values, encoding="utf-8", errors="replace")
        (draft / PAGE).write_text(html, encoding="utf-8", errors="replace", newline="\n")
        size = sum(path.stat().st_size for path in draft.rglob("*") if path.is_file())
        _write_json(draft / FACTS, {**facts, "bytes": size})

    place = write_folder(folder / RUNS / name / instant_name(made_at), fill)
    return Snapshot(place, {**facts, "run": f"{name}/{place.name}"})


def plain_results(page: Page, tables: Mapping[str, list[str]]) -> dict[str, Any]:
    """The parts of a page as plain values; `tables` are the files of each part's anchor."""
    sections = []
    for part in [*page.sections, *page.ending]:
        block = part.block
        entry = {
            "kind": part.kind,
            "anchor": part.anchor,
            "heading": part.heading,
            "reading": part.reading,
            "notes": list(part.notes),
            "chart": part.chart.identity if part.chart else "",
            "alt": part.chart.alt if part.chart else "",
            "panels": [
                {"chart": one.chart.identity, "alt": one.chart.alt, "heading": one.heading}
                for one in part.panels
            ],
            "tables": tables.get(part.anchor, []),
            "pairs": [list(pair) for pair in part.pairs],
            "figures": list(part.content) if part.kind == "figures" else [],
            "text": block.get("text", "") if part.kind == "text" else "",
            "definition": block.get("definition", {}),
            "scope": block.get("scope", {}),
            "annotations": [dict(mark) for mark in part.marks],
        }
        kept = ("kind", "anchor", "heading")
        sections.append({key: value for key, value in entry.items() if value or key in kept})
    return {
        "title": page.title,
        "subtitle": page.subtitle,
        "line": list(page.line),
        "sections": sections,
        "provenance": [list(pair) for pair in page.provenance],
    }


def report_names(folder: Path) -> list[str]:
    """Names of all reports of which runs are kept, sorted."""
    runs = folder / RUNS
    if not runs.is_dir():
        return []
    return sorted(p.name for p in runs.iterdir() if p.is_dir() and not p.name.startswith("."))


def snapshots_of(folder: Path, name: str) -> Iterator[Snapshot]:
    """Every kept run of a report, newest first; what is no run is passed over.

    One is read after the other, so that whoever wants the newest does not pay for all.
    """
    place = folder / RUNS / name
    runs = [Snapshot(run, {}) for run in place.iterdir()] if place.is_dir() else []
    fitting = [one for one in runs if _INSTANT.match(one.folder.name)]
    for one in sorted(fitting, key=lambda one: one.order, reverse=True):
        facts = read_kept_facts(one.folder)
        if facts is not None:
            yield Snapshot(one.folder, facts)


def all_snapshots(folder: Path) -> Iterator[Snapshot]:
    """Every kept run of every report: by name of the report, newest first."""
    for name in report_names(folder):
        yield from snapshots_of(folder, name)


def read_kept_facts(run: Path) -> dict[str, Any] | None:
    """The facts of a kept run, or None for a folder that is none."""
    try:
        facts = json.loads((run / FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(facts, dict) or "made_at" not in facts:
        return None
    return {**facts, "run": f"{run.parent.name}/{run.name}"}


def find_snapshot(folder: Path, wanted: str) -> Snapshot:
    """The run that a text names.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the pages.
    wanted : str
        A report (``NAME``: its newest good run), a run (``NAME/2026-04-01T09-00-00Z``, also only
        the beginning of the instant: the newest good one of that day or hour), or a path of a
        run's folder or of a file in it.

    Raises
    ------
    ReportError
        With what there is.
    """
    path = Path(wanted)
    for place in (path, path.parent):
        if (place / FACTS).is_file() and (facts := read_kept_facts(place)):
            return Snapshot(place, facts)
    name, _, begun = wanted.partition("/")
    known = report_names(folder)
    if name not in known:
        raise ReportError(
            message(
                "No run of a report {name} is kept in {folder}. Known: {known}.",
                name=repr(name), folder=folder / RUNS, known=", ".join(known) or "–",
            )
        )  # fmt: skip
    runs = list(snapshots_of(folder, name))
    begun = begun.strip().replace(":", "-").replace(" ", "T").removesuffix("/")
    fitting = [one for one in runs if one.folder.name == begun]
    fitting = fitting or [one for one in runs if one.folder.name.startswith(begun)]
    chosen = next((one for one in fitting if one.ok), fitting[0] if fitting and begun else None)
    if chosen is None:
        shown = ", ".join(one.folder.name for one in runs[:8])
        raise ReportError(
            message(
                "Report {name} has no good run {begun}. Its newest runs: {shown}.",
                name=repr(name), begun=repr(begun) if begun else "", shown=shown or "–",
            )
        )  # fmt: skip
    return chosen


def _write_json(path: Path, content: Any) -> None:
    from workbench.reports.render import finite

    text = json.dumps(finite(content), ensure_ascii=False, separators=(",", ":"), default=str)
    path.write_text(text, encoding="utf-8", errors="replace")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReportError(
            message(
                "{path} cannot be read: {reason}. The run is damaged; its page.html may still be "
                "whole.",
                path=path, reason=error,
            )
        ) from error  # fmt: skip
    return dict(content) if isinstance(content, Mapping) else {}
