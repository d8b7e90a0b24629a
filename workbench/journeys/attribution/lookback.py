"""How far back from a conversion touches count.

``"90d"`` and the like are fixed lengths; months, quarters and years follow the calendar of the
reporting zone, so 13 months before 31 March 2026 is 28 February 2025. ``"session"`` is the session
of the conversion, ``"period"`` reaches back to the start of the period, ``"ever"`` to the first
row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import marked, message, message_of_count
from workbench.vocabulary.durations import Duration

MONTHS = {"month": 1, "quarter": 3, "year": 12}
SHORT = {"minute": "min", "hour": "h", "day": "d", "week": "w"}
NAMED = ("session", "period", "ever")
_NUMBERED = re.compile(r"(\d+)\s*(minute|hour|day|week|month|quarter|year)s?", re.IGNORECASE)
_FORM = marked(
    "a length such as '90d', '24h' or '30 minutes', calendar months such as '13 months' or "
    "'2 quarters', or 'session', 'period' (back to its start) or 'ever'"
)
_LONGEST_MONTHS = 12 * 200
_FAR = -(2**62)


@dataclass(frozen=True)
class Lookback:
    """The length of the window before a conversion; one of its three parts says it.

    Attributes
    ----------
    fixed : Duration or None
    months : int
        Calendar months; 0 where another part says it.
    named : str
        ``session``, ``period``, ``ever``, or empty.
    """

    fixed: Duration | None = None
    months: int = 0
    named: str = ""

    @classmethod
    def parse(cls, value: Any) -> Lookback:
        """Read a lookback; a bare number is refused."""
        if isinstance(value, Lookback):
            return value
        if isinstance(value, Duration | timedelta):
            return cls._of_length(value)
        text = value.strip().lower() if isinstance(value, str) else ""
        text = "period" if text == "reporting window" else text
        if text in NAMED:
            return cls(named=text)
        counted = _NUMBERED.fullmatch(text)
        if counted and counted[2] in MONTHS:
            months = int(counted[1]) * MONTHS[counted[2]]
            if not 0 < months <= _LONGEST_MONTHS:
                raise ArgumentError.of("lookback", value, message("1 month to 200 years"))
            return cls(months=months)
        try:
            return cls._of_length(f"{counted[1]}{SHORT[counted[2]]}" if counted else text)
        except ArgumentError:
            raise ArgumentError.of("lookback", value, message(_FORM)) from None

    @classmethod
    def _of_length(cls, value: str | Duration | timedelta) -> Lookback:
        length = Duration.parse(value, "lookback")
        if not length.microseconds:
            raise ArgumentError.of(
                "lookback",
                str(value),
                message("more than zero"),
                message("model='same_touch' looks at one row."),
            )
        return cls(fixed=length)

    def since(self, microseconds: np.ndarray, zone: str, start: int) -> np.ndarray:
        """The oldest microsecond inside the window of each conversion.

        Parameters
        ----------
        microseconds : numpy.ndarray of int64
            Instants of the conversions.
        zone : str
            Reporting zone of calendar months.
        start : int
            First microsecond of the period.
        """
        if self.fixed is not None:
            return microseconds - self.fixed.microseconds
        if self.months:
            return _months_before(microseconds, self.months, zone)
        return np.full(microseconds.size, start if self.named == "period" else _FAR, np.int64)

    def plain(self) -> str:
        """The text that `parse` reads back to the same window."""
        if self.fixed is not None:
            return str(self.fixed)
        return self.named or f"{self.months} months"

    def in_words(self) -> str:
        """The window for a reader, as in "touches …"."""
        if self.fixed is not None:
            return message("up to {time} before it", time=self.fixed.in_words())
        if self.months:
            time = message_of_count(
                "{count} calendar month", "{count} calendar months", self.months
            )
            return message("up to {time} before it", time=time)
        return {
            "session": message("in its own session"),
            "period": message("since the start of the period"),
            "ever": message("at any time before it"),
        }[self.named]


def _months_before(microseconds: np.ndarray, months: int, zone: str) -> np.ndarray:
    """The same day and time so many months ago; the last of a shorter month, in local time."""
    if not microseconds.size:
        return microseconds
    instants = pd.DatetimeIndex(np.asarray(microseconds, "int64").view("M8[us]")).tz_localize("UTC")
    local = instants.tz_convert(zone).tz_localize(None) - pd.DateOffset(months=months)
    # The far edge is inside: of an hour that comes twice the first, after a gap its end.
    first = np.ones(len(local), bool)
    back = local.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
    return back.tz_convert("UTC").as_unit("us").asi8
