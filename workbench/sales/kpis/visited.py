"""Visits: done meetings at a place, up to an instant, and who of the own staff was there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from workbench.messages import message, message_of_count
from workbench.sales.kpis.asking import Asked
from workbench.sales.kpis.measured import lacking
from workbench.workspace import Workspace

PLACES = ("place", "location", "visit", "is_visit")
MEETING = {"type": "meeting", "status": "done"}


@dataclass(frozen=True)
class Visits:
    """Done visits up to now, in the order of their keys.

    Attributes
    ----------
    key, account_id : numpy.ndarray of object
    at : numpy.ndarray of int64
        Microseconds since 1970.
    day : numpy.ndarray of int64
        Day in the reporting zone, since 1970.
    visit, user_id : numpy.ndarray
        Number of the visit and who was there, a line each; None where nobody is known.
    notes : tuple of str
    """

    key: np.ndarray
    account_id: np.ndarray
    at: np.ndarray
    day: np.ndarray
    visit: np.ndarray
    user_id: np.ndarray
    notes: tuple[str, ...]

    @property
    def begins(self) -> int | None:
        """Day of the first visit."""
        return int(self.day.min()) if self.day.size else None


def read_visits(
    workspace: Workspace,
    now: int,
    today: date,
    condition: dict[str, Any] | None,
    all_meetings: bool,
) -> Visits:
    """Done visits of a workspace up to an instant.

    Parameters
    ----------
    workspace : Workspace
    now : int
        Microseconds since 1970.
    today : date
        Its day, for conditions that speak of it.
    condition : mapping or None
        What makes an activity a visit; a done meeting with a place when left out.
    all_meetings : bool
        Whether a meeting needs no place.
    """
    if not workspace.has("activities", "activity_id", "type"):
        raise lacking(message("visits (a table of activities with activity_id and type)"))
    known = workspace.columns_of("activities")
    times = [n for n in ("done_at", "end_at", "start_at") if n in known]
    if not times:
        raise lacking(message("the time of visits (done_at or start_at of activities)"))
    wanted, notes = condition, []
    if wanted is None:
        wanted = {n: v for n, v in MEETING.items() if n in known}
        place = next((n for p in PLACES for n in (p, f"x_{p}") if n in known), None)
        if place and not all_meetings:
            wanted[place] = _flagged(known[place])
        elif not all_meetings:
            notes.append(message("Activities name no place, so every meeting counts as a visit."))
    asked = Asked(workspace, "activities", today)
    text, values = asked.where(wanted, "visit")
    at = f"coalesce({', '.join(f't.{n}::TIMESTAMPTZ' for n in times)})"
    account = "t.account_id" if "account_id" in known else "NULL"
    joined = asked.joined
    if "opportunity_id" in known and workspace.has("opportunities", "opportunity_id", "account_id"):
        joined += (
            " LEFT JOIN (SELECT opportunity_id, min(account_id) AS account_id FROM "
            "opportunities GROUP BY 1) od ON od.opportunity_id = t.opportunity_id"
        )
        account = f"coalesce({account}, od.account_id)"
    owner = "min(t.owner_id::VARCHAR)" if "owner_id" in known else "NULL::VARCHAR"
    read = workspace.sql(
        f"SELECT t.activity_id::VARCHAR AS key, min({account}::VARCHAR) AS account_id, "
        f"min(epoch_us({at})) AS at, min(epoch(({at} AT TIME ZONE ?)::DATE)::BIGINT // 86400) "
        f"AS day, {owner} AS owner_id FROM {joined} WHERE {text} AND t.activity_id IS NOT NULL "
        "GROUP BY 1 ORDER BY 1",
        [workspace.settings.report_tz, *values],
    )
    undated = int(read["at"].isna().sum())
    if undated:
        notes.append(
            message_of_count(
                "{count} visit without a time is left out.",
                "{count} visits without a time are left out.",
                undated,
            )
        )
    read = read[read["at"].notna() & (read["at"] <= now)].reset_index(drop=True)
    visit, user = _there(workspace, read)
    return Visits(
        _objects(read["key"]), _objects(read["account_id"]),
        read["at"].to_numpy(np.int64), read["day"].to_numpy(np.int64), visit, user,
        tuple(notes),
    )  # fmt: skip


def _there(workspace: Workspace, read: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Who was at each visit; its owner where no participant of the own side is named."""
    keys = pd.Index(read["key"].astype(object))
    visit, user = np.empty(0, np.int64), np.empty(0, object)
    owner = _objects(read["owner_id"])
    if workspace.has("activity_participants", "activity_id", "user_id"):
        columns = workspace.columns_of("activity_participants")
        came = "coalesce(attended::BOOLEAN, true)" if "attended" in columns else "true"
        found = workspace.sql(
            "SELECT activity_id::VARCHAR AS key, user_id::VARCHAR AS user_id, "
            f"bool_or({came}) AS came FROM activity_participants WHERE user_id IS NOT NULL "
            "GROUP BY 1, 2 ORDER BY 1, 2"
        )
        place = keys.get_indexer(pd.Index(found["key"].astype(object)))
        owner[np.unique(place[place >= 0])] = None
        there = (place >= 0) & found["came"].to_numpy(bool)
        visit, user = place[there], _objects(found["user_id"])[there]
    alone = np.setdiff1d(np.arange(len(keys)), visit)
    return np.append(visit, alone), np.append(user, owner[alone])


def _flagged(kind: str) -> Any:
    """What a filled mark of a visit looks like in a column of a type."""
    return True if kind == "BOOLEAN" else {"exists": True}


def _objects(column: pd.Series) -> np.ndarray:
    out = column.astype(object).to_numpy(copy=True)
    out[pd.isna(out)] = None
    return out
