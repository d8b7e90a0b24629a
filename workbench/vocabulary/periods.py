"""Ranges of dates in the reporting zone, and the calendar buckets of a trend."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import marked, message

GRANULARITIES = ("day", "week", "month", "quarter", "year")
WEEK_STARTS = ("mon", "sun")
_FORM = marked(
    "'2026', '2026-Q1', '2026-03' or '2026-03-15', two of them joined by '..' (the last one is "
    "included as a whole), or 'last 90 days' (weeks, months, quarters, years), 'today', "
    "'yesterday', 'this month' or 'previous month' (quarter, year)"
)
_NAMED = re.compile(r"(this|previous)\s+(month|quarter|year)|today|yesterday", re.IGNORECASE)
_ROLLING = re.compile(r"last\s+(\d+)\s+(day|week|month|quarter|year)s?", re.IGNORECASE)
_UNIT = re.compile(r"(\d{4})(?:-Q([1-4])|-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True)
class Period:
    """A half-open range of instants that begins and ends at midnight of the reporting zone.

    Attributes
    ----------
    start, end : datetime or None
        First instant inside and first instant after, in UTC; None leaves the side open.
    text : str
        What the user wrote, with rolling ranges made plain.
    """

    start: datetime | None = None
    end: datetime | None = None
    text: str = ""

    @classmethod
    def parse(
        cls,
        value: str | Period | None,
        zone: str = "UTC",
        as_of: datetime | None = None,
        argument: str = "period",
    ) -> Period:
        """Read a period; whole units are meant, so ``2026-01..2026-06`` ends with 30 June.

        Rolling ranges end with the day of `as_of` in the reporting zone (``last 30 days``), hold
        the unit it lies in so far (``this month``), or the whole unit before (``previous month``).
        """
        if value is None or value == "":
            return cls()
        if isinstance(value, Period):
            return value
        text = str(value).strip()
        try:
            rolling = _ROLLING.fullmatch(text)
            if rolling:
                return cls._rolling(int(rolling[1]), rolling[2].lower(), zone, as_of)
            if _NAMED.fullmatch(text):
                return cls._named(text.lower().split(), zone, as_of)
            first, found, last = text.partition("..")
            start = _unit(first.strip())[0] if first.strip() else None
            end = (
                _unit((last if found else first).strip())[1] if last.strip() or not found else None
            )
            bounds = _instant(start, zone), _instant(end, zone)
        except (ValueError, OverflowError):
            raise ArgumentError.of(argument, str(value), message(_FORM)) from None
        if start is None and end is None:
            return cls()
        if start is not None and end is not None and start >= end:
            raise ArgumentError.of(
                argument, value, message("a range whose end lies after its start")
            )
        return cls(*bounds, text)

    @classmethod
    def _rolling(cls, count: int, unit: str, zone: str, as_of: datetime | None) -> Period:
        if as_of is None or count == 0:
            raise ValueError
        today = _day_of(as_of, zone)
        end = today + pd.Timedelta(days=1)
        unit, count = ("month", 3 * count) if unit == "quarter" else (unit, count)
        start = end - pd.DateOffset(**{f"{unit}s": count})
        text = f"{start:%Y-%m-%d}..{today:%Y-%m-%d}"
        return cls(_instant(start, zone), _instant(end, zone), text)

    @classmethod
    def _named(cls, words: list[str], zone: str, as_of: datetime | None) -> Period:
        if as_of is None:
            raise ValueError
        today = _day_of(as_of, zone)
        if len(words) == 1:
            start = today - pd.Timedelta(days=int(words[0] == "yesterday"))
            end = start + pd.Timedelta(days=1)
        else:
            months = {"month": 1, "quarter": 3, "year": 12}[words[1]]
            first = pd.Timestamp(today.year, (today.month - 1) // months * months + 1, 1)
            start, end = first, today + pd.Timedelta(days=1)
            if words[0] == "previous":
                start, end = first - pd.DateOffset(months=months), first
        text = f"{start:%Y-%m-%d}..{end - pd.Timedelta(days=1):%Y-%m-%d}"
        return cls(_instant(start, zone), _instant(end, zone), text)

    def __bool__(self) -> bool:
        return self.start is not None or self.end is not None

    def __str__(self) -> str:
        return self.text

    def bounds(self) -> tuple[int, int]:
        """First microsecond inside and first one after, in UTC since 1970; open sides are huge."""
        low = -(2**62) if self.start is None else microseconds_of(self.start)
        high = 2**62 if self.end is None else microseconds_of(self.end)
        return low, high


def microseconds_of(instant: datetime) -> int:
    """Microseconds since 1970 in UTC."""
    delta = instant.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def _day_of(instant: datetime, zone: str) -> pd.Timestamp:
    """Midnight of the day that an instant lies in, without its zone."""
    return pd.Timestamp(instant).tz_convert(zone).tz_localize(None).normalize()


def _unit(text: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First midnight of the unit that `text` names, and the midnight after it."""
    found = _UNIT.fullmatch(text)
    if not found:
        raise ValueError(text)
    year, quarter, month, day = found.groups()
    if quarter:
        start = pd.Timestamp(int(year), 3 * int(quarter) - 2, 1)
        return start, start + pd.DateOffset(months=3)
    start = pd.Timestamp(int(year), int(month or 1), int(day or 1))
    step = {"days": 1} if day else {"months": 1} if month else {"years": 1}
    return start, start + pd.DateOffset(**step)


def _instant(midnight: pd.Timestamp | None, zone: str) -> datetime | None:
    if midnight is None:
        return None
    local = midnight.to_pydatetime().replace(tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)


def bucket(
    microseconds: np.ndarray,
    granularity: str,
    zone: str = "UTC",
    week_start: str = "mon",
) -> pd.Series:
    """The first day of the calendar bucket that each instant falls into.

    Parameters
    ----------
    microseconds : numpy.ndarray of int64
        Instants since 1970 in UTC.
    granularity : {"day", "week", "month", "quarter", "year"}
    zone : str
        Reporting zone; each instant is moved there before it is cut.
    week_start : {"mon", "sun"}

    Returns
    -------
    pandas.Series of datetime64 without zone
        Calendar dates of the reporting zone.

    Notes
    -----
    Source: b2b-data-model.md, section 1 (reporting zone, week).
    """
    if granularity not in GRANULARITIES:
        raise ArgumentError.of("granularity", granularity, GRANULARITIES)
    if week_start not in WEEK_STARTS:
        raise ArgumentError.of("week_start", week_start, WEEK_STARTS)
    instants = pd.Series(np.asarray(microseconds, "int64").view("M8[us]")).dt.tz_localize("UTC")
    local = instants.dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
    if granularity == "day":
        return local
    if granularity == "week":
        shift = (local.dt.day_of_week + (1 if week_start == "sun" else 0)) % 7
        return local - pd.to_timedelta(shift, unit="D")
    code = {"month": "M", "quarter": "Q", "year": "Y"}[granularity]
    return local.dt.to_period(code).dt.start_time.astype(local.dtype)
