"""The answer: what was done on each of the last days, and the longest time of silence.

Source: relationship-analytics.md, section 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message, message_of_count
from workbench.relationship import wording
from workbench.relationship.days import SERIES, by_day, gap_of, links_by_day
from workbench.relationship.measuring import Measured
from workbench.relationship.opening import listed
from workbench.relationship.scope import definition_of
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

COLUMNS = {
    "day": "Date in the reporting zone",
    "mails_sent": "Mails of ours, by the date they were sent",
    "mails_received": "Mails of the customer",
    "meetings_sent": "Meetings that we organized, by the date they began",
    "meetings_received": "Meetings that the customer organized",
    "calls_made": "Calls of ours, by the date they began",
    "calls_received": "Calls of the customer",
    "activities": "All of them, and those of unknown direction; on request also tasks",
}


class RecentActivity(Result):
    """Mails, meetings and calls of each of the last days, in both directions.

    Attributes
    ----------
    measured : Measured
    wanted : numpy.ndarray of bool
        A mark for each record.
    key : str, optional
        Of the one record.
    days : int
    tasks : bool
        Whether tasks count as activities.
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "recent_activity"

    def __init__(
        self, measured: Measured, wanted: np.ndarray, *, key: str | None = None, days: int = 60,
        tasks: bool = False,
    ) -> None:  # fmt: skip
        check_days(days)
        if not isinstance(tasks, bool):
            raise ArgumentError.of("tasks", tasks, [True, False])
        self.measured, self.wanted, self.key = measured, wanted, key
        self.days, self.tasks = days, tasks
        self.definition = {
            **definition_of(measured), "view": "recent", "key": key, "days": days, "tasks": tasks,
        }  # fmt: skip
        self.scope = measured.scope

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A line a date, zero-filled."""
        return by_day(self.measured, self.wanted, self.days, self.tasks)

    @property
    def gap(self) -> tuple[int, int]:
        """Lines at which the longest silence begins, and after which it ends."""
        return gap_of(self.frame["activities"].to_numpy())

    def headline(self) -> str:
        """How much was done, begun by whom, and the longest silence."""
        frame = self.frame
        total = int(frame["activities"].sum())
        if not total:
            return message("Nothing was done in the last {days} days", days=self.days)
        ours = int(frame[["mails_sent", "meetings_sent", "calls_made"]].sum().sum())
        theirs = int(frame[["mails_received", "meetings_received", "calls_received"]].sum().sum())
        said = message(
            "{theirs} of {both} in {days} days were begun by the customer",
            theirs=numbers.count(theirs), days=self.days,
            both=message_of_count("{count} activity", "{count} activities", ours + theirs),
        )  # fmt: skip
        begin, end = self.gap
        if end - begin < 2:
            return said
        return message(
            "{said}; the longest silence was {n} days, to {day}",
            said=said, n=end - begin, day=numbers.day(frame["day"].iloc[end - 1]),
        )  # fmt: skip

    def chart(self) -> alt.TopLevelMixin:
        """Ours above the line, the customer's below; the longest silence is shaded."""
        from workbench.relationship.one_record.recent_chart import draw

        return draw(self)

    def reading(self) -> str:
        """What counts on which day."""
        frame = self.frame
        known = int(frame[list(SERIES)].sum().sum())
        rest = int(frame["activities"].sum()) - known
        said = message(
            "Dates {first} to {last} of the reporting zone: meetings and calls by their begin, "
            "mails when they were sent. Above the line what we began, below what the customer did.",
            first=numbers.day(frame["day"].iloc[0]), last=numbers.day(frame["day"].iloc[-1]),
        )  # fmt: skip
        if rest:
            said += " " + message_of_count(
                "{count} activity more is a task or has no known direction.",
                "{count} activities more are tasks or have no known direction.",
                rest,
            )
        return said

    def shown(self) -> tuple[Column, ...]:
        """The columns of the table."""
        return (
            Column("day", message("Date"), "date"),
            Column("mails_sent", message("Mails sent"), "count"),
            Column("mails_received", message("Mails received"), "count"),
            Column("meetings_sent", message("Meetings of ours"), "count"),
            Column("meetings_received", message("Meetings of theirs"), "count"),
            Column("calls_made", message("Calls made"), "count"),
            Column("calls_received", message("Calls received"), "count"),
            Column("activities", message("All"), "count"),
        )

    def definitions(self) -> list[str]:
        """What was asked, in sentences."""
        return wording.definitions(self.measured.asked)

    def members(self, day: Any = None, series: str | None = None) -> pd.DataFrame:
        """The activities behind a bar.

        Parameters
        ----------
        day : str or date, optional
            All days when left out.
        series : str, optional
            One of the six; all when left out.

        Returns
        -------
        pandas.DataFrame
            As of `Relationships.members`.
        """
        if series is not None and series not in SERIES:
            raise ArgumentError.of("series", series, list(SERIES))
        every = self.frame["day"].to_numpy().astype("M8[D]")
        link, place = links_by_day(self.measured, self.wanted, every, self.tasks)
        acts = self.measured.activities
        activity = self.measured.links.activity[link]
        kept = np.ones(link.size, bool)
        if day is not None:
            kept &= every[place] == _day(day, every)
        if series is not None:
            kind, way = SERIES[series]
            kept &= (acts.kind[activity] == kind) & (acts.direction[activity] == way)
        return listed(self.measured, link[kept])


def check_days(days: Any) -> None:
    """Refuse a number of days that no period has."""
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= 3_660:
        raise ArgumentError.of("days", days, message("a whole number from 1 to 3,660"))


def _day(day: Any, every: np.ndarray) -> np.datetime64:
    found: Any = np.datetime64("NaT")
    with suppress(ValueError):
        found = np.datetime64(str(day)[:10], "D")
    if found not in every:
        raise ArgumentError.of(
            "day", day, message("a date from {first} to {last}", first=every[0], last=every[-1])
        )
    return found
