"""What can be derived from the tables themselves: closings, mail addresses, sides."""

from __future__ import annotations

import duckdb

from workbench.data import sql
from workbench.data.mapping import DATE_ONLY
from workbench.data.touchpoints import Model

WON = ("closed won", "won", "受注", "成約")
LOST = ("closed lost", "lost", "失注")


def add_outcomes(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Fill ``is_closed``, ``is_won`` and ``closed_at`` of opportunities where they are missing."""
    if not model.has("opportunities", "opportunity_id"):
        return
    if model.has("opportunities", "stage"):
        won, closed = _by_stage(model)
        _fill(connection, model, "is_won", "BOOLEAN", won)
        _fill(connection, model, "is_closed", "BOOLEAN", closed)
    elif model.has("opportunities", "is_won"):
        return
    if "is_closed" not in sql.columns_of(connection, "opportunities"):
        return
    _fill(connection, model, "closed_at", "TIMESTAMPTZ", "CAST(NULL AS TIMESTAMPTZ)")
    if model.has("opportunity_history", "stage", "changed_at") and model.has(
        "opportunities", "stage"
    ):
        _close_from_history(connection, model)
    if model.has("opportunities", "expected_close_on"):
        _close_from_date(connection, model)


def _by_stage(model: Model) -> tuple[str, str]:
    won, lost = f"lower(stage) IN {WON}", f"lower(stage) IN {LOST}"
    if model.has("stages", "stage", "kind"):
        kind = "(SELECT min(lower(s.kind)) FROM stages AS s WHERE s.stage = {t}.stage)"
        kind = kind.format(t="opportunities")
        won, lost = f"{kind} = 'won'", f"{kind} = 'lost'"
    return won, f"({won}) OR ({lost})"


def _fill(
    connection: duckdb.DuckDBPyConnection, model: Model, column: str, kind: str, value: str
) -> None:
    if not model.has("opportunities", column):
        connection.execute(f"ALTER TABLE opportunities ADD COLUMN {column} {kind}")
    connection.execute(f"UPDATE opportunities SET {column} = {value} WHERE {column} IS NULL")


def _flag(connection: duckdb.DuckDBPyConnection) -> str:
    flag = "closed_at" + DATE_ONLY
    if flag not in sql.columns_of(connection, "opportunities"):
        connection.execute(f"ALTER TABLE opportunities ADD COLUMN {flag} BOOLEAN")
    return flag


def _close_from_history(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """The first row of the last uninterrupted run of closed stages."""
    names = ", ".join(map(sql.text, (*WON, *LOST)))
    closed = f"lower(stage) IN ({names})"
    if model.has("stages", "stage", "kind"):
        closed = "stage IN (SELECT stage FROM stages WHERE lower(kind) IN ('won', 'lost'))"
    connection.execute(
        "UPDATE opportunities SET closed_at = found.at FROM ("
        "SELECT h.opportunity_id, min(h.changed_at) FILTER (closed AND (last_open IS NULL OR "
        "h.changed_at > last_open)) AS at FROM (SELECT opportunity_id, changed_at, "
        f"coalesce({closed}, false) AS closed, "
        f"max(changed_at) FILTER (NOT coalesce({closed}, false)) "
        "OVER (PARTITION BY opportunity_id) AS last_open FROM opportunity_history) AS h GROUP BY 1"
        ") AS found WHERE found.opportunity_id = opportunities.opportunity_id "
        "AND opportunities.closed_at IS NULL AND opportunities.is_closed"
    )


def _close_from_date(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """With nothing but a day, noon of that day in the reporting zone, marked as such."""
    flag = _flag(connection)
    noon = (
        "(CAST(expected_close_on AS TIMESTAMP) + INTERVAL 12 HOUR) "
        f"AT TIME ZONE {sql.text(model.settings.report_tz)}"
    )
    connection.execute(
        f"UPDATE opportunities SET closed_at = {noon}, {flag} = true "
        "WHERE closed_at IS NULL AND is_closed AND expected_close_on IS NOT NULL"
    )


def add_addresses(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Fill ``email_norm``: trimmed and in lower case, nothing else taken away."""
    for table in ("people", "leads", "partner_leads"):
        if model.has(table, "email"):
            if not model.has(table, "email_norm"):
                connection.execute(f"ALTER TABLE {table} ADD COLUMN email_norm VARCHAR")
            connection.execute(
                f"UPDATE {table} SET email_norm = lower(trim(email)) WHERE email_norm IS NULL"
            )
    if model.has("people", "email") and not model.has("people", "is_internal"):
        own = ", ".join(map(sql.text, model.settings.own_domains)) or "''"
        shared = ", ".join(map(sql.text, model.settings.team_addresses)) or "''"
        connection.execute("ALTER TABLE people ADD COLUMN is_internal BOOLEAN")
        connection.execute(
            "UPDATE people SET is_internal = coalesce(split_part(email_norm, '@', 2) "
            f"IN ({own}) OR email_norm IN ({shared}), false)"
        )
