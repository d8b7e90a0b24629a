"""Leads as lines of a table: what a reader sees of each, without contact data of expired ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from workbench.leads import terms
from workbench.leads.filters import offers
from workbench.leads.question import Question
from workbench.leads.records import CONTACT, Records
from workbench.leads.states import on_list
from workbench.leads.terms import HOUR, NEVER
from workbench.messages import message
from workbench.results.tables import Column

LINES = {
    "lead_id": "Key of the lead",
    "customer": "Company as the lead wrote it",
    "country": "Country chosen at consent",
    "lead_class": "profile, contact_me, qualified, informational or do_not_contact",
    "lead_type": "offer or profile",
    "qualification": "direct, marketing, sales or none",
    "source": "Marketplace it came from",
    "call_to_action": "What the customer pressed",
    "offer": "Offer with its publisher",
    "stage": "received, accepted, won, lost, declined, expired, available or aged_out",
    "status_given": "Status and substatus as the file writes them",
    "created_at": "Arrival (UTC)",
    "expires_at": "When it runs out without an answer (UTC); missing where none is expected",
    "answer_by": "End of the 72 hours of a hot lead, else its expiry; only while it waits (UTC)",
    "hours_left": "Hours from then to answer_by; only while it waits",
    "age_hours": "Hours since its arrival",
    "alert": "hot, warm, or missing where no call was asked for or none waits",
    "due_soon": "Whether it waits and expires soon",
    "contactable": "Not expired, no spam, may be contacted, and mail or telephone valid",
    "spam": "Marked as spam by its validity, quality, domain or a user",
    "spam_why": "validity, quality, domain or marked by a user, joined by commas",
    "quality": "high, low or what the file says",
    "email_validity": "valid, invalid, spam or unknown, as the vendor says",
    "phone_validity": "valid, invalid or unknown, as the vendor says",
    "contact": "Name of the person; missing once expired",
    "title": "Job title; missing once expired",
    "email": "Mail address; missing once expired",
    "phone": "Telephone; missing once expired",
    "responded_at": "When it was accepted or declined (UTC)",
    "response_hours": "Hours from its arrival to that",
    "duplicate": "primary, repeat or informational among the leads of one customer, else missing",
    "crm_matched": "Whether a record of the CRM fits: by key, mail, or domain and name",
    "crm_confidence": "0 to 1; missing where nothing fits; below 0.7 it does not count as matched",
    "crm_name": "Name of that account or opportunity",
    "sales_stage": "Stage of a co-sell deal, where one is named",
    "deal_name": "Name of the deal",
    "deal_value": "In its own currency",
    "currency": "ISO 4217 code",
    "reason": "Why it was declined or lost",
    "favourite": "Whether it is marked",
    "odd": "approximate, jumped, late or misplaced, joined by commas",
}


def lines(question: Question, places: np.ndarray) -> pd.DataFrame:
    """Some leads in the order of their places.

    Parameters
    ----------
    places : numpy.ndarray of int64

    Returns
    -------
    pandas.DataFrame
        With the columns of `LINES`.
    """
    records, states = question.records.take(places), question.states
    hidden = question.hidden[places]
    shown = {name: _without(records[name], hidden) for name in CONTACT}
    waiting = states.waiting[places]
    answered, hours = responses(question)
    stage = states.stage[places]
    reason = np.where(stage == "declined", records["decline_reason"], records["status_reason"])
    answer_by, created = states.answer_by[places], records["created_at"]
    alert = np.select([states.hot[places], states.warm[places]], ["hot", "warm"], "").astype(object)
    alert[alert == ""] = None
    crm = question.beside.crm
    sure = crm.confidence[places]
    return pd.DataFrame(
        {
            "lead_id": records["lead_id"].astype("str"),
            "customer": records["customer_name"],
            "country": records["country"],
            "lead_class": records["lead_class"],
            "lead_type": records["lead_type"],
            "qualification": records["qualification"],
            "source": records["source"],
            "call_to_action": records["call_to_action"],
            "offer": offers(records),
            "stage": stage,
            "status_given": _joined(" / ", records["status"], records["substatus"]),
            "created_at": instants(created),
            "expires_at": instants(states.expires_at[places]),
            "answer_by": instants(answer_by),
            "hours_left": np.where(waiting, (answer_by - states.at) / HOUR, np.nan),
            "age_hours": (states.at - created) / HOUR,
            "alert": alert,
            "due_soon": states.due_soon[places],
            "contactable": states.contactable[places] & ~hidden,
            "spam": states.spam[places],
            "spam_why": _joined(", ", *spam_reasons(question, records, states.spam[places])),
            "quality": records["quality"],
            "email_validity": records["email_validity"],
            "phone_validity": records["phone_validity"],
            "contact": _joined(" ", shown["contact_first_name"], shown["contact_last_name"]),
            "title": shown["title"],
            "email": shown["email"],
            "phone": shown["phone"],
            "responded_at": instants(answered[places]),
            "response_hours": hours[places],
            "duplicate": question.beside.roles[places],
            "crm_matched": crm.matched[places],
            "crm_confidence": np.where(sure > 0, sure, np.nan),
            "crm_name": crm.name[places],
            "sales_stage": records["sales_stage"],
            "deal_name": records["deal_name"],
            "deal_value": records["deal_value"],
            "currency": records["currency"],
            "reason": _without(reason, ~np.isin(stage.astype(str), ("declined", "lost"))),
            "favourite": records["favourite"],
            "odd": _joined(
                ", ",
                *(
                    _without(np.full(len(places), name, object), ~mask[places])
                    for name, mask in (
                        ("approximate", states.approximate),
                        ("jumped", states.jumped),
                        ("late", states.late),
                        ("misplaced", question.records["misplaced"]),
                    )
                ),
            ),
        },
        columns=list(LINES),
    ).reset_index(drop=True)


def spam_reasons(question: Question, records: Records, spam: np.ndarray) -> list[np.ndarray]:
    """Columns of the reasons for spam, None where one does not hold."""
    domains = question.rules.spam_domains
    listed = np.array([bool(domains) and on_list(mail, domains) for mail in records["email"]], bool)
    holds = {
        "validity": records["email_validity"] == "spam",
        "quality": records["quality"] == "low",
        "domain": listed,
        "marked by a user": records["spam_mark"] > 0,
    }
    return [
        _without(np.full(len(records), why, object), ~(np.asarray(mask, bool) & spam))
        for why, mask in holds.items()
    ]


def responses(question: Question) -> tuple[np.ndarray, np.ndarray]:
    """When each lead was accepted or declined, and how many hours after its arrival.

    Returns
    -------
    answered : numpy.ndarray of int64
        `NEVER` where not, or nobody knows when.
    hours : numpy.ndarray of float
        NaN where not, or nobody knows when.
    """
    records, states = question.records, question.states
    declined = states.stage == "declined"
    answered = np.where(states.accepted, states.accepted_at, NEVER)
    answered = np.where(declined, states.closed_at, answered)
    hours = np.where(
        answered == NEVER, np.nan, (answered - records["created_at"]).astype(float) / HOUR
    )
    return answered, np.where(hours < 0, np.nan, hours)


def instants(microseconds: np.ndarray) -> pd.Series:
    """Microseconds as UTC instants; `NEVER` becomes a missing value."""
    known = microseconds != NEVER
    values = np.where(known, microseconds, 0).astype("M8[us]")
    found = pd.Series(np.where(known, values, np.datetime64("NaT", "us")).astype("M8[us]"))
    return found.dt.tz_localize("UTC")


def _without(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The values with None in some places."""
    out = np.array(values, object)
    out[mask] = None
    return out


