"""The pass of `paths_count` for one dimension with one value a row: containers are swept.

Columns before the anchor are found on a sweep from the first row on, columns after it on a sweep
from the last row back: the runs that were met are the path. It counts the same several times as
fast. Fields of tuples are read once, before the loops: reading one costs as much as a step.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.engine.paths.count import bits_of, undecided
from workbench.engine.paths.sums import (
    ANCHORED,
    EQUAL,
    HIDDEN,
    JOINED,
    START_SQUARES,
    UNDECIDED,
)
from workbench.engine.paths.walk import FIRST, LAST, NOT_SET

NONE, ONE, SIX, LOW_SIX = np.uint64(0), np.uint64(1), np.uint64(6), np.uint64(63)
FAR_OFF = np.uint64(2**64 - 1)


@njit(nogil=True, cache=True)
def _anchors(marks, values, start, end, anchored, repeats, limit, found):
    """Places of the anchors of a container; how many there are."""
    n, last = 0, NOT_SET
    for p in range(start, end):
        if marks.size:
            found[n] = p
            n += marks[p]
        else:
            value = values[p]
            if value == NOT_SET:
                continue
            if (repeats or value != last) and anchored[value]:
                found[n] = p
                n += 1
            last = value
        if n and limit == FIRST:
            return 1
    if limit == LAST and n > 1:
        found[0] = found[n - 1]
        return 1
    return n


@njit(nogil=True, cache=True)
def sweep_tally(data, course, slot, by_container, counts):
    """As `workbench.engine.paths.kernels.tally`, for what `sweep` counts.

    Parameters
    ----------
    data : Rows
    course : Course
    slot : int32 array, shape (columns, items)
        The item itself; -1 where a filter hides it.
    by_container : bool
    counts : int64 array, shape (columns, items)
    """
    columns, anchor, by_event = slot.shape[0], course.anchor, course.dim_of[course.anchor] < 0
    values, flags, low, high = data.values[0], data.marks, data.low, data.high
    repeats, anchored, limit = course.repeats[0], course.anchored, course.limit
    found, runs = np.empty(data.longest, np.int64), np.empty(data.longest, np.int32)
    seen = np.full(slot.shape if by_container else (0, 0), -1, np.int32)
    for c in range(low.size):
        anchors = _anchors(flags, values, low[c], high[c], anchored, repeats, limit, found)
        if anchors == 0:
            continue
        for side in (-1, 1):
            edge = columns - 1 if side > 0 else 0
            if edge == anchor and side < 0:
                continue
            p, r, last = (low[c] if side < 0 else high[c] - 1), -1, NOT_SET
            for t in range(anchors):
                place = found[t] if side < 0 else found[anchors - 1 - t]
                while p != place and edge != anchor:
                    value = values[p]
                    if value != NOT_SET:
                        r += repeats | (value != last)
                        runs[r] = last = value
                    p -= side
                k, step, here = anchor, r, np.int32(0)
                if not by_event:
                    here = slot[anchor, values[place]]
                    step -= r >= 0 and not repeats and last == values[place]
                while here >= 0:
                    if k == anchor and side < 0:
                        pass
                    elif not by_container:
                        counts[k, here] += 1
                    elif seen[k, here] != c:
                        seen[k, here] = c
                        counts[k, here] += 1
                    if k == edge or step < 0:
                        break
                    k += side
                    here = slot[k, runs[step]]
                    step -= 1


@njit(nogil=True, cache=True)
def _nodes_of(columns, slots, anchor):
    """Left node of each link, its node away from the anchor, and the column of each node."""
    left = np.empty((columns - 1) * slots * slots, np.uint32)
    far = np.empty(left.size, np.uint32)
    for link in range(left.size):
        left[link] = link // slots
        right = (link // slots // slots + 1) * slots + link % slots
        far[link] = right if right // slots > anchor else left[link]
    column = np.empty(columns * slots, np.int32)
    for of in range(column.size):
        column[of] = of // slots if of % slots < slots - 1 else -1
    return left, far, column


@njit(nogil=True, cache=True)
def _gathered(links, linked, n, nodes, noded, m, far, column, words):
    """Path views and people of the nodes of one container, from those of its links.

    Returns
    -------
    int
        How many nodes were reached, the first `m` of them anchors.
    """
    for i in range(n):
        link = linked[i]
        of = far[link]
        if nodes[of, NONE] == 0:
            noded[m] = of
            m += 1
        nodes[of, NONE] += links[link, NONE]
        # nobody stands at an end: it has the people of the last row before it
        side = np.uint64(1 + words if column[of] >= 0 else 1)
        for w in range(np.uint64(words)):
            nodes[of, ONE + w] |= links[link, side + w]
    return m


@njit(nogil=True, cache=True)
def _flushed(links, linked, n, nodes, noded, m, left, column, arrived, starts, sums, beside):
    """Add nodes and links of one container to the sums and forget them."""
    views, containers, squares = sums.views, sums.containers, sums.squares
    with_start, with_left, reached = sums.with_start, sums.with_left, sums.reached
    persons, words = beside.persons, beside.words
    counted, others = np.uint64(words if persons.size else 0), np.uint64(words)
    begin = np.uint64(column.size)
    for i in range(n):
        link = np.uint64(linked[i])
        of, value = begin + link, np.int64(links[link, NONE])
        views[of] += value
        containers[of] += 1
        squares[of] += value * value
        with_start[of] += value * starts
        with_left[link] += value * np.int64(nodes[left[link], NONE])
        links[link, NONE] = NONE
        for w in range(ONE, ONE + counted):
            persons[of] += bits_of(links[link, w] | links[link, others + w])
            links[link, w] = links[link, others + w] = NONE
    for i in range(m):
        of = noded[i]
        value, k = np.int64(nodes[of, NONE]), column[of]
        views[of] += value
        containers[of] += 1
        squares[of] += value * value
        with_start[of] += value * starts
        nodes[of, NONE] = NONE
        for w in range(ONE, ONE + counted):
            persons[of] += bits_of(nodes[of, w])
            nodes[of, w] = NONE
        if k >= 0 and not arrived[k]:
            arrived[k] = True
            reached[k] += 1
    for i in range(m):
        arrived[max(0, column[noded[i]])] = False


@njit(nogil=True, cache=True)
def _joined(sums, slots):
    """Every path view of a link that does not end joins two rows."""
    views, joined, nodes = sums.views, sums.joined, sums.rows.size
    for link in range(joined.size):
        ends = link % slots == slots - 1 or link // slots % slots == slots - 1
        joined[link] = 0 if ends else views[nodes + link]


@njit(nogil=True, cache=True)
def sweep(data, course, slot, slots, sums, beside):
    """Add up nodes and links over a slice of containers.

    Parameters
    ----------
    data : Rows
    course : Course
        With one dimension that holds no lists, and without `same_event`.
    slot : int32 array, shape (columns, items)
        Slot of each item in each column; -1 where a filter hides it.
    slots : int
        Slots of a column; the last one is for paths that end.
    sums : Sums
    beside : Beside
    """
    columns, anchor, ended = course.dim_of.size, course.anchor, slots - 1
    by_event = course.dim_of[course.anchor] < 0
    values, flags, low, high = data.values[0], data.marks, data.low, data.high
    rows, first, times, sequence, cuts = data.rows, data.base, data.times, data.sequence, data.cut
    repeats, anchored, limit = course.repeats[0], course.anchored, course.limit
    hidden, totals, rows_of, cut = sums.hidden, sums.totals, sums.rows, sums.cut
    numbers, words = beside.numbers, beside.words
    pair_link, pair_gap, pairs = beside.links, beside.gaps, NONE
    most_pairs, others, permuted = np.uint64(pair_link.size), np.uint64(1 + words), rows.size > 0
    left, far_of, column = _nodes_of(columns, slots, anchor)
    # Places and runs carry no sign, and runs are counted from one: an index with a sign is asked
    # at every look whether it counts from the end.
    found, run_at = np.empty((2, data.longest + 1), np.uint64)
    run_value = np.empty(data.longest + 1, np.int32)
    # for each link its path views, then the people on its two rows, the anchor's side first
    links = np.zeros((left.size, 1 + 2 * words), np.uint64)
    nodes = np.zeros((column.size, 1 + words), np.uint64)
    linked, noded = np.empty(left.size, np.uint32), np.empty(column.size, np.uint32)
    last_row = np.full(column.size, FAR_OFF, np.uint64)
    begin = np.uint64(first)
    arrived = np.zeros(columns, np.bool_)
    with_people = numbers.size > 0
    for c in range(low.size):
        anchors = _anchors(flags, values, low[c], high[c], anchored, repeats, limit, found)
        if anchors == 0:
            continue
        n = m = starts = 0
        for side in (-1, 1):
            edge = columns - 1 if side > 0 else 0
            if edge == anchor and side < 0:
                continue
            p, r, nearest = np.uint64(low[c] if side < 0 else high[c] - 1), NONE, NONE
            last, back = NOT_SET, np.uint64(side)
            for t in range(anchors):
                place = found[t] if side < 0 else found[anchors - 1 - t]
                while p != place and edge != anchor:
                    value = values[p]
                    if value != NOT_SET:
                        begins = repeats | (value != last)
                        r += np.uint64(begins)
                        # without a branch: where a run begins cannot be foreseen
                        run_at[r] = p if begins | (side > 0) else run_at[r]
                        run_value[r] = last = value
                        nearest = p
                    p -= back
                k, near, step = anchor, np.int64(0), r
                if not by_event:
                    near = np.int64(slot[anchor, values[place]])
                    # what is left of the run of the anchor itself does not follow it
                    step -= np.uint64(r > NONE and not repeats and last == values[place])
                if near < 0:
                    totals[HIDDEN] += side > 0
                    continue
                near_row = place + begin
                near_who = np.uint64(numbers[near_row]) if with_people else NONE
                near_row = np.uint64(rows[near_row]) if permuted else near_row
                near_time = times[near_row]
                if side > 0:
                    of = np.uint64(k * slots + near)
                    if nodes[of, NONE] == 0:
                        noded[m] = of
                        m += 1
                    nodes[of, NONE] += ONE
                    rows_of[of] += 1
                    starts += 1
                    if near_who > NONE:
                        bit = near_who - ONE
                        nodes[of, ONE + (bit >> SIX)] |= ONE << (bit & LOW_SIX)
                while k != edge:
                    far = ended
                    if step > NONE:
                        far = np.int64(slot[k + side, np.uint32(run_value[step])])
                    if far < 0:
                        hidden[1 if side > 0 else 0, k * slots + near] += 1
                        break
                    k += side
                    signed = (k * slots + far) * slots + near
                    if side > 0:
                        signed = ((k - 1) * slots + near) * slots + far
                    link = np.uint64(signed)
                    if links[link, NONE] == 0:
                        linked[n] = link
                        n += 1
                    links[link, NONE] += ONE
                    if near_who > NONE:
                        bit = near_who - ONE
                        links[link, ONE + (bit >> SIX)] |= ONE << (bit & LOW_SIX)
                    if step == NONE:
                        cut[k] += cuts.size > 0 and cuts[1 if side > 0 else 0, 0, c]
                        break
                    place = nearest if by_event and step == r else run_at[step]
                    row = place + begin
                    who = np.uint64(numbers[row]) if with_people else NONE
                    row = np.uint64(rows[row]) if permuted else row
                    time = times[row]
                    if who > NONE:
                        bit = who - ONE
                        links[link, others + (bit >> SIX)] |= ONE << (bit & LOW_SIX)
                    of = np.uint64(k * slots + far)
                    rows_of[of] += last_row[of] != place
                    last_row[of] = place
                    gap = abs(time - near_time)
                    if pairs < most_pairs:
                        pair_link[pairs], pair_gap[pairs] = signed, gap
                    pairs += ONE
                    if gap == 0:
                        totals[EQUAL] += 1
                        totals[UNDECIDED] += undecided(near_row, row, sequence)
                    near, near_time, near_row, near_who = far, time, row, who
                    step -= ONE
        totals[ANCHORED] += starts > 0
        totals[START_SQUARES] += starts * starts
        m = _gathered(links, linked, n, nodes, noded, m, far_of, column, words)
        _flushed(links, linked, n, nodes, noded, m, left, column, arrived, starts, sums, beside)
    totals[JOINED] += np.int64(pairs)
    _joined(sums, slots)
