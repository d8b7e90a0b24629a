"""Worlds of open, won and lost deals that are more or less alike."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.relationship.worlds import act, at, deal, world

NOW = at("06-30 23:59")


def day(days_ago: float) -> datetime:
    """So many days before the end of 2024-06-30."""
    return NOW - timedelta(days=days_ago)


def open_deal(key: str, age_days: float = 30, **more):
    """An open deal of an age."""
    return {**deal(key), **LIKE, "created_at": day(age_days), **more}


LIKE = {"amount": 1_000.0, "currency": "EUR", "type": "new", "lead_source": "web",
        "pipeline": "main", "closed_at": None}  # fmt: skip


def closed(key: str, won: bool = True, *, days: float = 60, ago: float = 40, **more):
    """A closed deal that lived some days and ended some days ago."""
    times = {"created_at": day(ago + days), "closed_at": day(ago)}
    return {**deal(key), **LIKE, "is_closed": True, "is_won": won, **times, **more}


def filler(won: int = 30, lost: int = 30, **more):
    """Closed deals, so that fields count."""
    return [closed(f"W{n:02d}", **more) for n in range(won)] + [
        closed(f"L{n:02d}", won=False, **more) for n in range(lost)
    ]


def mails(deal_key: str, days_ago, direction="out", **more):
    """One mail for the deal on each of some days."""
    way = {"out": ("team:U1:from", "customer:P1:to"), "in": ("customer:P1:from", "team:U1:to")}
    return [
        act(f"{deal_key}-{direction}-{n}", "email", direction, f"{day(when):%Y-%m-%d %H:%M}",
            *way[direction], opportunity_id=deal_key, **more)
        for n, when in enumerate(days_ago)
    ]  # fmt: skip


def deals_world(opportunities, acts=(), **more):
    """A workspace of deals; one mail of nobody where no activity is given."""
    acts = list(acts) or [act("none", "email", "out", "2023-01-01 00:00", "team:U1:from")]
    more = {"people": [("P1", "A1")], "users": ["U1"], **more}
    return world(acts, opportunities=opportunities, **more)
