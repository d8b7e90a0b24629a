"""Small worlds of funnels, and how to read one line of a fallout."""

from __future__ import annotations

import pandas as pd

import workbench as wb
from tests.worlds import at


def world(*rows, accounts=None, **settings):
    """Rows are (account, day, event) or (account, day, event, {more})."""
    frame = pd.DataFrame(
        {"account_id": r[0], "occurred_at": at(r[1]), "event": r[2], **(r[3] if len(r) > 3 else {})}
        for r in rows
    )
    tables = {} if accounts is None else {"accounts": pd.DataFrame(accounts)}
    return wb.from_frames(events=frame, settings=settings or None, **tables)


TWO_INDUSTRIES = [
    {"account_id": f"A{n}", "name": f"Account {n}", "industry": "Software" if n < 3 else "Steel"}
    for n in range(6)
]


def line(result, position, group=None):
    frame = result.frame
    frame = frame if group is None else frame[frame["group"] == group]
    return frame[frame["position"] == position].iloc[0]
