"""Compiled walking of sequences whose steps are rows or whole containers, under any limits.

As in `workbench.engine.matching`, rows with equal times and no order between them form one group,
and every reached group of a step keeps the latest possible beginning of a chain. Containers reach
a step where they begin and hand it on where they end, so a later reach may have an earlier
beginning: the latest beginning inside the window of admissible predecessors is kept in a queue
whose both ends only move forward. Each container is read once.

Source: journeys-attribution-and-segments.md, B2; journeys-fallout.md, 0.2 and 0.3.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.engine.matching import _assigned, _group_end
from workbench.engine.sequence_rules import (
    NOWHERE,
    blocked_until,
    far_enough,
    short_enough,
    too_far,
    touching,
)


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
    window = np.zeros((slots, 4), np.int64)  # oldest allowed, newest seen, head, tail of the queue
    seen = np.empty(64, np.int64)
    entered = np.empty(slots, np.int64)
    entered_at = np.empty(slots, np.int64)
    pending = np.empty(slots, np.int64)
    base = items.of[first_container]
    size = items.of[first_container + low.size] - base
    started = np.full((size, slots), NOWHERE, np.int64)
    row_of_step = np.empty(slots, np.int64)
    owner, via = np.empty(64, np.int64), np.empty(64, np.int64)
    row_mask = np.uint64((np.uint64(1) << np.uint64(slots)) - np.uint64(1))
    permuted = rows.size > 0
    for c in range(low.size):
        count[:] = 0
        window[:] = 0
        seen[:] = NOWHERE
        entered_at[:] = NOWHERE
        a, b = items.of[first_container + c], items.of[first_container + c]
        items_end = items.of[first_container + c + 1]
        i = low[c]
        while i < high[c]:
            row = rows[i] if permuted else i
            time, bits, j, mixed = times[row], bits_of[codes[row]], i + 1, False
            following = rows[j] if permuted and j < high[c] else j
            if j < high[c] and times[following] == time:
                j, bits, mixed = _group_end(
                    codes, bits_of, times, sequence, rows, i, high[c], time, bits
                )
            begins = a < items_end and items.first[a] < j
            ends = b < items_end and items.last[items.by_last[b]] < j
            if bits == 0 and not begins and not ends:
                i = j
                continue
            while a < items_end and items.first[a] < j:
                for k in range(slots):
                    if (items.bits[a] >> np.uint64(k)) & np.uint64(1):
                        started[a - base, k] = _entered(
                            k,
                            i,
                            j,
                            time,
                            chain,
                            clock,
                            times,
                            rows,
                            records,
                            queue,
                            count,
                            window,
                            seen,
                            entered,
                            entered_at,
                        )
                a += 1
            pending[:] = NOWHERE
            if bits & row_mask:
                if j - i > owner.size:
                    owner, via = np.empty(2 * (j - i), np.int64), np.empty(2 * (j - i), np.int64)
                for k in range(slots):
                    if not (bits >> np.uint64(k)) & np.uint64(1):
                        continue
                    for s in range(k, -1, -1):
                        if s < k:
                            if not (bits >> np.uint64(s)) & np.uint64(1) or not touching(
                                s + 1, j - i, chain
                            ):
                                break
                            if (chain.overlapping or mixed) and not _assigned(
                                codes,
                                bits_of,
                                sequence,
                                mixed,
                                rows,
                                i,
                                j,
                                s,
                                k,
                                owner,
                                via,
                                row_of_step,
                            ):
                                break
                        at = _entered(
                            s,
                            i,
                            j,
                            time,
                            chain,
                            clock,
                            times,
                            rows,
                            records,
                            queue,
                            count,
                            window,
                            seen,
                            entered,
                            entered_at,
                        )
                        pending[k] = max(pending[k], at)
            for k in range(slots):
                if pending[k] != NOWHERE:
                    records, queue = _kept(records, queue, count, k, time, i, j - 1, pending[k])
                    depth[c] = max(depth[c], k + 1)
            while b < items_end and items.last[items.by_last[b]] < j:
                item = items.by_last[b]
                b += 1
                for k in range(slots):
                    start = started[item - base, k]
                    if start == NOWHERE or not short_enough(time, start, chain, clock, times, rows):
                        continue
                    records, queue = _kept(records, queue, count, k, time, i, j - 1, start)
                    depth[c] = max(depth[c], k + 1)
            if bits & ~row_mask:
                for bit in range(slots, 64):
                    if (bits >> np.uint64(bit)) & np.uint64(1):
                        seen[bit] = i
            if chain.one_is_enough and depth[c] == slots:
                break
            i = j
        if chain.after_bits.size:
            excluded_at[c] = seen[chain.after_bits[0]]
            for bit in chain.after_bits:
                excluded_at[c] = min(excluded_at[c], seen[bit])
        for n in range(count[slots - 1]):
            if chain.after_last and records[slots - 1, n, 1] < excluded_at[c]:
                continue
            if first_end[c] == NOWHERE:
                first_end[c] = records[slots - 1, n, 1]
            last_start[c] = max(last_start[c], records[slots - 1, n, 3])
    return depth, first_end, last_start, excluded_at


@njit(nogil=True, cache=True)
def _kept(records, queue, count, k, time, first, last, start):
    """Append a record of step k."""
    if count[k] == records.shape[1]:
        larger = np.empty((records.shape[0], 2 * records.shape[1], 4), np.int64)
        larger[:, : records.shape[1]] = records
        records = larger
        longer = np.empty((queue.shape[0], 2 * queue.shape[1]), np.int64)
        longer[:, : queue.shape[1]] = queue
        queue = longer
    at = count[k]
    records[k, at, 0], records[k, at, 1] = time, first
    records[k, at, 2], records[k, at, 3] = last, start
    count[k] += 1
    return records, queue


@njit(nogil=True, cache=True)
def _entered(
    k,
    i,
    j,
    time,
    chain,
    clock,
    times,
    rows,
    records,
    queue,
    count,
    window,
    seen,
    entered,
    entered_at,
):
    """Latest beginning of a chain that enters group [i, j) with step k; `NOWHERE` for none."""
    if entered_at[k] == i:
        return entered[k]
    entered_at[k] = i
    if k == 0:
        found = i if blocked_until(0, chain, seen) == NOWHERE else NOWHERE
    else:
        found = _latest(k, i, j, time, chain, clock, records, queue, count, window, seen)
    if found != NOWHERE and not short_enough(time, found, chain, clock, times, rows):
        found = NOWHERE
    entered[k] = found
    return found


@njit(nogil=True, cache=True)
def _latest(k, i, j, time, chain, clock, records, queue, count, window, seen):
    """Latest beginning among the records of step k - 1 whose distance to the group is allowed."""
    before = records[k - 1]
    blocked = blocked_until(k, chain, seen)
    oldest, newest, head, tail = window[k, 0], window[k, 1], window[k, 2], window[k, 3]
    while oldest < count[k - 1] and (
        before[oldest, 1] < blocked or too_far(k, before[oldest], i, j, time, chain, clock)
    ):
        oldest += 1
    while newest < count[k - 1] and far_enough(k, before[newest], i, j, time, chain, clock):
        while tail > head and before[queue[k, tail - 1], 3] <= before[newest, 3]:
            tail -= 1
        queue[k, tail] = newest
        tail += 1
        newest += 1
    while head < tail and queue[k, head] < oldest:
        head += 1
    window[k, 0], window[k, 1], window[k, 2], window[k, 3] = oldest, newest, head, tail
    return before[queue[k, head], 3] if head < tail else np.int64(NOWHERE)


@njit(nogil=True, cache=True)
def groups_end(times, sequence, rows, high, places):
    """One past the last place of the group that begins at each place; `NOWHERE` stays."""
    out = np.full(places.size, NOWHERE, np.int64)
    for c in range(places.size):
        if places[c] != NOWHERE:
            out[c] = _end_of(times, sequence, rows, places[c], high[c])
    return out


@njit(nogil=True, cache=True)
def _end_of(times, sequence, rows, i, high):
    permuted = rows.size > 0
    row = rows[i] if permuted else i
    time, rank = times[row], sequence[row] if sequence.size else 0
    j = i + 1
    while j < high:
        row = rows[j] if permuted else j
        if times[row] != time:
            break
        if sequence.size and rank != np.iinfo(np.int64).min and sequence[row] != rank:
            break
        j += 1
    return j
