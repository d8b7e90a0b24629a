"""Instances of a cohort table whose rows are values of a dimension."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.engine import kernels
from workbench.engine.executors import run_slices
from workbench.engine.masks import Marker
from workbench.engine.sources import marked_rows
from workbench.engine.tallies.buckets import Tallies
from workbench.engine.tallies.kernels import first_at, first_inclusions
from workbench.engine.tallies.shapes import Pairs, Rows


@dataclass(frozen=True)
class Dimension:
    """The values of one name, as numbers of every row.

    Attributes
    ----------
    labels : list of str
        Text of each item; the last one stands for "no value".
    codes : numpy.ndarray
        Code of every row of the store.
    item_of : numpy.ndarray of int64
        Item of each code; not used where a row may have several.
    lists : tuple of numpy.ndarray, or None
        Items of each code and their offsets, where a row may have several.
    """

    labels: list[str]
    codes: np.ndarray
    item_of: np.ndarray
    lists: tuple[np.ndarray, np.ndarray] | None = None

    @classmethod
    def named(cls, marker: Marker, name: str, text_of, nothing: str) -> Dimension:
        """Read a dimension of the events or of the tables beside them.

        Parameters
        ----------
        text_of : callable
            The text of a value.
        nothing : str
            What rows without a value are called.
        """
        store = marker.store
        codes, values = marker.lookup(name)
        if name in store.columns and store.columns[name]["kind"] == "list":
            names, places, offsets = store.exploded(name)
            return cls([*names, nothing], codes, np.empty(0, np.int64), (places, offsets))
        present = np.array([v is not None and v == v for v in values], bool)
        texts = np.array([text_of(v) for v in values[present]], object).astype(str)
        distinct, number = np.unique(texts, return_inverse=True)
        item_of = np.full(values.size, distinct.size, np.int64)
        item_of[present] = number
        return cls([*distinct.tolist(), nothing], codes, item_of)

    def items_of(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Items of some rows, and the place in `rows` that each of them belongs to."""
        codes, nothing = self.codes[rows], len(self.labels) - 1
        if self.lists is None:
            return self.item_of[codes], np.arange(rows.size)
        places, offsets = self.lists
        lengths = kernels.lengths_of(codes, np.diff(offsets))
        owners = np.append(np.repeat(np.arange(rows.size), lengths), np.flatnonzero(lengths == 0))
        items = kernels.explode(codes, offsets, places)
        return np.append(items, np.full(owners.size - items.size, nothing)), owners


@dataclass(frozen=True)
class Inclusions:
    """First inclusion of every container by the rows of every item.

    Attributes
    ----------
    container, item, bucket, at, skip : numpy.ndarray of int64
        One line a pair of container and item that meets the criterion.
    """

    container: np.ndarray
    item: np.ndarray
    bucket: np.ndarray
    at: np.ndarray
    skip: np.ndarray

    def sizes(self, items: int) -> np.ndarray:
        """Included containers of each item."""
        return np.bincount(self.item, minlength=items)

    def pairs(self, row_of_item: np.ndarray, containers: int) -> Pairs:
        """The first inclusion of each container in each row of the table.

        Parameters
        ----------
        row_of_item : numpy.ndarray of int64
            Row that each item falls into; several may share one, -1 for none.
        containers : int
        """
        row = row_of_item[self.item]
        kept = np.flatnonzero(row >= 0)
        order = kept[np.lexsort((self.at[kept], row[kept], self.container[kept]))]
        key = self.container[order] * (row_of_item.max(initial=0) + 1) + row[order]
        first = np.ones(order.size, bool)
        first[1:] = np.diff(key) != 0
        order = order[first]
        offsets = np.zeros(containers + 1, np.int64)
        np.cumsum(np.bincount(self.container[order], minlength=containers), out=offsets[1:])
        return Pairs(offsets, row[order], self.bucket[order], self.at[order], self.skip[order])


def inclusions_of_items(found: Tallies, dimension: Dimension, edges: np.ndarray) -> Inclusions:
    """Split the rows that serve inclusion by a dimension, and include each part by itself.

    Parameters
    ----------
    found : Tallies
    dimension : Dimension
    edges : numpy.ndarray of int64
        Borders of the buckets in which a container may be included; other rows are left out.

    Notes
    -----
    Source: journeys-cohort.md, section 2, custom dimension.
    """
    places, container, rows = _serving(found, edges)
    items, owners = dimension.items_of(rows)
    size = len(dimension.labels)
    pairs, pair_of = np.unique(container[owners] * size + items, return_inverse=True)
    order = np.lexsort((places[owners], pair_of))
    ends = np.cumsum(np.bincount(pair_of, minlength=pairs.size))
    split = Rows(
        found.rows.codes,
        found.rows.bits_of,
        found.rows.times,
        rows[owners][order],
        np.append(0, ends[:-1]) if ends.size else ends,
        ends,
        found.rows.measures,
        found.rows.begin,
        found.rows.end,
    )
    parts = run_slices(
        lambda part: first_inclusions(
            split, found.limits, found.rules, edges, part.start, part.stop
        ),
        np.diff(ends, prepend=0),
    )
    bucket, at, skip = (np.concatenate(column) for column in zip(*parts, strict=True))
    met = bucket >= 0
    return Inclusions(pairs[met] // size, pairs[met] % size, bucket[met], at[met], skip[met])


def _serving(found: Tallies, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Place, container and store row of every row that may include its container."""
    rows, store = found.rows, found.store
    marks = marked_rows(rows.codes, (rows.bits_of & found.rules.in_bits) != 0, len(store))
    if rows.rows.size:
        places = np.flatnonzero(marks[rows.rows])
        row = np.asarray(rows.rows[places])
    else:
        places = row = np.flatnonzero(marks)
    container = np.searchsorted(found.stream.offsets, places, side="right") - 1
    times = rows.times[row]
    inside = (places >= rows.low[container]) & (places < rows.high[container])
    inside &= (times >= max(edges[0], rows.begin)) & (times < min(edges[-1], rows.end))
    return places[inside], container[inside], row[inside]


def entry_rows(found: Tallies, at: np.ndarray) -> np.ndarray:
    """Row by which each container was included at a given instant.

    Parameters
    ----------
    at : numpy.ndarray of int64
        Microseconds; `NEVER` for containers that were not.

    Returns
    -------
    numpy.ndarray of int64
        The first row of that instant, in store order, that serves inclusion; -1 for none.
    """
    rows = found.rows
    parts = run_slices(
        lambda part: first_at(
            rows.codes,
            rows.bits_of,
            rows.times,
            rows.rows,
            rows.low[part],
            rows.high[part],
            found.rules.in_bits,
            at[part],
        ),
        rows.high - rows.low,
    )
    return np.concatenate(parts)
