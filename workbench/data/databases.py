"""Readers of SQLite and DuckDB files and of PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from workbench.data import sql
from workbench.data.findings import Finding
from workbench.data.records import as_text
from workbench.data.sources import Part, Reading, SourceError
from workbench.data.text_files import unique_names
from workbench.data.workspace_file import Database, TableFile, expanded
from workbench.messages import message

ROWS_AT_ONCE = 50_000


def read_sqlite(reading: Reading, entry: TableFile, path: Path) -> Part:
    """A table or query of a SQLite file, read without changing it."""
    database = _database(entry, path)
    try:
        uri = f"{path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as held:
            cursor = held.execute(_query(database))
            return _streamed(reading, path.name, cursor, inputs=(path,))
    except sqlite3.Error as error:
        raise _refused(path.name, "SQLite", error) from error


def read_duckdb(reading: Reading, entry: TableFile, path: Path) -> Part:
    """A table or query of a DuckDB file, read in place."""
    database = _database(entry, path)
    number = reading.next_number()
    alias = f"attached_{number}"
    try:
        with closing(duckdb.connect(str(path), read_only=True)) as held:
            held.execute("SET TimeZone = 'UTC'")
            table = held.sql(_query(database)).to_arrow_table()
    except duckdb.Error as error:
        raise _refused(path.name, "DuckDB", error) from error
    reading.connection.register(f"{alias}_frame", table)
    reading.connection.execute(f"CREATE TEMP TABLE {alias} AS SELECT * FROM {alias}_frame")
    reading.connection.unregister(f"{alias}_frame")
    columns = sql.columns_of(reading.connection, alias)
    return Part(path.name, "loaded", columns, alias, inputs=(path,), row_base=1)


def read_postgres(reading: Reading, entry: TableFile, path: Path) -> Part:
    """A table or query of a PostgreSQL database, by its URL."""
    database = entry.database
    assert database is not None
    url = expanded(database.url or "")
    name = f"streamed_{reading.next_number()}"
    with _connected(url) as held, held.cursor() as cursor:
        cursor.execute(_query(database))
        reading.connection.register(f"{name}_rows", _plain_rows(cursor.fetch_record_batch()))
        reading.connection.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM {name}_rows")
        reading.connection.unregister(f"{name}_rows")
    columns = sql.columns_of(reading.connection, name)
    return Part(_shown(url), "loaded", columns, name, row_base=1)


def _plain_rows(rows: pa.RecordBatchReader) -> pa.RecordBatchReader:
    """Batches in which numeric, jsonb and the like are the text that they arrive as."""
    names, _ = unique_names(rows.schema.names)
    plain = [getattr(field.type, "storage_type", field.type) for field in rows.schema]
    schema = pa.schema(list(zip(names, plain, strict=True)))

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in rows:
            columns = [getattr(column, "storage", column) for column in batch.columns]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def postgres_state(url: str) -> str:
    """A short text that changes with every write to the server behind a URL.

    Its write-ahead log tells whether anything was written, without a look at any table; writes to
    other tables count too, so what was kept is rather built again than shown when it is old.
    """
    url = expanded(url)
    with _connected(url) as held, held.cursor() as cursor:
        cursor.execute(
            "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() "
            "ELSE pg_current_wal_lsn() END::text"
        )
        found = cursor.fetchone()
    return f"{_shown(url)} {found[0] if found else ''}"


@contextmanager
def _connected(url: str) -> Iterator[Any]:
    """A read-only connection to PostgreSQL; what the server refuses becomes a finding."""
    try:
        from adbc_driver_manager import Error
        from adbc_driver_postgresql import dbapi
    except ImportError as error:
        raise SourceError(
            Finding(
                "error",
                message("Reading PostgreSQL needs adbc-driver-postgresql."),
                message("Install it with pip install 'b2b-journey-workbench[postgres]'."),
                file=_shown(url),
            )
        ) from error
    try:
        with dbapi.connect(url) as held:
            with held.cursor() as cursor:
                cursor.execute("SET default_transaction_read_only = on")
            yield held
    except (Error, pa.ArrowException) as error:
        raise _refused(_shown(url), "PostgreSQL", error) from error


def _database(entry: TableFile, path: Path) -> Database:
    if entry.database is not None:
        return entry.database
    raise SourceError(
        Finding(
            "error",
            message("A database file holds several tables."),
            message("Write database: {path: …, table: …} in place of file:."),
            file=path.name,
        )
    )


def _query(database: Database) -> str:
    if database.query is not None:
        return database.query
    schema, dot, table = (database.table or "").rpartition(".")
    return f"SELECT * FROM {sql.name(schema) + dot if dot else ''}{sql.name(table)}"


def _shown(url: str) -> str:
    """The URL without user and password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if rest else "postgresql"


def _streamed(reading: Reading, label: str, cursor: Any, inputs: tuple[Path, ...] = ()) -> Part:
    """Rows of a cursor as text, fetched in batches so that memory stays bounded."""
    name = f"streamed_{reading.next_number()}"
    batches = _batches(cursor)
    first = next(batches, [])
    header, _ = unique_names(column[0] for column in cursor.description)
    columns = ", ".join(f"{sql.name(column)} VARCHAR" for column in header)
    reading.connection.execute(f"CREATE TEMP TABLE {name} ({columns})")
    _append(reading, name, header, first)
    for batch in batches:
        _append(reading, name, header, batch)
    return Part(label, "loaded", dict.fromkeys(header, "VARCHAR"), name, inputs=inputs, row_base=1)


def _batches(cursor: Any) -> Iterator[list[Sequence[Any]]]:
    while batch := cursor.fetchmany(ROWS_AT_ONCE):
        yield batch


def _append(reading: Reading, name: str, header: list[str], batch: list[Sequence[Any]]) -> None:
    if not batch:
        return
    columns = {
        column: pa.array([as_text(row[position]) for row in batch], pa.string())
        for position, column in enumerate(header)
    }
    reading.connection.register(f"{name}_batch", pa.table(columns))
    reading.connection.execute(f"INSERT INTO {name} SELECT * FROM {name}_batch")
    reading.connection.unregister(f"{name}_batch")


def _refused(label: str, kind: str, error: Exception) -> SourceError:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return SourceError(
        Finding(
            "error",
            message("{kind} says: {why}.", kind=kind, why=lines[0].rstrip(".")),
            message("Check database: in the workspace file."),
            file=label,
        )
    )
