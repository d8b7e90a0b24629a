"""What is added up over paths: path views and containers of nodes and links."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

ANCHORED, START_SQUARES, JOINED, EQUAL, UNDECIDED, HIDDEN, TOO_MANY = range(7)


class Sums(NamedTuple):
    """What `count` adds up; nodes stand before links, each a slot of a column.

    Attributes
    ----------
    views, containers : int64 arrays, shape (nodes + links,)
    squares, with_start : int64 arrays, shape (nodes + links,)
        Over containers: sums of squared path views, and of their products with the anchors.
    with_left : int64 array, shape (links,)
        Sums of products with the path views of the left end.
    rows : int64 array, shape (nodes,)
        Distinct rows that stand there.
    joined : int64 array, shape (links,)
        Pairs of rows.
    hidden : int64 array, shape (2, nodes)
        Path views that go from a node into what a filter hides, to the left and to the right.
    cut, reached : int64 arrays, shape (columns,)
        Path views that end there although rows follow outside the period; containers that get
        there.
    totals : int64 array
        By `ANCHORED` (containers), `START_SQUARES`, `JOINED`, `EQUAL`, `UNDECIDED` (pairs of rows),
        `HIDDEN` (anchors), `TOO_MANY`.
    """

    views: np.ndarray
    containers: np.ndarray
    squares: np.ndarray
    with_start: np.ndarray
    with_left: np.ndarray
    rows: np.ndarray
    joined: np.ndarray
    hidden: np.ndarray
    cut: np.ndarray
    reached: np.ndarray
    totals: np.ndarray

    @classmethod
    def zero(cls, columns: int, slots: int) -> Sums:
        """Sums over nothing."""
        nodes, links = columns * slots, (columns - 1) * slots * slots
        both = nodes + links
        return cls(
            views=np.zeros(both, np.int64),
            containers=np.zeros(both, np.int64),
            squares=np.zeros(both, np.int64),
            with_start=np.zeros(both, np.int64),
            with_left=np.zeros(links, np.int64),
            rows=np.zeros(nodes, np.int64),
            joined=np.zeros(links, np.int64),
            hidden=np.zeros((2, nodes), np.int64),
            cut=np.zeros(columns, np.int64),
            reached=np.zeros(columns, np.int64),
            totals=np.zeros(7, np.int64),
        )
