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
    container that qualifies. Excluding turns the qualification of the container round.

    Notes
    -----
    Source: journeys-attribution-and-segments.md, B2.
    """
    if segment.scope == "event":
        marked = marker.rows(segment.where) if segment.where is not None else None
        marked = np.zeros(len(marker.store), bool) if marked is None else marked
        return ~marked if segment.exclude else marked
    stream = marker.store.stream(segment.scope)
    qualified = np.ones(len(stream), bool)
    if segment.where is not None:
        low, high = stream.offsets[:-1], stream.offsets[1:]
        qualified &= kernels.any_in(marker.rows(segment.where), stream.rows, low, high)
    if segment.steps:
        from workbench.engine.match import match

        found = match(marker, stream, segment.steps, total_within=segment.total_within)
        qualified &= found.depth == len(segment.steps)
    rows = kernels.mark_rows(qualified, stream.rows, stream.offsets, len(marker.store))
    return ~rows if segment.exclude else rows
