"""Calendar months added to instants, on the clock of a zone.

Thirteen months before 31 March 2026 is 28 February 2025: the day is cut to the length of its month
and the time of day stays. A local time that a change of the clock leaves out, or brings twice, is
read with the offset before the change.

Source: journeys-attribution-and-segments.md, A3 (calendar arithmetic).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numba import njit

DAY = 86_400_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(NamedTuple):
    """The offsets of a zone in microseconds.

    Attributes
    ----------
    instants, locals : numpy.ndarray of int64, shape (changes,)
        Where each offset ends: as an instant, and as a local time.
    offsets : numpy.ndarray of int64, shape (changes + 1,)
        What the local clock is ahead of UTC before the first change, between them, after the last.
    """

    instants: np.ndarray
    locals: np.ndarray
    offsets: np.ndarray


def clock_of(zone: str, first: int, last: int) -> Clock:
    """The offsets that a zone has between two instants (microseconds since 1970)."""
    place = ZoneInfo(zone)
    low = max(_moment(first).replace(hour=0, minute=0, second=0, microsecond=0), _moment(-(2**61)))
    end = _moment(last)
    offsets, changes = [_offset(low, place)], []
    while low < end:
        high = min(low + timedelta(days=1), _moment(2**61))
        if high == low:
            break
        if _offset(high, place) != offsets[-1]:
            before, after = low, high
            while after - before > timedelta(seconds=1):
                middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
                before, after = (
                    (middle, after) if _offset(middle, place) == offsets[-1] else (before, middle)
                )
            changes.append((after - _EPOCH) // timedelta(microseconds=1))
            offsets.append(_offset(after, place))
        low = high
    instants = np.array(changes, np.int64)
    ahead = np.array(offsets, np.int64)
    return Clock(instants, instants + np.maximum(ahead[:-1], ahead[1:]), ahead)


def _moment(instant: int) -> datetime:
    """An instant that a datetime can hold, with a year's room on both sides."""
    low, high = datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC)
    try:
        return min(max(_EPOCH + timedelta(microseconds=instant), low), high)
    except OverflowError:
        return low if instant < 0 else high


def _offset(moment: datetime, place: ZoneInfo) -> int:
    ahead = moment.astimezone(place).utcoffset() or timedelta(0)
    return ahead // timedelta(microseconds=1)


@njit(nogil=True, cache=True)
def months_later(instant, months, clock):
    """The instant so many calendar months later (earlier below zero)."""
    local = instant + clock.offsets[np.searchsorted(clock.instants, instant, "right")]
    day, rest = local // DAY, local % DAY
    # Days to a date and back after Howard Hinnant, "chrono-compatible low-level date algorithms".
    shifted = day + 719_468
    era = shifted // 146_097
    of_era = shifted - era * 146_097
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    quarter = (5 * of_year + 2) // 153
    date = of_year - (153 * quarter + 2) // 5
    month = quarter + 2 if quarter < 10 else quarter - 10  # January is 0
    total = (year + era * 400 + (1 if month < 2 else 0)) * 12 + month + months
    year, month = total // 12, total % 12
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    longest = 30 + ((month + 1) + (month + 1) // 8) % 2
    if month == 1:
        longest = 29 if leap else 28
    date = min(date, longest - 1)
    if month < 2:
        year -= 1
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + 10 if month < 2 else month - 2) + 2) // 5 + date
    day = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    local = day * DAY + rest
    return local - clock.offsets[np.searchsorted(clock.locals, local, "right")]
