"""Totals of every container in every bucket of time, and the cells of the table they fall into."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.engine.executors import run_slices
from workbench.engine.masks import Marker
from workbench.engine.match import ranges
from workbench.engine.occurrences import Occurrences, occurrences
from workbench.engine.store import EventStore, Stream
from workbench.engine.tallies.cells import tally
from workbench.engine.tallies.plain import is_plain, listed, places_of, plain_tally, walked
from workbench.engine.tallies.shapes import (
    VALUE_PLACE,
    Found,
    Pairs,
    Rows,
    Rules,
    Sums,
    Table,
    Wanted,
)
from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.vocabulary.criteria import Criterion, Metric
from workbench.vocabulary.steps import Step

MODES = ("exact", "consecutive", "cumulative", "unbounded")
_NOBODY = np.empty(0, np.int64)
NO_PAIRS = Pairs(_NOBODY, _NOBODY, _NOBODY, _NOBODY, _NOBODY)
_NOTHING_WANTED = Wanted(np.empty(0, np.bool_), np.empty((0, 0), np.bool_), False)


@dataclass(frozen=True)
class Tallies:
    """Everything the kernels need, for any range of containers.

    Attributes
    ----------
    rows : Rows
        Rows of each container inside the range that was asked for.
    limits : numpy.ndarray of float64, shape (3, metrics)
        Smallest and largest total of each metric, and 1 where a measure is added.
    edges : numpy.ndarray of int64, shape (buckets + 1,)
        Borders of the buckets.
    in_metrics : int
        Metrics of inclusion, which come first.
    """

    store: EventStore
    stream: Stream
    rows: Rows
    limits: np.ndarray
    rules: Rules
    edges: np.ndarray
    in_metrics: int

    def sums(self, table: Table, pairs: Pairs = NO_PAIRS) -> Sums:
        """The table of all containers."""
        if pairs is NO_PAIRS and is_plain(self.rules, table, self.edges):
            parts = self._plain_parts(table)
        else:
            parts = [sums for sums, _ in self._parts(table, pairs, _NOTHING_WANTED)]
        return Sums(*(sum(column[1:], column[0]) for column in zip(*parts, strict=True)))

    def find(
        self,
        table: Table,
        rows: np.ndarray,
        cells: np.ndarray,
        *,
        churned: bool = False,
        pairs: Pairs = NO_PAIRS,
    ) -> Found:
        """Containers of some rows, or of some cells, of the table.

        Parameters
        ----------
        rows : numpy.ndarray of bool, shape (rows,)
            Rows of which every included container is wanted.
        cells : numpy.ndarray of bool, shape (rows, columns)
        churned : bool
            Whether those of a cell are wanted that did not return.
        """
        wanted = Wanted(np.ascontiguousarray(rows), np.ascontiguousarray(cells), churned)
        parts = [found for _, found in self._parts(table, pairs, wanted)]
        return Found(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def _plain_parts(self, table: Table) -> list[Sums]:
        rows, (bucket_of, shift) = self.rows, places_of(self.edges)
        index = self._index()
        span = rows.begin, rows.end, self.edges, bucket_of, shift
        metrics, buckets = self.limits.shape[1], self.edges.size - 1

        def counted(part: slice) -> Sums:
            if index is None:
                masks = walked(*rows[:6], *span, metrics, part.start, part.stop)
            else:
                masks = np.zeros((part.stop - part.start, metrics), np.int64)
                for bits, whose, when in index.of_containers(rows.bits_of, part.start, part.stop):
                    listed(whose, when, bits, *span, part.start, masks)
            chosen = rows.low[part] < rows.high[part]
            return plain_tally(masks, chosen, self.rules, table, buckets, self.in_metrics)

        return run_slices(counted, rows.high - rows.low)

    def _index(self) -> Occurrences | None:
        """The index of events, where it is known and few rows matter."""
        index = occurrences(self.store, self.stream, self.rows.codes)
        if index is None or index.counted(self.rows.bits_of != 0) > len(self.store) // 2:
            return None
        return index

    def events(self) -> np.ndarray:
        """Rows of each container inside the range."""
        low, high = ranges(self.store, self.stream, self.rows.begin, self.rows.end)
        return np.asarray(high - low)

    def _parts(self, table: Table, pairs: Pairs, wanted: Wanted) -> list[tuple[Sums, Found]]:
        return run_slices(
            lambda part: tally(
                self.rows,
                self.limits,
                self.rules,
                table,
                self.edges,
                pairs,
                wanted,
                part.start,
                part.stop,
            ),
            self.rows.high - self.rows.low,
        )


def tallies(
    marker: Marker,
    stream: Stream,
    inclusion: Criterion,
    returning: Criterion,
    *,
    edges: np.ndarray,
    start: int,
    end: int,
    value: Metric | None = None,
    keep: np.ndarray | None = None,
    counted: np.ndarray | None = None,
) -> Tallies:
    """Put conditions and thresholds into the form that the kernels take.

    Parameters
    ----------
    marker : Marker
    stream : Stream
    inclusion, returning : Criterion
    edges : numpy.ndarray of int64
        Borders of the buckets.
    start, end : int
        Half-open range of microseconds; only rows inside exist.
    value : Metric, optional
        Measure that is added up beside.
    keep : numpy.ndarray of bool, optional
        Rows of the store that may serve at all.
    counted : numpy.ndarray of bool, optional
        Containers that may be counted.

    Notes
    -----
    Source: journeys-cohort.md, sections 2 and 6.
    """
    metrics = (*inclusion.metrics, *returning.metrics)
    conditions = [*inclusion.conditions(), *returning.conditions()]
    in_metrics = in_bits = (1 << len(inclusion.metrics)) - 1
    out_bits = (1 << len(conditions)) - 1 - in_bits
    value_bit = 0
    if value is not None:
        value_bit = 1 << len(conditions)
        conditions.append(value.condition)
    if inclusion.met_by_nothing:
        in_bits |= 1 << len(conditions)
        conditions.append(inclusion.any_row())
    codes, bits_of, _ = marker.bits(tuple(Step("", item) for item in conditions), keep)
    # Only rows that matter are asked for their time: cheaper than finding where a period begins
    # in every container.
    low, high = stream.offsets[:-1], stream.offsets[1:]
    low = low if counted is None else np.where(counted, low, high)
    span = max(start, int(edges[0])), min(end, int(edges[-1]))
    measures = _measures(marker.store, metrics, value)
    inside = sum(1 << k for k, item in enumerate(metrics) if item.least <= 0 <= item.most)
    single = all(m.sum is None and 0 < m.least <= 1 and m.most == math.inf for m in metrics)
    enough = in_metrics | out_bits if single else 0
    bits = [np.uint64(n) for n in (in_metrics, in_bits, out_bits, value_bit, inside, enough)]
    rules = Rules(
        in_metrics=bits[0],
        in_bits=bits[1],
        out_bits=bits[2],
        value_bit=bits[3],
        inside=bits[4],
        enough=bits[5],
        added=0 if single else len(metrics),
        any_included=inclusion.operator == "or",
        any_returned=returning.operator == "or",
    )
    return Tallies(
        marker.store,
        stream,
        Rows(codes, bits_of, marker.store.times, stream.rows, low, high, measures, *span),
        np.array([(m.least, m.most, m.sum is not None) for m in metrics], float).T.copy(),
        rules,
        edges,
        len(inclusion.metrics),
    )


def measure_of(store: EventStore, name: str, argument: str) -> np.ndarray:
    """A measure of the events by name, or a refusal that names the known ones."""
    known = [n for n, column in store.columns.items() if column["kind"] == "measure"]
    if name not in known:
        kind = ArgumentError if name in store.columns else AbsentError
        raise kind.of(argument, name, known, message("A sum needs a column of numbers."))
    return store.column(name)


def _measures(
    store: EventStore, metrics: Sequence[Metric], value: Metric | None
) -> tuple[np.ndarray, ...]:
    """One array a metric and one for the value, of one type whatever was asked."""
    named = [item.sum for item in metrics] + [None] * (VALUE_PLACE - len(metrics))
    arrays = []
    for name in [*named, None if value is None else value.sum]:
        column = np.empty(0) if name is None else measure_of(store, name, "sum")
        view = np.asarray(column).view()
        view.flags.writeable = False
        arrays.append(view)
    return tuple(arrays)
