"""Segments turned into rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.engine import kernels
from workbench.vocabulary.segments import Segment

if TYPE_CHECKING:
    from workbench.engine.masks import Marker


def segment_rows(marker: Marker, segment: Segment) -> np.ndarray:
    """A mark for every row of the store that belongs to `segment`.

    ``event`` scope keeps the rows that meet the condition; a larger scope keeps all rows of every
    container that qualifies by its rows between `marker.start` and `marker.end`. Excluding turns
    the qualification of the container round; rows without its key belong to no container and stay.

    Notes
    -----
    Source: journeys-attribution-and-segments.md, B2.
    """
    if segment.scope == "event":
        assert segment.where is not None
        marked = marker.rows(segment.where)
        return ~marked if segment.exclude else marked
    from workbench.engine.match import match, ranges

    stream = marker.store.stream(segment.scope)
    qualified = np.ones(len(stream), bool)
    if segment.where is not None:
        low, high = ranges(marker.store, stream, marker.start, marker.end)
        qualified &= kernels.any_in(marker.rows(segment.where), stream.rows, low, high)
    if segment.steps:
        found = match(
            marker,
            stream,
            segment.steps,
            total_within=segment.total_within,
            start=marker.start,
            end=marker.end,
        )
        qualified &= found.depth == len(segment.steps)
    rows = kernels.mark_rows(qualified, stream.rows, stream.offsets, len(marker.store))
    return ~rows if segment.exclude else rows
