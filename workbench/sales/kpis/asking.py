"""Conditions on the rows of any table, with the account and the member of staff behind them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from workbench.errors import ArgumentError
from workbench.filtering import compiled
from workbench.messages import message
from workbench.quoting import quoted
from workbench.sales.kpis.measured import lacking, months_before, no_column
from workbench.vocabulary.conditions import condition_from
from workbench.workspace import Workspace

_DAY = re.compile(r"as_of(?:\s*([+-])\s*(\d{1,4})\s*(d|w|mo|y))?")
BESIDE = {"accounts": "account_id", "users": "owner_id", "opportunities": "opportunity_id"}
_OWN = {"accounts": "account_id", "users": "user_id", "opportunities": "opportunity_id"}


class Asked:
    """One table under the name ``t``, joined with what its rows point to, never twice.

    Attributes
    ----------
    joined : str
        What stands after ``FROM``.
    columns : dict
        Name of each column that a condition may use, to its SQL.
    """

    def __init__(self, workspace: Workspace, table: str, today: date) -> None:
        self.table, self.today = table, today
        if not workspace.has(table):
            raise lacking(message("the table {table}", table=table))
        known = workspace.columns_of(table)
        self.columns = {name: f"t.{quoted(name)}" for name in known}
        self.joined = f"{quoted(table)} t"
        for other, key in BESIDE.items():
            if other == table or key not in known or not workspace.has(other, _OWN[other]):
                continue
            alias = f"j_{other}"
            names = workspace.columns_of(other)
            for name in names:
                self.columns[f"{other}.{name}"] = f"{alias}.{quoted(name)}"
                plain = name.removeprefix("x_")
                self.columns.setdefault(f"{other}.{plain}", f"{alias}.{quoted(name)}")
            self.joined += (
                f" LEFT JOIN (SELECT * FROM {quoted(other)} QUALIFY row_number() OVER "
                f"(PARTITION BY {_OWN[other]}) = 1) {alias} "
                f"ON {alias}.{_OWN[other]} = t.{quoted(key)}"
            )

    def column(self, name: str, argument: str) -> str:
        """SQL of a column; the prefix ``x_`` of unknown columns may be left out."""
        found = self.columns.get(name) or self.columns.get(f"x_{name}")
        if found is None:
            raise no_column(name, self.table, self.columns)
        return found

    def where(self, condition: Mapping[str, Any] | None, argument: str) -> tuple[str, list[Any]]:
        """A condition as SQL with its values; true where there is none."""
        if condition is None:
            return "true", []
        values: list[Any] = []
        dated = with_days(condition, self.today)
        text = compiled(
            condition_from(dated, argument), lambda name: self.column(name, argument), values
        )
        return f"coalesce(({text}), false)", values


def with_days(value: Any, today: date) -> Any:
    """The same mapping with ``as_of``, ``as_of-30d`` and ``as_of-3mo`` as days."""
    if isinstance(value, Mapping):
        return {key: with_days(item, today) for key, item in value.items()}
    if isinstance(value, list):
        return [with_days(item, today) for item in value]
    found = _DAY.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        return value
    sign, count, unit = found.groups()
    if sign is None:
        return today.isoformat()
    steps = int(count) * (1 if sign == "+" else -1)
    try:
        if unit in ("mo", "y"):
            return months_before(today, -steps * (12 if unit == "y" else 1)).isoformat()
        return (today + timedelta(days=steps * (7 if unit == "w" else 1))).isoformat()
    except (ValueError, OverflowError):
        raise ArgumentError.of(
            "source", value, message("a day between the years 1 and 9999")
        ) from None
