"""Customers, their health and their leaving in the worlds of the law."""

from __future__ import annotations

from functools import cache

import pandas as pd

import workbench as wb
from tests.journeys.abm_world import deal, event
from tests.worlds import at
from tests.worlds.company import HOSTILE


@cache
def _company(accounts: int) -> wb.Workspace:
    """Customers with hostile names that use hostile products, some of whom left."""
    keys = [f"A{n:03d}" for n in range(accounts)]
    rows = []
    for n, key in enumerate(keys):
        for day in range(0, 280, 7):
            item = HOSTILE[(n + day) % 3 if n % 4 else 0]
            rows.append(
                event(key, day + 1, "product_used", f"P{n}", product=item, direction="none",
                      uses=1.0 + day * (n % 3), active_users=float(n % 11), seats=10.0)
            )  # fmt: skip
            if n % 5 or day < 200:
                mail = dict.fromkeys(["product", "uses", "active_users", "seats"])
                rows.append(event(key, day + 2, "email_received", f"P{n}", direction="in", **mail))
    events = pd.DataFrame(rows)
    events["occurred_at"] = pd.to_datetime(events["occurred_at"], utc=True)
    known = pd.DataFrame(
        {
            "account_id": keys,
            "name": [HOSTILE[n % len(HOSTILE)] for n in range(accounts)],
            "industry": [["Software", HOSTILE[2]][n % 2] for n in range(accounts)],
        }
    )
    won = pd.DataFrame([deal(f"O{n}", key, 0, 5, True) for n, key in enumerate(keys)])
    for column in ("created_at", "closed_at"):
        won[column] = pd.to_datetime(won[column], utc=True)
    return wb.from_frames(events=events, accounts=known, opportunities=won)


@cache
def _left(accounts: int) -> wb.Workspace:
    """The same company in which some say that they leave."""
    opened = _company(accounts)
    rows = opened.sql("SELECT * FROM touchpoints")
    gone = pd.DataFrame(
        [{"account_id": f"A{n:03d}", "occurred_at": pd.Timestamp(at(250)), "event": HOSTILE[1]}
         for n in range(0, accounts, 5)]
    )  # fmt: skip
    return wb.from_frames(
        events=pd.concat([rows, gone], ignore_index=True),
        accounts=opened.sql("SELECT * FROM accounts"),
    )


def growth(world, **options):
    name, opened = world
    sizes = {"hostile": 24, "one": 1}
    return wb.growth(_company(sizes[name]) if name in sizes else opened, **options)


def leaving(world):
    if world[0] != "hostile":
        return growth(world).before_leaving()
    return wb.growth(_left(24), usage_event="product_used").before_leaving(event=HOSTILE[1])


MAKERS = {
    "growth": growth,
    "growth by": lambda world: growth(world, least_comparable=3, comparable_share=0.2),
    "growth period": lambda world: growth(world, period="..2026-06", weeks=4),
    "health": lambda world: growth(world).health(),
    "before leaving": leaving,
    "before leaving use": lambda world: growth(world).before_leaving(of="usage"),
}
