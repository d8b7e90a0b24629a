"""Who took part in each activity, on which side and in which part.

Source: relationship-analytics.md, section 2; b2b-data-model.md, section 4, rules 5 to 7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.quoting import quoted
from workbench.relationship.sorting import order_of
from workbench.workspace import Workspace

TEAM, CUSTOMER = 1, 2
_PERSONS = (
    ("people", "person_id"), ("people", "merged_into_id"), ("activities", "person_id"),
    ("activity_participants", "person_id"), ("opportunity_people", "person_id"),
    ("leads", "person_id"), ("accounts", "primary_contact_id"),
    ("accounts", "x_primary_contact_id"),
)  # fmt: skip
_USERS = (
    ("users", "user_id"), ("activities", "owner_id"), ("activity_participants", "user_id"),
    ("opportunity_people", "user_id"), ("opportunities", "owner_id"), ("leads", "owner_id"),
)  # fmt: skip


@dataclass(frozen=True)
class People:
    """Codes of persons and users.

    Attributes
    ----------
    persons, users : pyarrow.Array of string
        Key of each code, in order.
    same : numpy.ndarray of int64
        Code of the person that each code stands for; another one for a merged person.
    internal : numpy.ndarray of bool
        Persons of the own company.
    account : numpy.ndarray of object
        Key of each person's account; None where unknown.
    """

    persons: pa.Array
    users: pa.Array
    same: np.ndarray
    internal: np.ndarray
    account: np.ndarray

    def person_codes(self, keys: pa.Array | pa.ChunkedArray) -> np.ndarray:
        """Code of each person that a key stands for; -1 for none."""
        found = _codes(keys, self.persons)
        return np.append(self.same, -1)[found]

    def user_codes(self, keys: pa.Array | pa.ChunkedArray) -> np.ndarray:
        """Code of each user; -1 for none."""
        return _codes(keys, self.users)


@dataclass(frozen=True)
class Present:
    """Participants, a line each, by activity.

    Attributes
    ----------
    activity, person, user : numpy.ndarray of int64
        Places and codes; -1 for no person or no user.
    side : numpy.ndarray of int8
        `TEAM`, `CUSTOMER` or 0 for unknown.
    counts : numpy.ndarray of bool
        Whether the part makes a link: not a blind copy.
    attended : numpy.ndarray of bool
        False only for those of whom it is known that they were not there.
    starter : numpy.ndarray of int8
        Of each activity: 1 where our side sent, called or organized it, 0 where the customer did,
        -1 where nobody or both did.
    has_organizer : numpy.ndarray of bool
        Of each activity.
    receivers : numpy.ndarray of int64
        Of each activity: addresses that it went to.
    listed : numpy.ndarray of bool
        Of each activity: whether any participant is known.
    """

    activity: np.ndarray
    person: np.ndarray
    user: np.ndarray
    side: np.ndarray
    counts: np.ndarray
    attended: np.ndarray
    starter: np.ndarray
    has_organizer: np.ndarray
    receivers: np.ndarray
    listed: np.ndarray

    def of_side(self, side: int) -> np.ndarray:
        """A mark for each line that can make a link on one side."""
        return (self.side == side) & self.counts


def people_of(workspace: Workspace) -> People:
    """Codes of everybody whom any table names."""
    persons = _gathered(workspace, _PERSONS)
    users = _gathered(workspace, _USERS)
    same = np.arange(len(persons))
    internal = np.zeros(len(persons), bool)
    account = np.full(len(persons), None, object)
    if workspace.has("people", "person_id"):
        known = workspace.columns_of("people")

        def of(name: str, kind: str) -> str:
            return f"{quoted(name)}::{kind}" if name in known else f"NULL::{kind}"

        read = workspace.arrow(
            f"SELECT person_id::VARCHAR AS key, min({of('merged_into_id', 'VARCHAR')}) AS merged, "
            f"min({of('account_id', 'VARCHAR')}) AS account, "
            f"bool_or(coalesce({of('is_internal', 'BOOLEAN')}, false)) AS internal "
            "FROM people WHERE person_id IS NOT NULL GROUP BY 1"
        )
        places = _codes(read.column("key"), persons)
        into = _codes(read.column("merged"), persons)
        same[places] = np.where(into >= 0, into, places)
        internal[places] = read.column("internal").to_numpy(zero_copy_only=False).astype(bool)
        account[places] = read.column("account").to_numpy(zero_copy_only=False)
        for _ in range(32):
            further = same[same]
            if (further == same).all():
                break
            same = further
    return People(persons, users, same, internal, account)


def present_of(
    workspace: Workspace, activities: pa.Table, people: People, kind: np.ndarray
) -> Present:
    """Participants as written; where a side is not written, the activity's owner and person."""
    size = activities.num_rows
    read = _participants(workspace)
    act = _codes(read.column("activity_id"), activities.column("activity_id").combine_chunks())
    kept = act >= 0
    lines = read.filter(pa.array(kept))
    act = act[kept]
    person = people.person_codes(lines.column("person"))
    user = people.user_codes(lines.column("user"))
    said = lines.column("side").to_numpy(zero_copy_only=False)
    inside = np.append(people.internal, False)[person]
    own = lines.column("own").to_numpy(zero_copy_only=False).astype(bool)
    known = (person >= 0) | lines.column("addressed").to_numpy(zero_copy_only=False).astype(bool)
    guess = np.where((user >= 0) | inside | own, TEAM, np.where(known, CUSTOMER, 0))
    side = np.where(said == 0, guess, said)
    attended, starts, blind, received, organizes = (
        lines.column(name).to_numpy(zero_copy_only=False).astype(bool)
        for name in ("attended", "starts", "blind", "received", "organizes")
    )
    listed = np.bincount(act, minlength=size) > 0
    receivers = np.bincount(act[received], minlength=size)
    started = [np.bincount(act[starts & (side == s)], minlength=size) > 0 for s in (CUSTOMER, TEAM)]
    starter = np.where(started[0] == started[1], -1, np.where(started[1], 1, 0))
    organizer = np.bincount(act[organizes], minlength=size) > 0
    extra = []
    owners = people.user_codes(activities.column("owner_id"))
    others = people.person_codes(activities.column("person_id"))
    for code, which in ((owners, TEAM), (others, CUSTOMER)):
        there = np.bincount(act[side == which], minlength=size) > 0
        if which == CUSTOMER:
            code = np.where(np.append(people.internal, False)[code], -1, code)
        at = np.flatnonzero(~there & (code >= 0))
        extra.append((at, code[at], which))
    (team_at, team, _), (customer_at, customer, _) = extra
    nobody_t, nobody_c = np.full(team_at.size, -1), np.full(customer_at.size, -1)
    activity = np.concatenate([act, team_at, customer_at])
    more = team_at.size + customer_at.size
    every = {
        "person": np.concatenate([person, nobody_t, customer]),
        "user": np.concatenate([user, team, nobody_c]),
        "side": np.concatenate([side, np.full(team_at.size, TEAM), nobody_c * 0 + CUSTOMER]),
        "counts": np.append(~blind, np.ones(more, bool)),
        "attended": np.append(attended, np.ones(more, bool)),
    }
    order = order_of(activity, every["side"], every["person"], every["user"])
    return Present(
        activity=activity[order].astype(np.int64),
        person=every["person"][order].astype(np.int64),
        user=every["user"][order].astype(np.int64),
        side=every["side"][order].astype(np.int8),
        counts=every["counts"][order],
        attended=every["attended"][order],
        starter=starter.astype(np.int8),
        has_organizer=organizer,
        receivers=receivers.astype(np.int64),
        listed=listed,
    )


