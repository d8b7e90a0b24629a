"""What is asked of the KPIs: which ones, when, split by what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.quoting import quoted
from workbench.sales.kpis.facts import Facts
from workbench.sales.kpis.measured import Window, day_of
from workbench.sales.kpis.record import Kpi
from workbench.vocabulary.calendars import Calendar
from workbench.vocabulary.periods import Period
from workbench.vocabulary.workdays import business_days
from workbench.workspace import Workspace

MISSING = "(missing)"


@dataclass(frozen=True)
class Question:
    """A checked question.

    Attributes
    ----------
    workspace : Workspace
        As it was handed in.
    facts : Facts
        Of the workspace seen from the instant that is asked for.
    kpis : tuple of Kpi
    period : Period
    by : str or None
    trend : int
        Periods shown, the last one included.
    pro_rata : bool
    holidays : str or None
    asked : mapping
        The arguments that make the same call again.
    """

    workspace: Workspace
    facts: Facts
    kpis: tuple[Kpi, ...]
    period: Period
    by: str | None = None
    trend: int = 6
    pro_rata: bool = False
    holidays: str | None = None
    asked: Mapping[str, Any] = field(default_factory=dict)

    def windows(self, granularity: str) -> list[Window]:
        """The last periods of a length, the one that holds the present day at the end."""
        calendar = Calendar.of(self.workspace.settings, granularity)
        today = self.facts.today
        firsts = [calendar.first_day(today)]
        while len(firsts) < self.trend:
            firsts.append(calendar.first_day(_day_before(firsts[-1])))
        out = []
        for first in reversed(firsts):
            after = calendar.following(first)
            last = min(_day_before(after), today)
            out.append(Window(calendar.name(first), first, after, last))
        return out

    def share_of_time(self, window: Window) -> float:
        """Business days of a period that have gone by ÷ all of them; 1 for a period that is over.

        Today counts as gone by.
        """
        if window.complete:
            return 1.0
        total = business_days(window.first, window.after, self.holidays)
        gone = business_days(window.first, _day_after(window.last), self.holidays)
        return gone / total if total else 1.0

    @cached_property
    def _group_of(self) -> dict[Any, str]:
        """Member of staff or account to its group."""
        workspace, users = self.facts.workspace, self.facts.users
        if self.by == "owner":
            return {}
        if self.by == "team":
            return dict(zip(users["user_id"], users["team"], strict=True))
        known = workspace.columns_of("accounts")
        column = self.by if self.by in known else f"x_{self.by}"
        read = workspace.sql(
            f"SELECT account_id::VARCHAR AS k, min({quoted(str(column))}::VARCHAR) AS v "
            "FROM accounts GROUP BY 1"
        )
        return dict(zip(read["k"], read["v"], strict=True))

    def group_of(self, units: pd.DataFrame) -> np.ndarray:
        """Group of each unit by its key: an owner's key, a team, a value of the accounts."""
        if self.by == "owner":
            keys = units["owner_id"]
        elif self.by == "team":
            keys = units["owner_id"].map(self._group_of)
        else:
            keys = units["account_id"].map(self._group_of)
        found = keys.astype(object).to_numpy(copy=True)
        found[pd.isna(found)] = MISSING
        return found.astype(object)

    def label_of(self, group: str) -> str:
        """What a reader calls a group."""
        return self.facts.user_names.get(group, group) if self.by == "owner" else group


def check_by(workspace: Workspace, by: Any) -> None:
    """Refuse what the figures cannot be split by."""
    if by is None:
        return
    allowed = ["owner"]
    if "team" in workspace.columns_of("users"):
        allowed.append("team")
    if workspace.has("accounts", "account_id"):
        allowed += sorted(n.removeprefix("x_") for n in workspace.columns_of("accounts"))
    if not isinstance(by, str) or (by not in allowed and by.removeprefix("x_") not in allowed):
        raise AbsentError.of("by", by, allowed)


def check_whole(name: str, value: Any, low: int, high: int) -> None:
    """Refuse what is no whole number within limits."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ArgumentError.of(
            name, value, message("a whole number from {low} to {high}", low=low, high=high)
        )


def _day_before(day: date) -> date:
    return day_of((day - date(1970, 1, 1)).days - 1)


def _day_after(day: date) -> date:
    return day_of((day - date(1970, 1, 1)).days + 1)
