"""Asking a result again by its definition, for another period, and picking one number of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from workbench.asking import ask
from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.workspace import Workspace

LAST, FIRST = "last", "first"
_MOVED = ("since", "until")


def moved(
    definition: Mapping[str, Any], workspace: Workspace, first: date, last: date, window: str
) -> dict[str, Any]:
    """The same definition as it is asked at the end of another period.

    Parameters
    ----------
    definition : mapping
    workspace : Workspace
        For words such as ``"this fiscal quarter"``.
    first, last : date
        Of the period that is looked at.
    window : {"same", "period", "all"}
        A period of the same length that ends with it (whole months stay whole months); the period
        itself; or everything up to it.
    """
    out = {key: value for key, value in definition.items() if key not in ("as_of", "period")}
    asked = workspace.period(definition.get("period") or None)
    if window == "period":
        out["period"] = f"{first}..{last}"
    elif window == "same" and asked.start is not None and asked.end is not None:
        out["period"] = f"{_start(workspace, asked, last)}..{last}"
    elif window == "same" and asked.start is not None:
        out["period"] = f"{pd.Timestamp(asked.start).tz_convert(_zone(workspace)).date()}..{last}"
    days = {key: pd.Timestamp(str(definition[key])).date() for key in _MOVED if definition.get(key)}
    if days:
        by = last - max(days.values())
        out |= {key: (day + by).isoformat() for key, day in days.items()}
    return out


def _zone(workspace: Workspace) -> str:
    return str(workspace.settings.report_tz)


def _start(workspace: Workspace, asked: Any, last: date) -> date:
    """First day of a period as long as the one asked for that ends with a day."""
    begin = pd.Timestamp(asked.start).tz_convert(_zone(workspace)).date()
    end = pd.Timestamp(asked.end).tz_convert(_zone(workspace)).date()
    after = last + timedelta(days=1)
    if begin.day == end.day == after.day == 1:
        months = (end.year - begin.year) * 12 + end.month - begin.month
        total = after.year * 12 + after.month - 1 - months
        return date(total // 12, total % 12 + 1, 1)
    return after - (end - begin)


def picked(result: Any, number: Mapping[str, Any]) -> float:
    """One number of a result; not a number where its row is not there.

    Parameters
    ----------
    result : Result
    number : mapping
        ``table`` (the frame when left out), ``where`` (columns and their values; ``"last"`` and
        ``"first"`` mean the last and the first value that has a number), ``column``.

    Raises
    ------
    ArgumentError
        For a table or column that the result does not have, or several rows.
    """
    table = getattr(result, str(number.get("table", "frame")), None)
    if not isinstance(table, pd.DataFrame):
        raise ArgumentError.of("table", number.get("table"), message("a table of this result"))
    column, where = str(number["column"]), dict(number.get("where", {}))
    for name in (*where, column):
        if name not in table.columns:
            raise ArgumentError.of("number", name, list(table.columns))
    values = pd.to_numeric(table[column].astype(object), errors="coerce").astype(float)
    keep = np.ones(len(table), bool)
    for name, wanted in where.items():
        if wanted not in (LAST, FIRST):
            keep &= np.array([_same(found, wanted) for found in table[name]], bool)
    for name, wanted in where.items():
        if wanted in (LAST, FIRST):
            known = table.loc[keep & values.notna().to_numpy(), name]
            if known.empty:
                return float("nan")
            chosen = known.iloc[-1 if wanted == LAST else 0]
            keep &= (table[name] == chosen).to_numpy()
    found = values[keep]
    if len(found) > 1:
        raise ArgumentError.of(
            "number", dict(where), message("what leads to one row"),
            message("This leads to {n} rows; name further columns.", n=len(found)),
        )  # fmt: skip
    return float(found.iloc[0]) if len(found) else float("nan")


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(found, pd.Timestamp):
        return str(found.date()) == str(wanted)[:10]
    if isinstance(wanted, bool) or isinstance(found, bool | np.bool_):
        return bool(found) == wanted if isinstance(wanted, bool) else False
    return bool(found == wanted) or str(found) == str(wanted)


def number_at(
    workspace: Workspace, metric: Mapping[str, Any], first: date, last: date
) -> float:  # fmt: skip
    """A number of a result as it was known at the end of a period.

    What the data did not hold then is not a number; what cannot be asked at all is refused.
    """
    seen = workspace.seen_at(last)
    asked = moved(metric["result"], seen, first, last, metric.get("window", "same"))
    try:
        return picked(ask(seen, asked), metric["number"])
    except AbsentError:
        return float("nan")