def _joined(between: str, *parts: np.ndarray) -> np.ndarray:
    rows = zip(*parts, strict=True)
    out = [between.join(str(p) for p in row if p is not None) or None for row in rows]
    return np.array([*out, None], object)[:-1]


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """The lines with the names of classes and stages for a reader, and the first word of marks."""
    out = frame.copy()
    out["stage"] = [terms.stage_names()[s] for s in out["stage"]]
    out["lead_class"] = [terms.class_names()[c] for c in out["lead_class"]]
    alerts = {"hot": message("🔥 hot"), "warm": message("warm")}
    out["alert"] = [alerts.get(a, "") for a in out["alert"]]
    yes: dict[Any, str] = {True: message("yes"), False: message("no")}
    out["favourite"] = ["♥" if marked else "" for marked in out["favourite"]]
    for name in ("due_soon", "contactable", "spam", "crm_matched"):
        out[name] = [yes[bool(v)] for v in out[name]]
    return out


def list_columns() -> tuple[Column, ...]:
    """Columns of a list of leads for a reader: what is needed for an answer first."""
    return (
        Column("customer", message("Customer")),
        Column("alert", message("Alert")),
        Column("hours_left", message("Hours left"), "number"),
        Column("due_soon", message("Due soon")),
        Column("contact", message("Contact")),
        Column("email", message("Mail address")),
        Column("phone", message("Number")),
        Column("contactable", message("Can be contacted")),
        Column("email_validity", message("Mail")),
        Column("phone_validity", message("Telephone")),
        Column("quality", message("Quality")),
        Column("spam_why", message("Spam by")),
        Column("lead_class", message("Class")),
        Column("stage", message("Stage")),
        Column("status_given", message("Status in the file")),
        Column("country", message("Country")),
        Column("offer", message("Offer")),
        Column("source", message("Source")),
        Column("crm_name", message("Perhaps in the CRM as")),
        Column("crm_confidence", message("Confidence"), "share"),
        Column("duplicate", message("Same customer")),
        Column("favourite", message("Favourite")),
        Column("created_at", message("Arrived"), "date"),
        Column("expires_at", message("Expires"), "date"),
        Column("lead_id", message("Key")),
    )


def checked_columns() -> tuple[Column, ...]:
    """Columns of our own checks, which stand after the vendor's."""
    return (
        Column("x_email_check", message("Form of the mail address")),
        Column("x_email_why", message("Why")),
        Column("x_phone_check", message("Form of the number")),
        Column("x_phone_why", message("Why")),
    )
