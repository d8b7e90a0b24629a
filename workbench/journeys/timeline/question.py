"""What was asked about one account, checked and read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.vocabulary.periods import Period
from workbench.workspace import Workspace


@dataclass(frozen=True)
class Question:
    """What was asked, checked and read; `name` is what a reader calls the account."""

    workspace: Workspace
    account: str
    name: str
    period: Period
    milestones: tuple[str, ...] | None
    people: int

    @property
    def zone(self) -> str:
        """The reporting zone, whose days the rows are grouped by."""
        return self.workspace.settings.report_tz

    @property
    def until(self) -> int:
        """The last microsecond that is looked at."""
        return self.workspace.bounds(self.period)[1] - 1

    def plain(self) -> dict[str, Any]:
        """The mapping that asks the same question again."""
        optional: dict[str, Any] = {
            "period": str(self.period) or None,
            "milestones": list(self.milestones) if self.milestones else None,
            "people": self.people if self.people != 12 else None,
        }
        return {
            "analysis": "timeline",
            "account": self.account,
            **{name: value for name, value in optional.items() if value is not None},
        }
