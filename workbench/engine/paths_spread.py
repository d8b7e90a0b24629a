"""What one anchor adds to the sums over paths: the nodes it stands in and the links it takes.

A path view is one anchor followed through the columns. Where a row holds several values it splits
into one for each, so that all sums are whole numbers that add up from column to column.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from workbench.engine.paths_walk import (
    ENDED,
    begin,
    slots_at,
)

MOST_VIEWS = 1 << 40


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


class Marks(NamedTuple):
    """What one anchor adds to nodes and links.

    Attributes
    ----------
    of : int64 array
        A node, or a link (counted on from the nodes). For what a filter hides: -1 less the node
        that it leaves to the left, less the number of nodes where to the right; of anchors
        themselves -1 less twice the number of nodes.
    weight : int64 array
        Path views.
    near, far : int64 arrays
        Places of the two rows, the anchor's side first; -1 where there is none.
    """

    of: np.ndarray
    weight: np.ndarray
    near: np.ndarray
    far: np.ndarray


@njit(nogil=True, cache=True)
def room(columns, widest):
    """Room for what one anchor adds at most."""
    most = columns * (widest * (widest + 2) + 2)
    return Marks(
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
    )


@njit(nogil=True, cache=True)
def _put(marks, n, of, weight, near, far):
    marks.of[n], marks.weight[n], marks.near[n], marks.far[n] = of, weight, near, far
    return n + 1


@njit(nogil=True, cache=True)
def _link(columns, slots, k, side, near, far):
    """Number of a link from column k, its ends named from the anchor outwards."""
    left, a, b = (k, near, far) if side > 0 else (k - 1, far, near)
    return columns * slots + (left * slots + a) * slots + b


@njit(nogil=True, cache=True)
def spread(found, lists, data, course, slot, slots, linked, spot, where, here, marks):
    """List what one anchor adds; -1 where it splits into more path views than can be counted.

    Parameters
    ----------
    found : int
        As `anchors_of` gives it.
    slots : int
        Slots of a column; the last one is for paths that end.
    linked : bool
        Whether links are listed, and what is hidden or ends.
    here : int64 array, shape (3, widest)
    """
    columns, anchor = course.dim_of.size, course.anchor
    began, hidden = begin(found, lists, data.values, course, slot, spot, where, here[0])
    n = 0
    if linked and hidden:
        n = _put(marks, n, -1 - 2 * columns * slots, hidden, -1, -1)
    for s in here[0, :began]:
        n = _put(marks, n, anchor * slots + s, 1, where[anchor], -1)
    for side in (1, -1):
        k, weight, count, near, far = anchor, 1, began, 0, 1
        while count and 0 <= k + side < columns:
            f = k + side
            if spot[f] == ENDED:
                if linked:
                    n = _put(marks, n, f * slots + slots - 1, weight * count, where[k], -1)
                    for s in here[near, :count]:
                        of = _link(columns, slots, k, side, s, slots - 1)
                        n = _put(marks, n, of, weight, where[k], -1)
                break
            value = data.values[course.dim_of[f], where[f]]
            reached, hidden = slots_at(value, f, course, slot, here[far])
            for t in here[far, :reached]:
                n = _put(marks, n, f * slots + t, weight * count, where[f], -1)
            if linked:
                for s in here[near, :count]:
                    if hidden:
                        of = -1 - (columns * slots if side > 0 else 0) - (k * slots + s)
                        n = _put(marks, n, of, weight * hidden, -1, -1)
                    for t in here[far, :reached]:
                        of = _link(columns, slots, k, side, s, t)
                        n = _put(marks, n, of, weight, where[k], where[f])
            weight *= count
            if weight > MOST_VIEWS:
                return -1
            k, count = f, reached
            near, far = (far, 3 - far) if near == 0 else (far, near)
    return n
