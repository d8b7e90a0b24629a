"""Rows before and after an anchor row of each container."""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.engine.store import Stream


def directly_after(match_high: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Place of the row that follows each anchor; -1 where the container ends.

    Parameters
    ----------
    match_high : numpy.ndarray of int64
        One past the last place of each container.
    places : numpy.ndarray of int64
        Anchor of each container; -1 for none.
    """
    following = places + 1
    return np.where((places >= 0) & (following < match_high), following, -1)


def directly_before(match_low: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Place of the row before each anchor; -1 where the container begins."""
    return np.where((places >= 0) & (places - 1 >= match_low), places - 1, -1)


def last_marked(
    marked: np.ndarray, stream: Stream, low: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """Place of the last marked row in each range of the stream; -1 for none."""
    return _last_marked(marked, stream.rows, low, high)


@njit(nogil=True, cache=True)
def _last_marked(marked, rows, low, high):
    out = np.full(low.size, -1, np.int64)
    for c in range(low.size):
        for place in range(high[c] - 1, low[c] - 1, -1):
            if marked[rows[place] if rows.size else place]:
                out[c] = place
                break
    return out


def between(
    codes: np.ndarray, values: int, stream: Stream, start: np.ndarray, end: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rows and containers of each code strictly between two places of every container.

    Parameters
    ----------
    codes : numpy.ndarray
        Code of every row of the store.
    values : int
        Number of codes, "missing" included.
    start, end : numpy.ndarray of int64
        Anchor places; containers with -1 in either take no part.

    Returns
    -------
    rows, containers : numpy.ndarray of int64, shape (values,)
    """
    return _between(codes, values, stream.rows, start, end)


@njit(nogil=True, cache=True)
def _between(codes, values, rows, start, end):
    row_count = np.zeros(values, np.int64)
    container_count = np.zeros(values, np.int64)
    seen_in = np.full(values, -1, np.int64)
    for c in range(start.size):
        if start[c] < 0 or end[c] < 0:
            continue
        for place in range(start[c] + 1, end[c]):
            code = np.int64(codes[rows[place] if rows.size else place])
            row_count[code] += 1
            if seen_in[code] != c:
                seen_in[code] = c
                container_count[code] += 1
    return row_count, container_count
