"""Segments turned into rows, and into reasons.

Source: journeys-attribution-and-segments.md, B2 and B5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.engine.groupings import Grouping, mark_spans, outermost
from workbench.engine.qualify import meets, qualifies, requirements, walks
from workbench.engine.sequences.rules import NOWHERE, groups_end
from workbench.engine.sequences.walks import Walk
from workbench.vocabulary.conditions import Condition, Logic
from workbench.vocabulary.segments import Segment

if TYPE_CHECKING:
    from workbench.engine.masks import Marker


def segment_rows(marker: Marker, segment: Segment) -> np.ndarray:
    """A mark for every row of the store that belongs to `segment`.

    ``event`` scope keeps the rows that meet the condition; a larger scope all rows of every
    container that qualifies by its rows between `marker.start` and `marker.end`, or the part of
    them before or after its sequence. Excluding turns the qualification of the container round;
    rows without its key belong to no container and stay. A stack keeps what all its segments keep.

    Notes
    -----
    Source: journeys-attribution-and-segments.md, B2.
    """
    if segment.stack:
        return np.asarray(
            np.logical_and.reduce([segment_rows(marker, part) for part in segment.stack])
        )
    if segment.scope == "event":
        assert segment.where is not None
        marked = marker.rows(segment.where)
        return ~marked if segment.exclude else marked
    grouping = outermost(marker, segment.scope)
    if segment.part != "everyone":
        return _part_of_rows(marker, segment, grouping)
    found = qualifies(marker, segment, (grouping,))
    rows = _whole_rows(found, grouping, len(marker.store))
    return ~rows if segment.exclude else rows


def _whole_rows(found: np.ndarray, grouping: Grouping, size: int) -> np.ndarray:
    offsets = grouping.stream.offsets
    return mark_spans(found, grouping.stream.rows, offsets[:-1], offsets[1:], size)


def _part_of_rows(marker: Marker, segment: Segment, grouping: Grouping) -> np.ndarray:
    """Rows up to the beginning of the last occurrence, or from the end of the first one on.

    Rows that have no order against the row in question lie on either side and are kept.
    """
    walked = walks(marker, segment, (grouping,), only_passing=True)
    found = walked.passes
    if segment.where is not None:
        found = found & meets(marker, segment.where, (grouping,))
    store, stream = marker.store, grouping.stream
    low, high = stream.offsets[:-1], stream.offsets[1:]
    if segment.part == "after":
        low = np.where(walked.first_end == NOWHERE, low, walked.first_end)
    else:
        ends = groups_end(store.times, store.sequence, stream.rows, high, walked.last_start)
        high = np.where(ends == NOWHERE, high, ends)
    return mark_spans(found, stream.rows, low, high, len(store))


@dataclass(frozen=True)
class Requirement:
    """One thing that a segment asks of its containers.

    Attributes
    ----------
    condition : Condition or None
        A part of `where`.
    step : int
        Number of a step, from 1 on; one more than the last for what must not follow it; 0 for a
        part of `where`.
    met : numpy.ndarray of bool
        One a container; a step is met when all steps up to it are walked.
    """

    condition: Condition | None
    step: int
    met: np.ndarray


def _alone(where: Condition | None) -> list[Condition]:
    """Parts of a condition that must all hold and are looked for on their own."""
    if isinstance(where, Logic) and where.kind == "all":
        return requirements(where)
    return [] if where is None else [where]


def evidence(marker: Marker, segment: Segment) -> tuple[Grouping, list[Requirement]]:
    """What a segment asks of its containers, part by part, `exclude` left out.

    Raises
    ------
    ArgumentError
        When the events carry no key of its scope.
    """
    grouping = outermost(marker, segment.scope)
    out: list[Requirement] = []
    for part in _alone(segment.where):
        out.append(Requirement(part, 0, meets(marker, part, (grouping,))))
    if segment.steps:
        walked: Walk = walks(marker, segment, (grouping,))
        for number in range(1, len(segment.steps) + 1):
            out.append(Requirement(None, number, walked.depth >= number))
        if segment.without_after is not None:
            out.append(Requirement(None, len(segment.steps) + 1, walked.passes))
    return grouping, out
