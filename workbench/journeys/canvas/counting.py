"""Counting at the nodes of a graph, a group of containers at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from workbench.engine.graph.reach import Reach
from workbench.engine.graph.rows import Rows, Tally
from workbench.engine.matching.steps import NEVER
from workbench.journeys.canvas.graph import Graph
from workbench.journeys.canvas.metrics import Metric
from workbench.journeys.canvas.money import Measures


@dataclass(frozen=True)
class Group:
    """Containers that are counted together: all of them, or those of one compared segment.

    Attributes
    ----------
    name : str
    found : Reach
    counted : numpy.ndarray of bool, shape (containers,)
    graph : Graph
    in_sequence : bool
        Whether only rows count that themselves reached the node.
    measures : Measures
    """

    name: str
    found: Reach
    counted: np.ndarray
    graph: Graph
    in_sequence: bool
    measures: Measures
    _tallies: dict[tuple[str, str], Tally] = field(default_factory=dict, repr=False)

    def at(self, node: int) -> np.ndarray:
        """Counted containers that reached a node."""
        return self.counted & self.found.at(node)

    def along(self, arrow: int) -> np.ndarray:
        """Counted containers that took an arrow."""
        return self.counted & self.found.along(arrow)

    def fallen_out(self, node: int) -> np.ndarray:
        """Counted containers that reached a node and took none of the arrows from it."""
        out = self.at(node)
        for number, link in enumerate(self.graph.links):
            if link.source == node:
                out &= ~self.found.along(number)
        return out

    def first_times(self, node: int) -> np.ndarray:
        """Instant at which each container first reached a node; `NEVER` for none."""
        return self.found.times(self.found.place_of[:, node])

    @cached_property
    def unions(self) -> np.ndarray:
        """Parents of every node that has several, as bits."""
        masks = {sum(1 << p for p in before) for before in self.graph.parents if len(before) > 1}
        return np.array(sorted(masks), np.uint64)

    @cached_property
    def rows(self) -> Rows:
        """The rows that count at the nodes."""
        return Rows(self.found, self.counted, self.unions, self.in_sequence)

    def tally(self, metric: Metric) -> Tally:
        """A metric at every node, at every union of parents and over all rows in scope."""
        if metric.kind == "divide":
            above, below = (self.tally(part) for part in metric.parts)
            return _divided(above, below)
        key = metric.kind, metric.column
        if key not in self._tallies:
            self._tallies[key] = self._counted(metric)
        return self._tallies[key]

    def _counted(self, metric: Metric) -> Tally:
        if metric.kind == "containers":
            return self._containers()
        if metric.kind == "events":
            return self.rows.events()
        if metric.kind == "distinct":
            return self._distinct(metric.column)
        total, known = self.rows.sums(self.measures(metric.column))
        return _divided(total, known) if metric.kind == "mean" else total

    def _containers(self) -> Tally:
        reached = self.found.reached[self.counted]
        masks = [*(np.uint64(1 << n) for n in range(len(self.graph.nodes))), *self.unions]
        counts = np.array([np.count_nonzero(reached & mask) for mask in masks], float)
        nodes = len(self.graph.nodes)
        return Tally(counts[:nodes], counts[nodes:], float(np.count_nonzero(self.counted)))

    def _distinct(self, column: str) -> Tally:
        store = self.found.compiled.store
        values = store.columns[column]["values"]
        nodes, unions, total = self.rows.distinct(store.column(column), values)
        if store.columns[column]["kind"] == "list":
            names, places, offsets = store.exploded(column)
            nodes, unions, total = (
                _of_singles(marks, len(names), places, offsets) for marks in (nodes, unions, total)
            )
        return Tally(
            _bits_counted(nodes, len(self.graph.nodes)),
            _bits_counted(unions, self.unions.size),
            float(np.count_nonzero(total)),
        )

    def of_parents(self, tally: Tally, node: int) -> float:
        """A metric over the rows that count at any node before one; NaN for a start."""
        before = self.graph.parents[node]
        if not before:
            return np.nan
        if len(before) == 1:
            return float(tally.nodes[before[0]])
        mask = sum(1 << p for p in before)
        return float(tally.unions[int(np.searchsorted(self.unions, np.uint64(mask)))])


def _divided(above: Tally, below: Tally) -> Tally:
    with np.errstate(divide="ignore", invalid="ignore"):
        nodes = np.where(below.nodes != 0, above.nodes / below.nodes, np.nan)
        unions = np.where(below.unions != 0, above.unions / below.unions, np.nan)
    return Tally(nodes, unions, above.total / below.total if below.total else np.nan)


def _bits_counted(marks: np.ndarray, bits: int) -> np.ndarray:
    return np.array([np.count_nonzero(marks & np.uint64(1 << b)) for b in range(bits)], float)


def _of_singles(
    marks: np.ndarray, names: int, places: np.ndarray, offsets: np.ndarray
) -> np.ndarray:
    """Marks of codes that stand for several values, as marks of the single values."""
    out = np.zeros(names, marks.dtype)
    np.bitwise_or.at(out, places, np.repeat(marks, np.diff(offsets)[: marks.size]))
    return out


def days_between(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Days between two arrays of instants where both are known."""
    known = (before != NEVER) & (after != NEVER)
    return (after[known] - before[known]) / 86_400_000_000
