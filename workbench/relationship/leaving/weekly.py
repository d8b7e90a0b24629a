"""Every record as it was in every week back from as_of, and whether it was flagged then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.relationship.activities import IN, MEETING
from workbench.relationship.health import DECLINING, UNKNOWN
from workbench.relationship.measuring import Measured
from workbench.relationship.records import NEVER
from workbench.relationship.rules import DAY_US

SIGNALS = ("customer", "trend")
WEEK_US = 7 * DAY_US
RECENT_WEEKS, BEFORE_WEEKS = 8, 26
MOST_WEEKS = 156


@dataclass(frozen=True)
class Weekly:
    """A row a record, a column a week back from as_of; the first is as_of itself.

    Attributes
    ----------
    known : numpy.ndarray of bool
        Whether enough was known by then to flag it.
    flagged : numpy.ndarray of bool
    counts : numpy.ndarray of int32
        Mails, calls and meetings that the customer began in the week before.
    """

    known: np.ndarray
    flagged: np.ndarray
    counts: np.ndarray

    def begun(self, records: np.ndarray, week: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What the customer began in the eight weeks before a week of each record, and in the 26
        before those.
        """
        sums = np.concatenate(
            [np.zeros((records.size, 1), np.int64), np.cumsum(self.counts[records], axis=1)], axis=1
        )
        row, end = np.arange(records.size), sums.shape[1] - 1
        first = np.minimum(week, end)
        middle = np.minimum(first + RECENT_WEEKS, end)
        last = np.minimum(first + RECENT_WEEKS + BEFORE_WEEKS, end)
        recent = sums[row, middle] - sums[row, first]
        return recent, sums[row, last] - sums[row, middle]


def weekly_of(measured: Measured, signal: str, chance: float) -> Weekly:
    """Every record in every week since the first activity, three years at most.

    Parameters
    ----------
    measured : Measured
    signal : {"customer", "trend"}
    chance : float
        Of the binomial test.
    """
    acts, links, now = measured.activities, measured.links, measured.asked.instant
    talk = measured.past & (acts.kind[links.activity] <= MEETING)
    when = acts.at[links.activity[talk]]
    first = int(when.min()) if when.size else now
    weeks = int(min(max((now - first) // WEEK_US, 0), MOST_WEEKS)) + 1
    size = len(measured.records)
    begun = talk & (acts.direction[links.activity] == IN)
    back = (now - acts.at[links.activity[begun]]) // WEEK_US
    fits = (back >= 0) & (back < weeks)
    place = links.record[begun][fits] * weeks + back[fits]
    counts = np.bincount(place, minlength=size * weeks).reshape(size, weeks).astype(np.int32)
    there = _there(measured, weeks)
    if signal == "trend":
        known, flagged = _by_trend(measured, weeks)
    else:
        known, flagged = _by_count(counts, chance)
    return Weekly(known & there, flagged & there, counts)


def _there(measured: Measured, weeks: int) -> np.ndarray:
    created = measured.records.created_at
    instants = measured.asked.instant - np.arange(weeks) * WEEK_US
    return (created == NEVER)[:, None] | (created[:, None] <= instants[None, :])


def _by_count(counts: np.ndarray, chance: float) -> tuple[np.ndarray, np.ndarray]:
    from scipy.special import bdtr

    size, weeks = counts.shape
    known, flagged = np.zeros((2, size, weeks), bool)
    sums = np.concatenate([np.zeros((size, 1), np.int64), np.cumsum(counts, axis=1)], axis=1)
    share = RECENT_WEEKS / (RECENT_WEEKS + BEFORE_WEEKS)
    # Earlier weeks have no 34 weeks behind them, so nothing can be told of them.
    for week in range(weeks - RECENT_WEEKS - BEFORE_WEEKS + 1):
        middle, last = week + RECENT_WEEKS, week + RECENT_WEEKS + BEFORE_WEEKS
        recent = sums[:, middle] - sums[:, week]
        before = sums[:, last] - sums[:, middle]
        known[:, week] = (before > 0) & ((1 - share) ** before <= chance)
        flagged[:, week] = (before > 0) & (bdtr(recent, recent + before, share) <= chance)
    return known, flagged


def _by_trend(measured: Measured, weeks: int) -> tuple[np.ndarray, np.ndarray]:
    rules, size = measured.asked.rules, len(measured.records)
    trends = [
        measured.contacts.trend(np.full(size, measured.asked.instant - k * WEEK_US), rules)
        for k in range(weeks)
    ]
    codes = np.array(trends).T.reshape(size, weeks)
    return codes != UNKNOWN, codes == DECLINING
