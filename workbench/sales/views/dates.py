"""Dates of filters: absolute ones, and ranges counted from the day that is looked at."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from difflib import get_close_matches

from workbench.data.settings import Settings
from workbench.errors import ArgumentError, either
from workbench.messages import marked, message
from workbench.vocabulary.calendars import Calendar
from workbench.vocabulary.periods import Period

UNITS = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR")
SINGLE = {"TODAY": ("DAY", 0), "YESTERDAY": ("DAY", -1), "TOMORROW": ("DAY", 1)}
NAMED = {
    **SINGLE,
    **{
        f"{word}_{unit}": (unit, step)
        for word, step in (("THIS", 0), ("LAST", -1), ("NEXT", 1))
        for unit in UNITS
    },
}
COUNTED = tuple(f"{word}_N_{unit}S" for word in ("LAST", "NEXT") for unit in UNITS)
_COUNTED = re.compile(r"(LAST|NEXT)_N_(" + "|".join(UNITS) + r")S:(\d{1,5})")
_AGO = re.compile(r"N_DAYS_AGO:(\d{1,5})")
_FORM = marked(
    "a date such as '2026-06-30', a month '2026-06', a quarter '2026-Q2', a year '2026', two of "
    "them joined by '..', or a relative date such as 'TODAY', 'LAST_N_DAYS:30', 'THIS_QUARTER', "
    "'NEXT_FISCAL_YEAR'"
)


class DateError(ValueError):
    """A date that cannot be read; the text says why."""


def date_range(
    value: object, today: date, settings: Settings
) -> tuple[date | None, date | None]:  # fmt: skip
    """First and last day that a value of a filter means; None leaves a side open.

    Parameters
    ----------
    value : str or date
    today : date
        Day of the reporting zone that is looked at.
    settings : Settings
        Week start and fiscal year.

    Raises
    ------
    DateError
        With a sentence, when the value cannot be read.

    Notes
    -----
    Source: sales-pipeline.md, section 4. ``LAST_N_DAYS:30`` runs from thirty days before `today`
    through `today` (31 dates). ``NEXT_N_DAYS:30`` is the thirty days after it. Longer units are
    whole ones: ``LAST_N_MONTHS:2`` are the two calendar months before the present one, and
    ``NEXT_N_MONTHS:2`` the two after it.
    """
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value, value
    if isinstance(value, int) and not isinstance(value, bool) and 1000 <= value <= 9999:
        value = str(value)  # a year without quotation marks
    if not isinstance(value, str) or not value.strip():
        raise DateError(message("{value!r} is no date, {form}", value=value, form=message(_FORM)))
    text = value.strip().upper().replace(" ", "_")
    try:
        found = _relative(text, today, settings)
        return _absolute(value) if found is None else found
    except DateError:
        raise
    except (OverflowError, ValueError):
        raise DateError(
            message("{value!r} lies outside the years 1 to 9999", value=value)
        ) from None


def _relative(text: str, today: date, settings: Settings) -> tuple[date, date] | None:
    if text in NAMED:
        unit, step = NAMED[text]
        first, following = _unit(unit, settings)
        start = first(today)
        for _ in range(abs(step)):
            start = following(start) if step > 0 else first(start - timedelta(days=1))
        return start, following(start) - timedelta(days=1)
    if ago := _AGO.fullmatch(text):
        day = today - timedelta(days=int(ago[1]))
        return day, day
    if counted := _COUNTED.fullmatch(text):
        return _counted(counted[1], counted[2], int(counted[3]), today, settings)
    return None


def _counted(
    word: str, unit: str, count: int, today: date, settings: Settings
) -> tuple[date, date]:  # fmt: skip
    if count == 0:
        raise DateError(message("the number after {name} is 1 or more", name=f"{word}_N_{unit}S"))
    if unit == "DAY":
        step = timedelta(days=count)
        return (today - step, today) if word == "LAST" else (today + timedelta(days=1),
                                                              today + step)  # fmt: skip
    first, following = _unit(unit, settings)
    start = first(today)
    if word == "LAST":
        end = start - timedelta(days=1)
        for _ in range(count):
            start = first(start - timedelta(days=1))
        return start, end
    start = end = following(start)
    for _ in range(count):
        end = following(end)
    return start, end - timedelta(days=1)


def _unit(
    unit: str, settings: Settings
) -> tuple[Callable[[date], date], Callable[[date], date]]:  # fmt: skip
    """First day of the unit that holds a day, and first day of the unit after it."""
    calendar = calendar_of(unit.lower(), settings)
    return calendar.first_day, calendar.following


def calendar_of(unit: str, settings: Settings) -> Calendar:
    """The calendar of day, week, month, quarter, year, fiscal_quarter or fiscal_year."""
    if unit.startswith("fiscal_"):
        return Calendar.of(settings, unit.removeprefix("fiscal_"))
    return Calendar(unit, settings.report_tz, settings.week_start)


def _absolute(value: str) -> tuple[date | None, date | None]:
    try:
        period = Period.parse(value)
    except ArgumentError:
        raise DateError(_not_read(value)) from None
    if period.text != value.strip():
        raise DateError(_not_read(value))  # 'last 30 days' is written LAST_N_DAYS:30 here
    last = None if period.end is None else (period.end - timedelta(days=1)).date()
    return (None if period.start is None else period.start.date()), last


def _not_read(value: str) -> str:
    head = value.strip().upper().replace(" ", "_").partition(":")[0]
    close = get_close_matches(head, [*NAMED, *COUNTED, "N_DAYS_AGO"], n=3, cutoff=0.7)
    if close:
        return message(
            "{value!r} cannot be read as a date. Did you mean {close}?",
            value=value,
            close=either(repr(f"{name}:30" if "_N_" in f"_{name}" else name) for name in close),
        )
    return message("{value!r} is no date, {form}", value=value, form=message(_FORM))
