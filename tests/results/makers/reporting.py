"""Table reports of every format in the worlds of the law."""

from __future__ import annotations

import workbench as wb
from tests.results.makers.views import SIZES, deals
from tests.worlds.company import HOSTILE

VALUES = [
    "count",
    {"sum": "amount"},
    {"avg": "amount", "as": HOSTILE[1]},
    {"count": "rows", "filters": [["is_won", "=", True]], "as": "won"},
    {"formula": "won / rows", "as": "won share", "unit": "share"},
]
BUCKET = {"size": {"field": "amount", "edges": [0, 100, 200]}}


def reported(world, **asked):
    opened = deals(SIZES[world[0]])
    return wb.table_report(opened, {"title": HOSTILE[2], "object": "opportunities", **asked})


MAKERS = {
    "report summary": lambda world: reported(world, rows=["stage", HOSTILE[0]], values=VALUES),
    "report plain": lambda world: reported(world, columns=["name", "amount", "created_at"]),
    "report matrix": lambda world: reported(
        world, rows=["name"], columns=["size"], buckets=BUCKET, values=VALUES[:2]
    ),
    "report joined": lambda world: reported(
        world, object="", rows=["stage"], blocks=[
            {"object": "opportunities", "values": ["count"], "title": HOSTILE[4]},
            {"object": "opportunities", "values": [{"sum": "amount"}],
             "join": [{"with_or_without": "accounts"}]},
        ],
    ),
    "report total": lambda world: reported(world, values=["count"]),
}  # fmt: skip
