"""Finer containers as steps of a sequence: which of them there are, and where they begin and end.

A step that is a container is served by all its rows: what comes before lies before its first row,
what comes after lies after its last one. Two of them follow each other only when one begins after
the other has ended, and equal times do not count as later.

Source: journeys-attribution-and-segments.md, B2 (container-level checkpoints).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from workbench.engine.groupings import Grouping
from workbench.engine.sequences.orders import Atom
from workbench.engine.sequences.rules import Items
from workbench.vocabulary.conditions import InSegment
from workbench.vocabulary.segments import Segment

Checkpoints = Callable[[Segment], tuple[Grouping, np.ndarray]]


def items_of(
    atoms: Sequence[Atom], here: Grouping, checkpoints: Checkpoints, rows: int
) -> tuple[Items, np.ndarray]:
    """Finer containers that some step asks for, and a mark of each for every atom.

    Parameters
    ----------
    atoms : list of Atom
    here : Grouping
        The containers that walk the sequence.
    checkpoints : callable
        Gives the finer containers that a nested segment speaks of, and which of them qualify.
    rows : int
        Rows of the store.

    Returns
    -------
    items : Items
        Without bits, which differ from order to order.
    marks : numpy.ndarray of bool, shape (atoms, items)
    """
    found: list[tuple[int, np.ndarray, np.ndarray, np.ndarray]] = []
    places: np.ndarray | None = None
    for number, atom in enumerate(atoms):
        if not atom.checkpoint:
            continue
        assert isinstance(atom.condition, InSegment)
        inner, flags = checkpoints(atom.condition.segment)
        chosen = np.flatnonzero(flags & inner.present)
        first = inner.stream.row_at(inner.low[chosen])
        last = inner.stream.row_at(inner.high[chosen] - 1)
        if len(here.stream.rows):
            if places is None:
                places = np.zeros(rows, np.int64)
                places[here.stream.rows] = np.arange(len(here.stream.rows))
            first, last = places[first], places[last]
        found.append((number, inner.parent[chosen], first, last))
    parent, first, last = (
        np.concatenate([f[n] for f in found]) if found else np.empty(0, np.int64)
        for n in range(1, 4)
    )
    marks = np.zeros((len(atoms), parent.size), bool)
    at = 0
    for number, parents, _, _ in found:
        marks[number, at : at + parents.size] = True
        at += parents.size
    order = np.lexsort((first, parent))
    parent, first, last, marks = parent[order], first[order], last[order], marks[:, order]
    offsets = np.searchsorted(parent, np.arange(len(here) + 1))
    by_last = np.lexsort((last, parent))
    items = Items(
        offsets.astype(np.int64),
        first.astype(np.int64),
        last.astype(np.int64),
        np.zeros(parent.size, np.uint64),
        by_last.astype(np.int64),
    )
    return items, marks
