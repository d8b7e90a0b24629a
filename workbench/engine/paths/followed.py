"""Every anchor of a stream followed through its columns, summed over slices of containers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import zip_longest
from typing import Any

import numpy as np

from workbench.engine.executors import run_slices
from workbench.engine.match import ranges
from workbench.engine.paths import count as paths_count
from workbench.engine.paths import kernels
from workbench.engine.paths import walk as paths_walk
from workbench.engine.paths.count import Beside
from workbench.engine.paths.parts import (
    Pool,
    blocks,
    by_link,
    median,
    medians_of,
    numbered_people,
    unwritable,
)
from workbench.engine.paths.plan import Counted, Plan, Traced
from workbench.engine.paths.spread import Rows
from workbench.engine.paths.sums import JOINED, TOO_MANY, Sums
from workbench.engine.paths.sweep import sweep, sweep_tally
from workbench.engine.store import EventStore, Stream
from workbench.errors import ArgumentError
from workbench.messages import message

_MOST_PAIRS = 6_000_000
_MOST_BYTES_OF_PEOPLE = 64_000_000
_MOST_WORDS = 4_000_000


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
        sums = Pool(lambda: np.zeros(slot.shape, np.int64))

        def summed(part: slice) -> bool:
            data = self._rows(part)
            with sums.one() as counts:
                if self._plain:
                    sweep_tally(data, self.course, slot, by_container, counts)
                    return True
                return kernels.tally(data, self.course, slot, by_container, self.widest, counts)

        if not all(self._run(summed)):
            raise _too_many()
        return sum(sums.made, np.zeros(slot.shape, np.int64))

    def count(self, slot: np.ndarray, slots: int, people: str | None = None) -> Counted:
        """Nodes and links, for items put together as `slot` says.

        Parameters
        ----------
        slot : numpy.ndarray of int32, shape (columns, items)
            Slot of each item in each column; -1 where a filter hides it.
        slots : int
            Slots of a column; the last one is for paths that end.
        people : str, optional
            Event column with the key of a person.
        """
        columns = len(self.plan.dim_of)
        total, joined, gaps = Sums.zero(columns, slots), {}, {}
        numbers, words = self._people(people, total.views.size)

        def counted(part: slice) -> tuple[int, Sums, np.ndarray, np.ndarray | None]:
            sums, data = Sums.zero(columns, slots), self._rows(part)
            room = min(_MOST_PAIRS, data.values.shape[1] * (columns - 1) * self.widest**2)
            persons = np.zeros(sums.views.size if numbers.size else 0, np.int64)
            links, found = np.empty(room, np.int32), np.empty(room, np.int64)
            beside = Beside(numbers, words, persons, links, found)
            if self._plain:
                sweep(data, self.course, slot, slots, sums, beside)
            else:
                paths_count.count(data, self.course, slot, slots, self.widest, sums, beside)
            whole = sums.totals[JOINED] <= room
            ordered = paths_count.by_link(links, found, sums.joined) if whole else None
            return part.start, sums, persons, ordered

        everyone = np.zeros(total.views.size if numbers.size else 0, np.int64)
        for start, sums, persons, ordered in self._run(counted):
            joined[start], gaps[start] = sums.joined, ordered
            everyone += persons
            for whole, part in zip(total, sums, strict=True):
                whole += part
        if total.totals[TOO_MANY]:
            raise _too_many()
        kept = {start: found for start, found in gaps.items() if found is not None}
        kept = kept if len(kept) == len(joined) else {}
        return Counted(slot, slots, total, joined, kept, everyone if numbers.size else None)

    @property
    def _plain(self) -> bool:
        """Whether one dimension with one value a row is followed, away from the anchor's row."""
        plan = self.plan
        single = len(set(plan.dim_of) - {-1}) == len(plan.dimensions) == 1
        lists = any(dimension.holds_lists for dimension in plan.dimensions)
        return single and not lists and not plan.same_event

    def _people(self, people: str | None, size: int) -> tuple[np.ndarray, int]:
        """Number of the person at each place, and words for those of one container.

        No numbers where persons are in several containers, or too many to be counted on the way.
        """
        nobody = unwritable(np.empty(0, np.uint8)), 1
        if people is None:
            return nobody
        found = numbered_people(self.store, self.stream, people)
        if found is None or size * -(-found[1] // 64) > _MOST_WORDS:
            return nobody
        return found[0], max(1, -(-found[1] // 64))

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
        links = np.flatnonzero(sums.joined)
        if counted.gaps:
            medians[links] = medians_of(counted, links)
            links = links[:0]
            counted.gaps.clear()  # they may be many, and nobody asks twice
        if counted.persons is not None:
            persons, people = counted.persons, None
        occurring = np.flatnonzero(sums.views)
        codes, known = np.empty(0, np.uint32), 0
        if people is not None:
            codes = np.asarray(self.store.column(people)).astype(np.uint32, copy=False)
            known = self.store.columns[people]["values"]
        width = min(max(1, _MOST_BYTES_OF_PEOPLE // max(1, occurring.size)), -(-known // 8))
        everyone = range(0, known, 8 * width) if width else ()
        for block, first in zip_longest(blocks(sums.joined, links), everyone):
            some = links[:0] if block is None else block
            marked = occurring if first is not None else occurring[:0]
            span = first or 0, min((first or 0) + 8 * width, known)
            bits, gaps = self._details(counted, some, marked, unwritable(codes), span, width)
            persons[marked] += bits
            for link, values in gaps:
                medians[link] = median(values)
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
        seen = Pool(lambda: np.zeros((marked.size, width), np.uint8))

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
        return bits, by_link(links, parts)

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
        rows, plan = unwritable(self.stream.rows), self.plan
        values = np.empty((max(1, len(plan.dimensions)), last - base), np.int32)
        for line, dimension in zip(values, plan.dimensions, strict=False):
            codes = unwritable(dimension.codes)
            paths_walk.gather(line, codes, rows, dimension.table, low, high, base)
            if plan.keep is not None:
                paths_walk.without_unkept(line, plan.keep, rows, low, high, base)
        marks = np.zeros(0, bool)
        if plan.events is not None:
            marks = np.zeros(last - base, bool)
            codes, table = plan.events
            paths_walk.gather(marks, unwritable(codes), rows, table, low, high, base)
        sequence = self.store.sequence
        return Rows(
            values, marks, low - base, high - base, rows, base, unwritable(self.store.times),
            unwritable(sequence), np.ascontiguousarray(self._cut[:, :, part]),
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
            codes, rows = unwritable(dimension.codes), unwritable(self.stream.rows)
            for side, (low, high) in enumerate(sides):
                out[side, j] = paths_walk.any_set(codes, rows, dimension.table, keep, low, high)
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
