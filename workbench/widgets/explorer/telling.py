"""What somebody says about an answer while exploring: a note on a day, a comment, an alert.

Everything is written by the rooms of collaboration, by the same functions as from a call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.collaboration.alerts import alert_from, alert_preview, alerts
from workbench.collaboration.annotations import annotate
from workbench.collaboration.comments import comment
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results.base import Result
from workbench.results.tables import as_text, plain_table
from workbench.widgets.explorer.opening import KEYS
from workbench.workspace import Workspace

CONDITIONS = ("changes_by", "at_least", "at_most", "anomaly")
GRANULARITIES = ("day", "week", "month")


def note_on_day(workspace: Workspace, said: Mapping[str, Any]) -> str:
    """Keep an annotation and say so."""
    made = annotate(
        workspace, title=str(said.get("title") or ""), on=str(said.get("on") or "today"),
        kind=str(said.get("kind") or "note"),
    )  # fmt: skip
    return message("Kept: {title}. Charts with a time axis show it.", title=made.title)


def comment_on(
    workspace: Workspace, result: Result, row: Mapping[str, Any] | None, text: str
) -> str:
    """Keep a comment on an answer, or on the chosen row of its table, and say so."""
    comment(workspace, text=text, on=result, point=None if row is None else point_of(result, row))
    return message("Kept. The next run of the report shows it.")


def point_of(result: Result, row: Mapping[str, Any]) -> dict[str, str] | None:
    """How a comment names a row: its texts, and the first figure of it."""
    frame, names = result.table_frame(), KEYS.get(result.kind, ())
    same = [all(str(line[n]) == str(row.get(n)) for n in names) for _, line in frame.iterrows()]
    if not names or True not in same:
        return None
    plain = plain_table(frame.iloc[[same.index(True)]], result.shown())
    kinds = [(one["label"], one["kind"], one.get("unit", "")) for one in plain["columns"]]
    cells = [
        as_text(v, kind, unit) for v, (_, kind, unit) in zip(plain["rows"][0], kinds, strict=True)
    ]
    texts = [cell for cell, (_, kind, _) in zip(cells, kinds, strict=True) if kind == "text"]
    figures = [label for label, kind, _ in kinds if kind != "text"]
    if not texts or not figures:
        return None
    point = {"row": texts[-1], "column": figures[0]}
    return {**point, "segment": texts[0]} if len(texts) > 1 else point


def alert_on(
    workspace: Workspace, result: Result, rows: Sequence[Mapping[str, Any]], said: Mapping[str, Any]
) -> str:
    """Keep an alert on a row of an answer, or only say how often it would have fired.

    Raises
    ------
    ArgumentError
        When no row is chosen, or the alert cannot be.
    """
    if len(rows) != 1:
        raise ArgumentError.of("row", len(rows), message("one row of the table"))
    when, value = str(said.get("when") or "changes_by"), said.get("value")
    if when not in CONDITIONS:
        raise ArgumentError.of("when", when, CONDITIONS)
    alert = alert_from(
        result, name=str(said.get("called") or ""), when=when,
        value=None if when == "anomaly" else _number(value),
        granularity=str(said.get("granularity") or "week"), **_number_of(result, rows[0]),
    )  # fmt: skip
    if said.get("only_preview"):
        return alert_preview(workspace, alert=alert).headline()
    kept = alerts().add(alert, workspace=workspace)
    return message("Kept as alert {name}. `workbench alerts run` looks at it.", name=kept.name)


def _number_of(result: Result, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a result as `alert_from` names it."""
    if result.kind == "fallout":
        several = len(set(result.frame["group"])) > 1
        return {"step": int(row["position"]), **({"group": row["group"]} if several else {})}
    if result.kind == "cohort":
        return {"cell": ("last", int(row["offset"]))}
    figures = {"flow": "containers", "attribution": "conversions", "survival": "won"}
    if result.kind not in figures:
        raise ArgumentError.of("row", result.kind, list(figures))
    where = {name: row[name] for name in KEYS[result.kind]}
    return {"number": {"where": where, "column": figures[result.kind]}}


def _number(value: Any) -> float | None:
    text = str(value if value is not None else "").strip().rstrip("%")
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        raise ArgumentError.of("value", value, message("a number")) from None
    return number / 100 if str(value).strip().endswith("%") else number
