"""What was done for a deal within a span of time, and what is typical of similar won deals.

Source: relationship-analytics.md, sections 3 and 8 (comparison value, alignment).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from workbench.engine.executors import run_slices
from workbench.messages import message
from workbench.relationship.activities import OUT
from workbench.relationship.counting import Counted
from workbench.relationship.sorting import order_of, places_of

MEASURES = (
    "activities", "started_by_us", "team_hours", "customer_hours", "ratio_by_us", "ratio_by_them",
    "hours_by_us", "hours_by_them",
)  # fmt: skip
BEHIND = {"emails_sent": 8, "emails_received": 9, "answered_by_us": 10, "answered_by_them": 11}
_NUMBERS = len(MEASURES) + len(BEHIND)


def labels() -> dict[str, str]:
    """The measures as a reader sees them, with their unit."""
    return {
        "activities": message("Activities"),
        "started_by_us": message("Begun by us"),
        "team_hours": message("Hours of ours"),
        "customer_hours": message("Hours of theirs"),
        "ratio_by_us": message("Our mails / theirs"),
        "ratio_by_them": message("Their mails / ours"),
        "hours_by_us": message("Hours to our answer"),
        "hours_by_them": message("Hours to their answer"),
    }


@dataclass(frozen=True)
class Done:
    """Done activities and answered turns of every deal, by deal and time.

    Attributes
    ----------
    offsets : numpy.ndarray of int64
        Where the activities of each deal begin.
    activity, begun, done : numpy.ndarray of int64
        Place, and when it began and was done.
    begun_by_us, sent, received : numpy.ndarray of bool
    ours, theirs : numpy.ndarray of float
        Hours of both sides.
    turn_offsets, asked, asked_at, answered_at : numpy.ndarray of int64
        Answered turns: where those of a deal begin, first mail, when it and its answer were sent.
    by_customer : numpy.ndarray of bool
    hours : numpy.ndarray of float
        Until the answer.
    """

    offsets: np.ndarray
    activity: np.ndarray
    begun: np.ndarray
    done: np.ndarray
    begun_by_us: np.ndarray
    sent: np.ndarray
    received: np.ndarray
    ours: np.ndarray
    theirs: np.ndarray
    turn_offsets: np.ndarray
    asked: np.ndarray
    asked_at: np.ndarray
    answered_at: np.ndarray
    by_customer: np.ndarray
    hours: np.ndarray

    @property
    def _columns(self) -> tuple[np.ndarray, ...]:
        return (
            self.offsets, self.begun, self.done, self.begun_by_us, self.sent, self.received,
            self.ours, self.theirs, self.turn_offsets, self.asked_at, self.answered_at,
            self.by_customer, self.hours,
        )  # fmt: skip

    def within(self, deals: np.ndarray, begins: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """What each deal came to from one instant to another, both included.

        Returns
        -------
        numpy.ndarray of float
            A line a deal; columns as `MEASURES`, then those of `BEHIND`.
        """
        out = np.empty((deals.size, _NUMBERS))
        _each(deals, begins, ends, self._columns, out)
        return out

    def typical(
        self, offsets: np.ndarray, deals: np.ndarray, begins: np.ndarray, ages: np.ndarray,
        last: int, median: bool,
    ) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
        """Mean or median of groups of deals, each deal within its first `ages` of time.

        Parameters
        ----------
        offsets, deals : numpy.ndarray of int64
            Where each group begins among the deals.
        begins : numpy.ndarray of int64
            First instant that counts, of every deal there is.
        ages : numpy.ndarray of int64
            Microseconds, of each group; negative for all that was done.
        last : int
            Nothing after this instant counts.

        Returns
        -------
        tuple of numpy.ndarray
            The values, a line a group, NaN for none, and how many deals had one.
        """

        def part(piece: slice) -> tuple[np.ndarray, ...]:
            bounds = offsets[piece.start : piece.stop + 1]
            return _typical(bounds, deals, begins, ages[piece], last, median, self._columns)

        parts = run_slices(part, np.diff(offsets) * 20)
        if not parts:
            return np.empty((0, len(MEASURES))), np.empty((0, len(MEASURES)), np.int64)
        values, known = (np.concatenate(found) for found in zip(*parts, strict=True))
        return values, known


def done_of(counted: Counted) -> Done:
    """Everything that was done, of every deal.

    Parameters
    ----------
    counted : Counted
        Of all time.
    """
    acts, links, past = counted.activities, counted.links, counted.past
    record, activity = links.record[past], links.activity[past]
    ours, theirs, _ = counted.spent
    way = counted.directed[past] & (acts.direction[activity] == OUT)
    turns = counted.turns
    answered = np.flatnonzero(turns.answer >= 0)
    answered = answered[order_of(turns.record[answered])]
    asked = turns.activity[answered]
    return Done(
        offsets=places_of(record, counted.size),
        activity=activity,
        begun=acts.at[activity],
        done=np.maximum(acts.at, acts.ended)[activity],
        begun_by_us=way,
        sent=counted.mark("emails_sent")[past],
        received=counted.mark("emails_received")[past],
        ours=ours[activity] / 60,
        theirs=theirs[activity] / 60,
        turn_offsets=places_of(turns.record[answered], counted.size),
        asked=asked,
        asked_at=acts.at[asked],
        answered_at=acts.at[turns.answer[answered]],
        by_customer=turns.by_customer[answered],
        hours=turns.hours[answered],
    )


def ends_of(begins: np.ndarray, age: int, last: int) -> np.ndarray:
    """Last instant that counts of deals that began at some, when looked at in one age."""
    if age < 0:
        return np.full(begins.size, last)
    return np.where(begins > last - age, last, begins + age)


@njit(cache=True, nogil=True)
def _measure(deal, begin, end, columns, out):
    (offsets, begun, done, begun_by_us, sent, received, ours, theirs, turn_offsets, asked_at,
     answered_at, by_customer, hours) = columns  # fmt: skip
    out[:] = 0.0
    for i in range(offsets[deal], offsets[deal + 1]):
        if begun[i] < begin or done[i] > end:
            continue
        out[0] += 1
        out[1] += begun_by_us[i]
        out[2] += ours[i]
        out[3] += theirs[i]
        out[8] += sent[i]
        out[9] += received[i]
    for i in range(turn_offsets[deal], turn_offsets[deal + 1]):
        if asked_at[i] < begin or answered_at[i] > end:
            continue
        side = 0 if by_customer[i] else 1
        out[6 + side] += hours[i]
        out[10 + side] += 1
    out[4] = out[8] / out[9] if out[9] > 0 else np.nan
    out[5] = out[9] / out[8] if out[8] > 0 else np.nan
    for side in range(2):
        out[6 + side] = out[6 + side] / out[10 + side] if out[10 + side] > 0 else np.nan


@njit(cache=True, nogil=True)
def _each(deals, begins, ends, columns, out):
    for n in range(deals.size):
        _measure(deals[n], begins[n], ends[n], columns, out[n])


@njit(cache=True, nogil=True)
def _typical(offsets, deals, begins, ages, last, median, columns):
    size, number = offsets.size - 1, 8
    values = np.full((size, number), np.nan)
    known = np.zeros((size, number), np.int64)
    longest = 0
    for g in range(size):
        longest = max(longest, offsets[g + 1] - offsets[g])
    found, one = np.empty((number, longest)), np.empty(number + 4)
    for g in range(size):
        for i in range(offsets[g], offsets[g + 1]):
            deal = deals[i]
            begin, end = begins[deal], last
            if ages[g] >= 0 and begin <= last - ages[g]:
                end = begin + ages[g]
            _measure(deal, begin, end, columns, one)
            for m in range(number):
                if not np.isnan(one[m]):
                    found[m, known[g, m]] = one[m]
                    known[g, m] += 1
        for m in range(number):
            if known[g, m]:
                mine = found[m, : known[g, m]]
                values[g, m] = np.median(mine) if median else np.mean(mine)
    return values, known
