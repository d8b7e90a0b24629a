"""What one transaction does to the records and entries of the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from workbench.collaboration.store.rows import (
    Entry,
    Record,
    as_entry,
    as_instant,
    as_record,
    as_text,
    plain,
)
from workbench.collaboration.store.tables import COUNTERS, ENTRIES, RECORDS, TABLES, VERSIONS
from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message


class Transaction:
    """Steps of which all or none are kept; no other writer acts between them.

    Attributes
    ----------
    connection : sqlalchemy.Connection
        For tables that come by own migrations.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    def count(self, name: str) -> int:
        """Return the next number of a counter: 1 at first, never the same again."""
        row = self.connection.execute(
            sa.update(COUNTERS)
            .where(COUNTERS.c.name == name)
            .values(value=COUNTERS.c.value + 1)
            .returning(COUNTERS.c.value)
        ).first()
        if row is not None:
            return int(row[0])
        self.connection.execute(sa.insert(COUNTERS).values(name=name, value=1))
        return 1

    def add(
        self, kind: str, definition: Mapping[str, Any], *, by: str, project: str = "",
        name: str = "", only: bool = False, at: datetime | None = None,
    ) -> Record:  # fmt: skip
        """Keep a new record.

        Parameters
        ----------
        kind : str
            One of `RECORDS`.
        definition : mapping
            Plain values.
        by : str
            Who makes it.
        project, name : str
        only : bool
            Refuse a name that a record of the kind and project has that is not removed.
        at : datetime, optional
            With its zone; now when left out.
        """
        table, prefix = _record_table(kind), RECORDS[kind]
        name, project = plain(name), plain(project)
        taken = self.find(kind, project=project, name=name) if only else []
        if taken:
            raise ArgumentError.of(
                "name", name,
                message("a name that no other has; {id} has this one", id=taken[0].id),
            )  # fmt: skip
        number, now = self.count(kind), as_text(at)
        row = {
            "id": f"{prefix}{number}", "number": number, "project": project, "name": name,
            "version": 1, "created_at": now, "created_by": plain(by), "changed_at": now,
            "changed_by": plain(by), "removed_at": None, "definition": plain(dict(definition)),
        }  # fmt: skip
        self.connection.execute(sa.insert(table).values(row))
        self._keep_version(kind, row)
        return as_record(kind, row)

    def get(self, kind: str, identity: str, *, removed: bool = False) -> Record:
        """Return a record.

        Parameters
        ----------
        kind, identity : str
        removed : bool
            Also one that was removed.

        Raises
        ------
        AbsentError
            When there is none.
        """
        table = _record_table(kind)
        query = sa.select(table).where(table.c.id == plain(str(identity)))
        row = self.connection.execute(query).mappings().first()
        if row is None or (row["removed_at"] is not None and not removed):
            newest = sa.select(table.c.id).where(table.c.removed_at.is_(None))
            known = self.connection.execute(newest.order_by(table.c.number.desc()).limit(50))
            raise AbsentError.of("id", str(identity), [found[0] for found in known])
        return as_record(kind, row)

    def find(
        self, kind: str, *, project: str | Iterable[str] | None = None, name: str | None = None,
        removed: bool = False,
    ) -> list[Record]:  # fmt: skip
        """Return records in the order of their creation.

        Parameters
        ----------
        kind : str
        project : str or iterable of str, optional
            Of this project, or of any of these; of every one when left out.
        name : str, optional
        removed : bool
            Also those that were removed.
        """
        table = _record_table(kind)
        query = sa.select(table)
        if project is not None:
            wanted = [project] if isinstance(project, str) else list(project)
            query = query.where(table.c.project.in_([plain(one) for one in wanted]))
        if name is not None:
            query = query.where(table.c.name == plain(name))
        if not removed:
            query = query.where(table.c.removed_at.is_(None))
        rows = self.connection.execute(query.order_by(table.c.number)).mappings()
        return [as_record(kind, row) for row in rows]

    def change(
        self, kind: str, identity: str, definition: Mapping[str, Any], *, by: str,
        version: int | None = None, name: str | None = None, at: datetime | None = None,
    ) -> Record:  # fmt: skip
        """Give a record a new definition; the old one stays in its history.

        Parameters
        ----------
        kind, identity : str
        definition : mapping
            The whole of it.
        by : str
        version : int, optional
            The version that was read: refused when somebody has changed it since. Without it the
            last change wins.
        name : str, optional
            A new name.
        at : datetime, optional
        """
        found = self.get(kind, identity)
        if version is not None and found.version != version:
            raise ArgumentError(
                message(
                    "{id} was changed by {who} at {instant} after you read it (version {read}, now "
                    "{now}). Read it again and repeat your change; nothing was overwritten.",
                    id=found.id, who=found.changed_by, read=version, now=found.version,
                    instant=f"{found.changed_at:%Y-%m-%d %H:%M} UTC",
                )
            )  # fmt: skip
        row = {
            "version": found.version + 1, "changed_at": as_text(at), "changed_by": plain(by),
            "name": found.name if name is None else plain(name),
            "definition": plain(dict(definition)),
        }  # fmt: skip
        table = _record_table(kind)
        self.connection.execute(sa.update(table).where(table.c.id == found.id).values(row))
        self._keep_version(kind, {"id": found.id, **row})
        return self.get(kind, found.id)

    def remove(self, kind: str, identity: str, *, by: str, at: datetime | None = None) -> Record:
        """Take a record away: it is found no more, its history stays."""
        found = self.get(kind, identity)
        row = {
            "version": found.version + 1, "changed_at": as_text(at), "changed_by": plain(by),
            "removed_at": as_text(at),
        }  # fmt: skip
        table = _record_table(kind)
        self.connection.execute(sa.update(table).where(table.c.id == found.id).values(row))
        return self.get(kind, found.id, removed=True)

    def erase(self, kind: str, identity: str) -> None:
        """Delete a record with all its versions: it cannot be brought back."""
        table = _record_table(kind)
        gone = (VERSIONS.c.kind == kind) & (VERSIONS.c.id == str(identity))
        self.connection.execute(sa.delete(VERSIONS).where(gone))
        self.connection.execute(sa.delete(table).where(table.c.id == str(identity)))

    def history(self, kind: str, identity: str) -> list[dict[str, Any]]:
        """Return every version of a record: ``version, at, by, definition``, oldest first."""
        found = self.get(kind, identity, removed=True)
        query = (
            sa.select(VERSIONS)
            .where(VERSIONS.c.kind == kind, VERSIONS.c.id == found.id)
            .order_by(VERSIONS.c.version)
        )
        return [
            {"version": row["version"], "at": as_instant(row["at"]), "by": row["by"],
             "definition": row["definition"]}
            for row in self.connection.execute(query).mappings()
        ]  # fmt: skip

    def note(
        self, kind: str, *, of: str, key: str = "", status: str = "", by: str = "",
        content: Mapping[str, Any] | None = None, at: datetime | None = None,
    ) -> bool:  # fmt: skip
        """Add an entry unless there is one of the same thing and key.

        Parameters
        ----------
        kind : str
            One of `ENTRIES`.
        of : str
            What it belongs to, such as the id of an alert.
        key : str
            Which time: a period, a slot, a person. Empty for one that may always be added.
        status, by : str
        content : mapping, optional
            Plain values.
        at : datetime, optional
            With its zone; now when left out.

        Returns
        -------
        bool
            Whether it was added; False where one was there.
        """
        table = _entry_table(kind)
        of, key = plain(str(of)), plain(str(key))
        if key and self._entry(table, of, key) is not None:
            return False
        number = self.count(kind)
        row = {
            "number": number, "of": of, "key": key or f"#{number}", "at": as_text(at),
            "by": plain(by), "status": plain(status), "content": plain(dict(content or {})),
        }  # fmt: skip
        self.connection.execute(sa.insert(table).values(row))
        return True

    def settle(
        self, kind: str, *, of: str, key: str, status: str, content: Mapping[str, Any] | None = None
    ) -> Entry:
        """Set the status, and the content where it is given, of an entry that is there."""
        table = _entry_table(kind)
        found = self._entry(table, plain(of), plain(key))
        if found is None:
            raise AbsentError.of("key", key, [entry.key for entry in self.noted(kind, of=of)])
        row: dict[str, Any] = {"status": plain(status)}
        if content is not None:
            row["content"] = plain(dict(content))
        self.connection.execute(
            sa.update(table).where(table.c.number == found["number"]).values(row)
        )
        return as_entry(kind, {**found, **row})

    def unnote(self, kind: str, *, of: str, key: str | None = None) -> int:
        """Take the entries of a thing away, or the one with this key; return how many."""
        table = _entry_table(kind)
        gone = table.c.of == plain(of)
        if key is not None:
            gone = gone & (table.c.key == plain(key))
        return int(self.connection.execute(sa.delete(table).where(gone)).rowcount)

    def noted(
        self, kind: str, *, of: str | Iterable[str] | None = None, status: str | None = None,
        since: datetime | None = None, key: str | None = None, last: int | None = None,
    ) -> list[Entry]:  # fmt: skip
        """Return entries in their order.

        Parameters
        ----------
        kind : str
        of : str or iterable of str, optional
        status, key : str, optional
        since : datetime, optional
            Not older than this.
        last : int, optional
            At most so many, the newest.
        """
        table = _entry_table(kind)
        query = sa.select(table)
        if of is not None:
            wanted = [of] if isinstance(of, str) else list(of)
            query = query.where(table.c.of.in_([plain(one) for one in wanted]))
        if status is not None:
            query = query.where(table.c.status == plain(status))
        if key is not None:
            query = query.where(table.c.key == plain(key))
        if since is not None:
            query = query.where(table.c.at >= as_text(since))
        query = query.order_by(table.c.number.desc())
        rows = self.connection.execute(query.limit(last) if last else query).mappings()
        return [as_entry(kind, row) for row in rows][::-1]

    def _entry(self, table: sa.Table, of: str, key: str) -> dict[str, Any] | None:
        query = sa.select(table).where(table.c.of == of, table.c.key == key)
        row = self.connection.execute(query).mappings().first()
        return None if row is None else dict(row)

    def _keep_version(self, kind: str, row: Mapping[str, Any]) -> None:
        kept = {
            "kind": kind, "id": row["id"], "version": row["version"], "at": row["changed_at"],
            "by": row["changed_by"], "definition": row["definition"],
        }  # fmt: skip
        self.connection.execute(sa.insert(VERSIONS).values(kept))


def _record_table(kind: str) -> sa.Table:
    if kind not in RECORDS:
        raise ArgumentError.of("kind", kind, RECORDS)
    return TABLES[kind]


def _entry_table(kind: str) -> sa.Table:
    if kind not in ENTRIES:
        raise ArgumentError.of("kind", kind, ENTRIES)
    return TABLES[kind]
