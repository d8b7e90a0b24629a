"""Numbers of the pipeline in the worlds of the law."""

from __future__ import annotations

from functools import cache

import pandas as pd

import workbench as wb
from tests.sales.pipelines import day, deal, pipeline
from tests.worlds.company import HOSTILE

STAGES = (
    (HOSTILE[0], "open", 0.10, 9), (HOSTILE[1], "open", 0.30, None),
    (HOSTILE[6], "open", 0.50, None), ("Won", "won", 1.0, None), ("Lost", "lost", 0.0, None),
)  # fmt: skip
CATEGORIES = ("Pipeline", "Best Case", "MostLikely", "commit", "Omitted", HOSTILE[2], None)


@cache
def company(deals: int) -> wb.Workspace:
    """Deals with hostile names, owners, stages and currencies, in all states."""
    rows, saves = [], []
    for n in range(1, max(deals, 1) + 1):
        key, open_stages = f"O{n:03d}", [s[0] for s in STAGES[:3]]
        stage = [open_stages[n % 3], "Won", "Lost"][n % 5 % 3]
        created = f"2026-{1 + n % 6:02d}-{1 + n % 20:02d}"
        closed = None if stage in open_stages else f"2026-{2 + n % 6:02d}-{1 + n % 23:02d}"
        rows.append(
            deal(
                key, stage, created, account=f"A{n % 7}", closed=closed,
                amount=None if n % 6 == 5 else 100.0 + n, currency=["EUR", "USD", "CHF"][n % 3],
                name=HOSTILE[n % len(HOSTILE)], owner_id=f"U{n % 5}",
                probability=None if n % 11 == 3 else (n % 10) / 10,
                forecast_category=CATEGORIES[n % len(CATEGORIES)],
                expected_close_on=None if n % 9 == 8 else f"2026-{6 + n % 6:02d}-15",
                lead_source=HOSTILE[n % 3],
            )
        )  # fmt: skip
        for step in range(n % 4):
            due = {"expected_close_on": f"2026-{5 + (n + step) % 5:02d}-{10 + step}"}
            at = f"2026-{1 + n % 6:02d}-{1 + n % 20 + step:02d}"
            saves.append((key, at, open_stages[step % 3], {"amount": 90.0 + step, **due}))
        if closed and n % 4:
            saves.append((key, closed, stage, {"amount": 100.0 + n}))
    return pipeline(
        rows, saves, STAGES, as_of=day("2026-08-20").isoformat(),
        settings={"currency": {"reporting": "EUR"}, "fiscal_year": {"start_month": 4}},
        accounts=pd.DataFrame(
            {"account_id": [f"A{n}" for n in range(7)],
             "name": [HOSTILE[n % len(HOSTILE)] for n in range(7)],
             "industry": [HOSTILE[n % 2] for n in range(7)]}
        ),
        users=pd.DataFrame({"user_id": [f"U{n}" for n in range(5)],
                            "name": [HOSTILE[n] for n in range(5)],
                            "team": [HOSTILE[n % 2] for n in range(5)]}),
        fx_rates=pd.DataFrame(
            {"currency": ["USD"], "valid_from": ["2026-01-01"], "rate": [1.25]}
        ),
        targets=pd.DataFrame(
            {"kpi_id": ["won_value"], "team": [HOSTILE[0]], "period_start_on": ["2026-07-01"],
             "period_end_on": ["2026-09-30"], "target": [5_000.0]}
        ),
    )  # fmt: skip


def asked(function, world, **options):
    """Ask in the world; the empty one has deals of which none is chosen."""
    name, _ = world
    if name == "empty":
        options["where"] = {"opportunity_id": "none"}
    return function(company(40 if name == "hostile" else 1), **options)


MAKERS = {
    "pipeline": lambda w: asked(wb.pipeline, w, period="this fiscal quarter"),
    "pipeline by": lambda w: asked(wb.pipeline, w, by="owner", probability="stage"),
    "pipeline as of": lambda w: asked(wb.pipeline, w, by="team", as_of="2026-05-01", target=100),
    "forecast": lambda w: asked(wb.pipeline, w, by="lead_source").forecast(),
    "pipeline trend": lambda w: asked(wb.pipeline, w, by="stage").trend(buckets=4),
    "win rates": lambda w: asked(wb.win_rates, w, period="2026"),
    "win rates by": lambda w: asked(wb.win_rates, w, by="account"),
    "win differences": lambda w: asked(wb.win_rates, w, by="industry").differences(),
    "stage conversion": lambda w: asked(wb.stage_conversion, w, by="team", horizon="30d"),
    "stage conversion implied": lambda w: asked(wb.stage_conversion, w, implied=True, horizon=None),
    "sales cycle": lambda w: asked(wb.sales_cycle, w, outcome="closed"),
    "sales cycle by": lambda w: asked(wb.sales_cycle, w, by="accounts.name"),
    "velocity": lambda w: asked(wb.velocity, w),
    "velocity by": lambda w: asked(wb.velocity, w, by="currency"),
    "pushes": lambda w: asked(wb.pushes, w, count="month"),
    "pushes by": lambda w: asked(wb.pushes, w, by="owner"),
    "slippage": lambda w: asked(wb.slippage, w, granularity="month", period="2026"),
    "slippage by": lambda w: asked(wb.slippage, w, by="team"),
}
