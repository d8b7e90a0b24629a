"""The answer: the health of every record as parts that add up, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import AbsentError
from workbench.messages import message
from workbench.relationship import wording
from workbench.relationship.activities import IN, OUT, TYPES
from workbench.relationship.frames import STATES, TRENDS, WAYS, instants
from workbench.relationship.health import score_of, shares_of, state_of, with_one_more
from workbench.relationship.measuring import Measured
from workbench.relationship.records import NEVER
from workbench.relationship.rules import DAY_US
from workbench.relationship.scope import definition_of
from workbench.relationship.states import reasons_of
from workbench.results import numbers
from workbench.results.base import Block, Result
from workbench.results.blocks import action_table
from workbench.results.intervals import wilson
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

COLUMNS = {
    "key": "Key of the record",
    "name": "Its name; the key where none is known",
    "score": "Rounded sum of the three points, 0…100; missing where too little is known",
    "state": "good, fair, poor, not_enough, none_done, failed or too_old",
    "reason": "Why there is no score; missing where there is one",
    "trend": "improving, steady, declining, unknown, failed or ended",
    "activity": "Weighted, fading contacts over those expected, 0…1",
    "recency": "1 up to the expected days since the last, 0 from four times those",
    "engagement": "Twice the share that the customer began, at most 1",
    "sentiment": "Mean mood of the look-back, from -1…1 to 0…1; missing unless asked for",
    "activity_points": "Its share (50) × activity",
    "recency_points": "Its share (30) × recency",
    "engagement_points": "Its share (20) × engagement",
    "sentiment_points": "Its share × sentiment; missing unless asked for",
    "done": "Done activities in the look-back",
    "ever": "Done activities at any time",
    "started_by_customer": "Mails, calls and meetings of the look-back that the customer began",
    "directed": "Mails, calls and meetings of the look-back whose direction is known",
    "days_since_last": "Days since the last done activity",
    "with_meeting": "Points more after one meeting by us now",
    "with_call": "Points more after one call by us now",
    "with_mail": "Points more after one mail by us now",
    "with_mail_in": "Points more after one mail by the customer now",
    "judged_at": "Instant of the score: as_of, or the closing of what is closed",
}
_MORE = {
    "with_meeting": ("meeting", OUT), "with_call": ("call", OUT), "with_mail": ("email", OUT),
    "with_mail_in": ("email", IN),
}  # fmt: skip
PARTS = ("activity", "recency", "engagement", "sentiment")
BEFORE_CLOSING = 30 * DAY_US


class RelationshipHealth(Result):
    """Scores from 0 to 100 by a published formula.

    Attributes
    ----------
    measured : Measured
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "relationship_health"

    def __init__(self, measured: Measured) -> None:
        self.measured = measured
        self.definition = {**definition_of(measured), "view": "health"}
        self.scope = measured.scope

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A line a record, in the order of their keys; a roll-up has no parts of its own."""
        measured, rules = self.measured, self.measured.asked.rules
        parts = measured.parts
        shares = np.full((4, len(measured.records)), np.nan)
        shares[: len(rules.shares)] = shares_of(parts, rules)
        rolled = measured.asked.of == "account"
        shares[:, np.isnan(measured.score) | rolled] = np.nan
        points = 100 * np.array([*rules.shares, 0.0][:4])[:, None] * shares
        columns = {
            "key": measured.records.keys,
            "name": measured.records.names,
            "score": measured.score,
            "state": np.array([STATES[int(c)] for c in measured.state], object),
            "reason": reasons_of(measured.state, parts, rules, measured.asked.of),
            "trend": np.array([TRENDS[int(c)] for c in measured.trend], object),
            **dict(zip(PARTS, shares, strict=True)),
            **dict(zip([f"{name}_points" for name in PARTS], points, strict=True)),
            "done": parts.number,
            "ever": parts.ever,
            "started_by_customer": parts.started,
            "directed": parts.directed,
            "days_since_last": parts.days_since,
        }
        for name, (kind, way) in _MORE.items():
            more = with_one_more(parts, rules, kind, way) - measured.score
            columns[name] = np.where(rolled, np.nan, more)
        out = pd.DataFrame({name: values[measured.chosen] for name, values in columns.items()})
        out["judged_at"] = instants(measured.instants[measured.chosen])
        return out[list(COLUMNS)]

    def headline(self) -> str:
        """How many are in poor health, of those with a score, and how many decline."""
        frame = self.frame
        of = self.measured.asked.of
        if not len(frame):
            return wording.nobody(of)
        known = frame["score"].notna()
        if not known.any():
            return message(
                "0 of {total} have enough activities for a score",
                total=wording.of_count(of, len(frame)),
            )
        poor = int((known & (frame["state"] == "poor")).sum())
        declining = int((frame["trend"] == "declining").sum())
        return message(
            "{poor} of {n} with a score are in poor health ({share}), {declining} decline",
            poor=numbers.count(poor), n=wording.of_count(of, int(known.sum())),
            share=numbers.share(poor / known.sum()), declining=numbers.count(declining),
        )  # fmt: skip

    def chart(self) -> alt.TopLevelMixin:
        """Records by their state."""
        from workbench.relationship.chart import by_state

        return by_state(self)

    def reading(self) -> str:
        """What the bars count, and the grades."""
        rules = self.measured.asked.rules
        return message(
            "Each of {total} stands in one bar: good from {good}, fair from {fair} points; fewer "
            "than {least} activities in {days} days are not enough to tell.",
            total=wording.of_count(self.measured.asked.of, len(self.frame)),
            good=rules.good, fair=rules.fair, least=rules.least, days=rules.look_back_days,
        )  # fmt: skip

    def shown(self) -> tuple[Column, ...]:
        """The columns of the table."""
        return wording.health_columns()

    def table_frame(self) -> pd.DataFrame:
        """Lowest scores first, those without one at the end."""
        return wording.in_words(self.frame).sort_values(["score", "key"], na_position="last")

    def definitions(self) -> list[str]:
        """What was asked, in sentences."""
        return wording.definitions(self.measured.asked)

    def members(self, key: str, *, most: int | None = 5) -> pd.DataFrame:
        """The activities that weigh most in a score.

        Parameters
        ----------
        key : str
            Of the record.
        most : int, optional
            So many lines; all when None.

        Returns
        -------
        pandas.DataFrame
            ``activity_id, type, direction, ended_at, days, weighs, subject``: `weighs` is the
            activity's part of the sum behind the activity points, highest first.
        """
        measured, rules = self.measured, self.measured.asked.rules
        chosen = np.flatnonzero(measured.records.keys == key)
        if not np.isin(chosen, measured.chosen).any():
            raise AbsentError.of("key", key, measured.records.keys[measured.chosen])
        place, contacts, acts = int(chosen[0]), measured.contacts, measured.activities
        span = np.arange(contacts.offsets[place], contacts.offsets[place + 1])
        age = (measured.instants[place] - contacts.ended[span]) / DAY_US
        inside = (age >= 0) & (age <= rules.look_back_days)
        span, age = span[inside], age[inside]
        activity = contacts.activity[span]
        out = pd.DataFrame(
            {
                "activity_id": acts.text_of("activity_id", activity),
                "type": np.array(TYPES, object)[acts.kind[activity]],
                "direction": WAYS[acts.direction[activity]],
                "ended_at": instants(contacts.ended[span]),
                "days": age,
                "weighs": contacts.weight[span] * 0.5 ** (age / rules.half_life),
                "subject": acts.text_of("subject", activity),
            }
        )
        out = out.sort_values("weighs", ascending=False, kind="stable").reset_index(drop=True)
        return out if most is None else out.head(most)

    def usefulness(self) -> pd.DataFrame:
        """Whether the score told won from lost opportunities 30 days before they closed.

        Returns
        -------
        pandas.DataFrame
            ``state, closed, won, share, low, high, auc``: a line a state; `share` is won / closed
            with its 95 % interval (Wilson), `auc` the chance that a won one scored higher than a
            lost one (a half is no better than a coin), the same in every line.

        Raises
        ------
        AbsentError
            For other records than opportunities.
        """
        measured, rules = self.measured, self.measured.asked.rules
        records = measured.records
        if records.kind != "opportunity":
            raise AbsentError.of("of", records.kind, ["opportunity"])
        known = records.closed & (records.closed_at != NEVER) & records.chosen
        known &= records.closed_at <= measured.asked.instant
        known &= records.created_at <= records.closed_at - BEFORE_CLOSING
        before = np.where(known, records.closed_at - BEFORE_CLOSING, measured.asked.instant)
        parts = measured.contacts.at(before, rules)
        score = score_of(parts, rules)
        state = state_of(parts, score, rules)
        closed = np.bincount(state[known], minlength=5)[:5]
        won = np.bincount(state[known & records.won], minlength=5)[:5]
        low, high = wilson(won, closed)
        shares = np.divide(won, closed, out=np.full(5, np.nan), where=closed > 0)
        told = known & ~np.isnan(score)
        return pd.DataFrame(
            {
                "state": [STATES[n] for n in range(5)], "closed": closed, "won": won,
                "share": shares, "low": low, "high": high,
                "auc": _auc(score[told & records.won], score[told & ~records.won]),
            }
        )  # fmt: skip

    def check_up(self) -> Block:
        """The same as a table with its finding: to be read before anyone relies on the score."""
        found = self.usefulness()
        chance, closed = found["auc"].iloc[0], int(found["closed"].sum())
        heading = (
            message("The score cannot be checked: it needs won and lost deals with a score")
            if np.isnan(chance)
            else message(
                "30 days before closing a won deal had a higher score than a lost one in {share} "
                "of pairs", share=numbers.share(chance),
            )
        )  # fmt: skip
        reading = message(
            "Half would be no better than a coin. Counted are {n} closed by then; shares with "
            "their 95 % interval (Wilson).",
            n=wording.of_count("opportunity", closed),
        )
        words = wording.state_words()
        shown = found.assign(
            state=found["state"].map(words),
            between=[
                numbers.between(a, b) for a, b in zip(found["low"], found["high"], strict=True)
            ],
        )
        columns = (
            Column("state", message("State 30 days before")),
            Column("won", message("Won"), "count"),
            Column("closed", message("Of closed"), "count"),
            Column("share", message("Won / closed"), "share"),
            Column("between", message("95 % interval")),
        )
        return action_table(heading, reading, shown, columns, anchor="usefulness")


def _auc(higher: np.ndarray, lower: np.ndarray) -> float:
    """Chance that one of `higher` exceeds one of `lower`, ties as half; NaN without a pair."""
    if not higher.size or not lower.size:
        return float("nan")
    ordered = np.sort(lower)
    below = np.searchsorted(ordered, higher, side="left")
    ties = np.searchsorted(ordered, higher, side="right") - below
    return float((below + ties / 2).mean() / lower.size)
