"""The ids of events behind rows of the store, so that a touch leads back to its record."""

from __future__ import annotations

import numpy as np

from workbench.engine.layout import NO_SEQUENCE
from workbench.messages import message
from workbench.workspace import Workspace

_WANTED = """
    WITH wanted AS (
        SELECT DISTINCT unnest(?::VARCHAR[]) AS account, unnest(?::BIGINT[]) AS at_us)
    SELECT account, at_us, event_id::VARCHAR AS event_id, row_number() OVER (
               PARTITION BY account, at_us ORDER BY {sequence}, event_id) - 1 AS number
    FROM touchpoints s JOIN wanted
      ON s.account_id::VARCHAR = account AND epoch_us(s.occurred_at) = at_us
    WHERE nullif(s.event::VARCHAR, '') IS NOT NULL
"""


def event_ids(workspace: Workspace, rows: np.ndarray) -> np.ndarray:
    """Id of the event at each row of the store, ``row N`` where the events carry none.

    Parameters
    ----------
    rows : numpy.ndarray of int64

    Notes
    -----
    The store keeps no ids. It orders rows of one account and instant by sequence number and id,
    so the n-th of them is the n-th here.
    """
    out = np.array([message("row {n}", n=int(row)) for row in rows], object)
    known = workspace.columns_of("touchpoints")
    if "event_id" not in known or not rows.size:
        return out
    store = workspace.events
    sequence = f"coalesce(s.sequence_no, {NO_SEQUENCE + 1}::BIGINT - 1)"
    query = _WANTED.format(sequence=sequence if "sequence_no" in known else "0")
    accounts, times = store.values_at("account_id", rows), np.asarray(store.times[rows])
    found = workspace.sql(query, [accounts.tolist(), times.tolist()]).dropna(subset="event_id")
    keys = zip(found["account"], found["at_us"], found["number"], strict=True)
    by_key = dict(zip(keys, found["event_id"], strict=True))
    number = rows - _first_of_instant(workspace, rows)
    for at, key in enumerate(zip(accounts, times.tolist(), number.tolist(), strict=True)):
        out[at] = by_key.get(key, out[at])
    return out


def _first_of_instant(workspace: Workspace, rows: np.ndarray) -> np.ndarray:
    """First row of the store with the account and instant of each row."""
    store = workspace.events
    accounts, times = store.column("account_id"), store.times
    first = rows.copy()
    moving = np.flatnonzero(first > 0)
    while moving.size:
        here, before = first[moving], first[moving] - 1
        same = (times[here] == times[before]) & (accounts[here] == accounts[before])
        moving = moving[np.asarray(same)]
        first[moving] -= 1
        moving = moving[first[moving] > 0]
    return first
