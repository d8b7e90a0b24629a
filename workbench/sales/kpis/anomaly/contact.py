"""When something was last done on each deal, and whether anything is planned."""

from __future__ import annotations

import numpy as np

from workbench.messages import message
from workbench.sales.deals import NO_DAY
from workbench.sales.kpis.facts import Facts
from workbench.sales.kpis.measured import day_number, lacking


def last_contact(facts: Facts, of: str) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Day of the last done activity of each deal, and whether one is planned.

    Parameters
    ----------
    of : {"opportunity", "account"}
        Whether activities of the deal itself count, or all those of its account.

    Returns
    -------
    last : numpy.ndarray of int64
        Days since 1970; `NO_DAY` for never.
    planned : numpy.ndarray of bool
        An activity that is neither done nor cancelled and lies today or later.
    notes : tuple of str
    """
    workspace, deals = facts.workspace, facts.deals
    key = f"{of}_id"
    if not workspace.has("activities", key):
        raise lacking(message("activities with the column {key}", key=key))
    columns = workspace.columns_of("activities")
    done = [n for n in ("done_at", "end_at", "start_at") if n in columns]
    ahead = [n for n in ("start_at", "due_on") if n in columns]
    if not done:
        raise lacking(message("the time of activities: done_at or start_at"))
    status = "coalesce(status, 'done')" if "status" in columns else "'done'"
    at = f"coalesce({', '.join(f'{n}::TIMESTAMPTZ' for n in done)})"
    zone = "$zone"
    days = ", ".join(
        f"{n}::DATE" if n == "due_on" else f"({n}::TIMESTAMPTZ AT TIME ZONE {zone})::DATE"
        for n in ahead
    )
    planned = (
        f"bool_or(({status} NOT IN ('done', 'cancelled') OR epoch_us({at}) > $now) "
        f"AND {status} <> 'cancelled' "
        f"AND epoch(coalesce({days}))::BIGINT // 86400 >= $today)"
        if ahead
        else "false"
    )
    read = workspace.arrow(
        f"SELECT {key}::VARCHAR AS key, "
        f"max(epoch(({at} AT TIME ZONE {zone})::DATE)::BIGINT // 86400) "
        f"FILTER ({status} = 'done' AND epoch_us({at}) <= $now) AS last, "
        f"coalesce({planned}, false) AS planned, $today AS today FROM activities "
        f"WHERE {key} IS NOT NULL GROUP BY 1",
        {
            "zone": workspace.settings.report_tz,
            "now": facts.now,
            "today": day_number(facts.today),
        },
    ).to_pandas()
    days_of = read["last"].fillna(NO_DAY).astype(int)
    found = dict(zip(read["key"], zip(days_of, read["planned"], strict=True), strict=True))
    nothing = (NO_DAY, False)
    pairs = [found.get(k, nothing) for k in deals.text(key)]
    last = np.array([p[0] for p in pairs], np.int64)
    return last, np.array([p[1] for p in pairs], bool), ()
