"""A company whose deals have known chances: what a simulation should find again."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np

import workbench as wb
from tests.sales.pipelines import deal, pipeline

FIRST = date(2025, 1, 1)
WON_FROM_S2 = 0.6
TO_S2 = 0.5
AMOUNT = 1_000.0
AS_OF = "2026-06-30"


def on(day):
    return (FIRST + timedelta(days=int(day))).isoformat()


@cache
def histories(deals=420, days=545, seed=7):
    """Deals one after another: 14 days in S1, half of them 20 days in S2, six of ten won."""
    rng = np.random.default_rng(seed)
    out = []
    for n in range(deals):
        begins = n * days / deals
        path = [(begins, "S1")]
        if rng.random() < TO_S2:
            path.append((begins + 14, "S2"))
            path.append((begins + 34, "Won" if rng.random() < WON_FROM_S2 else "Lost"))
        else:
            path.append((begins + 14, "Lost"))
        amount = AMOUNT * (1 + rng.integers(0, 3))
        out.append((f"o{n:04d}", path, amount))
    return out


def table(histories, until):
    """Deals and saves of what had happened when a day ended."""
    deals, saves = [], []
    for key, path, amount in histories:
        past = [(day, stage) for day, stage in path if int(day) <= until]
        if not past:
            continue
        due = on(path[-1][0])
        more = {"amount": amount, "expected_close_on": due}
        for day, stage in past:
            chance = {"S1": 0.1, "S2": 0.3, "Won": 1.0, "Lost": 0.0}[stage]
            saves.append((key, on(day), stage, {**more, "probability": chance}))
        closed = {"closed": on(past[-1][0])} if past[-1][1] in ("Won", "Lost") else {}
        deals.append(deal(key, past[-1][1], on(path[0][0]), **more, **closed))
    return deals, saves


@cache
def company(until=545, size=420, **given) -> wb.Workspace:
    """The company as it stood when a day had ended."""
    deals, saves = table(histories(size), until)
    return pipeline(deals, saves, as_of=on(until), **given)
