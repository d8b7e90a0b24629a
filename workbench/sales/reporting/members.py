"""The rows behind a figure of a report."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.errors import ArgumentError
from workbench.quoting import quoted
from workbench.sales.reporting.measures import MeasureOf
from workbench.sales.views.fields import Objects
from workbench.sales.views.frames import frame_of
from workbench.sales.views.schema import ROW, FieldOf, NotKnown, Thing, key_of, keys_of_table

if TYPE_CHECKING:
    from workbench.sales.reporting.compiling import Statement
    from workbench.sales.reporting.result import Block, TableReport

OF_A_DEAL = (
    "opportunity_id", "name", "account_id", "account_id.name", "owner_id", "owner_id.name",
    "stage", "amount", "currency", "expected_close_on",
)  # fmt: skip
_TYPES = {bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE", str: "VARCHAR", date: "DATE"}


def rows_of(block: Block) -> pd.DataFrame:
    """The joined rows of a plain table, in its order."""
    objects = block.statement.objects
    sorts = []
    for item in block.asked.sort:
        try:
            sorts.append(f"{objects.find(item.by).sql} {item.order.upper()} NULLS LAST")
        except NotKnown:
            continue  # a field that these data lack, as was said
    fields = block.fields or tuple(_of_thing(objects, objects.things[0]))
    chosen = ", ".join(f"{f.sql} AS {quoted(f.name)}" for f in fields)
    query = f"SELECT {chosen} FROM {objects.source()} WHERE {block.statement.where}"
    return frame_of(objects.ask(f"{query} ORDER BY {', '.join([*sorts, *_ties(objects)])}"))


def _ties(objects: Objects) -> list[str]:
    """Everything that tells rows apart, so that the order of a file changes nothing."""
    out = []
    for thing in objects.things:
        keys = keys_of_table(objects.workspace, thing.table)
        for name in [*keys, *(c for c in thing.columns if c not in keys)]:
            out.append(f"{thing.sql}.{quoted(name)} NULLS LAST")
    return out


def members_of(
    report: TableReport, groups: dict[str, str], value: str | None, block: int
) -> pd.DataFrame:  # fmt: skip
    """As `TableReport.members`."""
    if not isinstance(block, int) or not 0 <= block < len(report.blocks):
        raise ArgumentError.of("block", block, [str(n) for n in range(len(report.blocks))])
    chosen = report.blocks[block]
    statement = chosen.statement
    known = [group.name for group in statement.groups]
    for name in groups:
        if name not in known:
            raise ArgumentError.of("groups", name, known)
    parts = [statement.where]
    for group in statement.groups:
        if group.name in groups:
            raw = _raw(chosen, group.name, str(groups[group.name]))
            parts.append(f"({is_value(statement.objects, group.sql, raw)})")
    return opened(statement, " AND ".join(parts), value)


def opened(statement: Statement, where: str, value: str | None) -> pd.DataFrame:
    """The rows behind a measure under a condition."""
    names = [measure.name for measure in statement.measures]
    if value is not None and value not in names:
        raise ArgumentError.of("value", value, names)
    measure = None if value is None else statement.measures[names.index(value)]
    if measure is not None and not measure.formula:
        where = f"{where} AND {measure.marked}"
    if measure is None or measure.thing is None:
        return _joined(statement, where, measure)
    return _once(statement, where, measure)


def is_value(objects: Objects, sql: str, raw: Any) -> str:
    """The condition that a group has a value."""
    if raw is None:
        return f"{sql} IS NULL"
    return f"{sql} = {objects.bound(raw)}::{_TYPES.get(type(raw), 'VARCHAR')}"


def _raw(block: Block, name: str, label: str) -> Any:
    """The value of a group that a label stands for."""
    statement = block.statement
    place = [group.name for group in statement.groups].index(name)
    group, first = statement.groups[place], len(statement.rows)
    values = {
        (line.rows[place] if place < first else line.columns[place - first])
        for line in block.levels.lines
        if (len(line.rows) > place if place < first else len(line.columns) > place - first)
    }
    found = {group.label(v): v for v in sorted(values, key=group.place, reverse=True)}
    if label not in found:
        raise ArgumentError.of(name, label, sorted(found))
    return found[label]


def _once(statement: Statement, where: str, measure: MeasureOf) -> pd.DataFrame:
    """Each row of the object of a measure, once."""
    objects, thing = statement.objects, measure.thing
    assert thing is not None
    fields = _of_thing(objects, thing)
    chosen = ", ".join(f"{f.sql} AS {quoted(f.name)}" for f in fields)
    number = "" if measure.value.endswith(quoted(ROW)) else f", {measure.value} AS value"
    row = f"{thing.sql}.{quoted(ROW)} AS {quoted(ROW)}"
    order = ", ".join(quoted(f.name) for f in fields)
    inner = f"SELECT DISTINCT {row}, {chosen}{number} FROM {objects.source()} WHERE {where}"
    shown = ", ".join([*(quoted(f.name) for f in fields), *(["value"] if number else [])])
    return frame_of(objects.ask(f"SELECT {shown} FROM ({inner}) d ORDER BY {order}"))


def _joined(statement: Statement, where: str, measure: MeasureOf | None) -> pd.DataFrame:
    """All joined rows, with key and name of every object."""
    objects = statement.objects
    base, *others = objects.things
    fields = list(_of_thing(objects, base))
    for thing in others:
        for name in [*keys_of_table(objects.workspace, thing.table), "name"]:
            if name in thing.columns:
                sql = f"{thing.sql}.{quoted(name)}"
                fields.append(FieldOf(f"{thing.name}.{name}", sql, "text", thing))
    unique = {f.name: f for f in fields}
    chosen = ", ".join(f"{f.sql} AS {quoted(n)}" for n, f in unique.items())
    if measure is not None and not measure.formula and measure.asked.kind != "count":
        chosen += f", {measure.value} AS value"
    order = ", ".join(_ties(objects))
    query = f"SELECT {chosen} FROM {objects.source()} WHERE {where} ORDER BY {order}"
    return frame_of(objects.ask(query))


def _of_thing(objects: Objects, thing: Thing) -> list[FieldOf]:
    """Columns by which a reader knows a row: of a deal some, else all."""
    if thing.table != "opportunities" or not key_of(objects.workspace, thing.table):
        return [
            FieldOf(name, f"{thing.sql}.{quoted(name)}", "text", thing) for name in thing.columns
        ]
    names = [*(["snapshot_on"] if "snapshot_on" in thing.columns else []), *OF_A_DEAL]
    base = thing is objects.things[0]
    out = []
    for name in names:
        asked = name if base else f"{thing.name}.{name}"
        try:
            found = objects.find(asked)
        except NotKnown:
            continue
        if found.thing is not None and found.thing.sql == thing.sql:
            shown = {"account_id.name": "account", "owner_id.name": "owner"}.get(name, name)
            out.append(FieldOf(shown, found.sql, found.kind, thing, found.table, found.column))
    return out
