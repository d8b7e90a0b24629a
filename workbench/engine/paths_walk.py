"""Compiled walking from an anchor row to its neighbours, one container at a time.

A container is read into lists, one a dimension: the places of its rows with a value, the run of
equal values that each belongs to, and where each run begins. From them every column of a path is
found without looking at another row.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

NOT_SET = -1
ENDED = -1
BEYOND = -2
EVERY, FIRST, LAST = 0, 1, 2


class Course(NamedTuple):
    """How the columns of a path hang together.

    Attributes
    ----------
    dim_of : int64 array, shape (columns,)
        Dimension of each column; -1 for an anchor that is an event.
    anchor : int
        Number of the column that is the anchor.
    same_event : bool
        Whether the neighbour in another dimension may stand on the same row.
    limit : int
        `EVERY`, `FIRST` or `LAST` anchor of a container.
    repeats : bool array, shape (dimensions,)
        Whether each row is a run of its own.
    anchored : bool array
        Items that are anchors, where the anchor is an item.
    base, offsets, members : int64 arrays
        ``base[j]`` is -1 where dimension j holds single values, else where its offsets begin in
        `offsets`; these lead into `members`, the items of each list.
    """

    dim_of: np.ndarray
    anchor: int
    same_event: bool
    limit: int
    repeats: np.ndarray
    anchored: np.ndarray
    base: np.ndarray
    offsets: np.ndarray
    members: np.ndarray


class Lists(NamedTuple):
    """The rows of one container, a line a dimension.

    Attributes
    ----------
    place, run, head : int32 arrays, shape (dimensions, longest container)
        Place and run of each entry; first entry of each run.
    length, runs : int64 arrays, shape (dimensions,)
        How many entries and runs there are.
    """

    place: np.ndarray
    run: np.ndarray
    head: np.ndarray
    length: np.ndarray
    runs: np.ndarray


@njit(nogil=True, cache=True)
def gather(out, codes, rows, table, low, high, base):
    """Write what the table says of the code at each place of some ranges of the stream."""
    for c in range(low.size):
        for p in range(low[c], high[c]):
            out[p - base] = table[codes[rows[p] if rows.size else p]]


@njit(nogil=True, cache=True)
def without_unkept(out, keep, rows, low, high, base):
    """Take the value from every row that may not serve."""
    for c in range(low.size):
        for p in range(low[c], high[c]):
            if not keep[rows[p] if rows.size else p]:
                out[p - base] = NOT_SET


@njit(nogil=True, cache=True)
def any_set(codes, rows, table, keep, low, high):
    """Whether any row of each range of the stream has a value."""
    out = np.zeros(low.size, np.bool_)
    for c in range(low.size):
        for p in range(low[c], high[c]):
            row = rows[p] if rows.size else p
            if table[codes[row]] != NOT_SET and (keep.size == 0 or keep[row]):
                out[c] = True
                break
    return out


@njit(nogil=True, cache=True)
def new_lists(kinds, longest):
    """Room for the longest container."""
    return Lists(
        np.empty((kinds, longest), np.int32),
        np.empty((kinds, longest), np.int32),
        np.empty((kinds, longest), np.int32),
        np.zeros(kinds, np.int64),
        np.zeros(kinds, np.int64),
    )


@njit(nogil=True, cache=True)
def read_container(values, start, end, repeats, lists):
    """Fill the lists from the places of one container."""
    for j in range(values.shape[0]):
        n, r, last = 0, -1, NOT_SET
        for p in range(start, end):
            value = values[j, p]
            if value == NOT_SET:
                continue
            if repeats[j] or value != last:
                r += 1
                lists.head[j, r] = n
                last = value
            lists.place[j, n] = p
            lists.run[j, n] = r
            n += 1
        lists.length[j] = n
        lists.runs[j] = r + 1


@njit(nogil=True, cache=True)
def _crossed(lists, j, p, side, stay):
    """Nearest entry of a dimension beyond a place, or at it where that is allowed."""
    low, high = 0, lists.length[j]
    while low < high:
        middle = (low + high) // 2
        if lists.place[j, middle] < p:
            low = middle + 1
        else:
            high = middle
    here = low < lists.length[j] and lists.place[j, low] == p
    if here and stay:
        return low
    if side < 0:
        return low - 1
    low += 1 if here else 0
    return low if low < lists.length[j] else ENDED


@njit(nogil=True, cache=True)
def _may_stay(course, where, k, side, j):
    """Whether no column of this path serves dimension j on the row of column k yet."""
    p = where[k]
    while where[k] == p:
        if course.dim_of[k] == j:
            return False
        if k == course.anchor:
            return True
        k -= side
    return True


@njit(nogil=True, cache=True)
def walk(lists, course, spot, where):
    """Find the entry and the place of every column of the path of one anchor.

    Between columns of one dimension the neighbour is the first row of the next run of equal
    values; from an anchor that is an event, and between dimensions, it is the nearest row.

    Parameters
    ----------
    lists : Lists
    course : Course
    spot, where : int64 arrays, shape (columns,)
        Entry and place of each column; `ENDED` where the path ends, `BEYOND` farther out. Those
        of the anchor are there already.
    """
    dim_of, anchor = course.dim_of, course.anchor
    for side in (1, -1):
        k, ended = anchor, False
        for f in range(anchor + side, dim_of.size if side > 0 else -1, side):
            i = BEYOND
            if not ended:
                j = dim_of[f]
                if j == dim_of[k]:
                    r = lists.run[j, spot[k]] + side
                    i = lists.head[j, r] if 0 <= r < lists.runs[j] else ENDED
                else:
                    stay = course.same_event and _may_stay(course, where, k, side, j)
                    i = _crossed(lists, j, where[k], side, stay)
                ended = i < 0
            spot[f] = i
            where[f] = lists.place[dim_of[f], i] if i >= 0 else -1
            k = f


@njit(nogil=True, cache=True)
def anchors_of(marks, start, end, values, lists, course, found):
    """Entries (places, where the anchor is an event) of the anchors of a container.

    Parameters
    ----------
    marks : bool array, shape (places,)
        Rows that are anchors; empty where the anchor is an item.
    start, end : int
        Places of the container.
    found : int64 array
        Receives them.

    Returns
    -------
    int
        How many there are.
    """
    n = 0
    j = course.dim_of[course.anchor]
    if j < 0:
        for p in range(start, end):
            if marks[p]:
                found[n] = p
                n += 1
                if course.limit == FIRST:
                    break
    else:
        for r in range(lists.runs[j]):
            if _any_anchored(values[j, lists.place[j, lists.head[j, r]]], j, course):
                found[n] = lists.head[j, r]
                n += 1
                if course.limit == FIRST:
                    break
    if course.limit == LAST and n > 1:
        found[0] = found[n - 1]
        n = 1
    return n


@njit(nogil=True, cache=True)
def _any_anchored(value, j, course):
    at = course.base[j]
    if at < 0:
        return course.anchored[value]
    for m in range(course.offsets[at + value], course.offsets[at + value + 1]):
        if course.anchored[course.members[m]]:
            return True
    return False


@njit(nogil=True, cache=True)
def begin(found, lists, values, course, slot, spot, where, out):
    """Put one anchor into its column and walk from it.

    Returns
    -------
    int, int
        As `slots_at` for the anchor; an event stands in slot 0.
    """
    k = course.anchor
    j = course.dim_of[k]
    spot[k] = found
    if j < 0:
        where[k] = found
        out[0] = 0
        walk(lists, course, spot, where)
        return 1, 0
    where[k] = lists.place[j, found]
    walk(lists, course, spot, where)
    return slots_at(values[j, where[k]], k, course, slot, out)


@njit(nogil=True, cache=True)
def slots_at(value, k, course, slot, out):
    """Slots of the items that stand at one place of a column, and how many a filter hides.

    Parameters
    ----------
    value : int
        Item, or for a dimension that holds lists the number of the list.
    k : int
        Column.
    slot : int32 array, shape (columns, items)
        Slot of each item in each column; -1 where it is hidden.
    out : int64 array
        Receives the slots.
    """
    at = course.base[course.dim_of[k]]
    if at < 0:
        if slot[k, value] < 0:
            return 0, 1
        out[0] = slot[k, value]
        return 1, 0
    n, hidden = 0, 0
    for m in range(course.offsets[at + value], course.offsets[at + value + 1]):
        item = course.members[m]
        if k == course.anchor and not course.anchored[item]:
            continue
        if slot[k, item] < 0:
            hidden += 1
        else:
            out[n] = slot[k, item]
            n += 1
    return n, hidden
