"""The compiled pass that counts nodes and links, with people and gaps on the way.

Fields of tuples are read once, before the loops: reading one costs as much as a step of a path.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from workbench.engine.layout import NO_SEQUENCE
from workbench.engine.paths.kernels import room_for
from workbench.engine.paths.spread import FAR, NEAR, OF, WEIGHT, spread
from workbench.engine.paths.sums import (
    ANCHORED,
    EQUAL,
    HIDDEN,
    JOINED,
    START_SQUARES,
    TOO_MANY,
    UNDECIDED,
)
from workbench.engine.paths.walk import WHERE, anchors_of, read_container, walk


class Beside(NamedTuple):
    """What is found on the way.

    Attributes
    ----------
    numbers : unsigned integer array
        Number of the person at each place of the stream among those of its container, from 1 on;
        0 for none. Empty where people are not counted.
    words : int
        Words of 64 bits that the persons of one container need.
    persons : int64 array, shape (nodes + links,)
        Receives distinct persons, each in one container.
    links : int32 array
        Receives the link of each pair of rows, as far as there is room.
    gaps : int64 array
        Receives the microseconds between them.
    """

    numbers: np.ndarray
    words: int
    persons: np.ndarray
    links: np.ndarray
    gaps: np.ndarray


@njit(nogil=True, cache=True)
def _ends_of(columns, slots):
    """Column of each node, for an end counted on from the columns; left node of each link."""
    column = np.empty(columns * slots, np.int32)
    for of in range(column.size):
        column[of] = of // slots + (columns if of % slots == slots - 1 else 0)
    left = np.empty((columns - 1) * slots * slots, np.int32)
    for link in range(left.size):
        left[link] = link // slots
    return column, left


@njit(nogil=True, cache=True)
def _flushed(now, touched, number, nodes, left, sums, starts):
    """Add the path views of one container to the sums and forget them."""
    views_of, containers, squares = sums.views, sums.containers, sums.squares
    with_start, with_left = sums.with_start, sums.with_left
    for i in range(number):
        of = touched[i]
        views = now[of]
        views_of[of] += views
        containers[of] += 1
        squares[of] += views * views
        with_start[of] += views * starts
        if of >= nodes:
            with_left[of - nodes] += views * now[left[of - nodes]]
    for i in range(number):
        now[touched[i]] = 0


@njit(nogil=True, cache=True)
def bits_of(word):
    """Number of bits that are set."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    pairs = np.uint64(0x3333333333333333)
    word = (word & pairs) + ((word >> np.uint64(2)) & pairs)
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit(nogil=True, cache=True)
def _met_people(seen, touched, number, words, persons):
    """Add the distinct people of one container and forget them."""
    for i in range(number):
        of = touched[i]
        for w in range(words):
            if seen[of, w]:
                persons[of] += bits_of(seen[of, w])
                seen[of, w] = np.uint64(0)


@njit(nogil=True, cache=True)
def undecided(a, b, sequence):
    """Whether nothing but a stable order says which of two rows of one time comes first."""
    if not sequence.size:
        return True
    first, second = sequence[a], sequence[b]
    return first in (second, NO_SEQUENCE) or second == NO_SEQUENCE


