"""What a form for decisions shows: which leads, what is known of each, what each decision asks.

Plain values, no widget yet.

Source: partner-leads.md, section 3 (what each move needs) and section 6 (validity says nothing of
identity).
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from workbench.leads import terms
from workbench.leads.checks import checks
from workbench.leads.lines import lines
from workbench.leads.moves import FIELDS, offered
from workbench.leads.result import Leads
from workbench.leads.spoken import CO_SELL_SHARES
from workbench.messages import message
from workbench.results import numbers

LISTS = ("waiting", "accepted", "all")
MOST_LISTED = 200
LONG_TEXTS = ("notes",)


def field_names() -> dict[str, str]:
    """Names of the fields for a reader."""
    return {
        "deal_name": message("Name of the deal"),
        "deal_value": message("Value of the deal"),
        "currency": message("Currency"),
        "team": message("Team, separated by commas"),
        "expected_close_on": message("Expected purchase"),
        "notes": message("Notes"),
        "crm_id": message("Key in the CRM"),
        "campaign_id": message("Campaign"),
        "sales_stage": message("Stage of a co-sell deal"),
        "decline_reason": message("Reason"),
        "status_reason": message("Reason (advised)"),
        "reason": message("Reason"),
    }


def examples() -> dict[str, str]:
    """What a field looks like, for those where it is not plain."""
    return {
        "deal_value": message("such as 1200 or 1,200.50"),
        "currency": message("such as EUR"),
        "team": message("such as Aiko Sato, Ben Li"),
        "expected_close_on": message("such as 2026-06-30"),
    }


def decision_names() -> dict[str, str]:
    """Names of the decisions for a reader."""
    return {
        "accept": message("Accept"),
        "decline": message("Decline"),
        "edit": message("Edit"),
        "won": message("Won"),
        "lost": message("Lost"),
        "favourite": message("Add to favourites"),
        "unfavourite": message("Remove from favourites"),
        "spam": message("Mark as spam"),
        "not_spam": message("No spam"),
    }


def listed(leads: Leads, which: str) -> list[tuple[str, str]]:
    """Label and key of the leads of a list, the most pressing first, at most `MOST_LISTED`."""
    frame = leads.frame if which == "all" else leads.members(
        "waiting" if which == "waiting" else "accepted"
    )  # fmt: skip
    return [(_label(line), line["lead_id"]) for line in frame.head(MOST_LISTED).to_dict("records")]


def counted(leads: Leads, which: str) -> int:
    """How many leads a list has."""
    if which == "all":
        return len(leads.frame)
    stages = leads.question.states
    mask = stages.waiting if which == "waiting" else stages.stage == "accepted"
    return int((mask & leads.question.chosen).sum())


def _label(line: dict[Any, Any]) -> str:
    who = line["lead_id"] if numbers.absent(line["customer"]) else line["customer"]
    parts = [numbers.shortened(str(who), 48)]
    if not numbers.absent(line["hours_left"]):
        parts.append(message("{time} left", time=numbers.days(line["hours_left"] / 24)))
    else:
        parts.append(terms.stage_names()[line["stage"]])
    parts += [str(line["alert"])] if isinstance(line["alert"], str) else []
    parts += [message("due soon")] if line["due_soon"] else []
    parts += [message("spam")] if line["spam"] else []
    return " · ".join(parts)


def known_of(leads: Leads, lead_id: str) -> list[tuple[str, str]]:
    """What is known of a lead, as names and texts; contact data only where they are shown."""
    question = leads.question
    place = question.records.places[lead_id]
    own = np.array([place])
    line = lines(question, own).iloc[0]
    check = checks(question.records, question.hidden, question.rules.spam_domains, own).iloc[0]
    crm = question.beside.crm
    hidden = bool(question.hidden[place])
    alerts = {
        "hot": message("🔥 A call was asked for less than 72 hours ago: call as soon as you can."),
        "warm": message("A call was asked for more than 72 hours ago and still waits."),
    }
    shown = [
        (message("Alert"), alerts.get(str(line["alert"]))),
        (message("Customer"), line["customer"]),
        (message("Country"), line["country"]),
        (message("Stage"), f"{terms.stage_names()[line['stage']]}"
                           f"{_given(line['status_given'])}"),
        (message("Class"), terms.class_names()[line["lead_class"]]),
        (message("Arrived"), _instant(line["created_at"])),
        (message("Must be answered by"), _instant(line["answer_by"])),
        (message("Contact"), message("no longer shown") if hidden else line["contact"]),
        (message("Job title"), line["title"]),
        (message("Mail"), _checked(line["email"], line["email_validity"], check, "email")),
        (message("Telephone"), _checked(line["phone"], line["phone_validity"], check, "phone")),
        (message("Can be contacted"), message("yes") if line["contactable"] else message("no")),
        (message("Spam by"), line["spam_why"]),
        (message("Quality"), line["quality"]),
        (message("Offer"), line["offer"]),
        (message("Same customer"), line["duplicate"]),
        (message("Perhaps in the CRM"), _crm(crm, place)),
        (message("Deal"), line["deal_name"]),
        (message("Reason"), line["reason"]),
    ]  # fmt: skip
    return [(name, str(text)) for name, text in shown if text and not numbers.absent(text)]


def asked_for(leads: Leads, lead_id: str) -> list[str]:
    """The decisions that a lead allows now."""
    question = leads.question
    place = question.records.places[lead_id]
    heart = "favourite" if question.records["favourite"][place] else "unfavourite"
    spam = "spam" if question.states.spam[place] else "not_spam"
    stage = str(question.states.stage[place])
    possible = offered(stage, bool(question.records.actionable[place]))
    return [name for name in possible if name not in (heart, spam)]


def filled_in(leads: Leads, lead_id: str, decision: str) -> dict[str, str]:
    """What the fields of a decision begin with: what is known for an edit, nothing else."""
    if decision != "edit":
        return dict.fromkeys(FIELDS[decision], "")
    records = leads.question.records
    place = records.places[lead_id]
    out = {}
    for name in FIELDS[decision]:
        value = records[name][place]
        out[name] = "" if numbers.absent(value) else f"{value:.12g}" if isinstance(
            value, float
        ) else str(value)  # fmt: skip
    return out


def choices(leads: Leads, name: str) -> list[str]:
    """What may be chosen for a field: stages of a co-sell deal, reasons that were given before."""
    if name == "sales_stage":
        return [stage for stage in CO_SELL_SHARES if stage != "won"]
    if name not in ("decline_reason", "status_reason", "currency"):
        return []
    told = Counter(value for value in leads.question.records[name] if value is not None)
    return sorted(told, key=lambda value: (-told[value], value))[:20]


def read(name: str, text: str) -> Any:
    """What stands in a field of a form as a value; what cannot be read stays text."""
    bare = text.strip()
    if name == "team":
        return [part.strip() for part in bare.split(",") if part.strip()]
    if name == "deal_value" and bare:
        # "1.200" and "1,5" are read in two ways by two readers: nobody guesses.
        plain = re.fullmatch(r"\d+(\.\d{1,2})?|\d{1,3}([, \u00a0]\d{3})+(\.\d{1,2})?", bare)
        return float(re.sub("[, \u00a0]", "", bare)) if plain else bare
    return bare or None


def _given(status: Any) -> str:
    return "" if numbers.absent(status) else message(" (in the file: {status})", status=status)


def _checked(value: Any, validity: Any, check: Any, kind: str) -> str | None:
    if numbers.absent(value):
        return None
    told = [str(value)]
    if not numbers.absent(validity):
        told.append(message("the vendor says {validity}", validity=validity))
    found, why = check[f"x_{kind}_check"], check[f"x_{kind}_why"]
    if found not in ("ok", "not checked"):
        told.append(message("its form is {found}: {why}", found=found, why=why))
    return " · ".join(told)


def _crm(crm: Any, place: int) -> str | None:
    if not crm.confidence[place]:
        return None
    return message(
        "{name} ({key}), by {found_by}, confidence {share}",
        name=crm.name[place] or crm.table[place],
        key=crm.key[place],
        found_by=crm.found_by[place],
        share=numbers.share(float(crm.confidence[place])),
    )


def _instant(value: Any) -> str | None:
    if numbers.absent(value):
        return None
    moment = value.to_pydatetime() if hasattr(value, "to_pydatetime") else value
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def age_of(data: datetime, now: datetime) -> str:
    """How old the data of a form are; empty up to a day."""
    apart = now - data
    if apart <= timedelta(days=1):
        return ""
    return message(
        "The newest row of the data is {days} old: load a newer export before you decide.",
        days=numbers.days(apart / timedelta(days=1)),
    )
