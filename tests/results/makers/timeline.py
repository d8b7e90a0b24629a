"""The play-by-play of an account in the worlds of the law."""

from __future__ import annotations

from functools import cache

import pandas as pd

import workbench as wb
from tests.worlds.company import HOSTILE, frames

ACCOUNTS = {"hostile": "A005", "one": "A000"}


@cache
def _quiet() -> wb.Workspace:
    """The empty company with one account to which nothing happened."""
    known = pd.DataFrame({"account_id": ["Z"], "name": [HOSTILE[0]], "industry": [HOSTILE[2]]})
    return wb.from_frames(events=frames(0)["events"], accounts=known)


def told(world, **options):
    name, opened = world
    if name not in ACCOUNTS:
        return wb.timeline(_quiet(), account=HOSTILE[0], **options)
    return wb.timeline(opened, account=ACCOUNTS[name], **options)


MAKERS = {
    "timeline": told,
    "timeline period": lambda world: told(world, period="2026-01", people=1),
    "timeline around": lambda world: told(world).around(),
    "timeline around first": lambda world: (
        told(world).around(1, before="2d", after="9d") if world[0] in ACCOUNTS
        else told(world).around()
    ),
}  # fmt: skip
