"""The parts of an account's page: each a headline, and a picture or a table.

Source: design.md, the use case "grow key accounts"; b2b-data-model.md, sections 2 and 3 (what
belongs to an account); relationship-analytics.md, section 5 (health).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.collaboration.comments import comments
from workbench.errors import WorkbenchError
from workbench.journeys.timeline import timeline
from workbench.messages import message, message_of_count
from workbench.relationship import relationships
from workbench.results import numbers
from workbench.results.base import Result
from workbench.widgets.explorer.answers import members_table, table
from workbench.workspace import Workspace

MOST_COMMENTS = 50
OF_OPPORTUNITIES = (
    "opportunity_id", "name", "stage", "amount", "currency", "expected_close_on", "owner",
    "owner_id", "created_at", "closed_at", "is_won",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """Which account, and which part of its time.

    Attributes
    ----------
    workspace : Workspace
    account : str
        Its key.
    period : str or None
    """

    workspace: Workspace
    account: str
    period: str | None = None


def sections(asked: Asked) -> list[dict[str, Any]]:
    """Every part of the page as plain values; one that the data cannot show says why."""
    parts: tuple[tuple[str, str, Callable[[Asked], dict[str, Any]]], ...] = (
        ("history", message("History"), _history),
        ("people", message("People and roles"), _people),
        ("opportunities", message("Opportunities"), _opportunities),
        ("health", message("Relationship"), _health),
        ("comments", message("Comments"), _comments),
    )
    out = []
    for name, title, part in parts:
        try:
            found = part(asked)
        except WorkbenchError as refused:
            found = {"headline": str(refused), "absent": True}
        out.append({"name": name, "title": title, **found})
    return out


def _told(result: Result, frame: pd.DataFrame | None = None) -> dict[str, Any]:
    shown = result.table_frame() if frame is None else frame
    return {
        "headline": result.headline(), "spec": result._spec, "reading": result.reading(),
        "table": table(shown, result.shown()),
    }  # fmt: skip


def _asked_timeline(asked: Asked) -> Any:
    return timeline(asked.workspace, account=asked.account, period=asked.period)


def _history(asked: Asked) -> dict[str, Any]:
    return _told(_asked_timeline(asked))


def _people(asked: Asked) -> dict[str, Any]:
    frame = _asked_timeline(asked).members()
    named = frame[frame["key"].notna()]
    headline = message_of_count("{count} person took part", "{count} people took part", len(named))
    return {"headline": headline, "table": members_table(named)}


def _opportunities(asked: Asked) -> dict[str, Any]:
    workspace = asked.workspace
    known = [name for name in OF_OPPORTUNITIES if name in workspace.columns_of("opportunities")]
    if "account_id" not in workspace.columns_of("opportunities"):
        return {"headline": message("These data hold no opportunities."), "absent": True}
    order = "created_at" if "created_at" in known else known[0]
    query = (
        f"SELECT {', '.join(known)} FROM opportunities WHERE account_id = ? "
        f"ORDER BY {order} DESC NULLS LAST"
    )
    frame = workspace.sql(query, [asked.account])
    if "owner_id" in known and workspace.has("users", "name"):
        users = workspace.sql("SELECT user_id AS owner_id, name AS owner FROM users")
        frame = frame.drop(columns=["owner"], errors="ignore").merge(
            users, how="left", on="owner_id"
        )
        frame = frame.drop(columns="owner_id")
    won = int(frame["is_won"].fillna(False).sum()) if "is_won" in frame else 0
    headline = message(
        "{n} opportunities, {won} of them won", n=numbers.count(len(frame)), won=numbers.count(won)
    )
    return {"headline": headline, "table": members_table(frame)}


def _health(asked: Asked) -> dict[str, Any]:
    mine = {"account_id": asked.account}
    found = relationships(asked.workspace, of="opportunity", where=mine)
    health = found.health()
    return _told(health)


def _comments(asked: Asked) -> dict[str, Any]:
    name = name_of(asked.workspace, asked.account)
    frame = comments(asked.workspace, resolved=True).frame
    about = frame["point"].astype(str) + " " + frame["text"].astype(str)
    mine = frame[[asked.account in text or (bool(name) and name in text) for text in about]]
    headline = message_of_count("{count} comment", "{count} comments", len(mine))
    return {"headline": headline, "table": members_table(mine, MOST_COMMENTS)}


def name_of(workspace: Workspace, account: str) -> str:
    """Name of an account; empty where none is known."""
    if not workspace.has("accounts", "name"):
        return ""
    found = workspace.sql("SELECT name FROM accounts WHERE account_id = ?", [account])["name"]
    return str(found[0]) if len(found) and isinstance(found[0], str) else ""
