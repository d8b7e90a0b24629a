"""When a relationship ended: the day that is written, or the closing of what was lost."""

from __future__ import annotations

import numpy as np

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.quoting import quoted
from workbench.relationship.measuring import Measured
from workbench.relationship.records import NEVER, TABLES

USUAL = ("churned_on", "churned_at", "ended_on", "ended_at")


def ended_of(measured: Measured, ended: str | None) -> np.ndarray:
    """Microseconds at which each record ended; `NEVER` for those that are there.

    Parameters
    ----------
    measured : Measured
    ended : str, optional
        Column of the records' table with a day or an instant. When left out the usual names are
        looked for; opportunities that were lost, and leads that were turned down, end when closed.

    Raises
    ------
    AbsentError
        When the column is not there, or nothing says when a record ended.
    ArgumentError
        When the column holds no dates.
    """
    records, workspace = measured.records, measured.asked.workspace
    table, key = TABLES[measured.asked.of]
    columns = workspace.columns_of(table)
    names = USUAL if ended is None else (ended,)
    name = next((c for n in names for c in (n, f"x_{n}") if c in columns), None)
    if name is None and ended is None and measured.asked.of in ("opportunity", "lead"):
        lost = records.closed & ~records.won
        return np.where(lost, records.closed_at, NEVER)
    if name is None:
        raise AbsentError.of("ended", ended or USUAL[0], list(columns))
    zone = workspace.settings.report_tz
    moment = f"try_cast({quoted(name)}::VARCHAR AS TIMESTAMP) AT TIME ZONE $zone"
    if columns[name] == "TIMESTAMP WITH TIME ZONE":
        moment = f"coalesce({quoted(name)}, NULL::TIMESTAMP AT TIME ZONE $zone)"
    read = workspace.arrow(
        f"SELECT {quoted(key)}::VARCHAR AS key, min(epoch_us({moment})) AS at FROM {table} "
        f"WHERE {quoted(name)} IS NOT NULL GROUP BY 1",
        {"zone": zone},
    )
    told = read.filter(read.column("at").is_valid())
    if read.num_rows and not told.num_rows:
        raise ArgumentError.of("ended", name, message("a column of dates or instants"))
    found = dict(zip(told.column("key").to_pylist(), told.column("at").to_pylist(), strict=True))
    return np.array([found.get(k, int(NEVER)) for k in records.keys], np.int64)
