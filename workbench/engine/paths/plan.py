"""What is asked of paths, and what comes back: plain values around the compiled loops."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from workbench.engine.paths import walk as paths_walk
from workbench.engine.paths.items import Dimension
from workbench.engine.paths.sums import Sums
from workbench.engine.paths.walk import Course

LIMITS = {None: paths_walk.EVERY, "first": paths_walk.FIRST, "last": paths_walk.LAST}
_NO_ROWS = np.empty(0, np.int64)


@dataclass(frozen=True)
class Plan:
    """How columns hang together and what may stand in them.

    Attributes
    ----------
    dimensions : tuple of Dimension
    dim_of : tuple of int
        Dimension of each column from left to right; -1 for an anchor that is an event.
    anchor : int
        Number of the column that is the anchor.
    anchored : numpy.ndarray of bool
        Items of the anchor; empty for an event.
    events : pair of numpy.ndarray, or None
        For an event: a code of every row, and a mark of every code.
    repeats, same_event : bool
    limit : {None, "first", "last"}
    keep : numpy.ndarray of bool, or None
        Rows of the store that may serve.
    """

    dimensions: tuple[Dimension, ...]
    dim_of: tuple[int, ...]
    anchor: int
    anchored: np.ndarray = field(default_factory=lambda: np.empty(0, bool))
    events: tuple[np.ndarray, np.ndarray] | None = None
    repeats: bool = False
    same_event: bool = False
    limit: str | None = None
    keep: np.ndarray | None = None

    @property
    def most_items(self) -> int:
        """Items of the largest dimension."""
        return max(map(len, self.dimensions), default=0)

    @property
    def widest(self) -> int:
        """Most items on one row of any dimension."""
        return max((d.widest for d in self.dimensions), default=1)

    def course(self) -> Course:
        """The same for the compiled loops."""
        base, offsets, members = [], [_NO_ROWS], [_NO_ROWS]
        for dimension in self.dimensions:
            base.append(sum(map(len, offsets)) if dimension.holds_lists else -1)
            offsets.append(dimension.offsets + sum(map(len, members)))
            members.append(dimension.members)
        return Course(
            np.array(self.dim_of, np.int64),
            self.anchor,
            self.same_event,
            LIMITS[self.limit],
            np.array([self.repeats or d.holds_lists for d in self.dimensions], bool),
            self.anchored,
            np.array(base, np.int64),
            np.concatenate(offsets).astype(np.int64),
            np.concatenate(members).astype(np.int64),
        )


@dataclass(frozen=True)
class Counted:
    """Sums over all paths, and what they were counted with.

    Attributes
    ----------
    slot : numpy.ndarray of int32, shape (columns, items)
    slots : int
    sums : Sums
    joined : dict
        First container of each slice to its pairs of rows of each link.
    gaps : dict
        First container of each slice to the microseconds between its pairs of rows, link by link;
        empty where there are too many to keep.
    persons : numpy.ndarray of int64, shape (nodes + links,), or None
        Distinct people; None where they are counted apart.
    """

    slot: np.ndarray
    slots: int
    sums: Sums
    joined: dict[int, np.ndarray]
    gaps: dict[int, np.ndarray]
    persons: np.ndarray | None


@dataclass(frozen=True)
class Traced:
    """Chosen paths.

    Attributes
    ----------
    container : numpy.ndarray of int64, shape (paths,)
        Number of the container in its stream.
    views : numpy.ndarray of int64, shape (paths,)
        Path views; more than one where a row holds several values that are meant.
    places : numpy.ndarray of int64, shape (paths, columns)
        Place in the stream of the row in each column that was asked for; -1 where there is none.
    """

    container: np.ndarray
    views: np.ndarray
    places: np.ndarray
