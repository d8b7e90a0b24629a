"""Which containers reach which nodes of an acyclic graph, through which arrows and rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from workbench.engine.executors import run_slices
from workbench.engine.graph.compiled import UNLIMITED, Compiled, Link, arrays_of, bit_of
from workbench.engine.graph.kernels import NEVER
from workbench.engine.masks import MOST_CONDITIONS, Marker
from workbench.engine.match import TIES, ranges
from workbench.engine.store import Stream
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.conditions import Condition
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.steps import Step

MOST_NODES = MOST_CONDITIONS
__all__ = ["MOST_NODES", "NEVER", "UNLIMITED", "Link", "Reach", "reach"]


@dataclass(frozen=True)
class Reach:
    """The answer of one pass over a stream.

    Attributes
    ----------
    reached : numpy.ndarray of uint64, shape (containers,)
        A bit a node.
    taken : numpy.ndarray of uint64, shape (containers, words)
        A bit an arrow, 64 in a word.
    low, high : numpy.ndarray of int64, shape (containers,)
        Places of the stream inside the period.
    walked_from : numpy.ndarray of int64, shape (containers,)
        First place that was read, warm-up included.
    unsearched : int
        Groups of tied rows whose search was given up.
    """

    stream: Stream
    reached: np.ndarray
    taken: np.ndarray
    low: np.ndarray
    high: np.ndarray
    walked_from: np.ndarray
    unsearched: int
    compiled: Compiled = field(repr=False)

    @property
    def present(self) -> np.ndarray:
        """Containers with at least one row in the period."""
        return self.high > self.low

    def at(self, node: int) -> np.ndarray:
        """Containers that reached a node, one mark each."""
        return bit_of(self.reached, node)

    def along(self, arrow: int) -> np.ndarray:
        """Containers that reached the end of an arrow through it, one mark each."""
        return bit_of(self.taken[:, arrow >> 6], arrow & 63)

    @cached_property
    def _places(self) -> tuple[np.ndarray, ...]:
        parts = run_slices(
            lambda part: self.compiled.places(
                self.walked_from[part], self.high[part], self.compiled.tied[part]
            ),
            self.high - self.walked_from,
        )
        return tuple(np.concatenate(column) for column in zip(*parts, strict=True))

    @property
    def place_of(self) -> np.ndarray:
        """Place of the first row that reached each node, (containers, nodes); -1 for none."""
        return self._places[0]

    @property
    def left_at(self) -> np.ndarray:
        """Place of the row before the first passage of each arrow, (containers, arrows); or -1.

        The latest row that the earliest row reached through the arrow may have come from.
        """
        return self._places[1]

    @property
    def came_at(self) -> np.ndarray:
        """Place of the earliest row reached through each arrow, (containers, arrows); or -1."""
        return self._places[2]

    def redrawn(self, nodes: Sequence[int], links: Sequence[Link]) -> Reach:
        """The same rows over another graph of the same nodes; a node may stand in it repeatedly.

        Parameters
        ----------
        nodes : sequence of int
            For each node of the new graph, the number of the node whose condition it has.
        links : sequence of Link
            Between nodes of the new graph, ordered by target.
        """
        own = self.compiled
        bits_of = np.zeros(own.bits_of.size, np.uint64)
        for new, old in enumerate(nodes):
            bits_of |= bit_of(own.bits_of, old).astype(np.uint64) << np.uint64(new)
        changed: dict[str, Any] = {"bits_of": bits_of, "nodes": len(nodes), **arrays_of(links)}
        compiled = replace(own, **changed)
        return _found(compiled, self.walked_from, self.low, self.high)

    def times(self, places: np.ndarray) -> np.ndarray:
        """Microseconds of rows at places of the stream; `NEVER` where there is none."""
        found = places >= 0
        out = np.full(places.shape, NEVER, np.int64)
        out[found] = self.compiled.store.times[self.stream.row_at(places[found])]
        return out


def reach(
    marker: Marker,
    stream: Stream,
    conditions: Sequence[Condition],
    links: Sequence[Link],
    *,
    ties: str = "any",
    start: int = -(2**62),
    end: int = 2**62,
    warmup: Duration | None = None,
    keep: np.ndarray | None = None,
) -> Reach:
    """Walk every container of a stream over a graph.

    Parameters
    ----------
    marker : Marker
    stream : Stream
    conditions : sequence of Condition
        One a node, at most `MOST_NODES`; nodes without an arrow to them are starts.
    links : sequence of Link
        Ordered by target; each leads from a lower to a higher number.
    ties : {"any", "stable"}
        Whether rows with equal times may stand in either order.
    start, end : int
        Half-open range of microseconds; only rows inside exist.
    warmup : Duration, optional
        Rows up to this long before `start` may serve nodes, without making a container present.
    keep : numpy.ndarray of bool, optional
        Rows of the store that may serve a node.

    Notes
    -----
    Source: journeys-canvas.md, section 2; journeys-fallout.md, section 0.
    """
    if ties not in TIES:
        raise ArgumentError.of("ties", ties, TIES)
    nodes = tuple(Step(str(n), condition) for n, condition in enumerate(conditions))
    codes, bits_of, _ = marker.bits(nodes, keep)
    compiled = Compiled(
        marker.store,
        stream,
        codes,
        bits_of,
        nodes=len(nodes),
        stable=ties == "stable",
        keep=keep,
        **arrays_of(links),
    )
    low, high = ranges(marker.store, stream, start, end)
    first = low
    if warmup is not None:
        first, _ = ranges(marker.store, stream, start - warmup.microseconds, end)
        first = np.where(high > low, first, high)
    found = _found(compiled, first, low, high)
    if found.unsearched:
        marker.note(
            message(
                "In {n} groups of events with equal times not every choice of rows was tried.",
                n=f"{found.unsearched:,}",
            )
        )
    return found


def _found(compiled: Compiled, first: np.ndarray, low: np.ndarray, high: np.ndarray) -> Reach:
    tied = compiled.tied
    parts = run_slices(
        lambda part: compiled.reach(first[part], high[part], tied[part]), high - first
    )
    reached, taken = (np.concatenate([p[n] for p in parts]) for n in (0, 1))
    unsearched = sum(part[2] for part in parts)
    return Reach(compiled.stream, reached, taken, low, high, first, unsearched, compiled)
