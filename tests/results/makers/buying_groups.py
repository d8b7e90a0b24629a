"""Buying groups and their views in the worlds of the law."""

from __future__ import annotations

import workbench as wb
from tests.worlds.company import HOSTILE


def groups(world, **options):
    return wb.buying_groups(world[1], **options)


def needed(world):
    """Hostile names as roles and as the columns that split the groups."""
    return groups(world, required={HOSTILE[0]: 1, HOSTILE[6]: 2}, by="industry")


MAKERS = {
    "buying groups": groups,
    "buying groups needed": needed,
    "buying groups period": lambda world: groups(world, period="2026-01", recent="7d"),
    "buying group roles": lambda world: groups(world).roles(),
    "buying group roles needed": lambda world: needed(world).roles(),
    "buying groups won and lost": lambda world: needed(world).won_and_lost(),
}
