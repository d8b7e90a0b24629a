"""Every anchor of a stream followed through its columns, summed over slices of containers."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import zip_longest
from typing import Any

import numpy as np

from workbench.engine import paths_kernels as kernels
from workbench.engine import paths_walk
from workbench.engine.executors import run_slices
from workbench.engine.match import ranges
from workbench.engine.paths_plan import Counted, Plan, Traced
from workbench.engine.paths_spread import Rows
from workbench.engine.paths_sums import TOO_MANY, Sums
from workbench.engine.store import EventStore, Stream
from workbench.errors import ArgumentError
from workbench.messages import message

_MOST_GAPS = 40_000_000
_MOST_BYTES_OF_PEOPLE = 64_000_000


class Paths:
    """All paths of a stream inside a range of time.

    Parameters
    ----------
    store : EventStore
    stream : Stream
    plan : Plan
    start, end, until : int
        Half-open range of microseconds; rows from `end` to `until` exist, but are not read.
    chosen : numpy.ndarray of bool, optional
        Containers that may be counted.
    """

    def __init__(
        self,
        store: EventStore,
        stream: Stream,
        plan: Plan,
        *,
        start: int,
        end: int,
        until: int,
        chosen: np.ndarray | None = None,
    ) -> None:
        self.store, self.stream, self.plan = store, stream, plan
        self.course = plan.course()
        self.widest = plan.widest
        self.low, self._end = map(np.asarray, ranges(store, stream, start, end))
        self.high = self._end if chosen is None else np.where(chosen, self._end, self.low)
        self._until = until

    def tally(self, slot: np.ndarray, *, by_container: bool) -> np.ndarray:
        """Path views (or containers) of every item in every column, before any is put together.

        Parameters
        ----------
        slot : numpy.ndarray of int32, shape (columns, items)
            The item itself; -1 where a filter hides it.
        """
        sums = _Pool(lambda: np.zeros(slot.shape, np.int64))

        def summed(part: slice) -> bool:
            with sums.one() as counts:
                return kernels.tally(
                    self._rows(part), self.course, slot, by_container, self.widest, counts
                )

        if not all(self._run(summed)):
            raise _too_many()
        return sum(sums.made, np.zeros(slot.shape, np.int64))

    def count(self, slot: np.ndarray, slots: int) -> Counted:
        """Nodes and links, for items put together as `slot` says.

        Parameters
        ----------
        slot : numpy.ndarray of int32, shape (columns, items)
            Slot of each item in each column; -1 where a filter hides it.
        slots : int
            Slots of a column; the last one is for paths that end.
        """
        columns = len(self.plan.dim_of)

        def counted(part: slice) -> tuple[int, Sums]:
            sums = Sums.zero(columns, slots)
            kernels.count(self._rows(part), self.course, slot, slots, self.widest, sums)
            return part.start, sums

        total, joined = Sums.zero(columns, slots), {}
        for start, sums in self._run(counted):
            joined[start] = sums.joined
            for whole, part in zip(total, sums, strict=True):
                whole += part
        if total.totals[TOO_MANY]:
            raise _too_many()
        return Counted(slot, slots, total, joined)

    def detail(self, counted: Counted, people: str | None) -> tuple[np.ndarray, np.ndarray]:
        """Median gap of every link, and distinct people of every node and link.

        Parameters
        ----------
        counted : Counted
        people : str or None
            Event column with the key of a person.

        Returns
        -------
        gaps : numpy.ndarray of float, shape (links,)
            Median microseconds between the two rows; not a number where there are none.
        people : numpy.ndarray of int64, shape (nodes + links,)
            Nothing but zeros where no person is known.
        """
        sums = counted.sums
        medians = np.full(sums.joined.size, np.nan)
        persons = np.zeros(sums.views.size, np.int64)
        occurring = np.flatnonzero(sums.views)
        codes, known = np.empty(0, np.uint32), 0
        if people is not None:
            codes = np.asarray(self.store.column(people)).astype(np.uint32, copy=False)
            known = self.store.columns[people]["values"]
        width = min(max(1, _MOST_BYTES_OF_PEOPLE // max(1, occurring.size)), -(-known // 8))
        everyone = range(0, known, 8 * width) if width else ()
        for links, first in zip_longest(_blocks(sums.joined), everyone):
            links = np.empty(0, np.int64) if links is None else links
            marked = occurring if first is not None else np.empty(0, np.int64)
            span = first or 0, min((first or 0) + 8 * width, known)
            bits, gaps = self._details(counted, links, marked, _unwritable(codes), span, width)
            persons[marked] += bits
            for link, values in gaps:
                medians[link] = np.median(values)
        return medians, persons

    def _details(
        self,
        counted: Counted,
        links: np.ndarray,
        marked: np.ndarray,
        people: np.ndarray,
        span: tuple[int, int],
        width: int,
    ) -> tuple[np.ndarray, Iterator[tuple[int, np.ndarray]]]:
        """One pass: gaps of some links, and people of one span of numbers on what is marked."""
        gap_of, bit_of = np.full((2, counted.sums.views.size), -1, np.int32)
        gap_of[counted.sums.rows.size + links] = np.arange(links.size)
        bit_of[marked] = np.arange(marked.size)
        seen = _Pool(lambda: np.zeros((marked.size, width), np.uint8))

        def found(part: slice) -> tuple[np.ndarray, np.ndarray]:
            edges = np.append(0, np.cumsum(counted.joined[part.start][links]))
            gaps = np.empty(edges[-1], np.int64)
            with seen.one() as bits:
                kernels.detail(
                    self._rows(part), self.course, counted.slot, counted.slots, self.widest,
                    gap_of, edges[:-1].copy(), gaps, bit_of, people, *span, bits,
                )  # fmt: skip
            return gaps, edges

        parts = self._run(found)
        bits = np.bitwise_count(np.bitwise_or.reduce(seen.made)).sum(axis=1, dtype=np.int64)
        return bits, _by_link(links, parts)

    def trace(
        self, slot: np.ndarray, wanted: np.ndarray, ends: np.ndarray, columns: Sequence[int]
    ) -> Traced:
        """Paths that meet what is wanted, in the order of the stream.

        Parameters
        ----------
        slot : numpy.ndarray of int32, shape (columns, items)
            1 for an item that is wanted, 0 for any other, -1 where a filter hides it.
        wanted, ends : numpy.ndarray of bool, shape (columns,)
            Columns in which something is wanted, and in which the path must end.
        columns : sequence of int
            Columns whose places are given back.
        """
        asked = np.array(columns, np.int64)

        def found(part: slice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            data, room = self._rows(part), 0
            while True:
                container, views = np.empty((2, room), np.int64)
                places = np.empty((room, asked.size), np.int64)
                paths = kernels.trace(
                    data,
                    self.course,
                    slot,
                    wanted,
                    ends,
                    self.widest,
                    container,
                    views,
                    asked,
                    places,
                )
                if paths == room:
                    return container + part.start, views, places
                room = paths

        parts = self._run(found)
        return Traced(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def _run(self, kernel: Callable[[slice], Any]) -> list[Any]:
        return run_slices(kernel, self.high - self.low)

    def _rows(self, part: slice) -> Rows:
        """A slice of containers for the compiled loops: one value a place and dimension."""
        low, high = self.low[part], self.high[part]
        base, last = (int(low[0]), int(high.max())) if low.size else (0, 0)
        rows, plan = _unwritable(self.stream.rows), self.plan
        values = np.empty((max(1, len(plan.dimensions)), last - base), np.int32)
        for line, dimension in zip(values, plan.dimensions, strict=False):
            codes = _unwritable(dimension.codes)
            paths_walk.gather(line, codes, rows, dimension.table, low, high, base)
            if plan.keep is not None:
                paths_walk.without_unkept(line, plan.keep, rows, low, high, base)
        marks = np.zeros(0, bool)
        if plan.events is not None:
            marks = np.zeros(last - base, bool)
            codes, table = plan.events
            paths_walk.gather(marks, _unwritable(codes), rows, table, low, high, base)
        sequence = self.store.sequence
        return Rows(
            values, marks, low - base, high - base, rows, base, _unwritable(self.store.times),
            _unwritable(sequence), np.ascontiguousarray(self._cut[:, :, part]),
            max(1, int((high - low).max(initial=1))),
        )  # fmt: skip

    @cached_property
    def _cut(self) -> np.ndarray:
        """Whether rows of each dimension lie before and after what is read of each container."""
        kinds = max(1, len(self.plan.dimensions))
        first, last = ranges(self.store, self.stream, -(2**62), self._until)
        if not ((first < self.low).any() or (last > self._end).any()):
            return np.zeros((2, kinds, 0), bool)
        read = self.low < self.high
        sides = [(np.where(read, first, self.low), self.low), (self.high, np.where(read, last, 0))]
        keep = np.empty(0, bool) if self.plan.keep is None else self.plan.keep
        out = np.zeros((2, kinds, len(self.stream)), bool)
        for j, dimension in enumerate(self.plan.dimensions):
            codes, rows = _unwritable(dimension.codes), _unwritable(self.stream.rows)
            for side, (low, high) in enumerate(sides):
                out[side, j] = paths_walk.any_set(codes, rows, dimension.table, keep, low, high)
        return out


class _Pool:
    """Sums of which each thread fills one at a time, so that there are no more than threads."""

    def __init__(self, make: Callable[[], np.ndarray]) -> None:
        self._make = make
        self._free: queue.SimpleQueue[np.ndarray] = queue.SimpleQueue()
        self.made: list[np.ndarray] = []

    @contextlib.contextmanager
    def one(self) -> Iterator[np.ndarray]:
        """One that no other thread holds."""
        try:
            held = self._free.get_nowait()
        except queue.Empty:
            held = self._make()
            self.made.append(held)
        try:
            yield held
        finally:
            self._free.put(held)


def _blocks(joined: np.ndarray) -> Iterator[np.ndarray]:
    """Links with pairs of rows, so many at a time that their gaps fit into memory."""
    links = np.flatnonzero(joined)
    block = np.cumsum(joined[links]) // _MOST_GAPS
    for number in np.unique(block):
        yield links[block == number]


def _by_link(
    links: np.ndarray, parts: list[tuple[np.ndarray, np.ndarray]]
) -> Iterator[tuple[int, np.ndarray]]:
    """The gaps of each link over all slices."""
    for n, link in enumerate(links):
        yield int(link), np.concatenate([gaps[edges[n] : edges[n + 1]] for gaps, edges in parts])


def _unwritable(array: np.ndarray) -> np.ndarray:
    """The same array as one that cannot be written: one compiled form serves all stores."""
    out = array.view(np.ndarray)
    out.flags.writeable = False
    return out


def _too_many() -> ArgumentError:
    return ArgumentError.of(
        "columns",
        message("rows with several values"),
        message("fewer columns"),
        message(
            "Each value of a row is a path view of its own, and they multiply from "
            "column to column."
        ),
    )
