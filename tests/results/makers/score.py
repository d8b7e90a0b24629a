"""The opportunity score and its views in the worlds of the law."""

from __future__ import annotations

from functools import cache

import workbench as wb
from tests.sales.scores import world as deals
from tests.worlds.company import HOSTILE


@cache
def workspace(name):
    """Hostile names with a model; one deal; deals without any history."""
    if name == "hostile":
        return deals(150, 20, names=HOSTILE)
    if name == "one":
        return deals(0, 1)
    return deals(0, 2, opportunity_history=None)


@cache
def score(name, **options):
    return wb.score(workspace(name), **options)


MAKERS = {
    "score": lambda world: score(world[0]),
    "score trees": lambda world: wb.score(workspace(world[0]), learner="trees"),
    "score calibration": lambda world: score(world[0]).calibration(),
    "score reasons": lambda world: score(world[0]).reasons(),
    "score review": lambda world: wb.score_review(workspace(world[0])),
    "score review stage": lambda world: wb.score_review(workspace(world[0]), at_stage="S1"),
    "score stages": lambda world: score(world[0]).stages(),
}
