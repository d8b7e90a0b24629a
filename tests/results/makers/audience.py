"""Audiences in the worlds of the law."""

from __future__ import annotations

import workbench as wb
from tests.results.makers.fallout import ASKED, segments
from tests.worlds.company import HOSTILE

ANY = {"event": {"exists": True}}


def audience(world, **options):
    name, opened = world
    given = {"segment": wb.segment(HOSTILE[0], steps=ASKED[name]), **options}
    return wb.audience(opened, **given)


def person(**options):
    return {"segment": {"name": HOSTILE[3], "scope": "person", **options}}


PARTS = wb.segment(
    HOSTILE[6],
    where={"all": [{"industry": HOSTILE[2]}, person(where={"times": {"of": None, ">=": 2}})]},
    steps=[{"label": "any", "where": ANY}, wb.step(HOSTILE[1], where=ANY, within="2 events")],
    without_after={"channel": HOSTILE[4]},
    anchor="last",
)
MAKERS = {
    "audience": audience,
    "audience parts": lambda world: audience(world, segment=PARTS),
    "audience excluded": lambda world: audience(
        world, segment=wb.segment("out", exclude=True, industry=HOSTILE[2])
    ),
    "audience stacked": lambda world: audience(world, segment=segments()),
    "audience of rows": lambda world: audience(
        world, segment=wb.segment(HOSTILE[1], scope="event", channel=HOSTILE[1]), container="person"
    ),
    "audience part": lambda world: audience(
        world,
        segment=wb.segment(HOSTILE[1], scope="person", steps=ASKED[world[0]], part="after"),
        period="2026-01",
    ),
}
