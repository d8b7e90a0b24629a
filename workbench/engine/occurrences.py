"""Where each event occurs: the places of a stream sorted by event, so that few events are quick.

A question about one or two kinds of events reads their rows only. The index is written beside the
store when it is first asked for and read as a memory map; where it cannot be written, nothing is
lost but speed.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

from workbench.engine.executors import run_rows
from workbench.engine.store import EventStore, Stream

COLUMN = "event"
PARTS = ("starts", "places", "containers", "times")
MOST_CONTAINERS = np.iinfo(np.uint32).max


@dataclass(frozen=True)
class Occurrences:
    """The places of a stream, those of one event side by side in the order of the stream.

    Attributes
    ----------
    starts : numpy.ndarray of int64, shape (events + 2,)
        Where the places of each code of the event begin; the last code stands for none.
    places, containers : numpy.ndarray of unsigned integers
        Place of the stream, and number of its container.
    times : numpy.ndarray of int64
        Microseconds of the row at each place.
    """

    starts: np.ndarray
    places: np.ndarray
    containers: np.ndarray
    times: np.ndarray

    def counted(self, wanted: np.ndarray) -> int:
        """Places with a wanted code.

        Parameters
        ----------
        wanted : numpy.ndarray of bool
            One a code.
        """
        return int(np.diff(self.starts)[: wanted.size][wanted].sum())

    def of_containers(
        self, values: np.ndarray, first: int, last: int
    ) -> Iterator[tuple[Any, np.ndarray, np.ndarray]]:
        """Containers and times of each event in a range of containers.

        Parameters
        ----------
        values : numpy.ndarray
            What each code stands for; a code that stands for 0 is left out.
        first, last : int
            Half-open range of containers.

        Yields
        ------
        value, containers, times
        """
        for code in np.flatnonzero(values):
            a, b = self.starts[code : code + 2]
            whose = self.containers[a:b]
            low, high = np.searchsorted(whose, np.array([first, last], whose.dtype))
            yield values[code], whose[low:high], self.times[a + low : a + high]

    def found(
        self, wanted: np.ndarray, start: int, end: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Places of the wanted events inside [start, end) in order, their containers and times."""
        parts, codes = [], np.flatnonzero(wanted)
        for a, b in (map(int, self.starts[code : code + 2]) for code in codes):

            def found(low: int, high: int, a: int = a) -> tuple[np.ndarray, ...]:
                of = slice(a + low, a + high)
                return _inside(self.places[of], self.containers[of], self.times[of], start, end)

            parts += run_rows(found, b - a)
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64)
        place, container, times = (np.concatenate(column) for column in zip(*parts, strict=True))
        if codes.size == 1:
            return place, container, times
        order = np.argsort(place, kind="stable")
        return place[order], container[order], times[order]


def occurrences(store: EventStore, stream: Stream, codes: np.ndarray) -> Occurrences | None:
    """The index of a stream, made when it is first asked for.

    Parameters
    ----------
    codes : numpy.ndarray
        What the conditions of a question are decided by.

    Returns
    -------
    Occurrences or None
        None where the conditions speak of more than the event, or nothing can be written.
    """
    if COLUMN not in store.columns or codes is not store.column(COLUMN) or not len(store):
        return None
    if len(stream) > MOST_CONTAINERS:
        return None
    paths = {
        part: store.directory / f"{stream.container.name}.by_{COLUMN}.{part}.npy" for part in PARTS
    }
    try:
        return _opened(paths, store, stream)
    except (OSError, ValueError, EOFError):
        with contextlib.suppress(OSError, ValueError, EOFError):
            _make(store, stream, paths)
            return _opened(paths, store, stream)
    return None


def _opened(paths: dict[str, Path], store: EventStore, stream: Stream) -> Occurrences:
    kept = store.indices.get(stream.container.name)
    if kept is None:
        kept = Occurrences(*(np.load(path, mmap_mode="r") for path in paths.values()))
        if kept.places.size != stream.offsets[-1]:
            raise ValueError(paths)
        store.indices[stream.container.name] = kept
    return kept


def _make(store: EventStore, stream: Stream, paths: dict[str, Path]) -> None:
    """Write the index; each file appears whole, and two processes write the same bytes."""
    codes, size = store.column(COLUMN), int(stream.offsets[-1])
    starts = _starts(codes, stream.rows, size, store.columns[COLUMN]["values"] + 1)
    narrow = np.uint32 if size <= MOST_CONTAINERS else np.int64
    kinds = {"places": narrow, "containers": np.uint32, "times": np.int64}
    with _whole(paths) as parts:
        np.save(parts["starts"], starts)
        arrays = [
            np.lib.format.open_memmap(parts[name], "w+", kind, (size,))
            for name, kind in kinds.items()
        ]
        _fill(codes, store.times, stream.rows, stream.offsets, starts[:-1].copy(), *arrays)
        del arrays


@contextlib.contextmanager
def _whole(paths: dict[str, Path]) -> Iterator[dict[str, Path]]:
    """Files to write to, which take their places when all are written."""
    folder = next(iter(paths.values())).parent
    with tempfile.TemporaryDirectory(prefix=".index-", dir=folder) as made:
        parts = {name: Path(made) / path.name for name, path in paths.items()}
        yield parts
        for name, path in paths.items():
            parts[name].replace(path)


@njit(nogil=True, cache=True)
def _starts(codes, rows, size, values):
    out = np.zeros(values + 1, np.int64)
    for place in range(size):
        out[np.int64(codes[rows[place] if rows.size else place]) + 1] += 1
    for k in range(values):
        out[k + 1] += out[k]
    return out


@njit(nogil=True, cache=True)
def _fill(codes, times, rows, offsets, filled, places, containers, instants):
    for c in range(offsets.size - 1):
        for place in range(offsets[c], offsets[c + 1]):
            row = rows[place] if rows.size else place
            code = np.int64(codes[row])
            at = filled[code]
            filled[code] = at + 1
            places[at] = place
            containers[at] = c
            instants[at] = times[row]


@njit(nogil=True, cache=True)
def _inside(places, containers, times, start, end):
    """What lies inside [start, end); first how much, so that nothing larger is ever filled."""
    number = 0
    for n in range(times.size):
        number += (start <= times[n]) & (times[n] < end)
    where, whose, when = np.empty((3, number), np.int64)
    number = 0
    for n in range(times.size):
        if start <= times[n] and times[n] < end:
            where[number], whose[number], when[number] = places[n], containers[n], times[n]
            number += 1
    return where, whose, when
