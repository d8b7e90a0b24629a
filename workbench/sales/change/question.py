"""What is asked of a change of the pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.messages import message
from workbench.results import numbers
from workbench.sales.ranges import Range, as_date
from workbench.workspace import Workspace


@dataclass(frozen=True)
class Question:
    """Two instants, a period of expected closing, and whose deals.

    Attributes
    ----------
    workspace : Workspace
    earlier : Workspace, optional
        An older export; the state at the first instant is the one of its tables.
    since, until : int
        The two instants, in microseconds since 1970; what happened at them counts as before.
    since_day, until_day : int
        First and last day of the change in the reporting zone, since 1970.
    period : Range
        Days of expected closing; without limits every open deal counts.
    history : {"any", "full"}
        Whether only deals with a full history take part.
    """

    workspace: Workspace
    earlier: Workspace | None
    since: int
    until: int
    since_day: int
    until_day: int
    period: Range
    where: Any
    by: str | None
    history: str

    def span(self) -> str:
        """The two days in words."""
        return f"{as_date(self.since_day)}..{as_date(self.until_day)}"

    def closing(self) -> str:
        """Which deals are looked at, as part of a sentence."""
        if not self.period:
            return message("all open deals")
        return message("open deals expected to close in {period}", period=self.period.in_words())

    def plain(self) -> Mapping[str, Any]:
        """The plain mapping that asks the same again."""
        return {
            "analysis": "pipeline_change",
            "since": as_date(self.since_day).isoformat() if self.earlier is None else None,
            "until": as_date(self.until_day).isoformat(),
            "period": self.period.text,
            "where": _plain(self.where),
            "by": self.by,
            "history": self.history,
            "earlier": None if self.earlier is None else self.earlier.fingerprint,
        }

    def day_in_words(self, day: int) -> str:
        """A day as a reader sees it."""
        return numbers.day(as_date(day))


def _plain(where: Any) -> Any:
    return where.plain() if hasattr(where, "plain") else where
