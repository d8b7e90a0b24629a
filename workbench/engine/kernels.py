"""Small compiled loops over rows: grouping, permutations, masks.

Each kernel sees plain arrays and a range of containers, holds no state, and releases the
interpreter lock, so slices run on threads or on another machine alike.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def grouped(codes, values):
    """Stable counting sort of places by code; codes from `values` on are left out."""
    offsets = np.zeros(values + 1, np.int64)
    for i in range(codes.size):
        if codes[i] < values:
            offsets[np.int64(codes[i]) + 1] += 1
    for k in range(values):
        offsets[k + 1] += offsets[k]
    filled = offsets[:-1].copy()
    places = np.empty(offsets[values], np.int64)
    for i in range(codes.size):
        if codes[i] < values:
            code = np.int64(codes[i])
            places[filled[code]] = i
            filled[code] += 1
    return places, offsets


@njit(nogil=True, cache=True)
def sort_within(rows, offsets, times, sequence):
    """Put each group into (time, sequence number, row) order, in place.

    Groups that lie inside one account are in order already and are only looked at.
    """
    for g in range(offsets.size - 1):
        start, end = offsets[g], offsets[g + 1]
        sorted_already = True
        for i in range(start + 1, end):
            a, b = rows[i - 1], rows[i]
            if times[b] < times[a] or (
                times[b] == times[a] and sequence.size > 0 and sequence[b] < sequence[a]
            ):
                sorted_already = False
                break
        if sorted_already:
            continue
        part = rows[start:end].copy()
        if sequence.size > 0:
            part = part[np.argsort(sequence[part], kind="mergesort")]
        part = part[np.argsort(times[part], kind="mergesort")]
        rows[start:end] = part


@njit(nogil=True, cache=True)
def lengths_of(codes, lengths):
    """Number of single values behind each row's code."""
    out = np.empty(codes.size, np.int64)
    for i in range(codes.size):
        out[i] = lengths[codes[i]]
    return out


@njit(nogil=True, cache=True)
def explode(codes, offsets, places):
    """Single values of each row in turn, for rows whose code stands for several."""
    total = 0
    for i in range(codes.size):
        total += offsets[codes[i] + 1] - offsets[codes[i]]
    out = np.empty(total, np.int64)
    filled = 0
    for i in range(codes.size):
        for j in range(offsets[codes[i]], offsets[codes[i] + 1]):
            out[filled] = places[j]
            filled += 1
    return out


@njit(nogil=True, cache=True)
def bounds(times, rows, offsets, start, end, first, last):
    """First and one-past-last place of each container whose time lies in [start, end)."""
    low = np.empty(last - first, np.int64)
    high = np.empty(last - first, np.int64)
    for c in range(first, last):
        low[c - first] = _place_of(times, rows, offsets[c], offsets[c + 1], start)
        high[c - first] = _place_of(times, rows, offsets[c], offsets[c + 1], end)
    return low, high


@njit(nogil=True, cache=True)
def _place_of(times, rows, low, high, instant):
    while low < high:
        middle = (low + high) // 2
        at = times[rows[middle]] if rows.size else times[middle]
        if at < instant:
            low = middle + 1
        else:
            high = middle
    return low


@njit(nogil=True, cache=True)
def any_in(mask, rows, low, high):
    """Whether any row of each container's range is marked."""
    out = np.zeros(low.size, np.bool_)
    for c in range(low.size):
        for i in range(low[c], high[c]):
            if mask[rows[i] if rows.size else i]:
                out[c] = True
                break
    return out


@njit(nogil=True, cache=True)
def mark_rows(chosen, rows, offsets, size):
    """Mark every row of the chosen containers."""
    out = np.zeros(size, np.bool_)
    for c in range(chosen.size):
        if chosen[c]:
            for i in range(offsets[c], offsets[c + 1]):
                out[rows[i] if rows.size else i] = True
    return out


@njit(nogil=True, cache=True)
def put_of_code(out, codes, table):
    """Write to each place what the table says of its code."""
    for i in range(codes.size):
        out[i] = table[codes[i]]


@njit(nogil=True, cache=True)
def add_of_code(out, codes, table):
    """Add to each place what the table says of its code."""
    for i in range(codes.size):
        out[i] += table[codes[i]]


@njit(nogil=True, cache=True)
def first_values(codes, rows, low, high, missing):
    """First value in each container's range that is not missing."""
    out = np.full(low.size, missing, np.int64)
    for c in range(low.size):
        for i in range(low[c], high[c]):
            code = codes[rows[i] if rows.size else i]
            if code != missing:
                out[c] = code
                break
    return out
