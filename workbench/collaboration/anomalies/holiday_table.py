"""Days that are unlike others, as a table: public holidays by country, and calendars of one's own.

Source: collaboration.md, sections 2.4 (a table, not a constant) and 5 (no holidays but those of
one country).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import marked, message
from workbench.vocabulary.calendars import Calendar
from workbench.vocabulary.workdays import check_country, free_days

COLUMNS = {
    "day": "The day",
    "name": "What is on it; the same name is looked for in the year before",
    "calendar": "Where it comes from",
}
QUARTER_END, TRADE_DAYS = "quarter_end", "trade_days"
FORMS = marked(
    "a country such as 'US' or 'DE-BY', 'quarter_end', 'trade_days', a mapping of names to days "
    "or to {rule: an RRULE of iCalendar}, or a table with the columns day and name"
)
_DAYS_OF_QUARTER_END = 3


def holiday_table(
    calendars: Any, *, first: int, last: int, settings: Any = None
) -> pd.DataFrame:  # fmt: skip
    """Special days of some years, from several calendars.

    Parameters
    ----------
    calendars : str, mapping, DataFrame, or list of them
        A country or part of one (``"JP"``, ``"DE-BY"``); ``"quarter_end"``: the last three
        business days of each fiscal quarter; ``"trade_days"``: the shipped table of days on which
        people buy or stay away; ``{"Summer fair": ["2026-07-01"], "Stock-taking":
        {"rule": "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=31"}}``; or a table with ``day`` and ``name``.
    first, last : int
        Years.
    settings : Settings, optional
        Of a workspace, for its fiscal year.

    Returns
    -------
    pandas.DataFrame
        Columns of `COLUMNS`, in order of the days.

    Raises
    ------
    ArgumentError
        For a calendar that is not known, a rule or day that cannot be read.
    """
    given = calendars if isinstance(calendars, list | tuple) else [calendars]
    given = [item for item in given if item is not None]
    countries = [c for c in given if isinstance(c, str) and c not in (QUARTER_END, TRADE_DAYS)]
    rows: list[tuple[date, str, str]] = []
    for item in given:
        if isinstance(item, pd.DataFrame):
            rows += _of_frame(item)
        elif isinstance(item, Mapping):
            rows += _of_rules(item, first, last, "own")
        elif item == QUARTER_END:
            rows += _quarter_ends(first, last, settings, countries[0] if countries else None)
        elif item == TRADE_DAYS:
            rows += _of_rules(_shipped(), first, last, TRADE_DAYS)
        elif isinstance(item, str):
            rows += _of_country(item, first, last)
        else:
            raise ArgumentError.of("holidays", item, message(FORMS))
    frame = pd.DataFrame(sorted(set(rows)), columns=list(COLUMNS))
    return frame.astype({"day": "datetime64[s]"})


def check_calendars(calendars: Any, settings: Any = None) -> None:
    """Refuse calendars that cannot be used, before any row is read."""
    holiday_table(calendars, first=2026, last=2026, settings=settings)


def weekend_of(calendars: Any) -> frozenset[int]:
    """Days without work by their number from Monday (0), as the first country has them."""
    import holidays

    given = calendars if isinstance(calendars, list | tuple) else [calendars]
    for item in given:
        if isinstance(item, str) and item not in (QUARTER_END, TRADE_DAYS):
            code, _, part = item.partition("-")
            return frozenset(holidays.country_holidays(code, subdiv=part or None).weekend)
    return frozenset({5, 6})


def _of_country(country: str, first: int, last: int) -> list[tuple[date, str, str]]:
    import holidays

    check_country(country)
    code, _, part = country.partition("-")
    found = holidays.country_holidays(code, subdiv=part or None, years=range(first, last + 1))
    return [(day, name, country) for day, name in found.items()]


def _quarter_ends(
    first: int, last: int, settings: Any, country: str | None
) -> list[tuple[date, str, str]]:
    rule = Calendar.of(settings, "quarter") if settings is not None else Calendar("quarter")
    free, weekend = {*free_days(country, first - 1, last + 1)}, weekend_of(country)
    start, out = rule.first_day(date(first, 1, 1)), []
    while start.year <= last:
        after = rule.following(start)
        # Quarters of a year differ: the last days of the fourth are compared with their like.
        number = ((after.month - 1 - rule.first_month + 1) % 12) // 3 or 4
        day, left = after - timedelta(days=1), _DAYS_OF_QUARTER_END
        while left:
            if day.weekday() not in weekend and day not in free:
                name = message("Quarter {q} ends ({n})", q=number, n=left - _DAYS_OF_QUARTER_END)
                out.append((day, name, QUARTER_END))
                left -= 1
            day -= timedelta(days=1)
        start = after
    return [row for row in out if first <= row[0].year <= last]


def _of_frame(frame: pd.DataFrame) -> list[tuple[date, str, str]]:
    if not {"day", "name"} <= set(frame.columns):
        raise ArgumentError.of(
            "holidays", sorted(map(str, frame.columns)), message("a table with day and name")
        )
    return [
        (_day(d, str(n)), str(n), "own") for d, n in zip(frame["day"], frame["name"], strict=True)
    ]


def _of_rules(
    rules: Mapping[Any, Any], first: int, last: int, calendar: str
) -> list[tuple[date, str, str]]:
    out = []
    for name, content in rules.items():
        if isinstance(content, Mapping) and "rule" in content:
            days = _by_rule(str(name), content, first, last)
        elif isinstance(content, str | date) or not isinstance(content, Iterable):
            days = [_day(content, str(name))]
        else:
            days = [_day(item, str(name)) for item in content]
        out += [(day, str(name), calendar) for day in days]
    return out


def _by_rule(name: str, content: Mapping[str, Any], first: int, last: int) -> list[date]:
    from dateutil.rrule import rrulestr

    unknown = set(content) - {"rule", "shift"}
    shift = content.get("shift", 0)
    if unknown or not isinstance(shift, int) or isinstance(shift, bool) or abs(shift) > 366:
        raise ArgumentError.of("holidays", f"{name}: {dict(content)}", message(FORMS))
    try:
        rule = rrulestr(str(content["rule"]), dtstart=datetime(first - 1, 1, 1))
        found = rule.between(datetime(first - 1, 1, 1), datetime(last + 1, 12, 31), inc=True)
    except (ValueError, TypeError, OverflowError) as problem:
        raise ArgumentError.of(
            "holidays", f"{name}: {content['rule']}",
            message("a rule of iCalendar such as FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=31"),
            str(problem),
        ) from None  # fmt: skip
    days = [(moment + timedelta(days=shift)).date() for moment in found]
    return [day for day in days if first <= day.year <= last]


def _day(value: Any, name: str) -> date:
    try:
        found = pd.Timestamp(value)
    except (ValueError, TypeError):
        found = pd.NaT
    if found is pd.NaT:
        raise ArgumentError.of(
            "holidays", f"{name}: {value}", message("a date such as '2026-03-31'")
        )
    return found.date()


@cache
def _shipped() -> Mapping[str, Any]:
    import yaml

    path = Path(__file__).with_name("trade_days.yaml")
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def counterpart(table: pd.DataFrame, days: np.ndarray, reach: int = 2) -> dict[int, tuple]:
    """For days near a holiday: the holiday, and the same distance from it a year before.

    Parameters
    ----------
    table : pandas.DataFrame
        As `holiday_table` gives it.
    days : numpy.ndarray of datetime64[D]
        One consecutive range.
    reach : int
        Days before and after.

    Returns
    -------
    dict
        Place in `days` to ``(name, days from the holiday, place a year before or -1)``.
    """
    if not len(table) or not days.size:
        return {}
    at = table["day"].to_numpy().astype("datetime64[D]")
    by_name: dict[tuple[str, str], list[np.datetime64]] = {}
    for day, name, calendar in zip(at, table["name"], table["calendar"], strict=True):
        by_name.setdefault((calendar, name), []).append(day)
    out: dict[int, tuple] = {}
    for (_, name), found in by_name.items():
        for day in found:
            # Most holidays move by days, some by weeks; none by half a year.
            gaps = [(abs(int((day - e).astype(int)) - 365), e) for e in found if e < day]
            before = min((e for gap, e in gaps if gap <= 60), default=None,
                         key=lambda e: abs(int((day - e).astype(int)) - 365))  # fmt: skip
            for offset in range(-reach, reach + 1):
                place = int((day + offset - days[0]).astype(int))
                if not 0 <= place < days.size:
                    continue
                if place in out and abs(out[place][1]) <= abs(offset):
                    continue
                past = -1
                if before is not None:
                    past = int((before + offset - days[0]).astype(int))
                out[place] = (name, offset, past if past >= 0 else -1)
    return out
