"""In-person events as the tables know them: what was held, and who came.

A person has one final status at an event, whatever rows an export holds: ``attended`` before
``no_show``, else the status reached last. People of the own company are no guests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.quoting import quoted
from workbench.workspace import Workspace

STATUSES = ("attended", "no_show", "cancelled", "registered", "waitlisted", "invited")
HELD_A_PLACE = ("attended", "no_show", "registered")
EVENT_COLUMNS = ("event_id", "name", "start", "end", "place", "campaign_id")
ATTENDANCE_COLUMNS = ("event_id", "person_id", "account_id", "status")


@dataclass(frozen=True)
class Attendance:
    """Who stands on the lists of all in-person events.

    Attributes
    ----------
    frame : pandas.DataFrame
        One line an event and person: the columns of `ATTENDANCE_COLUMNS`; ``account_id`` is None
        where no account of the person is known.
    internal : int
        Lines of people of the own company, left out.
    unknown : int
        Lines with a status that is none of `STATUSES`, left out.
    """

    frame: pd.DataFrame
    internal: int = 0
    unknown: int = 0


def has_attendance(workspace: Workspace) -> bool:
    """Whether anybody stands on the list of an in-person event."""
    return workspace.has("event_attendance", "event_id", "person_id", "status")


def in_person_events(workspace: Workspace) -> pd.DataFrame:
    """Every in-person event, in order of its start.

    Returns
    -------
    pandas.DataFrame
        ``event_id``, ``name`` (the key where none is known), ``start`` and ``end`` in microseconds
        since 1970 in UTC (NA where unknown), ``place``, ``campaign_id``. An event of which only
        attendance is known starts on the day of its first attendance; a start of which only the
        date is known is the beginning of that day.
    """
    parts = []
    if workspace.has("events", "event_id"):
        parts.append(_table_of_events(workspace))
    if has_attendance(workspace):
        parts.append(_events_of_attendance(workspace))
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in EVENT_COLUMNS})
    found = pd.concat(parts, ignore_index=True).drop_duplicates("event_id")
    for name in ("start", "end"):
        found[name] = found[name].astype("Int64")
    if len(parts) == 2:
        fallback = parts[1].set_index("event_id")["start"].reindex(found["event_id"])
        found["start"] = found["start"].fillna(fallback.astype("Int64").set_axis(found.index))
    return found.sort_values(["start", "event_id"], ignore_index=True)


def _text(workspace: Workspace, table: str, name: str) -> str:
    """SQL of a text column, null where the table has none."""
    known = workspace.has(table, name)
    return f"t.{quoted(name)}::VARCHAR" if known else "NULL::VARCHAR"


def _instant(workspace: Workspace, name: str, *, begins: bool) -> str:
    """SQL of an instant of the table of events; a mere date begins with its day."""
    if not workspace.has("events", name):
        return "NULL::BIGINT"
    plain, zone = f"t.{quoted(name)}", workspace.settings.report_tz
    flag = quoted(f"{name}_date_only")
    if begins and f"{name}_date_only" in workspace.columns_of("events"):
        day = f"date_trunc('day', {plain} AT TIME ZONE '{zone}') AT TIME ZONE '{zone}'"
        plain = f"CASE WHEN coalesce(t.{flag}, false) THEN {day} ELSE {plain} END"
    return f"epoch_us({plain})"


def _table_of_events(workspace: Workspace) -> pd.DataFrame:
    name = _text(workspace, "events", "name")
    return workspace.sql(
        f"SELECT t.event_id::VARCHAR AS event_id, coalesce({name}, t.event_id::VARCHAR) AS name, "
        f"{_instant(workspace, 'start_at', begins=True)} AS start, "
        f"{_instant(workspace, 'end_at', begins=False)} AS end, "
        f"{_text(workspace, 'events', 'place')} AS place, "
        f"{_text(workspace, 'events', 'campaign_id')} AS campaign_id "
        "FROM events t WHERE t.event_id IS NOT NULL ORDER BY event_id"
    )


def _events_of_attendance(workspace: Workspace) -> pd.DataFrame:
    zone, start = workspace.settings.report_tz, "NULL::BIGINT"
    if workspace.has("event_attendance", "status_at"):
        local = f"min(t.status_at) FILTER ({_STATUS} = 'attended') AT TIME ZONE '{zone}'"
        start = f"epoch_us(date_trunc('day', {local}) AT TIME ZONE '{zone}')"
    return workspace.sql(
        f"SELECT t.event_id::VARCHAR AS event_id, t.event_id::VARCHAR AS name, {start} AS start, "
        "NULL::BIGINT AS end, NULL::VARCHAR AS place, NULL::VARCHAR AS campaign_id "
        "FROM event_attendance t WHERE t.event_id IS NOT NULL GROUP BY ALL ORDER BY event_id"
    )


_STATUS = "lower(trim(t.status::VARCHAR))"


def attendance(workspace: Workspace) -> Attendance:
    """The final status of everyone on the list of an in-person event.

    Notes
    -----
    Source: b2b-data-model.md, section 2 (one final status per event and person) and section 4,
    rule 5 (merged people count once).
    """
    if not has_attendance(workspace):
        return Attendance(pd.DataFrame({n: pd.Series(dtype="object") for n in ATTENDANCE_COLUMNS}))
    linked = _has_view(workspace, "_people")
    inside = workspace.has("people", "is_internal")
    own = _text(workspace, "event_attendance", "account_id")
    person = "coalesce(l.same_person_id, t.person_id::VARCHAR)" if linked else "t.person_id"
    account = f"coalesce({own}, l.account_id)" if linked else own
    dated = workspace.has("event_attendance", "status_at")
    since = "t.status_at" if dated else "NULL::TIMESTAMP"
    listed = ", ".join(f"'{status}'" for status in STATUSES)
    joins = " LEFT JOIN _people l ON l.person_id = t.person_id" if linked else ""
    joins += " LEFT JOIN people p ON p.person_id = t.person_id" if inside else ""
    found = workspace.sql(
        f"SELECT event_id, person_id, account_id, status, internal FROM ("
        f"SELECT t.event_id::VARCHAR AS event_id, {person}::VARCHAR AS person_id, "
        f"max({account}) OVER (PARTITION BY t.event_id, {person}) AS account_id, "
        f"{_STATUS} AS status, {'coalesce(p.is_internal, false)' if inside else 'false'} "
        f"AS internal, {since} AS since FROM event_attendance t{joins} "
        "WHERE t.event_id IS NOT NULL AND t.person_id IS NOT NULL) "
        "QUALIFY row_number() OVER (PARTITION BY event_id, person_id ORDER BY "
        "CASE status WHEN 'attended' THEN 0 WHEN 'no_show' THEN 1 ELSE 2 END "
        f"+ CASE WHEN status IN ({listed}) THEN 0 ELSE 9 END, "
        f"since DESC NULLS LAST, list_position([{listed}], status), status) = 1 "
        "ORDER BY event_id, person_id"
    )
    guest = ~found["internal"].astype(bool)
    known = found["status"].isin(STATUSES)
    kept = found.loc[guest & known, list(ATTENDANCE_COLUMNS)].reset_index(drop=True)
    return Attendance(
        kept.astype("object").where(kept.notna(), None),
        internal=int((~guest).sum()),
        unknown=int((guest & ~known).sum()),
    )


def _has_view(workspace: Workspace, name: str) -> bool:
    found = workspace.sql(
        "SELECT count(*) AS n FROM information_schema.tables WHERE table_name = ?", [name]
    )
    return bool(found["n"].iloc[0])


def event_named(events: pd.DataFrame, value: Any) -> list[str]:
    """Keys of the in-person events that a key or a name stands for; a key goes before a name."""
    text = str(value)
    if (events["event_id"] == text).any():
        return [text]
    return events.loc[events["name"] == text, "event_id"].tolist()
