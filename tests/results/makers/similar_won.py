"""Similar won deals, and one of them, in worlds as large as those of the law."""

from __future__ import annotations

from functools import cache

import workbench as wb
from tests.relationship.alike_worlds import closed, deals_world, filler, mails, open_deal
from tests.worlds.company import HOSTILE


@cache
def many() -> wb.Workspace:
    """Deals with hostile names: seven open ones beside thirty won ones."""
    deals = [
        {**one, "name": HOSTILE[n % len(HOSTILE)], "type": HOSTILE[n % 2],
         "amount": 100.0 * (1 + n % 7)}
        for n, one in enumerate(filler(30, 30) + [open_deal(f"O{n}", 10 * n) for n in range(7)])
    ]  # fmt: skip
    far = [closed("far", type="another", lead_source=HOSTILE[3], pipeline="p", amount=1e9),
           open_deal("lone", 20, type="x", lead_source="y", pipeline="z", amount=9e8)]  # fmt: skip
    acts = [m for n in range(30) for m in mails(f"W{n:02d}", range(40, 90, 3 + n % 5))]
    acts += [m for n in range(7) for m in mails(f"O{n}", range(0, 9 * n, 4), subject=HOSTILE[n])]
    return deals_world(deals + far, acts)


@cache
def alone() -> wb.Workspace:
    """One open deal and no won one."""
    return deals_world([open_deal("O0")])


def similar(world, **options):
    if world[0] == "empty":
        return wb.relationships(alone(), where={"name": "nobody"}).similar_won(**options)
    return wb.relationships((many if world[0] == "hostile" else alone)()).similar_won(**options)


def one(world):
    return similar(("one",) if world[0] == "empty" else world).one("O0")


MAKERS = {"similar won": similar, "similar won deal": one}
