"""What was asked, and what the activities of every record come to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from workbench import money
from workbench.relationship.activities import Activities, activities_of
from workbench.relationship.counting import Counted
from workbench.relationship.health import (
    DAY_US,
    ENDED,
    UNKNOWN,
    UNSURE,
    Contacts,
    Parts,
    Rules,
    contacts_of,
    score_of,
    state_of,
)
from workbench.relationship.hours import Hours
from workbench.relationship.linking import Links, links_of
from workbench.relationship.records import NEVER, Records, records_of
from workbench.relationship.turns import turns_of
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import bucket
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
    def chosen(self) -> np.ndarray:
        """Places of the records that are asked about."""
        found = self.records.chosen & self.records.there_at(self.asked.instant)
        if not self.asked.closed:
            found &= self.records.open_at(self.asked.instant)
        return np.flatnonzero(found)

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
        when = self.activities.ended
        days = np.zeros(len(self.activities), np.int64)
        known = np.flatnonzero(when != NEVER)
        if known.size:
            local = bucket(when[known], "day", asked.zone).to_numpy().astype("M8[D]")
            days[known] = local.astype(np.int64)
        return contacts_of(
            self.activities, links.record[self.past], activity, len(self.records), asked.rules,
            days[activity],
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
    def own_score(self) -> np.ndarray:
        """Score of each record by its own activities; NaN for none."""
        return score_of(self.parts, self.asked.rules)

    @property
    def judged(self) -> bool:
        """Whether records of this kind have a score at all."""
        return self.asked.of != "account" or self.asked.roll_up

    @cached_property
    def score(self) -> np.ndarray:
        """Score of each record; of an account by its opportunities or people, where asked."""
        if self.asked.of == "account":
            return self._rolled_up() if self.asked.roll_up else np.full(len(self.records), np.nan)
        return self.own_score

    @cached_property
    def state(self) -> np.ndarray:
        """Code of the state of each record."""
        found = state_of(self.parts, self.score, self.asked.rules)
        if self.asked.of == "account":
            return np.where(np.isnan(self.score) & (found < UNSURE), UNSURE, found).astype(np.int8)
        return found

    @cached_property
    def trend(self) -> np.ndarray:
        """Code of the trend of each record; none for what is closed."""
        if self.asked.of == "account":
            return np.full(len(self.records), UNKNOWN, np.int8)
        found = self.contacts.trend(self.instants, self.asked.rules)
        ended = ~self.records.open_at(self.asked.instant)
        return np.where(ended, ENDED, found).astype(np.int8)

    def _rolled_up(self) -> np.ndarray:
        """Mean over open opportunities by amount, else over people active in the look-back."""
        place = {key: n for n, key in enumerate(self.records.keys)}
        size, out = len(self.records), np.full(len(self.records), np.nan)
        for kind in ("person", "opportunity"):
            other = self._other(kind)
            if other is None:
                continue
            account = np.array([place.get(key, -1) for key in other.records.account], np.int64)
            if kind == "opportunity":
                taken = other.records.open_at(self.asked.instant)
                weight = np.nan_to_num(_amounts(other))
            else:
                taken, weight = other.parts.number > 0, np.ones(len(other.records))
            taken = taken & (account >= 0) & ~np.isnan(other.own_score)
            at, w, s = account[taken], np.maximum(weight[taken], 0.0), other.own_score[taken]
            total, sums = np.bincount(at, w, minlength=size), np.bincount(at, w * s, minlength=size)
            number = np.bincount(at, minlength=size)
            plain = np.bincount(at, s, minlength=size)
            weighted = total > 0
            mean = np.where(
                weighted,
                sums / np.where(weighted, total, 1.0),
                plain / np.maximum(number, 1),
            )
            out = np.where(number > 0, np.floor(mean + 0.5 + 1e-9), out)
        return out

    def _other(self, kind: str) -> Measured | None:
        from dataclasses import replace

        from workbench.errors import AbsentError

        try:
            records = records_of(self.asked.workspace, kind)
        except AbsentError:
            return None
        return Measured(replace(self.asked, of=kind, where=None, window=LIFETIME), records)


def _amounts(measured: Measured) -> np.ndarray:
    """Amounts in one currency; NaN where one is unknown or has no rate."""
    records, workspace = measured.records, measured.asked.workspace
    target = money.target_currency(workspace, records.currency, "currency")
    if not target:
        return records.amount
    known = np.array([c or "" for c in records.currency]).astype(str)
    day = np.datetime64(measured.asked.instant // DAY_US, "D")
    days = np.full(len(records), day)
    return records.amount * money.factors(workspace, known, days, target)
