"""A small company with buying groups, opportunities, contracts and usage, as frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

import workbench as wb
from tests.worlds import at

TEMPLATE = [
    ("Decision Maker", 2, 100.0, True),
    ("Influencer", 1, 80.0, True),
    ("Practitioner", 1, 60.0, True),
    ("Champion", 1, 40.0, False),
]


def roles(rows=TEMPLATE, template: str = "standard") -> list[dict[str, Any]]:
    names = ["role", "members_required", "weight", "counts_for_completeness"]
    return [{"template": template, **dict(zip(names, row, strict=True))} for row in rows]


def member(group: str, person: str, role: str | None, added: float = -900, removed=None):
    return {
        "group_id": group,
        "person_id": person,
        "role": role,
        "added_at": at(added),
        "removed_at": None if removed is None else at(removed),
    }


def event(account: str, day: float, name: str, person: str | None = None, **more: Any):
    return {"account_id": account, "occurred_at": at(day), "event": name, "person_id": person,
            **more}  # fmt: skip


def deal(key: str, account: str, created: float, closed: float | None = None, won=False, **more):
    return {
        "opportunity_id": key,
        "account_id": account,
        "name": more.pop("name", f"Deal {key}"),
        "created_at": at(created),
        "closed_at": None if closed is None else at(closed),
        "is_closed": closed is not None,
        "is_won": won,
        "amount": 1_000.0,
        "currency": "EUR",
        **more,
    }


INSTANTS = ("occurred_at", "created_at", "closed_at", "added_at", "removed_at")


def world(
    tables: Mapping[str, Iterable[Mapping[str, Any]]], *, as_of: str | None = None, **settings: Any
) -> wb.Workspace:
    """Tables of plain rows as a workspace; a table without rows is left out."""
    frames = {}
    for name, rows in tables.items():
        frame = pd.DataFrame(list(rows))
        if frame.empty and name != "events":
            continue
        for column in INSTANTS:
            if column in frame:
                frame[column] = pd.to_datetime(frame[column], utc=True)
        texts = [c for c in frame if frame[c].dtype == object and frame[c].isna().any()]
        frames[name] = frame.astype(dict.fromkeys(texts, "str"))
    return wb.from_frames(**frames, as_of=as_of, settings=settings or None)


def accounts(*keys: str) -> list[dict[str, Any]]:
    return [
        {"account_id": k, "name": f"Company {k}", "industry": ["Steel", "Software"][n % 2]}
        for n, k in enumerate(keys)
    ]


def people(*pairs: tuple[str, str | None], **more: Any) -> list[dict[str, Any]]:
    return [
        {"person_id": p, "account_id": a, "first_name": p, "last_name": "Person", **more}
        for p, a in pairs
    ]
