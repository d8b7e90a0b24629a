"""Whose rows are meant: mine, my team's, those in a queue, all."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.sales.views.checking import Findings
from workbench.sales.views.fields import Objects
from workbench.sales.views.model import Asked
from workbench.sales.views.schema import NotKnown, references
from workbench.workspace import Workspace


@dataclass(frozen=True)
class Person:
    """A user of the workspace.

    Attributes
    ----------
    key, team : str
    members : tuple of str
        Keys of the user, of everybody in the same team, and of everybody below in the line of
        managers.
    """

    key: str
    team: str
    members: tuple[str, ...]


def person_of(workspace: Workspace, user: str | None) -> Person | None:
    """The user of a key, a name or a mail address.

    Raises
    ------
    ArgumentError
        When nobody answers to it, or several do.
    """
    if user is None:
        return None
    if not workspace.has("users", "user_id"):
        return Person(str(user), "", (str(user),))
    columns = workspace.columns_of("users")
    parts = [
        f"{name}::VARCHAR AS {name}" if name in columns else f"NULL::VARCHAR AS {name}"
        for name in ("user_id", "name", "email", "team", "manager_id")
    ]
    rows = [
        {name: value or "" for name, value in row.items()}
        for row in workspace.arrow(f"SELECT {', '.join(parts)} FROM users ORDER BY ALL").to_pylist()
    ]
    for column in ("user_id", "name", "email"):
        found = sorted({row["user_id"] for row in rows if row[column] == str(user)})
        if len(found) > 1:
            raise ArgumentError.of("user", user, found, message("Several users are called so."))
        if found:
            return _with_team(found[0], rows)
    raise ArgumentError.of("user", user, sorted({r[c] for r in rows for c in ("user_id", "name")}))


def _with_team(key: str, rows: list[dict[str, str]]) -> Person:
    team = next((row["team"] for row in rows if row["user_id"] == key and row["team"]), "")
    members = {key, *(row["user_id"] for row in rows if team and row["team"] == team)}
    below: set[str] = set()
    waiting = [key]
    while waiting:
        manager = waiting.pop()
        led = {r["user_id"] for r in rows if r["manager_id"] == manager} - below
        below |= led
        waiting += sorted(led)
    return Person(key, team, tuple(sorted(members | below)))


def owned(asked: Asked, person: Person | None, objects: Objects, findings: Findings) -> str:
    """The condition of a scope; ``true`` for all.

    Notes
    -----
    Source: sales-pipeline.md, section 4 (scope). A row is in a queue when its owner is empty or
    no user of the workspace; with ``queue:`` when its owner is that key.
    """
    if asked.scope == "all":
        return "true"
    column = asked.owner_field or _owner_column(objects)
    try:
        owner = f"{objects.find(column or 'owner_id').sql}::VARCHAR"
    except NotKnown as problem:
        (findings.lacks if problem.absent else findings.add)("scope", problem.said)
        return "true"
    if asked.scope == "queue":
        return _queued(asked, owner, objects)
    if person is None:
        findings.add(
            "scope",
            message("{scope!r} needs user=, the key of a user", scope=asked.scope),
        )
        return "true"
    keys = [person.key] if asked.scope == "mine" else list(person.members)
    return f"coalesce({owner} IN (SELECT unnest({objects.bound(keys)}::VARCHAR[])), false)"


def _queued(asked: Asked, owner: str, objects: Objects) -> str:
    if asked.queue:
        return f"coalesce({owner} = {objects.bound(asked.queue)}, false)"
    if not objects.workspace.has("users", "user_id"):
        return f"coalesce(trim({owner}), '') = ''"
    known = "(SELECT user_id::VARCHAR FROM users WHERE user_id IS NOT NULL)"
    return f"(coalesce(trim({owner}), '') = '' OR {owner} NOT IN {known})"


def _owner_column(objects: Objects) -> str:
    base = objects.things[0]
    if "owner_id" in base.columns:
        return "owner_id"
    to_users = [c for c, t in references(objects.workspace, base.table).items() if t == "users"]
    return to_users[0] if len(to_users) == 1 else ""


def refuse_private(asked: Asked, person: Person | None, name: str) -> None:
    """Refuse a definition that somebody else keeps for themselves."""
    if person is None or asked.owner == person.key:
        return
    if asked.sharing == "private":
        raise AbsentError(
            message("{name!r} is private to {owner}, not for {user}.", name=name,
                    owner=asked.owner, user=person.key)
        )  # fmt: skip
    if asked.sharing == "group" and person.team not in asked.groups:
        raise AbsentError(
            message("{name!r} is for {groups}, {user} is in none of them.", name=name,
                    groups=", ".join(asked.groups), user=person.key)
        )  # fmt: skip
