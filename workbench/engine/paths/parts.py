"""What the passes over paths share: sums for threads, people of containers, medians of gaps."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from workbench.engine.executors import run_slices
from workbench.engine.paths import count as paths_count
from workbench.engine.paths.plan import Counted
from workbench.engine.store import EventStore, Stream

_MOST_GAPS = 40_000_000
_PEOPLE: WeakKeyDictionary[EventStore, dict[tuple[str, str], Any]] = WeakKeyDictionary()


class Pool:
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


def numbered_people(
    store: EventStore, stream: Stream, people: str
) -> tuple[np.ndarray, int] | None:
    """Number of the person at each place among those of its container, and the most of one.

    None where a person is in several containers. It is found once for a store.
    """
    asked = _PEOPLE.setdefault(store, {})
    key = stream.container.name, people
    if key not in asked:
        known = store.columns[people]["values"]
        codes = unwritable(np.asarray(store.column(people)).astype(np.uint32, copy=False))
        rows, offsets = unwritable(stream.rows), unwritable(np.asarray(stream.offsets))
        numbers = np.zeros(int(offsets[-1]), np.uint32)
        shared, most = paths_count.number_people(codes, rows, offsets, known, numbers)
        numbers = unwritable(numbers.astype(np.uint8 if most < 256 else np.uint32))
        asked[key] = None if shared else (numbers, int(most))
    return asked[key]


def medians_of(counted: Counted, links: np.ndarray) -> np.ndarray:
    """Median gap of some links from the gaps that were kept."""
    parts = [
        (gaps, np.append(0, np.cumsum(counted.joined[start])))
        for start, gaps in counted.gaps.items()
    ]

    def found(part: slice) -> list[float]:
        return [
            median(np.concatenate([gaps[edges[n] : edges[n + 1]] for gaps, edges in parts]))
            for n in links[part]
        ]

    runs = run_slices(found, counted.sums.joined[links])
    return np.array([median for run in runs for median in run], float)


def median(values: np.ndarray) -> float:
    """Middle of some whole numbers, or the mean of the two in the middle."""
    middle = values.size // 2
    if values.size % 2:
        return float(np.partition(values, middle)[middle])
    below, above = np.partition(values, (middle - 1, middle))[middle - 1 : middle + 1]
    return (float(below) + float(above)) / 2


def blocks(joined: np.ndarray, links: np.ndarray) -> Iterator[np.ndarray]:
    """Links with pairs of rows, so many at a time that their gaps fit into memory."""
    block = np.cumsum(joined[links]) // _MOST_GAPS
    for number in np.unique(block):
        yield links[block == number]


def by_link(
    links: np.ndarray, parts: list[tuple[np.ndarray, np.ndarray]]
) -> Iterator[tuple[int, np.ndarray]]:
    """The gaps of each link over all slices."""
    for n, link in enumerate(links):
        yield int(link), np.concatenate([gaps[edges[n] : edges[n + 1]] for gaps, edges in parts])


def unwritable(array: np.ndarray) -> np.ndarray:
    """The same array as one that cannot be written: one compiled form serves all stores."""
    out = array.view(np.ndarray)
    out.flags.writeable = False
    return out
