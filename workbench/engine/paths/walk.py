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
EVERY, FIRST, LAST = range(3)
PLACE, RUN, HEAD = range(3)
ENTRIES, RUNS = range(2)
SPOT, WHERE = range(2)


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


@njit(nogil=True, cache=True)
def gather(out, codes, rows, table, low, high, base):
    """Write what the table says of the code at each place of some ranges of the stream."""
    begin, permuted = np.uint64(base), rows.size > 0
    for c in range(low.size):
        # no sign: an index with one is asked at every look whether it counts from the end
        for p in range(np.uint64(low[c]), np.uint64(high[c])):
            out[p - begin] = table[codes[np.uint64(rows[p]) if permuted else p]]


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
def read_container(values, start, end, repeats, lists, sizes):
    """Write the rows of one container into its lists.

    Parameters
    ----------
    values : int32 array, shape (dimensions, places)
        Value at each place, -1 where none is set.
    start, end : int
        Its places.
    repeats : bool array, shape (dimensions,)
        Whether each row is a run of its own.
    lists : int32 array, shape (3, dimensions, longest container)
        Receives the place and the run of each entry (`PLACE`, `RUN`), and the first entry of each
        run (`HEAD`).
    sizes : int64 array, shape (2, dimensions)
        Receives how many entries (`ENTRIES`) and runs (`RUNS`) there are.
    """
    for j in range(values.shape[0]):
        n, r, last, every = 0, -1, NOT_SET, repeats[j]
        # without branches: which rows are set and which begin a run cannot be foreseen
        for p in range(start, end):
            value = values[j, p]
            is_set = value != NOT_SET
            begins = is_set & (every | (value != last))
            r += begins
            lists[PLACE, j, n] = p
            lists[RUN, j, n] = r
            lists[HEAD, j, r] = n if begins else lists[HEAD, j, r]
            last = value if is_set else last
            n += is_set
        sizes[ENTRIES, j], sizes[RUNS, j] = n, r + 1


@njit(nogil=True, cache=True)
def _crossed(lists, entries, j, p, side, stay):
    """Nearest entry of a dimension beyond a place, or at it where that is allowed."""
    low, high = 0, entries
    while low < high:
        middle = (low + high) // 2
        if lists[PLACE, j, middle] < p:
            low = middle + 1
        else:
            high = middle
    here = low < entries and lists[PLACE, j, low] == p
    if here and stay:
        return low
    if side < 0:
        return low - 1
    low += 1 if here else 0
    return low if low < entries else ENDED


@njit(nogil=True, cache=True)
def _may_stay(dim_of, anchor, at, k, side, j):
    """Whether no column of this path serves dimension j on the row of column k yet."""
    p = at[WHERE, k]
    while at[WHERE, k] == p:
        if dim_of[k] == j:
            return False
        if k == anchor:
            return True
        k -= side
    return True


@njit(nogil=True, cache=True)
def walk(found, lists, sizes, dim_of, anchor, same_event, at):
    """Find the entry and the place of every column of the path of one anchor.

    Between columns of one dimension the neighbour is the first row of the next run of equal
    values; from an anchor that is an event, and between dimensions, it is the nearest row.

    Parameters
    ----------
    found : int
        The anchor, as `anchors_of` gives it.
    lists, sizes
        As `read_container` fills them.
    dim_of, anchor, same_event
        As in `Course`.
    at : int64 array, shape (2, columns)
        Receives the entry (`SPOT`) and the place (`WHERE`) of each column; `ENDED` where the path
        ends, `BEYOND` farther out.
    """
    at[SPOT, anchor] = found
    at[WHERE, anchor] = found if dim_of[anchor] < 0 else lists[PLACE, dim_of[anchor], found]
    for side in (1, -1):
        k, ended = anchor, False
        for f in range(anchor + side, dim_of.size if side > 0 else -1, side):
            i = BEYOND
            if not ended:
                j = dim_of[f]
                if j == dim_of[k]:
                    r = lists[RUN, j, at[SPOT, k]] + side
                    i = lists[HEAD, j, r] if 0 <= r < sizes[RUNS, j] else ENDED
                else:
                    stay = same_event and _may_stay(dim_of, anchor, at, k, side, j)
                    i = _crossed(lists, sizes[ENTRIES, j], j, at[WHERE, k], side, stay)
                ended = i < 0
            at[SPOT, f] = i
            at[WHERE, f] = lists[PLACE, dim_of[f], i] if i >= 0 else -1
            k = f


@njit(nogil=True, cache=True)
def anchors_of(marks, start, end, values, lists, sizes, course, found):
    """Entries (places, where the anchor is an event) of the anchors of a container.

    Parameters
    ----------
    marks : bool array, shape (places,)
        Rows that are anchors; empty where the anchor is an item.
    found : int64 array
        Receives them.

    Returns
    -------
    int
        How many there are.
    """
    n, limit = 0, course.limit
    j = course.dim_of[course.anchor]
    if j < 0:
        for p in range(start, end):
            if marks[p]:
                found[n] = p
                n += 1
                if limit == FIRST:
                    break
    else:
        base, offsets, members = course.base[j], course.offsets, course.members
        anchored = course.anchored
        for r in range(sizes[RUNS, j]):
            value = values[j, lists[PLACE, j, lists[HEAD, j, r]]]
            if _any_anchored(value, base, offsets, members, anchored):
                found[n] = lists[HEAD, j, r]
                n += 1
                if limit == FIRST:
                    break
    if limit == LAST and n > 1:
        found[0] = found[n - 1]
        n = 1
    return n


@njit(nogil=True, cache=True)
def _any_anchored(value, base, offsets, members, anchored):
    if base < 0:
        return anchored[value]
    for m in range(offsets[base + value], offsets[base + value + 1]):
        if anchored[members[m]]:
            return True
    return False


@njit(nogil=True, cache=True, inline="always")
def slots_at(value, k, base, offsets, members, only, slot, out, line):
    """Slots of the items that stand at one place of a column, and how many a filter hides.

    Parameters
    ----------
    value : int
        Item, or for a dimension that holds lists the number of the list.
    k : int
        Column.
    base : int
        Where the offsets of its dimension begin; -1 for single values.
    offsets, members
        As in `Course`.
    only : bool array
        Items that count at all, for the column of the anchor; empty elsewhere.
    slot : int32 array, shape (columns, items)
        Slot of each item in each column; -1 where it is hidden.
    out : int64 array, shape (lines, widest)
        Receives the slots.
    line : int
        Into which line of it.
    """
    if base < 0:
        if slot[k, value] < 0:
            return 0, 1
        out[line, 0] = slot[k, value]
        return 1, 0
    n, hidden = 0, 0
    for m in range(offsets[base + value], offsets[base + value + 1]):
        item = members[m]
        if only.size and not only[item]:
            continue
        if slot[k, item] < 0:
            hidden += 1
        else:
            out[line, n] = slot[k, item]
            n += 1
    return n, hidden


@njit(nogil=True, cache=True, inline="always")
def anchor_slots(values, at, dim_of, anchor, base, offsets, members, anchored, slot, out):
    """As `slots_at` for the anchor, into line 0; an event stands in slot 0."""
    j = dim_of[anchor]
    if j < 0:
        out[0, 0] = 0
        return 1, 0
    value = values[j, at[WHERE, anchor]]
    return slots_at(value, anchor, base[j], offsets, members, anchored, slot, out, 0)
