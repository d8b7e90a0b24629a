"""What was asked, checked and read, and the plain mapping that asks it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.vocabulary.containers import Container
from workbench.vocabulary.criteria import Criterion
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import Period
from workbench.vocabulary.segments import Segment
from workbench.workspace import Workspace

COHORT = "cohort"


@dataclass(frozen=True)
class Question:
    """What was asked, checked and read; the attributes are those of `survival`."""

    workspace: Workspace
    container: Container
    entered: Criterion
    won: Criterion
    lost: Criterion | None
    period: Period
    segment: Segment | None
    by: str | None
    granularity: str
    items: int
    horizon: Duration | None
    filter_scope: str

    def plain(self) -> dict[str, Any]:
        """The mapping that asks the same question again."""
        out: dict[str, Any] = {
            "analysis": "survival",
            "container": self.container.name,
            "entered": self.entered.plain(),
            "won": self.won.plain(),
        }
        optional = {
            "lost": self.lost.plain() if self.lost else None,
            "period": str(self.period) or None,
            "segment": self.segment.plain() if self.segment else None,
            "by": self.by,
            "granularity": None if self.granularity == "month" else self.granularity,
            "items": None if self.items == 6 else self.items,
            "horizon": str(self.horizon) if self.horizon else None,
            "filter_scope": None if self.filter_scope == "whole" else self.filter_scope,
        }
        out.update({name: value for name, value in optional.items() if value is not None})
        return out
