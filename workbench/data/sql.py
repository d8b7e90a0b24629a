"""Queries of this room: rows fetched whole, columns of a relation, the door to a database."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

from workbench.quoting import literal as text
from workbench.quoting import literals as texts
from workbench.quoting import quoted as name

__all__ = ["columns_of", "connect", "name", "one", "rows", "text", "texts"]


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
