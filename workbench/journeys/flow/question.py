"""What was asked, checked and read, and the plain mapping that asks it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.journeys.flow.anchors import Anchor
from workbench.vocabulary.conditions import Condition
from workbench.vocabulary.containers import Container
from workbench.vocabulary.periods import Period, microseconds_of
from workbench.vocabulary.segments import Segment
from workbench.workspace import Workspace

DEFAULTS = {
    "columns": 4,
    "items": 5,
    "repeats": False,
    "limit": None,
    "filter_scope": "whole",
    "exclude_mode": "drop",
    "same_event": False,
    "count": "path_views",
}


@dataclass(frozen=True)
class Question:
    """What was asked, checked and read.

    Attributes
    ----------
    dimensions : tuple of (int, str)
        Columns that follow another dimension.
    filters : tuple of (int, Condition)
        What the items of a column must meet.
    exclude : tuple of (int or None, Condition)
        Items that are left out of a column, or of every column.
    """

    workspace: Workspace
    container: Container
    anchor: Anchor
    dimension: str
    period: Period
    segment: Segment | None
    columns: int
    items: int
    dimensions: tuple[tuple[int, str], ...]
    repeats: bool
    limit: str | None
    filter_scope: str
    filters: tuple[tuple[int, Condition], ...]
    exclude: tuple[tuple[int | None, Condition], ...]
    exclude_mode: str
    same_event: bool
    count: str
    compare: tuple[Segment, ...]

    @property
    def left(self) -> int:
        """Columns before the anchor; of an odd number the larger part lies after it."""
        beside = self.columns - 1
        return {"starts_with": 0, "contains": beside // 2, "ends_with": beside}[self.anchor.side]

    @property
    def numbers(self) -> range:
        """Numbers of the columns from left to right; 0 is the anchor."""
        return range(-self.left, self.columns - self.left)

    def dimension_of(self, column: int) -> str | None:
        """What a column follows; None for an anchor that is an event."""
        if column == 0:
            return self.anchor.dimension
        return dict(self.dimensions).get(column, self.dimension)

    @property
    def until(self) -> int:
        """The last microsecond that was looked at."""
        workspace = self.workspace
        return min(workspace.bounds(self.period)[1] - 1, microseconds_of(workspace.as_of))

    def plain(self) -> dict[str, Any]:
        """The mapping that asks the same question again."""
        out: dict[str, Any] = {
            "analysis": "flow",
            "container": self.container.name,
            self.anchor.side: self.anchor.plain(),
            "dimension": self.dimension,
        }
        optional = {
            "period": str(self.period) or None,
            "segment": self.segment.plain() if self.segment else None,
            "dimensions": {str(column): name for column, name in self.dimensions} or None,
            "filters": {str(column): item.plain() for column, item in self.filters} or None,
            "exclude": self._plain_exclude(),
            "compare": [item.plain() for item in self.compare] or None,
        }
        out.update({name: value for name, value in optional.items() if value is not None})
        out.update({n: getattr(self, n) for n, d in DEFAULTS.items() if getattr(self, n) != d})
        return out

    def _plain_exclude(self) -> dict[str, Any] | None:
        if not self.exclude:
            return None
        ((column, first), *_) = self.exclude
        if column is None:
            return first.plain()
        return {str(column): item.plain() for column, item in self.exclude}
