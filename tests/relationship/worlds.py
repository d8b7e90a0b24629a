"""Small worlds of records and their activities."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

import workbench as wb

TEXTS = ("activity_id", "type", "direction", "status", "subject", "thread_id", "owner_id",
         "person_id", "account_id", "opportunity_id", "lead_id")  # fmt: skip
TIMES = ("start_at", "end_at", "done_at")


def at(text: str) -> datetime:
    """An instant of 2024 such as ``06-03 09:00``; noon where no time is named."""
    text = text if " " in text else f"{text} 12:00"
    return datetime.fromisoformat(text if len(text) > 12 else f"2024-{text}").replace(tzinfo=UTC)


def act(key, kind, direction, when, *present, **more):
    """One done activity and its participants (``side:key:part``)."""
    row = {"activity_id": key, "type": kind, "direction": direction, "status": "done",
           "start_at": at(when), **more}  # fmt: skip
    return row, [(key, *p.split(":")) for p in present]


def world(acts, *, opportunities=(), accounts=("A1",), people=(), roles=(), leads=(), users=(),
          as_of="2024-06-30", settings=None, rates=()):  # fmt: skip
    """A workspace; people are (key, account), roles (opportunity, side, key)."""
    rows = pd.DataFrame([row for row, _ in acts])
    for name in TEXTS:
        rows[name] = rows[name].astype(object) if name in rows else None
    for name in TIMES:
        given = rows[name] if name in rows else pd.Series([None] * len(rows), dtype=object)
        rows[name] = pd.to_datetime(given, utc=True)
    if "duration_min" not in rows:
        rows["duration_min"] = None
    rows["duration_min"] = rows["duration_min"].astype(float)
    present = pd.DataFrame(
        [
            {"activity_id": a, "person_id": k if s == "customer" else None,
             "user_id": k if s == "team" else None, "side": s, "part": part}
            for _, lines in acts for a, s, k, part in lines
        ],
        columns=["activity_id", "person_id", "user_id", "side", "part"], dtype=object,
    )  # fmt: skip
    tables = {
        "activities": rows,
        "accounts": pd.DataFrame(
            [a if isinstance(a, dict) else {"account_id": a, "name": a} for a in accounts]
        ),
        "people": pd.DataFrame(people, columns=["person_id", "account_id"], dtype=object),
        "opportunities": pd.DataFrame(list(opportunities)),
        "leads": pd.DataFrame(list(leads)),
        "users": pd.DataFrame({"user_id": list(users), "name": list(users)}, dtype=object),
        "opportunity_people": pd.DataFrame(
            [
                {"opportunity_id": o, "person_id": k if s == "customer" else None,
                 "user_id": k if s == "team" else None, "side": s, "role": "r"}
                for o, s, k in roles
            ],
            columns=["opportunity_id", "person_id", "user_id", "side", "role"], dtype=object,
        ),
        "activity_participants": present,
        "fx_rates": pd.DataFrame(list(rates)),
    }  # fmt: skip
    kept = {name: table for name, table in tables.items() if len(table)}
    return wb.from_frames(as_of=as_of, settings=settings, **kept)


def deal(key, owner="U1", account="A1", **more):
    """An open opportunity."""
    return {"opportunity_id": key, "name": key, "account_id": account, "owner_id": owner,
            "is_closed": False, "is_won": False, "created_at": at("01-01"), **more}  # fmt: skip


def one(ws, key, **options):
    """The line of one record."""
    frame = wb.relationships(ws, **options).frame
    return frame.set_index("key").loc[key]
