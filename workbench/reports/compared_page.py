"""The comparison of two runs as a page: the same look as a report, one file, no request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from workbench.messages import message
from workbench.reports import render
from workbench.reports.comparing import RunComparison, Side, reasons, summary, value
from workbench.reports.files import write_whole
from workbench.reports.table_changes import TableChange
from workbench.reports.tables import Cell, Column, Table

_MOST_ROWS = 1_000


def write_comparison(found: RunComparison, path: Path) -> Path:
    """Write a comparison as HTML.

    Parameters
    ----------
    found : RunComparison
    path : pathlib.Path
        Written whole or not at all.
    """
    changed = [table for table in found.tables if not table.same]
    return write_whole(
        path,
        render.render_comparison(
            title=_title(found),
            sides=[_facts(found.before), _facts(found.after)],
            reasons=reasons(found),
            figures=_figures(found),
            answers=found.answers,
            tables=[(table.title, summary(table), _table(table)) for table in changed],
            same=[table.title for table in found.tables if table.same],
            added=found.tables_added,
            removed=found.tables_removed,
        ),
    )


def _title(found: RunComparison) -> str:
    if found.same:
        return message("Nothing changed: {title}", title=found.after.facts.get("title", ""))
    return message("What changed: {title}", title=found.after.facts.get("title", ""))


def _facts(side: Side) -> dict[str, Any]:
    facts = side.facts
    return {
        "name": side.name,
        "made_at": str(facts.get("made_at", ""))[:16].replace("T", " "),
        "as_of": facts.get("as_of", ""),
        "period": facts.get("period", ""),
        "workspace": facts.get("workspace", ""),
        "status": facts.get("status", ""),
    }


def _figures(found: RunComparison) -> Table:
    columns = (
        Column("figure", message("Key figure"), False),
        Column("before", message("Before"), True),
        Column("after", message("After"), True),
        Column("change", message("Change"), False, wordy=True),
    )
    rows = tuple(
        (Cell(label), Cell(before), Cell(after), Cell(change or "–", missing=not change))
        for label, before, after, change in found.figures
    )
    return Table(columns, rows, "key-figures.csv", "", message("Key figures"))


def _table(change: TableChange) -> Table:
    columns = (
        Column("what", message("What"), False),
        Column("row", " · ".join(change.keys) or message("Row"), False, wordy=True),
        Column("column", message("Column"), False),
        Column("before", message("Before"), False),
        Column("after", message("After"), False),
    )
    nothing = Cell("–", missing=True)
    rows = [
        (Cell(message("changed")), Cell(key), Cell(label), Cell(value(old)), Cell(value(new)))
        for key, label, old, new in change.changed
    ]
    rows += [(Cell(message("added")), Cell(key), nothing, nothing, nothing)
             for key, _ in change.added]  # fmt: skip
    rows += [(Cell(message("removed")), Cell(key), nothing, nothing, nothing)
             for key, _ in change.removed]  # fmt: skip
    note = ""
    if len(rows) > _MOST_ROWS:
        note = message(
            "The first {n} of {total} lines.", n=f"{_MOST_ROWS:,}", total=f"{len(rows):,}"
        )
    name = f"{change.anchor or 'table'}-changes.csv"
    return Table(columns, tuple(rows[:_MOST_ROWS]), name, note, change.title)
