"""Containers inside containers: the people of each account, the sessions of each of them.

A container of the inner kind is cut where the outer one ends: what is asked of it sees only the
rows that the outer one leaves.

Source: journeys-attribution-and-segments.md, B2 (nested containers).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from workbench.engine import kernels
from workbench.engine.identities import identities
from workbench.engine.match import ranges
from workbench.engine.store import Stream, ordered_rows

if TYPE_CHECKING:
    from workbench.engine.masks import Marker


@dataclass(frozen=True)
class Grouping:
    """Containers of one kind, each with its rows inside the period.

    Attributes
    ----------
    scope : str
        Name of the kind.
    stream : Stream
    low, high : numpy.ndarray of int64
        First and one-past-last place of each container in the period.
    parent : numpy.ndarray of int64
        Number of the container around each; -1 for none, empty for the outermost grouping.
    single : bool
        Whether no row lies in two containers.
    """

    scope: str
    stream: Stream
    low: np.ndarray
    high: np.ndarray
    parent: np.ndarray
    single: bool

    def __len__(self) -> int:
        return len(self.stream)

    @property
    def present(self) -> np.ndarray:
        """Containers with at least one row in the period."""
        return np.asarray(self.high > self.low)

    def lifted(self, flags: np.ndarray, around: Grouping) -> np.ndarray:
        """Containers of the grouping around this one that hold a marked one."""
        out = np.zeros(len(around), bool)
        out[self.parent[flags & self.present]] = True
        return out

    def any_row(self, marked: np.ndarray) -> np.ndarray:
        """Containers with at least one marked row in the period."""
        return kernels.any_in(marked, self.stream.rows, self.low, self.high)

    def rows_of(self, flags: np.ndarray, size: int) -> np.ndarray:
        """A mark for every row of the store that a marked container holds in the period."""
        return mark_spans(flags, self.stream.rows, self.low, self.high, size)

    def container_of_rows(self, size: int) -> np.ndarray:
        """Number of the container of every row of the store; -1 outside the period or of none."""
        return _container_of_rows(self.stream.rows, self.low, self.high, size)


def outermost(marker: Marker, scope: str) -> Grouping:
    """All containers of one kind.

    Raises
    ------
    ArgumentError
        When the events carry no key of it.
    """
    stream = marker.store.stream(scope)
    low, high = ranges(marker.store, stream, marker.start, marker.end)
    single = marker.store.columns[stream.key]["kind"] != "list"
    return Grouping(scope, stream, low, high, np.empty(0, np.int64), single)


def inside(marker: Marker, around: Grouping, scope: str) -> Grouping:
    """Containers of one kind cut at the borders of those around them."""
    if scope == around.scope:
        numbers = np.arange(len(around))
        return Grouping(scope, around.stream, around.low, around.high, numbers, around.single)
    every = outermost(marker, scope)
    if not around.single:
        return _inside_shared_rows(marker, around, every)
    of_row = around.container_of_rows(len(marker.store))
    parent, torn = _parents(of_row, every.stream.rows, every.low, every.high)
    if not torn:
        high = np.where(parent < 0, every.low, every.high)
        return Grouping(scope, every.stream, every.low, high, parent, every.single)
    container = every.stream.container_of_places()
    rows = every.stream.row_at(np.arange(container.size))
    usable = of_row[rows] >= 0
    pairs, pair_of = np.unique(
        container[usable] * len(around) + of_row[rows[usable]], return_inverse=True
    )
    order, offsets, present = ordered_rows(marker.store, pair_of, pairs.size, rows[usable])
    split = Stream(every.stream.container, order, offsets, present, every.stream.key, 0)
    return _cut(marker, scope, split, pairs[present] % max(len(around), 1), single=every.single)


def _inside_shared_rows(marker: Marker, around: Grouping, every: Grouping) -> Grouping:
    """As `inside` where one row lies in several containers: place by place."""
    codes, offsets, values, size = identities(marker, every.stream.key)
    container = np.repeat(np.arange(len(around)), around.high - around.low)
    begins = np.cumsum(around.high - around.low) - (around.high - around.low)
    places = np.arange(container.size) - begins[container] + around.low[container]
    rows = around.stream.row_at(places)
    code = codes[rows].astype(np.int64)
    repeated = offsets[code + 1] - offsets[code]
    shift = np.arange(int(repeated.sum())) - np.repeat(np.cumsum(repeated) - repeated, repeated)
    keys = values[np.repeat(offsets[code], repeated) + shift]
    pairs, pair_of = np.unique(np.repeat(container, repeated) * size + keys, return_inverse=True)
    order, begin, present = ordered_rows(
        marker.store, pair_of, pairs.size, np.repeat(rows, repeated)
    )
    split = Stream(every.stream.container, order, begin, present, every.stream.key, 0)
    return _cut(marker, every.scope, split, pairs[present] // max(size, 1), single=False)


def _cut(
    marker: Marker, scope: str, split: Stream, parent: np.ndarray, *, single: bool
) -> Grouping:
    low, high = ranges(marker.store, split, marker.start, marker.end)
    return Grouping(scope, split, low, high, parent, single)


@njit(nogil=True, cache=True)
def mark_spans(flags, rows, low, high, size):
    """Mark the rows of a range of places of each marked container."""
    out = np.zeros(size, np.bool_)
    for c in range(flags.size):
        if flags[c]:
            for place in range(low[c], high[c]):
                out[rows[place] if rows.size else place] = True
    return out


@njit(nogil=True, cache=True)
def _container_of_rows(rows, low, high, size):
    out = np.full(size, -1, np.int64)
    for c in range(low.size):
        for place in range(low[c], high[c]):
            out[rows[place] if rows.size else place] = c
    return out


@njit(nogil=True, cache=True)
def _parents(of_row, rows, low, high):
    """Container around each container, and whether one of them is torn by their borders."""
    parent = np.full(low.size, -1, np.int64)
    for c in range(low.size):
        for place in range(low[c], high[c]):
            found = of_row[rows[place] if rows.size else place]
            if place == low[c]:
                parent[c] = found
            elif found != parent[c]:
                return parent, True
    return parent, False
