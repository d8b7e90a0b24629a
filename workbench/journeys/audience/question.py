"""What was asked, checked and read, and the plain mapping that asks it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.vocabulary.containers import Container
from workbench.vocabulary.periods import Period
from workbench.vocabulary.segments import Segment
from workbench.workspace import Workspace


@dataclass(frozen=True)
class Question:
    """What was asked, checked and read."""

    workspace: Workspace
    container: Container
    period: Period
    segment: Segment

    def plain(self) -> dict[str, Any]:
        """The mapping that asks the same question again."""
        out: dict[str, Any] = {
            "analysis": "audience",
            "container": self.container.name,
            "segment": self.segment.plain(),
        }
        if self.period:
            out["period"] = str(self.period)
        return out
