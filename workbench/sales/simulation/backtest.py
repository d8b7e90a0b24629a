"""The forecast from the start of past periods with what was known then, beside simple ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import marked, message, message_of_count
from workbench.results.base import Result, Scope
from workbench.results.intervals import wilson
from workbench.results.tables import Column
from workbench.sales.catalogue import WON
from workbench.sales.deals import NEVER
from workbench.sales.moments import moment_of
from workbench.sales.ranges import Range, as_date, day_number, midnight
from workbench.sales.simulation import backtest_chart, wording
from workbench.sales.simulation.drawing import drawn
from workbench.sales.simulation.known import Known, known_at, too_thin
from workbench.vocabulary.calendars import Calendar

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.simulation.result import ForecastSimulation

DRAWS = 2_000
LENGTHS = {"month": 31, "quarter": 92, "year": 366}
LEAST_DAYS_OF_RATE, DAYS_OF_RATE = 60, 365
FEW_PERIODS = 8
METHODS = {
    "simulation": marked("This simulation"),
    "weighted_pipeline": marked("Open pipeline × probability of the record"),
    "last_year": marked("Same period a year before"),
    "run_rate": marked("Rate of the year before"),
}


class Backtest(Result):
    """What would have been forecast at the start of past periods, and what came.

    Attributes
    ----------
    of : ForecastSimulation
    by : str
        Length of the past periods.
    thin : int
        Past periods whose past was too thin to learn from.
    scope : Scope
    """

    kind: ClassVar[str] = "forecast_backtest"
    columns: ClassVar[Mapping[str, str]] = {
        "period": "Name of the past period",
        "start_on": "Its first day; nothing saved from it on was looked at",
        "actual": "Amount won in it, as it stood when it ended",
        "expected": "Mean of the draws",
        "low_95": "2.5 of 100 draws win less",
        "low_80": "10 of 100 draws win less",
        "median": "Half of the draws win less",
        "high_80": "90 of 100 draws win less",
        "high_95": "97.5 of 100 draws win less",
        "inside_80": "Whether the actual amount lies in the 80 % interval",
        "inside_95": "Whether it lies in the 95 % interval",
        "weighted_pipeline": "Amounts × record probability of open deals expected to close in it",
        "last_year": "Won in the same period a year before; empty where history is shorter",
        "run_rate": "Won by day in the year before × days of the period; empty below 60 days",
        "open_deals": "Open deals at its start",
        "past_closed": "Closed deals learned from",
    }

    def __init__(self, of: ForecastSimulation, by: str, frame: pd.DataFrame, thin: int) -> None:
        self.of = of
        self.by = by
        self.thin = thin
        self._frame = frame
        self.definition = {**of.definition, "view": "backtest", "by": by}
        notes = list(of.scope.notes)
        if thin:
            notes.append(
                message_of_count(
                    "{count} past period is left out: too few closed deals were known then.",
                    "{count} past periods are left out: too few closed deals were known then.",
                    thin,
                )
            )
        self.scope = Scope(
            container=of.scope.container,
            period="" if frame.empty else f"{frame['period'].iloc[0]}–{frame['period'].iloc[-1]}",
            as_of=of.scope.as_of,
            events=len(frame),
            notes=tuple(notes),
        )

    @property
    def frame(self) -> pd.DataFrame:
        """One line a past period, with the columns of `Backtest.columns`."""
        return self._frame

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One line a method, on the past periods that it can answer.

        Columns: method, label, periods, mean_error (mean of |forecast − actual|), of_simulation
        (the same of the simulation on these periods), bias (mean of forecast − actual), beaten
        (whether the simulation's error is smaller; empty without periods).
        """
        frame, lines = self.frame, []
        for method, label in METHODS.items():
            column = "expected" if method == "simulation" else method
            known = frame[column].notna()
            own = frame[known]
            error = (own[column] - own["actual"]).abs().mean()
            ours = (own["expected"] - own["actual"]).abs().mean()
            lines.append(
                {
                    "method": method,
                    "label": message(label),
                    "periods": int(known.sum()),
                    "mean_error": error,
                    "of_simulation": ours,
                    "bias": (own[column] - own["actual"]).mean(),
                    "beaten": None if method == "simulation" or own.empty else bool(ours < error),
                }
            )
        return pd.DataFrame(lines)

    def coverage(self, level: int) -> tuple[int, int, float, float]:
        """Past periods inside the interval, all of them, and the Wilson interval of the share."""
        count, total = int(self.frame[f"inside_{level}"].sum()), len(self.frame)
        low, high = wilson(np.array([count]), np.array([total]))
        return count, total, float(low[0]), float(high[0])

    def verdict(self) -> str:
        """Whether the simulation beats the simple forecasts, plainly."""
        return wording.verdict(self)

    def headline(self) -> str:
        """How often the interval held, and against what."""
        return wording.backtest_headline(self)

    def reading(self) -> str:
        """How the picture is to be read."""
        return wording.backtest_reading(self)

    def definitions(self) -> list[str]:
        """How the forecasts are made."""
        return self.of.definitions()

    def chart(self) -> alt.TopLevelMixin:
        """An interval for each past period with what came, and the simple forecasts."""
        return backtest_chart.draw(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns of the table that a reader sees."""
        currency = self.of.currency
        return (
            Column("period", message("Period")),
            Column("actual", message("Won"), "money", currency),
            Column("expected", message("Expected"), "money", currency),
            Column("low_80", message("10 of 100 draws below"), "money", currency),
            Column("high_80", message("90 of 100 draws below"), "money", currency),
            Column("weighted_pipeline", message("Open pipeline × probability"), "money", currency),
            Column("last_year", message("A year before"), "money", currency),
            Column("run_rate", message("Rate of the year before"), "money", currency),
            Column("open_deals", message("Open deals"), "count"),
        )


def backtested(of: ForecastSimulation, by: str | None, most: int) -> Backtest:
    """Forecasts from the start of past periods."""
    if by is not None and by not in LENGTHS:
        raise ArgumentError.of("by", by, LENGTHS)
    if not isinstance(most, int) or isinstance(most, bool) or not 1 <= most <= 120:
        raise ArgumentError.of("most", most, message("a whole number from 1 to 120"))
    days = of.question.after - of.question.first
    length = by or min(LENGTHS, key=lambda name: abs(LENGTHS[name] - days))
    periods = _past_periods(of, length, most)
    lines = [_line(of, number, *found) for number, found in enumerate(periods)]
    kept = [line for line in lines if line is not None]
    frame = pd.DataFrame(kept, columns=list(Backtest.columns))
    frame["start_on"] = pd.to_datetime(frame["start_on"])
    return Backtest(of, length, frame, len(lines) - len(kept))


def _past_periods(of: ForecastSimulation, length: str, most: int) -> list[tuple[str, Range]]:
    """The newest whole periods that ended by the instant and began after the first save."""
    question, history = of.question, of.known.history
    calendar = Calendar.of(question.workspace.settings, length)
    if not len(history):
        return []
    first = as_date(int(history.at.min() // 86_400_000_000))
    out: list[tuple[str, Range]] = []
    end = calendar.first_day(as_date(question.day + 1))
    while len(out) < most:
        start = calendar.first_day(end - timedelta(days=1))
        if start <= first:
            break
        out.append((calendar.name(start), Range(day_number(start), day_number(end))))
        end = start
    return out[::-1]


def _line(of: ForecastSimulation, number: int, name: str, period: Range) -> list[object] | None:
    question, history = of.question, of.known.history
    assert period.first is not None
    assert period.after is not None
    zone = question.workspace.settings.report_tz
    instant = midnight(period.first, zone) - 1
    known = known_at(history, of.chosen, period, instant, question.learn_within)
    if too_thin(known):
        return None
    rng = np.random.default_rng([question.seed, number])
    total = drawn(known, min(question.draws, DRAWS), rng).total
    low95, low80, median, high80, high95 = np.quantile(total, (0.025, 0.1, 0.5, 0.9, 0.975))
    actual = _won(of, period, min(midnight(period.after, zone) - 1, question.instant))
    return [
        name, as_date(period.first), actual, float(total.mean()), low95, low80, median, high80,
        high95, bool(low80 <= actual <= high80), bool(low95 <= actual <= high95),
        _weighted(known, period), _last_year(of, period, instant),
        _run_rate(of, period, instant), known.open.size, known.closed,
    ]  # fmt: skip


def _won(of: ForecastSimulation, period: Range, instant: int) -> float:
    """Amount won in a period as it stood at an instant, of deals with a history."""
    history = of.known.history
    moment = moment_of(history, instant)
    saved = np.diff(history.offsets) > 0
    won = of.chosen & saved & moment.closed & (moment.kind == WON) & ~moment.unknown
    inside = won & period.holds(moment.closed_on)
    return float(np.nansum((moment.amount * moment.rate())[inside]))


def _weighted(known: Known, period: Range) -> float:
    """Amount × probability of the open deals that are expected to close in a period."""
    moment, at = known.moment, known.open
    usual = known.history.deals.catalogue.frame["default_probability"].to_numpy(float)
    of_stage = np.append(usual, np.nan)[moment.stage[at]]
    chance = np.where(np.isnan(moment.probability[at]), of_stage, moment.probability[at])
    inside = period.holds(moment.expected_on[at])
    if at.size and np.isnan(chance).all():
        return float("nan")
    return float(np.nansum((known.amount * chance)[inside]))


def _last_year(of: ForecastSimulation, period: Range, instant: int) -> float:
    """Won in the same period a year before, as it stood at the instant."""
    assert period.first is not None
    assert period.after is not None
    first, after = (_year_before(as_date(day)) for day in (period.first, period.after))
    if day_number(first) * 86_400_000_000 < _first_save(of):
        return float("nan")
    return _won(of, Range(day_number(first), day_number(after)), instant)


def _run_rate(of: ForecastSimulation, period: Range, instant: int) -> float:
    assert period.first is not None
    assert period.after is not None
    known_days = (instant - _first_save(of)) // 86_400_000_000
    days = int(min(DAYS_OF_RATE, known_days))
    if days < LEAST_DAYS_OF_RATE:
        return float("nan")
    won = _won(of, Range(period.first - days, period.first), instant)
    return won / days * (period.after - period.first)


def _first_save(of: ForecastSimulation) -> int:
    at = of.known.history.at
    return int(at.min()) if at.size else NEVER


def _year_before(day: date) -> date:
    return (pd.Timestamp(day) - pd.DateOffset(years=1)).date()
