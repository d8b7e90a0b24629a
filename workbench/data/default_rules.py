"""The built-in rules that turn rows of the data model into events.

A rule names the columns it needs; it applies to a workspace whose tables have them. Values are
SQL over the columns of the table, which is called ``t``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class EventRule:
    """Turns rows of one table into events.

    Parameters
    ----------
    table
        Table whose rows are read; `source` may replace it by a query over that table.
    event
        SQL of the event name.
    at
        Columns that hold the time; the first that is not null counts.
    where
        SQL condition on the rows.
    extras
        Dimensions and measures: name in the event view to column.
    needs
        Columns without which the rule does not apply.
    """

    table: str
    event: str
    at: tuple[str, ...]
    where: str | None = None
    extras: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    source: str | None = None
    label: str = ""


def _plain(*columns: str, **renamed: str) -> dict[str, str]:
    return {**{column: column for column in columns}, **renamed}


_DEAL = _plain("pipeline", "type", "lead_source", "loss_reason", "amount", opportunity_type="type")
_DEAL.pop("type")
_LEAD = _plain(lead_source="source", lead_status="status", campaign_id="campaign_id")
_WEB_KNOWN = ("page", "content_type", "channel", "campaign_id", "device", "referrer")

_HISTORY = (
    "(SELECT * FROM (SELECT *, lag(stage) OVER (PARTITION BY opportunity_id "
    "ORDER BY changed_at{tie}) AS previous_stage FROM opportunity_history) "
    "WHERE stage IS DISTINCT FROM previous_stage)"
)
_SCORED = (
    "(SELECT *, CASE WHEN entity_type = 'account' THEN entity_id END AS account_id, "
    "CASE WHEN entity_type IN ('person', 'contact') THEN entity_id END AS person_id, "
    "CASE WHEN entity_type = 'lead' THEN entity_id END AS lead_id, "
    "CASE WHEN entity_type = 'opportunity' THEN entity_id END AS opportunity_id, "
    "CASE WHEN entity_type = 'buying_group' THEN entity_id END AS group_id FROM ({rows}))"
)
_FIRST_TIER = (
    "SELECT * FROM scores WHERE upper(tier) = '{tier}' QUALIFY row_number() OVER "
    "(PARTITION BY entity_type, entity_id ORDER BY scored_at, model) = 1"
)
_CHANGED = (
    "SELECT * FROM (SELECT *, lag({what}) OVER (PARTITION BY entity_type, entity_id, model "
    "ORDER BY scored_at) AS previous_grade FROM scores) "
    "WHERE {what} IS DISTINCT FROM previous_grade"
)


def default_rules(tables: Mapping[str, list[str]]) -> list[EventRule]:
    """The built-in rules that apply to these tables (name to columns)."""
    rules = [
        *_lead_rules(),
        *_opportunity_rules(tables),
        *_engagement_rules(tables),
        *_score_rules(tables),
        *_partner_rules(),
    ]
    return [rule for rule in rules if _applies(rule, tables)]


def _applies(rule: EventRule, tables: Mapping[str, list[str]]) -> bool:
    columns = tables.get(rule.table)
    if columns is None:
        return False
    # A column that begins with _ is made by the rule's own source.
    timed = any(at in columns or at.startswith("_") for at in rule.at)
    return set(rule.needs) <= set(columns) and timed


def _lead_rules() -> list[EventRule]:
    return [
        EventRule("leads", "'lead_created'", ("created_at",), extras=_LEAD),
        EventRule("leads", "'mql_qualified'", ("mql_at",), extras=_LEAD),
        EventRule("leads", "'sql_qualified'", ("sql_at",), extras=_LEAD),
        EventRule("leads", "'lead_converted'", ("converted_at",), extras=_LEAD),
    ]


def _opportunity_rules(tables: Mapping[str, list[str]]) -> list[EventRule]:
    tie = ", history_id" if "history_id" in tables.get("opportunity_history", []) else ""
    return [
        EventRule("opportunities", "'opportunity_created'", ("created_at",), extras=_DEAL),
        EventRule(
            "opportunity_history",
            "'stage_changed'",
            ("changed_at",),
            where="stage IS NOT NULL",
            extras=_plain("stage", "previous_stage", "amount", "forecast_category"),
            needs=("stage",),
            source=_HISTORY.format(tie=tie),
        ),
        EventRule(
            "opportunities",
            "CASE WHEN is_won THEN 'closed_won' ELSE 'closed_lost' END",
            ("closed_at",),
            where="is_closed AND is_won IS NOT NULL",
            extras=_DEAL,
            needs=("is_closed", "is_won"),
            label="closed",
        ),
    ]


def _engagement_rules(tables: Mapping[str, list[str]]) -> list[EventRule]:
    activity = (
        "CASE lower(type) WHEN 'email' THEN CASE direction WHEN 'in' THEN 'email_received' "
        "WHEN 'out' THEN 'email_sent' ELSE 'email' END "
        "WHEN 'call' THEN 'call' WHEN 'meeting' THEN 'meeting' WHEN 'task' THEN 'task_done' "
        "ELSE 'activity_other' END"
    )
    start = _with_event_start(tables)
    return [
        EventRule(
            "activities",
            activity,
            ("done_at", "start_at", "end_at"),
            where="coalesce(lower(status), 'done') IN ('done', 'completed', 'closed')",
            extras=_plain("direction", "duration_min", "campaign_id", activity_type="type"),
            needs=("type",),
        ),
        EventRule(
            "campaign_members",
            "'campaign_response'",
            ("first_responded_on", "success_at", "joined_at"),
            where="coalesce(has_responded, false) OR first_responded_on IS NOT NULL",
            extras=_plain("campaign_id", campaign_status="status"),
        ),
        EventRule(
            "event_attendance",
            "'event_' || lower(t.status)",
            ("status_at", "_event_start") if start else ("status_at",),
            where="lower(t.status) IN ('registered', 'attended', 'no_show')",
            extras=_plain(in_person_event_id="event_id"),
            needs=("status",),
            source=start,
        ),
        EventRule(
            "product_usage",
            "'product_used'",
            ("used_on",),
            extras=_plain("product", "feature", "active_users", "seats", uses="events"),
        ),
        EventRule("web_events", "event", ("occurred_at",), extras=_plain(*_WEB_KNOWN)),
    ]


def _with_event_start(tables: Mapping[str, list[str]]) -> str | None:
    """Attendance with the beginning of its event, for those who came or did not without a time.

    Nobody knows when a registration without a time was made, so it has none.
    """
    if "event_id" not in tables.get("event_attendance", []) or not {"event_id", "start_at"} <= set(
        tables.get("events", [])
    ):
        return None
    return (
        "(SELECT a.*, CASE WHEN lower(a.status) IN ('attended', 'no_show') THEN e.start_at END "
        "AS _event_start FROM event_attendance a LEFT JOIN (SELECT event_id, min(start_at) "
        "AS start_at FROM events GROUP BY ALL) e USING (event_id))"
    )


def _score_rules(tables: Mapping[str, list[str]]) -> list[EventRule]:
    columns = tables.get("scores", [])
    extras = _plain("model", "grade", "tier", "score")
    rules = []
    for tier, column in (("MQL", "mql_at"), ("SQL", "sql_at")):
        if column not in tables.get("leads", []):
            rows = _FIRST_TIER.format(tier=tier)
            rules.append(
                EventRule(
                    "scores",
                    f"'{tier.lower()}_qualified'",
                    ("scored_at",),
                    extras=extras,
                    needs=("tier",),
                    source=_SCORED.format(rows=rows),
                )
            )
    what = "grade" if "grade" in columns else "tier" if "tier" in columns else "score"
    changed = _SCORED.format(rows=_CHANGED.format(what=what))
    rules.append(
        EventRule("scores", "'score_changed'", ("scored_at",), extras=extras, source=changed)
    )
    return rules


def _partner_rules() -> list[EventRule]:
    extras = _plain(
        "lead_type",
        "qualification",
        "quality",
        "deal_value",
        partner_source="source",
        partner_status="status",
    )
    ended = (
        "'partner_lead_' || CASE WHEN lower(substatus) IN ('won', 'lost', 'declined', 'expired') "
        "THEN lower(substatus) ELSE 'closed' END"
    )
    return [
        EventRule("partner_leads", "'partner_lead_created'", ("created_at",), extras=extras),
        EventRule("partner_leads", "'partner_lead_accepted'", ("accepted_at",), extras=extras),
        EventRule("partner_leads", ended, ("closed_at",), extras=extras, label="ended"),
    ]
