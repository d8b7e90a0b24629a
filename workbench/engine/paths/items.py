"""The items of a dimension: which one each row carries, what they are called, which are meant."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from workbench.engine.masks import Marker
from workbench.engine.paths.walk import NOT_SET
from workbench.engine.values import absent_values, closest, number_marks, text_marks
from workbench.vocabulary.conditions import Condition, Logic, Term


def _no_lists() -> np.ndarray:
    return np.empty(0, np.int64)


@dataclass(frozen=True)
class Dimension:
    """One dimension as its rows carry it.

    Attributes
    ----------
    name : str
    codes : numpy.ndarray of unsigned integers, shape (rows,)
        Code of every row of the store.
    table : numpy.ndarray of int32
        Item behind each code (for lists the number of the list); -1 where none is set.
    texts : pyarrow.Array of string
        Name of each item, in their order.
    numbers : numpy.ndarray of float or None
        Value of each item where they are numbers.
    offsets, members : numpy.ndarray of int64
        ``members[offsets[n]:offsets[n + 1]]`` are the items of list n; empty for single values.
    """

    name: str
    codes: np.ndarray
    table: np.ndarray
    texts: pa.Array
    numbers: np.ndarray | None = None
    offsets: np.ndarray = field(default_factory=_no_lists)
    members: np.ndarray = field(default_factory=_no_lists)

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def holds_lists(self) -> bool:
        """Whether a row can carry several items."""
        return self.offsets.size > 0

    @property
    def widest(self) -> int:
        """Most items on one row."""
        return int(np.diff(self.offsets).max(initial=1)) if self.holds_lists else 1

    def names(self, items: np.ndarray) -> list[str]:
        """Names of some items."""
        return self.texts.take(pa.array(items, pa.int64())).to_pylist()

    def names_at(self, rows: np.ndarray) -> list[str | None]:
        """What stands on some rows of the store; None where nothing is set."""
        found = self.table[self.codes[rows]]
        if not self.holds_lists:
            known = pa.array(found, mask=found == NOT_SET)
            return self.texts.take(known).to_pylist()
        texts = self.texts.to_pylist()
        return [
            None
            if n == NOT_SET
            else " + ".join(texts[i] for i in self.members[self.offsets[n] : self.offsets[n + 1]])
            for n in found
        ]

    def marks(self, condition: Condition) -> np.ndarray:
        """One mark an item: whether it meets a condition on this dimension alone."""
        if isinstance(condition, Logic):
            marks = [self.marks(part) for part in condition.parts]
            if condition.kind == "not":
                return ~marks[0]
            return (np.logical_and if condition.kind == "all" else np.logical_or).reduce(marks)
        assert isinstance(condition, Term)
        if self.numbers is not None:
            return number_marks(self.numbers, condition)
        return text_marks(self.texts, condition)

    def absent(self, condition: Condition) -> list[str]:
        """Values that a condition asks for by name and that do not occur."""
        if isinstance(condition, Logic):
            return [value for part in condition.parts for value in self.absent(part)]
        asked = isinstance(condition, Term) and condition.operator == "="
        return absent_values(self.texts, condition) if asked and self.numbers is None else []  # type: ignore[arg-type]

    def close_to(self, value: str) -> list[str]:
        """Up to three items that look like a value."""
        return closest(value, self.texts)

    def without(self, marked: np.ndarray) -> Dimension:
        """The same dimension as if the marked items stood on no row."""
        if not self.holds_lists:
            table = self.table.copy()
            table[np.isin(table, np.flatnonzero(marked))] = NOT_SET
            return replace(self, table=table)
        kept = ~marked[self.members]
        reached = np.append(0, np.cumsum(kept))
        offsets = reached[self.offsets].astype(np.int64)
        table = self.table.copy()
        known = table != NOT_SET
        table[known] = np.where(np.diff(offsets)[table[known]] > 0, table[known], NOT_SET)
        return replace(self, table=table, offsets=offsets, members=self.members[kept])


def dimension_of(marker: Marker, name: str) -> Dimension:
    """Read a dimension of the events, or of a table beside them.

    Raises
    ------
    ArgumentError
        When there is none of this name, or when it holds numbers or times of the events.
    """
    store = marker.store
    kind = store.columns[name]["kind"] if name in store.columns else ""
    if kind in ("text", "boolean", "list"):
        values = store.columns[name]["values"]
        table = np.append(np.arange(values), NOT_SET).astype(np.int32)
        if kind != "list":
            return Dimension(name, store.column(name), table, store.dictionary(name))
        names, members, offsets = store.exploded(name)
        texts = pa.array(names, pa.string())
        return Dimension(name, store.column(name), table, texts, offsets=offsets, members=members)
    codes, found = marker.lookup(name)
    if found.dtype != object:
        distinct, number = np.unique(found[~np.isnan(found)], return_inverse=True)
        table = np.full(found.size, NOT_SET, np.int32)
        table[~np.isnan(found)] = number
        texts = [f"{value:.15g}" for value in distinct]
        return Dimension(name, codes, table, pa.array(texts, pa.string()), distinct)
    encoded = pa.array(found, pa.string()).dictionary_encode()
    order = encoded.dictionary.sort()
    place = np.argsort(np.argsort(np.array(encoded.dictionary.to_pylist(), object)))
    table = np.full(found.size, NOT_SET, np.int32)
    known = np.array([value is not None for value in found], bool)
    table[known] = place[encoded.indices.drop_null().to_numpy()]
    return Dimension(name, codes, table, order)
