"""Conditions on the columns of a table, as SQL with bound values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workbench.errors import AbsentError
from workbench.messages import message
from workbench.vocabulary.conditions import Condition, Logic, Term

_COMPARED = ("<", "<=", ">", ">=")
_TEXTS = {
    "contains": "contains({name}::VARCHAR, ?)",
    "not_contains": "contains({name}::VARCHAR, ?)",
    "starts_with": "starts_with({name}::VARCHAR, ?)",
    "ends_with": "ends_with({name}::VARCHAR, ?)",
    "matches": "({name}::VARCHAR GLOB ?)",
}


def compiled(
    condition: Condition,
    column: Callable[[str], str],
    values: list[Any],
    about: str = "",
) -> str:
    """A condition as SQL.

    Parameters
    ----------
    condition : Condition
    column : callable
        The SQL expression of a column by its name; refuses a name that is not there.
    values : list
        Values of the ``?`` places are appended here, in their order.
    about : str
        What the columns belong to, in the words of the refusal.

    Raises
    ------
    AbsentError
        For a condition that is not about a column.
    """
    if isinstance(condition, Logic):
        parts = [compiled(part, column, values, about) for part in condition.parts]
        if condition.kind == "not":
            return f"(NOT coalesce({parts[0]}, false))"
        return f"({(' AND ' if condition.kind == 'all' else ' OR ').join(parts)})"
    if not isinstance(condition, Term):
        allowed = about or message("conditions on columns of records")
        raise AbsentError.of("where", str(condition), allowed)
    name = column(condition.field)
    if condition.operator == "exists":
        return f"({name} IS {'NOT ' if condition.values[0] else ''}NULL)"
    if condition.operator in _COMPARED:
        values.extend(condition.values)
        return f"({' OR '.join(f'{name} {condition.operator} ?' for _ in condition.values)})"
    if condition.operator in ("=", "!="):
        values.append([str(v).lower() if isinstance(v, bool) else str(v) for v in condition.values])
        found = f"{name}::VARCHAR IN (SELECT unnest(?::VARCHAR[]))"
        return f"({found})" if condition.operator == "=" else f"(NOT coalesce({found}, false))"
    if condition.operator not in _TEXTS:
        known = ["=", "!=", *_COMPARED, *_TEXTS, "exists"]
        raise AbsentError.of("where", condition.operator, known)
    values.extend(str(v) for v in condition.values)
    each = " OR ".join(_TEXTS[condition.operator].format(name=name) for _ in condition.values)
    if condition.operator == "not_contains":
        return f"(NOT coalesce(({each}), false))"
    return f"({each})"
