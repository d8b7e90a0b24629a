"""The question: which periods are not what was to be expected?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from workbench.collaboration.anomalies.bands import bands
from workbench.collaboration.anomalies.holiday_table import (
    check_calendars,
    holiday_table,
    weekend_of,
)
from workbench.collaboration.anomalies.result import AnomalyDetection
from workbench.collaboration.anomalies.series import (
    METHODS,
    Rules,
    Series,
    check_granularity,
    checked_confidence,
)
from workbench.collaboration.anomalies.sources import series_of_frame, series_of_result
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results.base import Result, Scope
from workbench.vocabulary.segments import segment_from
from workbench.workspace import Workspace

SHOWN = {"day": 90, "week": 52, "month": 24}
_DEFAULT = 0.99


def anomaly_detection(
    source: Workspace | Result | pd.DataFrame,
    *,
    metric: Any = None,
    granularity: str | None = None,
    periods: int | None = None,
    segment: Any = None,
    value: str | None = None,
    date: str | None = None,
    split: Sequence[str] | None = None,
    where: Mapping[str, Any] | None = None,
    confidence: float | str = _DEFAULT,
    method: str = "auto",
    holidays: Any = None,
    stretch: bool = False,
) -> AnomalyDetection:
    """Which periods of a number are not what was to be expected of them?

    Every period is judged by what was known before it. Days: the best of five forms of
    exponential smoothing over the five weeks before; weeks and months: box plot and test of
    outliers among the last fifteen; few things: a law of counts.

    Parameters
    ----------
    source : Workspace, Result or DataFrame
        A workspace with `metric`; any trend: of a fallout, canvas, flow, attribution or pipeline,
        and the KPIs; or a frame with a column of dates and one of numbers.
    metric : str, mapping, or list of them
        Of a workspace: as `workbench.collaboration.metrics.metric_from` reads it, such as
        ``"mql_qualified"`` or ``{"kpi": "won_value"}``.
    granularity : {"day", "week", "month"}, optional
        Of a workspace or frame; days, or what the dates say, when left out.
    periods : int, optional
        How many of the last ones are judged and shown: 90 days, 52 weeks, 24 months.
    segment : Segment or mapping, optional
        Of counts of events.
    value, date : str, optional
        Column of the numbers and of the dates, for trends and frames.
    split : list of str, optional
        Columns whose values make a line each.
    where : mapping, optional
        Only rows with these values.
    confidence : float or str
        90, 95, 99, 99.75 or 99.9 %: higher means a wider band and fewer anomalies.
    method : {"auto", "weekday"}
        ``"weekday"``: mean and Student's interval of the last five same weekdays, which can be
        done by hand.
    holidays : str, mapping, DataFrame or list, optional
        Calendars, as `holiday_table` takes them.
    stretch : bool
        Whether the band may make the axis longer than the values need.

    Returns
    -------
    AnomalyDetection
        Its `frame` has the columns of `AnomalyDetection.columns`.

    Raises
    ------
    ArgumentError
        Before anything is read, for a value that is not allowed.

    Notes
    -----
    Source: collaboration.md, sections 2.3 and 2.4.
    """
    level = checked_confidence(confidence)
    if method not in METHODS:
        raise ArgumentError.of("method", method, METHODS)
    if not isinstance(stretch, bool):
        raise ArgumentError.of("stretch", stretch, message("true or false"))
    if periods is not None and (
        not isinstance(periods, int) or isinstance(periods, bool) or not 0 < periods <= 3_000
    ):
        raise ArgumentError.of("periods", periods, message("a whole number from 1 to 3000"))
    settings = source.settings if isinstance(source, Workspace) else None
    if holidays is not None:
        check_calendars(holidays, settings)
    if granularity is not None:
        check_granularity(granularity)
    found, scope, origin = _read(
        source, metric=metric, granularity=granularity, periods=periods, segment=segment,
        value=value, date=date, split=split, where=where,
    )  # fmt: skip
    rules = _rules(found, level, method, holidays, settings)
    places = [_shown(series, periods) for series in found]
    frames = bands([_closed(series) for series in found], rules, places)
    return AnomalyDetection(
        series=tuple(found), places=tuple(places), frames=tuple(frames), confidence=level,
        scope=scope, stretch=stretch,
        definition={
            "analysis": "anomaly_detection", **origin, "granularity": granularity,
            "periods": periods, "value": value, "date": date,
            "split": list(split) if split is not None else None,
            "where": {str(k): str(v) for k, v in where.items()} if where else None,
            "confidence": level, "method": method, "stretch": stretch,
            "holidays": None if holidays is None else _named(holidays),
        },
    )  # fmt: skip


def _read(
    source: Any, *, metric: Any, granularity: str | None, periods: int | None, segment: Any,
    **columns: Any,
) -> tuple[list[Series], Scope, dict[str, Any]]:  # fmt: skip
    from workbench.collaboration.metrics import metric_from, read

    if isinstance(source, Workspace):
        if metric is None:
            raise ArgumentError.of(
                "metric", None, message("an event such as 'mql_qualified', or another metric")
            )
        given = metric if isinstance(metric, list | tuple) else [metric]
        metrics = [metric_from(item) for item in given]
        kind = granularity or "day"
        back = (periods or SHOWN[kind]) + 60
        found = [read(source, item, kind, back=back, segment=segment) for item in metrics]
        asked = {"metric": [item.plain() for item in metrics]}
        if segment is not None:
            asked["segment"] = segment_from(segment).plain()  # type: ignore[assignment]
        scope = Scope("event", "", f"{source.as_of:%Y-%m-%d %H:%M} UTC", len(source.events))
        return found, scope, asked
    if metric is not None or segment is not None:
        raise ArgumentError.of("metric", metric, message("nothing beside a trend or a frame"))
    if isinstance(source, Result):
        found = series_of_result(source, **columns)
        return found, source.scope, {"of": dict(source.definition)}
    if isinstance(source, pd.DataFrame):
        found = series_of_frame(source, granularity=granularity, **columns)
        return found, Scope("event", "", "", len(source)), {"of": "frame"}
    raise ArgumentError.of(
        "source", type(source).__name__, message("a workspace, a trend, or a frame")
    )


def _rules(found: list[Series], level: float, method: str, holidays: Any, settings: Any) -> Rules:
    known = [series for series in found if len(series)]
    if holidays is None or not known:
        return Rules(confidence=level, method=method, threads=2)
    years = [int(str(day)[:4]) for s in known for day in (s.starts[0], s.starts[-1])]
    table = holiday_table(holidays, first=min(years) - 1, last=max(years) + 1, settings=settings)
    return Rules(level, method, table, weekend_of(holidays), threads=2)


def _shown(series: Series, periods: int | None) -> range:
    size = len(series)
    return range(max(0, size - (periods or SHOWN[series.granularity])), size)


def _closed(series: Series) -> Series:
    """The series without the values of periods that were not over: they are not judged."""
    values = series.values.copy()
    values[series.open_from :] = float("nan")
    return Series(series.name, series.granularity, series.starts, values, unit=series.unit)


def _named(holidays: Any) -> Any:
    given = holidays if isinstance(holidays, list | tuple) else [holidays]
    return [item if isinstance(item, str) else "own" for item in given]
