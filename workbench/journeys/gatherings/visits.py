"""Visits: everyone that came to an event, and the first follow-up after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.engine.matching.steps import NEVER
from workbench.journeys.gatherings.counting import first_after
from workbench.journeys.scoping import DAY, instants, shares
from workbench.messages import message
from workbench.results.intervals import wilson
from workbench.vocabulary.containers import Container
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.steps import Step, step

if TYPE_CHECKING:
    from workbench.journeys.gatherings.result import Gatherings

USUAL = ("email_sent", "call", "meeting")
STATES = ("never", "open", "late", "in_time")
COLUMNS = {
    "key": "Key of the account or person that came",
    "name": "Its name, or the key where none is known",
    "account_id": "Key of the account; empty where none is known",
    "account": "Name of the account",
    "owner": "Who owns the account",
    "event_id": "Key of the event",
    "event": "Its name",
    "people": "Names of those of the account that came",
    "state": "in_time, late, open (nothing yet and still time) or never",
    "followed_up_at": "First follow-up after the day of the event (UTC)",
    "days_to_follow_up": "From the beginning of the event to it",
    "days_since_event": "From the beginning of the event to the end of the data",
    "open_amount": "Amount of the open opportunities of the account today",
}


def usual_follow_ups(result: Gatherings) -> tuple[Step, ...]:
    """Usual follow-ups that occur; what came from the customer is none."""
    store = result.question.workspace.events
    events = set(store.dictionary("event").to_pylist())
    names = [name for name in USUAL if name in events]
    directed = "direction" in store.columns and store.columns["direction"]["kind"] == "text"
    if not directed or "in" not in store.dictionary("direction").to_pylist():
        return tuple(step(name) for name in names)
    ours: Mapping[str, Any] = {"not": {"direction": "in"}}
    return tuple(step(name, where={"event": name, **ours}) for name in names)


def visits(
    result: Gatherings, kind: Container, steps: tuple[Step, ...], limit: Duration, *, told: bool
) -> pd.DataFrame:
    """One line an event and account (or person) that came, with its first follow-up.

    Parameters
    ----------
    kind : Container
        Account or person.
    told : bool
        Whether anything can be said; no lines where not.

    Returns
    -------
    pandas.DataFrame
        The columns of `COLUMNS`: the largest open amount first, then the oldest.
    """
    workspace, until = result.question.workspace, result.question.until
    events = result.found.events.set_index("event_id")
    lines = _lines(result, kind) if told else _lines(result, kind).iloc[:0]
    over = events["over"].reindex(lines["event_id"]).to_numpy(np.int64)
    start = events["start"].reindex(lines["event_id"]).to_numpy(np.int64)
    first = np.full(len(lines), NEVER, np.int64)
    if len(lines):
        stream = workspace.events.stream(kind)
        first = first_after(workspace.marker(), stream, list(steps), lines["key"], over, until)
    followed = first != NEVER
    in_time = followed & (first <= over + limit.microseconds)
    young = ~followed & (over + limit.microseconds > until)
    lines["state"] = np.select([in_time, followed, young], ["in_time", "late", "open"], "never")
    lines["followed_up_at"] = instants(first)
    lines["days_to_follow_up"] = np.where(followed, (first - start) / DAY, np.nan)
    lines["days_since_event"] = (until - start) / DAY
    return _named(result, kind, lines)


def _lines(result: Gatherings, kind: Container) -> pd.DataFrame:
    """Who came to an event that has begun: keys, and the names of the people."""
    question, found = result.question, result.found
    begun = found.events[found.events["start"].le(question.until).fillna(False)]
    came = found.people[found.people["status"] == "attended"]
    came = came[came["event_id"].isin(begun["event_id"])]
    names = question.workspace.display_names("person", came["person_id"].to_numpy(object))
    came = came.assign(people=names).sort_values(["event_id", "people", "person_id"])
    if kind.name == "person":
        return came.assign(key=came["person_id"]).reset_index(drop=True)
    held = came.dropna(subset="account_id").groupby(["event_id", "account_id"], sort=True)
    out = held.agg(people=("people", _joined)).reset_index()
    return out.assign(key=out["account_id"])


def _joined(names: pd.Series) -> str:
    """Up to three names, and how many more."""
    shown = ", ".join(map(str, names.head(3)))
    more = len(names) - 3
    return message("{names} and {n} more", names=shown, n=more) if more > 0 else shown


def _named(result: Gatherings, kind: Container, lines: pd.DataFrame) -> pd.DataFrame:
    workspace, found = result.question.workspace, result.found
    keys = lines["account_id"].to_numpy(object)
    known = np.array([isinstance(value, str) for value in keys], bool)
    account, owner = (np.full(len(lines), None, object) for _ in range(2))
    if known.any():
        account[known] = workspace.display_names("account", keys[known])
        owners = workspace.values_of("account", "owner_id", keys[known])
        owner[known] = None if owners is None else owners
    lines["account"], lines["owner"] = account, owner
    lines["name"] = account if kind.name == "account" else lines["people"]
    names = found.events.set_index("event_id")["name"]
    lines["event"] = names.reindex(lines["event_id"]).to_numpy(object)
    amount = found.worth.open_now.reindex(lines["account_id"]).to_numpy(float)
    ordered = lines.assign(open_amount=amount, _amount=np.nan_to_num(amount)).sort_values(
        ["_amount", "days_since_event", "key", "event_id"],
        ascending=[False, False, True, True],
        ignore_index=True,
    )
    return ordered[list(COLUMNS)]


def by_event(result: Gatherings, lines: pd.DataFrame) -> pd.DataFrame:
    """How many visits of each event are in each state; the columns of `FollowUp.columns`."""
    events = result.frame[result.frame["state"] == "held"]
    frame = events[["event_id", "event", "start_at"]].reset_index(drop=True)
    keys = pd.Index(frame["event_id"], dtype="object")
    by_state = lines.groupby(["event_id", "state"]).size()

    def counted(state: str) -> np.ndarray:
        number = by_state.xs(state, level="state") if state in set(lines["state"]) else pd.Series()
        return number.reindex(keys).fillna(0).to_numpy(np.int64)

    counts = {state: counted(state) for state in STATES}
    frame["attended"] = sum(counts.values())
    for state in ("in_time", "late", "open", "never"):
        frame[state] = counts[state]
    frame["ripe"] = frame["attended"] - frame["open"]
    frame["share_in_time"] = shares(frame["in_time"].to_numpy(), frame["ripe"].to_numpy())
    low, high = wilson(frame["in_time"].to_numpy(), frame["ripe"].to_numpy())
    frame["share_in_time_low"], frame["share_in_time_high"] = low, high
    frame["share_never"] = shares(frame["never"].to_numpy(), frame["ripe"].to_numpy())
    median = lines.groupby("event_id")["days_to_follow_up"].median()
    frame["median_days"] = median.reindex(keys).to_numpy(float)
    return frame
