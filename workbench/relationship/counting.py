"""Key figures of each record from the activities that belong to it.

Source: relationship-analytics.md, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbench.relationship.activities import (
    CALL,
    DONE,
    EMAIL,
    IN,
    MEETING,
    OUT,
    PLANNED,
    TASK,
    Activities,
)
from workbench.relationship.linking import Links
from workbench.relationship.participants import TEAM
from workbench.relationship.records import NEVER
from workbench.relationship.sorting import by_time
from workbench.relationship.summing import COUNTS, MINUTES, packed, summed_up
from workbench.relationship.turns import Turns

WRITE_MINUTES, READ_MINUTES = 5.0, 2.5
KINDS = {
    "activities": (None, None), "emails": (EMAIL, None), "emails_sent": (EMAIL, OUT),
    "emails_received": (EMAIL, IN), "calls": (CALL, None), "calls_made": (CALL, OUT),
    "calls_received": (CALL, IN), "meetings": (MEETING, None), "meetings_sent": (MEETING, OUT),
    "meetings_received": (MEETING, IN), "tasks": (TASK, None),
}  # fmt: skip


@dataclass(frozen=True)
class Counted:
    """What was done with each record in its window.

    Attributes
    ----------
    activities : Activities
    links : Links
    size : int
        Number of records.
    inside : numpy.ndarray of bool
        Of each link: done, and in the window.
    past : numpy.ndarray of bool
        Of each link: done at any time.
    instant : int
    turns : Turns
    per_receiver : bool
        Whether a received mail is read by every one of our own who received it.
    """

    activities: Activities
    links: Links
    size: int
    inside: np.ndarray
    past: np.ndarray
    instant: int
    turns: Turns
    per_receiver: bool = False

    @property
    def sent(self) -> np.ndarray:
        """Of each activity: whether a mail of ours went to a customer, or to nobody we know of."""
        return self.activities.present.reached

    def mark(self, name: str) -> np.ndarray:
        """A mark for each link that a count counts."""
        kind, direction = KINDS[name]
        acts, activity = self.activities, self.links.activity
        mask = self.inside.copy()
        if kind is not None:
            mask &= acts.kind[activity] == kind
        if direction is not None:
            mask &= acts.direction[activity] == direction
        if name == "emails_sent":
            mask &= self.sent[activity]
        return mask

    def count(self, mask: np.ndarray) -> np.ndarray:
        """Marked links of each record."""
        return np.bincount(self.links.record[mask], minlength=self.size).astype(np.int64)

    @cached_property
    def directed(self) -> np.ndarray:
        """Marks of mails, calls and meetings whose direction is known."""
        acts, activity = self.activities, self.links.activity
        kinds = np.isin(acts.kind[activity], (EMAIL, CALL, MEETING))
        return self.inside & kinds & (acts.direction[activity] >= 0)

    @cached_property
    def spent(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Minutes of our side, of the customer's, and face to face, of each activity."""
        acts = self.activities
        length = np.nan_to_num(acts.minutes)
        met, called = acts.kind == MEETING, acts.kind == CALL
        mail = acts.kind == EMAIL
        out, came = mail & (acts.direction == OUT), mail & (acts.direction == IN)
        readers = self._receivers_of_ours() if self.per_receiver else 1.0
        ours = np.where(met, length * acts.present.ours, length)
        ours = np.where(mail, WRITE_MINUTES * out + READ_MINUTES * came * readers, ours)
        once = np.where(met | called, length, 0.0)
        return ours, once + WRITE_MINUTES * came + READ_MINUTES * out, once

    @cached_property
    def sums(self) -> dict[str, np.ndarray]:
        """Counts and minutes of each record, by the names of `COUNTS` and `MINUTES`."""
        acts, links = self.activities, self.links
        code = packed(
            acts.kind, acts.direction, self.sent, acts.minutes, acts.followed, acts.opened,
            acts.clicked, acts.attachment,
        )  # fmt: skip
        counts, minutes = summed_up(
            self.size,
            links.record,
            links.activity,
            self.inside,
            links.shared,
            code,
            np.column_stack(self.spent),
        )
        return dict(zip((*COUNTS, *MINUTES), (*counts, *minutes), strict=True))

    def _receivers_of_ours(self) -> np.ndarray:
        present = self.activities.present
        lines = present.of_side(TEAM)
        number = np.bincount(present.activity[lines], minlength=len(self.activities))
        return np.maximum(number, 1).astype(float)

    def answers(self, by_customer: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Answered and matured turns and mean hours, of turns in which one side waited."""
        turns = self.turns
        own = turns.by_customer == by_customer
        answered = own & (turns.answer >= 0)
        number = np.bincount(turns.record[answered], minlength=self.size)
        matured = np.bincount(turns.record[own & turns.matured], minlength=self.size)
        hours = np.bincount(turns.record[answered], turns.hours[answered], minlength=self.size)
        return number, matured, ratio(hours, number)

    def last(self) -> np.ndarray:
        """The last activity of each record that was done at any time; -1 for none."""
        links, ended = self.links, self.activities.ended
        chosen = np.flatnonzero(self.past)
        order = by_time(links.record[chosen], ended[links.activity[chosen]])
        out = np.full(self.size, -1, np.int64)
        out[links.record[chosen][order]] = links.activity[chosen][order]
        return out

    @cached_property
    def waiting(self) -> np.ndarray:
        """Marks of what is planned: neither done by the instant nor cancelled, with a time."""
        acts, activity = self.activities, self.links.activity
        planned = acts.status[activity] == PLANNED
        # Of what was done since, only a meeting is sure to have been planned before.
        planned |= (acts.status[activity] == DONE) & (acts.kind[activity] == MEETING)
        return planned & ~self.past & (acts.at[activity] != NEVER)

    @cached_property
    def late(self) -> np.ndarray:
        """Marks of open tasks whose time has passed."""
        acts, activity = self.activities, self.links.activity
        passed = acts.at[activity] <= self.instant
        return self.waiting & passed & (acts.kind[activity] >= TASK)

    def following(self) -> tuple[np.ndarray, np.ndarray]:
        """The next planned activity of each record, -1 for none, and its overdue tasks."""
        links = self.links
        later = self.waiting & (self.activities.at[links.activity] > self.instant)
        out = np.full(self.size, -1, np.int64)
        chosen = np.flatnonzero(later)[::-1]
        out[links.record[chosen]] = links.activity[chosen]
        return out, self.count(self.late)


def ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Quotients; NaN for a divisor of zero."""
    above, below = np.asarray(above, float), np.asarray(below, float)
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
