"""Canvas and its views in the worlds of the law."""

from __future__ import annotations

import workbench as wb
from tests.results.makers.fallout import ANY, segments
from tests.worlds.company import HOSTILE

# In the smaller worlds hardly an event occurs, and one that does not occur cannot be asked for.
NODES = {
    "hostile": {
        "lead": {"label": HOSTILE[1], "where": {"event": "lead"}},
        HOSTILE[0]: HOSTILE[0],
        "won": {"label": HOSTILE[6], "where": {"event": "won"}},
        "later": {"label": HOSTILE[7], "where": {"event": HOSTILE[1]}},
    },
    "one": {
        "lead": "lead",
        HOSTILE[0]: {"event": {"contains": "script"}},
        "won": ANY,
        "later": {"event": {"contains": "script"}},
    },
    "empty": {"lead": ANY, HOSTILE[0]: ANY, "won": ANY, "later": ANY},
}
ARROWS = [
    ["lead", HOSTILE[0]],
    {"from": HOSTILE[0], "to": "won", "within": "30d", "label": HOSTILE[2]},
    {"from": "lead", "to": "later", "after": "1h"},
    ["won", "later"],
]


def canvas(world, **options):
    name, opened = world
    return wb.canvas(opened, **{"nodes": NODES[name], "arrows": ARROWS, **options})


MAKERS = {
    "canvas": canvas,
    "canvas compare": lambda world: canvas(world, compare=segments(), percent="previous"),
    "canvas people": lambda world: canvas(
        world, container="person", primary="events", secondary="accounts", node_rows="in_sequence"
    ),
    "canvas excluded": lambda world: canvas(
        world, exclude=["won"], arrows=[*ARROWS, {"from": "won", "to": "lead", "repeat": 2}]
    ),
    "canvas alone": lambda world: canvas(world, arrows=[], primary="people", percent="total"),
    "canvas paths": lambda world: canvas(world).path_table(),
    "canvas breakdown": lambda world: canvas(world).breakdown(
        "lead", fallout="lead", dimension="channel"
    ),
    "canvas top nodes": lambda world: canvas(world).top_nodes(after="later"),
    "canvas trend": lambda world: canvas(world).trend("lead", granularity="week", date="entry"),
}
