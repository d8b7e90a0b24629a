"""A measure that a definition declares over one table: rows counted, added up, or as a share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from workbench import money
from workbench.errors import ArgumentError
from workbench.messages import message, message_of_count
from workbench.quoting import quoted
from workbench.sales.kpis.asking import Asked
from workbench.sales.kpis.facts import Facts
from workbench.sales.kpis.measured import (
    COUNT,
    MEAN,
    SHARE,
    SUM,
    Goal,
    Measured,
    Window,
    joined,
    units_of,
)
from workbench.sales.kpis.sources import Declared

ENTITIES = {"opportunities": "opportunity", "accounts": "account", "activities": "activity",
            "people": "person"}  # fmt: skip
_NUMBERS = ("INT", "DOUBLE", "DECIMAL", "FLOAT", "REAL")


def declared(facts: Facts, source: Declared, window: Window, goal: Goal) -> Measured:
    """Rows of one table that a condition selects.

    A share counts what meets the numerator among what meets the denominator; with ``count`` naming
    a column, a value counts in the numerator when any of its rows does.
    """
    workspace = facts.workspace
    asked = Asked(workspace, source.table, facts.today)
    known = workspace.columns_of(source.table)
    key = _key([c.name for c in workspace.tables[source.table].columns if c.key], known)
    counted = key if source.count == "rows" else asked.column(source.count, "source.count")
    owner = _owner(asked, source, known)
    account = asked.columns.get("account_id", "NULL")
    day, seen, seen_values = _dated(facts, asked, source, window, known)
    joined_tables, value, currency = asked.joined, "1.0", ""
    if source.sum:
        value, joined_tables, currency = _summed(facts, asked, source, known)
    parts = [(source.where, "source.where"), (source.denominator, "source.denominator")]
    texts, values = [], []
    for condition, argument in parts:
        text, bound = asked.where(condition, argument)
        texts.append(text)
        values += bound
    numerator, bound = asked.where(source.numerator, "source.numerator")
    per = asked.column(source.per, "source.per") if source.per else "NULL"
    read = workspace.sql(
        f"SELECT {counted}::VARCHAR AS key, {key}::VARCHAR AS record_id, "
        f"{account}::VARCHAR AS account_id, {owner}::VARCHAR AS owner_id, "
        f"{value}::DOUBLE AS value, {numerator} AS met, {day} AS on_day, {per}::VARCHAR AS per "
        f"FROM {joined_tables} WHERE {' AND '.join([*texts, *seen])} ORDER BY 2, 1",
        [*bound, *([workspace.settings.report_tz] if "?" in day else []), *values, *seen_values],
    )
    read = read[read["key"].notna()]
    return replace(
        _measured(source, read, goal, currency, facts), begins=_begins(facts, asked, source, known)
    )


def _key(key: list[str], known: dict[str, str]) -> str:
    """What names a row: its key where it has one of a single column, else its place."""
    if len(key) == 1 and key[0] in known:
        return f"t.{quoted(key[0])}"
    return "row_number() OVER ()"


def _owner(asked: Asked, source: Declared, known: dict[str, str]) -> str:
    if source.owner:
        return asked.column(source.owner, "source.owner")
    for name in ("owner_id", "user_id", "changed_by"):
        if name in known:
            return f"t.{quoted(name)}"
    return asked.columns.get("accounts.owner_id", "NULL")


def _dated(
    facts: Facts, asked: Asked, source: Declared, window: Window, known: dict[str, str]
) -> tuple[str, list[str], list[Any]]:
    """Day of a row, and what keeps it inside the period and before now."""
    zone = facts.workspace.settings.report_tz
    if source.at is None:
        if "created_at" not in known:
            return "0", [], []
        return "0", ["coalesce(epoch_us(t.created_at::TIMESTAMPTZ) <= ?, true)"], [facts.now]
    column = asked.column(source.at, "source.at")
    kind = known.get(source.at) or known.get(f"x_{source.at}") or ""
    begin, end = window.days
    if kind == "DATE":
        day = f"epoch({column})::BIGINT // 86400"
        return day, [f"{day} >= ?", f"{day} < ?"], [begin, end]
    if not kind.startswith("TIMESTAMP"):
        raise ArgumentError.of(
            "source.at",
            source.at,
            [n for n, k in known.items() if k == "DATE" or k.startswith("TIMESTAMP")],
        )
    day = f"epoch(({column} AT TIME ZONE ?)::DATE)::BIGINT // 86400"
    inside = [f"{day} >= ?", f"{day} < ?", f"epoch_us({column}) <= ?"]
    return day, inside, [zone, begin, zone, end, facts.now]


def _begins(
    facts: Facts, asked: Asked, source: Declared, known: dict[str, str]
) -> int | None:  # fmt: skip
    """First day in the column that dates the rows."""
    if source.at is None:
        return None
    column = asked.column(source.at, "source.at")
    kind = known.get(source.at) or known.get(f"x_{source.at}") or ""
    day = column if kind == "DATE" else f"({column} AT TIME ZONE ?)::DATE"
    found = facts.workspace.sql(
        f"SELECT min(epoch({day})::BIGINT // 86400) AS day FROM {asked.joined}",
        [] if kind == "DATE" else [facts.workspace.settings.report_tz],
    )["day"].iloc[0]
    return None if pd.isna(found) else int(found)


def _summed(
    facts: Facts, asked: Asked, source: Declared, known: dict[str, str]
) -> tuple[str, str, str]:
    """SQL of what is added up; amounts beside a currency are brought into one."""
    name = str(source.sum)
    column = asked.column(name, "source.sum")
    kind = known.get(name) or known.get(f"x_{name}") or "DOUBLE"
    if not any(word in kind for word in _NUMBERS):
        numeric = [n for n, k in known.items() if any(word in k for word in _NUMBERS)]
        raise ArgumentError.of("source.sum", name, numeric)
    workspace = facts.workspace
    if "currency" not in known or "INT" in kind:
        return column, asked.joined, ""
    used = workspace.sql(
        f"SELECT DISTINCT currency::VARCHAR AS c FROM {quoted(source.table)} "
        "WHERE currency IS NOT NULL"
    )["c"]
    target = money.target_currency(workspace, used, "source.sum")
    at = f"({asked.column(source.at, 'source.at')})::DATE" if source.at else "NULL::DATE"
    conversion = money.conversion(
        workspace,
        amount=column,
        currency="t.currency",
        closed_on=at,
        expected_on=at,
        at=f"DATE '{facts.today.isoformat()}'",
        imported="t.amount_rc" if "amount_rc" in known else "",
        target=target,
    )
    return f"({conversion.sql})", f"{asked.joined} {conversion.joined}", conversion.currency


def _measured(
    source: Declared, read: pd.DataFrame, goal: Goal, currency: str, facts: Facts
) -> Measured:
    entity = ENTITIES.get(source.table, "row")
    met = read["met"].to_numpy(bool)
    value = read["value"].to_numpy(float)
    unknown, notes = int(np.isnan(value).sum()), []
    if currency:
        rule = money.rule_in_words(facts.workspace)
        notes.append(message("Amounts in {currency}, {rule}.", currency=currency, rule=rule))
    if unknown:
        notes.append(
            message_of_count(
                "{count} row without a value, or without a rate, adds nothing.",
                "{count} rows without a value, or without a rate, add nothing.",
                unknown,
            )
        )
    value = np.nan_to_num(value)
    share = source.numerator is not None
    act = met == (goal.direction == "down") if share else np.full(len(read), True)
    columns: dict[str, Any] = {
        name: _objects(read[name]) for name in ("key", "record_id", "account_id", "owner_id")
    }
    units = units_of(
        {
            **columns,
            "entity": entity,
            "counted": np.where(met, value, 0.0) if share else value,
            "of": value if share else 0.0,
            "to_do": act if share or goal.direction == "down" else False,
            "on": read["on_day"].fillna(0).to_numpy(np.int64),
        }
    )
    if source.count != "rows" and not source.sum:
        # A value counts once; any of its rows brings it into the numerator.
        units = units.sort_values(["key", "counted"], ascending=[True, False], kind="stable")
    if not source.per:
        kind = SHARE if share else SUM if source.sum else COUNT
        return Measured(units, kind, _to_do(share, goal), currency, tuple(notes))
    first = read[read["per"].notna()].drop_duplicates("per")
    people = units_of(
        {
            "key": "per:" + first["per"].astype(object),
            "record_id": first["per"],
            "entity": "row",
            "account_id": _objects(first["account_id"]),
            "owner_id": _objects(first["owner_id"]),
            "of": 1.0,
            "apart": "per",
        }
    )
    return Measured(joined(units, people), MEAN, _to_do(share, goal), currency, tuple(notes))


def _to_do(share: bool, goal: Goal) -> str:
    if share and goal.direction == "up":
        return message("Records that do not meet the condition")
    if share:
        return message("Records that meet the condition")
    return message("Records that count")


def _objects(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), None)
