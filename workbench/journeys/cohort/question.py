"""What was asked, checked and read, and the plain mapping that asks it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.vocabulary.containers import Container
from workbench.vocabulary.criteria import Criterion, Metric
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import Period
from workbench.vocabulary.segments import Segment
from workbench.workspace import Workspace

DEFAULTS = {
    "granularity": "month",
    "mode": "exact",
    "kind": "retention",
    "first_time": False,
    "latency": False,
    "lookback": 0,
    "dimension": None,
    "items": 14,
    "align": "first_bucket",
    "offsets": None,
    "zero_column": False,
    "snap": False,
    "partial_in_average": False,
    "smallest": 0,
    "filter_scope": "whole",
}


@dataclass(frozen=True)
class Question:
    """What was asked, checked and read; the attributes are those of `cohort`."""

    workspace: Workspace
    container: Container
    inclusion: Criterion
    returning: Criterion
    period: Period
    segment: Segment | None
    granularity: str
    mode: str
    kind: str
    first_time: bool
    latency: bool
    lookback: int
    dimension: str | None
    items: int
    align: str
    age: Duration | None
    offsets: int | None
    zero_column: bool
    value: Metric | None
    snap: bool
    partial_in_average: bool
    smallest: int
    filter_scope: str

    def plain(self) -> dict[str, Any]:
        """The mapping that asks the same question again."""
        out: dict[str, Any] = {
            "analysis": "cohort",
            "container": self.container.name,
            "inclusion": self.inclusion.plain(),
            "returning": self.returning.plain(),
        }
        if self.period:
            out["period"] = str(self.period)
        if self.segment is not None:
            out["segment"] = self.segment.plain()
        if self.age is not None:
            out["age"] = str(self.age)
        if self.value is not None:
            plain = self.value.plain()
            out["value"] = {name: plain[name] for name in ("label", "where", "sum")}
        given = {name: getattr(self, name) for name in DEFAULTS}
        out.update({name: v for name, v in given.items() if v != DEFAULTS[name]})
        return out

    @property
    def pooled(self) -> bool:
        """Whether rows hold inclusions of several buckets, aligned at each one's own."""
        return self.dimension is not None and self.align == "first_inclusion"

    @property
    def churn(self) -> bool:
        """Whether those are counted that did not return."""
        return self.kind == "churn"
