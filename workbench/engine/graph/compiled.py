"""A graph as the kernels take it, and which of them can answer quickest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np

from workbench.engine.executors import run_slices
from workbench.engine.graph import kernels as graph_kernels
from workbench.engine.graph import ordered as graph_ordered
from workbench.engine.graph import walk as graph_walk
from workbench.engine.graph.kernels import SEVERAL
from workbench.engine.store import EventStore, Stream
from workbench.vocabulary.durations import Duration

UNLIMITED = 2**62


@dataclass(frozen=True)
class Link:
    """An arrow between two nodes, by their numbers, and the gap that it allows.

    Attributes
    ----------
    source, target : int
        The target's number is the larger one.
    within, after : Duration or None
        Largest and smallest gap; both are inside.
    """

    source: int
    target: int
    within: Duration | None = None
    after: Duration | None = None


@dataclass(frozen=True)
class Compiled:
    """Everything the kernels need, for any range of containers."""

    store: EventStore
    stream: Stream
    codes: np.ndarray
    bits_of: np.ndarray
    source: np.ndarray
    target: np.ndarray
    within: np.ndarray
    after: np.ndarray
    nodes: int
    stable: bool
    keep: np.ndarray | None

    @cached_property
    def node_of(self) -> np.ndarray:
        """The one node that each code matches; -1 for none, `SEVERAL` for more."""
        several = (self.bits_of & (self.bits_of - (self.bits_of > 0))) > 0
        out = np.full(self.bits_of.size, -1, np.int64)
        for node in range(self.nodes):
            out[bit_of(self.bits_of, node)] = node
        out[several] = SEVERAL
        return out

    @property
    def tied(self) -> np.ndarray:
        """Containers in which rows of one instant may stand in either order."""
        if self.stable or not self.apart:
            return np.zeros(len(self.stream), bool)
        return _tied(self.store, self.stream)

    @property
    def limited(self) -> bool:
        """Whether any arrow has a limit."""
        return bool(self.after.any() or (self.within < UNLIMITED).any())

    def reach(
        self, low: np.ndarray, high: np.ndarray, tied: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, int]:
        """Nodes reached and arrows taken, by the quickest kernel that can tell.

        Parameters
        ----------
        tied : numpy.ndarray of bool
            Containers in which rows of one instant may stand in either order.
        """
        if self.limited:
            return self._reach_limited(low, high, tied)
        if not self.apart:
            return self._reach_any(low, high)
        reached, taken, complete = graph_ordered.reach_ordered(*self._ordered(low, high))
        again, unsearched = tied & ~complete, 0
        if again.any():
            reached[again], taken[again], unsearched = self._reach_any(low[again], high[again])
        return reached, taken, unsearched

    def places(self, low: np.ndarray, high: np.ndarray, tied: np.ndarray) -> tuple[np.ndarray, ...]:
        """Places of first rows at nodes, before and after arrows, by the quickest kernel."""
        if self.limited or not self.apart:
            return self.walk(low, high, places=True)[3:6]
        places = graph_ordered.places_ordered(*self._ordered(low, np.where(tied, low, high)))
        if tied.any():
            walked = self.walk(low[tied], high[tied], places=True)[3:6]
            for own, other in zip(places, walked, strict=True):
                own[tied] = other
        return places

    def _reach_limited(
        self, low: np.ndarray, high: np.ndarray, tied: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, int]:
        both = (self.after > 0) & (self.within < UNLIMITED)
        if both.any() or not self.apart:
            return self.walk(low, high)[:3]
        given = (*self._ordered(low, high), self.store.times, self.within, self.after)
        reached, taken = graph_ordered.reach_limited(*given)
        unsearched = 0
        if tied.any():
            reached[tied], taken[tied], unsearched = self.walk(low[tied], high[tied])[:3]
        return reached, taken, unsearched

    @property
    def apart(self) -> bool:
        """Whether each row matches one node at most."""
        return self.nodes <= graph_ordered.MOST_NODES and not (self.node_of == SEVERAL).any()

    def _ordered(self, low: np.ndarray, high: np.ndarray) -> tuple:
        of_code = np.where(self.node_of < 0, self.nodes, self.node_of)
        class_of, node_of = np.empty(0, np.uint8), of_code
        if of_code.size > 256:
            class_of, node_of = of_code.astype(np.uint8), np.arange(self.nodes + 1)
        rows = self.stream.rows
        return self.codes, class_of, node_of, rows, low, high, self.source, self.target, self.nodes

    def _reach_any(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
        return graph_kernels.reach(
            self.codes,
            self.bits_of,
            self.node_of,
            self.store.times,
            self.store.sequence,
            self.stream.rows,
            low,
            high,
            self.source,
            self.target,
            self.nodes,
            self.stable,
        )

    def walk(
        self, low: np.ndarray, high: np.ndarray, *, places: bool = False, rows: bool = False
    ) -> tuple:
        """As `workbench.engine.graph.walk.walk` gives it."""
        return graph_walk.walk(
            self.codes,
            self.bits_of,
            self.store.times,
            self.store.sequence,
            self.stream.rows,
            low,
            high,
            self.source,
            self.target,
            self.within,
            self.after,
            self.nodes,
            self.stable,
            places,
            rows,
        )


def arrays_of(links: Sequence[Link]) -> dict[str, np.ndarray]:
    """The links as the kernels take them."""
    return {
        "source": np.array([link.source for link in links], np.int64),
        "target": np.array([link.target for link in links], np.int64),
        "within": np.array([_microseconds(link.within, UNLIMITED) for link in links], np.int64),
        "after": np.array([_microseconds(link.after, 0) for link in links], np.int64),
    }


def _microseconds(limit: Duration | None, nothing: int) -> int:
    return nothing if limit is None else limit.microseconds


def bit_of(words: np.ndarray, bit: int) -> np.ndarray:
    """Whether a bit is set in each word."""
    return (words >> np.uint64(bit)) & np.uint64(1) > 0


# Which containers have rows of one instant is the same for every question to an open store.
_TIES: WeakKeyDictionary[EventStore, dict[str, np.ndarray]] = WeakKeyDictionary()


def _tied(store: EventStore, stream: Stream) -> np.ndarray:
    """Containers of a stream with two rows of one instant; looked up once for an open store."""
    known = _TIES.setdefault(store, {})
    name = stream.container.name
    if name not in known:
        low, high = np.asarray(stream.offsets[:-1]), np.asarray(stream.offsets[1:])
        parts = run_slices(
            lambda part: graph_ordered.has_ties(store.times, stream.rows, low[part], high[part]),
            high - low,
        )
        known[name] = np.concatenate(parts)
    return known[name]
