"""KPIs and anomalies in the worlds of the law: hostile names, one deal, nothing at all."""

from __future__ import annotations

from functools import cache

import workbench as wb
from tests.sales import kpi_worlds
from tests.worlds.company import HOSTILE

HOSTILE_KPI = {
    "kpi_id": HOSTILE[1],
    "class": "anomaly",
    "name": HOSTILE[0],
    "goal": HOSTILE[2],
    "who": HOSTILE[3],
    "what": HOSTILE[5],
    "how_much": 0.5,
    "next_action": HOSTILE[6],
    "source": {"table": "opportunities", "numerator": {"name": HOSTILE[1]}},
}


@cache
def _company(deals: int) -> wb.Workspace:
    return kpi_worlds.hostile(deals)


def _opened(world) -> wb.Workspace:
    name, opened = world
    sizes = {"hostile": 36, "one": 1}
    return _company(sizes[name]) if name in sizes else opened


def kpis(world, **options):
    return wb.kpis(_opened(world), **options)


def anomalies(world, **options):
    """Where there are no opportunities, a world of one that is filtered out stands in."""
    name, _ = world
    if name == "empty":
        return wb.anomalies(_company(1), where={"opportunity_id": "none"}, **options)
    return wb.anomalies(_opened(world), **options)


def design(world):
    """Hostile drafts, one, and none."""
    drafts = [{"goal": HOSTILE[n % 3], "class": HOSTILE[1], "what": HOSTILE[n % len(HOSTILE)]}
              for n in range(9)]  # fmt: skip
    records = {"hostile": [HOSTILE_KPI, *drafts], "one": [HOSTILE_KPI], "empty": []}
    return wb.kpi_design(records[world[0]])


MAKERS = {
    "kpi design": design,
    "kpi design shipped": lambda world: wb.kpi_design(),
    "anomalies": anomalies,
    "anomalies by": lambda world: anomalies(world, by="industry", checks=["pushed", "stalled"]),
    "kpis": kpis,
    "kpis by": lambda world: kpis(world, by="owner", only=["visits_per_rep", "won_value"]),
    "kpis pro rata": lambda world: kpis(world, pro_rata=True, holidays="JP", trend=2),
    "kpis hostile": lambda world: kpis(world, definitions=[HOSTILE_KPI]),
}
