"""What was asked of an event, checked and read, and the plain mapping that asks it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.vocabulary.containers import Container
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import Period, microseconds_of
from workbench.vocabulary.segments import Segment
from workbench.vocabulary.steps import Step
from workbench.workspace import Workspace

METHODS = ("weighting", "matching")


@dataclass(frozen=True)
class Question:
    """What was asked, checked and read.

    Attributes
    ----------
    events : tuple of str
        Keys or names of in-person events; empty for the largest that can be judged.
    treatment : Step or None
        What taking part means where it is no in-person event.
    at : Period or None
        When that happened; taking part lies inside, and what was known before ends at its start.
    covariates : tuple of str or None
        What is held equal; None for everything that is known.
    """

    workspace: Workspace
    container: Container
    events: tuple[str, ...]
    treatment: Step | None
    at: Period | None
    outcomes: tuple[Step, ...]
    stages: tuple[Step, ...]
    horizon: Duration
    known_before: Duration
    segment: Segment | None
    covariates: tuple[str, ...] | None
    method: str
    neighbours: int

    def plain(self) -> dict[str, Any]:
        """The mapping that asks the same question again."""
        out: dict[str, Any] = {
            "analysis": "uplift",
            "container": self.container.name,
            "outcome": [item.plain() for item in self.outcomes],
            "horizon": str(self.horizon),
            "known_before": str(self.known_before),
            "method": self.method,
        }
        given: Any = list(self.events)
        if self.treatment is not None:
            given = self.treatment.plain()
        optional = {
            "event": given or None,
            "at": str(self.at) if self.at else None,
            "stages": [item.plain() for item in self.stages] or None,
            "segment": self.segment.plain() if self.segment else None,
            "covariates": None if self.covariates is None else list(self.covariates),
            "neighbours": self.neighbours if self.method == "matching" else None,
        }
        return {**out, **{name: value for name, value in optional.items() if value is not None}}

    @property
    def until(self) -> int:
        """The last microsecond that was looked at."""
        return microseconds_of(self.workspace.as_of)

    @property
    def labels(self) -> list[str]:
        """Labels of the outcomes, in order."""
        return [item.label for item in self.outcomes]
