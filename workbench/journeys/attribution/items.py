"""The items of a dimension: which values each row carries, and their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from workbench.engine.layout import CODED
from workbench.engine.masks import Marker
from workbench.journeys.scoping import readable


@dataclass(frozen=True)
class Items:
    """The items of one dimension.

    Attributes
    ----------
    codes : numpy.ndarray of unsigned integers
        Code of every row of the store.
    offsets, places : numpy.ndarray of int64
        ``places[offsets[code]:offsets[code + 1]]`` are the items of a code.
    values : pyarrow.Array of string
        Name of each item.
    """

    codes: np.ndarray
    offsets: np.ndarray
    places: np.ndarray
    values: pa.Array

    def __len__(self) -> int:
        return len(self.values)

    @property
    def widest(self) -> int:
        """Most items of one row, at least one."""
        return int(np.diff(self.offsets).max(initial=1))

    def names(self, numbers: Sequence[int] | np.ndarray) -> list[str]:
        """Readable names of some items."""
        taken = self.values.take(pa.array(np.asarray(numbers, np.int64)))
        return [readable(value) for value in taken.to_pylist()]


def items_of(marker: Marker, dimension: str) -> Items:
    """The items of an event column, or of a column of accounts, people or opportunities.

    Raises
    ------
    ArgumentError
        For an unknown name or a column of numbers; the closest names are offered.
    """
    store = marker.store
    kind = store.columns.get(dimension, {}).get("kind")
    if kind == "list":
        names, places, offsets = store.exploded(dimension)
        return Items(store.column(dimension), offsets, places, pa.array(names, pa.string()))
    if kind in CODED:
        values = store.dictionary(dimension)
        return Items(store.column(dimension), *_one_each(np.arange(len(values))), values)
    codes, plain = marker.lookup(dimension)
    absent = np.array([_nothing(value) for value in plain], bool)
    texts = np.array([readable(value) for value in plain], object)
    number, names = pd.factorize(texts[~absent], sort=True)
    of_code = np.full(absent.size, -1, np.int64)
    of_code[~absent] = number
    return Items(codes, *_one_each(of_code[:-1]), pa.array(list(names), pa.string()))


def _one_each(of_code: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Offsets and items where a code has one item or none; the code after the last has none."""
    has_one = of_code >= 0
    offsets = np.zeros(of_code.size + 2, np.int64)
    offsets[1:-1] = np.cumsum(has_one)
    offsets[-1] = offsets[-2]
    return offsets, of_code[has_one].astype(np.int64)


def _nothing(value: Any) -> bool:
    return value is None or value != value or value == ""
