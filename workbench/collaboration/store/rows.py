"""Rows of the store as values: a version of a record, an entry, and what can be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from workbench.errors import ArgumentError
from workbench.messages import message


@dataclass(frozen=True)
class Record:
    """One version of a thing that people define.

    Attributes
    ----------
    kind, id, project, name : str
        ``project`` is empty for what belongs to all projects.
    number : int
        Place in the order of creation among all records of the kind.
    version : int
        1 for a new one.
    created_at, changed_at : datetime
        UTC.
    created_by, changed_by : str
    removed_at : datetime or None
    definition : dict
    """

    kind: str
    id: str
    number: int
    project: str
    name: str
    version: int
    created_at: datetime
    created_by: str
    changed_at: datetime
    changed_by: str
    removed_at: datetime | None
    definition: dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """One thing that happened.

    Attributes
    ----------
    kind, of, key : str
        Of what, and which time: both together exist once.
    number : int
        Place in the order of the entries of the kind.
    at : datetime
        UTC.
    by, status : str
    content : dict
    """

    kind: str
    number: int
    of: str
    key: str
    at: datetime
    by: str
    status: str
    content: dict[str, Any]


def plain(value: Any) -> Any:
    """Return a value as every database and JSON can hold it.

    Instants become ISO texts, numbers that are none become null, characters that a database
    refuses become replacement signs.
    """
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "item") and callable(value.item):
        return plain(value.item())
    return plain(str(value))


def as_text(moment: datetime | None) -> str:
    """Return an instant as the store writes it, in UTC; now for none."""
    moment = moment or datetime.now(UTC)
    if moment.tzinfo is None:
        raise ArgumentError.of("at", str(moment), message("an instant with its zone"))
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def as_instant(text: str) -> datetime:
    """Return an instant that the store has written."""
    return datetime.fromisoformat(text)


def as_record(kind: str, row: Mapping[Any, Any]) -> Record:
    """Return a row of a table of records."""
    texts = ("id", "number", "project", "name", "version", "created_by", "changed_by", "definition")
    gone = row["removed_at"]
    return Record(
        kind=kind, created_at=as_instant(row["created_at"]),
        changed_at=as_instant(row["changed_at"]),
        removed_at=None if gone is None else as_instant(gone), **{key: row[key] for key in texts},
    )  # fmt: skip


def as_entry(kind: str, row: Mapping[Any, Any]) -> Entry:
    """Return a row of a table of entries."""
    texts = ("number", "of", "key", "by", "status", "content")
    return Entry(kind=kind, at=as_instant(row["at"]), **{key: row[key] for key in texts})
