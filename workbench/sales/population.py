"""Which deals a number speaks of: one filter for every question about the pipeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.quoting import quoted
from workbench.sales.deals import Deals
from workbench.vocabulary.conditions import Condition, Logic, Term, condition_from
from workbench.vocabulary.periods import microseconds_of

_COMPARED = {"<": "<", "<=": "<=", ">": ">", ">=": ">="}


def population(deals: Deals, where: Any = None) -> np.ndarray:
    """A mark for every deal that meets a condition on its own columns.

    Parameters
    ----------
    where : mapping or Condition, optional
        Such as ``{"owner_id": ["U-001", "U-002"], "amount": {">=": 10000}}``; columns of the
        opportunities, the account's as ``accounts.industry``. All deals when left out.

    Raises
    ------
    AbsentError
        For a column that the opportunities do not have.
    """
    if where is None:
        return np.ones(len(deals), bool)
    workspace = deals.workspace
    condition = condition_from(where, "where")
    columns = {name: f"t.{quoted(name)}" for name in workspace.columns_of("opportunities")}
    joined = ""
    if workspace.has("accounts", "account_id") and "account_id" in columns:
        joined = "LEFT JOIN accounts a ON a.account_id = t.account_id"
        for name in workspace.columns_of("accounts"):
            columns[f"accounts.{name}"] = f"a.{quoted(name)}"
            columns.setdefault(name, f"a.{quoted(name)}")
    values: list[Any] = []

    def column(name: str) -> str:
        if name not in columns and f"x_{name}" in columns:
            return columns[f"x_{name}"]
        if name not in columns:
            raise AbsentError.of("where", name, columns)
        return columns[name]

    text = compiled(condition, column, values)
    import duckdb

    created = "coalesce(epoch_us(t.created_at) <= ?, true)" if "created_at" in columns else (
        "? IS NOT NULL"
    )  # fmt: skip
    try:
        read = workspace.arrow(
            f"SELECT coalesce(bool_or({text}), false) AS chosen FROM opportunities t {joined} "
            f"WHERE t.opportunity_id IS NOT NULL AND {created} "
            "GROUP BY t.opportunity_id ORDER BY t.opportunity_id",
            [*values, microseconds_of(workspace.as_of)],
        )
    except duckdb.Error as problem:
        # A number is compared with text, or with what is no day.
        raise ArgumentError.of(
            "where",
            str(condition),
            message("values that fit their columns"),
            f"{str(problem).splitlines()[0]}.",
        ) from None
    return read.column("chosen").to_numpy(zero_copy_only=False).astype(bool)


def compiled(condition: Condition, column: Callable[[str], str], values: list[Any]) -> str:
    """A condition as SQL with bound values.

    Parameters
    ----------
    condition : Condition
    column : callable
        The SQL expression of a column by its name; refuses a name that is not there.
    values : list
        Values of the ``?`` places are appended here, in their order.
    """
    if isinstance(condition, Logic):
        parts = [compiled(part, column, values) for part in condition.parts]
        if condition.kind == "not":
            return f"NOT coalesce({parts[0]}, false)"
        return f"({' AND '.join(parts) if condition.kind == 'all' else ' OR '.join(parts)})"
    if not isinstance(condition, Term):
        raise AbsentError.of(
            "where", str(condition), message("conditions on columns of the opportunities")
        )
    name = column(condition.field)
    if condition.operator == "exists":
        return f"({name} IS {'NOT ' if condition.values[0] else ''}NULL)"
    if condition.operator in _COMPARED:
        values.extend(condition.values)
        sign = _COMPARED[condition.operator]
        return f"({' OR '.join(f'{name} {sign} ?' for _ in condition.values)})"
    if condition.operator in ("=", "!="):
        values.append([str(v).lower() if isinstance(v, bool) else str(v) for v in condition.values])
        found = f"{name}::VARCHAR IN (SELECT unnest(?::VARCHAR[]))"
        return f"({found})" if condition.operator == "=" else f"(NOT coalesce({found}, false))"
    return _text(condition, name, values)


def _text(term: Term, name: str, values: list[Any]) -> str:
    forms = {
        "contains": "contains({name}::VARCHAR, ?)",
        "not_contains": "contains({name}::VARCHAR, ?)",
        "starts_with": "starts_with({name}::VARCHAR, ?)",
        "ends_with": "ends_with({name}::VARCHAR, ?)",
        "matches": "({name}::VARCHAR GLOB ?)",
    }
    if term.operator not in forms:
        raise AbsentError.of("where", term.operator, ["=", "!=", *_COMPARED, *forms, "exists"])
    values.extend(str(v) for v in term.values)
    each = " OR ".join(forms[term.operator].format(name=name) for _ in term.values)
    return f"(NOT coalesce(({each}), false))" if term.operator == "not_contains" else f"({each})"
