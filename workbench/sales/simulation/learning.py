"""What became of past deals from each stage and age on: the chance to be won day by day.

A deal is followed from a number of days after it entered a stage, if it still stood there, until
it was won or lost for good or until the instant that is looked from. Won and lost compete, open
deals are censored (Aalen–Johansen in days). Stages and ages with few deals borrow the daily
chances of all ages of the stage, and these of all stages, with the weight of up to `BORROWED`
deals: the fewer, the more (`borrowed`).

Source: sales-pipeline.md, section 2; b2b-data-model.md, section 4, rules 1 to 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbench.sales.catalogue import LOST, OPEN, WON
from workbench.sales.history import DAY, History
from workbench.sales.moments import Moment, carried
from workbench.sales.stays import stays_of

BORROWED = 20
MOST_STAYS = 300_000
_WEEKS_OF_A_STAY = 26
_DAILY_AGES = 28
_LEAST_AT_AGE = 20
_LEAST_RATIOS = 20


@dataclass(frozen=True)
class Chance:
    """The chance to be won within each number of days, and what it rests on.

    Attributes
    ----------
    won : numpy.ndarray of float
        From 0 days to the horizon.
    open : numpy.ndarray of float
        The chance to be neither won nor lost after as many days.
    hazards : numpy.ndarray of float, shape (2, horizon + 1)
        Daily chances to be won and to be lost among those still open.
    deals : int
        Past deals that were followed.
    """

    won: np.ndarray
    open: np.ndarray
    hazards: np.ndarray
    deals: int

    def between(
        self, start: float | np.ndarray, end: float | np.ndarray, since: float | np.ndarray = 0.0
    ) -> np.ndarray:
        """The chance to be won after `start` and by `end` days, of a deal open for `since` days.

        All three count from the same place; `start` and `end` are told from `since` on.
        """
        days = np.arange(self.won.size)
        low, high = (np.interp(np.asarray(d) + since, days, self.won) for d in (start, end))
        still = np.interp(since, days, self.open)
        out = np.divide(high - low, still, out=np.zeros_like(high - low), where=still > 0)
        return np.clip(out, 0, 1)


def borrowed(deals: int | np.ndarray) -> np.ndarray:
    """With the weight of how many deals a stage or age of so many borrows from the wider one."""
    return BORROWED * BORROWED / (BORROWED + np.asarray(deals, float))


@dataclass(frozen=True)
class Past:
    """Stays in open stages as known at an instant, and what became of their deals.

    Attributes
    ----------
    deal, stage : numpy.ndarray
    start, end : numpy.ndarray of int64
        Microseconds since 1970; a running stay ends at the instant.
    fate : numpy.ndarray of int8
        0 open, 1 won, 2 lost, of the deal.
    over : numpy.ndarray of int64
        When it was closed, or the instant.
    ratio : numpy.ndarray of float
        Amount when won ÷ amount when the stage was entered; NaN where either is missing.
    instant, horizon : int
        What is looked from, and the days ahead.
    """

    deal: np.ndarray
    stage: np.ndarray
    start: np.ndarray
    end: np.ndarray
    fate: np.ndarray
    over: np.ndarray
    ratio: np.ndarray
    instant: int
    horizon: int

    @cached_property
    def whole(self) -> Chance:
        """All stages and ages together."""
        return self._pooled(np.arange(self.deal.size), None)

    def of_stage(self, stage: int) -> Chance:
        """All ages of a stage, with what it borrows from the whole."""
        if stage not in self._of_stage:
            self._of_stage[stage] = self._pooled(self._in(stage), self.whole)
        return self._of_stage[stage]

    def of_age(self, stage: int, days: int) -> Chance:
        """Deals that still stood in a stage after some days, with what they borrow from it."""
        key = (stage, days)
        if key not in self._of_age:
            rows = self._in(stage)
            rows = rows[self.end[rows] - self.start[rows] > days * DAY]
            land = self.start[rows] + days * DAY
            self._of_age[key] = self._chance(rows, land, 1.0, self._of_older(stage, days // 14))
        return self._of_age[key]

    def _of_older(self, stage: int, week: int) -> Chance:
        """A stage from some week on: what an age borrows from, half as old as itself."""
        if not week:
            return self.of_stage(stage)
        if (stage, week) not in self._of_week:
            self._of_week[stage, week] = self._pooled(self._in(stage), self.of_stage(stage), week)
        return self._of_week[stage, week]

    @cached_property
    def _of_week(self) -> dict[tuple[int, int], Chance]:
        return {}

    @cached_property
    def _of_stage(self) -> dict[int, Chance]:
        return {}

    @cached_property
    def _of_age(self) -> dict[tuple[int, int], Chance]:
        return {}

    @cached_property
    def _by_stage(self) -> dict[int, np.ndarray]:
        order = np.argsort(self.stage, kind="stable")
        codes, starts = np.unique(self.stage[order], return_index=True)
        return dict(zip(codes.tolist(), np.split(order, starts[1:]), strict=True))

    def _in(self, stage: int) -> np.ndarray:
        return self._by_stage.get(stage, np.empty(0, np.int64))

    def ages(self, stage: int, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The age that stands for each number of days in a stage, and the whole days beyond it.

        Whole days in the first four weeks, whole weeks after them; ages that too few past deals
        reached stand together with the last one that enough did, without days beyond.
        """
        rows = self._in(stage)
        whole = np.maximum(np.floor(days), 0).astype(np.int64)
        ages = np.where(whole < _DAILY_AGES, whole, whole // 7 * 7)
        lengths = np.sort((self.end[rows] - self.start[rows]) / DAY)[::-1]
        last = lengths[min(_LEAST_AT_AGE, lengths.size) - 1] if lengths.size else 0.0
        limit = max(int(np.ceil(last)) - 1, 0)
        limit = limit if limit < _DAILY_AGES else limit // 7 * 7
        beyond = np.where(ages > limit, 0, whole - ages)
        return np.minimum(ages, limit), beyond

    def _pooled(self, rows: np.ndarray, parent: Chance | None, first: int = 0) -> Chance:
        """Every week of a stay, from the first one asked for, is a place to follow a deal from."""
        weeks = np.ceil((self.end[rows] - self.start[rows]) / (7 * DAY)).astype(np.int64)
        weeks = np.maximum(weeks, 1) - first
        rows, weeks = rows[weeks > 0], np.minimum(weeks[weeks > 0], _WEEKS_OF_A_STAY)
        again = np.repeat(rows, weeks)
        begin = np.cumsum(weeks) - weeks
        week = np.arange(again.size) - np.repeat(begin, weeks)
        land = self.start[again] + (week + first) * 7 * DAY
        deals = np.unique(self.deal[rows]).size
        return self._chance(again, land, deals / max(again.size, 1), parent)

    def _chance(
        self, rows: np.ndarray, land: np.ndarray, weight: float, parent: Chance | None
    ) -> Chance:
        fate = self.fate[rows]
        length = (self.over[rows] - land) / DAY
        days = np.where(fate == OPEN, np.floor(length), np.maximum(np.ceil(length), 1))
        deals = int(np.unique(self.deal[rows]).size)
        return followed(days.astype(np.int64), fate, self.horizon, weight, deals, parent)

    @cached_property
    def _ratios(self) -> dict[int, np.ndarray]:
        known = (self.fate == WON) & np.isfinite(self.ratio)
        return {int(s): self.ratio[known & (self.stage == s)] for s in np.unique(self.stage[known])}

    def ratios(self, stage: int) -> np.ndarray:
        """How amounts changed from a stage until winning; of all stages where too few are known."""
        own = self._ratios.get(stage, np.empty(0))
        if own.size >= _LEAST_RATIOS:
            return own
        every = np.concatenate([*self._ratios.values(), np.empty(0)])
        return every if every.size else np.ones(1)


def followed(
    days: np.ndarray,
    fate: np.ndarray,
    horizon: int,
    weight: float = 1.0,
    deals: int = 0,
    parent: Chance | None = None,
) -> Chance:
    """The chance to be won within each number of days (Aalen–Johansen, discrete).

    Parameters
    ----------
    days : numpy.ndarray of int64
        Day on which a deal was won or lost, from 1 on; whole days seen of one that is open.
    fate : numpy.ndarray of int8
        0 open, 1 won, 2 lost.
    weight : float
        How much a line counts beside the deals of the parent.
    parent : Chance, optional
        Whose daily chances are mixed in with the weight of `borrowed` deals.
    """
    capped = np.minimum(np.maximum(days, 0), horizon + 1)
    size = horizon + 2
    count = np.bincount(capped, minlength=size)
    at_risk = (count.sum() - np.cumsum(count) + count)[: horizon + 1] * weight
    hazards = np.zeros((2, horizon + 1))
    lent = 0.0 if parent is None else float(borrowed(deals))
    for line, outcome in enumerate((WON, LOST)):
        ended = np.bincount(capped[fate == outcome], minlength=size)[: horizon + 1] * weight
        more = 0 if parent is None else lent * parent.hazards[line]
        base = at_risk + lent
        hazards[line] = np.divide(ended + more, base, out=np.zeros(horizon + 1), where=base > 0)
    hazards[:, 0] = 0
    still = np.cumprod(1 - hazards.sum(axis=0))
    won = np.cumsum(np.append(1.0, still[:-1]) * hazards[0])
    return Chance(np.clip(won, 0, 1), np.clip(still, 0, 1), hazards, deals)


def past_of(history: History, moment: Moment, chosen: np.ndarray, since: int, horizon: int) -> Past:
    """The stays that began between two instants, as known at the later one."""
    instant = moment.instant
    stays = stays_of(history, instant)
    open_stage = history.deals.catalogue.kind[stays.stage] == OPEN
    rows = np.flatnonzero(
        open_stage & chosen[stays.deal] & (stays.start <= instant) & (stays.start >= since)
    )
    if rows.size > MOST_STAYS:
        newest = np.argsort(stays.start[rows], kind="stable")[-MOST_STAYS:]
        rows = rows[np.sort(newest)]
    deal = stays.deal[rows]
    fate = np.where(moment.closed, moment.kind, OPEN)[deal].astype(np.int8)
    over = np.where(fate == OPEN, instant, moment.closed_at[deal])
    # A closing before the stay began was withdrawn by it, or is told by the table alone.
    kept = over >= stays.start[rows]
    rows, deal, fate, over = rows[kept], deal[kept], fate[kept], over[kept]
    return Past(
        deal=deal,
        stage=stays.stage[rows],
        start=stays.start[rows],
        end=np.minimum(np.minimum(stays.end[rows], instant), over),
        fate=fate,
        over=over,
        ratio=_ratios(history, moment, deal, stays.start[rows]),
        instant=instant,
        horizon=horizon,
    )


def _ratios(history: History, moment: Moment, deal: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Amount at the instant ÷ amount when each stay began."""
    out = np.full(deal.size, np.nan)
    if not len(history) or not deal.size:
        return out
    # The first save of each deal at the time of entry is found by one search over both.
    order = np.lexsort((start, deal))
    place = np.empty(deal.size, np.int64)
    place[order] = _places(history, deal[order], start[order])
    begins = history.offsets[:-1][deal]
    at = carried(history.amount, np.nan, place, begins)
    then = np.where(at >= 0, history.amount[np.maximum(at, 0)], np.nan)
    good = (then > 0) & (moment.amount[deal] > 0)
    out[good] = moment.amount[deal[good]] / then[good]
    return out


def _places(history: History, deal: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Place of the last save of each deal at or before an instant; deals and instants ascend."""
    first, last = history.offsets[deal], history.offsets[deal + 1]
    low, high = first.copy(), last.copy()
    while (low < high).any():
        middle = (low + high) // 2
        right = (low < high) & (history.at[np.minimum(middle, len(history) - 1)] <= at)
        low = np.where(right, middle + 1, low)
        high = np.where(~right & (low < high), middle, high)
    return np.maximum(low - 1, first)
