"""Which activities belong to a record: by what they regard, or by who took part.

Source: relationship-analytics.md, section 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa

from workbench.relationship.activities import EMAIL, Activities, activities_of
from workbench.relationship.participants import CUSTOMER, TEAM, codes_of
from workbench.relationship.records import NEVER, Records
from workbench.relationship.sorting import distinct, order_of, places_of, spread
from workbench.workspace import Workspace

MODES = ("strict", "vendor", "loose")
REGARDING = {
    "account": "account_id",
    "opportunity": "opportunity_id",
    "lead": "lead_id",
    "person": "person_id",
}
_kept: WeakKeyDictionary[Workspace, dict[tuple[str, str, int], Links]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Links:
    """Pairs of record and activity, each once, by record and then by time.

    Attributes
    ----------
    record, activity : numpy.ndarray of int64
        Places among the records and the activities.
    regarding : numpy.ndarray of bool
        Whether the activity names the record.
    shared : numpy.ndarray of bool
        Whether people alone link the activity to several opportunities that were open then.
    list_mails : int
        Mails to so many receivers that they are no sign of a relationship; left out.
    """

    record: np.ndarray
    activity: np.ndarray
    regarding: np.ndarray
    shared: np.ndarray
    list_mails: int


def links_of(
    workspace: Workspace, records: Records, mode: str, most_receivers: int | None
) -> Links:
    """The activities of every record of a kind; worked out once.

    Parameters
    ----------
    workspace : Workspace
    records : Records
    mode : {"strict", "vendor", "loose"}
        Only for opportunities: what regards it; also what somebody of its team has with its own
        people; also with the primary contact of its account.
    most_receivers : int, optional
        Mails to more receivers are left out.
    """
    known = _kept.setdefault(workspace, {})
    name = (records.kind, mode, -1 if most_receivers is None else most_receivers)
    if name not in known:
        known[name] = _linked(activities_of(workspace), records, mode, most_receivers)
    return known[name]


def _linked(
    activities: Activities, records: Records, mode: str, most_receivers: int | None
) -> Links:
    size = max(len(activities), 1)
    regarding = _regarding(activities, records) * size
    named = np.flatnonzero(regarding >= 0)
    first = regarding[named] + named
    if records.kind in ("account", "person"):
        pairs = _by_customer(activities, people_of_records(activities, records))
    elif mode == "strict" and records.kind == "opportunity":
        pairs = np.zeros(0, np.int64)
    else:
        people = people_of_records(activities, records, with_primary=mode == "loose")
        pairs = _by_customer(activities, people)
        pairs = pairs[_with_team(activities, records, pairs // size, pairs % size)]
    every = distinct(np.concatenate([first, pairs]))
    record, activity = every // size, every % size
    kept = np.ones(every.size, bool)
    if most_receivers is not None:
        listed = (activities.kind == EMAIL) & (activities.present.receivers > most_receivers)
        kept = ~listed[activity] if every.size else kept
    is_regarding = np.zeros(every.size, bool)
    is_regarding[np.searchsorted(every, np.sort(first))] = True
    shared = np.zeros(every.size, bool)
    if records.kind == "opportunity" and every.size:
        shared = _shared(activities, records, record, activity) & ~is_regarding
    left = distinct(activity[~kept]).size
    return Links(record[kept], activity[kept], is_regarding[kept], shared[kept], left)


def _regarding(activities: Activities, records: Records) -> np.ndarray:
    """Place of the record that each activity names; -1 for none."""
    known, people = pa.array(records.keys, pa.string()), activities.people

    def code(keys: pa.Array) -> np.ndarray:
        if records.kind != "person":
            return codes_of(keys, known)
        codes = people.person_codes(keys)
        return np.append(codes_of(people.persons, known), -1)[codes]

    return activities.coded(REGARDING[records.kind], code)


def people_of_records(
    activities: Activities, records: Records, with_primary: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of person and record on the customer's side; a pair may come twice."""
    people, workspace = activities.people, activities.workspace
    places = {key: n for n, key in enumerate(records.keys)}
    if records.kind == "account":
        found = np.array([places.get(key, -1) for key in people.account], np.int64)
        every = np.arange(found.size)
        own = (found >= 0) & ~people.internal
        return people.same[every[own]], found[own]
    if records.kind in ("person", "lead"):
        codes = people.person_codes(pa.array(records.person, pa.string()))
        has = np.flatnonzero(codes >= 0)
        return codes[has], has
    persons: list[np.ndarray] = []
    rows: list[np.ndarray] = []
    if workspace.has("opportunity_people", "opportunity_id", "person_id"):
        read = workspace.arrow(
            "SELECT opportunity_id::VARCHAR AS key, person_id::VARCHAR AS person "
            "FROM opportunity_people WHERE person_id IS NOT NULL "
            + ("AND coalesce(lower(side), 'customer') <> 'team'"
               if "side" in workspace.columns_of("opportunity_people") else "")
        )  # fmt: skip
        persons.append(people.person_codes(read.column("person")))
        rows.append(np.array([places.get(k, -1) for k in read.column("key").to_pylist()], int))
    if with_primary:
        codes = _primary(activities, records)
        persons.append(codes)
        rows.append(np.where(codes >= 0, np.arange(codes.size), -1))
    person = np.concatenate([np.zeros(0, np.int64), *persons])
    place = np.concatenate([np.zeros(0, np.int64), *rows])
    own = (person >= 0) & (place >= 0)
    return person[own], place[own]


