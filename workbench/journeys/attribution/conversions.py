"""The conversions that are shared out: where they stand, whose they are, what they are worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.engine.executors import run_slices
from workbench.engine.masks import Marker
from workbench.engine.occurrences import occurrences
from workbench.engine.store import EventStore, Stream
from workbench.engine.touches.collected import Ends, found
from workbench.journeys.attribution.amounts import Amounts, amounts_of
from workbench.journeys.attribution.question import Question


@dataclass(frozen=True)
class Conversions:
    """Conversions, each in its container.

    A conversion in several buying groups stands once in each of them, and they share it equally,
    so that it counts once.

    Attributes
    ----------
    ends : workbench.engine.touches.collected.Ends
    row : numpy.ndarray of int64
        Row of the store of each end.
    container : numpy.ndarray of int64
        Container of the stream of each end.
    groups : numpy.ndarray of int64
        Container of the stream behind each group of ends.
    keyless : numpy.ndarray of int64
        Rows of conversions that carry no key of the container.
    keyless_value : numpy.ndarray of float
        What they are worth.
    converted : numpy.ndarray of int64
        Containers with a conversion, whether the segment keeps it or not.
    currency : str
    notes : tuple of str
    """

    ends: Ends
    row: np.ndarray
    container: np.ndarray
    groups: np.ndarray
    keyless: np.ndarray
    keyless_value: np.ndarray
    converted: np.ndarray
    currency: str
    notes: tuple[str, ...]

    @property
    def total(self) -> int:
        """All conversions, each once."""
        return round(float(self.ends.mass.sum())) + self.keyless.size

    @property
    def total_value(self) -> float:
        """What all of them are worth."""
        return float(self.ends.value.sum() + self.keyless_value.sum())


def conversions_of(
    question: Question, marker: Marker, stream: Stream, kept: np.ndarray | None
) -> Conversions:
    """Find the conversions of a question.

    Parameters
    ----------
    kept : numpy.ndarray of bool, optional
        Rows of the segment; credit of a conversion outside is not counted.
    """
    store, start, end = question.workspace.events, *question.workspace.bounds(question.period)
    codes, bits_of, _ = marker.bits((question.conversion,))
    wanted = (bits_of & np.uint64(1)).astype(bool)
    place, container, instants = _found(store, stream, codes, wanted, start, end)
    row = stream.row_at(place)
    keyless = _keyless(store, stream, codes, wanted, start, end)
    groups, starts = _grouped(container)
    converted = groups
    if kept is not None:
        inside = kept[row]
        place, container, row = place[inside], container[inside], row[inside]
        instants = instants[inside]
        keyless = keyless[kept[keyless]]
        groups, starts = _grouped(container)
    amounts = _amounts(question, marker, np.concatenate([row, keyless]))
    mass, value = _shared(row, amounts.values[: row.size], store, stream)
    ends = Ends(
        place,
        np.asarray(stream.offsets)[container].astype(np.int64),
        since(question, instants),
        mass,
        value,
        starts,
    )
    return Conversions(
        ends,
        row,
        container,
        groups,
        keyless,
        amounts.values[row.size :],
        converted,
        amounts.currency,
        amounts.notes,
    )


def since(question: Question, instants: np.ndarray) -> np.ndarray:
    """The oldest microsecond inside the window before each instant."""
    workspace = question.workspace
    zone, start = workspace.settings.report_tz, workspace.bounds(question.period)[0]
    return question.lookback.since(instants, zone, start)


def _found(
    store: EventStore, stream: Stream, codes: np.ndarray, wanted: np.ndarray, start: int, end: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places, containers and times of the marked rows of a stream inside [start, end)."""
    index = occurrences(store, stream, codes)
    if index is not None:
        return index.found(wanted, start, end)
    parts = run_slices(
        lambda part: found(
            codes,
            wanted,
            store.times,
            stream.rows,
            stream.offsets,
            part.start,
            part.stop,
            start,
            end,
        ),
        np.diff(stream.offsets),
    )
    if not parts:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64)
    place, container, instants = (np.concatenate(column) for column in zip(*parts, strict=True))
    return place, container, instants


def _keyless(
    store: EventStore, stream: Stream, codes: np.ndarray, wanted: np.ndarray, start: int, end: int
) -> np.ndarray:
    """Rows of conversions without a key of the container."""
    if stream.container.name == "account":
        return np.empty(0, np.int64)
    rows = _found(store, store.stream("account"), codes, wanted, start, end)[0]
    missing = store.columns[stream.key]["values"]
    return rows[np.asarray(store.column(stream.key)[rows]) == missing]


def _amounts(question: Question, marker: Marker, rows: np.ndarray) -> Amounts:
    if question.value is None:
        return Amounts(np.zeros(rows.size))
    return amounts_of(question.workspace, marker, question.value, rows)


def _shared(
    row: np.ndarray, value: np.ndarray, store: EventStore, stream: Stream
) -> tuple[np.ndarray, np.ndarray]:
    """Part of a conversion, and of its amount, that each of its containers carries."""
    if store.columns[stream.key]["kind"] != "list":
        return np.ones(row.size), value
    _, inverse, containers = np.unique(row, return_inverse=True, return_counts=True)
    mass = 1 / containers[inverse]
    return mass, value * mass


def _grouped(container: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct containers of ends in stream order, and where the ends of each begin."""
    if not container.size:
        return container, np.zeros(1, np.int64)
    firsts = np.flatnonzero(np.append(True, np.diff(container) != 0))
    return container[firsts], np.append(firsts, container.size).astype(np.int64)
