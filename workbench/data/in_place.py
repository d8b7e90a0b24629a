"""Large logs in Parquet stay where they are: a view over the files, after a check of the whole."""

from __future__ import annotations

from typing import Any

import duckdb

from workbench.data import quarantine, sql
from workbench.data.findings import Finding
from workbench.data.mapping import DATE_ONLY, Plan
from workbench.data.settings import Settings
from workbench.data.tables import Table
from workbench.messages import message

LOGS = ("web_events", "product_usage", "activities", "activity_participants", "scores")
ROWS_AT_ONCE = 10_000_000


def view_in_place(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    plans: list[Plan],
    settings: Settings,
    balance: list[dict[str, Any]],
    findings: list[Finding],
) -> bool:
    """Make a view instead of a copy where nothing in the files needs mending.

    Returns
    -------
    bool
        False when the table must be copied: other formats, values that need mending, duplicates.
    """
    if not _may_stay(table, plans, settings):
        return False
    where = _required(plans[0])
    shown = _columns(plans[0], settings)
    paths = [str(path) for one in plans for path in one.part.inputs]
    source = f"read_parquet({sql.texts(paths)})"
    view = f"SELECT {', '.join(shown)} FROM {source}{where}"
    connection.execute(f"CREATE OR REPLACE VIEW {sql.name(table.name)} AS {view}")
    if _has_duplicates(connection, table):
        connection.execute(f"DROP VIEW {sql.name(table.name)}")
        return False
    for place, one in enumerate(plans):
        _count(connection, table, one, place, balance, findings)
    return True


def _may_stay(table: Table, plans: list[Plan], settings: Settings) -> bool:
    if table.canonical and table.name not in LOGS:
        return False
    first = plans[0].part.columns
    if any(not one.in_place or one.part.columns != first for one in plans):
        return False
    if settings.source_tz is None and _has_naive(plans[0]):
        return False
    return not any(
        (one.column.nonnegative and one.column.required) or one.column.unit == "share"
        for one in plans[0].fields
    )


def _has_naive(plan: Plan) -> bool:
    return any(
        one.column.type == "instant" and (one.typed or "") in ("TIMESTAMP", "TIMESTAMP_NS")
        for one in plan.fields
    )


def _columns(plan: Plan, settings: Settings) -> list[str]:
    shown = []
    for one in plan.fields:
        parsed = one.parsed(one.raw, settings)
        shown.append(f"{parsed.value} AS {sql.name(one.column.name)}")
        if parsed.date_only:
            shown.append(f"true AS {sql.name(one.column.name + DATE_ONLY)}")
    return shown


def _required(plan: Plan) -> str:
    needed = [f"{one.raw} IS NOT NULL" for one in plan.fields if one.column.required]
    needed += [
        f"{one.raw} <> ''" for one in plan.fields if one.column.required and one.typed == "VARCHAR"
    ]
    return f" WHERE {' AND '.join(needed)}" if needed else ""


def _has_duplicates(connection: duckdb.DuckDBPyConnection, table: Table) -> bool:
    """Whether a key stands twice, counted in slices so that memory stays bounded."""
    columns = sql.columns_of(connection, sql.name(table.name))
    if not table.key or any(column not in columns for column in table.key):
        return False
    key = ", ".join(map(sql.name, table.key))
    rows = int(sql.one(connection, f"SELECT count(*) FROM {sql.name(table.name)}"))
    slices = 1 + rows // ROWS_AT_ONCE
    hashed = f"SELECT hash({key}) AS h FROM {sql.name(table.name)} WHERE {sql.name(table.key[0])} IS NOT NULL"
    for number in range(slices):
        query = f"SELECT count(*) > count(DISTINCT h) FROM ({hashed}) WHERE h % {slices} = {number}"
        if sql.one(connection, query):
            return True
    return False


def _count(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    plan: Plan,
    place: int,
    balance: list[dict[str, Any]],
    findings: list[Finding],
) -> None:
    path = str(plan.part.inputs[0])
    read = int(sql.one(connection, f"SELECT count(*) FROM {plan.part.relation}"))
    where = _required(plan)
    kept = int(sql.one(connection, f"SELECT count(*) FROM {plan.part.relation}{where}"))
    if kept < read:
        why = quarantine.reasons()["missing"]
        missing = where.removeprefix(" WHERE ")
        connection.execute(
            f"INSERT INTO quarantine SELECT ?, ?, ?, NULL, file_row_number + 1, NULL, NULL, ? "
            f"FROM read_parquet({sql.text(path)}, file_row_number = true) "
            f"WHERE NOT coalesce({missing}, false)",
            [place, plan.part.label, table.name, why],
        )
        findings.append(
            Finding(
                "warning",
                message("A needed value is missing."),
                message("Those rows are in the quarantine file."),
                file=plan.part.label,
                table=table.name,
                count=read - kept,
            )
        )
    balance.append(
        {
            "file": plan.part.label,
            "table": table.name,
            "read": read,
            "kept": kept,
            "quarantined": read - kept,
            "merged": 0,
        }
    )
