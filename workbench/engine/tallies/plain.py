"""The compiled loop of plain cohort tables: one row is enough, calendar buckets, nothing added up.

What a container did in a bucket is then one bit, and its way through the columns is arithmetic on
whole words: nothing is kept of single rows.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.engine.tallies.shapes import Rules, Sums, Table

MOST_BUCKETS = 62
EXACT, CONSECUTIVE, CUMULATIVE, UNBOUNDED = range(4)


def is_plain(rules: Rules, table: Table, edges: np.ndarray) -> bool:
    """Whether `plain_tally` can answer; instances from outside and wanted cells it cannot."""
    counts_only = rules.added == 0 and rules.value_bit == 0
    return counts_only and table.age == 0 and edges.size - 1 <= MOST_BUCKETS


def places_of(edges: np.ndarray) -> tuple[np.ndarray, int]:
    """The bucket in which each of equal short stretches of time begins, and their length.

    Returns
    -------
    bucket : numpy.ndarray of int64
        No stretch is longer than a bucket, so an instant lies in this bucket or in the next.
    shift : int
        Stretches are ``2 ** shift`` microseconds long.
    """
    shift = int(np.diff(edges).min()).bit_length() - 1
    begins = edges[0] + (np.arange((edges[-1] - edges[0] >> shift) + 2) << shift)
    return np.minimum(np.searchsorted(edges, begins, side="right") - 1, edges.size - 2), shift


@njit(nogil=True, cache=True)
def _ones(count):
    """So many low bits."""
    return (np.int64(1) << max(count, 0)) - 1


@njit(nogil=True, cache=True)
def _hits(mode, seen, width, far):
    """Columns that count, of bits from the first column on; `far` reaches beyond the last one."""
    if mode == EXACT:
        return seen
    if mode == CUMULATIVE:
        return _ones(width) & ~((seen & -seen) - 1) if seen else seen
    if mode == CONSECUTIVE:
        return _ones(width) & (((seen + 1) & ~seen) - 1)
    for step in (1, 2, 4, 8, 16, 32):
        far |= far >> step
    return _ones(width) & far


@njit(nogil=True, cache=True)
def _turned(bits, bucket):
    """Bits below a bucket, the nearest first."""
    out = np.int64(0)
    for k in range(bucket):
        out |= ((bits >> (bucket - 1 - k)) & 1) << k
    return out


@njit(nogil=True, cache=True)
def _side(masks, first, last, any_of):
    """Buckets in which one side is met."""
    out = masks[first]
    for k in range(first + 1, last):
        out = out | masks[k] if any_of else out & masks[k]
    return out


@njit(nogil=True, cache=True)
def _spread(counts, line, middle, step, first, width, bits):
    row, move = counts[np.uint64(line)], np.uint64(step)
    place, seen = np.uint64(middle + step * first), np.uint64(bits)
    for k in range(np.uint64(width)):
        row[place + move * k] += np.int64((seen >> k) & np.uint64(1))


@njit(nogil=True, cache=True)
def _base_of(table, included, base, hit):
    """Denominators: the included ones, or those of the previous column."""
    for line in range(table.rows):
        bucket = line + table.skipped
        ahead = min(table.ahead, table.last - bucket)
        behind = min(table.back, bucket)
        for k in range(table.first, ahead + 1):
            before = table.mode == CONSECUTIVE and k > table.first
            base[line, table.back + k] = hit[line, table.back + k - 1] if before else included[line]
        for k in range(1, behind + 1):
            before = table.mode == CONSECUTIVE and k > 1
            base[line, table.back - k] = hit[line, table.back - k + 1] if before else included[line]


@njit(nogil=True, cache=True)
def walked(
    codes, bits_of, times, rows, low, high, begin, finish, edges, bucket_of, shift, metrics,
    start, end,
):  # fmt: skip
    """Buckets in which each container from `start` to `end` did what each metric asks, as bits.

    Returns
    -------
    numpy.ndarray of int64, shape (containers, metrics)
    """
    direct, origin, longest = rows.size == 0, edges[0], 0
    masks, serves = np.zeros((end - start, metrics), np.int64), bits_of != 0
    for c in range(start, end):
        longest = max(longest, high[c] - low[c])
    # Places carry no sign: an index with one is asked at every look whether it counts from the end.
    kept, none = np.empty(longest + 1, np.uint64), np.uint64(0)
    for c in range(start, end):
        # First which rows matter, without a branch that cannot be foreseen, then what they say.
        count = none
        if direct:
            for place in range(np.uint64(low[c]), np.uint64(high[c])):
                kept[count] = place
                count += np.uint64(serves[codes[place]])
        else:
            for place in range(np.uint64(low[c]), np.uint64(high[c])):
                row = np.uint64(rows[place])
                kept[count] = row
                count += np.uint64(serves[codes[row]])
        mask = masks[c - start]
        for n in range(count):
            time = times[kept[n]]
            if time < begin:
                continue
            if time >= finish:
                break
            bits = bits_of[codes[kept[n]]]
            bucket = bucket_of[np.uint64((time - origin) >> shift)]
            bucket += time >= edges[np.uint64(bucket + 1)]
            for k in range(metrics):
                mask[k] |= (np.int64(bits >> np.uint64(k)) & 1) << bucket
    return masks


@njit(nogil=True, cache=True)
def listed(containers, times, bits, begin, finish, edges, bucket_of, shift, start, masks):
    """As `walked`, added to `masks`, for the rows of one event in the order of the stream."""
    origin = edges[0]
    for k in range(masks.shape[1]):
        if not (bits >> np.uint64(k)) & np.uint64(1):
            continue
        for n in range(times.size):
            time = times[n]
            if time < begin or time >= finish:
                continue
            bucket = bucket_of[np.uint64((time - origin) >> shift)]
            bucket += time >= edges[np.uint64(bucket + 1)]
            masks[np.uint64(containers[n] - start), k] |= np.int64(1) << bucket


@njit(nogil=True, cache=True)
def plain_tally(masks, chosen, rules, table, buckets, in_metrics):
    """Count the containers whose masks are given; see `workbench.engine.tallies.cells.tally`.

    Parameters
    ----------
    masks : numpy.ndarray of int64, shape (containers, metrics)
        As `walked` and `listed` give them.
    chosen : numpy.ndarray of bool
        Containers that may be counted.
    """
    columns, metrics = table.back + 1 + table.ahead, masks.shape[1]
    included, same = np.zeros(table.rows, np.int64), np.zeros(table.rows, np.int64)
    base, hit = np.zeros((table.rows, columns), np.int64), np.zeros((table.rows, columns), np.int64)
    # Row 0: containers in a denominator of each column; row 1: in a numerator.
    every, distinct = np.zeros((2, columns), np.int64), np.zeros(2, np.int64)
    for c in range(masks.shape[0]):
        inside = _side(masks[c], 0, in_metrics, rules.any_included)
        if inside == 0 or not chosen[c]:
            continue
        back = _side(masks[c], in_metrics, metrics, rules.any_returned)
        if table.first_time:
            inside &= -inside
        sits, nothing = 0, np.int64(0)
        base_ahead = hit_ahead = base_behind = hit_behind = nothing
        for bucket in range(table.skipped, buckets):
            if not (inside >> bucket) & 1:
                continue
            line = bucket - table.skipped
            sits += 1
            included[line] += 1
            same[line] += (back >> bucket) & 1
            far = (back >> (bucket + table.first)) & _ones(table.last - bucket - table.first + 1)
            width = max(0, min(table.ahead, table.last - bucket) - table.first + 1)
            hits = _hits(table.mode, far & _ones(width), width, far)
            _spread(hit, line, table.back, 1, table.first, width, hits)
            chain = ((hits << 1) | 1) if table.mode == CONSECUTIVE else _ones(width)
            base_ahead |= chain & _ones(width)
            hit_ahead |= hits
            width = min(table.back, bucket)
            if width > 0:
                far = _turned(back, bucket)
                hits = _hits(table.mode, far & _ones(width), width, far)
                _spread(hit, line, table.back, -1, 1, width, hits)
                chain = ((hits << 1) | 1) if table.mode == CONSECUTIVE else _ones(width)
                base_behind |= chain & _ones(width)
                hit_behind |= hits
        if sits > 0:
            distinct[0] += 1
            distinct[1] += sits > 1
            width = table.ahead - table.first + 1
            _spread(every, 0, table.back, 1, table.first, width, base_ahead)
            _spread(every, 1, table.back, 1, table.first, width, hit_ahead)
            _spread(every, 0, table.back, -1, 1, table.back, base_behind)
            _spread(every, 1, table.back, -1, 1, table.back, hit_behind)
    _base_of(table, included, base, hit)
    none, told = np.zeros((0, columns)), np.zeros((0, columns), np.int64)
    return Sums(included, same, base, hit, none, none, none, told, every[0], every[1], distinct)
