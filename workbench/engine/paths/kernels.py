"""Compiled passes over the paths of a slice of containers: ranks, details, the rows behind.

Fields of tuples are read once, before the loops: reading one costs as much as a step of a path.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.engine.paths.spread import FAR, NEAR, OF, WEIGHT, room, spread
from workbench.engine.paths.walk import (
    ENDED,
    SPOT,
    WHERE,
    anchor_slots,
    anchors_of,
    read_container,
    slots_at,
    walk,
)


@njit(nogil=True, cache=True)
def room_for(data, columns, widest):
    """Room for one container: its lists and their sizes, its anchors, one path, slots, marks."""
    kinds, longest = data.values.shape[0], data.longest
    return (
        np.empty((3, kinds, longest), np.int32),
        np.zeros((2, kinds), np.int64),
        np.empty(longest, np.int64),
        np.empty((2, columns), np.int64),
        np.empty((3, widest), np.int64),
        room(columns, widest),
    )


@njit(nogil=True, cache=True)
def tally(data, course, slot, by_container, widest, counts):
    """Path views, or containers, of every item in every column, before any is put together.

    Parameters
    ----------
    data : Rows
    course : Course
    slot : int32 array, shape (columns, items)
        The item itself; -1 where a filter hides it.
    by_container : bool
    widest : int
        Most items on one row.
    counts : int64 array, shape (columns, items)

    Returns
    -------
    bool
        False where there are more path views than can be counted.
    """
    columns, slots = slot.shape
    values, flags, low, high = data.values, data.marks, data.low, data.high
    dim_of, anchor, repeats, same = course.dim_of, course.anchor, course.repeats, course.same_event
    base, offsets, members, anchored = course.base, course.offsets, course.members, course.anchored
    lists, sizes, found, at, here, marks = room_for(data, columns, widest)
    seen = np.full(slot.size if by_container else 0, -1, np.int32)
    flat = counts.ravel()
    for c in range(low.size):
        read_container(values, low[c], high[c], repeats, lists, sizes)
        anchors = anchors_of(flags, low[c], high[c], values, lists, sizes, course, found)
        for t in range(anchors):
            walk(found[t], lists, sizes, dim_of, anchor, same, at)
            number = spread(
                values, at, dim_of, anchor, base, offsets, members, anchored,
                slot, slots, False, here, marks,
            )  # fmt: skip
            if number < 0:
                return False
            for i in range(number):
                of = marks[OF, i]
                if not by_container:
                    flat[of] += marks[WEIGHT, i]
                elif seen[of] != c:
                    seen[of] = c
                    flat[of] += 1
    return True


@njit(nogil=True, cache=True)
def detail(
    data, course, slot, slots, widest, gap_of, filled, gaps, bit_of, people, first, last, bits
):
    """Gaps between the rows of each link, and the people on the rows of each node and link.

    Parameters
    ----------
    gap_of, bit_of : int32 arrays, shape (nodes + links,)
        Number of each in `filled`, and in `bits`; -1 leaves it out.
    filled : int64 array
        Where in `gaps` the next gap of a link goes.
    gaps : int64 array
        Receives microseconds.
    people : uint32 array
        Person on every row of the store; empty where none is known.
    first, last : int
        The person of the first bit, and the one after those that are looked for.
    bits : uint8 array, shape (numbers, people / 8)
    """
    columns = course.dim_of.size
    values, flags, low, high = data.values, data.marks, data.low, data.high
    rows, begins, times = data.rows, data.base, data.times
    dim_of, anchor, repeats, same = course.dim_of, course.anchor, course.repeats, course.same_event
    base, offsets, members, anchored = course.base, course.offsets, course.members, course.anchored
    lists, sizes, found, at, here, marks = room_for(data, columns, widest)
    for c in range(low.size):
        read_container(values, low[c], high[c], repeats, lists, sizes)
        anchors = anchors_of(flags, low[c], high[c], values, lists, sizes, course, found)
        for t in range(anchors):
            walk(found[t], lists, sizes, dim_of, anchor, same, at)
            number = spread(
                values, at, dim_of, anchor, base, offsets, members, anchored,
                slot, slots, True, here, marks,
            )  # fmt: skip
            for i in range(number):
                of = marks[OF, i]
                if of < 0:
                    continue
                joined = marks[FAR, i] >= 0
                near = at[WHERE, marks[NEAR, i]] + begins
                far = at[WHERE, marks[FAR, i]] + begins if joined else near
                if rows.size:
                    near, far = rows[near], rows[far]
                g, b = gap_of[of], bit_of[of]
                if g >= 0 and joined:
                    gaps[filled[g]] = abs(times[far] - times[near])
                    filled[g] += 1
                if b >= 0 and people.size:
                    for row in (near, far):
                        person = np.int64(people[row])
                        if first <= person < last:
                            bits[b, (person - first) >> 3] |= np.uint8(1 << ((person - first) & 7))


@njit(nogil=True, cache=True)
def trace(data, course, slot, wanted, ends, widest, container, weight, asked, places):
    """Anchors whose paths meet what is wanted, with the place of every column.

    Parameters
    ----------
    slot : int32 array, shape (columns, items)
        1 for an item that is wanted, 0 for any other, -1 where a filter hides it.
    wanted : bool array, shape (columns,)
        Columns in which something is wanted.
    ends : bool array, shape (columns,)
        Columns in which the path must end.
    container, weight : int64 arrays, shape (paths,)
    asked : int64 array
        Columns whose places are wanted.
    places : int64 array, shape (paths, asked)
        Place of the stream; -1 where a path has no row. With `container` and `weight` it may be
        empty, to count only.

    Returns
    -------
    int
        Number of paths.
    """
    columns = course.dim_of.size
    values, flags, low, high = data.values, data.marks, data.low, data.high
    dim_of, anchor, repeats, same = course.dim_of, course.anchor, course.repeats, course.same_event
    base, offsets, members, anchored = course.base, course.offsets, course.members, course.anchored
    lists, sizes, found, at, here, _ = room_for(data, columns, widest)
    none, last = anchored[:0], np.array([_farthest(anchor, s, wanted, ends) for s in (1, -1)])
    n = 0
    for c in range(low.size):
        read_container(values, low[c], high[c], repeats, lists, sizes)
        anchors = anchors_of(flags, low[c], high[c], values, lists, sizes, course, found)
        for t in range(anchors):
            walk(found[t], lists, sizes, dim_of, anchor, same, at)
            views, _ = anchor_slots(
                values, at, dim_of, anchor, base, offsets, members, anchored, slot, here
            )
            if dim_of[anchor] >= 0 and wanted[anchor]:
                views = here[0, :views].sum()
            for side in (1, -1):
                k = anchor
                while views and k != last[(1 - side) // 2]:
                    k += side
                    if at[SPOT, k] < 0 or ends[k]:
                        views *= ends[k] and at[SPOT, k] == ENDED
                        break
                    j = dim_of[k]
                    reached, _ = slots_at(
                        values[j, at[WHERE, k]], k, base[j], offsets, members, none, slot, here, 0
                    )
                    views *= here[0, :reached].sum() if wanted[k] else reached
            if views == 0:
                continue
            if weight.size:
                container[n], weight[n] = c, views
                _cut_hidden(values, at, dim_of, anchor, base, offsets, members, none, slot, here)
                for i in range(asked.size):
                    place = at[WHERE, asked[i]]
                    places[n, i] = place + data.base if place >= 0 else -1
            n += 1
    return n


@njit(nogil=True, cache=True)
def _cut_hidden(values, at, dim_of, anchor, base, offsets, members, none, slot, here):
    """Forget the rows of a path that lie beyond what a filter hides."""
    for side in (1, -1):
        k, gone = anchor + side, False
        while 0 <= k < dim_of.size and at[SPOT, k] >= 0:
            j = dim_of[k]
            if not gone:
                value = values[j, at[WHERE, k]]
                seen, _ = slots_at(value, k, base[j], offsets, members, none, slot, here, 0)
                gone = seen == 0
            if gone:
                at[WHERE, k] = -1
            k += side


@njit(nogil=True, cache=True)
def _farthest(anchor, side, wanted, ends):
    """The outermost column of one side in which something is asked of a path."""
    far, k = anchor, anchor + side
    while 0 <= k < wanted.size:
        if wanted[k] or ends[k]:
            far = k
        k += side
    return far
