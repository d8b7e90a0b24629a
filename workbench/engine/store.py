"""The event store as it is read: memory-mapped columns, dictionaries, and one stream a container.

Rows lie in the order (account, occurred_at, sequence_no, event_id, hash of the row). Any other
container is a stored permutation of the same rows, made when it is first asked for.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.engine import kernels
from workbench.engine.layout import (
    CODED,
    NO_SEQUENCE,
    SEPARATOR,
    SEQUENCE,
    TIME,
    column_file,
    description_of,
    dictionary_file,
)
from workbench.errors import AbsentError, ArgumentError, StoreError
from workbench.messages import message
from workbench.vocabulary.containers import COUNTABLE, Container, container_named


@dataclass(frozen=True)
class Stream:
    """The rows of every container of one kind, in order.

    Attributes
    ----------
    container : Container
    rows : numpy.ndarray of int64
        Row of the store at each place of the stream; empty when the stream is the store itself.
    offsets : numpy.ndarray of int64, shape (containers + 1,)
        Where each container begins in the stream.
    codes : numpy.ndarray or slice
        Code of each container in the dictionary of `key`; a slice where they are all in order.
    dropped_null_key : int
        Rows without a key of this container.
    """

    container: Container
    rows: np.ndarray
    offsets: np.ndarray
    codes: np.ndarray | slice
    key: str
    dropped_null_key: int

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def row_at(self, places: np.ndarray) -> np.ndarray:
        """Rows of the store at places of the stream."""
        return self.rows[places] if len(self.rows) else places

    def container_of_places(self) -> np.ndarray:
        """Number of the container at each place of the stream."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))


