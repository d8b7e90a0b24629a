"""Numbers over the rows of containers: marked rows, distinct values, sums of a measure.

Source: journeys-attribution-and-segments.md, B1 (numeric, distinct count of a dimension).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from workbench.engine.executors import run_slices
from workbench.engine.groupings import Grouping
from workbench.engine.identities import identities
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.wholes import Total

if TYPE_CHECKING:
    from workbench.engine.masks import Marker


def total_of(marker: Marker, total: Total, grouping: Grouping) -> np.ndarray:
    """The number of every container that a condition compares, shape (containers,)."""
    marked = np.ones(len(marker.store), bool) if total.where is None else marker.rows(total.where)
    rows, low, high = grouping.stream.rows, grouping.low, grouping.high
    if total.kind == "times":
        return marked_rows_of(marked, grouping)
    if total.kind == "total":
        measure = _measure(marker, total.of)
        return _joined(lambda part: _sums(measure, marked, rows, low[part], high[part]), high - low)
    codes, offsets, values, size = identities(marker, total.of)
    return _joined(
        lambda part: _distinct(codes, offsets, values, size, marked, rows, low[part], high[part]),
        high - low,
    )


def marked_rows_of(marked: np.ndarray, grouping: Grouping) -> np.ndarray:
    """Marked rows of every container in the period, shape (containers,)."""
    rows, low, high = grouping.stream.rows, grouping.low, grouping.high
    return _joined(lambda part: _times(marked, rows, low[part], high[part]), high - low)


def _joined(kernel: Callable[[slice], np.ndarray], row_counts: np.ndarray) -> np.ndarray:
    parts = run_slices(kernel, row_counts)
    return np.concatenate(parts) if parts else np.zeros(0)


def _measure(marker: Marker, name: str) -> np.ndarray:
    columns = marker.store.columns
    if name in columns and columns[name]["kind"] == "measure":
        return marker.store.column(name)
    known = [n for n, column in columns.items() if column["kind"] == "measure"]
    raise ArgumentError.of("total", name, known, message("Only measures of the events add up."))


@njit(nogil=True, cache=True)
def _times(marked, rows, low, high):
    out = np.zeros(low.size, np.int64)
    for c in range(low.size):
        for place in range(low[c], high[c]):
            out[c] += marked[rows[place] if rows.size else place]
    return out


@njit(nogil=True, cache=True)
def _sums(measure, marked, rows, low, high):
    out = np.zeros(low.size, np.float64)
    for c in range(low.size):
        for place in range(low[c], high[c]):
            row = rows[place] if rows.size else place
            if marked[row] and not np.isnan(measure[row]):
                out[c] += measure[row]
    return out


@njit(nogil=True, cache=True)
def _distinct(codes, offsets, values, size, marked, rows, low, high):
    out = np.zeros(low.size, np.float64)
    seen_in = np.full(size, -1, np.int64)
    for c in range(low.size):
        for place in range(low[c], high[c]):
            row = rows[place] if rows.size else place
            if marked[row]:
                code = np.int64(codes[row])
                for at in range(offsets[code], offsets[code + 1]):
                    if seen_in[values[at]] != c:
                        seen_in[values[at]] = c
                        out[c] += 1
    return out
