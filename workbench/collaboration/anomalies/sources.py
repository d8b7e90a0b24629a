"""From any trend to series: which column is time, which is the number, what splits the lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.collaboration.anomalies.series import GRANULARITIES, Series, regular
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results.base import Result
from workbench.results.numbers import shortened

MOST_SERIES = 500
_SHARES = ("share", "rate")


@dataclass(frozen=True)
class _Trend:
    """How the frame of a trend is read: columns of time, number, lines, and unfinished periods."""

    date: str
    value: str
    lines: tuple[str, ...] = ()
    partial: str = ""
    whole: str = ""
    unit: str = "count"
    table: str = "frame"


# Trends that say themselves what they are; others are read with date=, value= and split=.
TRENDS = {
    "fallout_trend": _Trend("bucket", "reached", ("group", "step"), "partial"),
    "canvas_trend": _Trend("bucket", "containers", ("group", "point"), "partial"),
    "flow_trend": _Trend("bucket", "value", (), "partial"),
    "attribution_trend": _Trend("bucket", "conversions", ("item",), "partial"),
    "pipeline_trend": _Trend("at", "open_amount", ("group",), "now", unit="money"),
    "kpis": _Trend(
        "period_start_on", "value", ("kpi_id", "group"), whole="complete", unit="number",
        table="trend",
    ),
}  # fmt: skip


def series_of_result(
    result: Result, *, value: str | None, date: str | None, split: Sequence[str] | None,
    where: Mapping[str, Any] | None,
) -> list[Series]:  # fmt: skip
    """The series of a trend that is a result."""
    known = TRENDS.get(result.kind)
    table = getattr(result, known.table) if known else result.frame
    shape = known or _Trend("", "")
    chosen = _Trend(
        date or shape.date, value or shape.value,
        tuple(split) if split is not None else shape.lines, shape.partial, shape.whole,
        shape.unit if value in (None, shape.value) else _unit(str(value)), shape.table,
    )  # fmt: skip
    return _series(
        table, chosen, where, str(getattr(result, "granularity", "")),
        str(getattr(result, "currency", "")),
    )  # fmt: skip


def series_of_frame(
    frame: pd.DataFrame, *, value: str | None, date: str | None, split: Sequence[str] | None,
    where: Mapping[str, Any] | None, granularity: str | None,
) -> list[Series]:  # fmt: skip
    """The series of a frame with a column of dates and one of numbers."""
    shape = _Trend(date or "", value or "", tuple(split or ()), unit=_unit(str(value)))
    return _series(frame, shape, where, granularity or "", "")


def _unit(column: str) -> str:
    return "share" if column.startswith(_SHARES) or column.endswith(_SHARES) else "number"


def _series(
    table: pd.DataFrame, shape: _Trend, where: Mapping[str, Any] | None, granularity: str,
    currency: str,
) -> list[Series]:  # fmt: skip
    shape = _columns(table, shape)
    for name, wanted in (where or {}).items():
        if name not in table.columns:
            raise ArgumentError.of("where", name, list(table.columns))
        table = table[table[name].astype(str) == str(wanted)]
    split = [name for name in shape.lines if table[name].nunique(dropna=False) > 1]
    parts = list(table.groupby(split, sort=False, dropna=False)) if split else [((), table)]
    if len(parts) > MOST_SERIES:
        raise ArgumentError.of(
            "split", split, message("at most {n} lines", n=MOST_SERIES),
            message("Choose some of them with where=."),
        )  # fmt: skip
    by_month = granularity or _distance(table[shape.date])
    out = []
    for key, part in parts:
        name = " · ".join(shortened(str(item), 40) for item in key) if split else shape.value
        out.append(_one(part, shape, name, by_month, currency))
    return [series for series in out if len(series)]


def _columns(table: pd.DataFrame, shape: _Trend) -> _Trend:
    times = [n for n in table.columns if pd.api.types.is_datetime64_any_dtype(table[n])]
    date = shape.date or (times[0] if times else "")
    if date not in table.columns or (len(table) and date not in times):
        raise ArgumentError.of("date", date or None, times)
    numbers = [n for n in table.columns if pd.api.types.is_numeric_dtype(table[n]) and n != date]
    if shape.value not in table.columns:
        raise ArgumentError.of("value", shape.value or None, numbers)
    for name in shape.lines:
        if name not in table.columns:
            raise ArgumentError.of("split", name, list(table.columns))
    return _Trend(date, shape.value, shape.lines, shape.partial, shape.whole, shape.unit)


def _distance(dates: pd.Series) -> str:
    """The granularity of a column of dates by their usual distance."""
    days = np.unique(dates.dropna().to_numpy().astype("datetime64[D]"))
    if days.size < 2:
        return "day"
    usual = float(np.median(np.diff(days).astype(int)))
    return "day" if usual <= 2 else "week" if usual == 7 else "month" if 28 <= usual <= 31 else ""


def _one(
    part: pd.DataFrame, shape: _Trend, name: str, granularity: str, currency: str
) -> Series:  # fmt: skip
    if granularity not in GRANULARITIES:
        raise ArgumentError.of(
            "granularity", granularity, GRANULARITIES,
            message("Of longer periods there are too few to expect anything."),
        )  # fmt: skip
    values = pd.to_numeric(part[shape.value].astype(object), errors="coerce").astype(float)
    keep = part[shape.date].notna().to_numpy(bool, copy=True)
    # A trend that counts things has no row where there were none.
    empty = 0.0 if shape.unit == "count" else np.nan
    if shape.partial == "now":
        keep &= ~part["now"].to_numpy(bool)
    series = regular(
        part.loc[keep, shape.date], values[keep], granularity, empty=empty, name=name,
        unit=shape.unit, currency=currency,
    )  # fmt: skip
    young = np.zeros(len(part), bool)
    if shape.whole:
        young = ~part[shape.whole].to_numpy(bool)
    elif shape.partial in part.columns and shape.partial != "now":
        young = part[shape.partial].to_numpy(bool)
    if not (young & keep).any():
        return series
    first = part.loc[young & keep, shape.date].min().to_datetime64().astype("datetime64[D]")
    at = int(np.searchsorted(series.starts, first))
    return Series(series.name, granularity, series.starts, series.values, at, shape.unit, currency)
