"""Which deals a number speaks of: one filter for every question about the pipeline."""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.errors import AbsentError, ArgumentError
from workbench.filtering import compiled
from workbench.messages import message
from workbench.quoting import quoted
from workbench.sales.deals import Deals
from workbench.vocabulary.conditions import condition_from
from workbench.vocabulary.periods import microseconds_of


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

    text = compiled(
        condition, column, values, message("conditions on columns of the opportunities")
    )
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
