"""What is kept beside the database: tables with their columns, findings, balance, as-of."""

from __future__ import annotations

from pathlib import Path

from workbench.data import quarantine, sql
from workbench.data.building import Build
from workbench.data.checked import DESCRIPTION, QUARANTINE, Description, newest
from workbench.data.findings import ordered
from workbench.data.tables import Column, TableInfo, canonical_tables
from workbench.data.touchpoints import VIEW
from workbench.messages import message


def describe(build: Build, name: str, title: str, directory: Path) -> Description:
    """Write the quarantine file and the description beside the database."""
    tables = {table: table_info(build, table) for table in build.tables}
    as_of = newest(build.connection, tables.values())
    tables[VIEW] = _view_info(build)
    quarantine.write(build.connection, directory / QUARANTINE)
    description = Description(
        name=name,
        title=title or name,
        settings=build.settings,
        tables=tables,
        findings=ordered(build.findings),
        balance=build.balance,
        as_of=as_of,
    )
    description.write(directory / DESCRIPTION)
    return description


def _view_info(build: Build) -> TableInfo:
    found = sql.columns_of(build.connection, VIEW)
    kinds = {"TIMESTAMP WITH TIME ZONE": "instant", "BIGINT": "integer", "VARCHAR[]": "list"}
    kinds |= {"DOUBLE": "number", "BOOLEAN": "boolean", "DATE": "date"}
    columns = tuple(
        Column(
            name, kinds.get(kind, "text"), required=name in ("account_id", "occurred_at", "event")
        )
        for name, kind in found.items()
    )
    rows = int(sql.one(build.connection, f"SELECT count(*) FROM {VIEW}"))
    return TableInfo(VIEW, message("One row per thing that happened to an account."), columns, rows)


def table_info(build: Build, name: str) -> TableInfo:
    """A table as it is in the database."""
    table = build.tables[name]
    found = sql.columns_of(build.connection, sql.name(name))
    known = (
        {**canonical_tables()[name].columns, **table.columns} if table.canonical else table.columns
    )
    types = {"TIMESTAMP WITH TIME ZONE": "instant", "BOOLEAN": "boolean", "VARCHAR": "text"}
    columns = tuple(
        known.get(column) or Column(column, types.get(kind, "text"))
        for column, kind in found.items()
    )
    rows = int(sql.one(build.connection, f"SELECT count(*) FROM {sql.name(name)}"))
    return TableInfo(name, table.meaning, columns, rows)
