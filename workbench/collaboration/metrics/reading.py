"""A metric as a series of periods that are over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from workbench.collaboration.anomalies.series import Series
from workbench.collaboration.metrics.asked import number_at
from workbench.collaboration.metrics.definition import EVENT, KPI, PIPELINE, Metric
from workbench.engine.segments import segment_rows
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.calendars import Calendar
from workbench.vocabulary.containers import container_named
from workbench.vocabulary.periods import microseconds_of
from workbench.vocabulary.segments import segment_from
from workbench.vocabulary.steps import steps_from
from workbench.workspace import Workspace

MOST_ASKED = 120
_MOST_OF_A_KPI = 60
# Of a weekday, before its being empty is called usual.
_ENOUGH = 3


def read(
    workspace: Workspace,
    metric: Metric,
    granularity: str,
    *,
    until: datetime | None = None,
    back: int = 60,
    segment: Any = None,
) -> Series:
    """The values of a metric, period by period, up to the last one that was over.

    Parameters
    ----------
    workspace : Workspace
    metric : Metric
    granularity : {"day", "week", "month"}
    until : datetime, optional
        Instant at which the last period must be over; that of the data when left out.
    back : int
        Periods that are needed where each is a question of its own; counts of events are read as
        far as the data go back.
    segment : Segment or mapping, optional
        Only rows (of events) or containers that belong to it.

    Returns
    -------
    Series
        A period of which the data know nothing is not a number, which is not zero.

    Raises
    ------
    ArgumentError
        For what cannot be asked.
    """
    calendar = Calendar.of(workspace.settings, granularity)
    if metric.kind == EVENT:
        return _of_events(workspace, metric, calendar, until, segment)
    if segment is not None:
        raise ArgumentError.of(
            "segment", metric.label,
            message("counts of events; give a result or a KPI its own segment"),
        )  # fmt: skip
    if metric.kind == KPI:
        found = _of_kpi(workspace, metric, calendar, until, back)
        if found is not None:
            return found
    return _of_questions(workspace, metric, calendar, until, back)


def over(calendar: Calendar, until: datetime) -> date:
    """First day of the period that was not over at an instant."""
    return calendar.first_day(until.astimezone(ZoneInfo(calendar.zone)).date())


def _firsts(calendar: Calendar, workspace: Workspace, until: datetime | None) -> list[date]:
    """First days of all periods from the first event on that are over."""
    store = workspace.events
    if store.first is None:
        return []
    begin = over(calendar, store.first)
    # The newest row lies in a period that may go on; a later instant says that it is over.
    after = over(calendar, until) if until is not None else after_newest(calendar, workspace)
    days = [begin]
    while days[-1] < after:
        days.append(calendar.following(days[-1]))
    return days[:-1]


def after_newest(calendar: Calendar, workspace: Workspace) -> date:
    """First day of the period after the last one that the data fill: its last day has a row."""
    first = over(calendar, workspace.as_of)
    after = calendar.following(first)
    newest = over(Calendar("day", calendar.zone), workspace.as_of)
    return after if newest + timedelta(days=1) >= after else first


def _of_events(
    workspace: Workspace, metric: Metric, calendar: Calendar, until: datetime | None, segment: Any
) -> Series:
    firsts = _firsts(calendar, workspace, until)
    if not firsts:
        return _series(metric, calendar, [], [])
    periods = _periods(workspace, calendar, firsts)
    values = _plain_count(workspace, metric, periods) if segment is None else None
    if values is None:
        values = _filtered_count(workspace, metric, periods, segment)
    values[_unknown(periods.recorded, calendar, firsts)] = np.nan
    return _series(metric, calendar, firsts, values, "count")


@dataclass(frozen=True)
class _Periods:
    """The period of every row of a store, and how many rows each has.

    Attributes
    ----------
    place : numpy.ndarray of int32
        -1 for rows outside.
    recorded : numpy.ndarray of int64
        Rows of any kind in each period.
    by_event : numpy.ndarray of int64, shape (events + 1, periods)
        The same for each value of the event column.
    """

    place: np.ndarray
    recorded: np.ndarray
    by_event: np.ndarray


# The last one of each store: hundreds of metrics ask for the same periods one after another.
_LAST: WeakKeyDictionary[Any, tuple[Any, _Periods]] = WeakKeyDictionary()


def _periods(workspace: Workspace, calendar: Calendar, firsts: list[date]) -> _Periods:
    store, seen = workspace.events, microseconds_of(workspace.as_of)
    key = (calendar, firsts[0], firsts[-1], seen)
    if store in _LAST and _LAST[store][0] == key:
        return _LAST[store][1]
    days = [*firsts, calendar.following(firsts[-1])]
    edges = np.array([_midnight(day, calendar.zone) for day in days], np.int64)
    size, times = len(firsts), store.times
    inside = (times >= edges[0]) & (times < edges[-1]) & (times <= seen)
    place = np.full(times.size, -1, np.int32)
    place[inside] = np.searchsorted(edges, times[inside], side="right") - 1
    codes, names = workspace.marker().lookup("event")
    cells = codes[inside].astype(np.int64) * size + place[inside]
    by_event = np.bincount(cells, minlength=len(names) * size).reshape(len(names), size)
    found = _Periods(place, by_event.sum(axis=0), by_event)
    _LAST[store] = (key, found)
    return found


def _plain_count(
    workspace: Workspace, metric: Metric, periods: _Periods
) -> np.ndarray | None:  # fmt: skip
    """Rows of one event, which are counted for all events at once; None for anything else."""
    content = metric.content
    if set(content) - {"event", "label"} or not isinstance(content["event"], str):
        return None
    names = workspace.marker().lookup("event")[1]
    code = np.flatnonzero(names == content["event"])
    return periods.by_event[code[0]].astype(float) if code.size else None


def _filtered_count(
    workspace: Workspace, metric: Metric, periods: _Periods, segment: Any
) -> np.ndarray:  # fmt: skip
    store, marker, size = workspace.events, workspace.marker(), periods.recorded.size
    named = metric.content["event"]
    (step,) = steps_from([{"event": named} if isinstance(named, list | tuple) else named], "event")
    rows = marker.rows(step.condition) & (periods.place >= 0)
    for given in (metric.content.get("segment"), segment):
        if given is not None:
            rows = rows & segment_rows(marker, segment_from(given))
    counted = metric.content.get("count", "events")
    if counted == "events":
        return np.bincount(periods.place[rows], minlength=size).astype(float)
    stream = store.stream(container_named(counted))
    owner = stream.container_of_places()
    row = stream.row_at(np.arange(owner.size))
    kept = rows[row]
    pairs = np.unique(owner[kept].astype(np.int64) * size + periods.place[row[kept]])
    return np.bincount(pairs % size, minlength=size).astype(float)


def _midnight(day: date, zone: str) -> int:
    return microseconds_of(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)))


def _unknown(recorded: np.ndarray, calendar: Calendar, firsts: list[date]) -> np.ndarray:
    """Periods in which nothing of any kind was recorded, weekdays that are usually empty apart."""
    empty = recorded == 0
    if calendar.granularity != "day":
        return empty
    weekday = np.array([day.weekday() for day in firsts])
    # What lies after the last row has not come yet, whatever the weekday.
    last = int(np.flatnonzero(~empty)[-1]) if (~empty).any() else -1
    past, usual = empty[: last + 1], np.zeros(7, bool)
    for n in range(7):
        same = past[weekday[: last + 1] == n]
        usual[n] = same.size >= _ENOUGH and same.mean() > 0.5
    return empty & (~usual[weekday] | (np.arange(len(firsts)) > last))


def _series(
    metric: Metric, calendar: Calendar, firsts: Any, values: Any, unit: str = "number",
    currency: str = "",
) -> Series:  # fmt: skip
    return Series(
        metric.label, calendar.granularity, np.array(firsts, "datetime64[D]"),
        np.asarray(values, float), unit=unit, currency=currency,
    )  # fmt: skip


def _of_kpi(
    workspace: Workspace, metric: Metric, calendar: Calendar, until: datetime | None, back: int
) -> Series | None:
    """The trend of a KPI where its own period is the granularity; None where it is another."""
    from workbench.sales.kpis import kpis
    from workbench.sales.kpis.reading import definitions_of

    content = metric.content
    (kpi,) = definitions_of(content.get("definitions"), [str(content["kpi"])])
    if kpi.period != calendar.granularity:
        return None
    found = kpis(
        workspace, definitions=[kpi.plain()], by=content.get("by"),
        trend=max(2, min(_MOST_OF_A_KPI, back + 1)),
    )  # fmt: skip
    lines = found.trend[found.trend["group"] == str(content.get("group", ""))]
    if lines.empty:
        raise ArgumentError.of(
            "metric.group", content.get("group"), sorted(set(found.trend["group"]))
        )
    whole = _firsts(calendar, workspace, until)
    by_day = dict(zip(lines["period_start_on"].dt.date, lines["value"], strict=True))
    begun = [day for day in whole if day >= min(by_day)]
    kind = str(found.frame["kind"].iloc[0])
    unit = {"count": "count", "sum": "number", "share": "share"}.get(kind, "number")
    return _series(metric, calendar, begun, [by_day.get(day, np.nan) for day in begun], unit)


def _of_questions(
    workspace: Workspace, metric: Metric, calendar: Calendar, until: datetime | None, back: int
) -> Series:
    content = _as_question(metric)
    firsts = _firsts(calendar, workspace, until)[-min(back, MOST_ASKED) :]
    newest = over(Calendar("day", calendar.zone), workspace.as_of)
    values = []
    for first in firsts:
        last = calendar.following(first) - timedelta(days=1)
        values.append(
            number_at(workspace, content, first, last) if first <= newest else float("nan")
        )
    return _series(metric, calendar, firsts, values, str(content.get("unit", "number")))


def _as_question(metric: Metric) -> dict[str, Any]:
    """Every metric as a number of a result."""
    content = metric.content
    if metric.kind == PIPELINE:
        definition = {"analysis": "pipeline", "where": content.get("where"),
                      "period": content.get("period")}  # fmt: skip
        from workbench.sales.pipeline.groups import everyone

        unit = "count" if content["pipeline"].endswith("deals") else "money"
        number = {"column": content["pipeline"], "where": {"group": everyone()}}
        return {"result": definition, "number": number, "unit": unit}
    if metric.kind == KPI:
        definition = {"analysis": "kpis", "only": [content["kpi"]], "trend": 1}
        definition |= {key: content.get(key) for key in ("definitions", "by")}
        where = {"kpi_id": content["kpi"], "group": str(content.get("group", ""))}
        return {"result": definition, "number": {"column": "value", "where": where}}
    return dict(content)


def as_frame(series: Series) -> pd.DataFrame:
    """A series as a frame: first day of each period, and its value."""
    return pd.DataFrame({"at": series.starts.astype("datetime64[s]"), "value": series.values})
