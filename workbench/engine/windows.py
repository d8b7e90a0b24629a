"""What lies inside a window of every container: how many rows of each kind, and the first of each.

A window is a range of places of a stream; `places` finds them for any pairs of container and
instant, `workbench.engine.match.ranges` for one range of instants over all containers.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.engine.executors import run_slices
from workbench.engine.kernels import _place_of
from workbench.engine.matching.steps import NEVER
from workbench.engine.store import EventStore, Stream

NOTHING = np.empty(0, np.bool_)


def places(
    store: EventStore, stream: Stream, containers: np.ndarray, instants: np.ndarray
) -> np.ndarray:
    """Place of the first row at or after an instant, one for each pair of container and instant.

    Parameters
    ----------
    containers : numpy.ndarray of int64
        Numbers of containers of the stream; any order, any number of times.
    instants : numpy.ndarray of int64
        Microseconds since 1970 in UTC.

    Returns
    -------
    numpy.ndarray of int64
        One past the last place of the container where no row is so late.
    """
    return _places(store.times, stream.rows, stream.offsets, containers, instants)


@njit(nogil=True, cache=True)
def _places(times, rows, offsets, containers, instants):
    out = np.empty(containers.size, np.int64)
    for n in range(containers.size):
        c = containers[n]
        out[n] = _place_of(times, rows, offsets[c], offsets[c + 1], instants[n])
    return out


def counts(
    codes: np.ndarray,
    kind_of: np.ndarray,
    kinds: int,
    stream: Stream,
    low: np.ndarray,
    high: np.ndarray,
    left_out: np.ndarray = NOTHING,
) -> np.ndarray:
    """Rows of each kind in every window.

    Parameters
    ----------
    codes : numpy.ndarray
        Code of every row of the store.
    kind_of : numpy.ndarray of int64
        Kind of each code; below zero for rows that are not counted.
    kinds : int
        Number of kinds.
    low, high : numpy.ndarray of int64
        First and one-past-last place of each window.
    left_out : numpy.ndarray of bool
        Rows of the store that are not counted; empty for none.

    Returns
    -------
    numpy.ndarray of int64, shape (windows, kinds)
    """
    parts = run_slices(
        lambda part: _counts(codes, kind_of, kinds, stream.rows, low[part], high[part], left_out),
        np.maximum(high - low, 0),
    )
    return np.concatenate(parts) if parts else np.zeros((0, kinds), np.int64)


@njit(nogil=True, cache=True)
def _counts(codes, kind_of, kinds, rows, low, high, left_out):
    out = np.zeros((low.size, kinds), np.int64)
    for w in range(low.size):
        for place in range(low[w], high[w]):
            row = rows[place] if rows.size else place
            kind = kind_of[codes[row]]
            if kind >= 0 and not (left_out.size and left_out[row]):
                out[w, kind] += 1
    return out


def spread(
    codes: np.ndarray,
    values: int,
    stream: Stream,
    low: np.ndarray,
    high: np.ndarray,
    left_out: np.ndarray = NOTHING,
) -> np.ndarray:
    """Number of windows in which each code occurs.

    Parameters
    ----------
    codes : numpy.ndarray
        Code of every row of the store.
    values : int
        Number of codes, "missing" included.
    low, high, left_out
        As in `counts`.

    Returns
    -------
    numpy.ndarray of int64, shape (values,)
    """
    parts = run_slices(
        lambda part: _spread(codes, values, stream.rows, low[part], high[part], left_out),
        np.maximum(high - low, 0),
    )
    return np.sum(parts, axis=0) if parts else np.zeros(values, np.int64)


@njit(nogil=True, cache=True)
def _spread(codes, values, rows, low, high, left_out):
    out = np.zeros(values, np.int64)
    seen_in = np.full(values, -1, np.int64)
    for w in range(low.size):
        for place in range(low[w], high[w]):
            row = rows[place] if rows.size else place
            code = np.int64(codes[row])
            if seen_in[code] != w and not (left_out.size and left_out[row]):
                seen_in[code] = w
                out[code] += 1
    return out


def first_times(
    codes: np.ndarray,
    bits_of: np.ndarray,
    kinds: int,
    store: EventStore,
    stream: Stream,
    low: np.ndarray,
    high: np.ndarray,
) -> np.ndarray:
    """Instant of the first row of each kind in every window.

    Parameters
    ----------
    codes : numpy.ndarray
        Code of every row of the store.
    bits_of : numpy.ndarray of uint64
        Kinds that the rows of each code belong to, one bit a kind.
    kinds : int
        Number of kinds, at most 64.
    low, high : numpy.ndarray of int64
        First and one-past-last place of each window.

    Returns
    -------
    numpy.ndarray of int64, shape (windows, kinds)
        Microseconds since 1970 in UTC; `workbench.engine.matching.steps.NEVER` for none.
    """
    parts = run_slices(
        lambda part: _first_times(
            codes, bits_of, kinds, store.times, stream.rows, low[part], high[part]
        ),
        np.maximum(high - low, 0),
    )
    return np.concatenate(parts) if parts else np.zeros((0, kinds), np.int64)


@njit(nogil=True, cache=True)
def _first_times(codes, bits_of, kinds, times, rows, low, high):
    out = np.full((low.size, kinds), NEVER, np.int64)
    every = np.uint64(0)
    for k in range(kinds):
        every |= np.uint64(1) << np.uint64(k)
    for w in range(low.size):
        found = np.uint64(0)
        for place in range(low[w], high[w]):
            row = rows[place] if rows.size else place
            fresh = bits_of[codes[row]] & ~found & every
            if fresh:
                for k in range(kinds):
                    if fresh & (np.uint64(1) << np.uint64(k)):
                        out[w, k] = times[row]
                found |= fresh
                if found == every:
                    break
    return out


def last_values(
    codes: np.ndarray,
    stream: Stream,
    low: np.ndarray,
    high: np.ndarray,
    missing: int,
    left_out: np.ndarray = NOTHING,
) -> np.ndarray:
    """Last code in each window that is not `missing`; `missing` where there is none."""
    return _last_values(codes, stream.rows, low, high, missing, left_out)


@njit(nogil=True, cache=True)
def _last_values(codes, rows, low, high, missing, left_out):
    out = np.full(low.size, missing, np.int64)
    for w in range(low.size):
        for place in range(high[w] - 1, low[w] - 1, -1):
            row = rows[place] if rows.size else place
            code = codes[row]
            if code != missing and not (left_out.size and left_out[row]):
                out[w] = code
                break
    return out


def ends(
    stream: Stream, low: np.ndarray, high: np.ndarray, left_out: np.ndarray = NOTHING
) -> tuple[np.ndarray, np.ndarray]:
    """Place of the first and of the last row of each window that is not left out; -1 for none."""
    return _ends(stream.rows, low, high, left_out)


@njit(nogil=True, cache=True)
def _ends(rows, low, high, left_out):
    first, last = np.full(low.size, -1, np.int64), np.full(low.size, -1, np.int64)
    for w in range(low.size):
        for place in range(low[w], high[w]):
            if not (left_out.size and left_out[rows[place] if rows.size else place]):
                first[w] = place
                break
        for place in range(high[w] - 1, low[w] - 1, -1):
            if not (left_out.size and left_out[rows[place] if rows.size else place]):
                last[w] = place
                break
    return first, last
