"""Which containers walk a sequence of steps, how far, when they entered, and through which rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from workbench.engine import attempts, kernels
from workbench.engine.executors import run_slices
from workbench.engine.masks import Marker
from workbench.engine.matching import steps as matching
from workbench.engine.store import EventStore, Stream, ordered_rows
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.steps import Step

TIES = ("any", "stable")


@dataclass(frozen=True)
class Match:
    """The answer of one pass over a stream.

    Attributes
    ----------
    depth : numpy.ndarray of int8, shape (containers,)
        Number of steps reached, 0 for none.
    entry : numpy.ndarray of int64, shape (containers,)
        Time of the first row that meets step 1; `workbench.engine.matching.steps.NEVER` if none.
    low, high : numpy.ndarray of int64, shape (containers,)
        Places of the stream that were read, warm-up included.
    present : numpy.ndarray of bool, shape (containers,)
        Containers with at least one row in the period.
    """

    stream: Stream
    depth: np.ndarray
    entry: np.ndarray
    low: np.ndarray
    high: np.ndarray
    present: np.ndarray
    _compiled: _Compiled = field(repr=False)

    @cached_property
    def witness(self) -> np.ndarray:
        """Place in the stream of the row that serves each step, shape (containers, steps); or -1.

        The match with the earliest completion of the deepest step; among equal completions the
        latest predecessors.
        """
        return self._compiled.any_link(self.low, self.high, want_witness=True)[2]

    @cached_property
    def witness_times(self) -> np.ndarray:
        """Microseconds of each witness row; `NEVER` where there is none."""
        places = self.witness
        found = places >= 0
        times = np.full(places.shape, matching.NEVER, np.int64)
        times[found] = self._compiled.store.times[self.stream.row_at(places[found])]
        return times

    def attempts(self) -> np.ndarray:
        """Attempts of each container that reach each step, greedy and without overlap."""
        return self._compiled.attempts(self.low, self.high)


@dataclass(frozen=True)
class _Compiled:
    """Everything the kernels need, for any range of containers."""

    store: EventStore
    stream: Stream
    codes: np.ndarray
    bits_of: np.ndarray
    blocker: np.ndarray
    within: np.ndarray
    after: np.ndarray
    total: int
    stable: bool

    @cached_property
    def overlapping(self) -> bool:
        """Whether one row could serve two steps."""
        mask = np.uint64((1 << self.blocker.size) - 1)
        bits = self.bits_of & mask
        return bool((bits & (bits - (bits > 0))).any())

    @property
    def plain(self) -> bool:
        ordered = self.store.sequence.size == 0 or self.stable
        free = not self.after.any() and bool((self.blocker < 0).all())
        return ordered and free and not self.overlapping

    def reach(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if not self.plain:
            return self.any_link(low, high, want_witness=False)[:2]
        parts = run_slices(
            lambda part: matching.reach_disjoint(
                self.codes,
                self.bits_of,
                self.store.times,
                self.stream.rows,
                low[part],
                high[part],
                self.blocker.size,
                self.within,
                self.total,
                self.stable,
            ),
            high - low,
        )
        depth, entry = (np.concatenate(column) for column in zip(*parts, strict=True))
        return depth, entry

    def any_link(
        self, low: np.ndarray, high: np.ndarray, *, want_witness: bool
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        parts = run_slices(
            lambda part: matching.reach_any(
                self.codes,
                self.bits_of,
                self.store.times,
                self.store.sequence,
                self.stream.rows,
                low[part],
                high[part],
                self.blocker.size,
                self.within,
                self.after,
                self.total,
                self.blocker,
                self.stable,
                self.overlapping,
                want_witness,
            ),
            high - low,
        )
        depth, entry, witness = (np.concatenate(column) for column in zip(*parts, strict=True))
        return depth, entry, witness

    def attempts(self, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        parts = run_slices(
            lambda part: attempts.attempts(
                self.codes,
                self.bits_of,
                self.store.times,
                self.stream.rows,
                low[part],
                high[part],
                self.blocker.size,
                self.within,
                self.after,
                self.total,
                self.blocker,
            ),
            high - low,
        )
        return np.concatenate(parts)


def match(
    marker: Marker,
    stream: Stream,
    steps: tuple[Step, ...],
    *,
    total_within: Duration | None = None,
    ties: str = "any",
    start: int = -(2**62),
    end: int = 2**62,
    warmup: Duration | None = None,
    keep: np.ndarray | None = None,
) -> Match:
    """Match a sequence of steps in every container of a stream.

    Parameters
    ----------
    marker : Marker
    stream : Stream
    steps : tuple of Step
        With ``link="next"`` on the first one, a container enters only with its first row in range.
    total_within : Duration, optional
        Limit from step 1 to the last reached step; inclusive.
    ties : {"any", "stable"}
        Whether rows with equal times may stand in either order.
    start, end : int
        Half-open range of microseconds; only rows inside exist.
    warmup : Duration, optional
        Rows up to this long before `start` may serve steps, without making a container present.
    keep : numpy.ndarray of bool, optional
        Rows of the store that may serve a step.

    Notes
    -----
    Source: journeys-fallout.md, section 0.
    """
    if ties not in TIES:
        raise ArgumentError.of("ties", ties, TIES)
    first = steps[0]
    if first.within is not None or first.after is not None or first.without is not None:
        marker.note(message("Limits of step 1 are left out: no step lies before it."))
    codes, bits_of, blocker = marker.bits(steps, keep)
    unlimited = matching.UNLIMITED
    within = [s.within.microseconds if s.within is not None else unlimited for s in steps]
    after = [s.after.microseconds if s.after is not None else 0 for s in steps]
    within[0], after[0] = unlimited, 0
    compiled = _Compiled(
        marker.store,
        stream,
        codes,
        bits_of,
        blocker,
        np.array(within, np.int64),
        np.array(after, np.int64),
        unlimited if total_within is None else total_within.microseconds,
        ties == "stable",
    )
    low, high = ranges(marker.store, stream, start, end)
    present = high > low
    if warmup is not None:
        low, _ = ranges(marker.store, stream, start - warmup.microseconds, end)
        low = np.where(present, low, high)
    depth, entry = compiled.reach(low, high)
    return Match(stream, depth, entry, low, high, present, compiled)


def ranges(
    store: EventStore, stream: Stream, start: int, end: int
) -> tuple[np.ndarray, np.ndarray]:
    """First and one-past-last place of each container inside [start, end)."""
    newest = store.description["newest"]
    if newest is None or (start <= store.description["first"] and end > newest):
        return stream.offsets[:-1], stream.offsets[1:]
    return kernels.bounds(store.times, stream.rows, stream.offsets, start, end, 0, len(stream))


def held_constant(
    store: EventStore, stream: Stream, codes: np.ndarray, values: int
) -> tuple[Stream, np.ndarray]:
    """Split every container of a stream by a property that must stay the same.

    Parameters
    ----------
    codes : numpy.ndarray
        Code of the property at every row of the store; `values` means missing.
    values : int
        Number of distinct values.

    Returns
    -------
    stream : Stream
        One container for each pair of container and value; rows without a value take no part.
    parent : numpy.ndarray of int64
        Container of the given stream behind each of them.
    """
    container = stream.container_of_places()
    rows = stream.rows if len(stream.rows) else np.arange(len(store))
    held = np.asarray(codes)[rows].astype(np.int64)
    usable = held < values
    pairs, pair_of = np.unique(container[usable] * values + held[usable], return_inverse=True)
    order, offsets, present = ordered_rows(store, pair_of, pairs.size, rows[usable])
    dropped = stream.dropped_null_key + int(np.count_nonzero(~usable))
    split = Stream(stream.container, order, offsets, present, stream.key, dropped)
    return split, pairs[present] // max(values, 1)
