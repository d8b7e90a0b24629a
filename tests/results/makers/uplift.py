"""Uplift and its views in the worlds of the law."""

from __future__ import annotations

from functools import cache

import workbench as wb
from tests.worlds import at
from tests.worlds.in_person import SUMMIT, workspace

ASKED = {
    "hostile": {"event": SUMMIT},
    "one": {"horizon": "9d"},
    "empty": {},
}


def uplift(world, **options):
    name, _ = world
    outcome = "opportunity_created" if name == "hostile" else {"event": {"exists": True}}
    return wb.uplift(workspace(name), **{"outcome": outcome, **ASKED[name], **options})


@cache
def once(name):
    return uplift((name, None))


def by_step(world):
    """Somebody who visits a page on a day, among the accounts of the company of the other laws."""
    return wb.uplift(
        world[1], event={"event": {"exists": True}}, at=f"{at(12):%Y-%m-%d}",
        outcome={"event": {"exists": True}}, covariates=["engagement", "channel"],
    )  # fmt: skip


def each(world):
    return wb.uplifts(workspace(world[0]), outcome={"event": {"exists": True}}, horizon="20d")


MAKERS = {
    "uplifts": each,
    "uplift": uplift,
    "uplift matching": lambda world: uplift(world, method="matching", neighbours=2),
    "uplift unnamed": lambda world: uplift(world, event=None),
    "uplift step": by_step,
    "uplift balance": lambda world: once(world[0]).balance(),
    "uplift overlap": lambda world: once(world[0]).overlap(),
    "uplift placebo": lambda world: once(world[0]).placebo(),
    "uplift sensitivity": lambda world: once(world[0]).sensitivity(),
}
