"""What was asked, and what the activities of every record come to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from workbench.errors import AbsentError
from workbench.relationship.activities import Activities, activities_of
from workbench.relationship.counting import Counted
from workbench.relationship.health import (
    ENDED,
    FAILED,
    UNSURE,
    Contacts,
    Parts,
    contacts_of,
    score_of,
    state_of,
)
from workbench.relationship.hours import Hours
from workbench.relationship.linking import Links, links_of
from workbench.relationship.records import NEVER, Records
from workbench.relationship.rolling import amounts_of, beneath, rolled_up, trend_of_accounts
from workbench.relationship.rules import DAY_US, Rules
from workbench.relationship.signals import signals_for
from workbench.relationship.states import WRONG, barred_of
from workbench.relationship.turns import turns_of
from workbench.results.base import Scope
from workbench.vocabulary.durations import Duration
from workbench.workspace import Workspace

LIFETIME, SINCE_STAGE = "lifetime", "stage"


@dataclass(frozen=True)
class Asked:
    """A question about relationships, checked.

    Attributes
    ----------
    workspace : Workspace
    of : str
        Kind of record.
    where : object
        Condition on the records.
    instant : int
        Microseconds since 1970; nothing after it is looked at.
    window : Duration or str
        ``"lifetime"``, ``"stage"``, or how far back.
    closed, auto_complete_past, per_receiver, roll_up : bool
    link : str
        How people alone link an activity to an opportunity.
    most_receivers : int, optional
    maturity : Duration
    hours : Hours
    rules : Rules
    """

    workspace: Workspace
    of: str
    where: Any
    instant: int
    window: Duration | str
    closed: bool
    link: str
    auto_complete_past: bool
    most_receivers: int | None
    maturity: Duration
    hours: Hours
    per_receiver: bool
    rules: Rules
    roll_up: bool

    @property
    def zone(self) -> str:
        """The reporting zone."""
        return self.workspace.settings.report_tz

    def window_of(self, records: Records) -> np.ndarray:
        """First instant that counts, of each record; `NEVER` for all time."""
        if isinstance(self.window, Duration):
            return np.full(len(records), self.instant - self.window.microseconds)
        if self.window == SINCE_STAGE:
            known = (records.stage_at != NEVER) & (records.stage_at <= self.instant)
            return np.where(known, records.stage_at, records.created_at)
        return np.full(len(records), NEVER)


@dataclass(frozen=True)
class Measured:
    """Every record of a kind with its activities.

    Attributes
    ----------
    asked : Asked
    records : Records
    """

    asked: Asked
    records: Records

    @cached_property
    def activities(self) -> Activities:
        """All activities."""
        return activities_of(self.asked.workspace)

    @cached_property
    def links(self) -> Links:
        """Which activities belong to which record."""
        asked = self.asked
        return links_of(asked.workspace, self.records, asked.link, asked.most_receivers)

    @cached_property
    def scope(self) -> Scope:
        """What the numbers speak of, and what was set aside."""
        from workbench.relationship.scope import scope_of

        return scope_of(self)

    @cached_property
    def chosen(self) -> np.ndarray:
        """Places of the records that are asked about."""
        found = self.records.chosen & self.records.there_at(self.asked.instant)
        if not self.asked.closed:
            found &= self.records.open_at(self.asked.instant)
        return np.flatnonzero(found)

    def place_of(self, key: str) -> int:
        """Place of a record that is asked about.

        Raises
        ------
        AbsentError
        """
        found = self.chosen[self.records.keys[self.chosen] == key]
        if not found.size:
            raise AbsentError.of("key", key, self.records.keys[self.chosen])
        return int(found[0])

    @cached_property
    def past(self) -> np.ndarray:
        """Of each link: done."""
        done = self.activities.done_by(self.asked.instant, self.asked.auto_complete_past)
        return done[self.links.activity]

    @cached_property
    def counted(self) -> Counted:
        """What was done in the window."""
        asked, links, acts = self.asked, self.links, self.activities
        since = asked.window_of(self.records)
        begins = since[links.record]
        inside = self.past & ((begins == NEVER) | (acts.at[links.activity] >= begins))
        turns = turns_of(
            acts,
            links.record[self.past],
            links.activity[self.past],
            instant=asked.instant,
            since=since,
            maturity=asked.maturity.microseconds,
            hours=asked.hours,
            zone=asked.zone,
        )
        return Counted(
            acts, links, len(self.records), inside, self.past, asked.instant, turns,
            asked.per_receiver,
        )  # fmt: skip

    @cached_property
    def contacts(self) -> Contacts:
        """Done activities, ready for the formula of health."""
        links, asked = self.links, self.asked
        activity = links.activity[self.past]
        return contacts_of(
            self.activities, links.record[self.past], activity, len(self.records), asked.rules,
            self.activities.ended_on[activity], signals_for(asked.workspace, asked.rules),
        )  # fmt: skip

    @cached_property
    def instants(self) -> np.ndarray:
        """Instant at which each record is judged: that of its closing once it is closed."""
        closed, now = self.records.closed_at, self.asked.instant
        return np.where((closed != NEVER) & (closed < now) & self.records.closed, closed, now)

    @cached_property
    def parts(self) -> Parts:
        """What each score is made of."""
        return self.contacts.at(self.instants, self.asked.rules)

    @cached_property
    def barred(self) -> np.ndarray:
        """Code of the state of what gets no score whatever was done; -1 for all others."""
        return barred_of(self.records, self.asked.instant, self.asked.rules)

    @cached_property
    def beneath(self) -> dict[str, Measured]:
        """People and opportunities of the accounts."""
        return beneath(self)

    @cached_property
    def amounts(self) -> np.ndarray:
        """Amounts in one currency; NaN where one is unknown or has no rate."""
        return amounts_of(self)

    @cached_property
    def own_score(self) -> np.ndarray:
        """Score of each record by its own activities; NaN for none."""
        return np.where(self.barred < 0, score_of(self.parts, self.asked.rules), np.nan)

    @property
    def judged(self) -> bool:
        """Whether records of this kind have a score at all."""
        return self.asked.of != "account" or self.asked.roll_up

    @cached_property
    def score(self) -> np.ndarray:
        """Score of each record; of an account by its opportunities or people, where asked."""
        if self.asked.of == "account":
            return rolled_up(self) if self.asked.roll_up else np.full(len(self.records), np.nan)
        return self.own_score

    @cached_property
    def state(self) -> np.ndarray:
        """Code of the state of each record."""
        found = state_of(self.parts, self.score, self.asked.rules)
        if self.asked.of == "account":
            found = np.where(np.isnan(self.score), np.maximum(found, UNSURE), found)
        return np.where(self.barred < 0, found, self.barred).astype(np.int8)

    def daily_scores(self, days: int) -> np.ndarray:
        """Score of each record on each of the last days before it is judged, the earliest first.

        A line a day, a column a record.
        """
        if self.asked.of == "account":
            return np.array([rolled_up(self, k) for k in range(days)[::-1]])
        at = [self.instants - k * DAY_US for k in range(days)[::-1]]
        scores = [score_of(self.contacts.at(moment, self.asked.rules), self.asked.rules)
                  for moment in at]  # fmt: skip
        return np.where(self.barred < 0, np.array(scores), np.nan)

    @cached_property
    def trend(self) -> np.ndarray:
        """Code of the trend of each record; none for what is closed or too old."""
        if self.asked.of == "account":
            return trend_of_accounts(self)
        found = self.contacts.trend(self.instants, self.asked.rules)
        ended = ~self.records.open_at(self.asked.instant) | (self.barred >= 0)
        out = np.where(ended, ENDED, found)
        return np.where(self.barred == WRONG, FAILED, out).astype(np.int8)
