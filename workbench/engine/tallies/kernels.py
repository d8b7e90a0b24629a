"""Compiled loops of cohort tables: what each container did in each bucket of time.

Rows of a container lie in time order, so one walk with a moving bucket border gives every total.
The walk takes many containers at a time: handing the arrays to a function costs more than
reading a hundred rows.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.engine.tallies.shapes import NEVER, VALUE_PLACE

BUCKET, STATE, IN_AT, SKIP, OUT_AT = range(5)
TIME, ROW, BITS = range(3)
INCLUDED, TOUCHED, RETURNED = 1, 2, 4


@njit(nogil=True, cache=True)
def met(inside, metrics, any_of):
    """Whether one side is met, of the metrics whose totals are inside their limits."""
    return (inside & metrics) != 0 if any_of else (inside & metrics) == metrics


@njit(nogil=True, cache=True)
def walk(
    codes, bits_of, times, rows, low, high, measures, begin, finish,
    limits, rules, edges, start, end, careful,
    offsets, visits, worth, kept_offsets, kept,
):  # fmt: skip
    """Walk the rows of the containers from `start` to `end`.

    A row that made a container included does not serve its return: of the rows of that instant
    that could do both, as many are to be skipped as no other row of the instant can stand for.

    Parameters
    ----------
    careful : bool
        Whether the rows to be skipped are counted, for ages.
    offsets, visits, worth : numpy.ndarray
        Filled here: for each container, one column of `visits` a bucket in which it did anything
        (its number; `INCLUDED`, `TOUCHED` and `RETURNED`; when it was included, rows to skip,
        when it returned), and the value of that bucket.
    kept_offsets, kept : numpy.ndarray
        Filled here unless empty: time, number and bits of every row that matters, for ages.
    """
    totals, ages, direct = np.zeros(limits.shape[1]), kept_offsets.size > 0, rows.size == 0
    visit, keeping = -1, 0
    for c in range(start, end):
        bucket, border, inside = 0, NEVER, rules.inside
        tied, free, used, tied_at = 0, 0, 0, NEVER
        place, last = low[c] - 1, high[c]
        while True:
            place += 1
            if direct:
                while place < last and bits_of[codes[place]] == 0:
                    place += 1
            else:
                while place < last and bits_of[codes[rows[place]]] == 0:
                    place += 1
            if place >= last:
                break
            row = place if direct else rows[place]
            bits, time = bits_of[codes[row]], times[row]
            if time < begin:
                continue
            if time >= finish:
                break
            if time >= border:
                while time >= edges[bucket + 1]:
                    bucket += 1
                border, inside, tied_at = edges[bucket + 1], rules.inside, NEVER
                visit += 1
                visits[BUCKET, visit], visits[STATE, visit] = bucket, 0
                visits[IN_AT, visit] = visits[OUT_AT, visit] = NEVER
                visits[SKIP, visit], worth[visit] = 0, 0
                for k in range(rules.added):
                    totals[k] = 0
            inside |= bits & rules.enough
            for k in range(rules.added):
                bit = np.uint64(1) << np.uint64(k)
                if bits & bit:
                    amount = measures[k][row] if limits[2, k] > 0 else 1.0
                    if amount == amount:
                        totals[k] += amount
                    if limits[0, k] <= totals[k] and totals[k] <= limits[1, k]:
                        inside |= bit
                    else:
                        inside &= ~bit
            state = visits[STATE, visit]
            if bits & rules.in_bits:
                fresh = visits[IN_AT, visit] == NEVER
                if careful and (fresh or time == visits[IN_AT, visit]):
                    if time != tied_at:
                        tied_at, tied, free = time, 0, 0
                    tied += 1
                    free += not bits & rules.out_bits
                if met(inside, rules.in_metrics, rules.any_included):
                    state |= INCLUDED
                    if fresh:
                        visits[IN_AT, visit], used = time, tied
                else:
                    state &= ~INCLUDED
                visits[SKIP, visit] = max(0, used - free)
            if bits & rules.out_bits:
                state |= TOUCHED
                if met(inside, rules.out_bits, rules.any_returned):
                    state |= RETURNED
                    if visits[OUT_AT, visit] == NEVER:
                        visits[OUT_AT, visit] = time
                else:
                    state &= ~RETURNED
            visits[STATE, visit] = state
            if bits & rules.value_bit:
                amount = measures[VALUE_PLACE][row]
                if amount == amount:
                    worth[visit] += amount
            if ages:
                kept[TIME, keeping], kept[ROW, keeping] = time, row
                kept[BITS, keeping] = np.int64(bits)
                keeping += 1
        offsets[c - start + 1] = visit + 1
        if ages:
            kept_offsets[c - start + 1] = keeping


@njit(nogil=True, cache=True)
def age(
    measures, limits, rules, length, at, skip, kept, first, last, windows,
    totals, returned, back_at, value,
):  # fmt: skip
    """Fill the windows of one instance from the kept rows: its age instead of the calendar.

    Window ``k`` holds the rows later than ``k - 1`` and up to ``k`` lengths after `at`; the first
    one also holds other rows of the same instant.
    """
    nothing = met(rules.inside, rules.out_bits, rules.any_returned)
    for k in range(windows + 1):
        returned[k], back_at[k], value[k] = nothing, NEVER, 0
    window, inside = 0, rules.inside
    for i in range(first, last):
        lag, bits = kept[TIME, i] - at, np.uint64(kept[BITS, i])
        if lag < 0:
            continue
        own = 1 if lag == 0 else (lag - 1) // length + 1
        if own > windows:
            break
        if own != window:
            window, inside = own, rules.inside
            for k in range(totals.size):
                totals[k] = 0
        if bits & rules.value_bit:
            amount = measures[VALUE_PLACE][kept[ROW, i]]
            if amount == amount:
                value[own] += amount
        if not bits & rules.out_bits:
            continue
        if lag == 0 and skip > 0 and bits & rules.in_bits:
            skip -= 1
            continue
        inside |= bits & rules.enough
        for k in range(rules.added):
            bit = np.uint64(1) << np.uint64(k)
            if bits & bit & rules.out_bits:
                amount = measures[k][kept[ROW, i]] if limits[2, k] > 0 else 1.0
                if amount == amount:
                    totals[k] += amount
                if limits[0, k] <= totals[k] and totals[k] <= limits[1, k]:
                    inside |= bit
                else:
                    inside &= ~bit
        returned[own] = met(inside, rules.out_bits, rules.any_returned)
        if returned[own] and back_at[own] == NEVER:
            back_at[own] = kept[TIME, i]


@njit(nogil=True, cache=True)
def first_inclusions(rows, limits, rules, edges, start, end):
    """First bucket in which each container is included (-1 for none), when, and rows to skip."""
    size = end - start
    most = 0
    for c in range(start, end):
        most += min(rows.high[c] - rows.low[c], edges.size - 1)
    offsets, visits, worth = (
        np.zeros(size + 1, np.int64),
        np.zeros((5, most), np.int64),
        np.zeros(most),
    )
    nothing = np.zeros(0, np.int64)
    walk(
        rows.codes, rows.bits_of, rows.times, rows.rows, rows.low, rows.high, rows.measures,
        rows.begin, rows.end, limits, rules, edges, start, end, True, offsets, visits, worth,
        nothing, np.zeros((3, 0), np.int64),
    )  # fmt: skip
    bucket, at, skip = np.full(size, -1, np.int64), np.full(size, NEVER), np.zeros(size, np.int64)
    for c in range(size):
        for v in range(offsets[c], offsets[c + 1]):
            if visits[STATE, v] & INCLUDED:
                bucket[c], at[c], skip[c] = visits[BUCKET, v], visits[IN_AT, v], visits[SKIP, v]
                break
    return bucket, at, skip


@njit(nogil=True, cache=True)
def first_at(codes, bits_of, times, rows, low, high, bits, at):
    """First row of each container that has any of some bits at an instant; -1 for none."""
    out = np.full(low.size, -1, np.int64)
    for c in range(low.size):
        if at[c] == NEVER:
            continue
        start, end = low[c], high[c]
        while start < end:
            middle = (start + end) // 2
            if times[rows[middle] if rows.size else middle] < at[c]:
                start = middle + 1
            else:
                end = middle
        for place in range(start, high[c]):
            row = rows[place] if rows.size else place
            if times[row] != at[c]:
                break
            if bits_of[codes[row]] & bits:
                out[c] = row
                break
    return out
