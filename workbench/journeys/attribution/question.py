"""What was asked, checked and read, and the plain mapping that asks it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.journeys.attribution.lookback import Lookback
from workbench.journeys.attribution.models import Model
from workbench.vocabulary.conditions import Condition, Term
from workbench.vocabulary.containers import Container
from workbench.vocabulary.periods import Period, microseconds_of
from workbench.vocabulary.segments import Segment
from workbench.vocabulary.steps import Step
from workbench.workspace import Workspace

DEFAULTS = {"half_life": "7d", "dedupe": None, "items": 20, "prior": 10.0}


@dataclass(frozen=True)
class Question:
    """What was asked, checked and read."""

    workspace: Workspace
    container: Container
    period: Period
    segment: Segment | None
    conversion: Step
    dimension: str
    model: Model
    lookback: Lookback
    value: str | None
    touches: Condition | None
    dedupe: str | None
    display: Term | None
    items: int

    def plain(self) -> dict[str, Any]:
        """The mapping that asks the same question again."""
        out: dict[str, Any] = {
            "analysis": "attribution",
            "container": self.container.name,
            "conversion": self.conversion.plain(),
            "dimension": self.dimension,
            "model": self.model.plain(),
            "lookback": self.lookback.plain(),
        }
        optional: dict[str, Any] = {
            "period": str(self.period) or None,
            "segment": self.segment.plain() if self.segment else None,
            "value": self.value,
            "touches": self.touches.plain() if self.touches else None,
            "display": self._displayed(),
        }
        out.update({name: value for name, value in optional.items() if value is not None})
        given = {
            "half_life": str(self.model.half_life),
            "dedupe": self.dedupe,
            "items": self.items,
            "prior": self.model.prior,
        }
        out.update({name: given[name] for name, usual in DEFAULTS.items() if given[name] != usual})
        return out

    def _displayed(self) -> Any:
        if self.display is None:
            return None
        if self.display.operator == "=":
            return list(self.display.values)
        return {self.display.operator: list(self.display.values)}

    @property
    def by_value(self) -> bool:
        """Whether a value is shared out beside conversions."""
        return self.value is not None

    @property
    def until(self) -> int:
        """The last microsecond that was looked at."""
        workspace = self.workspace
        return min(workspace.bounds(self.period)[1] - 1, microseconds_of(workspace.as_of))
