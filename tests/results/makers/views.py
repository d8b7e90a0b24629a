"""List views and their boards in the worlds of the law."""

from __future__ import annotations

from functools import cache

import pandas as pd

import workbench as wb
from tests.sales.pipelines import deal, pipeline
from tests.worlds.company import HOSTILE

SIZES = {"hostile": 40, "one": 1, "empty": 0}


@cache
def deals(size: int) -> wb.Workspace:
    """Deals with hostile names, stages, owners and columns."""
    rows = [
        {
            **deal(f"O{n:03d}", ["S1", "S2", HOSTILE[0], "Won", "Lost"][n % 5],
                   f"0{1 + n % 6}-1{n % 9}", closed="07-01" if n % 5 > 2 else None,
                   amount=None if n % 7 == 3 else 10.0 * n, account=f"A{n % 9}"),
            "name": HOSTILE[n % len(HOSTILE)],
            "owner_id": [None, "U1", HOSTILE[1]][n % 3],
            "currency": "EUR",
            HOSTILE[0]: HOSTILE[n % 3],
        }
        for n in range(max(size, 1))
    ]  # fmt: skip
    frame = pd.DataFrame(rows).head(size)
    accounts = pd.DataFrame(
        {"account_id": [f"A{n}" for n in range(9)], "name": [*HOSTILE, "plain"]}
    )
    return pipeline(frame, accounts=accounts, as_of="2026-09-30")


def listed(world, **more):
    asked = {
        "title": HOSTILE[0],
        "object": "opportunities",
        "columns": ["name", HOSTILE[0], "accounts.name", "amount", "created_at", "days"],
        "formulas": {"days": "days_since(created_at)"},
        "filters": [["amount", ">", 15], [HOSTILE[0], "!=", HOSTILE[1]]],
        "sort": ["-amount"],
        **more,
    }
    return wb.view(deals(SIZES[world[0]]), asked)


MAKERS = {
    "view": listed,
    "view board": lambda world: listed(world, board={"lane": "stage", "sum": "amount"}),
    "board": lambda world: listed(world, board=HOSTILE[0]).board(),
    "board sum": lambda world: listed(world).board("stage", sum="amount"),
}
