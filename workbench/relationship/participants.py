"""Who took part in each activity, on which side and in which part.

Source: relationship-analytics.md, section 2; b2b-data-model.md, section 4, rules 5 to 7.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.quoting import quoted
from workbench.relationship.lines import (
    ABSENT,
    ADDRESSED,
    BLIND,
    CUSTOMER,
    ORGANIZES,
    OWN,
    RECEIVED,
    STARTS,
    TEAM,
    lowest_of,
    ordered,
    ours_there,
    sides_of,
    summed,
)
from workbench.workspace import Workspace

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
        found = codes_of(keys, self.persons)
        return np.append(self.same, -1)[found]

    def user_codes(self, keys: pa.Array | pa.ChunkedArray) -> np.ndarray:
        """Code of each user; -1 for none."""
        return codes_of(keys, self.users)


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

    @cached_property
    def ours(self) -> np.ndarray:
        """People of ours in each activity who were not absent; one where nobody is listed."""
        size = self.starter.size
        found = ours_there(
            size, self.activity, self.person, self.user, self.side, self.counts, self.attended
        )
        anybody = np.bincount(self.activity, minlength=size) > 0
        return np.where(anybody, found, 1).astype(float)

    @cached_property
    def reached(self) -> np.ndarray:
        """Whether each activity has a customer in any part, or nobody is known to have any."""
        customers = self.activity[self.side == CUSTOMER]
        return (np.bincount(customers, minlength=self.starter.size) > 0) | ~self.listed

    @cached_property
    def first(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest code of our users and of the customer's people in each activity; -1 for none."""
        size = self.starter.size
        return (
            lowest_of(size, self.activity, self.side, self.user, TEAM),
            lowest_of(size, self.activity, self.side, self.person, CUSTOMER),
        )


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
        places = codes_of(read.column("key"), persons)
        into = codes_of(read.column("merged"), persons)
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
    workspace: Workspace,
    people: People,
    kind: np.ndarray,
    places: Callable[[pa.ChunkedArray], np.ndarray],
    owner: np.ndarray,
    other: np.ndarray,
) -> Present:
    """Participants as written; where a side is not written, the activity's owner and person.

    Parameters
    ----------
    kind : numpy.ndarray of int8
        Of each activity.
    places : callable
        Gives the place of the activity of each key; -1 for none.
    owner, other : numpy.ndarray of int64
        Code of each activity's owner and person; -1 for none.
    """
    size = kind.size
    read = _participants(workspace)
    act = places(read.column("activity_id"))
    person = people.person_codes(read.column("person"))
    user = people.user_codes(read.column("user"))
    said, flags = (read.column(name).to_numpy() for name in ("side", "flags"))
    internal = np.append(people.internal, False)
    side = sides_of(said, person, user, flags, internal)
    lines, receivers, bits = summed(size, act, side, flags)
    found = ordered(lines, bits, owner, other, internal, act, person, user, side, flags)
    ours, theirs = (bits & 4) > 0, (bits & 8) > 0
    return Present(
        activity=found[0],
        person=found[1],
        user=found[2],
        side=found[3],
        counts=found[4],
        attended=found[5],
        starter=np.where(ours == theirs, -1, np.where(ours, 1, 0)).astype(np.int8),
        has_organizer=(bits & 16) > 0,
        receivers=receivers,
        listed=lines > 0,
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
    own = (
        f"list_contains($own::VARCHAR[], split_part({address}, '@', 2)) "
        f"OR list_contains($shared::VARCHAR[], {address})"
    )
    marks = {
        STARTS: f"{part} IN ('from', 'organizer')", BLIND: f"{part} = 'bcc'",
        RECEIVED: f"{part} IN ('to', 'cc', 'bcc')", ORGANIZES: f"{part} = 'organizer'",
        ABSENT: f"NOT {of('attended', 'BOOLEAN')}", OWN: own, ADDRESSED: f"{address} IS NOT NULL",
    }  # fmt: skip
    flags = " + ".join(f"CASE WHEN {mark} THEN {bit} ELSE 0 END" for bit, mark in marks.items())
    settings = workspace.settings
    return workspace.arrow(
        f"SELECT t.activity_id::VARCHAR AS activity_id, {person} AS person, {user} AS user, "
        f"(CASE lower({of('side')}) WHEN 'team' THEN {TEAM} WHEN 'customer' THEN {CUSTOMER} "
        f"ELSE 0 END)::TINYINT AS side, ({flags})::TINYINT AS flags FROM {source} t{joins}",
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


def codes_of(keys: pa.Array | pa.ChunkedArray, known: pa.Array) -> np.ndarray:
    """Place of each key among known ones, the first of equal ones; -1 for none."""
    if isinstance(keys, pa.ChunkedArray):
        keys = keys.combine_chunks()
    # An empty key or a missing one stands for nobody.
    found = pc.index_in(keys.cast(pa.string()), value_set=known.cast(pa.string()), skip_nulls=True)
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)
