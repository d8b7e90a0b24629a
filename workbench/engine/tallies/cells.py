"""Compiled loops of cohort tables: the way of each container through the cells.

A container that is included in a bucket is one *instance* of that row of the table; with a
dimension, instances are given from outside.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.engine.tallies.kernels import (
    BUCKET,
    IN_AT,
    INCLUDED,
    OUT_AT,
    RETURNED,
    SKIP,
    STATE,
    TOUCHED,
    age,
    met,
    walk,
)
from workbench.engine.tallies.shapes import NEVER, Found, Sums

EXACT, CONSECUTIVE, CUMULATIVE, UNBOUNDED = range(4)
BASE, HIT, BASE_SEEN, HIT_SEEN = range(4)
_ROWS_AT_ONCE = 1 << 16


@njit(nogil=True, cache=True)
def _follow(mode, middle, origin, step, first, last, reach, returned, lines):
    """Which columns one instance counts in, as base and as hit, in one direction.

    Columns go from `first` to `last`; what comes "or later" is looked for up to `reach`.
    """
    chain, seen = True, False
    if mode == UNBOUNDED:
        for k in range(reach, first - 1, -1):
            seen |= returned[origin + step * k]
            if k <= last:
                lines[BASE, middle + step * k] = True
                lines[HIT, middle + step * k] = seen
        return
    for k in range(first, last + 1):
        here, column = returned[origin + step * k], middle + step * k
        seen |= here
        lines[BASE, column] = chain or mode != CONSECUTIVE
        chain &= here
        lines[HIT, column] = here if mode == EXACT else seen if mode == CUMULATIVE else chain


@njit(nogil=True, cache=True)
def _count_value(table, origin, first, behind, ahead, value, line, sums):
    """Value of one instance; by age its start is the first window, else the inclusion bucket."""
    own = value[1] if table.age > 0 else value[origin]
    running = own if table.age == 0 and first == 1 else 0.0
    for k in range(first, ahead + 1):
        running += value[origin + k]
        sums.start[line, table.back + k] += own
        sums.value[line, table.back + k] += value[origin + k]
        sums.to_date[line, table.back + k] += running
        sums.told[line, table.back + k] += 1
    for k in range(1, behind + 1):
        sums.start[line, table.back - k] += own
        sums.value[line, table.back - k] += value[origin - k]
        sums.told[line, table.back - k] += 1


@njit(nogil=True, cache=True)
def _look(table, wanted, line, origin, first, back_reach, reach, returned, back_at, lines):
    """Whether an instance sits in a wanted row or cell, and when it first returned there."""
    for column in range(lines.shape[1]):
        asked = wanted.cells[line, column] and lines[BASE, column]
        if not asked or lines[HIT, column] == wanted.churned:
            continue
        low = high = column - table.back
        if table.mode == CUMULATIVE:
            low, high = (low, -1) if low < 0 else (first, high)
        elif table.mode == UNBOUNDED:
            low, high = (-back_reach, high) if low < 0 else (low, reach)
        for k in range(low, high + 1):
            if returned[origin + k] and back_at[origin + k] != NEVER and not wanted.churned:
                return True, back_at[origin + k]
        return True, NEVER
    return wanted.rows[line], NEVER


@njit(nogil=True, cache=True)
def _sums(table, columns, valued):
    lines = table.rows if valued else 0
    return Sums(
        np.zeros(table.rows, np.int64),
        np.zeros(table.rows, np.int64),
        np.zeros((table.rows, columns), np.int64),
        np.zeros((table.rows, columns), np.int64),
        np.zeros((lines, columns)),
        np.zeros((lines, columns)),
        np.zeros((lines, columns)),
        np.zeros((lines, columns), np.int64),
        np.zeros(columns, np.int64),
        np.zeros(columns, np.int64),
        np.zeros(2, np.int64),
    )


@njit(nogil=True, cache=True)
def _cells(
    measures, limits, rules, table, pairs, wanted, start, end,
    offsets, visits, worth, kept_offsets, kept, totals, returned, back_at, value, lines,
    sums, found, found_from,
):  # fmt: skip
    """Lead the containers of one walk through the table."""
    given, looking, columns = pairs.offsets.size > 0, wanted.rows.size > 0, lines.shape[1]
    by_nothing = met(rules.inside, rules.out_bits, rules.any_returned)
    included, same, base, hit = sums.included, sums.same, sums.base, sums.hit
    pair_offsets = pairs.offsets
    for c in range(start, end):
        first_visit, end_visit = offsets[c - start], offsets[c - start + 1]
        begin = pair_offsets[c] if given else first_visit
        stop = pair_offsets[c + 1] if given else end_visit
        if begin == stop:
            continue
        if table.age == 0:
            for v in range(first_visit, end_visit):
                bucket = visits[BUCKET, v]
                value[bucket] = worth[v]
                if visits[STATE, v] & TOUCHED:
                    returned[bucket] = visits[STATE, v] & RETURNED != 0
                    back_at[bucket] = visits[OUT_AT, v]
        sits = 0
        for n in range(begin, stop):
            if not given and not visits[STATE, n] & INCLUDED:
                continue
            bucket = pairs.bucket[n] if given else visits[BUCKET, n]
            line = pairs.row[n] if given else bucket - table.skipped
            if line < 0:
                if table.first_time:
                    break
                continue
            at = pairs.at[n] if given else visits[IN_AT, n]
            for k in range(columns):
                lines[BASE, k] = lines[HIT, k] = False
            if table.age > 0:
                origin, first, behind, back_reach = 0, 1, 0, 0
                reach = (table.until - at) // table.age
                ahead = min(table.ahead, reach)
                reach = reach if table.mode == UNBOUNDED else ahead
                skip = pairs.skip[n] if given else visits[SKIP, n]
                age(
                    measures, limits, rules, table.age, at, skip,
                    kept, kept_offsets[c - start], kept_offsets[c - start + 1], reach,
                    totals, returned, back_at, value,
                )  # fmt: skip
            else:
                origin, first, back_reach, reach = bucket, table.first, bucket, table.last - bucket
                behind, ahead = min(table.back, back_reach), min(table.ahead, reach)
                _follow(table.mode, table.back, origin, -1, 1, behind, back_reach, returned, lines)
            _follow(table.mode, table.back, origin, 1, first, ahead, reach, returned, lines)
            sits += 1
            included[line] += 1
            same[line] += table.age == 0 and returned[bucket]
            for k in range(columns):
                base[line, k] += lines[BASE, k]
                hit[line, k] += lines[HIT, k]
                lines[BASE_SEEN, k] |= lines[BASE, k]
                lines[HIT_SEEN, k] |= lines[HIT, k]
            if sums.value.size:
                _count_value(table, origin, first, behind, ahead, value, line, sums)
            if looking and found.row[c - found_from] < 0:
                sitting, when = _look(
                    table, wanted, line, origin, first, back_reach, reach, returned, back_at, lines
                )
                if sitting:
                    found.row[c - found_from] = line
                    found.included_at[c - found_from] = at
                    found.returned_at[c - found_from] = when
            if table.first_time and not given:
                break
        if sits > 0:
            sums.distinct[0] += 1
            sums.distinct[1] += sits > 1
            for k in range(columns):
                sums.all_base[k] += lines[BASE_SEEN, k]
                sums.all_hit[k] += lines[HIT_SEEN, k]
                lines[BASE_SEEN, k] = lines[HIT_SEEN, k] = False
        if table.age == 0:
            for v in range(first_visit, end_visit):
                bucket = visits[BUCKET, v]
                returned[bucket], back_at[bucket], value[bucket] = by_nothing, NEVER, 0


@njit(nogil=True, cache=True)
def tally(rows, limits, rules, table, edges, pairs, wanted, start, end):
    """Count the containers from `start` to `end`; `Found` holds those of wanted rows and cells."""
    columns, looking, ages = table.back + 1 + table.ahead, wanted.rows.size > 0, table.age > 0
    places = max(edges.size, columns + 1)
    if ages and table.mode == UNBOUNDED:
        places = max(places, (table.until - edges[0]) // table.age + 2)
    totals, value, lines = (
        np.zeros(limits.shape[1]),
        np.zeros(places),
        np.zeros((4, columns), np.bool_),
    )
    returned, back_at = np.zeros(places, np.bool_), np.full(places, NEVER)
    returned[:] = met(rules.inside, rules.out_bits, rules.any_returned)
    sums = _sums(table, columns, rules.value_bit != 0)
    size = end - start if looking else 0
    found = Found(np.full(size, -1, np.int64), np.full(size, NEVER), np.full(size, NEVER))
    c = start
    while c < end:
        begin, room, longest = c, 0, 0
        while c < end and (c == begin or longest < _ROWS_AT_ONCE):
            room += min(rows.high[c] - rows.low[c], edges.size - 1)
            longest += rows.high[c] - rows.low[c]
            c += 1
        offsets, visits = np.zeros(c - begin + 1, np.int64), np.empty((5, room), np.int64)
        worth, kept = np.empty(room), np.empty((3, longest if ages else 0), np.int64)
        kept_offsets = np.zeros(c - begin + 1 if ages else 0, np.int64)
        walk(
            rows.codes, rows.bits_of, rows.times, rows.rows, rows.low, rows.high, rows.measures,
            rows.begin, rows.end, limits, rules, edges, begin, c, ages,
            offsets, visits, worth, kept_offsets, kept,
        )  # fmt: skip
        _cells(
            rows.measures, limits, rules, table, pairs, wanted, begin, c,
            offsets, visits, worth, kept_offsets, kept, totals, returned, back_at, value, lines,
            sums, found, start,
        )  # fmt: skip
    return sums, found
