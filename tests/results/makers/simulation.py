"""A simulation and its back-test in worlds of deals as large as those of the law."""

from __future__ import annotations

from functools import cache

import pandas as pd

import workbench as wb
from tests.sales.pipelines import STAGES, deal, pipeline
from tests.sales.simulated import histories, on, table
from tests.worlds.company import HOSTILE

NAMED = {"S1": HOSTILE[0], "S2": HOSTILE[1]}


@cache
def hostile() -> wb.Workspace:
    """The company of known chances with hostile names and a target; some deals without amount."""
    deals, saves = table(histories(160), 545)
    named = [
        {**d, "stage": NAMED.get(d["stage"], d["stage"]), "name": HOSTILE[n % len(HOSTILE)],
         "owner_id": HOSTILE[n % 5], "account_id": f"A{n % 7}",
         "amount": None if n % 13 == 0 else d["amount"]}
        for n, d in enumerate(deals)
    ]  # fmt: skip
    told = [(s[0], s[1], NAMED.get(s[2], s[2]), {**s[3], "probability": 0.5}) for s in saves]
    targets = pd.DataFrame({"kpi_id": ["won_value"], "period_start_on": ["2026-07-01"],
                            "period_end_on": ["2026-07-31"], "target": [9_000.0]})  # fmt: skip
    stages = [(NAMED.get(name, name), *rest) for name, *rest in STAGES]
    return pipeline(named, told, stages, as_of=on(545), targets=targets)


@cache
def quiet() -> wb.Workspace:
    """Enough of a past, and nothing open, nothing new."""
    deals, saves = table(histories(160, 200), 250)
    return pipeline(deals, saves, as_of="2026-06-30")


@cache
def one() -> wb.Workspace:
    """A past, and one open deal without any history."""
    deals, saves = table(histories(160, 200), 250)
    return pipeline([*deals, deal("x", "S1", "2026-06-29")], saves, as_of="2026-06-30")


WORLDS = {"hostile": hostile, "one": one, "empty": quiet}


def simulation(world, **options):
    given = {"period": "2026-07", "draws": 300, **options}
    return wb.forecast_simulation(WORLDS[world[0]](), **given)


MAKERS = {
    "forecast simulation": simulation,
    "forecast simulation ahead": lambda world: simulation(world, period="2026-08", target=False),
    "forecast backtest": lambda world: simulation(world).backtest(by="quarter"),
}
