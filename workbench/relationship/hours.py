"""Hours between two instants: by the clock, or only those in which people work.

Source: relationship-analytics.md, section 3 (turn rule: business hours and holidays).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.workdays import check_country, free_days

HOUR = 3_600_000_000
DAY = 24 * HOUR
_FORM = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")


@dataclass(frozen=True)
class Hours:
    """How time is measured.

    Attributes
    ----------
    opens, closes : int
        Microseconds after midnight; a whole day when nothing was asked.
    country : str, optional
        Whose public holidays count nothing.
    by_clock : bool
        Whether every hour of every day counts.
    """

    opens: int = 0
    closes: int = DAY
    country: str | None = None
    by_clock: bool = True

    @property
    def text(self) -> str | None:
        """The hours as they are asked for; None by the clock."""
        if self.by_clock:
            return None
        return "-".join(_shown(t) for t in (self.opens, self.closes))

    @classmethod
    def read(cls, business_hours: Any, holidays: Any) -> Hours:
        """Read ``"09:00-17:00"`` and a country.

        Raises
        ------
        ArgumentError
            For other forms, hours that do not follow each other, or an unknown country.
        """
        check_country(holidays)
        if business_hours is None:
            if holidays is not None:
                raise ArgumentError.of(
                    "holidays", holidays, message("a country together with business_hours")
                )
            return cls()
        found = _FORM.fullmatch(str(business_hours).replace(" ", "").replace("–", "-"))
        opens, closes = 0, 0
        if found:
            h1, m1, h2, m2 = (int(part) for part in found.groups())
            opens, closes = (h1 * 60 + m1) * HOUR // 60, (h2 * 60 + m2) * HOUR // 60
        if not found or not 0 <= opens < closes <= DAY or int(found[2]) > 59 or int(found[4]) > 59:
            raise ArgumentError.of(
                "business_hours", business_hours, message("hours of a day such as '09:00-17:00'")
            )
        return cls(opens, closes, holidays, False)

    def between(self, start: np.ndarray, end: np.ndarray, zone: str) -> np.ndarray:
        """Hours from each start to its end.

        Parameters
        ----------
        start, end : numpy.ndarray of int64
            Microseconds since 1970 in UTC.
        zone : str
            Zone whose clock the hours of a day are read from.
        """
        if self.by_clock:
            return (end - start) / HOUR
        return (self._worked(end, zone) - self._worked(start, zone)) / HOUR

    def _worked(self, instants: np.ndarray, zone: str) -> np.ndarray:
        """Working time since 1970 until each instant."""
        moments = pd.Series(np.asarray(instants, "int64").view("M8[us]")).dt.tz_localize("UTC")
        local = moments.dt.tz_convert(zone).dt.tz_localize(None).to_numpy().astype("M8[us]")
        day = local.astype("M8[D]")
        within = (local - day.astype("M8[us]")).astype(np.int64)
        free: list[date] = []
        if day.size and self.country is not None:
            years = day.astype("M8[Y]").astype(int) + 1970
            free = free_days(self.country, int(years.min()), int(years.max()))
        closed = np.array(free, "M8[D]")
        # Holidays before the first of these years are left out of every count alike.
        before = np.busday_count(np.datetime64("1970-01-01"), day, holidays=closed)
        today = np.is_busday(day, holidays=closed)
        part = np.clip(within, self.opens, self.closes) - self.opens
        return before * (self.closes - self.opens) + np.where(today, part, 0)

    def in_words(self) -> str:
        """As a sentence."""
        if self.by_clock:
            return message("Response times count every hour of the clock.")
        shown = "–".join(_shown(t) for t in (self.opens, self.closes))
        if self.country is None:
            return message(
                "Response times count {hours} of Monday to Friday, reporting zone.", hours=shown
            )
        return message(
            "Response times count {hours} of Monday to Friday, without the public holidays of "
            "{country}, reporting zone.",
            hours=shown,
            country=self.country,
        )


def _shown(microseconds: int) -> str:
    return f"{microseconds // HOUR:02d}:{microseconds % HOUR * 60 // HOUR:02d}"
