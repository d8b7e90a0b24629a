"""Turns of a mail thread: who waits for whom, and how long.

Consecutive mails of one side form a turn. The time of an answer runs from the first mail of the
waiting turn to the first mail of the next one. A turn without an answer counts only once it is
older than the maturity.

Source: relationship-analytics.md, section 3 (turn rule).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.relationship.activities import EMAIL, IN, NONE, Activities
from workbench.relationship.hours import Hours
from workbench.relationship.records import NEVER
from workbench.relationship.sorting import order_of


@dataclass(frozen=True)
class Turns:
    """Turns that had begun by an instant; one place a turn.

    Attributes
    ----------
    record : numpy.ndarray of int64
    by_customer : numpy.ndarray of bool
        Whether the customer wrote, so that we are asked.
    activity : numpy.ndarray of int64
        The first mail of the turn.
    answer : numpy.ndarray of int64
        The first mail of the next turn; -1 without an answer.
    matured : numpy.ndarray of bool
        Answered, or old enough to count as without answer.
    hours : numpy.ndarray of float
        Until the answer; NaN without one.
    """

    record: np.ndarray
    by_customer: np.ndarray
    activity: np.ndarray
    answer: np.ndarray
    matured: np.ndarray
    hours: np.ndarray


def turns_of(
    activities: Activities,
    record: np.ndarray,
    activity: np.ndarray,
    *,
    instant: int,
    since: np.ndarray,
    maturity: int,
    hours: Hours,
    zone: str,
) -> Turns:
    """The turns of every record whose first mail was sent at or after its own start.

    Parameters
    ----------
    record, activity : numpy.ndarray of int64
        Pairs that were done by `instant`, by record and time.
    since : numpy.ndarray of int64
        First instant that counts, of each record; `NEVER` for all.
    maturity : int
        Microseconds.
    """
    mail = (activities.kind[activity] == EMAIL) & (activities.direction[activity] != NONE)
    mail &= ~activities.automatic[activity]
    record, activity = record[mail], activity[mail]
    thread = activities.thread[activity]
    order = order_of(record, thread)
    record, activity, thread = record[order], activity[order], thread[order]
    came_in = activities.direction[activity] == IN
    fresh = np.ones(record.size, bool)
    fresh[1:] = (record[1:] != record[:-1]) | (thread[1:] != thread[:-1])
    begins = fresh.copy()
    begins[1:] |= came_in[1:] != came_in[:-1]
    first = np.flatnonzero(begins)
    follows = np.append(~fresh[first][1:], False)
    answer = np.where(follows, np.append(activity[first][1:], -1), -1)
    own, asked = record[first], activity[first]
    at = activities.at
    matured = (answer >= 0) | (instant - at[asked] > maturity)
    took = np.full(first.size, np.nan)
    answered = np.flatnonzero(answer >= 0)
    took[answered] = hours.between(at[asked[answered]], at[answer[answered]], zone)
    kept = (since[own] == NEVER) | (at[asked] >= since[own])
    return Turns(
        own[kept], came_in[first][kept], asked[kept], answer[kept], matured[kept], took[kept]
    )
