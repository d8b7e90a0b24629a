"""The answer: every record with its mails, calls and meetings, and its health."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message, message_of_count
from workbench.relationship import wording
from workbench.relationship.activities import CALL, EMAIL, MEETING, TYPES
from workbench.relationship.contacted import most_contacted, who_knows
from workbench.relationship.counting import KINDS
from workbench.relationship.days import by_day, by_week
from workbench.relationship.frames import COLUMNS, WAYS, frame_of, instants
from workbench.relationship.measuring import Measured
from workbench.results import numbers
from workbench.results.base import Block, Result, Scope
from workbench.results.blocks import key_figures
from workbench.results.tables import Column
from workbench.vocabulary.conditions import condition_from

if TYPE_CHECKING:
    import altair as alt

    from workbench.relationship.health_result import RelationshipHealth

TOUCHED_DAYS = 30
NUMBERS = (*KINDS, "unknown_direction", "without_duration", "answered_by_us", "asked_of_us",
           "answered_by_them", "asked_of_them", "overdue", "shared", "all")  # fmt: skip


class Relationships(Result):
    """What was done with every record, and what came back.

    Attributes
    ----------
    measured : Measured
        The question, the records and their activities.
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "relationships"

    def __init__(self, measured: Measured) -> None:
        self.measured = measured
        self.definition = definition_of(measured)
        self.scope = scope_of(measured)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A line a record, in the order of their keys."""
        return frame_of(self.measured)

    def headline(self) -> str:
        """How many were touched of late, of how many, and for how many something is planned."""
        frame = self.frame
        of = self.measured.asked.of
        if not len(frame):
            return wording.nobody(of)
        recent = int((frame["days_since_last"] <= TOUCHED_DAYS).sum())
        planned = int(frame["next_at"].notna().sum())
        return message(
            "{n} of {total} were in contact in the last {days} days ({share}); "
            "something is planned with {planned}",
            n=numbers.count(recent), total=wording.of_count(of, len(frame)), days=TOUCHED_DAYS,
            share=numbers.share(recent / len(frame)), planned=numbers.count(planned),
        )  # fmt: skip

    def chart(self) -> alt.TopLevelMixin:
        """Records by the time since the last contact, and whether something is planned."""
        from workbench.relationship.chart import by_last_contact

        return by_last_contact(self)

    def reading(self) -> str:
        """What the bars count."""
        return message(
            "Each of {total} stands in one bar, by the days from its last done activity to "
            "{day}; darker: something is planned. Counts of the table are of {window}.",
            total=wording.of_count(self.measured.asked.of, len(self.frame)),
            day=self.scope.as_of,
            window=wording.window(self.measured.asked.window),
        )

    def shown(self) -> tuple[Column, ...]:
        """The columns of the list view."""
        return wording.list_columns(self.measured.judged)

    def table_frame(self) -> pd.DataFrame:
        """Those who wait longest first, never touched ones at the end."""
        return wording.in_words(self.frame).sort_values(
            ["days_since_last", "key"], ascending=[False, True], na_position="last"
        )

    def definitions(self) -> list[str]:
        """What was asked, in sentences."""
        return wording.definitions(self.measured.asked)

    def health(self) -> RelationshipHealth:
        """The score of each record, its parts, and what one more contact would change.

        Raises
        ------
        AbsentError
            For accounts, unless the question asked for their roll-up.
        """
        from workbench.relationship.health_result import RelationshipHealth

        if not self.measured.judged:
            raise AbsentError.of(
                "of", "account", ["opportunity", "person", "lead"],
                message("Ask with roll_up=True for the health of accounts."),
            )  # fmt: skip
        return RelationshipHealth(self.measured)

    def key_figures(self) -> Block:
        """In contact of late, nothing planned, hours to an answer, share that customers began."""
        frame = self.frame
        total = len(frame)
        recent = int((frame["days_since_last"] <= TOUCHED_DAYS).sum())
        without = int(frame["next_at"].isna().sum())
        begun, directed = int(frame["started_by_customer"].sum()), int(frame["directed"].sum())
        answered, asked = int(frame["answered_by_us"].sum()), int(frame["asked_of_us"].sum())
        hours = float((frame["hours_by_us"] * frame["answered_by_us"]).sum())
        mean = hours / answered / 24 if answered else None
        return key_figures(
            [
                _figure(message("In contact in the last 30 days"), recent, total),
                _figure(message("Nothing planned"), without, total),
                _figure(message("Begun by the customer"), begun, directed),
                {
                    "label": message("Time until we answer a mail"),
                    "value": numbers.days(mean),
                    "detail": message(
                        "{n} of {total} turns answered",
                        n=numbers.count(answered), total=numbers.count(asked),
                    ),
                },
            ]
        )  # fmt: skip

    def days(self, key: str | None = None, *, days: int = 60) -> pd.DataFrame:
        """Mails, meetings and calls of each of the last days, zero-filled.

        Parameters
        ----------
        key : str, optional
            Of this record; of all records of the frame, each activity once, when left out.
        days : int
            Dates up to and with that of as_of, in the reporting zone.

        Returns
        -------
        pandas.DataFrame
            ``day, mails_sent, mails_received, meetings_sent, meetings_received, calls_made,
            calls_received, activities``; `activities` holds unknown directions too.
        """
        if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= 3_660:
            raise ArgumentError.of("days", days, message("a whole number from 1 to 3,660"))
        return by_day(self.measured, self._wanted(key), days)

    def weeks(self, key: str | None = None) -> pd.DataFrame:
        """As `days`, for every ISO week since the first activity: ``week, …``."""
        return by_week(self.measured, self._wanted(key))

    def contacted(self, key: str, *, latest: bool = False, most: int = 3) -> pd.DataFrame:
        """Most contacted of both sides of a record: ``side, key, name, interactions, last_at``.

        Parameters
        ----------
        key : str
        latest : bool
            The latest first, instead of those with most interactions.
        most : int
            Lines of each side.
        """
        return most_contacted(self.measured, self._place(key), latest=latest, most=most)

    def knows(self, key: str, *, with_calls: bool = False, most: int = 5) -> pd.DataFrame:
        """Users who know a record best: ``key, name, strength, interactions, last_at``.

        `strength` adds one for each mail and meeting, and call if asked for, halved with every 90
        days of its age.
        """
        return who_knows(self.measured, self._place(key), with_calls=with_calls, most=most)

    def _place(self, key: str) -> int:
        return int(np.flatnonzero(self._wanted(key))[0])

    def _wanted(self, key: str | None) -> np.ndarray:
        measured = self.measured
        wanted = np.zeros(len(measured.records), bool)
        wanted[measured.chosen] = True
        if key is not None:
            wanted &= measured.records.keys == key
            if not wanted.any():
                raise AbsentError.of("key", key, measured.records.keys[measured.chosen])
        return wanted

    def members(self, name: str = "activities", *, key: str | None = None) -> pd.DataFrame:
        """The activities behind a number.

        Parameters
        ----------
        name : str
            A count of the frame, such as ``"emails_sent"``, ``"asked_of_us"`` (the first mail of
            each turn) or ``"overdue"``; ``"all"`` for every linked one, open and future ones too.
        key : str, optional
            Only of this record; of all records of the frame when left out.

        Returns
        -------
        pandas.DataFrame
            ``key, activity_id, type, direction, begun_at, ended_at, minutes, subject, regarding,
            shared``; instants in UTC, `regarding` whether the activity names the record.
        """
        if name not in NUMBERS:
            raise ArgumentError.of("name", name, NUMBERS)
        measured, wanted = self.measured, self._wanted(key)
        links, acts = measured.links, measured.activities
        chosen = np.flatnonzero(self._marked(name) & wanted[links.record])
        activity = links.activity[chosen]
        return pd.DataFrame(
            {
                "key": measured.records.keys[links.record[chosen]],
                "activity_id": acts.text_of("activity_id", activity),
                "type": np.array(TYPES, object)[acts.kind[activity]],
                "direction": WAYS[acts.direction[activity]],
                "begun_at": instants(acts.at[activity]),
                "ended_at": instants(acts.ended[activity]),
                "minutes": acts.minutes[activity],
                "subject": acts.text_of("subject", activity),
                "regarding": links.regarding[chosen],
                "shared": links.shared[chosen],
            }
        )

    def _marked(self, name: str) -> np.ndarray:
        counted, links = self.measured.counted, self.measured.links
        acts, activity = counted.activities, links.activity
        if name in KINDS:
            return counted.mark(name)
        if name == "all":
            return np.ones(activity.size, bool)
        if name == "shared":
            return counted.inside & links.shared
        if name == "overdue":
            return counted.late
        talk = np.isin(acts.kind[activity], (EMAIL, CALL, MEETING))
        if name == "unknown_direction":
            return counted.inside & talk & ~counted.directed
        if name == "without_duration":
            timed = talk & (acts.kind[activity] != EMAIL)
            return counted.inside & timed & np.isnan(acts.minutes[activity])
        turns = counted.turns
        own = turns.by_customer == name.endswith("us")
        own &= (turns.answer >= 0) if name.startswith("answered") else turns.matured
        size = max(len(acts), 1)
        return np.isin(
            links.record * size + activity, turns.record[own] * size + turns.activity[own]
        )


def _figure(label: str, count: int, total: int) -> dict[str, Any]:
    value = numbers.share(count / total) if total else numbers.NOTHING
    detail = message("{n} of {total}", n=numbers.count(count), total=numbers.count(total))
    return {"label": label, "value": value, "detail": detail}


def definition_of(measured: Measured) -> dict[str, Any]:
    """The mapping that asks the same question again."""
    asked = measured.asked
    default: dict[str, Any] = {
        "as_of": None, "window": "lifetime", "closed": False, "opportunity_link": "vendor",
        "auto_complete_past": True, "most_receivers": 20, "maturity": "14d",
        "business_hours": None, "holidays": None, "per_team_recipient": False, "every_days": 7,
        "weights": {}, "roll_up": False, "where": None,
    }  # fmt: skip
    looks_back = asked.instant != wording.now_of(asked.workspace)
    given = {
        "where": None if asked.where is None else condition_from(asked.where, "where").plain(),
        "as_of": wording.instant_of(asked.instant).isoformat() if looks_back else None,
        "window": str(asked.window), "closed": asked.closed, "opportunity_link": asked.link,
        "auto_complete_past": asked.auto_complete_past, "most_receivers": asked.most_receivers,
        "maturity": str(asked.maturity), "business_hours": asked.hours.text,
        "holidays": asked.hours.country, "per_team_recipient": asked.per_receiver,
        "every_days": asked.rules.every_days, "weights": dict(asked.rules.weights),
        "roll_up": asked.roll_up,
    }  # fmt: skip
    said = {name: value for name, value in given.items() if value != default[name]}
    return {"analysis": "relationships", "of": asked.of, **said}


def scope_of(measured: Measured) -> Scope:
    """What the numbers speak of, and what was set aside."""
    asked, acts = measured.asked, measured.activities
    notes = []
    untimed = int((acts.at == np.iinfo(np.int64).min).sum())
    if untimed:
        notes.append(
            message_of_count(
                "{count} activity has no time and takes no part.",
                "{count} activities have no time and take no part.",
                untimed,
            )
        )
    if measured.links.list_mails:
        notes.append(
            message_of_count(
                "{count} mail went to more than {most} receivers and is left out as list mail.",
                "{count} mails went to more than {most} receivers and are left out as list mail.",
                measured.links.list_mails,
                most=numbers.count(asked.most_receivers),
            )
        )
    linked = int((np.bincount(measured.links.activity, minlength=1) > 0).sum())
    return Scope(
        container=asked.of,
        period=wording.window(asked.window),
        as_of=numbers.day(wording.instant_of(asked.instant), asked.zone),
        events=linked,
        notes=(
            *notes,
            message(
                "{n} of {total} activities belong to one of the records.",
                n=numbers.count(linked),
                total=numbers.count(len(acts)),
            ),
        ),
    )
