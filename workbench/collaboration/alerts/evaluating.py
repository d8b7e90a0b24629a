"""Alerts over their periods: which triggers are true, which of them are news, which are muted.

Source: collaboration.md, section 2.2: at the end of a period and the delay the last complete one
is taken; it fires once with all true triggers; after that it is quiet until one clean period.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from workbench.collaboration.alerts.judging import (
    BACK,
    FALSE,
    TRUE,
    UNKNOWN,
    Verdict,
    judge,
    microseconds,
)
from workbench.collaboration.alerts.record import ANOMALY, CHANGES, NO_DATA, Alert, Trigger
from workbench.collaboration.anomalies.holiday_table import holiday_table, weekend_of
from workbench.collaboration.anomalies.series import Rules, Series
from workbench.collaboration.metrics import read
from workbench.errors import WorkbenchError
from workbench.messages import message
from workbench.vocabulary.calendars import Calendar
from workbench.workspace import Workspace

FIRED, QUIET, COOLING, MUTED, NOT_KNOWN = "fired", "quiet", "cooling", "muted", "unknown"
_LOOK_BACK = 7
_TRAINING = {"day": 42, "week": 15 + 52, "month": 15 + 12}


@dataclass(frozen=True)
class Outcome:
    """What became of an alert in one period.

    Attributes
    ----------
    start, end : date
        First and last day of the period.
    state : {"fired", "quiet", "cooling", "muted", "unknown"}
    verdicts : tuple of Verdict
        One for each trigger.
    news : tuple of bool
        Of each trigger, whether it is true and was not in the period before.
    """

    start: date
    end: date
    state: str
    verdicts: tuple[Verdict, ...]
    news: tuple[bool, ...]

    @property
    def true(self) -> list[Verdict]:
        """Triggers that are true, for the one message."""
        return [verdict for verdict in self.verdicts if verdict.state == TRUE]

    def plain(self) -> dict[str, Any]:
        """The outcome as plain values."""
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "state": self.state,
            "triggers": [verdict.plain() for verdict in self.verdicts],
            "news": list(self.news),
        }


def due_period(alert: Alert, settings: Any, now: datetime) -> tuple[date, date]:
    """First and last day of the last period that was over, and its delay gone by, at an instant.

    Days and clocks are those of the reporting zone.
    """
    calendar = Calendar.of(settings, alert.granularity)
    moment = (now - timedelta(microseconds=microseconds(alert.delay))).astimezone(UTC)
    running = calendar.first_day(moment.astimezone(ZoneInfo(calendar.zone)).date())
    first = calendar.first_day(running - timedelta(days=1))
    return first, running - timedelta(days=1)


def evaluate(
    alerts: Sequence[Alert],
    workspace: Workspace,
    *,
    now: datetime,
    periods: int = 1,
    threads: int = 2,
    cache: dict[Any, Any] | None = None,
) -> list[list[Outcome] | WorkbenchError]:
    """Judge alerts of one workspace in their last periods, each as it was known then.

    Parameters
    ----------
    alerts : sequence of Alert
    workspace : Workspace
    now : datetime
        With its zone.
    periods : int
        How many periods, the last one included.
    threads : int
    cache : dict, optional
        Series that were read already.

    Returns
    -------
    list
        For each alert its outcomes, oldest first; or why it cannot be evaluated.
    """
    series_of: dict[Any, Any] = {} if cache is None else cache
    plans: list[_Plan | WorkbenchError] = []
    for alert in alerts:
        try:
            plans.append(_plan(alert, workspace, now, periods, series_of))
        except WorkbenchError as refused:
            plans.append(refused)
        except Exception as problem:  # one alert must not silence the others
            said = message("{kind}: {reason}", kind=type(problem).__name__, reason=problem)
            plans.append(WorkbenchError(said))
    groups: dict[str, list[_Plan]] = {}
    for plan in plans:
        if isinstance(plan, _Plan):
            groups.setdefault(repr(plan.alert.holidays), []).append(plan)
    judged: dict[int, list[list[Verdict]]] = {}
    for members in groups.values():
        rules = _rules(members[0].alert, workspace, members, threads)
        found = judge([item for plan in members for item in plan.asked], rules)
        for plan in members:
            judged[id(plan)], found = found[: len(plan.asked)], found[len(plan.asked) :]
    return [
        plan if isinstance(plan, WorkbenchError) else _outcomes(plan, judged[id(plan)])
        for plan in plans
    ]


@dataclass(frozen=True)
class _Plan:
    alert: Alert
    calendar: Calendar
    asked: list[tuple[Trigger, Series, list[int]]]
    periods: int


def _plan(
    alert: Alert, workspace: Workspace, now: datetime, periods: int, cache: dict[Any, Any]
) -> _Plan:
    calendar = Calendar.of(workspace.settings, alert.granularity)
    first, last = due_period(alert, workspace.settings, now)
    # The period before tells whether what is true is news; a silence of the data may lie between.
    asked = []
    for trigger in alert.triggers:
        known = _LOOK_BACK if not trigger.metric.asks else 1
        back = periods + known + _needed(trigger, alert.granularity)
        key = (repr(trigger.metric.plain()), alert.granularity, repr(alert.segment), last)
        if key not in cache or (trigger.metric.asks and len(cache[key]) < back):
            until = datetime(
                last.year, last.month, last.day, 23, 59, tzinfo=ZoneInfo(calendar.zone)
            )
            cache[key] = read(workspace, trigger.metric, alert.granularity,
                              until=until + timedelta(minutes=1), back=back,
                              segment=alert.segment)  # fmt: skip
        series = _up_to(cache[key], calendar, first, trigger)
        size = len(series)
        asked.append((trigger, series, list(range(max(0, size - periods - known), size))))
    return _Plan(alert, calendar, asked, periods)


def _needed(trigger: Trigger, granularity: str) -> int:
    if trigger.when in ANOMALY:
        return _TRAINING[granularity]
    return BACK[granularity][trigger.baseline] if trigger.when == CHANGES else 0


def _up_to(series: Series, calendar: Calendar, first: date, trigger: Trigger) -> Series:
    """The series with the due period as its last one, without a value where the data end before.

    Raises
    ------
    ArgumentError
        When the data begin after it.
    """
    starts = [day.astype(object) for day in series.starts]
    values = list(series.values)
    while starts and starts[-1] < first:
        starts.append(calendar.following(starts[-1]))
        values.append(np.nan)
    keep = [n for n, day in enumerate(starts) if day <= first]
    if not keep:
        starts, values, keep = [first], [np.nan], [0]
    return replace(
        series, starts=np.array([starts[n] for n in keep], "datetime64[D]"),
        values=np.array([values[n] for n in keep], float), open_from=-1,
    )  # fmt: skip


def _rules(alert: Alert, workspace: Workspace, plans: Sequence[_Plan], threads: int) -> Rules:
    if alert.holidays is None:
        return Rules(threads=threads)
    starts = [plan.asked[0][1].starts for plan in plans]
    years = [int(str(day)[:4]) for days in starts for day in (days[0], days[-1])]
    table = holiday_table(
        alert.holidays, first=min(years) - 1, last=max(years) + 1, settings=workspace.settings
    )
    return Rules(holidays=table, weekend=weekend_of(alert.holidays), threads=threads)


def _outcomes(plan: _Plan, judged: list[list[Verdict]]) -> list[Outcome]:
    """Outcomes of the periods asked for; those before only tell what is news."""
    alert, calendar = plan.alert, plan.calendar
    by_start: dict[str, list[Verdict | None]] = {}
    for n, verdicts in enumerate(judged):
        for verdict in verdicts:
            by_start.setdefault(verdict.start, [None] * len(judged))[n] = verdict
    days = sorted(by_start)
    held = [False] * len(judged)
    out = []
    for day in days:
        verdicts = [
            v or _nothing(t, day) for v, t in zip(by_start[day], alert.triggers, strict=True)
        ]
        start = date.fromisoformat(day)
        muted = any(mute.holds(start) for mute in alert.mute)
        true = [v.state == TRUE for v in verdicts]
        news = [now and not (before and alert.repeat == "once")
                for now, before in zip(true, held, strict=True)]  # fmt: skip
        # What was true while nobody was told is news afterwards; no data is no clean period.
        held = [
            (before if v.state != FALSE and v.state != TRUE else now) and not muted
            for v, now, before in zip(verdicts, true, held, strict=True)
        ]
        end = calendar.following(start) - timedelta(days=1)
        state = _state(alert, verdicts, true, news, muted)
        out.append(Outcome(start, end, state, tuple(verdicts), tuple(news)))
    return out[-plan.periods :]


def _state(
    alert: Alert, verdicts: list[Verdict], true: list[bool], news: list[bool], muted: bool
) -> str:
    if muted:
        return MUTED
    if any(news):
        return FIRED
    if any(true):
        return COOLING
    asked = [v for v in verdicts if v.when != NO_DATA]
    # One trigger that can be judged is enough for a quiet period; none is none.
    if asked and all(v.state not in (TRUE, FALSE) for v in asked):
        return NOT_KNOWN
    return QUIET


def _nothing(trigger: Trigger, day: str) -> Verdict:
    return Verdict(trigger.label, trigger.when, day, UNKNOWN)
