"""Compiled sums over the paths of a slice of containers, and the rows behind chosen ones."""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.engine.layout import NO_SEQUENCE
from workbench.engine.paths_spread import room, spread
from workbench.engine.paths_sums import (
    ANCHORED,
    EQUAL,
    HIDDEN,
    JOINED,
    START_SQUARES,
    TOO_MANY,
    UNDECIDED,
)
from workbench.engine.paths_walk import (
    ENDED,
    anchors_of,
    begin,
    new_lists,
    read_container,
    slots_at,
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
    lists = new_lists(data.values.shape[0], data.longest)
    found = np.empty(data.longest, np.int64)
    spot, where = np.empty(columns, np.int64), np.empty(columns, np.int64)
    here, marks = np.empty((3, widest), np.int64), room(columns, widest)
    seen = np.full(slot.size if by_container else 0, -1, np.int32)
    flat = counts.ravel()
    for c in range(data.low.size):
        start, end = data.low[c], data.high[c]
        read_container(data.values, start, end, course.repeats, lists)
        for t in range(anchors_of(data.marks, start, end, data.values, lists, course, found)):
            number = spread(
                found[t], lists, data, course, slot, slots, False, spot, where, here, marks
            )
            if number < 0:
                return False
            for i in range(number):
                of = marks.of[i]
                if not by_container:
                    flat[of] += marks.weight[i]
                elif seen[of] != c:
                    seen[of] = c
                    flat[of] += 1
    return True


@njit(nogil=True, cache=True)
def _flushed(now, touched, number, columns, slots, sums, starts):
    """Add the path views of one container to the sums and forget them."""
    nodes = columns * slots
    for i in range(number):
        of = touched[i]
        views = now[of]
        sums.views[of] += views
        sums.containers[of] += 1
        sums.squares[of] += views * views
        sums.with_start[of] += views * starts
        if of >= nodes:
            link = of - nodes
            left = link // slots
            right = (left // slots + 1) * slots + link % slots
            sums.with_left[link] += views * now[left]
            sums.with_right[link] += views * now[right]
    for i in range(number):
        now[touched[i]] = 0


@njit(nogil=True, cache=True)
def _order(a, b, data, totals):
    """Count a pair of rows, and whether their times are equal and nothing else decides."""
    totals[JOINED] += 1
    a, b = a + data.base, b + data.base
    if data.rows.size:
        a, b = data.rows[a], data.rows[b]
    if a == b or data.times[a] != data.times[b]:
        return
    totals[EQUAL] += 1
    if data.sequence.size:
        first, second = data.sequence[a], data.sequence[b]
        if first != second and first != NO_SEQUENCE and second != NO_SEQUENCE:
            return
    totals[UNDECIDED] += 1


@njit(nogil=True, cache=True)
def count(data, course, slot, slots, widest, sums):
    """Add up nodes and links over a slice of containers.

    Parameters
    ----------
    slot : int32 array, shape (columns, items)
        Slot of each item in each column; -1 where a filter hides it.
    slots : int
        Slots of a column; the last one is for paths that end.
    sums : Sums
    """
    columns, anchor = course.dim_of.size, course.anchor
    nodes = columns * slots
    lists = new_lists(data.values.shape[0], data.longest)
    found = np.empty(data.longest, np.int64)
    spot, where = np.empty(columns, np.int64), np.empty(columns, np.int64)
    here, marks = np.empty((3, widest), np.int64), room(columns, widest)
    now, touched = np.zeros(sums.views.size, np.int64), np.empty(sums.views.size, np.int64)
    last_row, last_in = np.full(nodes, -1, np.int64), np.full(columns, -1, np.int64)
    for c in range(data.low.size):
        start, end = data.low[c], data.high[c]
        read_container(data.values, start, end, course.repeats, lists)
        n, starts = 0, 0
        for t in range(anchors_of(data.marks, start, end, data.values, lists, course, found)):
            number = spread(
                found[t], lists, data, course, slot, slots, True, spot, where, here, marks
            )
            if number < 0:
                sums.totals[TOO_MANY] = 1
                return
            for i in range(number):
                of, weight = marks.of[i], marks.weight[i]
                if of < 0:
                    if of == -1 - 2 * nodes:
                        sums.totals[HIDDEN] += weight
                    else:
                        sums.hidden[(-1 - of) // nodes, (-1 - of) % nodes] += weight
                    continue
                if now[of] == 0:
                    touched[n] = of
                    n += 1
                now[of] += weight
                if of >= nodes:
                    if marks.far[i] >= 0:
                        sums.joined[of - nodes] += 1
                        _order(marks.near[i], marks.far[i], data, sums.totals)
                    continue
                k = of // slots
                starts += weight if k == anchor else 0
                if of % slots == slots - 1:
                    side = 1 if k > anchor else 0
                    if data.cut.size and data.cut[side, course.dim_of[k], c]:
                        sums.cut[k] += weight
                    continue
                if last_in[k] != c:
                    last_in[k] = c
                    sums.reached[k] += 1
                if last_row[of] != marks.near[i]:
                    last_row[of] = marks.near[i]
                    sums.rows[of] += 1
        if n:
            sums.totals[ANCHORED] += starts > 0
            sums.totals[START_SQUARES] += starts * starts
            _flushed(now, touched, n, columns, slots, sums, starts)


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
    lists = new_lists(data.values.shape[0], data.longest)
    found = np.empty(data.longest, np.int64)
    spot, where = np.empty(columns, np.int64), np.empty(columns, np.int64)
    here, marks = np.empty((3, widest), np.int64), room(columns, widest)
    for c in range(data.low.size):
        start, end = data.low[c], data.high[c]
        read_container(data.values, start, end, course.repeats, lists)
        for t in range(anchors_of(data.marks, start, end, data.values, lists, course, found)):
            number = spread(
                found[t], lists, data, course, slot, slots, True, spot, where, here, marks
            )
            for i in range(number):
                of = marks.of[i]
                if of < 0:
                    continue
                near, far = marks.near[i] + data.base, marks.far[i]
                far = far + data.base if far >= 0 else near
                if data.rows.size:
                    near, far = data.rows[near], data.rows[far]
                g, b = gap_of[of], bit_of[of]
                if g >= 0 and marks.far[i] >= 0:
                    gaps[filled[g]] = abs(data.times[far] - data.times[near])
                    filled[g] += 1
                if b >= 0 and people.size:
                    for row in (near, far):
                        person = np.int64(people[row])
                        if first <= person < last:
                            at = person - first
                            bits[b, at >> 3] |= np.uint8(1 << (at & 7))


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
    columns, anchor = course.dim_of.size, course.anchor
    lists = new_lists(data.values.shape[0], data.longest)
    found = np.empty(data.longest, np.int64)
    spot, where = np.empty(columns, np.int64), np.empty(columns, np.int64)
    here, row = np.empty(widest, np.int64), np.empty(columns, np.int64)
    n = 0
    for c in range(data.low.size):
        start, end = data.low[c], data.high[c]
        read_container(data.values, start, end, course.repeats, lists)
        for t in range(anchors_of(data.marks, start, end, data.values, lists, course, found)):
            began, _ = begin(found[t], lists, data.values, course, slot, spot, where, here)
            views = began
            if course.dim_of[anchor] >= 0 and wanted[anchor]:
                views = here[:began].sum()
            for side in (1, -1):
                far = _farthest(anchor, side, wanted, ends)
                k = anchor
                while views and k != far:
                    k += side
                    if spot[k] < 0 or ends[k]:
                        views *= ends[k] and spot[k] == ENDED
                        break
                    value = data.values[course.dim_of[k], where[k]]
                    reached, _ = slots_at(value, k, course, slot, here)
                    views *= here[:reached].sum() if wanted[k] else reached
            if views == 0:
                continue
            if weight.size:
                container[n], weight[n] = c, views
                _write_places(data, course, slot, spot, where, here, row)
                for i in range(asked.size):
                    places[n, i] = row[asked[i]]
            n += 1
    return n


@njit(nogil=True, cache=True)
def _write_places(data, course, slot, spot, where, here, out):
    """Places of one path in the stream, up to where it ends or a filter hides it."""
    out[:] = -1
    out[course.anchor] = where[course.anchor] + data.base
    for side in (1, -1):
        k = course.anchor + side
        while 0 <= k < out.size and spot[k] >= 0:
            value = data.values[course.dim_of[k], where[k]]
            if slots_at(value, k, course, slot, here)[0] == 0:
                break
            out[k] = where[k] + data.base
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