@njit(nogil=True, cache=True)
def count(data, course, slot, slots, widest, sums, beside):
    """Add up nodes and links over a slice of containers.

    Parameters
    ----------
    data : Rows
    course : Course
    slot : int32 array, shape (columns, items)
        Slot of each item in each column; -1 where a filter hides it.
    slots : int
        Slots of a column; the last one is for paths that end.
    widest : int
        Most items on one row.
    sums : Sums
    beside : Beside
    """
    columns = course.dim_of.size
    nodes = columns * slots
    values, flags, low, high = data.values, data.marks, data.low, data.high
    rows, first, times, sequence, cuts = data.rows, data.base, data.times, data.sequence, data.cut
    dim_of, anchor, repeats, same = course.dim_of, course.anchor, course.repeats, course.same_event
    base, offsets, members, anchored = course.base, course.offsets, course.members, course.anchored
    hidden, joined, reached, totals = sums.hidden, sums.joined, sums.reached, sums.totals
    rows_of, cut, size = sums.rows, sums.cut, sums.views.size
    numbers, words, persons = beside.numbers, beside.words, beside.persons
    pair_link, pair_gap, pairs = beside.links, beside.gaps, 0
    lists, sizes, found, at, here, marks = room_for(data, columns, widest)
    column, left = _ends_of(columns, slots)
    now, touched = np.zeros(size, np.int64), np.empty(size, np.int64)
    with_people = numbers.size > 0
    seen = np.zeros((size if with_people else 0, words), np.uint64)
    row_at, time_at, who_at = np.empty((3, columns), np.int64)
    last_row, last_in = np.full(nodes, -1, np.int64), np.full(columns, -1, np.int64)
    by_event = dim_of[anchor] < 0
    for c in range(low.size):
        start, end = low[c], high[c]
        anchors = 1
        if by_event:
            anchors = anchors_of(flags, start, end, values, lists, sizes, course, found)
        if anchors:
            read_container(values, start, end, repeats, lists, sizes)
        if not by_event:
            anchors = anchors_of(flags, start, end, values, lists, sizes, course, found)
        n, starts = 0, 0
        for t in range(anchors):
            walk(found[t], lists, sizes, dim_of, anchor, same, at)
            number = spread(
                values, at, dim_of, anchor, base, offsets, members, anchored,
                slot, slots, True, here, marks,
            )  # fmt: skip
            if number < 0:
                totals[TOO_MANY] = 1
                return
            for k in range(columns):
                if at[WHERE, k] < 0:
                    continue
                row = at[WHERE, k] + first
                row = rows[row] if rows.size else row
                row_at[k], time_at[k], who_at[k] = row, times[row], -1
                if with_people:
                    who_at[k] = np.int64(numbers[at[WHERE, k] + first]) - 1
            for i in range(number):
                of, weight, near, far = (
                    marks[OF, i],
                    marks[WEIGHT, i],
                    marks[NEAR, i],
                    marks[FAR, i],
                )
                if of < 0:
                    if of == -1 - 2 * nodes:
                        totals[HIDDEN] += weight
                    else:
                        hidden[(-1 - of) // nodes, (-1 - of) % nodes] += weight
                    continue
                if now[of] == 0:
                    touched[n] = of
                    n += 1
                now[of] += weight
                if with_people:
                    if who_at[near] >= 0:
                        seen[of, who_at[near] >> 6] |= np.uint64(1) << np.uint64(who_at[near] & 63)
                    if far >= 0 and who_at[far] >= 0:
                        seen[of, who_at[far] >> 6] |= np.uint64(1) << np.uint64(who_at[far] & 63)
                if of >= nodes:
                    if far < 0:
                        continue
                    joined[of - nodes] += 1
                    gap = abs(time_at[far] - time_at[near])
                    if pairs < pair_link.size:
                        pair_link[pairs], pair_gap[pairs] = of - nodes, gap
                    pairs += 1
                    if gap == 0 and row_at[near] != row_at[far]:
                        totals[EQUAL] += 1
                        totals[UNDECIDED] += undecided(row_at[near], row_at[far], sequence)
                    continue
                k = column[of]
                if k >= columns:
                    k -= columns
                    if cuts.size and cuts[1 if k > anchor else 0, dim_of[k], c]:
                        cut[k] += weight
                    continue
                starts += weight if k == anchor else 0
                if last_in[k] != c:
                    last_in[k] = c
                    reached[k] += 1
                if last_row[of] != at[WHERE, near]:
                    last_row[of] = at[WHERE, near]
                    rows_of[of] += 1
        if n:
            totals[ANCHORED] += starts > 0
            totals[START_SQUARES] += starts * starts
            _flushed(now, touched, n, nodes, left, sums, starts)
            if with_people:
                _met_people(seen, touched, n, words, persons)
    totals[JOINED] += pairs


@njit(nogil=True, cache=True)
def by_link(links, gaps, joined):
    """Gaps of pairs of rows in the order of their links, as many a link as were joined."""
    filled = np.empty(joined.size, np.int64)
    total = 0
    for link in range(joined.size):
        filled[link] = total
        total += joined[link]
    out = np.empty(total, np.int64)
    for i in range(total):
        out[filled[links[i]]] = gaps[i]
        filled[links[i]] += 1
    return out


@njit(nogil=True, cache=True)
def number_people(people, rows, offsets, known, numbers):
    """Number the persons of each container, in the order in which they are met.

    Parameters
    ----------
    people : uint32 array
        Person on every row of the store; codes from `known` on mean none.
    rows, offsets : int64 arrays
        As in `Stream`.
    numbers : uint32 array
        Receives the number at each place of the stream, from 1 on; 0 for none.

    Returns
    -------
    shared : bool
        Whether a person has rows in several containers.
    most : int
        Most persons of one container.
    """
    owner, number = np.full(known, -1, np.int64), np.zeros(known, np.uint32)
    shared, most = False, 0
    for c in range(offsets.size - 1):
        met = 0
        for p in range(offsets[c], offsets[c + 1]):
            person = people[rows[p] if rows.size else p]
            if person >= known:
                numbers[p] = 0
                continue
            if owner[person] != c:
                shared |= owner[person] >= 0
                owner[person] = c
                met += 1
                number[person] = met
            numbers[p] = number[person]
        most = max(most, met)
    return shared, most
