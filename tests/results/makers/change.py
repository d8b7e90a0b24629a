"""Change of the pipeline and its views in worlds of deals as large as those of the law."""

from __future__ import annotations

from functools import cache

import pandas as pd

import workbench as wb
from tests.sales.pipelines import STAGES, deal, pipeline
from tests.worlds.company import HOSTILE

NAMED = {"S1": HOSTILE[0], "S2": HOSTILE[1], "S3": HOSTILE[4]}
SIZES = {"hostile": 60, "one": 1, "empty": 0}
PATHS = (["S1"], ["S1", "S2"], ["S1", "S2", "Won"], ["S1", "Lost"], ["S1", "Lost", "S3"])


@cache
def workspace(world: str) -> wb.Workspace:
    """Deals that move, grow, are handed over, won, lost and opened again; names are hostile."""
    deals, saves = [], []
    for i in range(SIZES[world]):
        path, key = PATHS[i % len(PATHS)], f"o{i:03d}"
        for step, stage in enumerate(path):
            due = f"2026-{1 + (i + 4 * step * (i % 3)) % 12:02d}-15"
            more = {"amount": None if i % 9 == 0 else 10.25 * i + step, "expected_close_on": due,
                    "owner_id": HOSTILE[(i + step * (i % 4 == 0)) % 6]}  # fmt: skip
            saves.append((key, f"0{1 + step}-{1 + i % 27:02d}", NAMED.get(stage, stage), more))
        closed = f"0{len(path)}-{1 + i % 27:02d}" if path[-1] in ("Won", "Lost") else None
        deals.append(
            deal(key, NAMED.get(path[-1], path[-1]), f"01-{1 + i % 27:02d}", closed=closed,
                 name=HOSTILE[i % len(HOSTILE)], type=HOSTILE[i % 3], account=f"A{i % 7}",
                 forecast_category=["Commit", "Pipeline", HOSTILE[2]][i % 3], **more)
        )  # fmt: skip
    if not deals:
        return pipeline([deal("o1", None, owner_id="U")])
    users = pd.DataFrame(
        {"user_id": HOSTILE[:6], "name": HOSTILE[:6], "manager_id": [None, *HOSTILE[:5]]}
    )
    stages = [(NAMED.get(name, name), *rest) for name, *rest in STAGES]
    return pipeline(deals, saves, stages, as_of="2026-06-30", users=users)


def change(world, **options):
    given = {} if world[0] == "empty" else {"since": "2026-02-01", "period": "2026-Q1"}
    return wb.pipeline_change(workspace(world[0]), **{**given, **options})


MAKERS = {
    "pipeline change": change,
    "pipeline change by": lambda world: change(world, by="type", history="full"),
    "pipeline categories": lambda world: change(world).categories(),
    "deals flow": lambda world: change(world).flow(),
}