class EventStore:
    """Sorted events of one workspace, opened as a memory map.

    Parameters
    ----------
    directory : pathlib.Path
        A folder written by `workbench.engine.build.build_store`.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.description = description_of(directory)
        self._columns: dict[str, np.ndarray] = {}
        self._dictionaries: dict[str, pa.Array] = {}
        self._streams: dict[str, Stream] = {}
        self._exploded: dict[str, tuple[list[str], np.ndarray, np.ndarray]] = {}
        self.indices: dict[str, Any] = {}

    def __len__(self) -> int:
        return int(self.description["rows"])

    def __repr__(self) -> str:
        first, newest = self.first, self.newest
        span = f", {first:%Y-%m-%d} to {newest:%Y-%m-%d}" if first and newest else ""
        return f"EventStore({len(self):,} events{span})"

    @property
    def columns(self) -> dict[str, dict[str, Any]]:
        """Name of each stored column to its kind and its number of distinct values."""
        return self.description["columns"]

    @property
    def first(self) -> datetime | None:
        """Oldest instant."""
        return _instant(self.description["first"])

    @property
    def newest(self) -> datetime | None:
        """Newest instant."""
        return _instant(self.description["newest"])

    def column(self, name: str) -> np.ndarray:
        """Codes, instants (microseconds in UTC) or numbers of one column, without a copy."""
        if name not in self._columns:
            if name not in self.columns:
                raise ArgumentError.of("column", name, self.columns)
            path = column_file(self.directory, self.columns[name]["number"])
            with self._told():
                self._columns[name] = np.load(path, mmap_mode="r" if len(self) else None)
        return self._columns[name]

    @property
    def times(self) -> np.ndarray:
        """Microseconds since 1970 in UTC of every row."""
        return self.column(TIME)

    @cached_property
    def sequence(self) -> np.ndarray:
        """`sequence_no` of every row; an empty array when no row carries one."""
        if SEQUENCE not in self.columns:
            return np.empty(0, np.int64)
        return self.column(SEQUENCE) if self.description["numbered"] else np.empty(0, np.int64)

    def dictionary(self, name: str) -> pa.Array:
        """Distinct values of an encoded column, in code order, as text."""
        if name not in self._dictionaries:
            if name not in self.columns or self.columns[name]["kind"] not in CODED:
                coded = [n for n, column in self.columns.items() if column["kind"] in CODED]
                raise ArgumentError.of("column", name, coded)
            path = dictionary_file(self.directory, self.columns[name]["number"])
            with self._told(), pa.memory_map(str(path)) as source:
                values = pa.ipc.open_file(source).read_all().column(0)
            self._dictionaries[name] = values.combine_chunks().cast(pa.string())
        return self._dictionaries[name]

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError, EOFError) as problem:
            raise StoreError(
                message(
                    "The event store in {directory} is gone or cannot be read any more "
                    "({reason}). Open the workspace again.",
                    directory=self.directory,
                    reason=getattr(problem, "strerror", None) or problem,
                )
            ) from None

    def values_at(self, name: str, rows: np.ndarray) -> np.ndarray:
        """Values of a column at some rows, as objects (None where missing) or numbers."""
        column = self.column(name)[rows]
        if self.columns[name]["kind"] in ("measure", "time", "sequence"):
            return column
        indices = pa.array(column, mask=column == self.columns[name]["values"])
        taken = self.dictionary(name).take(indices.cast(pa.int64()))
        return taken.to_numpy(zero_copy_only=False).astype(object)

    def containers(self) -> list[str]:
        """Names of the containers whose key is in the store."""
        return [n for n in COUNTABLE if container_named(n).key in self.columns]

    def stream(self, container: str | Container = "account") -> Stream:
        """The rows of every container of one kind, in order.

        Raises
        ------
        ArgumentError
            When the events carry no key of this container.
        """
        chosen = container_named(container)
        if chosen.name == "event" or chosen.key not in self.columns:
            raise AbsentError.of(
                "container",
                chosen.name,
                self.containers(),
                message("The events of this workspace carry no {key}.", key=chosen.key),
            )
        if chosen.name not in self._streams:
            self._streams[chosen.name] = self._opened_stream(chosen)
        return self._streams[chosen.name]

    def _opened_stream(self, container: Container) -> Stream:
        if container.name == "account":
            with self._told():
                offsets = np.load(self.directory / "account.offsets.npy", mmap_mode="r")
            every = slice(None)
            return Stream(container, np.empty(0, np.int64), offsets, every, container.key, 0)
        paths = [
            self.directory / f"{container.name}.{part}.npy" for part in ("rows", "offsets", "codes")
        ]
        try:
            rows, offsets, codes = (np.load(path, mmap_mode="r") for path in paths)
        except (OSError, ValueError, EOFError):
            rows, offsets, codes = self._made_stream(container)
            if rows.size:
                _keep(paths, (rows, offsets, codes))
        return Stream(container, rows, offsets, codes, container.key, self._null_keys(container))

    def _null_keys(self, container: Container) -> int:
        missing = self.columns[container.key]["values"]
        return int(np.count_nonzero(self.column(container.key) == missing))

    def _made_stream(self, container: Container) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        codes = self.column(container.key)
        if self.columns[container.key]["kind"] != "list":
            return ordered_rows(self, codes, self.columns[container.key]["values"])
        names, places, lists = self.exploded(container.key)
        repeated = kernels.lengths_of(codes, np.diff(lists))
        rows = np.repeat(np.arange(len(self)), repeated)
        return ordered_rows(self, kernels.explode(codes, lists, places), len(names), rows)

    def exploded(self, key: str) -> tuple[list[str], np.ndarray, np.ndarray]:
        """For a key that holds lists: single names, the names of each code, and its offsets.

        Returns
        -------
        names : list of str
            Single values in order; a stream of this container numbers them so.
        places, offsets : numpy.ndarray
            ``places[offsets[code]:offsets[code + 1]]`` are the numbers of the names of a code.
        """
        if key not in self._exploded:
            lists = pc.split_pattern(self.dictionary(key), pattern=SEPARATOR)
            singles = lists.flatten()
            names = singles.unique().sort()
            places = pc.index_in(singles, value_set=names).to_numpy().astype(np.int64)
            offsets = np.append(lists.offsets.to_numpy(), len(singles)).astype(np.int64)
            self._exploded[key] = names.to_pylist(), places, offsets
        return self._exploded[key]

    def container_names(self, stream: Stream) -> np.ndarray:
        """Key of each container of a stream, as text."""
        if self.columns[stream.key]["kind"] == "list":
            names = np.array(self.exploded(stream.key)[0], dtype=object)
        else:
            names = self.dictionary(stream.key).to_numpy(zero_copy_only=False)
        return names[stream.codes]

    def arrow(self, names: list[str] | None = None) -> pa.Table:
        """The store as an Arrow table in store order; encoded columns as dictionaries."""
        arrays: dict[str, pa.Array] = {}
        for name in names or list(self.columns):
            column, kind = self.column(name), self.columns[name]["kind"]
            if kind == "time":
                arrays[name] = pa.array(column).cast(pa.timestamp("us", "UTC"))
            elif kind in ("measure", "sequence"):
                absent = np.isnan(column) if kind == "measure" else column == NO_SEQUENCE
                arrays[name] = pa.array(column, mask=absent)
            else:
                absent = column == self.columns[name]["values"]
                indices = pa.array(column, mask=absent).cast(pa.int32())
                arrays[name] = pa.DictionaryArray.from_arrays(indices, self.dictionary(name))
        return pa.table(arrays)


def ordered_rows(
    store: EventStore, codes: np.ndarray, values: int, rows: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Group rows by code, each group in time order.

    Parameters
    ----------
    codes : numpy.ndarray
        One code a row; `values` and above mean "no key".
    rows : numpy.ndarray, optional
        The row behind each code; the place itself when left out.

    Returns
    -------
    rows, offsets, codes
        As in `Stream`; only codes that occur are listed.
    """
    places, offsets = kernels.grouped(codes, values)
    order = places if rows is None else rows[places]
    kernels.sort_within(order, offsets, store.times, store.sequence)
    present = np.flatnonzero(np.diff(offsets))
    return order, np.append(offsets[present], offsets[-1]), present


def _keep(paths: list[Path], arrays: tuple[np.ndarray, ...]) -> None:
    """Keep a stream beside the store; a folder that cannot be written costs only the time.

    Each file appears whole. Two processes write the same bytes, so it does not matter whose stay.
    """
    for path, array in zip(paths, arrays, strict=True):
        part = ""
        try:
            handle, part = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
            with os.fdopen(handle, "wb") as target:
                np.save(target, array)
            Path(part).replace(path)
        except OSError:
            return
        finally:
            if part:
                Path(part).unlink(missing_ok=True)


def _instant(microseconds: int | None) -> datetime | None:
    if microseconds is None:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
