"""Stages, moves, stalls and coaching in worlds of deals as large as those of the law."""

from __future__ import annotations

from functools import cache

import workbench as wb
from tests.sales.pipelines import STAGES, deal, pipeline
from tests.worlds.company import HOSTILE

NAMED = {"S1": HOSTILE[0], "S2": HOSTILE[1], "S3": HOSTILE[4]}
SIZES = {"hostile": 90, "one": 1, "empty": 0}


@cache
def workspace(world: str) -> wb.Workspace:
    """Deals that move, skip, go back, stall, close and open again; names are hostile."""
    n = SIZES[world]
    deals, saves = [], []
    for i in range(n):
        key = f"o{i:03d}"
        path = [["S1"], ["S1", "S2"], ["S1", "S3", "S2"], ["S1", "S2", "S3", "Won"],
                ["S1", "S2", "Lost", "S1", "Won"], ["S1", "Lost"]][i % 6]  # fmt: skip
        for step, stage in enumerate(path):
            saves.append((key, f"0{1 + step}-{1 + i % 27:02d}", NAMED.get(stage, stage)))
        closed = f"0{len(path)}-{1 + i % 27:02d}" if path[-1] in ("Won", "Lost") else None
        deals.append(
            deal(key, NAMED.get(path[-1], path[-1]), f"01-{1 + i % 27:02d}", closed=closed,
                 name=HOSTILE[i % len(HOSTILE)], owner_id=HOSTILE[i % 6],
                 product=HOSTILE[i % 4], account=f"A{i % 7}",
                 amount=None if i % 11 == 0 else 10.0 * i, next_step="" if i % 3 else "call")
        )  # fmt: skip
    if not n:
        return pipeline([deal("o1", None)])
    stages = [(NAMED.get(name, name), *rest) for name, *rest in STAGES]
    opened = pipeline(deals, saves, stages, as_of="2026-06-30")
    required = opened.sql("SELECT * FROM stages").assign(required_fields="amount; next_step; gone")
    tables = {name: opened.sql(f"SELECT * FROM {name}") for name in
              ("opportunities", "opportunity_history")}  # fmt: skip
    return wb.from_frames(as_of="2026-06-30", stages=required, **tables)


def stages(world, **options):
    return wb.stages(workspace(world[0]), **options)


def coached(world, **options):
    return wb.coaching(workspace(world[0]), **options)


MAKERS = {
    "coaching": lambda world: coached(world, min_n=5),
    "coaching account": lambda world: coached(world, by="account_id", period="2026-02", min_n=2),
    "stage moves": lambda world: wb.stage_moves(workspace(world[0])),
    "stage moves of the period": lambda world: wb.stage_moves(
        workspace(world[0]), period="2026-02", pipeline=""
    ),
    "exit criteria": lambda world: stages(world).compliance(),
    "stage times": lambda world: stages(world).times(),
    "stalled deals": lambda world: stages(world).stalled(),
    "stages": stages,
    "stages narrowed": lambda world: stages(
        world, where={"amount": {">": 20}}, period="2026-02", as_of="2026-03-10", quality="full"
    ),
}
