"""The value of every deal on the first day of each month: a trend, not a history of changes.

Source: sales-pipeline.md, section 5 (two histories not to mix).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.sales.history import QUALITIES, History, history_of
from workbench.sales.moments import moment_of
from workbench.sales.views.snapshots import relation, rows_of
from workbench.vocabulary.calendars import Calendar
from workbench.vocabulary.periods import microseconds_of

if TYPE_CHECKING:
    from workbench.workspace import Workspace

DAY_COLUMN = "snapshot_on"
MOST_MONTHS = 240


def first_days(workspace: Workspace, period: str) -> list[tuple[Any, int]]:
    """First days of the months of a period, each with its first instant; none after `as_of`.

    Raises
    ------
    ArgumentError
        For a period without a beginning, without a first day of a month, or too long.
    """
    asked = workspace.period(period)
    if asked.start is None:
        raise ArgumentError.of("trend.period", period, message("a period with a first day"))
    start, end = workspace.bounds(asked)
    now = microseconds_of(workspace.as_of)
    out: list[tuple[Any, int]] = []
    if start < end:
        buckets = Calendar("month", workspace.settings.report_tz).buckets(start, end)
        out = [
            (day, int(edge))
            for day, edge in zip(buckets.days[:-1], buckets.edges[:-1], strict=True)
            if start <= edge <= now
        ]
    if not out or len(out) > MOST_MONTHS:
        raise ArgumentError.of(
            "trend.period", period,
            message("a period with 1 to {most} first days of months, none after {day}",
                    most=MOST_MONTHS, day=f"{workspace.as_of + timedelta(0):%Y-%m-%d}"),
        )  # fmt: skip
    return out


def trend_table(workspace: Workspace, period: str) -> tuple[pa.Table, str]:
    """Every deal that was there, once for each first day of a month.

    Returns
    -------
    table : pyarrow.Table
        ``snapshot_on``, ``opportunity_id``, the columns of `TRACKED`, and ``rate``: what an amount
        of the deal is multiplied with on that day.
    said : str
        On what histories it rests.

    Raises
    ------
    AbsentError
        When the workspace has no history of opportunities.
    """
    if not workspace.has("opportunity_history", "opportunity_id", "changed_at"):
        raise AbsentError.of(
            "trend", workspace.name, message("a workspace with a table opportunity_history")
        )
    history = history_of(workspace)
    days = first_days(workspace, period)
    parts, assumed, rows = [], 0, 0
    for day, instant in days:
        moment = moment_of(history, instant)
        there = np.flatnonzero(moment.begun & ~moment.unknown)
        assumed += int(moment.assumed[there].sum())
        rows += there.size
        rows_then = rows_of(moment, there)
        days_then = pa.array([day] * there.size, pa.date32())
        parts.append(rows_then.append_column(DAY_COLUMN, days_then))
    return pa.concat_tables(parts), _said(history, rows, assumed)


def _said(history: History, rows: int, assumed: int) -> str:
    counts = np.bincount(history.quality, minlength=len(QUALITIES))
    mix = ", ".join(f"{name} {n:,}" for name, n in zip(QUALITIES, counts, strict=True) if n)
    return message(
        "History of deals: {mix}. {assumed} of {rows} values of deals on a day rest on the table "
        "or on a later save.",
        mix=mix, assumed=f"{assumed:,}", rows=f"{rows:,}",
    )  # fmt: skip


def trend_relation(workspace: Workspace, name: str) -> tuple[str, dict[str, str]]:
    """SQL of the opportunities with their values of each day, and the columns it has."""
    sql, columns = relation(workspace, name, beside=(DAY_COLUMN,))
    return sql, {**columns, DAY_COLUMN: "DATE"}
