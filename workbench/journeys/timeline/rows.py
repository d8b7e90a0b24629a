"""The events of one account as plain rows, each with who did it and what it is about."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.engine.match import ranges
from workbench.engine.store import EventStore
from workbench.journeys.records import acts, column
from workbench.journeys.scoping import instants
from workbench.journeys.timeline.question import Question
from workbench.workspace import Workspace

THEY, WE, RECORD = "account", "own side", "record"
# What an event is about: the first of these that it carries.
DETAILS = (
    "stage",
    "in_person_event",
    "in_person_event_id",
    "campaign",
    "content_type",
    "plan",
    "plan_tier",
    "churn_reason",
    "reason_code",
    "feature",
    "product",
    "priority",
    "page",
    "campaign_id",
    "channel",
)
KEYS = ("person_id", "session_id", "opportunity_id")
COLUMNS = ("time", "at", "event", *KEYS, "who", "detail", "person", "role")


def rows_of(question: Question) -> pd.DataFrame:
    """Every row of the account inside the period, in order.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`: ``time`` in microseconds, ``at`` as UTC instant, ``who`` acted
        (account, own side, or a record that neither did).
    """
    workspace = question.workspace
    store = workspace.events
    places = _places(question, store)
    out = pd.DataFrame({"time": np.asarray(store.times[places], np.int64) if len(store) else []})
    out["time"] = out["time"].astype(np.int64)
    out["at"] = instants(out["time"].to_numpy())
    for name in ("event", *KEYS):
        out[name] = _texts(store, name, places)
    done = acts(store, places) if len(store) else None
    out["who"] = (
        np.select([done.theirs, done.outbound | _sent(out["event"])], [THEY, WE], RECORD)
        if done is not None
        else ""
    )
    out["detail"] = _details(store, places, len(out))
    known = out["person_id"].dropna().unique()
    names = pd.Series(workspace.display_names("person", known), index=known, dtype="object")
    roles = _roles(workspace, question.account, known)
    for name, values in (("person", names), ("role", roles)):
        looked = values.reindex(out["person_id"].to_numpy(object))
        out[name] = looked.set_axis(out.index).astype("object").astype("str")
    return out.astype({"who": "str", "detail": "str"})[list(COLUMNS)]


def _places(question: Question, store: EventStore) -> np.ndarray:
    """Rows of the store that belong to the account, in order of time."""
    if not len(store):
        return np.empty(0, np.int64)
    stream = store.stream("account")
    number = pd.Index(store.container_names(stream)).get_indexer(pd.Index([question.account]))[0]
    if number < 0:
        return np.empty(0, np.int64)
    low, high = ranges(store, stream, *question.workspace.bounds(question.period))
    return np.arange(low[number], high[number], dtype=np.int64)


def _texts(store: EventStore, name: str, places: np.ndarray) -> pd.Series:
    known = name in store.columns and places.size
    values = store.values_at(name, places) if known else np.full(places.size, None, object)
    return pd.Series(values, dtype="object").astype("str")


def _sent(events: pd.Series) -> np.ndarray:
    return events.isin(["task_done", "email_sent"]).to_numpy(bool)


def _details(store: EventStore, places: np.ndarray, size: int) -> pd.Series:
    out = pd.Series(np.full(size, None, object)).astype("str")
    for name in DETAILS:
        if name in store.columns and store.columns[name]["kind"] == "text":
            out = out.where(out.notna(), _texts(store, name, places))
    return out


def _roles(workspace: Workspace, account: str, people: np.ndarray) -> pd.Series:
    """The role of each person: in a buying group, else in an opportunity, else the title."""
    asked: list[tuple[int, str]] = []
    if workspace.has("buying_group_members", "person_id", "role"):
        removed = column(workspace, "buying_group_members", "removed_at", "TIMESTAMPTZ")
        asked.append((1, f"SELECT person_id, role, {removed} IS NOT NULL AS past "
                         "FROM buying_group_members t"))  # fmt: skip
    if workspace.has("opportunity_people", "person_id", "role"):
        asked.append((2, "SELECT person_id, role, false AS past FROM opportunity_people"))
    if workspace.has("people", "person_id"):
        title = column(workspace, "people", "title", "VARCHAR")
        level = column(workspace, "people", "role_level", "VARCHAR")
        asked.append((3, f"SELECT person_id, coalesce({title}, {level}) AS role, false AS past "
                         "FROM people t"))  # fmt: skip
    if not asked or not people.size:
        return pd.Series(dtype="object")
    union = " UNION ALL ".join(
        f"SELECT person_id::VARCHAR AS person_id, role::VARCHAR AS role, {rank} + past::INTEGER "
        f"* 0.5 AS rank FROM ({query})"
        for rank, query in asked
    )
    read = workspace.sql(
        f"SELECT person_id, arg_min(role, (rank, role)) AS role FROM ({union}) "
        "WHERE role IS NOT NULL AND person_id IN (SELECT unnest(?::VARCHAR[])) GROUP BY ALL",
        [[str(person) for person in people]],
    )
    return read.set_index("person_id")["role"].astype("object")
