"""Attribution and its views in the worlds of the law."""

from __future__ import annotations

import workbench as wb

ANY = {"event": {"exists": True}}
# In the smaller worlds hardly an event occurs, and one that does not occur cannot be asked for.
CONVERSIONS = {"hostile": "won", "one": {"event": {"contains": "script"}}, "empty": ANY}


def attribution(world, **options):
    name, opened = world
    asked = {"conversion": CONVERSIONS[name], "dimension": "channel", "lookback": "30d"}
    return wb.attribution(opened, **{**asked, **options})


MAKERS = {
    "attribution": attribution,
    "attribution linear": lambda world: attribution(world, model="linear", items=3),
    "attribution participation": lambda world: attribution(
        world, model="participation", dimension="event", container="person"
    ),
    "attribution algorithmic": lambda world: attribution(world, model="algorithmic"),
    "attribution markov": lambda world: attribution(world, model="markov", lookback="2 months"),
    "attribution display": lambda world: attribution(world, display={"contains": "script"}),
    "attribution models": lambda world: attribution(world).compare_models(
        ["linear", (3, 2, 1), "algorithmic", "markov", "participation"], replicates=20
    ),
    "attribution positions": lambda world: attribution(world).positions(),
    "attribution roles": lambda world: attribution(world).roles(),
    "attribution trend": lambda world: attribution(world).trend(granularity="week"),
}
