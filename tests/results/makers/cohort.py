"""Cohort tables, their curves and survival in the worlds of the law."""

from __future__ import annotations

import workbench as wb
from tests.results.makers.fallout import ANY
from tests.worlds.company import HOSTILE

FIRST = {"hostile": "lead", "one": "lead", "empty": {"label": HOSTILE[0], "where": ANY}}
LATER = {
    "hostile": {"label": HOSTILE[6], "event": HOSTILE[0]},
    "one": {"event": {"contains": "script"}},
    "empty": ANY,
}
LOST = {"hostile": HOSTILE[1], "one": {"event": {"contains": "img"}}, "empty": ANY}


def cohort(world, **options):
    name, opened = world
    asked = {"inclusion": FIRST[name], "returning": LATER[name], "granularity": "week"}
    return wb.cohort(opened, **{**asked, **options})


def survival(world, **options):
    name, opened = world
    asked = {"entered": FIRST[name], "won": LATER[name], "container": "account"}
    return wb.survival(opened, **{**asked, **options})


MAKERS = {
    "cohort": cohort,
    "cohort churn": lambda world: cohort(world, kind="churn", mode="consecutive", latency=True),
    "cohort first": lambda world: cohort(
        world, first_time=True, mode="cumulative", zero_column=True, smallest=3
    ),
    "cohort items": lambda world: cohort(world, dimension="channel", items=3),
    "cohort pooled": lambda world: cohort(
        world, dimension="channel", align="first_inclusion", age="own", mode="unbounded"
    ),
    "cohort period": lambda world: cohort(
        world, period="2026-01-10..2026-01-20", granularity="day"
    ),
    "cohort before": lambda world: cohort(world, period="..2020"),
    "cohort people": lambda world: cohort(world, container="person", granularity="month"),
    "cohort curves": lambda world: cohort(world).curves(),
    "cohort curves age": lambda world: cohort(world, age="3d", kind="churn").curves(),
    "survival": survival,
    "survival lost": lambda world: survival(world, lost=LOST[world[0]]),
    "survival by": lambda world: survival(world, by="channel", items=3, lost=LOST[world[0]]),
    "survival cohort": lambda world: cohort(world).survival(lost=LOST[world[0]]),
    "survival before": lambda world: survival(world, period="..2020", by="cohort"),
}
