"""What the event was: when it began, whose rows mean taking part, which rows belong to itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.engine.masks import Marker
from workbench.engine.store import EventStore
from workbench.errors import AbsentError, ArgumentError
from workbench.journeys.in_person import attendance, event_named, in_person_events
from workbench.journeys.uplift.question import Question
from workbench.messages import message
from workbench.results import numbers
from workbench.vocabulary.conditions import Condition, condition_from
from workbench.vocabulary.periods import microseconds_of

ATTENDED, EVENT_KEY = "event_attended", "in_person_event_id"


@dataclass(frozen=True)
class Treatment:
    """One event whose effect is asked for.

    Attributes
    ----------
    key : str
        Key of the in-person event; empty for a step.
    label : str
        What the reader sees.
    start : int
        First microsecond that is not before the event.
    end : int
        Rows that mean taking part lie before this microsecond.
    since : int
        They lie at or after this one: `start` for a step, any time for an attendance list, whose
        entries carry the time at which somebody wrote them down.
    condition : Condition
        Rows that mean taking part.
    own : Condition or None
        Rows that belong to the event itself, such as its invitations: nothing that was known of
        the container before.
    """

    key: str
    label: str
    start: int
    end: int
    since: int
    condition: Condition
    own: Condition | None = None


@dataclass(frozen=True)
class Treatments:
    """The events to judge, or why there are none.

    Attributes
    ----------
    ready : tuple of Treatment
        Their horizon is over.
    unfinished : tuple of Treatment
        Not yet.
    refusal : str
        Why nothing can be said; empty where `ready` holds an event.
    """

    ready: tuple[Treatment, ...] = ()
    unfinished: tuple[Treatment, ...] = ()
    refusal: str = ""
    notes: tuple[str, ...] = ()


def treatments(question: Question) -> Treatments:
    """Find the events of a question.

    Raises
    ------
    AbsentError
        For an in-person event that the workspace does not know.
    """
    if question.treatment is not None:
        assert question.at is not None
        assert question.at.start is not None
        assert question.at.end is not None
        start = microseconds_of(question.at.start)
        found = [
            Treatment(
                "",
                question.treatment.label,
                start,
                microseconds_of(question.at.end),
                start,
                question.treatment.condition,
            )
        ]
        return _sorted_out(question, found)
    held = in_person_events(question.workspace)
    if held.empty:
        return Treatments(
            refusal=message(
                "This workspace knows no in-person events: the tables events and "
                "event_attendance are missing or empty."
            )
        )
    if not _can_be_counted(question.workspace.events):
        return Treatments(
            refusal=message("Nobody is recorded as having attended an in-person event.")
        )
    chosen, notes = _chosen(question, held)
    undated = chosen.loc[chosen["start"].isna(), "name"].tolist()
    if undated:
        notes.append(
            message("No start is known, so left out: {events}.", events=", ".join(undated))
        )
    found = [_held(question, row) for row in chosen.dropna(subset="start").to_dict("records")]
    return _sorted_out(question, found, notes)


def _can_be_counted(store: EventStore) -> bool:
    if EVENT_KEY not in store.columns or "event" not in store.columns:
        return False
    return ATTENDED in set(store.dictionary("event").to_pylist())


def _chosen(question: Question, held: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The events that were asked for; without any, the largest whose horizon is over."""
    if question.events:
        keys = []
        for value in question.events:
            found = event_named(held, value)
            if not found:
                raise AbsentError.of("event", value, [*held["event_id"], *held["name"]])
            if len(found) > 1:
                raise ArgumentError.of(
                    "event", value, found, message("Several events have this name.")
                )
            keys += found
        return held[held["event_id"].isin(keys)], []
    begun = held[held["start"] <= question.until]
    over = begun[begun["start"] + question.horizon.microseconds <= question.until]
    came = attendance(question.workspace).frame
    came = came[came["status"] == "attended"]
    sizes = came.groupby("event_id")["account_id"].nunique()
    of = over if len(over) else begun if len(begun) else held
    of = of.assign(size=of["event_id"].map(sizes).fillna(0).astype(int))
    first = of.sort_values(["size", "start", "event_id"], ascending=[False, False, True]).head(1)
    note = message(
        "No event was named: of {n} in-person events this one drew most accounts among those "
        "whose horizon is over.",
        n=len(held),
    )
    return first, [note] if len(held) > 1 else []


def _held(question: Question, row: Mapping[str, Any]) -> Treatment:
    """An in-person event as a treatment; its own campaign and list are nothing known before."""
    store, key = question.workspace.events, row["event_id"]
    own = []
    for column, value in ((EVENT_KEY, key), ("campaign_id", row["campaign_id"])):
        if isinstance(value, str) and _occurs(store, column, value):
            own.append({column: {"=": value}})
    return Treatment(
        key=key,
        label=row["name"],
        start=int(row["start"]),
        end=question.until + 1,
        since=-(2**62),
        condition=condition_from({"event": ATTENDED, EVENT_KEY: {"=": key}}),
        own=condition_from({"any": own}) if own else None,
    )


def _occurs(store: EventStore, column: str, value: str) -> bool:
    if column not in store.columns:
        return False
    return value in store.dictionary(column).to_pylist()


def _sorted_out(
    question: Question, found: list[Treatment], notes: list[str] | None = None
) -> Treatments:
    """Events whose horizon is over, and those that cannot be judged yet."""
    zone, until = question.workspace.settings.report_tz, question.until
    over = [t for t in found if t.start + question.horizon.microseconds <= until]
    waiting = [t for t in found if t.start + question.horizon.microseconds > until]
    refusal = ""
    if not found:
        refusal = message("No event with a known start was asked for.")
    elif not over:
        last = min(waiting, key=lambda t: t.start)
        day = pd.Timestamp(last.start + question.horizon.microseconds, unit="us", tz="UTC")
        refusal = message(
            "The horizon of {horizon} after “{event}” ends on {day}, after the data do "
            "({as_of}): unfinished is not lost, so nothing is compared yet.",
            horizon=question.horizon.in_words(),
            event=last.label,
            day=numbers.day(day, zone),
            as_of=numbers.day(question.workspace.as_of, zone),
        )
    return Treatments(tuple(over), tuple(waiting), refusal, tuple(notes or ()))


def took_part(marker: Marker, treatment: Treatment) -> np.ndarray:
    """A mark for every row of the store that means taking part, at whatever time."""
    return marker.rows(treatment.condition)
