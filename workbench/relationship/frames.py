"""The table of relationships: a line a record.

Source: relationship-analytics.md, sections 3 and 7.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from workbench.relationship.activities import CALL, EMAIL, MEETING, TYPES
from workbench.relationship.counting import ratio
from workbench.relationship.measuring import Measured
from workbench.relationship.records import NEVER
from workbench.relationship.rules import DAY_US
from workbench.results.intervals import wilson
from workbench.workspace import Workspace

STATES = {0: "good", 1: "fair", 2: "poor", 3: "not_enough", 4: "none_done", 6: "failed",
          7: "too_old"}  # fmt: skip
TRENDS = {0: "improving", 1: "steady", 2: "declining", 3: "unknown", 4: "failed", 5: "ended"}
NOT_ASKED = "not_applicable"
WAYS = np.array(["in", "out", "none"], object)
COLUMNS = {
    "key": "Key of the record",
    "name": "Its name; the key where none is known",
    "account_id": "Key of its account",
    "owner": "Who owns it",
    "open": "Whether it was open at as_of; accounts and people always are",
    "score": "Health at as_of, 0…100; missing where too little is known. See health()",
    "state": "good, fair, poor, not_enough, none_done, failed, too_old or not_applicable",
    "trend": "improving, steady, declining, unknown, failed, ended or not_applicable",
    "activities": "Done activities in the window; each counts once",
    "emails_sent": "Mails from our side to a customer",
    "emails_received": "Mails from the customer's side",
    "emails": "All mails, those of unknown direction included",
    "meetings_sent": "Meetings organized by our side",
    "meetings_received": "Meetings organized by the customer",
    "meetings": "All meetings, those of unknown organizer included",
    "calls_made": "Calls that we made",
    "calls_received": "Calls that the customer made",
    "calls": "All calls, those of unknown direction included",
    "tasks": "Done tasks",
    "unknown_direction": "Mails, calls and meetings of unknown direction, in totals only",
    "started_by_customer": "Mails, calls and meetings that the customer began",
    "directed": "Mails, calls and meetings whose direction is known",
    "share_by_customer": "started_by_customer / directed, 0…1",
    "low": "Lower end of its 95 % interval (Wilson)",
    "high": "Upper end of its 95 % interval (Wilson)",
    "team_minutes": "Minutes of ours: meetings for each of us, calls, mails 5 to write 2.5 to read",
    "customer_minutes": "Minutes of the customer: meetings and calls once, mails 5 and 2.5",
    "face_minutes": "Minutes of meetings and calls, once each",
    "without_duration": "Meetings and calls without a duration: they count 0 minutes",
    "hours_by_us": "Mean hours until we answered",
    "answered_by_us": "Turns of the customer that we answered",
    "asked_of_us": "Turns of the customer that were answered or are older than the maturity",
    "rate_by_us": "answered_by_us / asked_of_us, 0…1",
    "hours_by_them": "Mean hours until the customer answered",
    "answered_by_them": "Our turns that the customer answered",
    "asked_of_them": "Our turns that were answered or are older than the maturity",
    "rate_by_them": "answered_by_them / asked_of_them, 0…1",
    "ratio_by_us": "emails_sent / emails_received; missing for a divisor of 0",
    "ratio_by_them": "emails_received / emails_sent; missing for a divisor of 0",
    "followed": "Mails of ours that were tracked",
    "opened": "Of them, opened at least once",
    "open_rate": "opened / followed, 0…1",
    "clicked": "Of followed, mails with a link that was opened",
    "link_rate": "clicked / followed, 0…1",
    "attachments_opened": "Of followed, mails with an attachment that was opened",
    "attachment_rate": "attachments_opened / followed, 0…1",
    "last_at": "End of the last done activity at any time, UTC",
    "last_type": "Its type",
    "last_direction": "in, out or none",
    "last_id": "Its key",
    "days_since_last": "Days from it to as_of",
    "next_at": "Begin, or day due, of the next planned activity, UTC",
    "next_type": "Its type",
    "next_direction": "in, out or none",
    "next_id": "Its key",
    "overdue": "Open tasks whose day has passed",
    "shared": "Done activities linked by people alone that count for several open opportunities",
    "people": "People of the customer's side of the record",
    "people_with_mail": "Of them, in any mail until as_of",
    "coverage": "people_with_mail / people, 0…1",
    "accuracy": "complete, or partial where a source is absent or begins after the record",
}  # fmt: skip


def frame_of(measured: Measured) -> pd.DataFrame:
    """The table of the records that are asked about, in the order of their keys."""
    records, counted, chosen = measured.records, measured.counted, measured.chosen
    columns: dict[str, np.ndarray] = {
        "key": records.keys,
        "name": records.names,
        "account_id": records.account,
        "owner": user_names(measured.asked.workspace, records.owner),
        "open": records.open_at(measured.asked.instant),
        **_health(measured),
        **counted.sums,
        **_direction(measured),
        **_answers(measured),
        **_tracked(measured),
        **_ends(measured),
        **_coverage(measured),
        "accuracy": _accuracy(measured),
    }
    columns["ratio_by_us"] = ratio(columns["emails_sent"], columns["emails_received"])
    columns["ratio_by_them"] = ratio(columns["emails_received"], columns["emails_sent"])
    out = pd.DataFrame({name: columns[name][chosen] for name in COLUMNS if name not in _TIMES})
    for name in _TIMES:
        out[name] = instants(columns[name][chosen])
    return out[list(COLUMNS)]


_TIMES = ("last_at", "next_at")


def instants(values: np.ndarray) -> pd.Series:
    """Microseconds as instants in UTC; `NEVER` becomes missing."""
    moments = np.where(values == NEVER, np.iinfo(np.int64).min, values).astype("M8[us]")
    return pd.Series(moments).dt.tz_localize("UTC")


def user_names(workspace: Workspace, keys: np.ndarray) -> np.ndarray:
    """Name of each user, the key where no name is known."""
    if not workspace.has("users", "user_id", "name"):
        return keys
    read = workspace.sql(
        "SELECT user_id::VARCHAR AS key, min(name)::VARCHAR AS name FROM users GROUP BY 1"
    )
    named = {k: n for k, n in zip(read["key"], read["name"], strict=True) if isinstance(n, str)}
    return np.array([named.get(key, key) for key in keys], object)


def _health(measured: Measured) -> dict[str, np.ndarray]:
    size = len(measured.records)
    if not measured.judged:
        nothing = np.full(size, NOT_ASKED, object)
        return {"score": np.full(size, np.nan), "state": nothing, "trend": nothing}
    return {
        "score": measured.score,
        "state": np.array([STATES[int(code)] for code in measured.state], object),
        "trend": np.array([TRENDS[int(code)] for code in measured.trend], object),
    }


def _direction(measured: Measured) -> dict[str, np.ndarray]:
    sums = measured.counted.sums
    begun, total = sums["started_by_customer"], sums["directed"]
    low, high = wilson(begun, total)
    return {"share_by_customer": ratio(begun, total), "low": low, "high": high}


def _answers(measured: Measured) -> dict[str, np.ndarray]:
    out = {}
    for side, by_customer in (("us", True), ("them", False)):
        number, matured, hours = measured.counted.answers(by_customer)
        out[f"answered_by_{side}"], out[f"asked_of_{side}"] = number, matured
        out[f"hours_by_{side}"], out[f"rate_by_{side}"] = hours, ratio(number, matured)
    return out


def _tracked(measured: Measured) -> dict[str, np.ndarray]:
    sums = measured.counted.sums
    rates = {"opened": "open_rate", "clicked": "link_rate", "attachments_opened": "attachment_rate"}
    return {rate: ratio(sums[name], sums["followed"]) for name, rate in rates.items()}


def _ends(measured: Measured) -> dict[str, np.ndarray]:
    counted, acts = measured.counted, measured.activities
    last = counted.last()
    following, overdue = counted.following()

    def named(names: Any, codes: np.ndarray, at: np.ndarray) -> np.ndarray:
        found = np.array(names, object)[np.append(codes, 0)[at]]
        found[at < 0] = None
        return found

    ended, begins = np.append(acts.ended, NEVER), np.append(acts.at, NEVER)
    since = np.where(last >= 0, (measured.asked.instant - ended[last]) / DAY_US, np.nan)
    return {
        "last_at": ended[last], "last_type": named(TYPES, acts.kind, last),
        "last_direction": named(WAYS, acts.direction, last),
        "last_id": acts.text_of("activity_id", last), "days_since_last": since,
        "next_at": begins[following], "next_type": named(TYPES, acts.kind, following),
        "next_direction": named(WAYS, acts.direction, following),
        "next_id": acts.text_of("activity_id", following),
        "overdue": overdue,
    }  # fmt: skip


def _coverage(measured: Measured) -> dict[str, np.ndarray]:
    from workbench.relationship.people.customers import coverage_of

    people, mailed = coverage_of(measured)
    return {"people": people, "people_with_mail": mailed, "coverage": ratio(mailed, people)}


def _accuracy(measured: Measured) -> np.ndarray:
    acts, records = measured.activities, measured.records
    absent = not all((acts.kind == kind).any() for kind in (EMAIL, CALL, MEETING))
    absent |= not acts.workspace.has("activity_participants", "activity_id")
    first = acts.at[acts.at != NEVER].min(initial=np.iinfo(np.int64).max)
    begins = measured.asked.window_of(records)
    begins = np.where(begins == NEVER, records.created_at, begins)
    late = (begins != NEVER) & (begins < first) & (first <= measured.asked.instant)
    return np.where(absent | late, "partial", "complete").astype(object)
