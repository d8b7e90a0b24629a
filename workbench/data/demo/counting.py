"""How many touchpoints the demo workspace makes of a block, so that web events fill up the rest."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_FILLED = {
    "leads.csv": ("created_at", "mql_at", "sql_at", "converted_at"),
    "opportunities.csv": ("作成日", "完了日"),
    "activities.csv": ("done_at",),
    "campaign_members.csv": ("first_responded_on",),
    "product_usage.parquet": ("used_on",),
    "contracts.csv": ("started_on", "ended_on"),
}
"""Each filled cell of these columns is one event."""

_ATTENDANCE = ("attended", "registered", "no_show")


def touchpoints_in(tables: Mapping[str, pa.Table]) -> int:
    """Events that the workspace's rules make of a block's tables, web events aside.

    Beside the filled times these are changes of stage (an edit is none), attendance, the first
    grade of each account (grades never change), and what happened to partner leads whose company
    is found by its domain.
    """
    filled = sum(
        len(tables[file]) - tables[file][column].null_count
        for file, columns in _FILLED.items()
        for column in columns
    )
    status = tables["event_attendance.csv"]["status"]
    came = pc.sum(pc.is_in(status, pa.array(_ATTENDANCE))).as_py() or 0
    scored = len(tables["accounts.csv"])
    stages = _stage_changes(tables["opportunity_history.parquet"])
    partners = _partner_events(tables["partner_leads.csv"], tables["accounts.csv"]["domain"])
    return filled + came + scored + stages + partners


def _stage_changes(history: pa.Table) -> int:
    if not len(history):
        return 0
    deal, stage = (history[name].to_numpy() for name in ("opportunity_id", "stage"))
    return 1 + int(np.sum((deal[1:] != deal[:-1]) | (stage[1:] != stage[:-1])))


def _partner_events(leads: pa.Table, domains: pa.ChunkedArray) -> int:
    domain = pc.replace_substring_regex(leads["Email"], pattern=".*@", replacement="")
    found = leads.filter(pc.is_in(domain, domains.combine_chunks().drop_null()))
    accepted = len(found) - found["AcceptedDateTime"].null_count
    closed = pc.sum(pc.equal(found["Status"], "Closed")).as_py() or 0
    return len(found) + accepted + closed
