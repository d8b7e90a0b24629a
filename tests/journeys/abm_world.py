"""A small company with buying groups, opportunities, contracts and usage, as frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

import workbench as wb
from tests.worlds import at
from workbench.data.tables import Column, TableInfo, canonical_tables

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
        if name not in canonical_tables() and name != "events":
            continue
        for column in INSTANTS:
            if column in frame:
                frame[column] = pd.to_datetime(frame[column], utc=True)
        texts = [c for c in frame if frame[c].dtype == object and frame[c].isna().any()]
        frames[name] = frame.astype(dict.fromkeys(texts, "str"))
    opened = wb.from_frames(**frames, as_of=as_of, settings=settings or None)
    for name in set(tables) - set(canonical_tables()) - {"events"}:
        add_table(opened, name, tables[name])
    return opened


def add_table(opened: wb.Workspace, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """A table that the data model does not know, as a workspace file would bring it."""
    frame = pd.DataFrame(list(rows))
    dates = [c for c in frame if c.endswith(("_on", "_day"))]
    shown = ", ".join(f'"{c}"::{"DATE" if c in dates else "VARCHAR"} AS "{c}"' for c in frame)
    connection = opened._data.connection
    connection.register("rows_of_a_test", frame)
    connection.execute(f'CREATE TABLE "{name}" AS SELECT {shown} FROM rows_of_a_test')
    connection.unregister("rows_of_a_test")
    columns = tuple(Column(c, "date" if c in dates else "text") for c in frame)
    opened.tables[name] = TableInfo(name, "", columns, len(frame))


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
