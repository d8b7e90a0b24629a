"""Parts of a page that are no analysis: its head, the state of its data, its definitions."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.messages import message, message_of_count
from workbench.results import numbers
from workbench.results.base import Block, Result
from workbench.results.tables import Column, plain_table

if TYPE_CHECKING:
    from workbench.workspace import Workspace

_SHOWN_VERSIONS = ("duckdb", "numba", "pandas", "altair", "papermill")


def header(workspace: Workspace, title: str, *, period: str = "") -> Block:
    """The head of a page: the question, whose data, which period, as of when.

    Parameters
    ----------
    workspace : Workspace
    title : str
        The page's question.
    period : str
        As the analyses take it; empty for everything.
    """
    from workbench import __version__

    zone = workspace.settings.report_tz
    asked = workspace.period(period)
    store = workspace.events
    span = str(asked) or (
        f"{numbers.day(store.first, zone)}..{numbers.day(workspace.as_of, zone)}"
        if store.first
        else message("no events")
    )
    return Block(
        {
            "block": "header",
            "title": title,
            "subtitle": message(
                "{title} · {events} of {accounts} · times in {zone}",
                title=workspace.title,
                events=message_of_count("{count} event", "{count} events", len(store)),
                accounts=message_of_count(
                    "{count} account", "{count} accounts", store.columns["account_id"]["values"]
                ),
                zone=zone,
            ),
            "as_of": numbers.day(workspace.as_of, zone) if store.first else numbers.NOTHING,
            "workspace": workspace.name,
            "fingerprint": workspace.fingerprint,
            "tables": workspace.digests(),
            "period": span,
            "versions": {
                "workbench": __version__,
                "python": platform.python_version(),
                **{name: version(name) for name in _SHOWN_VERSIONS},
            },
        }
    )


def key_figures(figures: Sequence[dict[str, Any]]) -> Block:
    """Three to five numbers that a manager reads first.

    Parameters
    ----------
    figures : list of mapping
        label, value (as text), detail, and where it is a share its interval.
    """
    return Block({"block": "figures", "figures": list(figures)})


def action_table(
    heading: str,
    reading: str,
    frame: pd.DataFrame,
    columns: Sequence[Column],
    *,
    anchor: str,
    zone: str = "UTC",
) -> Block:
    """A list to act on, with its CSV."""
    table = plain_table(frame, columns, zone=zone, file_name=f"{anchor}.csv")
    return Block(
        {"block": "table", "anchor": anchor, "heading": heading, "reading": reading, "table": table}
    )


def definitions(*results: Result) -> Block:
    """Definitions of all results of a page, each sentence once."""
    entries: dict[str, list[str]] = {}
    seen: set[str] = set()
    for result in results:
        fresh = [s for s in result.definitions() if s not in seen]
        seen.update(fresh)
        if fresh:
            entries.setdefault(result.kind.replace("_", " ").capitalize(), []).extend(fresh)
    return Block(
        {
            "block": "definitions",
            "entries": [{"term": term, "text": " ".join(s)} for term, s in entries.items()],
        }
    )


def data_quality(workspace: Workspace) -> Block:
    """Where every row went, and everything that the checks found."""
    balance = workspace.balance
    made_here = balance["file"].astype("string").fillna("").isin(["", "touchpoints"])
    files, events = balance[~made_here], balance[made_here]
    read, kept = int(files["read"].sum()), int(files["kept"].sum())
    quarantined, merged = int(files["quarantined"].sum()), int(files["merged"].sum())
    sentence = message(
        "{read} rows read = {kept} kept + {quarantined} set aside with a reason + {merged} merged "
        "as exact duplicates.",
        read=numbers.count(read),
        kept=numbers.count(kept),
        quarantined=numbers.count(quarantined),
        merged=numbers.count(merged),
    )
    if len(events):
        sentence += " " + message(
            "{read} rows could become events; {kept} did, {rest} could not be tied to an account.",
            read=numbers.count(events["read"].sum()),
            kept=numbers.count(events["kept"].sum()),
            rest=numbers.count(events["quarantined"].sum()),
        )
    found = pd.DataFrame(
        [
            {
                "level": f.level,
                "place": " · ".join(
                    str(p) for p in (f.file, f.column, f.row) if p not in (None, "")
                ),
                "count": f.count,
                "problem": f.problem,
                "remedy": f.remedy,
            }
            for f in workspace.findings
        ],
        columns=["level", "place", "count", "problem", "remedy"],
    )
    errors = int((found["level"] == "error").sum())
    warnings = int((found["level"] == "warning").sum())
    sentence += " " + message(
        "The checks found {errors} and {warnings}.",
        errors=message_of_count("{count} error", "{count} errors", errors),
        warnings=message_of_count("{count} warning", "{count} warnings", warnings),
    )
    return Block(
        {
            "block": "quality",
            "heading": message("Data quality"),
            "sentence": sentence,
            "balance": plain_table(balance, _balance_columns(), file_name="balance.csv"),
            "findings": plain_table(found, _finding_columns(), file_name="findings.csv"),
        }
    )


def _balance_columns() -> tuple[Column, ...]:
    return (
        Column("file", message("File")),
        Column("table", message("Table")),
        Column("read", message("Rows read"), "count"),
        Column("kept", message("Kept"), "count"),
        Column("quarantined", message("Set aside"), "count"),
        Column("merged", message("Merged"), "count"),
    )


def _finding_columns() -> tuple[Column, ...]:
    return (
        Column("level", message("Level")),
        Column("place", message("File · column · row")),
        Column("count", message("Rows"), "count"),
        Column("problem", message("What was found")),
        Column("remedy", message("What to do")),
    )
