"""Annotations that come again: rules of RFC 5545, worked out for the days that are looked at."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from workbench.errors import ArgumentError
from workbench.messages import message

if TYPE_CHECKING:
    from dateutil.rrule import rrule

MOST_OCCURRENCES = 400
_LONGEST_WAIT = timedelta(days=9 * 366)  # 29 February over a century without leap year
_ALLOWED = re.compile(r"FREQ=(?:YEARLY|MONTHLY|WEEKLY|DAILY)(?:;[A-Z]+=[0-9A-Z,+\-]+)*\Z")
_HOURS = re.compile(r"BY(?:HOUR|MINUTE|SECOND)=")


def rule_named(value: Any, first: date) -> rrule:
    """Read a rule; occurrences begin at the first day.

    Parameters
    ----------
    value : str
        ``FREQ=YEARLY``, ``FREQ=MONTHLY;BYMONTHDAY=-1``, ``FREQ=YEARLY;BYMONTH=3;BYDAY=2MO`` …
    first : date

    Raises
    ------
    ArgumentError
        For anything that is not such a rule.
    """
    from dateutil.rrule import rrulestr

    allowed = message(
        "a rule such as FREQ=YEARLY, FREQ=MONTHLY;BYMONTHDAY=-1 or FREQ=WEEKLY;BYDAY=MO"
    )
    text = value.strip().upper() if isinstance(value, str) else ""
    if not _ALLOWED.match(text) or _HOURS.search(text):
        raise ArgumentError.of("repeats", value, allowed)
    begin = datetime.combine(first, time())
    try:
        rule = rrulestr(text, dtstart=begin)
        if next(iter(rule.replace(count=None, until=begin + _LONGEST_WAIT)), None) is not None:
            return rule
    except (ValueError, TypeError, KeyError):
        pass
    raise ArgumentError.of("repeats", value, allowed, message("No day follows this rule."))


def occurrences(
    first: date, last: date, repeats: str, since: date, until: date
) -> list[tuple[date, date]]:
    """Return the days of every occurrence that overlaps a range, both ends included.

    Parameters
    ----------
    first, last : date
        Of the first occurrence; the others are as long.
    repeats : str
        Empty for once.
    since, until : date

    Notes
    -----
    At most `MOST_OCCURRENCES`, the first ones.
    """
    if not repeats:
        return [(first, last)] if first <= until and last >= since else []
    length = last - first
    begin = datetime.combine(max(since, first) - length, time())
    end = datetime.combine(until, time())
    found = rule_named(repeats, first).xafter(begin, inc=True)
    days: list[tuple[date, date]] = []
    for moment in islice(found, MOST_OCCURRENCES):
        if moment > end:
            break
        days.append((moment.date(), moment.date() + length))
    if length > timedelta(0) or since > first:
        days = [(one, other) for one, other in days if other >= since]
    return days
