"""What one anchor adds to the sums over paths: the nodes it stands in and the links it takes.

A path view is one anchor followed through the columns. Where a row holds several values it splits
into one for each, so that all sums are whole numbers that add up from column to column.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from workbench.engine.paths.walk import ENDED, SPOT, WHERE, anchor_slots, slots_at

MOST_VIEWS = 1 << 40
OF, WEIGHT, NEAR, FAR = range(4)


class Rows(NamedTuple):
    """A slice of containers as the loops see it.

    Attributes
    ----------
    values : int32 array, shape (dimensions, places)
        Value at each place of the slice, -1 where none is set.
    marks : bool array
        Rows that are anchors; empty where the anchor is an item.
    low, high : int64 arrays, shape (containers,)
        Places of each container that are read.
    rows : int64 array
        Row of the store at each place of the stream; empty where the stream is the store.
    base : int
        Place of the stream at which the slice begins.
    times, sequence : int64 arrays
        Of every row of the store; `sequence` is empty where no row carries a number.
    cut : bool array, shape (2, dimensions, containers)
        Whether rows with a value follow outside the period, to the left and to the right.
    longest : int
        Most places of one container.
    """

    values: np.ndarray
    marks: np.ndarray
    low: np.ndarray
    high: np.ndarray
    rows: np.ndarray
    base: int
    times: np.ndarray
    sequence: np.ndarray
    cut: np.ndarray
    longest: int


@njit(nogil=True, cache=True)
def room(columns, widest):
    """Room for what one anchor adds at most; a line each for `OF`, `WEIGHT`, `NEAR` and `FAR`."""
    return np.empty((4, columns * (widest * (widest + 2) + 2) + 1), np.int64)


@njit(nogil=True, cache=True, inline="always")
def _put(marks, n, of, weight, near, far):
    marks[OF, n], marks[WEIGHT, n], marks[NEAR, n], marks[FAR, n] = of, weight, near, far
    return n + 1


@njit(nogil=True, cache=True, inline="always")
def _link(columns, slots, k, side, near, far):
    """Number of a link from column k, its ends named from the anchor outwards."""
    left, a, b = (k, near, far) if side > 0 else (k - 1, far, near)
    return columns * slots + (left * slots + a) * slots + b


@njit(nogil=True, cache=True, inline="always")
def spread(
    values, at, dim_of, anchor, base, offsets, members, anchored, slot, slots, linked, here, marks
):
    """List what one anchor adds to nodes and links.

    Parameters
    ----------
    values : int32 array, shape (dimensions, places)
    at : int64 array, shape (2, columns)
        Its path, as `walk` gives it.
    dim_of, anchor, base, offsets, members, anchored
        As in `Course`.
    slot : int32 array, shape (columns, items)
    slots : int
        Slots of a column; the last one is for paths that end.
    linked : bool
        Whether links are listed, and what is hidden or ends.
    here : int64 array, shape (3, widest)
        Room for the slots of three columns.
    marks : int64 array, shape (4, room)
        Receives a node or a link (counted on from the nodes) under `OF`, its path views under
        `WEIGHT`, and the columns of its two rows under `NEAR` and `FAR`, the anchor's side first
        and -1 where there is none. What a filter hides is named -1 less the node that it leaves
        to the left, less the number of nodes where to the right; anchors themselves -1 less
        twice the number of nodes.

    Returns
    -------
    int
        How many there are; -1 where a path splits into more path views than can be counted.
    """
    columns = dim_of.size
    none = anchored[:0]
    began, hidden = anchor_slots(
        values, at, dim_of, anchor, base, offsets, members, anchored, slot, here
    )
    n = 0
    if linked and hidden:
        n = _put(marks, n, -1 - 2 * columns * slots, hidden, -1, -1)
    for a in range(began):
        n = _put(marks, n, anchor * slots + here[0, a], 1, anchor, -1)
    for side in (1, -1):
        k, weight, count, near, far = anchor, 1, began, 0, 1
        while count and 0 <= k + side < columns:
            f = k + side
            if at[SPOT, f] == ENDED:
                if linked:
                    n = _put(marks, n, f * slots + slots - 1, weight * count, k, -1)
                    for a in range(count):
                        of = _link(columns, slots, k, side, here[near, a], slots - 1)
                        n = _put(marks, n, of, weight, k, -1)
                break
            j = dim_of[f]
            reached, hidden = slots_at(
                values[j, at[WHERE, f]], f, base[j], offsets, members, none, slot, here, far
            )
            for b in range(reached):
                n = _put(marks, n, f * slots + here[far, b], weight * count, f, -1)
            if linked:
                for a in range(count):
                    s = here[near, a]
                    if hidden:
                        of = -1 - (columns * slots if side > 0 else 0) - (k * slots + s)
                        n = _put(marks, n, of, weight * hidden, -1, -1)
                    for b in range(reached):
                        of = _link(columns, slots, k, side, s, here[far, b])
                        n = _put(marks, n, of, weight, k, f)
            weight *= count
            if weight > MOST_VIEWS:
                return -1
            k, count = f, reached
            near, far = far, (2 if near == 0 else near)
    return n
