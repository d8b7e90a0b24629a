"""Targets of periods and groups: from the table of targets, else from the definition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from workbench.sales.kpis.facts import Facts
from workbench.sales.kpis.measured import COUNT, MEAN, SHARE, SUM, Window
from workbench.sales.kpis.record import Kpi

TABLE, DEFINITION, SUMMED = "targets table", "definition", "sum of the groups' targets"
_LEVELS = ("owner_id", "team", "segment")


@dataclass(frozen=True)
class Target:
    """A target and where it comes from; not a number where there is none."""

    value: float = float("nan")
    source: str = ""


def table_of(facts: Facts) -> pd.DataFrame:
    """Rows of the table of targets; empty where there is none."""
    columns = ["kpi_id", *_LEVELS, "first", "after", "target"]
    workspace = facts.workspace
    if not workspace.has("targets", "kpi_id", "period_start_on", "target"):
        return pd.DataFrame(columns=columns)
    known = workspace.columns_of("targets")
    levels = ", ".join(f"{n}::VARCHAR AS {n}" if n in known else f"NULL AS {n}" for n in _LEVELS)
    ends = "period_end_on::DATE" if "period_end_on" in known else "NULL::DATE"
    read = workspace.sql(
        f"SELECT kpi_id::VARCHAR AS kpi_id, {levels}, strftime(period_start_on::DATE, '%Y-%m-%d') "
        f"AS first, strftime({ends}, '%Y-%m-%d') AS last, target::DOUBLE AS target FROM targets "
        "WHERE target IS NOT NULL ORDER BY ALL"
    )
    read = read.astype(object).where(read.notna(), None)
    read["first"] = [date.fromisoformat(d) for d in read["first"]]
    read["after"] = [
        None if d is None else date.fromisoformat(d) + timedelta(days=1) for d in read["last"]
    ]
    return read[columns]


def target_of(
    table: pd.DataFrame, kpi: Kpi, kind: str, window: Window, by: str | None, group: str | None
) -> Target:
    """The target of one KPI, period and group.

    Parameters
    ----------
    table : pandas.DataFrame
        As `table_of` gives it.
    kind : str
        How the figure is made: parts of counts and sums add up, those of shares and means do not.
    by : str or None
        What splits the figures; the key of an owner, a team, a value of any other column.
    group : str or None
        Which of them; all when None.

    Notes
    -----
    A row for exactly this period comes first; rows for shorter periods that fill it without a gap
    are added where parts add up. Without a row the target of the definition holds for the whole,
    and for each group where the figure is a share or a mean.
    """
    rows = table[table["kpi_id"] == kpi.kpi_id] if len(table) else table
    adds_up = kind in (COUNT, SUM)
    if len(rows):
        level = {None: None, "owner": "owner_id", "team": "team"}.get(by, "segment")
        whole = rows[rows[list(_LEVELS)].isna().all(axis=1)]
        if group is None:
            found = _in_period(whole, window, adds_up)
            if found is None and adds_up:
                found = _of_parts(rows, window)
                if found is not None:
                    return Target(found, SUMMED)
        else:
            found = _in_period(rows[rows[level] == group], window, adds_up)
            if found is None and kind in (SHARE, MEAN):
                found = _in_period(whole, window, adds_up)
        if found is not None:
            return Target(found, TABLE)
    if kpi.how_much is None or (group is not None and adds_up):
        return Target()
    return Target(float(kpi.how_much), DEFINITION)


def _in_period(rows: pd.DataFrame, window: Window, adds_up: bool) -> float | None:
    if rows.empty:
        return None
    ends = [window.after if a is None else a for a in rows["after"]]
    spans = list(zip(rows["first"], ends, rows["target"], strict=True))
    exact = [t for f, a, t in spans if f == window.first and a == window.after]
    if exact:
        return float(exact[0])
    inside = sorted((f, a, t) for f, a, t in spans if f >= window.first and a <= window.after)
    reached, total = window.first, 0.0
    for first, after, target in inside:
        if first != reached:
            return None
        reached, total = after, total + float(target)
    return total if adds_up and inside and reached == window.after else None


def _of_parts(rows: pd.DataFrame, window: Window) -> float | None:
    """Targets of all groups of the first level that has them, added up."""
    for level in _LEVELS[::-1]:
        parts = rows[rows[level].notna()]
        found = [
            _in_period(part, window, True) for _, part in parts.groupby(level, sort=True)
        ]  # fmt: skip
        known = [f for f in found if f is not None]
        if known and len(known) == len(found):
            return float(sum(known))
    return None
