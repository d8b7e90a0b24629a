"""Which leads are listed: the tabs and filters of the leads page, with their side effects.

Source: partner-leads.md, section 2 (tabs) and section 5 (filters).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.leads import terms
from workbench.leads.beside import Beside
from workbench.leads.records import CONTACT, Records
from workbench.messages import message, message_of_count
from workbench.vocabulary.durations import Duration

VALIDITY = {
    "email_validity": ("valid", "invalid", "spam", "unknown"),
    "phone_validity": ("valid", "invalid", "unknown"),
}
MARKS = (
    "actionable", "contactable", "crm_matched", "due_soon", "duplicate", "favourite", "hot", "spam",
    "waiting", "warm",
)  # fmt: skip
AGES = ("older_than", "younger_than")
TEXTS = ("customer", "search")
SEARCHED = (
    "lead_id", "engagement_id", "customer_name", "country", "deal_name", "crm_id", "campaign_id",
    "notes", "source_given",
)  # fmt: skip
LISTED = {
    "call_to_action": terms.ACTIONS,
    "lead_class": terms.CLASSES,
    "lead_type": ("offer", "profile"),
    "qualification": ("direct", "marketing", "sales", "none"),
    "quality": ("high", "low", "none"),
    "status": tuple(dict.fromkeys([*terms.SCREEN_STAGES, *terms.STAGES])),
    **VALIDITY,
}
SOURCES = ("AppSource", "AzureMarketplace", "AzurePortal")
OPEN_ENDED = ("country", "offer", "source")
# Beside the values that are known, files may write others: they can be chosen as they are.
WIDER = ("quality", "call_to_action", "qualification")
FILTERS = tuple(sorted([*LISTED, *OPEN_ENDED, *MARKS, *AGES, *TEXTS]))


@dataclass(frozen=True)
class Chosen:
    """What filters let pass.

    Attributes
    ----------
    mask : numpy.ndarray of bool
        One place a lead.
    where : mapping
        The filters in one spelling: name to a list of values, a text or a mark.
    notes : tuple of str
        What a filter removed beyond its own values.
    """

    mask: np.ndarray
    where: Mapping[str, Any]
    notes: tuple[str, ...]


def on_tab(records: Records, tab: Any) -> np.ndarray:
    """A mark for every lead of a tab.

    Raises
    ------
    ArgumentError
        For a tab that is not there.
    """
    if tab not in terms.TABS:
        raise ArgumentError.of("tab", tab, terms.TABS)
    qualified = records["lead_class"] == "qualified"
    return {
        "all": np.ones(len(records), bool),
        "marketplace": ~qualified,
        "qualified": qualified,
        "favourites": records["favourite"],
    }[tab]


def chosen(beside: Beside, where: Any) -> Chosen:
    """Leads that pass all filters; several values of one filter are alternatives.

    Parameters
    ----------
    beside : Beside
        The leads with their states and what is worked out beside them.
    where : mapping, optional
        Such as ``{"status": "received", "country": ["DE", "JP"], "customer": "contoso"}``; names
        stand in `FILTERS`. ``search`` looks for a text in keys, names, notes and, unless they are
        hidden, contact data; ``older_than`` and ``younger_than`` take a duration.

    Raises
    ------
    ArgumentError
        For a filter or a value that is not allowed, before any lead is looked at.

    Notes
    -----
    Choosing a status removes leads that only inform; choosing a validity removes leads that are
    no offer leads, because nobody checks theirs.
    """
    records, states = beside.records, beside.states
    asked = _checked(records, where)
    mask, others = states.exists.copy(), states.exists.copy()
    for name, value in asked.items():
        passed = _passes(beside, name, value)
        mask &= passed
        if name not in ("status", *VALIDITY):
            others &= passed
    notes = []
    if "status" in asked:
        # Removed although their stage is called so.
        gone = others & ~records.actionable
        notes += _noted(gone, _of_status)
        mask &= records.actionable
    if any(name in asked for name in VALIDITY):
        offer = is_offer(records)
        notes += _noted(others & ~offer, _of_validity)
        mask &= offer
    return Chosen(mask, asked, tuple(notes))


def is_offer(records: Records) -> np.ndarray:
    """A mark for every lead of an offer's page."""
    told = records["lead_type"] == "offer"
    classes = records["lead_class"].astype(str)
    return np.asarray(told | np.isin(classes, ("contact_me", "informational")), bool)


def offers(records: Records) -> np.ndarray:
    """The offer of each lead with its publisher, as the source writes it; None without one."""
    pairs = zip(records["publisher_id"], records["offer_id"], strict=True)
    return np.array([f"{p}.{o}" if p and o else o for p, o in pairs], object)


