"""Small worlds of deals, visits, accounts and staff for KPIs and anomalies."""

from __future__ import annotations

from functools import cache

import pandas as pd

import workbench as wb
from tests.sales.pipelines import day, deal, stage_table
from tests.worlds.company import HOSTILE

USERS = pd.DataFrame(
    {
        "user_id": ["U1", "U2", "U3"],
        "name": ["Sato", "Suzuki", "Tanaka"],
        "team": ["East", "East", "West"],
        "is_active": [True, True, False],
    }
)


def accounts(**ranks) -> pd.DataFrame:
    """Accounts by key and rank, all older than any visit."""
    return pd.DataFrame(
        {
            "account_id": list(ranks),
            "name": [f"Company {key}" for key in ranks],
            "rank": list(ranks.values()),
            "owner_id": ["U1", "U2", "U3"][: len(ranks)] + ["U1"] * max(0, len(ranks) - 3),
            "created_at": pd.to_datetime(["2020-01-01"] * len(ranks), utc=True),
        }
    )


def visit(number, account, on, *users, **more):
    """A done meeting at noon, and who of the own staff was there."""
    row = {
        "activity_id": f"V{number}", "type": "meeting", "status": "done", "done_at": day(on),
        "account_id": account, "owner_id": users[0] if users else None, **more,
    }  # fmt: skip
    return row, [{"activity_id": row["activity_id"], "user_id": u, "side": "team"} for u in users]


def world(deals=(), visits=(), settings=None, as_of=None, known=None, **tables):
    """A workspace of deals, visits, accounts and staff."""
    given = {"users": USERS, **tables}
    if known is not None:
        given["accounts"] = known
    given["opportunities"] = pd.DataFrame(list(deals) or [deal("O0", account="nobody")])
    if visits:
        given["activities"] = pd.DataFrame([row for row, _ in visits])
        people = [one for _, there in visits for one in there]
        if people:
            given["activity_participants"] = pd.DataFrame(people)
    return wb.from_frames(settings=settings, as_of=as_of, **given)


@cache
def nothing_special() -> wb.Workspace:
    """One deal of nobody, for questions that are refused."""
    return world()


def kpi(source, **more):
    """A definition with the least that is needed."""
    return {"kpi_id": "k", "class": "behaviour", "goal": "g", "what": "w", "source": source, **more}


def figure(ws, source, *, group=None, options=None, **more):
    """The one figure of a source as a mapping."""
    frame = wb.kpis(ws, definitions=[kpi(source, **more)], **(options or {})).frame
    return frame[frame["group"] == (group or "")].iloc[0].to_dict()


def hostile(deals: int) -> wb.Workspace:
    """Deals, visits and staff whose names try to break a page."""
    keys = [f"A{n}" for n in range(max(1, deals // 2))]
    opportunities = [
        deal(
            f"O{n:03d}",
            ["S1", "Won", "S3", "Lost"][n % 4],
            f"0{1 + n % 6}-1{n % 9}",
            account=keys[n % len(keys)],
            name=HOSTILE[n % len(HOSTILE)],
            owner_id=f"U{n % 3}",
            closed=f"07-0{1 + n % 9}" if n % 2 else None,
            expected_close_on=f"2026-0{1 + n % 9}-15",
            next_step=["  ", HOSTILE[n % len(HOSTILE)], None][n % 3],
            probability=0.1 * (n % 9),
            amount=[None, 0.0, 100.0, 2500.0][n % 4],
        )
        for n in range(deals)
    ]
    visits = [
        visit(n, keys[n % len(keys)], f"0{6 + n % 2}-{10 + n % 18}", f"U{n % 3}", *["U1"][: n % 2])
        for n in range(deals)
    ]  # fmt: skip
    staff = pd.DataFrame(
        {
            "user_id": ["U0", "U1", "U2"],
            "name": HOSTILE[:3],
            "team": [HOSTILE[3], HOSTILE[3], HOSTILE[1]],
            "is_active": [True, True, False],
        }
    )
    companies = pd.DataFrame(
        {
            "account_id": keys,
            "name": [HOSTILE[n % len(HOSTILE)] for n in range(len(keys))],
            "industry": [HOSTILE[n % 3] for n in range(len(keys))],
            "rank": ["A", "B", "C", "D"] * (len(keys) // 4) + ["A"] * (len(keys) % 4),
            "created_at": pd.to_datetime(["2025-01-01"] * len(keys), utc=True),
        }
    )
    return world(
        opportunities,
        visits,
        known=companies,
        users=staff,
        stages=stage_table(),
        as_of="2026-07-28",
    )
