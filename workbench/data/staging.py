"""Rows of every file of a table, typed, in one table; what could not be read stays beside."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import duckdb

from workbench.data import sql, values
from workbench.data.mapping import DATE_ONLY, Field, Plan
from workbench.data.settings import Settings
from workbench.data.sources import Part
from workbench.data.tables import TYPES, Column, Table
from workbench.data.text_rows import Broken, TextFile, broken_records, insert_text

PROBLEMS = "_problems"
MANY_COLUMNS = 300


@dataclass
class Staged:
    """A table while it is being checked.

    `bases` holds, for each part, the first row id that belongs to it; `read` the records read
    from it, broken ones included; `footers` the line in which the footer of a part begins.
    """

    table: Table
    plans: list[Plan]
    columns: tuple[Column, ...]
    bases: list[int] = field(default_factory=list)
    read: list[int] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    footers: dict[int, int] = field(default_factory=dict)

    @property
    def relation(self) -> str:
        """Its name in the database, quoted."""
        return sql.name(self.table.name)

    @property
    def names(self) -> list[str]:
        """The names of its columns."""
        return [column.name for column in self.columns]

    def ranges(self) -> list[tuple[int, int]]:
        """First row id of each part, and the first that is beyond it."""
        return list(zip(self.bases, [*self.bases[1:], 1 << 62], strict=True))

    def has(self, *columns: str) -> bool:
        """Whether it holds all of these columns."""
        return set(columns) <= set(self.names)


def output_columns(plans: list[Plan]) -> tuple[Column, ...]:
    """Columns of all files together: those of the data model in its order, then the rest."""
    found: dict[str, Column] = {}
    for plan in plans:
        for one in plan.fields:
            found.setdefault(one.column.name, one.column)
    return tuple(found.values())


def stage(
    connection: duckdb.DuckDBPyConnection, table: Table, plans: list[Plan], settings: Settings
) -> Staged:
    """Copy the rows of all parts into one typed table, in the order of the files."""
    columns = output_columns(plans)
    staged = Staged(table, plans, columns)
    parts = [_definition(column) for column in columns]
    connection.execute(
        f"CREATE OR REPLACE TABLE {staged.relation} ({', '.join(parts)}, "
        f"{PROBLEMS} STRUCT(c VARCHAR, v VARCHAR, k VARCHAR)[])"
    )
    if any(len(plan.fields) > MANY_COLUMNS for plan in plans):
        # The search for common expressions takes seconds for thousands of columns.
        connection.execute("SET disabled_optimizers = 'common_subexpressions'")
    for position, plan in enumerate(plans):
        staged.bases.append(_next_id(connection, staged))
        staged.plans[position] = _insert(connection, staged, plan, settings)
        staged.broken.append(len(rejected(connection, staged.plans[position].part)))
        staged.read.append(_since(connection, staged) + staged.broken[-1])
    connection.execute("SET disabled_optimizers = ''")
    return staged


def _since(connection: duckdb.DuckDBPyConnection, staged: Staged) -> int:
    query = f"SELECT count(*) FROM {staged.relation} WHERE rowid >= ?"
    return int(sql.one(connection, query, [staged.bases[-1]]))


def _next_id(connection: duckdb.DuckDBPyConnection, staged: Staged) -> int:
    return int(sql.one(connection, f"SELECT coalesce(max(rowid) + 1, 0) FROM {staged.relation}"))


def _definition(column: Column) -> str:
    typed = f"{sql.name(column.name)} {TYPES[column.type]}"
    if column.type == "instant":
        typed += f", {sql.name(column.name + DATE_ONLY)} BOOLEAN"
    return typed


def _insert(
    connection: duckdb.DuckDBPyConnection, staged: Staged, plan: Plan, settings: Settings
) -> Plan:
    if plan.part.text is None:
        connection.execute(
            f"INSERT INTO {staged.relation} {select(plan, staged.columns, settings)}"
        )
        return plan

    def insert(text: TextFile) -> None:
        base = staged.bases[-1]
        connection.execute(f"DELETE FROM {staged.relation} WHERE rowid >= {base}")
        ready = replace(plan, part=plan.part.reading(text))
        connection.execute(
            f"INSERT INTO {staged.relation} {select(ready, staged.columns, settings)}"
        )
        first = f"SELECT coalesce(min(rowid), {base}) FROM {staged.relation} WHERE rowid >= {base}"
        staged.bases[-1] = int(sql.one(connection, first))

    text = insert_text(connection, plan.part.text, insert)
    return replace(plan, part=plan.part.reading(text))


def select(plan: Plan, columns: tuple[Column, ...], settings: Settings) -> str:
    """The query that reads one file as rows of the table, problems in the last column."""
    fields = {one.column.name: (f"r{i}", _value(one, i), one) for i, one in enumerate(plan.fields)}
    raw = ", ".join(f"{one.raw} AS {r}" for r, _, one in fields.values())
    typed, flags = ["*"], {}
    for r, v, one in fields.values():
        parsed = one.parsed(r, settings)
        if v != r:
            typed.append(f"{parsed.value} AS {v}")
        if parsed.date_only:
            flags[one.column.name] = f"CASE WHEN {v} IS NOT NULL THEN {parsed.date_only} END"
    shown = []
    for column in columns:
        held = fields.get(column.name)
        shown.append(held[1] if held else f"CAST(NULL AS {TYPES[column.type]})")
        if column.type == "instant":
            shown.append(flags.get(column.name, "CAST(NULL AS BOOLEAN)"))
    return (
        f"SELECT {', '.join([*shown, _problems(list(fields.values()))])} FROM "
        f"(SELECT {', '.join(typed)} FROM (SELECT {raw} FROM {plan.part.relation}))"
    )


def _value(one: Field, position: int) -> str:
    """Name of the typed value; text is used as found, for thousands of columns cost time."""
    as_found = one.is_text and one.column.type == "text" and not one.identifies
    return f"r{position}" if as_found else f"v{position}"


def _problems(fields: list[tuple[str, str, Field]]) -> str:
    conditions, cases = [], []
    for r, v, one in fields:
        condition, case = _problem(r, v, one)
        if condition:
            conditions.append(condition)
            cases.append(case)
    if not conditions:
        return "NULL"
    return (
        f"CASE WHEN {' OR '.join(conditions)} "
        f"THEN list_filter([{', '.join(cases)}], lambda x: x.k IS NOT NULL) END"
    )


def _problem(r: str, v: str, one: Field) -> tuple[str, str]:
    """SQL that is true where a value is unusable, and SQL that says how."""
    column = one.column
    kinds, condition = [], []
    if column.required:
        kinds.append(f"WHEN {r} IS NULL THEN 'missing'")
        condition.append(f"{v} IS NULL")
    if column.type != "text":
        word = values.is_null_word(r, column.type) if one.is_text else None
        if word:
            kinds.append(
                f"WHEN {v} IS NULL AND {word} THEN '{'missing' if column.required else 'word'}'"
            )
        if column.type == "instant":
            naive = f"wb_clock({r}) IS NOT NULL" if one.is_text else "true"
            kinds.append(f"WHEN {r} IS NOT NULL AND {v} IS NULL AND {naive} THEN 'zone'")
        kinds.append(f"WHEN {r} IS NOT NULL AND {v} IS NULL THEN 'unreadable'")
        condition.append(f"({r} IS NOT NULL AND {v} IS NULL)")
    elif one.identifies:
        damaged = f"(contains({r}, '+') AND regexp_full_match({r}, {sql.text(values.SCIENTIFIC)}))"
        kinds.append(f"WHEN {damaged} THEN 'scientific'")
        kinds.append(f"WHEN {values.no_id(r)} THEN '{'missing' if column.required else 'word'}'")
        condition.append(damaged)
        if not column.required:
            condition.append(f"({r} IS NOT NULL AND {v} IS NULL AND {values.no_id(r)})")
    if not kinds:
        return "", ""
    return " OR ".join(condition), (
        f"{{'c': {sql.text(column.name)}, 'v': CAST({r} AS VARCHAR), "
        f"'k': CASE {' '.join(kinds)} END}}"
    )


def rejected(connection: duckdb.DuckDBPyConnection, part: Part) -> list[Broken]:
    """Records that are broken before any value is read."""
    if "broken" in part.extra:
        found = sql.rows(connection, part.extra["broken"])
        return [Broken(int(line), text, "not json") for line, text in found]
    return [] if part.text is None else broken_records(connection, part.text)
