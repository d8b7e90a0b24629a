"""What was asked about buying groups, checked and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.journeys.records import instant_of
from workbench.vocabulary.containers import Container
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import Period
from workbench.vocabulary.segments import Segment
from workbench.workspace import Workspace


@dataclass(frozen=True)
class Question:
    """What was asked, checked and read."""

    workspace: Workspace
    container: Container
    period: Period
    segment: Segment | None
    by: str | None
    recent: Duration
    required: Mapping[str, int] | None
    decision_roles: tuple[str, ...] | None
    cap: int

    @property
    def at(self) -> datetime:
        """The last instant that is looked at."""
        return instant_of(self.workspace, self.period)

    @property
    def bounds(self) -> tuple[int, int]:
        """Microseconds in which contact is looked for at all."""
        return self.workspace.bounds(self.period)

    @property
    def recent_start(self) -> int:
        """First microsecond of the recent time, never before the period."""
        start, end = self.bounds
        return max(start, end - self.recent.microseconds)

    def plain(self) -> dict[str, Any]:
        """The mapping that asks the same question again."""
        optional: dict[str, Any] = {
            "period": str(self.period) or None,
            "segment": self.segment.plain() if self.segment else None,
            "by": self.by,
            "required": dict(self.required) if self.required is not None else None,
            "decision_roles": list(self.decision_roles) if self.decision_roles else None,
            "cap": self.cap if self.cap != 20 else None,
        }
        return {
            "analysis": "buying_groups",
            "recent": str(self.recent),
            **{name: value for name, value in optional.items() if value is not None},
        }
