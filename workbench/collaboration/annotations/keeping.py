"""Keeping annotations: made, changed, removed, switched off, by those who may.

Source: collaboration.md, section 1 (fields, rights, switches).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from workbench.collaboration.annotations.model import Annotation, checked
from workbench.collaboration.annotations.visibility import Switches
from workbench.collaboration.sharing.teams import ADMINS, members_of
from workbench.collaboration.store import Record, Store, Transaction
from workbench.errors import ArgumentError
from workbench.messages import message

LEVELS = {"visual": "visuals", "project": "projects", "user": "users"}
_SWITCHES, _WRITERS = "annotations switched off", "annotations written by"


def keep(store: Store, given: Mapping[str, Any], *, by: str, today: date) -> Annotation:
    """Keep a new annotation.

    Parameters
    ----------
    store : Store
    given : mapping
        Fields, as `workbench.annotate` takes them.
    by : str
    today : date

    Raises
    ------
    ArgumentError
        For a field that is not allowed, or somebody who may not; nothing is kept then.
    """
    made = checked(given, today=today)
    with store.transaction() as now:
        _may_write(now, by)
        record = now.add("annotations", made.plain(), by=by, project=made.project, name=made.title)
    return Annotation.of(record)


def change(
    store: Store, identity: str, given: Mapping[str, Any], *, by: str, today: date,
    version: int | None = None,
) -> Annotation:  # fmt: skip
    """Change some fields of an annotation; those that are not given stay.

    An annotation of one project is changed only by who wrote it.
    """
    with store.transaction() as now:
        record = now.get("annotations", identity)
        _may_change(now, record, by)
        before = Annotation.of(record)
        fields = {
            **before.plain(), "title": before.title, "project": before.project,
            "on": f"{before.first}..{before.last}",
        }  # fmt: skip
        if "kind" in given and "colour" not in given:
            fields["colour"] = ""
        made = checked({**fields, **given}, today=today)
        if made.project != before.project:
            raise ArgumentError.of(
                "project", made.project, repr(before.project),
                message("Remove it and make another for another project."),
            )  # fmt: skip
        record = now.change(
            "annotations", identity, made.plain(), by=by, version=version, name=made.title
        )
    return Annotation.of(record)


def remove(store: Store, identity: str, *, by: str) -> Annotation:
    """Take an annotation away."""
    with store.transaction() as now:
        _may_change(now, now.get("annotations", identity), by)
        return Annotation.of(now.remove("annotations", identity, by=by))


def kept(store: Store) -> list[Annotation]:
    """Return every annotation in the order of days, then of creation."""
    found = [(record.number, Annotation.of(record)) for record in store.find("annotations")]
    return [one for _, one in sorted(found, key=lambda pair: (pair[1].first, pair[0]))]


def switch(store: Store, level: str, name: str, *, on: bool, by: str) -> Switches:
    """Switch annotations off or on again for a visual, a project or a user.

    Parameters
    ----------
    store : Store
    level : {"visual", "project", "user"}
    name : str
        Kind of the visual such as ``fallout_trend``, name of the report, or of the user.
    on : bool
    by : str
    """
    if level not in LEVELS:
        raise ArgumentError.of("level", level, LEVELS)
    if not isinstance(name, str) or not name.strip():
        raise ArgumentError.of("name", name, message("a name"))
    with store.transaction() as now:
        record = _object(now, _SWITCHES)
        off = dict(record.definition) if record else {}
        names = set(off.get(LEVELS[level], ()))
        names = names - {name} if on else names | {name}
        off[LEVELS[level]] = sorted(names)
        _keep_object(now, _SWITCHES, record, off, by)
    return _switches(off)


def switches(store: Store) -> Switches:
    """Return where annotations are switched off."""
    with store.reading() as now:
        record = _object(now, _SWITCHES)
    return _switches(record.definition if record else {})


def permit(store: Store, names: list[str], *, by: str) -> tuple[str, ...]:
    """Say who may write annotations beside administrators; everybody with an empty list."""
    if not all(isinstance(name, str) and name.strip() for name in names):
        raise ArgumentError.of("names", names, message("a list of names"))
    with store.transaction() as now:
        _may_write(now, by)
        writers = sorted({name.strip() for name in names} | ({by} if names else set()))
        _keep_object(now, _WRITERS, _object(now, _WRITERS), {"names": writers}, by)
    return tuple(writers)


def _switches(off: Mapping[str, Any]) -> Switches:
    return Switches(**{plural: frozenset(off.get(plural, ())) for plural in LEVELS.values()})


def _object(now: Transaction, name: str) -> Record | None:
    return next(iter(now.find("objects", project="", name=name)), None)


def _keep_object(
    now: Transaction, name: str, record: Record | None, definition: Mapping[str, Any], by: str
) -> None:
    if record is None:
        now.add("objects", definition, by=by, name=name)
    else:
        now.change("objects", record.id, definition, by=by)


def _may_write(now: Transaction, by: str) -> None:
    """Administrators write, and those whom they permit; everybody while there are neither."""
    record = _object(now, _WRITERS)
    writers = list(record.definition.get("names", ())) if record else []
    allowed = list(dict.fromkeys([*writers, *members_of(now, ADMINS)]))
    if allowed and by not in allowed:
        raise ArgumentError(
            message(
                "{who} may read annotations and not write them here; those who may: {names}.",
                who=by, names=", ".join(allowed),
            )
        )  # fmt: skip


def _may_change(now: Transaction, record: Record, by: str) -> None:
    _may_write(now, by)
    if record.project and record.created_by != by:
        raise ArgumentError(
            message(
                "{id} belongs to the project {project} only; it is changed by {who}, who wrote it.",
                id=record.id, project=record.project, who=record.created_by,
            )
        )  # fmt: skip
