"""Flow and its views in the worlds of the law."""

from __future__ import annotations

import workbench as wb
from tests.worlds.company import HOSTILE

SEGMENTS = [wb.segment(name, industry=name) for name in ("Software", HOSTILE[2])]


def flow(world, **options):
    _, opened = world
    asked = {"starts_with": "lead", "dimension": "channel"}
    return wb.flow(opened, **{**asked, **options})


MAKERS = {
    "flow": flow,
    "flow before": lambda world: flow(
        world, starts_with=None, ends_with="lead", dimension="event", container="person"
    ),
    "flow around": lambda world: flow(
        world, starts_with=None, contains="channel", columns=5, items=10, repeats=True
    ),
    "flow containers": lambda world: flow(world, count="containers", period="2026-01", items=1),
    "flow filters": lambda world: flow(
        world,
        filters={1: {"contains": "a"}},
        exclude=HOSTILE[0],
        dimensions={2: "event"},
        segment=SEGMENTS[0],
    ),
    "flow compare": lambda world: flow(world, compare=SEGMENTS),
    "flow difference": lambda world: flow(world).difference(SEGMENTS[0]),
    "flow trend": lambda world: flow(world).trend(1, "(exit)", granularity="week"),
    "flow trend node": lambda world: flow(world).trend(date="node"),
    "flow breakdown": lambda world: flow(world).breakdown(0, None, "channel", items=3),
    "flow comparison": lambda world: wb.compare(flow(world), flow(world, limit="first")),
}
