"""A definition asked, and its answer as plain values for the page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

import numpy as np

from workbench.messages import message
from workbench.results.base import Result
from workbench.results.numbers import absent
from workbench.results.tables import as_text, plain_table
from workbench.widgets.explorer.analyses import Analysis
from workbench.widgets.explorer.fields import Field

MOST_ROWS = 200
SMALLEST = 0.0001


def missing(analysis: Analysis, definition: Mapping[str, Any]) -> list[Field]:
    """Fields without which there is no question yet."""
    return [
        field for field in analysis.fields
        if field.needed and definition.get(field.name) in (None, "", [], {})
    ]  # fmt: skip


def payload(result: Result) -> dict[str, Any]:
    """What the page shows of an answer."""
    return {
        "headline": result.headline(),
        "spec": result._spec,
        "alt": result.headline(),
        "reading": result.reading(),
        "notes": result.scope.sentences(),
        "definitions": result.definitions(),
        "table": table(result.table_frame(), result.shown()),
    }


def table(frame: Any, columns: Any, most: int = MOST_ROWS) -> dict[str, Any]:
    """A frame as rows of texts, each cell as a reader sees it."""
    plain = plain_table(frame, columns, most=most)
    kinds = [(column["kind"], column.get("unit", "")) for column in plain["columns"]]
    rows = [
        [_as_text(value, *kind) for value, kind in zip(row, kinds, strict=True)]
        for row in plain["rows"]
    ]
    return {
        "columns": [
            {"label": column["label"], "number": column["kind"] not in ("text", "date")}
            for column in plain["columns"]
        ],
        "rows": rows,
        "total": plain["total_rows"],
    }


def _as_text(value: Any, kind: str, unit: str) -> str:
    """As in a report; a probability of many zeros says how small it is."""
    if kind == "number" and isinstance(value, float) and 0 < value < SMALLEST:
        return f"< {SMALLEST}"
    return as_text(value, kind, unit)


def members_table(frame: Any, most: int = MOST_ROWS) -> dict[str, Any]:
    """A list of members as rows of texts."""
    shown = [name for name in frame.columns if not all(map(absent, frame[name].tolist()))]
    shown = shown or list(frame.columns)
    rows = [
        [_cell(value) for value in row] for row in frame[shown].head(most).itertuples(index=False)
    ]
    labels = [{"label": name.replace("_", " "), "number": False} for name in shown]
    return {"columns": labels, "rows": rows, "total": len(frame)}


def _cell(value: Any) -> str:
    if absent(value):
        return ""
    if isinstance(value, datetime):
        midnight = value.tzinfo is None and value.time() == time()
        return f"{value:%Y-%m-%d}" if midnight else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, bool | np.bool_):
        return message("yes") if value else message("no")
    if isinstance(value, float | np.floating):
        number = float(value)
        return f"{number:,.0f}" if abs(number) >= 1_000 else f"{number:,.4g}"
    return str(value)
