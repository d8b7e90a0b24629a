"""A small company for the widgets: forty accounts of which some get further."""

from __future__ import annotations

import pandas as pd

import workbench as wb

HOSTILE = '<script>alert(1)</script> "b", a:b'


def company() -> wb.Workspace:
    """Forty accounts met ``a``, twenty-five ``b``, ten the hostile name; three channels."""
    rows = [(f"A{n:02}", n, "a", ("web", "mail", "call")[n % 3]) for n in range(40)]
    rows += [(f"A{n:02}", n + 40, "b", "web") for n in range(25)]
    rows += [(f"A{n:02}", n + 80, HOSTILE, "call") for n in range(10)]
    events = pd.DataFrame(rows, columns=["account_id", "hour", "event", "channel"])
    start = pd.Timestamp("2026-01-01", tz="UTC")
    events["occurred_at"] = start + pd.to_timedelta(events["hour"], unit="h")
    accounts = pd.DataFrame(
        {"account_id": [f"A{n:02}" for n in range(40)], "name": [f"Account {n}" for n in range(40)],
         "industry": ["Steel", "Software"] * 20}
    )  # fmt: skip
    return wb.from_frames(events=events.drop(columns="hour"), accounts=accounts)
