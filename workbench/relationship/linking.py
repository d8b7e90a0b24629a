"""Which activities belong to a record: by what they regard, or by who took part.

Source: relationship-analytics.md, section 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa

from workbench.relationship.activities import EMAIL, Activities, activities_of
from workbench.relationship.pairing import paired
from workbench.relationship.participants import codes_of
from workbench.relationship.records import NEVER, Records
from workbench.relationship.sorting import distinct, order_of, places_of
from workbench.workspace import Workspace

MODES = ("strict", "vendor", "loose")
REGARDING = {
    "account": "account_id",
    "opportunity": "opportunity_id",
    "lead": "lead_id",
    "person": "person_id",
}
_kept: WeakKeyDictionary[Workspace, dict[tuple[str, str, int], Links]] = WeakKeyDictionary()
_people: WeakKeyDictionary[Workspace, dict[tuple[str, bool], tuple[np.ndarray, np.ndarray]]] = (
    WeakKeyDictionary()
)


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
    present, size = activities.present, len(records)
    nobody = np.zeros(0, np.int64), np.zeros(0, np.int64)
    by_people = records.kind in ("account", "person") or mode != "strict"
    by_people |= records.kind == "lead"
    people = people_of_records(activities, records, mode == "loose") if by_people else nobody
    needs_team = records.kind in ("opportunity", "lead")
    team = _team_of(activities, records) if needs_team and by_people else nobody
    of_person, places = _grouped(people[0], people[1], len(activities.people.persons))
    of_team, users = _grouped(team[0], team[1], size)
    record, activity, names = paired(
        size, _regarding(activities, records), activities.begins, present.person, present.user,
        present.side, present.counts, of_person, places, needs_team, of_team, users,
    )  # fmt: skip
    shared = np.zeros(record.size, bool)
    if records.kind == "opportunity" and record.size:
        shared = _shared(activities, records, record, activity) & ~names
    if most_receivers is None:
        return Links(record, activity, names, shared, 0)
    listed = (activities.kind == EMAIL) & (present.receivers > most_receivers)
    if not listed.any():
        return Links(record, activity, names, shared, 0)
    kept = ~listed[activity]
    left = distinct(activity[~kept]).size
    return Links(record[kept], activity[kept], names[kept], shared[kept], left)


def _grouped(of: np.ndarray, values: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the values of each code begin, and the values."""
    return places_of(of, size), values[order_of(of)]


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
    known = _people.setdefault(activities.workspace, {})
    name = (records.kind, with_primary and records.kind == "opportunity")
    if name not in known:
        known[name] = _people_of(activities, records, name[1])
    return known[name]


def _people_of(
    activities: Activities, records: Records, with_primary: bool
) -> tuple[np.ndarray, np.ndarray]:
    people, workspace = activities.people, activities.workspace
    keys = pa.array(records.keys, pa.string())
    if records.kind == "account":
        found = codes_of(pa.array(people.account, pa.string()), keys)
        own = (found >= 0) & ~people.internal
        return people.same[own], found[own]
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
        rows.append(codes_of(read.column("key"), keys))
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


def _team_of(activities: Activities, records: Records) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of record and user of its team; a pair may come twice."""
    people, workspace = activities.people, activities.workspace
    owners = people.user_codes(pa.array(records.owner, pa.string()))
    owned = np.flatnonzero(owners >= 0)
    if records.kind != "opportunity" or not workspace.has(
        "opportunity_people", "opportunity_id", "user_id"
    ):
        return owned, owners[owned]
    read = workspace.arrow(
        "SELECT opportunity_id::VARCHAR AS key, user_id::VARCHAR AS user "
        "FROM opportunity_people WHERE user_id IS NOT NULL"
    )
    at = codes_of(read.column("key"), pa.array(records.keys, pa.string()))
    code = people.user_codes(read.column("user"))
    own = (at >= 0) & (code >= 0)
    return np.append(owned, at[own]), np.append(owners[owned], code[own])


def _shared(
    activities: Activities, records: Records, record: np.ndarray, activity: np.ndarray
) -> np.ndarray:
    at = activities.at[activity]
    created, closed = records.created_at[record], records.closed_at[record]
    is_open = (created == NEVER) | (created <= at)
    is_open &= np.where(closed == NEVER, ~records.closed[record], at < closed)
    number = np.bincount(activity[is_open], minlength=len(activities))
    return is_open & (number[activity] > 1)
