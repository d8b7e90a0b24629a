"""Large logs in Parquet stay where they are: a view over the files, after a check of the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from workbench.data import quarantine, sql, values
from workbench.data.duplicates import (
    differing_finding,
    differs,
    key_shown,
    merged_finding,
    ranking,
)
from workbench.data.findings import Finding, word_finding
from workbench.data.mapping import DATE_ONLY, Plan
from workbench.data.settings import Settings
from workbench.data.tables import Table
from workbench.messages import message

LOGS = ("web_events", "product_usage", "activities", "activity_participants", "scores")
ROWS_AT_ONCE = 10_000_000
MOST_TWICE = 1_000_000


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
    worded = [_worded(connection, one) for one in plans]
    rows = Rows(table, plans, settings, frozenset(name for found in worded for name in found))
    twice = _twice(connection, rows)
    if twice > MOST_TWICE:
        return False
    if twice:
        _set_aside(connection, rows)
    shown = ", ".join(sql.name(column) for column in rows.names)
    kept = f"SELECT {shown} FROM ({rows.query()})"
    if twice:
        kept += f" AS t ANTI JOIN {rows.aside} AS a ON a.file = t._file AND a.line = t._line"
    connection.execute(f"CREATE OR REPLACE VIEW {sql.name(table.name)} AS {kept}")
    for place, one in enumerate(plans):
        _count(connection, rows, one, place, balance, findings)
        findings.extend(_words(one, table.name, worded[place]))
    return True


@dataclass(frozen=True)
class Rows:
    """The rows of all files of a table as one query, each with its file and line.

    `worded` names the columns in which a word for nothing stands for an identifier.
    """

    table: Table
    plans: list[Plan]
    settings: Settings
    worded: frozenset[str]

    @property
    def aside(self) -> str:
        """Name of the small table that lists duplicates by file and line."""
        return sql.name(f"_aside_{self.table.name}")

    @property
    def columns(self) -> dict[str, str]:
        """Column to SQL."""
        found = {}
        for one in self.plans[0].fields:
            words = one.column.name in self.worded
            parsed = one.parsed(one.raw, self.settings, words=words)
            found[one.column.name] = parsed.value
            if parsed.date_only:
                found[one.column.name + DATE_ONLY] = "true"
        return found

    @property
    def names(self) -> list[str]:
        """The names of its columns."""
        return list(self.columns)

    @property
    def key(self) -> list[str]:
        """The key where the files hold all of it."""
        return list(self.table.key) if set(self.table.key) <= set(self.names) else []

    def query(self) -> str:
        """Every row that has the needed values."""
        shown = ", ".join(f"{value} AS {sql.name(name)}" for name, value in self.columns.items())
        paths = sql.texts([str(path) for one in self.plans for path in one.part.inputs])
        return (
            f"SELECT {shown}, filename AS _file, file_row_number AS _line FROM "
            f"read_parquet({paths}, filename = true, file_row_number = true)"
            f"{self.needed(self.plans[0])}"
        )

    def needed(self, plan: Plan) -> str:
        """The condition that a row of one file has every needed value."""
        fields = [one for one in plan.fields if one.column.required]
        needed = [f"{one.raw} IS NOT NULL" for one in fields]
        needed += [f"{one.raw} <> ''" for one in fields if one.typed == "VARCHAR"]
        worded = [one for one in fields if one.column.name in self.worded]
        needed += [f"NOT {values.no_id(one.raw)}" for one in worded]
        return f" WHERE {' AND '.join(needed)}" if needed else ""


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


def _twice(connection: duckdb.DuckDBPyConnection, rows: Rows) -> int:
    """Collect the keys that stand twice, in slices so that memory stays bounded."""
    connection.execute("CREATE OR REPLACE TEMP TABLE twice (h UBIGINT)")
    if not rows.key:
        return 0
    hashed = f"hash({', '.join(map(sql.name, rows.key))})"
    source = f"({rows.query()})"
    count = int(sql.one(connection, f"SELECT count(*) FROM {source}"))
    slices = 1 + count // ROWS_AT_ONCE
    present = f"{sql.name(rows.key[0])} IS NOT NULL"
    for number in range(slices):
        connection.execute(
            f"INSERT INTO twice SELECT h FROM (SELECT {hashed} AS h FROM {source} WHERE {present}) "
            f"WHERE h % {slices} = {number} GROUP BY h HAVING count(*) > 1"
        )
    return int(sql.one(connection, "SELECT count(*) FROM twice"))


def _set_aside(connection: duckdb.DuckDBPyConnection, rows: Rows) -> None:
    """List the copies of rows, and rows whose key says something else elsewhere."""
    hashed = f"hash({', '.join(map(sql.name, rows.key))})"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE candidates AS SELECT * FROM ({rows.query()}) "
        f"WHERE {hashed} IN (SELECT h FROM twice) ORDER BY _file, _line"
    )
    ranked = ranking("candidates", "rowid", rows.key, rows.names)
    connection.execute(
        f"CREATE OR REPLACE TABLE {rows.aside} AS SELECT c._file AS file, c._line AS line, "
        f"r.first_of_same AS differs, {key_shown(rows.key)} AS shown FROM ({ranked}) AS r "
        "JOIN candidates AS c ON c.rowid = r.id WHERE r.place > 1 OR NOT r.first_of_same"
    )


def _count(
    connection: duckdb.DuckDBPyConnection,
    rows: Rows,
    plan: Plan,
    place: int,
    balance: list[dict[str, Any]],
    findings: list[Finding],
) -> None:
    table, label = rows.table.name, plan.part.label
    read = int(sql.one(connection, f"SELECT count(*) FROM {plan.part.relation}"))
    where = rows.needed(plan)
    whole = int(sql.one(connection, f"SELECT count(*) FROM {plan.part.relation}{where}"))
    if whole < read:
        findings.append(_missing(connection, rows, plan, place, read - whole))
    merged = differing = 0
    if sql.one(connection, "SELECT count(*) FROM twice"):
        query = (
            "SELECT count(*) FILTER (NOT differs), count(*) FILTER (differs) "
            f"FROM {rows.aside} WHERE file = ?"
        )
        merged, differing = sql.rows(connection, query, [str(plan.part.inputs[0])])[0]
    if merged:
        findings.append(merged_finding(label, table, rows.key, merged))
    if differing:
        connection.execute(
            f"INSERT INTO quarantine SELECT ?, ?, ?, NULL, line + 1, ?, shown, ? "
            f"FROM {rows.aside} WHERE differs AND file = ?",
            [place, label, table, ", ".join(rows.key), differs(), str(plan.part.inputs[0])],
        )
        findings.append(differing_finding(label, table, rows.key, differing, None, None))
    balance.append(
        {
            "file": label,
            "table": table,
            "read": read,
            "kept": whole - merged - differing,
            "quarantined": read - whole + differing,
            "merged": merged,
        }
    )


def _worded(connection: duckdb.DuckDBPyConnection, plan: Plan) -> dict[str, tuple[int, str]]:
    """Columns in which a word for nothing stands for an identifier: how often, and one of them."""
    fields = [one for one in plan.fields if one.identifies]
    if not fields:
        return {}
    counted = ", ".join(
        f"count(*) FILTER ({no_id}), min({one.raw}) FILTER ({no_id})"
        for one in fields
        for no_id in [values.no_id(one.raw)]
    )
    found = sql.rows(connection, f"SELECT {counted} FROM {plan.part.relation}")[0]
    pairs = zip(fields, found[::2], found[1::2], strict=True)
    return {one.column.name: (count, value) for one, count, value in pairs if count}


def _words(plan: Plan, table: str, worded: dict[str, tuple[int, str]]) -> Iterator[Finding]:
    """Say it of columns that a row may do without; the others are told as missing."""
    for one in plan.fields:
        if one.column.name in worded and not one.column.required:
            count, value = worded[one.column.name]
            yield word_finding(plan.part.label, table, one.column.name, count, value)


def _missing(
    connection: duckdb.DuckDBPyConnection, rows: Rows, plan: Plan, place: int, count: int
) -> Finding:
    table, missing = rows.table.name, rows.needed(plan).removeprefix(" WHERE ")
    connection.execute(
        f"INSERT INTO quarantine SELECT ?, ?, ?, NULL, file_row_number + 1, NULL, NULL, ? "
        f"FROM read_parquet({sql.text(str(plan.part.inputs[0]))}, file_row_number = true) "
        f"WHERE NOT coalesce({missing}, false)",
        [place, plan.part.label, table, quarantine.reasons()["missing"]],
    )
    return Finding(
        "warning",
        message("A needed value is missing."),
        message("Those rows are in the quarantine file."),
        file=plan.part.label,
        table=table,
        count=count,
    )
