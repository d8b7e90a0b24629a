"""Which annotations show on which answer: dates, metrics, dimensions and segments, place, switches.

Source: collaboration.md, section 1 (visibility rule and inheritance).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from workbench.collaboration.annotations.model import Annotation
from workbench.collaboration.annotations.recurring import occurrences


@dataclass(frozen=True)
class Visual:
    """What is known of something that is shown: a chart or a table.

    Attributes
    ----------
    name : str
        Its kind, such as ``fallout_trend``.
    since, until : date
        What it shows, both included.
    metrics : frozenset of str
        Ids of the metrics in it. A calculated metric stands under its own name only: what it is
        calculated from is not in the visual, so annotations of that are not inherited.
    components : frozenset of str
        Dimensions, items (``industry=Software``), and segments in rows, columns and filters.
    projects : frozenset of str
        Names that its project has; empty outside of any.
    view : str
        Name of the workspace; empty where it cannot be told.
    """

    name: str
    since: date
    until: date
    metrics: frozenset[str] = frozenset()
    components: frozenset[str] = frozenset()
    projects: frozenset[str] = frozenset()
    view: str = ""


@dataclass(frozen=True)
class Switches:
    """Where annotations are switched off: any level hides.

    Attributes
    ----------
    visuals, projects, users : frozenset of str
    """

    visuals: Collection[str] = field(default=frozenset())
    projects: Collection[str] = field(default=frozenset())
    users: Collection[str] = field(default=frozenset())

    def hide(self, visual: Visual, user: str) -> bool:
        """Whether nothing is to be shown on a visual to a user."""
        return (
            visual.name in self.visuals
            or bool(visual.projects.intersection(self.projects))
            or user in self.users
        )


def days_shown(annotation: Annotation, visual: Visual) -> list[tuple[date, date]]:
    """Return the days of an annotation that show on a visual; none where it does not belong."""
    if not in_scope(annotation, visual):
        return []
    return occurrences(
        annotation.first, annotation.last, annotation.repeats, visual.since, visual.until
    )


def in_scope(annotation: Annotation, visual: Visual) -> bool:
    """Whether an annotation belongs to a visual, whatever its days."""
    if annotation.metrics and not visual.metrics.intersection(annotation.metrics):
        return False
    if not all(component in visual.components for component in annotation.components):
        return False
    if annotation.project and annotation.project not in visual.projects:
        return False
    return not annotation.view or not visual.view or annotation.view == visual.view
