"""How long deals stay in each stage, and how they move from one to the next.

Source: b2b-data-model.md, section 4, rule 1 (stage intervals); sales-pipeline.md, section 1
(states and moves).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit

from workbench.messages import marked
from workbench.sales.catalogue import OPEN, WON
from workbench.sales.history import DAY, History
from workbench.vocabulary.periods import microseconds_of

MOVES = {
    "advance": marked("to the next stage"),
    "skip": marked("over one or more stages"),
    "regress": marked("back to an earlier stage"),
    "close": marked("won or lost"),
    "reopen": marked("open again after it was closed"),
    "transfer": marked("to another pipeline"),
}
ADVANCE, SKIP, REGRESS, CLOSE, REOPEN, TRANSFER = range(len(MOVES))


@dataclass(frozen=True)
class Stays:
    """One stay for each time that a deal entered a stage, in the order of deals and time.

    Attributes
    ----------
    history : History
    deal, stage : numpy.ndarray
        Number of the deal and code of the stage.
    start : numpy.ndarray of int64
        Microseconds since 1970.
    now : int
        When the stays that are running are looked at.
    save : numpy.ndarray of int64
        Place in the history of the save that began each stay.
    """

    history: History
    deal: np.ndarray
    stage: np.ndarray
    start: np.ndarray
    now: int
    save: np.ndarray

    def __len__(self) -> int:
        return self.deal.size

    @cached_property
    def last(self) -> np.ndarray:
        """Whether a stay is the last one of its deal."""
        out = np.ones(len(self), bool)
        out[:-1] = self.deal[1:] != self.deal[:-1]
        return out

    @cached_property
    def open(self) -> np.ndarray:
        """Whether the stage of a stay is an open one."""
        return self.history.deals.catalogue.kind[self.stage] == OPEN

    @property
    def end(self) -> np.ndarray:
        """Microseconds since 1970; a last closed stage ends when it begins, an open one `now`."""
        out = np.full(len(self), self.now, np.int64)
        out[:-1] = self.start[1:]
        ends = np.flatnonzero(self.last)
        out[ends] = np.where(self.open[ends], self.now, self.start[ends])
        return out

    @cached_property
    def running(self) -> np.ndarray:
        """Whether the deal still stands in the stage at `as_of`."""
        return self.last & self.open

    @cached_property
    def days(self) -> np.ndarray:
        """Length of each stay in days; for one that is running, up to `as_of`."""
        return (self.end - self.start) / DAY

    @cached_property
    def move(self) -> np.ndarray:
        """Kind of the move that ended each stay, its place in `MOVES`; -1 for the last stay."""
        catalogue = self.history.deals.catalogue
        size = len(catalogue)
        pipeline = catalogue.frame["pipeline"].astype("category").cat.codes.to_numpy()
        closed = catalogue.kind != OPEN
        a, b = np.divmod(np.arange(size * size), max(size, 1))
        step = catalogue.place[b] - catalogue.place[a]
        kinds = np.select(
            [pipeline[a] != pipeline[b], closed[a] & ~closed[b], closed[b], step == 1, step > 1],
            [TRANSFER, REOPEN, CLOSE, ADVANCE, SKIP],
            REGRESS,
        ).astype(np.int8)
        out = np.full(len(self), -1, np.int8)
        if len(self):
            pair = self.stage[:-1] * np.int32(size) + self.stage[1:]
            out[:-1] = np.where(self.last[:-1], -1, kinds[pair])
        return out

    @cached_property
    def following(self) -> np.ndarray:
        """Stage that followed each stay; -1 for the last one."""
        out = np.full(len(self), -1, np.int32)
        out[:-1] = np.where(self.last[:-1], -1, self.stage[1:])
        return out

    @cached_property
    def visits(self) -> Visits:
        """Stays of the same deal in the same stage put together."""
        return self.visits_of(np.arange(len(self), dtype=np.int32))

    def visits_of(self, places: np.ndarray) -> Visits:
        """Those of some stays only, given by their places in order."""
        deal, stage, count, first, latest, total, last = _visits(
            self.deal, self.stage, self.start, self.end, places,
            len(self.history.deals.catalogue),
        )  # fmt: skip
        return Visits(self.start, deal, stage, count, latest, total, first, last)

    @cached_property
    def further(self) -> np.ndarray:
        """Whether the deal later stood in a further open stage of the pipeline, or was won in it.

        A stay in a won stage is the furthest, one in a lost stage is none. What comes after a
        move to another pipeline does not count.
        """
        catalogue = self.history.deals.catalogue
        furthest = len(catalogue) + 1
        rank = np.select(
            [catalogue.kind == OPEN, catalogue.kind == WON], [catalogue.place, furthest], -1
        )
        pipeline = catalogue.frame["pipeline"].astype("category").cat.codes.to_numpy()
        return _further(self.deal, self.stage, rank, pipeline)


@dataclass(frozen=True)
class Visits:
    """One line for each deal and stage that it was in, ordered by deal and first entry.

    Attributes
    ----------
    starts : numpy.ndarray of int64
        When each of all stays began.
    deal, stage, visits : numpy.ndarray of int32
    latest_days, cumulative_days : numpy.ndarray of float
        Length of the latest visit, and of all of them.
    first_stay, last_stay : numpy.ndarray of int32
        Places of the first and of the latest of these stays.
    """

    starts: np.ndarray
    deal: np.ndarray
    stage: np.ndarray
    visits: np.ndarray
    latest_days: np.ndarray
    cumulative_days: np.ndarray
    first_stay: np.ndarray
    last_stay: np.ndarray

    @property
    def first_entered_at(self) -> np.ndarray:
        """When each deal first entered the stage, in microseconds since 1970."""
        return self.starts[self.first_stay]


def stays_of(history: History, now: int | None = None) -> Stays:
    """Cut the history of every deal into stays.

    Parameters
    ----------
    now : int, optional
        Microseconds since 1970 at which the stays that are running end; nothing later is looked
        at. The `as_of` of the workspace when left out.
    """
    places = history.entries
    latest = microseconds_of(history.deals.workspace.as_of)
    now = latest if now is None else min(now, latest)
    if now < latest:
        places = places[history.at[places] <= now]
    each = np.arange(len(history.deals), dtype=np.int32)
    deal = np.repeat(each, np.diff(history.offsets))[places]
    stage, start = history.stage[places], history.at[places]
    return Stays(history, deal, stage, start, now, places)


@njit(cache=True, nogil=True)
def _visits(deal, stage, start, end, places, stages):
    size = 0
    seen = np.full(stages, -1, np.int64)
    for n in range(places.size):
        i = places[n]
        if seen[stage[i]] != deal[i]:
            seen[stage[i]] = deal[i]
            size += 1
    of_deal, of_stage = np.empty(size, np.int32), np.empty(size, np.int32)
    count = np.zeros(size, np.int32)
    first, last = np.empty(size, np.int32), np.empty(size, np.int32)
    latest, total = np.empty(size, np.float64), np.zeros(size, np.float64)
    place = np.full(stages, -1, np.int64)
    filled, begin = 0, 0
    for n in range(places.size):
        i = places[n]
        if n and deal[i] != deal[places[n - 1]]:
            for j in range(begin, filled):
                place[of_stage[j]] = -1
            begin = filled
        at = place[stage[i]]
        if at < 0:
            place[stage[i]] = at = filled
            of_deal[at], of_stage[at], first[at] = deal[i], stage[i], i
            filled += 1
        count[at] += 1
        last[at] = i
        latest[at] = (end[i] - start[i]) / DAY
        total[at] += latest[at]
    return of_deal, of_stage, count, first, latest, total, last


@njit(cache=True, nogil=True)
def deals_of_cells(cell, deal, cells):
    """How many deals each cell has; rows of one deal stand together."""
    out = np.zeros(cells, np.int64)
    seen = np.full(cells, -1, np.int64)
    for i in range(cell.size):
        if seen[cell[i]] != deal[i]:
            seen[cell[i]] = deal[i]
            out[cell[i]] += 1
    return out


@njit(cache=True, nogil=True)
def _further(deal, stage, rank, pipeline):
    out = np.zeros(deal.size, np.bool_)
    best = -1
    for i in range(deal.size - 2, -1, -1):
        after = i + 1
        if deal[after] != deal[i] or pipeline[stage[after]] != pipeline[stage[i]]:
            best = -1
        if deal[after] == deal[i] and pipeline[stage[after]] == pipeline[stage[i]]:
            best = max(best, rank[stage[after]])
        out[i] = best > rank[stage[i]]
    return out
