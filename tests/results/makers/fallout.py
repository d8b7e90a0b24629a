"""Fallout and its views in the worlds of the law."""

from __future__ import annotations

import workbench as wb
from tests.worlds.company import HOSTILE, STEPS

ANY = {"event": {"exists": True}}
# In the smaller worlds hardly an event occurs, and one that does not occur cannot be asked for.
ASKED = {
    "hostile": STEPS,
    "one": ["lead", {"event": {"contains": "script"}}],
    "empty": [{"label": HOSTILE[0], "where": ANY}, {"label": "again", "where": ANY}, ANY],
}


def fallout(world, **options):
    name, opened = world
    return wb.fallout(opened, **{"steps": ASKED[name], "total_within": "30d", **options})


def segments():
    return [wb.segment(name, industry=name) for name in ("Software", HOSTILE[2])]


MAKERS = {
    "fallout": fallout,
    "fallout by": lambda world: fallout(world, by="channel"),
    "fallout compare": lambda world: fallout(world, compare=segments()),
    "fallout people": lambda world: fallout(world, container="person", baseline=False),
    "fallout attempts": lambda world: fallout(world, count="attempts"),
    "fallout period": lambda world: fallout(world, period="2026-01", warmup="10d"),
    "times": lambda world: fallout(world).times(),
    "trend": lambda world: fallout(world).trend(granularity="week"),
    "breakdown": lambda world: fallout(world).breakdown(1),
    "breakdown between": lambda world: fallout(world).breakdown(
        1, of="fallthrough", dimension="channel"
    ),
    "differences": lambda world: fallout(world, compare=segments()).differences(),
    "people": lambda world: fallout(world).people(),
    "comparison": lambda world: wb.compare(
        fallout(world), fallout(world, total_within=None), names=(HOSTILE[0], HOSTILE[1])
    ),
}
