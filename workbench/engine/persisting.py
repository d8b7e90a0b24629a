"""Which rows carry a value of a dimension: where it stands, where it still holds, where it changes.

Rows with equal times are taken in the store's own order, which no file decides.

Source: journeys-attribution-and-segments.md, B1 and B2 (dimension value basis).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from workbench.engine.layout import CODED
from workbench.engine.match import ranges
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.conditions import Term

if TYPE_CHECKING:
    from workbench.engine.masks import Marker


def basis_marks(marker: Marker, term: Term) -> np.ndarray:
    """A mark for every row of the store that meets a term under its basis.

    ``repeating``: rows without a value carry the latest one before them in the container `per`,
    since the start of the period. ``non_repeating``: only rows whose value differs from the one
    before it in the container. Rows outside the period or without the key stand for themselves.
    """
    column = marker.store.columns.get(term.field)
    if column is not None and column["kind"] not in CODED:
        raise ArgumentError.of(
            term.field,
            term.basis,
            message("a dimension of texts or truths"),
            message("It holds numbers, which neither last nor repeat."),
        )
    marks = marker.marked_values(term)
    if column is None:
        raise ArgumentError.of(
            term.field,
            term.basis,
            message("a column of the events"),
            message("A column of another table holds on all rows."),
        )
    stream = marker.store.stream(term.per)
    low, high = ranges(marker.store, stream, marker.start, marker.end)
    codes = marker.store.column(term.field)
    kernel = _lasting if term.basis == "repeating" else _changing
    return kernel(codes, marks, column["values"], stream.rows, low, high)


@njit(nogil=True, cache=True)
def _lasting(codes, marks, missing, rows, low, high):
    out = np.empty(codes.size, np.bool_)
    for row in range(codes.size):
        out[row] = marks[codes[row]]
    for c in range(low.size):
        last = np.int64(missing)
        for place in range(low[c], high[c]):
            row = rows[place] if rows.size else place
            if codes[row] != missing:
                last = np.int64(codes[row])
            out[row] = marks[last]
    return out


@njit(nogil=True, cache=True)
def _changing(codes, marks, missing, rows, low, high):
    out = np.empty(codes.size, np.bool_)
    for row in range(codes.size):
        out[row] = codes[row] != missing and marks[codes[row]]
    for c in range(low.size):
        last = np.int64(missing)
        for place in range(low[c], high[c]):
            row = rows[place] if rows.size else place
            if codes[row] != missing:
                if codes[row] == last:
                    out[row] = False
                last = np.int64(codes[row])
    return out
