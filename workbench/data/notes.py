"""What is said about matching a file with a table: columns, value maps, date formats."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb

from workbench.data import sql, vendors
from workbench.data.findings import Finding
from workbench.data.mapping import Field, Plan
from workbench.data.tables import Column, Table
from workbench.data.workspace_file import TableFile
from workbench.errors import either
from workbench.messages import message


def label_of(plans: list[Plan]) -> str:
    """The file, or the first of several."""
    first = plans[0].part.label
    if len(plans) == 1:
        return first
    return message("{file} and {count} more", file=first, count=len(plans) - 1)


def plan_findings(table: Table, plans: list[Plan]) -> Iterator[Finding]:
    """Everything known before a row is read; a missing column is an error."""
    for plan in plans:
        for column in plan.missing:
            yield missing_column(table, plan, column)
    groups: dict[tuple[str, ...], list[Plan]] = {}
    for plan in plans:
        groups.setdefault(plan.unmatched, []).append(plan)
    for names, same in groups.items():
        if names:
            yield Finding(
                "note",
                message(
                    "Columns the data model does not know are kept as x_…: {names}.",
                    names=", ".join(names[:10]) + (" …" if len(names) > 10 else ""),
                ),
                message("Map them in columns: when they hold something known."),
                file=label_of(same),
                table=table.name,
                count=len(names),
            )
    yield from _ambiguous(table, plans)
    yield from _formats(table, plans)


def _ambiguous(table: Table, plans: list[Plan]) -> Iterator[Finding]:
    """Ask about a header that may be several columns of the data model."""
    for plan in plans:
        filled = {field.column.name for field in plan.fields}
        for header in plan.unmatched:
            free = [name for name in vendors.meanings(table.name, header) if name not in filled]
            if free:
                yield Finding(
                    "warning",
                    message(
                        "The column {name} may be {columns}; nobody guesses, so it is not read.",
                        name=header,
                        columns=either(free),
                    ),
                    message("Say which under columns: in the workspace file."),
                    file=plan.part.label,
                    table=table.name,
                    column=header,
                )


def missing_column(table: Table, plan: Plan, column: str) -> Finding:
    """The finding for a file without a column that its table needs."""
    return Finding(
        "error",
        message(
            "No column of the file is {column}, which {table} needs.",
            column=column,
            table=table.name,
        ),
        message(
            "Name it in columns: {{{column}: …}}. The file has: {names}.",
            column=column,
            names=", ".join(list(plan.part.columns)[:20]),
        ),
        file=plan.part.label,
        table=table.name,
        column=column,
    )


def _formats(table: Table, plans: list[Plan]) -> Iterator[Finding]:
    """Say in which order day, month and year are read where the workspace file sets it."""
    read: dict[tuple[str, ...], list[str]] = {}
    for plan in plans:
        for field in plan.fields:
            if field.formats and field.column.type in ("date", "instant"):
                read.setdefault(field.formats, []).append(field.column.name)
    for formats, columns in read.items():
        if all(_order(one) == "year" for one in formats):
            continue
        yield Finding(
            "note",
            message(
                "Dates are read {order} first ({formats}) in {columns}.",
                order=" or ".join(dict.fromkeys(_order(one) for one in formats)),
                formats=", ".join(formats),
                columns=", ".join(dict.fromkeys(columns)),
            ),
            file=label_of(plans),
            table=table.name,
        )


def _order(given: str) -> str:
    marks = {"day": ("%d", "%-d"), "month": ("%m", "%-m", "%b", "%B"), "year": ("%Y", "%y")}
    found = {
        name: min((given.find(mark) for mark in known if mark in given), default=len(given))
        for name, known in marks.items()
    }
    return min(found, key=lambda name: found[name])


def mapped_values(
    connection: duckdb.DuckDBPyConnection, table: str, entry: TableFile, plans: list[Plan]
) -> Iterator[Finding]:
    """How often each value map of the workspace file was used."""
    for column, mapped in entry.values.items():
        for plan in plans:
            held = next((f for f in plan.fields if column in (f.column.name, f.source)), None)
            if held is None or held.source == "derive":
                continue
            for old, count in _used(connection, plan, held, list(mapped)):
                yield _mapped_finding(table, plan.part.label, held.column, old, mapped[old], count)


def _used(
    connection: duckdb.DuckDBPyConnection, plan: Plan, held: Field, values: list[str]
) -> list[tuple[str, int]]:
    part = plan.part
    relation = part.text.relation(rejects=False) if part.text else part.relation
    found = f"trim(CAST({sql.name(held.source)} AS VARCHAR))"
    return sql.rows(
        connection,
        f"SELECT {found} AS old, count(*) FROM {relation} WHERE list_contains(?, {found}) "
        "GROUP BY old ORDER BY old",
        [values],
    )


def _mapped_finding(
    table: str, label: str, column: Column, old: str, new: Any, count: int
) -> Finding:
    if column.references and new is not None:
        level, problem = (
            "warning",
            message(
                "{old!r} is no key of {target}; values: reads it as {new!r}.",
                old=old,
                target=column.references,
                new=str(new),
            ),
        )
    elif new is None:
        level, problem = "note", message("{old!r} is read as no value.", old=old)
    else:
        level, problem = "note", message("{old!r} is read as {new!r}.", old=old, new=str(new))
    return Finding(
        level,  # type: ignore[arg-type]
        problem,
        file=label,
        table=table,
        column=column.name,
        value=old,
        count=count,
    )
