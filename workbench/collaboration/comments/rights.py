"""Who may comment on a report, and who may take away what others wrote.

Source: collaboration.md, sections 3 (switches, who deletes) and 4 (roles).
"""

from __future__ import annotations

from workbench.collaboration.sharing.recipients import role_of
from workbench.collaboration.sharing.roles import named as role_named
from workbench.collaboration.sharing.teams import is_admin
from workbench.collaboration.store import Record, Store, Transaction
from workbench.errors import ArgumentError
from workbench.messages import message

_NAME = "report"


def owners(now: Transaction, project: str) -> tuple[str, ...]:
    """Return the owners of a report; nobody where none was named."""
    record = _settings(now, project)
    return tuple(record.definition.get("owners", ())) if record else ()


def open_for_comments(now: Transaction, project: str, by: str) -> None:
    """Refuse where comments are switched off for a report, and who may only read it.

    Whoever has no role and reaches the store has what a link gives: he may comment.
    """
    for name in (project, ""):
        record = _settings(now, name)
        if record and record.definition.get("closed"):
            raise ArgumentError(
                message(
                    "Comments are switched off for {project} by {who}; nothing was kept.",
                    project=project if name else message("all reports"), who=record.changed_by,
                )
            )  # fmt: skip
    held = role_of(now, project, by, by_link=True)
    if not held.may("comment"):
        raise ArgumentError(
            message(
                "{who} may read {project} and not comment on it: {role} ({why}). Nothing was kept.",
                who=by, project=project, role=role_named(held.role), why=held.why,
            )
        )  # fmt: skip


def may_moderate(now: Transaction, record: Record, by: str) -> None:
    """Refuse whoever is neither the author nor may edit the report."""
    if not role_of(now, record.project, by).may("delete"):
        raise ArgumentError(
            message(
                "{id} was written by {who}; only its author and the owners of {project} ({owners}) "
                "may do that.",
                id=record.id, who=record.created_by, project=record.project,
                owners=", ".join(owners(now, record.project)) or message("none named"),
            )
        )  # fmt: skip


def name_owners(store: Store, project: str, names: list[str], *, by: str) -> tuple[str, ...]:
    """Say who owns a report; once somebody does, only owners may."""
    if not names or not all(isinstance(name, str) and name.strip() for name in names):
        raise ArgumentError.of("names", names, message("at least one name"))
    with store.transaction() as now:
        _only_owners(now, project, by)
        kept = tuple(dict.fromkeys(name.strip() for name in names))
        _keep(now, project, {"owners": list(kept)}, by)
    return kept


def switch(store: Store, project: str, *, on: bool, by: str) -> None:
    """Switch comments off or on for a report, or for all with an empty name."""
    with store.transaction() as now:
        _only_owners(now, project, by)
        _keep(now, project, {"closed": not on}, by)


def are_open(store: Store, projects: tuple[str, ...]) -> bool:
    """Whether comments are to be shown and written in a report of these names."""
    with store.reading() as now:
        found = [_settings(now, name) for name in (*projects, "")]
    return not any(record and record.definition.get("closed") for record in found)


def _only_owners(now: Transaction, project: str, by: str) -> None:
    """Refuse whoever neither owns a report nor is an administrator, once somebody owns it."""
    named = owners(now, project)
    held = role_of(now, project, by).may("delete") if project else False
    if (named or not project) and not held and not is_admin(now, by):
        raise ArgumentError(
            message(
                "{who} does not own {project}; those who may: {names}.",
                who=by, project=project or message("all reports"),
                names=", ".join(named) or message("administrators"),
            )
        )  # fmt: skip


def _settings(now: Transaction, project: str) -> Record | None:
    return next(iter(now.find("objects", project=project, name=_NAME)), None)


def _keep(now: Transaction, project: str, fields: dict[str, object], by: str) -> None:
    record = _settings(now, project)
    if record is None:
        now.add("objects", fields, by=by, project=project, name=_NAME)
    else:
        now.change("objects", record.id, {**record.definition, **fields}, by=by)
