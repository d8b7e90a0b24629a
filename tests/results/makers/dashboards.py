"""Dashboards and their components in the worlds of the law."""

from __future__ import annotations

import workbench as wb
from tests.results.makers.views import SIZES, deals
from tests.worlds.company import HOSTILE

REPORT = {
    "title": HOSTILE[0],
    "object": "opportunities",
    "rows": ["stage", {"field": "created_at", "by": "month", "name": "month"}, HOSTILE[0]],
    "values": [{"sum": "amount", "as": HOSTILE[4]}, "count", {"avg": "amount"}],
}
COMPONENTS = [
    {"type": "number", "target": 1_000},
    {"type": "gauge", "min": 0, "breakpoints": [100, 500], "max": 9_000, "reference": 700},
    {"type": "bar", "top": 2, "sort": "-value", "reference": 100},
    {"type": "column", "group": HOSTILE[0], "value": "rows"},
    {"type": "stacked", "group": "month", "series": HOSTILE[0]},
    {"type": "line", "group": "month", "value": "avg amount", "target": 50},
    {"type": "donut", "value": "rows"},
    {"type": "funnel", "value": "rows"},
    {"type": "scatter", "x": "rows", "y": "avg amount"},
    {"type": "table"},
    {"type": "number", "report": {"object": "opportunity_history", "values": ["count"]}},
]


def board(world, *numbers, **more):
    asked = [
        {"report": REPORT, "id": f"{n}", "title": HOSTILE[n % len(HOSTILE)], **COMPONENTS[n]}
        for n in numbers
    ]
    asked = {"title": HOSTILE[1], "components": asked}
    return wb.dashboard(deals(SIZES[world[0]]), asked, **more)


MAKERS = {
    "dashboard": lambda world: board(world, 0, 2, 10),
    "dashboard filtered": lambda world: board(world, 4, filters={HOSTILE[0]: [HOSTILE[0]]}),
    **{
        f"component {component['type']} {n}": lambda world, n=n: board(world, n)[f"{n}"]
        for n, component in enumerate(COMPONENTS)
    },
}
