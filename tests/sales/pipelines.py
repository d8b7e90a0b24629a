"""Small worlds of opportunities and what was saved on them."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

import workbench as wb

STAGES = (
    ("S1", "open", 0.10, 9), ("S2", "open", 0.30, None), ("S3", "open", 0.50, None),
    ("Won", "won", 1.0, None), ("Lost", "lost", 0.0, None),
)  # fmt: skip


def day(text: str) -> datetime:
    """An instant at noon of a day such as 06-01 of 2026, or of the year that is named."""
    return datetime.fromisoformat(text if len(text) > 5 else f"2026-{text}").replace(
        hour=12, tzinfo=UTC
    )


def stage_table(stages=STAGES) -> pd.DataFrame:
    """A catalogue of stages without pipelines."""
    return pd.DataFrame(
        {
            "stage": [s[0] for s in stages],
            "sort": range(1, len(stages) + 1),
            "kind": [s[1] for s in stages],
            "default_probability": [s[2] for s in stages],
            "max_days": pd.array([s[3] for s in stages], "Int64"),
        }
    )


def pipeline(deals, saves=(), stages=STAGES, settings=None, as_of=None, **tables):
    """A workspace of deals (mappings) and saves (deal, day, stage, {more})."""
    frame = pd.DataFrame(deals)
    history = pd.DataFrame(
        {
            "history_id": f"H{n:04d}",
            "opportunity_id": s[0],
            "changed_at": day(s[1]),
            "stage": s[2],
            **(s[3] if len(s) > 3 else {}),
        }
        for n, s in enumerate(saves)
    )
    given = {"opportunities": frame, **tables}
    if len(history):
        given["opportunity_history"] = history
    if stages:
        given["stages"] = stage_table(stages)
    return wb.from_frames(settings=settings, as_of=as_of, **given)


def deal(key, stage="S1", created="01-01", **more):
    """One opportunity; closed when it has a day of closing."""
    closed = more.pop("closed", None)
    return {
        "opportunity_id": key,
        "account_id": more.pop("account", "A"),
        "stage": stage,
        "created_at": day(created),
        "closed_at": day(closed) if closed else pd.NaT,
        "is_closed": stage in ("Won", "Lost"),
        "is_won": stage == "Won",
        "amount": more.pop("amount", 100.0),
        **more,
    }
