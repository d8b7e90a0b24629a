"""The people, accounts and opportunities behind the numbers of in-person events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.engine.matching.steps import NEVER
from workbench.errors import AbsentError, ArgumentError
from workbench.journeys.gatherings.question import OUTCOMES
from workbench.journeys.in_person import HELD_A_PLACE, event_named
from workbench.journeys.scoping import instants

if TYPE_CHECKING:
    from workbench.journeys.gatherings.result import Gatherings

PEOPLE = {
    "listed": None,
    "registered": HELD_A_PLACE,
    "attended": ("attended",),
    "no_show": ("no_show",),
}
ACCOUNTS = ("accounts", "engaged", *OUTCOMES)
OPPORTUNITIES = ("open", "new", "influenced")
WHAT = (*PEOPLE, *ACCOUNTS, *OPPORTUNITIES)
COLUMNS = {
    "event_id": "Key of the event",
    "event": "Its name",
    "key": "Key of the person, account or opportunity",
    "name": "Its name, or the key where none is known",
    "account_id": "Key of the account; empty where none is known",
    "account": "Its name",
    "owner": "Who owns the account, or the opportunity",
    "people": "People of the account that came to the event",
    "status": "Final status of the person, or open / new of the opportunity",
    "at": "First instant of what is asked for, or creation of the opportunity (UTC)",
    "amount": "Amount of the opportunity, in the currency of the result",
}


def members(result: Gatherings, event: str | None, what: str) -> pd.DataFrame:
    """Lines in order of events, then names."""
    if what not in WHAT:
        raise ArgumentError.of("what", what, WHAT)
    events = result.found.events
    chosen = set(events["event_id"])
    if event is not None:
        found = event_named(events, event)
        if not found:
            raise AbsentError.of("event", event, [*events["event_id"], *events["name"]])
        chosen = set(found)
    if what in PEOPLE:
        lines = _people(result, what)
    elif what in ACCOUNTS:
        lines = _accounts(result, what)
    else:
        lines = _opportunities(result, what)
    lines = lines[lines["event_id"].isin(chosen)]
    return _finished(result, lines)


def _people(result: Gatherings, what: str) -> pd.DataFrame:
    people, statuses = result.found.people, PEOPLE[what]
    lines = people if statuses is None else people[people["status"].isin(statuses)]
    names = result.question.workspace.display_names("person", lines["person_id"].to_numpy(object))
    return lines.assign(key=lines["person_id"], name=names)


def _accounts(result: Gatherings, what: str) -> pd.DataFrame:
    visits = result.found.visits
    lines = visits if what == "accounts" else visits[visits[what] != NEVER]
    first = np.full(len(lines), NEVER) if what == "accounts" else lines[what].to_numpy(np.int64)
    keys = lines["account_id"].to_numpy(object)
    names = result.question.workspace.display_names("account", keys)
    at = instants(first).set_axis(lines.index)
    return lines.assign(key=lines["account_id"], name=names, at=at)


def _opportunities(result: Gatherings, what: str) -> pd.DataFrame:
    deals = result.found.worth.influenced
    lines = deals if what == "influenced" else deals[deals["relation"] == what]
    names = lines["name"].where(lines["name"].notna(), lines["opportunity_id"])
    return lines.assign(key=lines["opportunity_id"], name=names, status=lines["relation"])


def _finished(result: Gatherings, lines: pd.DataFrame) -> pd.DataFrame:
    """The documented columns, with account, owner and event by name."""
    workspace = result.question.workspace
    lines = lines.copy()
    keys = lines["account_id"].to_numpy(object)
    known = np.array([isinstance(key, str) for key in keys], bool)
    account = np.full(len(lines), None, object)
    owner = np.full(len(lines), None, object)
    if known.any():
        account[known] = workspace.display_names("account", keys[known])
        owners = workspace.values_of("account", "owner_id", keys[known])
        owner[known] = None if owners is None else owners
    lines["account"] = account
    lines["owner"] = (
        lines["owner"].where(lines["owner"].notna(), owner) if "owner" in lines else owner
    )
    events = result.found.events.set_index("event_id")
    lines["event"] = events["name"].reindex(lines["event_id"]).to_numpy(object)
    for name in COLUMNS:
        if name not in lines:
            lines[name] = (
                pd.NaT if name == "at" else np.nan if name in ("people", "amount") else None
            )
    order = events.index.get_indexer(lines["event_id"])
    frame = lines.assign(_order=order).sort_values(["_order", "name", "key"], kind="stable")
    frame["at"] = pd.to_datetime(frame["at"], utc=True).astype("datetime64[us, UTC]")
    frame["people"] = frame["people"].astype("Int64")
    frame["amount"] = frame["amount"].astype(float)
    return frame[list(COLUMNS)].reset_index(drop=True)
