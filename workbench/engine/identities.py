"""Values of a dimension as numbers: which ones every code of a column stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.engine.layout import CODED

if TYPE_CHECKING:
    from workbench.engine.masks import Marker


def identities(marker: Marker, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Which values each code of a dimension stands for, equal values with one number.

    Returns
    -------
    codes : numpy.ndarray
        One a row of the store.
    offsets, values : numpy.ndarray of int64
        ``values[offsets[code]:offsets[code + 1]]`` are the numbers of the values of a code; none
        for "missing", several for a column of lists.
    size : int
        Numbers lie below it.
    """
    store = marker.store
    column = store.columns.get(name)
    if column is not None and column["kind"] == "list":
        names, places, offsets = store.exploded(name)
        return store.column(name), offsets, places, len(names)
    if column is not None and column["kind"] in CODED:
        size = column["values"]
        return store.column(name), np.append(np.arange(size + 1), size), np.arange(size), size
    codes, found = marker.lookup(name)
    number, distinct = pd.factorize(found)
    offsets = np.append(0, np.cumsum(number >= 0))
    return codes, offsets, number[number >= 0].astype(np.int64), len(distinct)
