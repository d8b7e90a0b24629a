"""Opening the store: where it lies, who writes, and what a reader is told when it does not work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError as AddressError
from sqlalchemy.exc import DBAPIError, InterfaceError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from workbench.collaboration.place import ADDRESS, FILE, store_address
from workbench.collaboration.store.migrating import is_current, migrate
from workbench.collaboration.store.rows import Entry, Record
from workbench.collaboration.store.transaction import Transaction
from workbench.errors import ArgumentError, StoreError, WorkbenchError
from workbench.messages import message

SCHEMA = "workbench"
PATIENCE_SECONDS = 30.0
_ALONE = 7_062_114  # any number: the lock that every writer of a PostgreSQL store takes


class Store:
    """A database of collaboration; made by `open_store`.

    Attributes
    ----------
    shown : str
        Its address without a password.
    """

    def __init__(self, url: sa.URL, patience: float) -> None:
        self.shown = (
            str(url.database)
            if url.drivername == "sqlite"
            else url.render_as_string(hide_password=True)
        )
        self._patience = patience
        self._is_file = url.drivername == "sqlite"
        self._engine = _engine(url, patience)

    def __repr__(self) -> str:
        return f"Store({self.shown!r})"

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Several steps of which all or none are kept; waits until no other writer is at work.

        Raises
        ------
        StoreError
            When the store cannot be reached, or another writer holds it too long.
        """
        with self._connected(writing=True) as connection:
            yield Transaction(connection)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Several questions about one state; writers are not kept waiting."""
        with self._connected(writing=False) as connection:
            yield Transaction(connection)

    @contextmanager
    def _connected(self, *, writing: bool) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as bare:
                connection = bare.execution_options(writing=writing)
                with connection.begin():
                    if writing and not self._is_file:
                        wait = f"SET LOCAL lock_timeout = {int(self._patience * 1000)}"
                        connection.execute(sa.text(wait))
                        connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_ALONE})"))
                    yield connection
        except WorkbenchError:
            raise
        except (DBAPIError, InterfaceError, OSError) as problem:
            raise _explained(problem, self.shown, self._patience) from problem

    def prepare(self) -> None:
        """Bring the tables to this version; nothing is done where they are."""
        with self._connected(writing=False) as connection:
            if is_current(connection, self.shown):
                return
        with self._connected(writing=True) as connection:
            if not self._is_file:
                connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            migrate(connection, self.shown)

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    # The methods of `Transaction`, each with a transaction of its own.

    def add(self, kind: str, definition: Mapping[str, Any], **given: Any) -> Record:
        """As `Transaction.add`."""
        with self.transaction() as now:
            return now.add(kind, definition, **given)

    def get(self, kind: str, identity: str, *, removed: bool = False) -> Record:
        """As `Transaction.get`."""
        with self.reading() as now:
            return now.get(kind, identity, removed=removed)

    def find(self, kind: str, **given: Any) -> list[Record]:
        """As `Transaction.find`."""
        with self.reading() as now:
            return now.find(kind, **given)

    def change(
        self, kind: str, identity: str, definition: Mapping[str, Any], **given: Any
    ) -> Record:
        """As `Transaction.change`."""
        with self.transaction() as now:
            return now.change(kind, identity, definition, **given)

    def remove(self, kind: str, identity: str, *, by: str, at: datetime | None = None) -> Record:
        """As `Transaction.remove`."""
        with self.transaction() as now:
            return now.remove(kind, identity, by=by, at=at)

    def history(self, kind: str, identity: str) -> list[dict[str, Any]]:
        """As `Transaction.history`."""
        with self.reading() as now:
            return now.history(kind, identity)

    def note(self, kind: str, *, of: str, **given: Any) -> bool:
        """As `Transaction.note`."""
        with self.transaction() as now:
            return now.note(kind, of=of, **given)

    def settle(self, kind: str, *, of: str, key: str, status: str, **given: Any) -> Entry:
        """As `Transaction.settle`."""
        with self.transaction() as now:
            return now.settle(kind, of=of, key=key, status=status, **given)

    def noted(self, kind: str, **given: Any) -> list[Entry]:
        """As `Transaction.noted`."""
        with self.reading() as now:
            return now.noted(kind, **given)


def open_store(address: str | Path | None = None, *, patience: float = PATIENCE_SECONDS) -> Store:
    """Open the store, making or migrating its tables where that is needed.

    Parameters
    ----------
    address : str or path, optional
        A file for SQLite, or ``postgresql://user:password@host:port/database``; when left out
        ``WORKBENCH_COLLABORATION``, else ``collaboration.db`` beside the project.
    patience : float
        Seconds to wait for other writers.

    Raises
    ------
    ArgumentError
        For an address that is none.
    StoreError
        When it cannot be reached, is no store, or was written by a newer workbench.
    """
    store = Store(_url(store_address(address)), patience)
    store.prepare()
    return store


def existing_store(
    address: str | Path | None = None, *, patience: float = PATIENCE_SECONDS
) -> Store | None:
    """Open the store when there is one: looking for what was said makes no file."""
    named = store_address(address)
    url = _url(named)
    if url.drivername == "sqlite" and not Path(str(url.database)).is_file():
        return None
    return open_store(named, patience=patience)


def _url(named: str) -> sa.URL:
    allowed = message("a file, or postgresql://user:password@host:port/database")
    if "://" not in named:
        path = Path(named).expanduser()
        if path.is_dir():
            path = path / FILE
        if not path.parent.is_dir():
            raise ArgumentError.of(
                "store", named, allowed,
                message("There is no folder {folder}.", folder=path.parent),
            )  # fmt: skip
        return sa.URL.create("sqlite", database=str(path.absolute()))
    try:
        url = sa.make_url(named)
    except (AddressError, ValueError):
        raise ArgumentError.of(
            "store", message("an address that cannot be read"), allowed
        ) from None
    scheme = url.drivername.partition("+")[0]
    if scheme == "sqlite" and url.database:
        return _url(url.database)
    if scheme not in ("postgresql", "postgres") or not url.database:
        raise ArgumentError.of("store", url.render_as_string(hide_password=True), allowed)
    return url.set(drivername="postgresql+pg8000")


def _engine(url: sa.URL, patience: float) -> sa.Engine:
    if url.drivername == "sqlite":
        engine = sa.create_engine(url, poolclass=NullPool, connect_args={"timeout": patience})
        sa.event.listen(engine, "connect", _file_opened)
        sa.event.listen(engine, "begin", _file_begun)
        return engine
    try:
        # Longer than the wait for other writers, which the server itself ends with a reason.
        wait = {"timeout": patience + 10}
        engine = sa.create_engine(url, pool_pre_ping=True, connect_args=wait)
    except (ModuleNotFoundError, NoSuchModuleError):
        raise StoreError(
            message(
                "A store in PostgreSQL needs pg8000, which is not installed here. Run: "
                "pip install 'b2b-journey-workbench[postgres]'"
            )
        ) from None
    sa.event.listen(engine, "connect", _server_reached)
    return engine


def _file_opened(raw: Any, _record: Any) -> None:
    raw.isolation_level = None  # transactions are begun by `_file_begun`, not by the driver
    cursor = raw.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # what is told as kept is on the disk
    cursor.execute("PRAGMA secure_delete = ON")  # what is deleted cannot be read from the file
    cursor.close()


def _file_begun(connection: sa.Connection) -> None:
    # A writer that begins as a reader may find that it cannot become one any more.
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _server_reached(raw: Any, _record: Any) -> None:
    cursor = raw.cursor()
    cursor.execute(f"SET search_path TO {SCHEMA}")
    cursor.close()
    raw.commit()


def _explained(problem: Exception, shown: str, patience: float) -> StoreError:
    reason = " ".join(str(getattr(problem, "orig", None) or problem).split())
    lower = reason.lower()
    if "locked" in lower or "busy" in lower or "55p03" in lower or "lock timeout" in lower:
        return StoreError(
            message(
                "The store {address} is held by another writer for more than {n} seconds. "
                "Nothing was written; try again, or close what holds it.",
                address=shown, n=f"{patience:g}",
            )
        )  # fmt: skip
    if "not a database" in lower or "malformed" in lower:
        return StoreError(
            message(
                "{address} is no store of this workbench, or is damaged. Give another file with "
                "{name}, or put a copy back; nothing was changed.",
                address=shown, name=ADDRESS,
            )
        )  # fmt: skip
    if "readonly" in lower or "read-only" in lower or "unable to open" in lower:
        return StoreError(
            message(
                "The store {address} cannot be opened or written here. Give a file that can be "
                "written with {name}.",
                address=shown, name=ADDRESS,
            )
        )  # fmt: skip
    return StoreError(
        message(
            "The store {address} did not answer: {reason}. Nothing was written.",
            address=shown, reason=reason[:300].rstrip("."),
        )
    )  # fmt: skip
