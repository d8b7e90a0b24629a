"""Checks between tables: keys that point nowhere, events before their account exists."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

import duckdb

from workbench.data import sql
from workbench.data.findings import Finding, shortened
from workbench.data.touchpoints import Model
from workbench.messages import message, message_of_count

MOST_COMPARED = 20_000


def check_references(connection: duckdb.DuckDBPyConnection, model: Model) -> Iterator[Finding]:
    """Every value of a reference that is no key of the table it points to."""
    for table in model.tables.values():
        for column in table.columns.values():
            target = model.tables.get(column.references or "")
            if target is None or len(target.key) != 1 or not model.has(table.name, column.name):
                continue
            if model.has(target.name, target.key[0]):
                yield from _orphans(connection, table.name, column.name, target.name, target.key[0])


def _orphans(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, target: str, key: str
) -> Iterator[Finding]:
    found = sql.rows(
        connection,
        f"SELECT t.{sql.name(column)}, count(*) FROM {sql.name(table)} AS t "
        f"ANTI JOIN {sql.name(target)} AS k ON k.{sql.name(key)} = t.{sql.name(column)} "
        f"WHERE t.{sql.name(column)} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1",
    )
    if not found:
        return
    value, count = str(found[0][0]), sum(rows for _, rows in found)
    hint = ""
    if sql.one(connection, f"SELECT count(*) FROM {sql.name(target)}") <= MOST_COMPARED:
        known = [
            str(row[0])
            for row in sql.rows(connection, f"SELECT {sql.name(key)} FROM {sql.name(target)}")
        ]
        close = get_close_matches(value, known, n=1, cutoff=0.8)
        hint = message("Did you mean {name!r}? Mend it in values:.", name=close[0]) if close else ""
    yield Finding(
        "warning",
        message_of_count(
            "{count} value of {column} is no {key} of {target}.",
            "{count} values of {column} are no {key} of {target}.",
            len(found),
            column=column,
            key=key,
            target=target,
        ),
        hint
        or message(
            "The rows are kept as they are; add what is missing to {target}.", target=target
        ),
        table=table,
        column=column,
        value=shortened(value),
        count=count,
    )


def check_accounts_missing(
    connection: duckdb.DuckDBPyConnection, model: Model
) -> Iterator[Finding]:
    """Opportunities that belong to no account."""
    if not model.has("opportunities", "account_id"):
        return
    query = "SELECT count(*) FROM opportunities WHERE account_id IS NULL"
    count = int(sql.one(connection, query))
    if count:
        yield Finding(
            "warning",
            message("Opportunities have no account."),
            message("They count in pipeline figures and are left out of journeys."),
            table="opportunities",
            column="account_id",
            count=count,
        )


def check_before_account(connection: duckdb.DuckDBPyConnection, model: Model) -> Iterator[Finding]:
    """Events that happened before their account was created."""
    if not model.has("accounts", "account_id", "created_at"):
        return
    count, kind, account = sql.rows(
        connection,
        "SELECT count(*), min(t.event), min(t.account_id) FROM touchpoints AS t "
        "JOIN accounts AS a USING (account_id) WHERE t.occurred_at < a.created_at "
        "AND CAST(t.occurred_at AS DATE) < CAST(a.created_at AS DATE)",
    )[0]
    if count:
        yield Finding(
            "warning",
            message(
                "Events lie before the day their account was created (such as {event}).", event=kind
            ),
            message("They count; check accounts.created_at if that surprises."),
            table="touchpoints",
            column="occurred_at",
            value=account,
            count=count,
        )
