"""Relationships and their health in worlds as large as those of the law."""

from __future__ import annotations

from datetime import date
from functools import cache

import workbench as wb
from tests.relationship.worlds import act, deal, world
from tests.worlds.company import HOSTILE


def _world(size: int) -> wb.Workspace:
    kinds, ways = ("email", "call", "meeting"), ("out", "in")
    rows = [
        act(f"m{n:03d}-{i}", kinds[i % 3], ways[(n + i) % 2], f"06-{1 + (n * 7 + i * 3) % 28:02d}",
            "team:U1:from", f"customer:P{n}:to", opportunity_id=f"O{n}",
            subject=HOSTILE[(n + i) % len(HOSTILE)])
        for n in range(size) for i in range(n % 6)
    ] or [act("m", "email", "out", "06-01", "team:U1:from")]  # fmt: skip
    return world(
        rows,
        accounts=[{"account_id": f"A{n}", "name": HOSTILE[n]} for n in range(7)],
        people=[(f"P{n}", f"A{n % 7}") for n in range(max(size, 1))],
        opportunities=[
            deal(
                f"O{n}",
                "U1",
                f"A{n % 7}",
                name=HOSTILE[n % len(HOSTILE)],
                stage=(HOSTILE[n % 3], "Proposal", None)[n % 3],
                amount=(n * 1e4, None)[n % 2],
                expected_close_on=(date(2024, 6 + n % 5, 3), None)[n % 7 == 6],
            )
            for n in range(max(size, 1))
        ],
        users=["U1"],
    )


@cache
def many() -> wb.Workspace:
    """Forty opportunities with hostile names."""
    return _world(40)


@cache
def one() -> wb.Workspace:
    """One opportunity without any activity."""
    return _world(1)


def relationships(world, **options):
    if world[0] == "empty":
        return wb.relationships(one(), where={"name": "nobody"}, **options)
    return wb.relationships((many if world[0] == "hostile" else one)(), **options)


def of_record(name):
    """A view of one record; of all where there is none."""

    def made(world):
        asked = relationships(world)
        if not len(asked.frame):
            asked = wb.relationships(one())
        return getattr(asked, name)(asked.frame["key"].iloc[0])

    return made


MAKERS = {
    "relationships": relationships,
    "relationship health": lambda world: relationships(world).health(),
    "relationship health with all": lambda world: relationships(
        world, health={"limit_age": True, "shares": [0.6, 0.2, 0.2]}
    ).health(),
    "relationship bubbles": lambda world: relationships(world).bubbles(),
    "relationship bubbles overdue": lambda world: relationships(world).bubbles(
        colour="health", overdue=True
    ),
    "relationship list": lambda world: relationships(world).listed(),
    "relationship list only": lambda world: relationships(world).listed(
        only=["long_silent", "nothing_planned"], lines={"activities": {">": 1}}, sort="state"
    ),
    "relationship network": of_record("network"),
    "relationship network people": lambda world: wb.relationships(
        many() if world[0] == "hostile" else one(), of="account"
    ).network("A1", people=True),
    "single threaded": lambda world: relationships(world).single_threaded(),
    "relationship gaps": lambda world: relationships(world).gaps(),
    "hand overs": lambda world: relationships(world).handovers(),
    "hand overs people": lambda world: relationships(world).handovers(people=True),
    "relationship warnings": lambda world: relationships(world).warnings(),
    "relationship warnings trend": lambda world: relationships(world).warnings(
        signal="trend", weeks=4
    ),
    "relationship record": of_record("record"),
    "recent activity": lambda world: relationships(world).recent(),
    "recent activity of one": of_record("recent"),
}
