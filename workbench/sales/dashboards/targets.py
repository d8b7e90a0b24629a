"""Targets of the day that is looked at."""

from __future__ import annotations

from workbench import money
from workbench.errors import AbsentError
from workbench.messages import message
from workbench.sales.dashboards.model import Target
from workbench.workspace import Workspace


def target_of(workspace: Workspace, asked: Target) -> float:
    """The sum of the targets that hold on the day looked at; the number that was given.

    Raises
    ------
    AbsentError
        Without a table of targets, or without a target for that day.
    """
    if asked.value is not None:
        return asked.value
    if not workspace.has("targets", "kpi_id", "period_start_on", "target"):
        raise AbsentError.of("target", asked.kpi, message("a workspace with a table of targets"))
    columns = workspace.columns_of("targets")
    parts, values = ["kpi_id::VARCHAR = ?", "period_start_on::DATE <= ?"], [
        asked.kpi, money.as_of_day(workspace).astype(object),
    ]  # fmt: skip
    if "period_end_on" in columns:
        parts.append("coalesce(period_end_on::DATE >= ?, true)")
        values.append(values[1])
    for name, value in (
        ("team", asked.team), ("owner_id", asked.owner), ("segment", asked.segment),
    ):  # fmt: skip
        if value:
            if name not in columns:
                raise AbsentError.of("target", name, columns)
            parts.append(f"{name}::VARCHAR = ?")
            values.append(value)
    read = workspace.sql(
        f"SELECT sum(target) AS target, count(*) AS n FROM targets WHERE {' AND '.join(parts)}",
        values,
    )
    if not int(read["n"].iloc[0]):
        known = workspace.sql("SELECT DISTINCT kpi_id::VARCHAR AS k FROM targets ORDER BY k")["k"]
        raise AbsentError.of("target", asked.kpi, list(known),
                             message("Or no period of it holds the day looked at."))  # fmt: skip
    return float(read["target"].iloc[0])