def _primary(activities: Activities, records: Records) -> np.ndarray:
    """Code of the primary contact of each opportunity's account; -1 where none is known."""
    columns = activities.workspace.columns_of("accounts")
    for name in ("primary_contact_id", "x_primary_contact_id"):
        if name in columns:
            read = activities.workspace.arrow(
                f"SELECT account_id::VARCHAR AS key, min({name}::VARCHAR) AS person "
                "FROM accounts GROUP BY 1"
            )
            of = dict(zip(read["key"].to_pylist(), read["person"].to_pylist(), strict=True))
            keys = [of.get(key) for key in records.account]
            return activities.people.person_codes(pa.array(keys, pa.string()))
    return np.full(len(records), -1)


def _by_customer(activities: Activities, people: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Pairs of record and activity, as one number each, in which a person of the record is."""
    present = activities.present
    lines = np.flatnonzero(present.of_side(CUSTOMER) & (present.person >= 0))
    person, place = people
    place = place[order_of(person)]
    begins = places_of(person, len(activities.people.persons))
    found = present.person[lines]
    at, of = spread(begins[found], begins[found + 1])
    return distinct(place[at] * max(len(activities), 1) + present.activity[lines][of])


def _with_team(
    activities: Activities, records: Records, record: np.ndarray, activity: np.ndarray
) -> np.ndarray:
    """Whether somebody of a record's team took part in each pair."""
    present, people = activities.present, activities.people
    users = max(len(people.users), 1)
    owners = people.user_codes(pa.array(records.owner, pa.string()))
    team = [(np.arange(owners.size) * users + owners)[owners >= 0]]
    workspace = activities.workspace
    if records.kind == "opportunity" and workspace.has(
        "opportunity_people", "opportunity_id", "user_id"
    ):
        read = workspace.arrow(
            "SELECT opportunity_id::VARCHAR AS key, user_id::VARCHAR AS user "
            "FROM opportunity_people WHERE user_id IS NOT NULL"
        )
        places = {key: n for n, key in enumerate(records.keys)}
        at = np.array([places.get(k, -1) for k in read.column("key").to_pylist()], np.int64)
        code = people.user_codes(read.column("user"))
        own = (at >= 0) & (code >= 0)
        team.append(at[own] * users + code[own])
    of_team = distinct(np.concatenate(team))
    lines = np.flatnonzero(present.of_side(TEAM) & (present.user >= 0))
    begins = places_of(present.activity[lines], len(activities))
    at, pair = spread(begins[activity], begins[activity + 1])
    wanted = record[pair] * users + present.user[lines][at]
    place = np.minimum(np.searchsorted(of_team, wanted), max(of_team.size - 1, 0))
    hit = of_team[place] == wanted if of_team.size else np.zeros(wanted.size, bool)
    return np.bincount(pair[hit], minlength=activity.size) > 0


def _shared(
    activities: Activities, records: Records, record: np.ndarray, activity: np.ndarray
) -> np.ndarray:
    at = activities.at[activity]
    created, closed = records.created_at[record], records.closed_at[record]
    is_open = (created == NEVER) | (created <= at)
    is_open &= np.where(closed == NEVER, ~records.closed[record], at < closed)
    number = np.bincount(activity[is_open], minlength=len(activities))
    return is_open & (number[activity] > 1)
