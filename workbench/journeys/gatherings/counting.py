"""Who came to which event, and what their accounts did afterwards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.engine import windows
from workbench.engine.masks import Marker
from workbench.engine.matching.steps import NEVER
from workbench.engine.segments import segment_rows
from workbench.engine.store import Stream
from workbench.journeys.gatherings.question import OUTCOMES, Question
from workbench.journeys.gatherings.worth import Worth, worth_of
from workbench.journeys.in_person import attendance, has_attendance, in_person_events
from workbench.journeys.scoping import with_a_row
from workbench.messages import message, message_of_count
from workbench.vocabulary.conditions import joined
from workbench.vocabulary.periods import Period, bucket
from workbench.vocabulary.steps import Step

ENGAGED = "engaged"


@dataclass(frozen=True)
class Counted:
    """Everything that the numbers of in-person events are made of.

    Attributes
    ----------
    events : pandas.DataFrame
        The events asked about, as `in_person_events` gives them, each with the number of
        microseconds at which its follow-up may begin (``over``).
    people : pandas.DataFrame
        One line an event and person: ``event_id``, ``person_id``, ``account_id``, ``status``.
    visits : pandas.DataFrame
        One line an event and account that came: ``event_id``, ``account_id``, ``people``, and for
        each outcome and ``engaged`` the instant of its first row inside the limit (`NEVER` for
        none).
    worth : Worth
        Opportunities of the accounts that came, and what the events cost.
    refusal : str
        Why there is nothing to count; empty where there is.
    notes : tuple of str
    """

    events: pd.DataFrame
    people: pd.DataFrame
    visits: pd.DataFrame
    worth: Worth
    refusal: str = ""
    notes: tuple[str, ...] = ()


def counted(question: Question, marker: Marker, stream: Stream) -> Counted:
    """Read events and attendance, and look what followed in the store."""
    workspace = question.workspace
    events = in_person_events(workspace)
    asked, refusal, notes = _asked(question, events)
    found = attendance(workspace)
    people = found.frame[found.frame["event_id"].isin(asked["event_id"])]
    if question.segment is not None:
        people = people[people["account_id"].isin(_members(question, marker, stream))]
    if found.internal:
        notes.append(
            message_of_count(
                "{count} entry of own people is no guest.",
                "{count} entries of own people are no guests.",
                found.internal,
            )
        )
    if found.unknown:
        notes.append(
            message_of_count(
                "{count} entry has a status that is not known.",
                "{count} entries have a status that is not known.",
                found.unknown,
            )
        )
    came = people[people["status"] == "attended"]
    nameless = int(came["account_id"].isna().sum())
    if nameless:
        notes.append(
            message_of_count(
                "{count} that came has no known account and counts among the people only.",
                "{count} that came have no known account and count among the people only.",
                nameless,
            )
        )
    visits = _visits(question, marker, stream, asked, came)
    worth = worth_of(question, asked, visits)
    return Counted(asked, people, visits, worth, refusal, (*notes, *worth.notes))


def _asked(question: Question, events: pd.DataFrame) -> tuple[pd.DataFrame, str, list[str]]:
    """Events that begin inside the period, and why there are none."""
    low, high = question.period.bounds()
    dated = events.dropna(subset="start")
    undated = len(events) - len(dated)
    inside = dated[(dated["start"] >= low) & (dated["start"] < high)]
    chosen = inside if question.period else events
    notes = []
    if undated and question.period:
        notes.append(
            message_of_count(
                "{count} event without a start lies in no period.",
                "{count} events without a start lie in no period.",
                undated,
            )
        )
    refusal = ""
    if events.empty:
        refusal = message(
            "This workspace knows no in-person events: the tables events and event_attendance are "
            "missing or empty."
        )
    elif chosen.empty:
        refusal = message(
            "No in-person event begins in {period}; the workspace knows {n}.",
            period=str(question.period),
            n=f"{len(events):,}",
        )
    elif not has_attendance(question.workspace):
        notes.append(
            message("Nobody's attendance is recorded: the table event_attendance is missing.")
        )
    return chosen.assign(over=_over(question, chosen)).reset_index(drop=True), refusal, notes


def _over(question: Question, events: pd.DataFrame) -> np.ndarray:
    """First microsecond after the day on which an event ends, in the reporting zone."""
    if events.empty:
        return np.empty(0, np.int64)
    ends = events["end"].fillna(events["start"]).fillna(0).to_numpy(np.int64)
    zone = question.workspace.settings.report_tz
    day = bucket(ends, "day", zone) + pd.Timedelta(days=1)
    midnight = day.dt.tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    return midnight.dt.tz_convert("UTC").astype("datetime64[us, UTC]").astype("int64").to_numpy()


def _members(question: Question, marker: Marker, stream: Stream) -> list[str]:
    assert question.segment is not None
    rows = segment_rows(marker, question.segment)
    inside = with_a_row(question.workspace, marker, stream, Period(), rows)
    return list(question.workspace.events.container_names(stream)[inside])


def _visits(
    question: Question, marker: Marker, stream: Stream, events: pd.DataFrame, came: pd.DataFrame
) -> pd.DataFrame:
    """Accounts that came to each event, and the first of everything that followed."""
    held = came.dropna(subset="account_id")
    visits = (
        held.groupby(["event_id", "account_id"], sort=True)
        .agg(people=("person_id", "nunique"))
        .reset_index()
    )
    number = pd.Index(question.workspace.events.container_names(stream)).get_indexer(
        visits["account_id"]
    )
    times = events.set_index("event_id")[["start", "over"]].reindex(visits["event_id"])
    start = times["start"].fillna(NEVER).to_numpy(np.int64)
    over = times["over"].fillna(NEVER).to_numpy(np.int64)
    until = question.until + 1
    names, steps = list(question.outcomes), list(question.outcomes.values())
    followed = _first(
        marker, stream, steps, number, start, start + question.horizon.microseconds + 1, until
    )
    for name in OUTCOMES:
        visits[name] = followed[:, names.index(name)] if name in names else NEVER
    either = []
    if question.engaged:
        either = [Step(ENGAGED, joined("any", [item.condition for item in question.engaged]))]
    acted = _first(
        marker, stream, either, number, over, over + question.engaged_within.microseconds + 1, until
    )
    visits[ENGAGED] = acted[:, 0] if either else NEVER
    return visits


def _first(
    marker: Marker,
    stream: Stream,
    steps: list[Step],
    number: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    until: int,
) -> np.ndarray:
    """First row of each step for each visit in [start, end); none for accounts without a row."""
    out = np.full((number.size, len(steps)), NEVER, np.int64)
    known = (number >= 0) & (start != NEVER)
    if not steps or not known.any():
        return out
    codes, bits_of, _ = marker.bits(tuple(steps))
    chosen = number[known]
    low = windows.places(marker.store, stream, chosen, start[known])
    high = windows.places(marker.store, stream, chosen, np.minimum(end[known], until))
    out[known] = windows.first_times(
        codes, bits_of, len(steps), marker.store, stream, low, np.maximum(low, high)
    )
    return out


def first_after(
    marker: Marker,
    stream: Stream,
    steps: list[Step],
    keys: pd.Series,
    start: np.ndarray,
    until: int,
) -> np.ndarray:
    """First row of any of the steps at or after an instant, one for each key; `NEVER` for none."""
    number = pd.Index(marker.store.container_names(stream)).get_indexer(keys)
    one = [Step("any", joined("any", [item.condition for item in steps]))]
    end = np.full(number.size, until + 1, np.int64)
    return _first(marker, stream, one, number, start, end, until + 1)[:, 0]
