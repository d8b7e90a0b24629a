"""What a distance between two rows can be counted in beside time: sessions begun, values changed.

Each ruler is a number at every place of a stream that never falls inside a container; the distance
of two rows is the difference of their numbers. Rows with equal times share one number.

Source: journeys-attribution-and-segments.md, B2 (within k sessions, values of a dimension).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from workbench.engine.groupings import Grouping
from workbench.engine.identities import identities
from workbench.engine.months import Clock, clock_of
from workbench.engine.sequences import rules
from workbench.messages import message
from workbench.vocabulary.limits import Limit
from workbench.vocabulary.segments import Segment

if TYPE_CHECKING:
    from workbench.engine.masks import Marker


def ruler(marker: Marker, limit: Limit, grouping: Grouping) -> np.ndarray:
    """Sessions begun, or values changed, up to each place of a grouping.

    Returns
    -------
    numpy.ndarray of int32, shape (places,)
        Zero before the first session or change of a container in the period.
    """
    columns = marker.store.columns
    size: int
    if limit.unit == "sessions":
        marker.store.stream("session")  # refuses events without sessions
        codes, offsets, values, size = identities(marker, "session_id")
    elif columns.get(limit.dimension, {}).get("kind") == "list":
        codes = marker.store.column(limit.dimension)
        size = columns[limit.dimension]["values"]
        offsets, values = np.append(np.arange(size + 1), size), np.arange(size)
    else:
        codes, offsets, values, size = identities(marker, limit.dimension)
    places = int(grouping.stream.offsets[-1]) if len(grouping) else 0
    out = np.zeros(places, np.int32)
    rows, low, high = grouping.stream.rows, grouping.low, grouping.high
    if limit.unit == "sessions":
        _begun(codes, offsets, values, size, rows, low, high, out)
    else:
        _changed(codes, offsets, values, rows, low, high, out)
    return out


def limits_of(
    marker: Marker, segment: Segment, here: Grouping
) -> tuple[tuple[tuple[int, int, int, int, int], ...], np.ndarray]:
    """Step, kind, both bounds and ruler of every limit, and the rulers of a grouping.

    Returns
    -------
    limits : tuple of (int, int, int, int, int)
        Number of the step, kind, smallest and largest distance (below zero: none), ruler.
    rulers : numpy.ndarray of int32, shape (rulers, places)
    """
    limits: list[tuple[int, int, int, int, int]] = []
    lines: list[np.ndarray] = []
    line_of: dict[tuple[str, str], int] = {}
    kinds = {"months": rules.MONTHS, "events": rules.EVENTS}
    for number, item in enumerate(segment.steps):
        if number == 0:
            if item.within is not None or item.after is not None or item.limits:
                marker.note(message("Limits of step 1 are left out: no step lies before it."))
            continue
        if item.within is not None:
            limits.append((number, rules.TIME, -1, item.within.microseconds, 0))
        if item.after is not None:
            limits.append((number, rules.TIME, item.after.microseconds, -1, 0))
        for limit in item.limits or ():
            line, unit = 0, (limit.unit, limit.dimension)
            if limit.unit not in kinds:
                if unit not in line_of:
                    line_of[unit] = len(lines)
                    lines.append(ruler(marker, limit, here))
                line = line_of[unit]
            least, most = (limit.amount, -1) if limit.bound == "after" else (-1, limit.amount)
            limits.append((number, kinds.get(limit.unit, rules.COUNTED), least, most, line))
    rulers = np.stack(lines) if lines else np.zeros((0, 0), np.int32)
    return tuple(limits), rulers


def clock_for(marker: Marker, segment: Segment) -> Clock:
    """The zone's offsets, where calendar months are added."""
    limits = [limit for item in segment.steps for limit in item.limits or ()]
    limits += [segment.total_within] if isinstance(segment.total_within, Limit) else []
    months = max((limit.amount for limit in limits if limit.unit == "months"), default=0)
    newest = marker.store.description["newest"]
    if not months or newest is None:
        nothing = np.empty(0, np.int64)
        return Clock(nothing, nothing, np.zeros(1, np.int64))
    longest = (months + 1) * 31 * 86_400_000_000
    return clock_of(marker.zone, marker.store.description["first"], newest + longest)


@njit(nogil=True, cache=True)
def _begun(codes, offsets, values, size, rows, low, high, out):
    seen_in = np.full(size, -1, np.int64)
    for c in range(low.size):
        begun = 0
        for place in range(low[c], high[c]):
            code = np.int64(codes[rows[place] if rows.size else place])
            for at in range(offsets[code], offsets[code + 1]):
                if seen_in[values[at]] != c:
                    seen_in[values[at]] = c
                    begun += 1
            out[place] = begun


@njit(nogil=True, cache=True)
def _changed(codes, offsets, values, rows, low, high, out):
    for c in range(low.size):
        changes, last = 0, np.int64(-1)
        for place in range(low[c], high[c]):
            code = np.int64(codes[rows[place] if rows.size else place])
            if offsets[code + 1] > offsets[code]:
                value = values[offsets[code]]
                if last >= 0 and value != last:
                    changes += 1
                last = value
            out[place] = changes
