"""What may be decided about a lead, what each decision needs, and what it changes.

Source: partner-leads.md, section 3 (life cycle) and section 6 (spam marks).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np

from workbench.errors import ArgumentError, either
from workbench.leads.records import Records
from workbench.leads.spoken import co_sell_stage_of
from workbench.leads.states import CLOSED, Rules, states_at
from workbench.leads.terms import stage_names
from workbench.messages import message

REQUIRED = {
    "accept": ("deal_name", "deal_value", "team", "expected_close_on"),
    "decline": ("decline_reason",),
}
_DEAL = (
    "deal_name", "deal_value", "currency", "team", "expected_close_on", "notes", "crm_id",
    "campaign_id", "sales_stage",
)  # fmt: skip
FIELDS = {
    "accept": _DEAL,
    "decline": ("decline_reason", "notes"),
    "edit": _DEAL,
    "won": ("notes",),
    "lost": ("status_reason", "notes"),
    "favourite": (),
    "unfavourite": (),
    "spam": ("reason",),
    "not_spam": ("reason",),
}
FROM = {
    "accept": "received", "decline": "received", "edit": "accepted", "won": "accepted",
    "lost": "accepted",
}  # fmt: skip
DECISIONS = tuple(FIELDS)
HEARTS = ("favourite", "unfavourite")


@dataclass(frozen=True)
class Decision:
    """One line of the log.

    Attributes
    ----------
    lead_id, decision : str
    at : int
        Microseconds since 1970.
    by : str
        Who decided; empty where nobody is named.
    fields : mapping
        What was written beside it.
    """

    lead_id: str
    decision: str
    at: int
    by: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


def checked_fields(decision: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a decision; refuses what is missing, unknown or no value for its field.

    Raises
    ------
    ArgumentError
    """
    if decision not in FIELDS:
        raise ArgumentError.of("decision", decision, DECISIONS)
    for name in fields:
        if name not in FIELDS[decision]:
            raise ArgumentError.of(decision, name, FIELDS[decision])
    out = {name: _value(name, value) for name, value in fields.items()}
    out = {name: value for name, value in out.items() if value not in (None, "", [])}
    for name in REQUIRED.get(decision, ()):
        if name not in out:
            raise ArgumentError.of(
                name,
                fields.get(name),
                message("a value: '{decision}' needs one", decision=decision),
                message("Nothing was changed."),
            )
    if decision == "edit" and not out:
        raise ArgumentError.of("edit", "", FIELDS["edit"])
    return out


def field_errors(decision: str, fields: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with each field of a decision, as sentences; empty where nothing is.

    Parameters
    ----------
    fields : mapping
        Every field that a form shows, also the empty ones.

    Raises
    ------
    ArgumentError
        For an unknown decision.
    """
    if decision not in FIELDS:
        raise ArgumentError.of("decision", decision, DECISIONS)
    wrong, filled = {}, {}
    for name, value in fields.items():
        try:
            filled[name] = _value(name, value)
        except ArgumentError as refused:
            wrong[name] = str(refused)
    for name in REQUIRED.get(decision, ()):
        if name not in wrong and filled.get(name) in (None, "", []):
            wrong[name] = message("Needed for '{decision}'.", decision=decision)
    return wrong


def offered(stage: str, actionable: bool) -> list[str]:
    """The decisions that a stage allows, marks last."""
    moves = [name for name, start in FROM.items() if start == stage] if actionable else []
    return [*moves, "favourite", "unfavourite", "spam", "not_spam"]


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "deal_value":
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not np.isfinite(value) or value < 0:
            raise ArgumentError.of(name, value, message("an amount such as 1200.50, zero or more"))
        return float(value)
    if name == "expected_close_on":
        try:
            return date.fromisoformat(str(value).strip()[:10]).isoformat()
        except ValueError:
            raise ArgumentError.of(name, value, message("a day such as '2026-06-30'")) from None
    if name == "team":
        people = [value] if isinstance(value, str) else value
        if not isinstance(people, list | tuple) or not all(isinstance(p, str) for p in people):
            raise ArgumentError.of(name, value, message("a name or a list of names"))
        return [p.strip() for p in people if p.strip()]
    if not isinstance(value, str):
        raise ArgumentError.of(name, value, message("a text"))
    return co_sell_stage_of(value) if name == "sales_stage" else value.strip()


def refusal(records: Records, place: int, decision: str, at: int, rules: Rules) -> str:
    """Why a decision is not allowed for a lead at an instant; empty where it is."""
    one = records.take(np.array([place]))
    state = states_at(one, at, rules)
    lead = str(one["lead_id"][0])
    if not state.exists[0]:
        return message("The lead {lead} had not arrived by then.", lead=lead)
    needed = FROM.get(decision)
    if needed is None:
        return ""
    stage = str(state.stage[0])
    if not one.actionable[0]:
        return message(
            "The lead {lead} asks for no answer: it only informs, or must not be contacted.",
            lead=lead,
        )
    if stage == needed:
        return ""
    possible = [name for name, start in FROM.items() if start == stage]
    if not possible:
        return message(
            "The lead {lead} is closed ({stage}); closed leads are never changed.",
            lead=lead,
            stage=stage_names()[stage].lower(),
        )
    return message(
        "'{decision}' is not allowed for the lead {lead}: it is {stage}. Allowed: {names}.",
        decision=decision,
        lead=lead,
        stage=stage_names()[stage].lower(),
        names=either(possible),
    )


def changed(columns: dict[str, np.ndarray], place: int, made: Decision) -> None:
    """Write a decision into copies of the columns."""
    fields = dict(made.fields)
    if made.decision == "accept":
        columns["accepted_at"][place] = made.at
        # A file that is newer than the decision may know how the lead ended.
        if columns["stage"][place] not in CLOSED:
            columns["stage"][place] = "accepted"
    elif made.decision in ("decline", "won", "lost"):
        columns["closed_at"][place] = made.at
        columns["stage"][place] = {"decline": "declined"}.get(made.decision, made.decision)
    elif made.decision in ("favourite", "unfavourite"):
        columns["favourite"][place] = made.decision == "favourite"
    elif made.decision in ("spam", "not_spam"):
        columns["spam_mark"][place] = 1 if made.decision == "spam" else -1
    for name, value in fields.items():
        if name in columns:
            columns[name][place] = ", ".join(value) if isinstance(value, list) else value


def replayed(
    records: Records, decisions: list[Decision], at: int, rules: Rules
) -> tuple[Records, list[tuple[Decision, str]]]:
    """The leads as the decisions up to an instant left them.

    Parameters
    ----------
    decisions : list of Decision
        In the order of the log.

    Returns
    -------
    records : Records
    refused : list of (Decision, str)
        Decisions that had no effect and why: the lead is unknown, or was not where they start.
    """
    if not decisions:
        return records, []
    place = records.places
    columns = {name: values.copy() for name, values in records.columns.items()}
    current = replace(records, columns=columns)
    refused = []
    for made in decisions:
        if made.at > at:
            continue
        if made.lead_id not in place:
            refused.append((made, message("The lead {lead} is not known.", lead=made.lead_id)))
            continue
        where = place[made.lead_id]
        reason = refusal(current, where, made.decision, made.at, rules)
        if reason:
            refused.append((made, reason))
        else:
            changed(columns, where, made)
    return current, refused
