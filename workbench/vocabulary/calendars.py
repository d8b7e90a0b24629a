"""Calendar buckets of a range: their first days, their borders as instants, their names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.periods import GRANULARITIES, microseconds_of

MOST_BUCKETS = 3_000
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Calendar:
    """How days fall into buckets.

    Attributes
    ----------
    granularity : {"day", "week", "month", "quarter", "year"}
    zone : str
        Reporting zone, in which a day begins at midnight.
    week_start : {"mon", "sun"}
    first_month : int
        First month of the fiscal year, for quarters and years.
    named_by_end : bool
        Whether a fiscal year is named by the calendar year in which it ends.

    Notes
    -----
    Source: b2b-data-model.md, section 1 (reporting zone, week, fiscal calendar);
    journeys-cohort.md, section 3.
    """

    granularity: str
    zone: str = "UTC"
    week_start: str = "mon"
    first_month: int = 1
    named_by_end: bool = False

    @classmethod
    def of(cls, settings: Any, granularity: str) -> Calendar:
        """The calendar of a workspace's settings at one granularity."""
        if granularity not in GRANULARITIES:
            raise ArgumentError.of("granularity", granularity, GRANULARITIES)
        fiscal = settings.fiscal_year
        return cls(
            granularity,
            settings.report_tz,
            settings.week_start,
            fiscal.start_month,
            fiscal.named_by == "end" and fiscal.start_month > 1,
        )

    def first_day(self, day: date) -> date:
        """First day of the bucket that a day of the reporting zone lies in."""
        if self.granularity == "day":
            return day
        if self.granularity == "week":
            shift = (day.weekday() + (1 if self.week_start == "sun" else 0)) % 7
            return day - timedelta(days=shift)
        size = _MONTHS[self.granularity]
        shift = 0 if self.granularity == "month" else self.first_month - 1
        months = (day.year * 12 + day.month - 1 - shift) // size * size + shift
        return date(months // 12, months % 12 + 1, 1)

    def following(self, first: date) -> date:
        """First day of the bucket after the one that begins on `first`."""
        if self.granularity in _MONTHS:
            months = first.year * 12 + first.month - 1 + _MONTHS[self.granularity]
            return date(months // 12, months % 12 + 1, 1)
        return first + timedelta(days=7 if self.granularity == "week" else 1)

    def name(self, first: date) -> str:
        """What the bucket that begins on `first` is called."""
        if self.granularity in ("day", "week"):
            return first.isoformat()
        if self.granularity == "month":
            return f"{first:%Y-%m}"
        months = first.year * 12 + first.month - self.first_month
        year, quarter = months // 12 + self.named_by_end, months % 12 // 3 + 1
        fiscal = self.first_month > 1
        if self.granularity == "year":
            return message("FY{year}", year=year) if fiscal else f"{year:04d}"
        if fiscal:
            return message("FY{year} Q{quarter}", year=year, quarter=quarter)
        return f"{year:04d}-Q{quarter}"

    def buckets(self, start: int, end: int, before: int = 0) -> Buckets:
        """Every bucket that holds an instant of a range.

        Parameters
        ----------
        start, end : int
            Half-open range of microseconds since 1970 in UTC, not empty.
        before : int
            Buckets added in front of it.

        Raises
        ------
        ArgumentError
            When there would be too many of them, or one outside the years 1 to 9999.
        """
        try:
            first = self.first_day(self._day_of(start))
            for _ in range(before):
                first = self.first_day(first - timedelta(days=1))
            days = [first]
            while self._midnight(days[-1]) < end:
                days.append(self.following(days[-1]))
                if len(days) > MOST_BUCKETS + 1:
                    raise OverflowError
            edges = np.array([self._midnight(day) for day in days], np.int64)
        except (OverflowError, ValueError):
            raise ArgumentError.of(
                "granularity",
                self.granularity,
                message(
                    "a granularity that cuts the period into at most {most:,} buckets",
                    most=MOST_BUCKETS,
                ),
                message("Ask for a shorter period or for longer buckets."),
            ) from None
        return Buckets(self, tuple(days), edges)

    def _day_of(self, instant: int) -> date:
        moment = _EPOCH + timedelta(microseconds=instant)
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def _midnight(self, day: date) -> int:
        """The first instant of a day; a clock that jumps over midnight begins it at the jump."""
        return microseconds_of(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone)))


@dataclass(frozen=True)
class Buckets:
    """Consecutive buckets of a calendar.

    Attributes
    ----------
    calendar : Calendar
    days : tuple of date
        First day of each bucket, and the day after the last one.
    edges : numpy.ndarray of int64, shape (buckets + 1,)
        The same borders as microseconds since 1970 in UTC.
    """

    calendar: Calendar
    days: tuple[date, ...]
    edges: np.ndarray

    def __len__(self) -> int:
        return len(self.days) - 1

    @property
    def names(self) -> list[str]:
        """What each bucket is called."""
        return [self.calendar.name(day) for day in self.days[:-1]]

    def dates(self, number: int) -> str:
        """One bucket as a range of dates that `workbench.vocabulary.periods.Period` reads."""
        last = self.days[number + 1] - timedelta(days=1)
        return f"{self.days[number].isoformat()}..{last.isoformat()}"