def _noted(gone: np.ndarray, words: Callable[[int], str]) -> list[str]:
    count = int(gone.sum())
    return [words(count)] if count else []


def _of_status(count: int) -> str:
    return message_of_count(
        "Choosing a status removed {count} lead that asks for no answer.",
        "Choosing a status removed {count} leads that ask for no answer.",
        count,
    )


def _of_validity(count: int) -> str:
    return message_of_count(
        "Choosing a validity removed {count} lead of no offer: nobody checks its address.",
        "Choosing a validity removed {count} leads of no offer: nobody checks their addresses.",
        count,
    )


def _checked(records: Records, where: Any) -> dict[str, Any]:
    if where is None:
        return {}
    if not isinstance(where, Mapping):
        raise ArgumentError.of("where", where, message("a mapping of filters to values"))
    out: dict[str, Any] = {}
    for name, value in where.items():
        if name not in FILTERS:
            raise ArgumentError.of("where", name, FILTERS)
        if name in MARKS:
            if not isinstance(value, bool):
                raise ArgumentError.of(name, value, ["True", "False"])
            out[name] = value
        elif name in TEXTS:
            if not isinstance(value, str) or not value.strip():
                raise ArgumentError.of(name, value, message("a text to look for"))
            out[name] = value
        elif name in AGES:
            out[name] = str(Duration.parse(value, argument=name))
        else:
            out[name] = _values(records, name, value)
    return out


def _values(records: Records, name: str, value: Any) -> list[str]:
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list | tuple | set | frozenset) or not given:
        raise ArgumentError.of(name, value, message("a value or a list of values"))
    if name in OPEN_ENDED:
        column = offers(records) if name == "offer" else records[name]
        known = {str(v) for v in column if v is not None}
        allowed = sorted(known | set(SOURCES if name == "source" else ()))
    else:
        allowed = list(LISTED[name])
        if name in WIDER:
            known = {str(v) for v in records[name] if v is not None}
            allowed += sorted(known - {*allowed, *terms.ACTIONS})
    by_key = {terms.squeezed(v): v for v in allowed}
    read = []
    for item in given:
        found = item if item in allowed else by_key.get(terms.squeezed(str(item)))
        if found is None and name == "call_to_action":
            found = terms.action_of(str(item))
        if found is None and name == "status":
            found = terms.stage_word(str(item))
        if found not in allowed:
            raise ArgumentError.of(name, item, allowed)
        read.append(str(found))
    return sorted(set(read))


def _passes(beside: Beside, name: str, value: Any) -> np.ndarray:
    records, states = beside.records, beside.states
    if name in MARKS:
        return np.asarray(_mark(beside, name) == value)
    if name == "customer":
        return _holding(records["customer_name"], value)
    if name == "search":
        return _found(beside, value)
    if name in AGES:
        age = states.at - records["created_at"]
        limit = Duration.parse(value).microseconds
        return np.asarray(age > limit if name == "older_than" else age < limit)
    if name == "status":
        stages = {s for item in value for s in terms.SCREEN_STAGES.get(item, (item,))}
        return np.isin(states.stage.astype(str), sorted(stages))
    column = offers(records) if name == "offer" else records[name]
    if name in ("quality", "qualification"):
        column = np.where(pd.isna(column), "none", column)
    return np.isin(column.astype(str), value) & ~pd.isna(column)


def _holding(column: np.ndarray, wanted: str) -> np.ndarray:
    """Texts that hold another one, whatever case and width."""
    part = terms.folded(wanted)
    known = {text: part in terms.folded(text) for text in {t for t in column if t is not None}}
    return np.array([known.get(text, False) for text in column], bool)


def _found(beside: Beside, wanted: str) -> np.ndarray:
    """Leads that a search finds; nobody finds a lead by contact data that are hidden."""
    records = beside.records
    out = _holding(offers(records), wanted)
    for name in SEARCHED:
        out |= _holding(records[name], wanted)
    for column in (*(records[name] for name in CONTACT), full_names(records)):
        out |= _holding(column, wanted) & ~beside.hidden
    return out


def full_names(records: Records) -> np.ndarray:
    """First and last name of each contact; None without either."""
    pairs = zip(records["contact_first_name"], records["contact_last_name"], strict=True)
    out = [" ".join(part for part in pair if part) or None for pair in pairs]
    return np.array([*out, None], object)[:-1]


def _mark(beside: Beside, name: str) -> np.ndarray:
    if name == "actionable":
        return beside.records.actionable
    if name == "crm_matched":
        return beside.crm.matched
    if name == "duplicate":
        return ~pd.isna(beside.roles)
    if name == "contactable":
        return beside.states.contactable & ~beside.hidden
    return (
        beside.records["favourite"]
        if name == "favourite"
        else np.asarray(getattr(beside.states, name))
    )
