"""Ranges of whole days, fiscal ones too; they may reach into the future.

Source: b2b-data-model.md, section 1 (fiscal calendar) and section 4, rule 10: a date of which
only the day is known is used as it is, an instant falls into the day of the reporting zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.sales.deals import NO_DAY
from workbench.sales.fiscal import FiscalPeriod, next_day, relative
from workbench.vocabulary.calendars import Calendar
from workbench.vocabulary.fiscal import fiscal_days
from workbench.vocabulary.periods import Period, microseconds_of
from workbench.workspace import Workspace

_EPOCH = date(1970, 1, 1)
_SHIFT = {"this": 0, "current": 0, "previous": -1, "last": -1, "next": 1}
_NAMED = re.compile(r"(this|current|previous|last|next)[ _]+(?:(fiscal)[ _]+)?(\w+)", re.I)
_AHEAD = re.compile(r"next[ _]+(\d+)[ _]+(day|week|month|quarter|year)s?", re.I)
_UNITS = ("week", "month", "quarter", "year")


@dataclass(frozen=True)
class Range:
    """A half-open range of days; an open side is None.

    Attributes
    ----------
    first, after : int or None
        Days since 1970: the first one inside and the first one after.
    name : str
        What a reader calls it, such as ``FY2026 Q1``; empty where the dates say it.
    """

    first: int | None = None
    after: int | None = None
    name: str = ""

    def __bool__(self) -> bool:
        return self.first is not None or self.after is not None

    @property
    def text(self) -> str:
        """The dates, as `read_range` reads them again; empty for everything."""
        start = "" if self.first is None else as_date(self.first).isoformat()
        end = "" if self.after is None else as_date(self.after - 1).isoformat()
        return f"{start}..{end}" if self else ""

    def in_words(self) -> str:
        """Name and dates."""
        return f"{self.name} ({self.text})" if self.name else self.text

    def holds(self, days: np.ndarray) -> np.ndarray:
        """A mark for every day inside; a range without limits holds unknown days too."""
        if not self:
            return np.ones(days.shape, bool)
        found = days != NO_DAY
        if self.first is not None:
            found &= days >= self.first
        if self.after is not None:
            found &= days < self.after
        return found

    def from_day(self, day: int) -> Range:
        """What is left of the range from a day on."""
        return Range(day if self.first is None else max(day, self.first), self.after)

    def instants(self, zone: str) -> tuple[int, int]:
        """First microsecond inside and first one after, in UTC since 1970."""
        low = -(2**62) if self.first is None else midnight(self.first, zone)
        high = 2**62 if self.after is None else midnight(self.after, zone)
        return low, high


def as_date(day: int) -> date:
    """A number of days since 1970 as a date."""
    return _EPOCH + timedelta(days=int(day))


def day_number(day: date) -> int:
    """A date as a number of days since 1970."""
    return (day - _EPOCH).days


def midnight(day: int, zone: str) -> int:
    """The first instant of a day of a zone, in microseconds since 1970."""
    at = as_date(day)
    return microseconds_of(datetime(at.year, at.month, at.day, tzinfo=ZoneInfo(zone)))


def day_of(instant: datetime, zone: str) -> int:
    """The day of a zone in which an instant lies."""
    return day_number(instant.astimezone(ZoneInfo(zone)).date())


def read_range(
    workspace: Workspace,
    value: Any,
    *,
    as_of: datetime,
    calendar: tuple[FiscalPeriod, ...] = (),
    argument: str = "period",
) -> Range:
    """Read a period as whole days.

    Parameters
    ----------
    value : str, Period or Range, optional
        What `Period.parse` reads; ``this``, ``previous`` or ``next`` ``month`` (quarter, year,
        week) as a whole; the same with ``fiscal``, also as ``THIS_FISCAL_QUARTER``; ``FY2025`` or
        ``FY2025 Q4``; ``next 90 days``; the name of a period of the calendar. Two of them joined
        by ``..``. Everything when left out.
    as_of : datetime
        The instant from which relative ranges are told.
    calendar : tuple of FiscalPeriod
        Periods that stand in place of the rule of months.

    Raises
    ------
    ArgumentError
        For what is none of these.
    """
    if isinstance(value, Range):
        return value
    zone = workspace.settings.report_tz
    if value is None or (isinstance(value, str) and not value.strip()):
        return Range()
    if isinstance(value, Period):
        return _of_period(value, zone)
    text = str(value).strip()
    one = _one(workspace, text, as_of, calendar)
    if one is not None:
        return one
    left, joined, right = text.partition("..")
    if joined:
        ends = [
            _one(workspace, side.strip(), as_of, calendar) or _plain(side.strip(), zone, as_of)
            for side in (left, right)
        ]
        first, after = ends[0].first if ends[0] else None, ends[1].after if ends[1] else None
        if first is not None and after is not None and first >= after:
            raise ArgumentError.of(
                argument, text, message("a range whose end lies after its start")
            )
        return Range(first, after)
    return _plain(text, zone, as_of, argument)


def _plain(text: str, zone: str, as_of: datetime, argument: str = "period") -> Range:
    try:
        return _of_period(Period.parse(text, zone, as_of, argument), zone)
    except ArgumentError as refused:
        todo = message(
            "Also 'this fiscal quarter', 'next quarter', 'FY2026 Q1', 'next 90 days', or the name "
            "of a period of the fiscal calendar."
        )
        raise ArgumentError(f"{refused} {todo}") from None


def _of_period(period: Period, zone: str) -> Range:
    start = None if period.start is None else day_of(period.start.astimezone(UTC), zone)
    end = None if period.end is None else day_of(period.end - timedelta(microseconds=1), zone) + 1
    return Range(start, end)


def _one(
    workspace: Workspace, text: str, as_of: datetime, calendar: tuple[FiscalPeriod, ...]
) -> Range | None:
    """A range with a name; None where the text is no such name."""
    for period in calendar:
        if period.name.lower() == text.lower():
            return _of_fiscal(period)
    today = as_date(day_of(as_of, workspace.settings.report_tz))
    ahead = _AHEAD.fullmatch(text)
    if ahead:
        return _next(int(ahead[1]), ahead[2].lower(), today, text)
    named = _NAMED.fullmatch(text)
    by_rule = fiscal_days(text, workspace.settings, today)
    if by_rule and not (named and calendar):
        first, after, name = by_rule
        return Range(day_number(first), day_number(after), name)
    if named and named[3].lower() in _UNITS:
        shift, unit = _SHIFT[named[1].lower()], named[3].lower()
        if named[2] and calendar and unit != "week":
            return _of_fiscal(relative(calendar, unit, shift, today, text))
        return _relative(_rule(workspace, unit, bool(named[2])), shift, today, bool(named[2]))
    return None


def _of_fiscal(period: FiscalPeriod) -> Range:
    return Range(day_number(period.first), day_number(next_day(period.last)), period.name)


def _rule(workspace: Workspace, unit: str, fiscal: bool) -> Calendar:
    rule = Calendar.of(workspace.settings, unit)
    return rule if fiscal else Calendar(unit, rule.zone, rule.week_start)


def _relative(rule: Calendar, shift: int, today: date, fiscal: bool) -> Range:
    first = rule.first_day(today)
    if shift < 0:
        first = rule.first_day(first - timedelta(days=1))
    if shift > 0:
        first = rule.following(first)
    name = rule.name(first) if fiscal else ""
    return Range(day_number(first), day_number(rule.following(first)), name)


def _next(count: int, unit: str, today: date, text: str) -> Range:
    if not 0 < count <= 10_000:
        raise ArgumentError.of("period", text, message("a range of 1 to 10,000 units"))
    if unit in ("day", "week"):
        end = today + timedelta(days=count * (7 if unit == "week" else 1))
    else:
        months = today.year * 12 + today.month - 1
        months += count * {"month": 1, "quarter": 3, "year": 12}[unit]
        first = date(months // 12, months % 12 + 1, 1)
        last = (date((months + 1) // 12, (months + 1) % 12 + 1, 1) - first).days
        end = first + timedelta(days=min(today.day, last) - 1)
    return Range(day_number(today), day_number(end))


def months_before(first: int, count: int, unit: str, workspace: Workspace) -> Iterator[int]:
    """First days of the buckets that end with the one a day lies in, oldest first."""
    rule = Calendar.of(workspace.settings, unit)
    day = rule.first_day(as_date(first))
    found = [day]
    for _ in range(count - 1):
        found.append(rule.first_day(found[-1] - timedelta(days=1)))
    return (day_number(day) for day in reversed(found))
