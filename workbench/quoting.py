"""Names and values as SQL text: the one place where they are quoted and escaped."""

from __future__ import annotations

from collections.abc import Sequence


def quoted(name: str) -> str:
    """Return `name` as an SQL identifier, so that any column or table is safe in a query."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str | None) -> str:
    """Return `value` as an SQL literal, for statements that take no bound values (views, DDL)."""
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


def literals(values: Sequence[str]) -> str:
    """Return `values` as an SQL list of literals."""
    return "[" + ", ".join(map(literal, values)) + "]"
