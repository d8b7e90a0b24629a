"""Compiled walking of sequences whose steps are rows or whole containers, under any limits.

As in `workbench.engine.matching.steps`, rows with equal times and no order between them form one
group, and every reached group of a step keeps the latest possible beginning of a chain. Containers
reach a step where they begin and hand it on where they end, so a later reach may have an earlier
beginning: the latest beginning inside the window of admissible predecessors is kept in a queue
whose both ends only move forward. Each container is read once, and only rows that some step or
exclusion asks for are looked at twice.

Source: journeys-attribution-and-segments.md, B2; journeys-fallout.md, 0.2 and 0.3.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.engine.months import months_later
from workbench.engine.sequences.rules import (
    EVENTS,
    NOWHERE,
    TIME,
    UNLIMITED,
    close_exclusions,
    further_far_enough,
    further_too_far,
    last_of_all,
    touching,
)
from workbench.engine.sequences.ties import distinct_rows, group_around

OLDEST, NEWEST, HEAD, TAIL = range(4)
TOO_SHORT = -1
END, FIRST, LAST, START = range(4)


@njit(nogil=True, cache=True)
def walked(codes, bits_of, times, sequence, rows, low, high, first_container, chain, items, clock):
    """How far each container gets, and where its occurrences begin and end.

    Returns
    -------
    depth : numpy.ndarray of int8
        Steps reached.
    first_end, last_start : numpy.ndarray of int64
        Place of the group in which the earliest complete match ends and the latest one begins;
        `NOWHERE` without one.
    excluded_at : numpy.ndarray of int64
        Place of the last group after whose beginning what must not follow has occurred.
    """
    slots = chain.slots
    depth = np.zeros(low.size, np.int8)
    first_end = np.full(low.size, NOWHERE, np.int64)
    last_start = np.full(low.size, NOWHERE, np.int64)
    excluded_at = np.full(low.size, NOWHERE, np.int64)
    # Of each record: time, first and last place of the group in which the step ends, and first
    # place of the group in which its chain begins.
    records = np.empty((slots, 32, 4), np.int64)
    queue = np.empty((slots, 32), np.int64)
    count = np.zeros(slots, np.int64)
    seen = np.empty(64, np.int64)
    most_items = 1
    for c in range(low.size):
        of = items.of[first_container + c], items.of[first_container + c + 1]
        most_items = max(most_items, of[1] - of[0])
    started = np.empty((most_items, slots), np.int64)
    spare = np.empty((6, slots), np.int64)
    window = np.empty((slots, 4), np.int64)
    of_group = np.empty((3, 64), np.int64)
    for c in range(low.size):
        # Arrays that were bound anew inside the walk would cost more than the walk itself.
        while True:
            depth[c] = _walk_one(
                codes, bits_of, times, sequence, rows, low[c], high[c], first_container + c, chain,
                items, clock, records, queue, count, window, seen, started, spare, of_group,
            )  # fmt: skip
            if depth[c] != TOO_SHORT:
                break
            records, queue, of_group = _longer(records, queue, of_group)
        if chain.after_bits:
            excluded_at[c] = last_of_all(chain.after_bits, seen)
        for n in range(count[slots - 1]):
            if chain.after_last and records[slots - 1, n, FIRST] < excluded_at[c]:
                continue
            if first_end[c] == NOWHERE:
                first_end[c] = records[slots - 1, n, FIRST]
            last_start[c] = max(last_start[c], records[slots - 1, n, START])
    return depth, first_end, last_start, excluded_at


@njit(nogil=True, cache=True)
def _walk_one(
    codes, bits_of, times, sequence, rows, low, high, container, chain, items, clock, records,
    queue, count, window, seen, started, spare, of_group,
):  # fmt: skip
    """Walk one container; `TOO_SHORT` when records or groups have no room for it."""
    slots, least, most, further_of = chain.slots, chain.least, chain.most, chain.further_of
    total, total_months = chain.total, chain.total_months
    item_first, item_last, item_bits = items.first, items.last, items.bits
    by_last, base, items_end = items.by_last, items.of[container], items.of[container + 1]
    entered, entered_at, pending, blocked = spare[0], spare[1], spare[2], spare[3]
    owner, via, group = of_group[0], of_group[1], of_group[2]
    room = records.shape[1]
    one = np.uint64(1)
    row_mask = (one << np.uint64(slots)) - one
    permuted, numbered = rows.size > 0, sequence.size > 0
    count[:] = 0
    window[:] = 0
    seen[:] = NOWHERE
    blocked[:] = NOWHERE
    entered_at[:] = NOWHERE
    depth = 0
    a = b = base
    next_item = item_first[a] if a < items_end else high
    j = low
    while j < high:
        i = j
        row = rows[i] if permuted else i
        bits = bits_of[codes[row]]
        if bits == 0 and i < next_item:
            j = i + 1
            continue
        time, mixed = times[row], False
        j = i + 1
        if (i > low and times[rows[i - 1] if permuted else i - 1] == time) or (
            j < high and times[rows[j] if permuted else j] == time
        ):
            i, j = group_around(times, sequence, rows, i, low, high)
            bits = np.uint64(0)
            for place in range(i, j):
                bits |= bits_of[codes[rows[place] if permuted else place]]
            if numbered:
                last = rows[j - 1] if permuted else j - 1
                mixed = sequence[rows[i] if permuted else i] != sequence[last]
        while a < items_end and item_first[a] < j:
            started[a - base, :] = NOWHERE
            for k in range(slots):
                if (item_bits[a] >> np.uint64(k)) & one:
                    started[a - base, k] = _entered(
                        k, i, j, time, records, queue, count, window, blocked, entered,
                        entered_at, least, most, further_of, total, total_months, times, rows,
                        chain, clock,
                    )  # fmt: skip
            a += 1
        if bits & row_mask:
            pending[:] = NOWHERE
            distinct = (chain.overlapping or mixed) and j - i > 1
            if distinct:
                if j - i > owner.size:
                    return TOO_SHORT
                for place in range(i, j):
                    group[place - i] = rows[place] if permuted else place
            for k in range(slots):
                if not (bits >> np.uint64(k)) & one:
                    continue
                for s in range(k, -1, -1):
                    if s < k:
                        if not (bits >> np.uint64(s)) & one or not touching(s + 1, j - i, chain):
                            break
                        if j - i == 1 or (
                            distinct
                            and not distinct_rows(
                                codes, bits_of, sequence, group, j - i, s, k, owner, via, spare[4],
                                spare[5],
                            )
                        ):  # fmt: skip
                            break
                    at = _entered(
                        s, i, j, time, records, queue, count, window, blocked, entered,
                        entered_at, least, most, further_of, total, total_months, times, rows,
                        chain, clock,
                    )  # fmt: skip
                    pending[k] = max(pending[k], at)
            for k in range(slots):
                if pending[k] != NOWHERE:
                    if count[k] == room:
                        return TOO_SHORT
                    _keep(records, count, k, time, i, j - 1, pending[k])
                    depth = max(depth, k + 1)
        while b < items_end and item_last[by_last[b]] < j:
            item = by_last[b]
            b += 1
            for k in range(slots):
                start = started[item - base, k]
                if start == NOWHERE or _too_long(
                    start, time, total, total_months, times, rows, clock
                ):
                    continue
                if count[k] == room:
                    return TOO_SHORT
                _keep(records, count, k, time, i, j - 1, start)
                depth = max(depth, k + 1)
        next_item = item_first[a] if a < items_end else high
        if b < items_end:
            next_item = min(next_item, item_last[by_last[b]])
        if bits & ~row_mask:
            close_exclusions(bits, i, chain, seen, blocked)
        if chain.one_is_enough and depth == slots:
            break
    return depth


@njit(nogil=True, cache=True)
def _too_long(start, time, total, total_months, times, rows, clock):
    """Whether a chain that begins at a place may not last until a time."""
    begun = times[rows[start] if rows.size else start]
    if time - begun > total:
        return True
    return total_months >= 0 and time > months_later(begun, total_months, clock)


@njit(nogil=True, cache=True)
def _longer(records, queue, of_group):
    """Room for twice as many records and rows of one group."""
    slots, size = queue.shape
    return (
        np.empty((slots, 2 * size, 4), np.int64),
        np.empty((slots, 2 * size), np.int64),
        np.empty((3, 2 * of_group.shape[1]), np.int64),
    )


@njit(nogil=True, cache=True, inline="always")
def _keep(records, count, k, time, first, last, start):
    at = count[k]
    records[k, at, END], records[k, at, FIRST] = time, first
    records[k, at, LAST], records[k, at, START] = last, start
    count[k] = at + 1


@njit(nogil=True, cache=True, inline="always")
def _entered(
    k, i, j, time, records, queue, count, window, blocked, entered, entered_at, least, most,
    further_of, total, total_months, times, rows, chain, clock,
):  # fmt: skip
    """Latest beginning of a chain that enters group [i, j) with step k; `NOWHERE` for none."""
    if entered_at[k] != i:
        entered_at[k] = i
        if k == 0:
            found = i if blocked[0] == NOWHERE else NOWHERE
        else:
            found = _latest(
                k, i, j, time, records, queue, count, window, blocked, least, most, further_of,
                chain, clock,
            )  # fmt: skip
            limited = total != UNLIMITED or total_months >= 0
            if limited and found != NOWHERE:
                late = _too_long(found, time, total, total_months, times, rows, clock)
                found = NOWHERE if late else found
        entered[k] = found
    return entered[k]


@njit(nogil=True, cache=True, inline="always")
def _latest(
    k, i, j, time, records, queue, count, window, blocked, least, most, further_of, chain, clock
):
    """Latest beginning among the records of step k - 1 whose distance to the group is allowed."""
    size, further = count[k - 1], further_of[k + 1] > further_of[k]
    oldest, newest = window[k, OLDEST], window[k, NEWEST]
    head, tail = window[k, HEAD], window[k, TAIL]
    while oldest < size:
        if (
            records[k - 1, oldest, FIRST] >= blocked[k]
            and time - records[k - 1, oldest, END] <= most[k, TIME]
            and i - records[k - 1, oldest, LAST] <= most[k, EVENTS]
            and not (
                further
                and further_too_far(
                    k,
                    records[k - 1, oldest, END],
                    records[k - 1, oldest, LAST],
                    j - 1,
                    time,
                    chain,
                    clock,
                )
            )
        ):
            break
        oldest += 1
    while newest < size:
        if (
            time - records[k - 1, newest, END] < least[k, TIME]
            or j - 1 - records[k - 1, newest, FIRST] < least[k, EVENTS]
            or (
                further
                and not further_far_enough(
                    k,
                    records[k - 1, newest, END],
                    records[k - 1, newest, LAST],
                    j - 1,
                    time,
                    chain,
                    clock,
                )
            )
        ):
            break
        while (
            tail > head
            and records[k - 1, queue[k, tail - 1], START] <= records[k - 1, newest, START]
        ):
            tail -= 1
        queue[k, tail] = newest
        tail += 1
        newest += 1
    while head < tail and queue[k, head] < oldest:
        head += 1
    window[k, OLDEST], window[k, NEWEST], window[k, HEAD], window[k, TAIL] = (
        oldest, newest, head, tail,
    )  # fmt: skip
    return records[k - 1, queue[k, head], START] if head < tail else np.int64(NOWHERE)
