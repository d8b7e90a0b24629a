"""What was asked of in-person events, checked and read, and the mapping that asks it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import Period, microseconds_of
from workbench.vocabulary.segments import Segment
from workbench.vocabulary.steps import Step
from workbench.workspace import Workspace

OUTCOMES = {
    "mql": "mql_qualified",
    "sql": "sql_qualified",
    "opportunity": "opportunity_created",
    "won": "closed_won",
}
ENGAGED = ("email_received", "meeting", "call", "lead_form_completed")


@dataclass(frozen=True)
class Question:
    """What was asked, checked and read.

    Attributes
    ----------
    outcomes : mapping of str to Step
        What counts as reaching each of `OUTCOMES`; one that never occurs is not among them.
    engaged : tuple of Step
        What an engaged account does; empty where none of it ever occurs.
    given : mapping
        Options as they were given, for the mapping that asks again.
    """

    workspace: Workspace
    period: Period
    segment: Segment | None
    horizon: Duration
    engaged_within: Duration
    outcomes: Mapping[str, Step]
    engaged: tuple[Step, ...]
    given: Mapping[str, Any]

    def plain(self) -> dict[str, Any]:
        """The mapping that asks the same question again."""
        out: dict[str, Any] = {
            "analysis": "gatherings",
            "horizon": str(self.horizon),
            "engaged_within": str(self.engaged_within),
        }
        optional = {
            "period": str(self.period) or None,
            "segment": self.segment.plain() if self.segment else None,
            **self.given,
        }
        return {**out, **{name: value for name, value in optional.items() if value is not None}}

    @property
    def until(self) -> int:
        """The last microsecond that was looked at."""
        return microseconds_of(self.workspace.as_of)
