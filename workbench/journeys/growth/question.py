"""What was asked about customers, checked and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.journeys.records import instant_of
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import Period
from workbench.vocabulary.segments import Segment
from workbench.workspace import Workspace

WEEK = 7 * 86_400_000_000
DEFAULTS = {
    "weeks": 8,
    "near_limit": 0.8,
    "comparable_share": 0.5,
    "least_comparable": 10,
    "usage_event": "product_used",
}


@dataclass(frozen=True)
class Source:
    """A table of contracts or subscriptions: its columns by what they mean."""

    table: str
    account: str
    start: str
    end: str
    plan: str | None = None

    def plain(self) -> dict[str, Any]:
        """The mapping that names the same columns."""
        out = {"table": self.table, "account": self.account, "start": self.start, "end": self.end}
        return {**out, "plan": self.plan} if self.plan else out


@dataclass(frozen=True)
class Question:
    """What was asked, checked and read."""

    workspace: Workspace
    period: Period
    segment: Segment | None
    by: str | None
    weeks: int
    near_limit: float
    item: str | None
    owned_within: Duration
    comparable_by: str | None
    comparable_share: float
    least_comparable: int
    ends_within: Duration
    usage_event: str
    contracts: Source | None
    asked_contracts: Mapping[str, Any] | str | None

    @property
    def at(self) -> datetime:
        """The last instant that is looked at."""
        return instant_of(self.workspace, self.period)

    @property
    def end(self) -> int:
        """The first microsecond that is not looked at."""
        return self.workspace.bounds(self.period)[1]

    @property
    def recent(self) -> int:
        """First microsecond of the recent weeks."""
        return self.end - self.weeks * WEEK

    def plain(self) -> dict[str, Any]:
        """The mapping that asks the same question again."""
        optional: dict[str, Any] = {
            "period": str(self.period) or None,
            "segment": self.segment.plain() if self.segment else None,
            "by": self.by,
            "item": self.item,
            "comparable_by": self.comparable_by,
            "contracts": self.contracts.plain() if self.contracts else None,
            **{n: getattr(self, n) for n, d in DEFAULTS.items() if getattr(self, n) != d},
        }
        return {
            "analysis": "growth",
            "owned_within": str(self.owned_within),
            "ends_within": str(self.ends_within),
            **{name: value for name, value in optional.items() if value is not None},
        }
