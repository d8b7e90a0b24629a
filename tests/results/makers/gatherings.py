"""In-person events and who was followed up, in the worlds of the law."""

from __future__ import annotations

import workbench as wb
from tests.worlds.in_person import workspace


def gatherings(world, **options):
    return wb.gatherings(workspace(world[0]), **options)


def followed_up(world, **options):
    """Visits of a page stand for a follow-up, where there are any."""
    by = ["page_viewed"] if world[0] == "hostile" else None
    return gatherings(world).followed_up("7d", by=by, **options)


MAKERS = {
    "gatherings": gatherings,
    "gatherings none": lambda world: wb.gatherings(world[1]),
    "gatherings period": lambda world: gatherings(world, period="2026-10", horizon="14d"),
    "follow up": followed_up,
    "follow up people": lambda world: followed_up(world, container="person"),
}