def _participants(workspace: Workspace) -> pa.Table:
    """Lines of the table of participants; addresses are looked up among people and users."""
    known = workspace.columns_of("activity_participants")
    if not {"activity_id"} <= set(known):
        source, known = "(SELECT NULL AS activity_id LIMIT 0)", {}
    else:
        source = "activity_participants"

    def of(name: str, kind: str = "VARCHAR") -> str:
        return f"t.{quoted(name)}::{kind}" if name in known else f"NULL::{kind}"

    address, part = f"lower(trim({of('raw_address')}))", f"lower({of('part')})"
    joins, person, user = "", of("person_id"), of("user_id")
    if "raw_address" in known and workspace.has("people", "person_id", "email_norm"):
        joins += (
            " LEFT JOIN (SELECT email_norm, min(person_id)::VARCHAR AS found FROM people "
            f"WHERE email_norm IS NOT NULL GROUP BY 1) p ON p.email_norm = {address}"
        )
        person = f"coalesce({person}, p.found)"
    if "raw_address" in known and workspace.has("users", "user_id", "email"):
        joins += (
            " LEFT JOIN (SELECT lower(trim(email)) AS email, min(user_id)::VARCHAR AS found "
            f"FROM users WHERE email IS NOT NULL GROUP BY 1) u ON u.email = {address}"
        )
        user = f"coalesce({user}, u.found)"
    settings = workspace.settings
    return workspace.arrow(
        f"SELECT t.activity_id::VARCHAR AS activity_id, {person} AS person, {user} AS user, "
        f"CASE lower({of('side')}) WHEN 'team' THEN {TEAM} WHEN 'customer' THEN {CUSTOMER} "
        "ELSE 0 END AS side, "
        f"coalesce(list_contains($own::VARCHAR[], split_part({address}, '@', 2)) "
        f"OR list_contains($shared::VARCHAR[], {address}), false) AS own, "
        f"{address} IS NOT NULL AS addressed, "
        f"coalesce({part} IN ('from', 'organizer'), false) AS starts, "
        f"coalesce({part} = 'bcc', false) AS blind, "
        f"coalesce({part} IN ('to', 'cc', 'bcc'), false) AS received, "
        f"coalesce({part} = 'organizer', false) AS organizes, "
        f"coalesce({of('attended', 'BOOLEAN')}, true) AS attended FROM {source} t{joins}",
        {
            "own": [d.lower() for d in settings.own_domains],
            "shared": [a.lower() for a in settings.team_addresses],
        },
    )


def _gathered(workspace: Workspace, places: tuple[tuple[str, str], ...]) -> pa.Array:
    parts = [
        f"SELECT {quoted(column)}::VARCHAR AS key FROM {table}"
        for table, column in places
        if table in workspace.tables and column in workspace.columns_of(table)
    ]
    if not parts:
        return pa.array([], pa.string())
    read = workspace.arrow(
        f"SELECT DISTINCT key FROM ({' UNION ALL '.join(parts)}) WHERE key IS NOT NULL ORDER BY key"
    )
    return read.column("key").combine_chunks()


def _codes(keys: pa.Array | pa.ChunkedArray, known: pa.Array) -> np.ndarray:
    if isinstance(keys, pa.ChunkedArray):
        keys = keys.combine_chunks()
    # An empty key or a missing one stands for nobody.
    found = pc.index_in(keys.cast(pa.string()), value_set=known.cast(pa.string()), skip_nulls=True)
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)
