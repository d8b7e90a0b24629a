"""Parts of a page about partner leads: what came in, and which of it is known already.

Source: partner-leads.md, section 2 (classes), section 10 (duplicates, CRM match) and section 12
(what is only spam is told apart from what asks for an answer).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.leads import terms
from workbench.leads.checks import checks
from workbench.leads.lines import checked_columns, list_columns, named
from workbench.messages import message, message_of_count
from workbench.results import measured, numbers
from workbench.results.base import Block
from workbench.results.blocks import action_table, key_figures
from workbench.results.tables import Column

if TYPE_CHECKING:
    from workbench.leads.result import Leads


def figures(leads: Leads) -> Block:
    """Four numbers for the head of a page."""
    waiting = _sum(leads, "waiting")
    reached = int(leads.members("waiting")["contactable"].sum())
    of_waiting = message("of {n} that wait", n=numbers.count(waiting))
    named_numbers = (
        (message("Wait for an answer"), waiting,
         message("of {n} leads listed", n=numbers.count(len(leads.frame)))),
        (message("Hot"), _sum(leads, "hot"), of_waiting),
        (message("Due soon"), _sum(leads, "due_soon"), of_waiting),
        (message("Can be contacted"), reached, of_waiting),
    )  # fmt: skip
    return key_figures(
        [
            {"label": label, **measured.count(value), "detail": detail}
            for label, value, detail in named_numbers
        ]
    )


def _sum(leads: Leads, name: str) -> int:
    states = leads.question.states
    return int((getattr(states, name) & leads.question.chosen).sum())


def to_answer(leads: Leads) -> Block:
    """The leads that wait, as a list to act on, with our own checks of their addresses."""
    waiting = named(leads.members("waiting"))
    question = leads.question
    places = leads.places[question.states.waiting[leads.places]]
    found = checks(question.records, question.hidden, question.rules.spam_domains, places)
    waiting = waiting.join(found.set_index("lead_id"), on="lead_id")
    columns = list(list_columns())
    place = [c.name for c in columns].index("quality")
    return action_table(
        message_of_count(
            "{count} lead must be answered", "{count} leads must be answered", len(waiting)
        ),
        message(
            "The most pressing first; hours left run to the end of the clock. The form of an "
            "address is checked here, without asking any server; validity is what the vendor "
            "says."
        ),
        waiting,
        [*columns[:place], *checked_columns(), *columns[place:]],
        anchor="leads-to-answer",
        zone=question.zone,
    )


def came_in(leads: Leads) -> Block:
    """Leads by class: how many ask for an answer, wait, can be contacted, or are spam."""
    frame, question = leads.frame, leads.question
    asks = question.records.actionable[leads.places]
    waits = question.states.waiting[leads.places]
    rows = []
    for name in terms.CLASSES:
        own = (frame["lead_class"] == name).to_numpy()
        if own.any():
            rows.append(
                {
                    "class": terms.class_names()[name],
                    "leads": int(own.sum()),
                    "waiting": int((own & waits).sum()),
                    "contactable": int((own & frame["contactable"]).sum()),
                    "spam": int((own & frame["spam"]).sum()),
                    "known": int((own & frame["crm_matched"]).sum()),
                    "again": int((own & (frame["duplicate"] == "repeat")).sum()),
                }
            )
    columns = ["class", "leads", "waiting", "contactable", "spam", "known", "again"]
    return action_table(
        message(
            "{n} of {total} ask for an answer",
            n=numbers.count(asks.sum()),
            total=message_of_count("{count} lead", "{count} leads", len(frame)),
        ),
        message(
            "Every column counts leads of its line; one lead may stand in several columns, so they "
            "are not to be added from left to right. Known: a record of the CRM fits by key, mail, "
            "or domain and name. Again: an earlier lead of the same customer asked already."
        ),
        pd.DataFrame(rows, columns=columns),
        (
            Column("class", message("Class")),
            Column("leads", message("Leads"), "count"),
            Column("waiting", message("Wait for an answer"), "count"),
            Column("contactable", message("Can be contacted"), "count"),
            Column("spam", message("Spam"), "count"),
            Column("known", message("Known to the CRM"), "count"),
            Column("again", message("Asked again"), "count"),
        ),
        anchor="leads-came-in",
    )


def known_already(leads: Leads) -> Block:
    """Leads that wait and that the CRM may know, or whose customer came before."""
    waiting = leads.members("waiting")
    crm = leads.crm.set_index("lead_id")
    groups = leads.duplicates.set_index("lead_id")["group"]
    fits = waiting["crm_confidence"].notna() | waiting["duplicate"].notna()
    out = waiting[fits].reset_index(drop=True)
    out["found_by"] = out["lead_id"].map(crm["found_by"])
    out["crm_key"] = out["lead_id"].map(crm["crm_key"])
    out["candidates"] = out["lead_id"].map(crm["candidates"])
    group = out["lead_id"].map(groups)
    out["group"] = np.where(out["duplicate"].isna(), None, group)
    sure = int(waiting["crm_matched"].sum())
    return action_table(
        message(
            "{n} of {total} that wait are known to the CRM",
            n=numbers.count(sure),
            total=message_of_count("{count} lead", "{count} leads", len(waiting)),
        ),
        message(
            "Key, mail, and domain with name count as known (confidence 70 % and more); a domain "
            "or a name alone is only a hint. Nothing is merged: look, then enter the key when you "
            "accept. Leads of one customer within 180 days carry the key of the first one."
        ),
        out,
        (
            Column("customer", message("Customer")),
            Column("crm_name", message("Perhaps in the CRM as")),
            Column("crm_key", message("Key there")),
            Column("found_by", message("Found by")),
            Column("crm_confidence", message("Confidence"), "share"),
            Column("candidates", message("Accounts that fit"), "count"),
            Column("duplicate", message("Same customer")),
            Column("group", message("First lead of it")),
            Column("hours_left", message("Hours left"), "number"),
            Column("lead_id", message("Key")),
        ),
        anchor="leads-known-already",
        zone=leads.question.zone,
    )
