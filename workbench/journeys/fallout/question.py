"""What was asked, checked and read, and the plain mapping that asks it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.vocabulary.containers import Container
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import Period, microseconds_of
from workbench.vocabulary.segments import Segment
from workbench.vocabulary.steps import Step
from workbench.workspace import Workspace


@dataclass(frozen=True)
class Question:
    """What was asked, checked and read."""

    workspace: Workspace
    container: Container
    steps: tuple[Step, ...]
    period: Period
    segment: Segment | None
    by: str | None
    total_within: Duration | None
    baseline: bool
    compare: tuple[Segment, ...]
    with_all: bool
    filter_scope: str
    same: str | None
    count: str
    ties: str
    warmup: Duration | None
    items: int

    def plain(self) -> dict[str, Any]:
        """The mapping that asks the same question again."""
        out: dict[str, Any] = {
            "analysis": "fallout",
            "container": self.container.name,
            "steps": [item.plain() for item in self.steps],
        }
        optional = {
            "period": str(self.period) or None,
            "segment": self.segment.plain() if self.segment else None,
            "by": self.by,
            "total_within": str(self.total_within) if self.total_within else None,
            "compare": [item.plain() for item in self.compare] or None,
            "same": self.same,
            "warmup": str(self.warmup) if self.warmup else None,
        }
        out.update({name: value for name, value in optional.items() if value is not None})
        defaults = {
            "baseline": True,
            "with_all": True,
            "filter_scope": "whole",
            "count": "containers",
            "ties": "any",
            "items": 8,
        }
        out.update({n: getattr(self, n) for n, d in defaults.items() if getattr(self, n) != d})
        return out

    @property
    def until(self) -> int:
        """The last microsecond that was looked at."""
        workspace = self.workspace
        return min(workspace.bounds(self.period)[1] - 1, microseconds_of(workspace.as_of))
