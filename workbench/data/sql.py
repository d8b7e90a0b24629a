"""SQL text made in one place: identifiers quoted, literals escaped, rows fetched whole."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb


def name(identifier: str) -> str:
    """Return `identifier` quoted, so that any column or table name is safe in a query."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str | None) -> str:
    """Return `value` as a SQL literal, for statements that take no bound values (views, DDL)."""
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


def texts(values: Sequence[str]) -> str:
    """Return `values` as a SQL list of literals."""
    return "[" + ", ".join(map(text, values)) + "]"


def rows(
    connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[Any] | None = None
) -> list[tuple[Any, ...]]:
    """Run `query` with bound `values` and return every row."""
    return connection.execute(query, values).fetchall()


def one(
    connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[Any] | None = None
) -> Any:
    """Return the first value of the first row, None when there is no row."""
    found = rows(connection, query, values)
    return found[0][0] if found else None


def columns_of(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """Return column names and DuckDB types of a relation given as SQL."""
    return {row[0]: row[1] for row in rows(connection, f"DESCRIBE SELECT * FROM {relation}")}


def connect(path: Path | None = None, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open a database whose session counts in UTC and never reaches out for extensions."""
    connection = duckdb.connect(str(path) if path else ":memory:", read_only=read_only)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET autoinstall_known_extensions = false")
    # Inside a notebook without ipywidgets DuckDB has no bar, and refuses to hear of one.
    with suppress(duckdb.InvalidInputException):
        connection.execute("SET enable_progress_bar = false")
    return connection
