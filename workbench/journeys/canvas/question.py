"""What was asked, checked and read, and the plain mapping that asks it again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from workbench.journeys.canvas.drawn import Drawn
from workbench.journeys.canvas.graph import Graph
from workbench.journeys.canvas.metrics import Metric
from workbench.vocabulary.containers import Container
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import Period, microseconds_of
from workbench.vocabulary.segments import Segment
from workbench.workspace import Workspace

DEFAULTS = {
    "percent": "start",
    "secondary_percent": "total",
    "node_rows": "all_matching",
    "with_all": True,
    "filter_scope": "whole",
    "ties": "any",
    "arrow_text": "both",
    "show_fallout": True,
    "direction": "auto",
}


@dataclass(frozen=True)
class Question:
    """What was asked, checked and read."""

    workspace: Workspace
    container: Container
    period: Period
    segment: Segment | None
    drawn: Drawn
    graph: Graph
    primary: Metric
    secondary: Metric | None
    percent: str
    secondary_percent: str
    node_rows: str
    exclude: tuple[str, ...]
    compare: tuple[Segment, ...]
    with_all: bool
    filter_scope: str
    ties: str
    warmup: Duration | None
    arrow_text: str
    show_fallout: bool
    direction: str
    places: dict[str, tuple[int, int]] = field(default_factory=dict)

    def mapping(self) -> dict[str, Any]:
        """The plain arguments of `wb.canvas` that ask the same question again."""
        out: dict[str, Any] = {"container": self.container.name}
        optional: dict[str, Any] = {
            "period": str(self.period) or None,
            "segment": self.segment.plain() if self.segment else None,
        }
        out.update({name: value for name, value in optional.items() if value is not None})
        out.update(self.drawn.plain())
        out["primary"] = self.primary.plain()
        optional = {
            "secondary": self.secondary.plain() if self.secondary else None,
            "exclude": list(self.exclude) or None,
            "compare": [item.plain() for item in self.compare] or None,
            "warmup": str(self.warmup) if self.warmup else None,
        }
        out.update({name: value for name, value in optional.items() if value is not None})
        out.update(
            {name: getattr(self, name) for name, usual in DEFAULTS.items()
             if getattr(self, name) != usual}
        )  # fmt: skip
        if self.places:
            out["places"] = {name: list(place) for name, place in self.places.items()}
        return out

    def plain(self) -> dict[str, Any]:
        """`mapping` under the name of the analysis."""
        return {"analysis": "canvas", **self.mapping()}

    @property
    def until(self) -> int:
        """The last microsecond that was looked at."""
        workspace = self.workspace
        return min(workspace.bounds(self.period)[1] - 1, microseconds_of(workspace.as_of))

    @property
    def in_sequence(self) -> bool:
        """Whether only rows count that themselves reached the node."""
        return self.node_rows == "in_sequence"
