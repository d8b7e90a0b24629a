"""Counting the funnel of leads: one line a group.

Source: partner-leads.md, section 9 (KPIs).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench import money
from workbench.leads.filters import is_offer, offers
from workbench.leads.lines import responses
from workbench.leads.question import Question
from workbench.leads.terms import HOUR, NEVER
from workbench.results.intervals import wilson
from workbench.vocabulary.periods import bucket

WITHIN_HOURS = 72
COLUMNS = {
    "group": "'All leads' first, then each value of by",
    "received": "Leads that ask for an answer and arrived in the period",
    "accepted": "Of received, those ever accepted",
    "declined": "Of received, those declined",
    "expired": "Of received, those that ran out without an answer",
    "resolved": "accepted + declined + expired",
    "open": "received - resolved",
    "share_open": "open / received",
    "share_responded": "(accepted + declined) / resolved",
    "low": "Lower end of the 95 % interval of share_responded (Wilson)",
    "high": "Upper end of it",
    "share_accepted": "accepted / resolved",
    "share_expired": "expired / resolved",
    "timed": "Of accepted + declined, those whose instant of the answer is known",
    "median_hours": "Median hours from arrival to the answer, of timed",
    "mean_hours": "Mean of them",
    "p90_hours": "90th percentile of them",
    "accepted_median_hours": "Median hours from arrival to the acceptance",
    "accepted_mean_hours": "Mean of them",
    "within": "Of timed, those answered within 72 hours",
    "share_within": "within / timed",
    "matured": "Of received, those that arrived 72 hours ago or earlier",
    "within_matured": "Of matured, those answered within 72 hours",
    "share_within_matured": "within_matured / matured",
    "won": "Of received, those won",
    "lost": "Of received, those lost",
    "share_won": "won / (won + lost)",
    "share_lead_to_win": "won / received",
    "value_accepted": "Value of accepted leads neither won nor lost, in one currency",
    "value_won": "Value of won leads",
    "value_lost": "Value of lost leads",
    "value_unknown": "Of accepted, those without a value or a rate",
    "offer_leads": "Offer leads that arrived in the period, also those that only inform",
    "valid_contact": "Of offer_leads, those whose mail or telephone is valid",
    "share_valid": "valid_contact / offer_leads",
    "spam": "Of offer_leads, those marked as spam",
    "share_spam": "spam / offer_leads",
}


def codes(question: Question, by: str) -> tuple[np.ndarray, list[str | None]]:
    """Group of each lead and the value of each group in order of text, the missing one last."""
    records = question.records
    column = offers(records) if by == "offer" else records[by]
    numbers, values = pd.factorize(column, sort=True)
    numbers = np.where(numbers < 0, len(values), numbers)
    return numbers, [*map(str, values), None]


def counted(
    question: Question, mask: np.ndarray, groups: np.ndarray, names: list[str]
) -> pd.DataFrame:
    """One line a group.

    Parameters
    ----------
    mask : numpy.ndarray of bool
        Leads that arrived in the period and pass the filters.
    groups : numpy.ndarray of int64
        Group of each lead.
    names : list of str
        Name of each group.

    Returns
    -------
    pandas.DataFrame
        With `COLUMNS`.
    """
    records, states, size = question.records, question.states, len(names)
    part = mask & records.actionable
    offer = mask & is_offer(records)
    valid = (records["email_validity"] == "valid") | (records["phone_validity"] == "valid")

    def count(chosen: np.ndarray) -> np.ndarray:
        return np.bincount(groups[chosen], minlength=size)

    accepted = part & states.accepted
    declined, expired = (part & (states.stage == name) for name in ("declined", "expired"))
    won, lost = (part & (states.stage == name) for name in ("won", "lost"))
    _, hours = responses(question)
    timed = (accepted | declined) & ~np.isnan(hours)
    within = timed & (hours <= WITHIN_HOURS)
    amounts, _ = values(question)
    known = ~np.isnan(amounts)

    def total(chosen: np.ndarray) -> np.ndarray:
        chosen = chosen & known
        return np.bincount(groups[chosen], amounts[chosen], minlength=size)

    out = pd.DataFrame({"group": np.array(names, object)})
    out["received"] = count(part)
    out["accepted"], out["declined"], out["expired"] = map(count, (accepted, declined, expired))
    out["resolved"] = out["accepted"] + out["declined"] + out["expired"]
    out["open"] = out["received"] - out["resolved"]
    answered = (out["accepted"] + out["declined"]).to_numpy()
    out["share_open"] = ratio(out["open"], out["received"])
    out["share_responded"] = ratio(answered, out["resolved"])
    out["low"], out["high"] = wilson(answered, out["resolved"].to_numpy())
    out["share_accepted"] = ratio(out["accepted"], out["resolved"])
    out["share_expired"] = ratio(out["expired"], out["resolved"])
    out["timed"] = count(timed)
    out["median_hours"] = quantile(hours, timed, groups, size, 0.5)
    out["mean_hours"] = ratio(np.bincount(groups[timed], hours[timed], size), out["timed"])
    out["p90_hours"] = quantile(hours, timed, groups, size, 0.9)
    taken = timed & accepted
    out["accepted_median_hours"] = quantile(hours, taken, groups, size, 0.5)
    out["accepted_mean_hours"] = ratio(np.bincount(groups[taken], hours[taken], size), count(taken))
    out["within"] = count(within)
    out["share_within"] = ratio(out["within"], out["timed"])
    matured = part & (states.at - records["created_at"] >= WITHIN_HOURS * HOUR)
    out["matured"], out["within_matured"] = count(matured), count(matured & within)
    out["share_within_matured"] = ratio(out["within_matured"], out["matured"])
    out["won"], out["lost"] = count(won), count(lost)
    out["share_won"] = ratio(out["won"], out["won"] + out["lost"])
    out["share_lead_to_win"] = ratio(out["won"], out["received"])
    out["value_accepted"] = total(accepted & ~won & ~lost)
    out["value_won"], out["value_lost"] = total(won), total(lost)
    out["value_unknown"] = count(accepted & ~known)
    out["offer_leads"] = count(offer)
    out["valid_contact"] = count(offer & valid)
    out["share_valid"] = ratio(out["valid_contact"], out["offer_leads"])
    out["spam"] = count(offer & states.spam)
    out["share_spam"] = ratio(out["spam"], out["offer_leads"])
    return out[list(COLUMNS)]


def ratio(numerator: object, denominator: object) -> np.ndarray:
    """A share; not a number for a zero denominator."""
    top, bottom = np.asarray(numerator, float), np.asarray(denominator, float)
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)


def quantile(
    values: np.ndarray, mask: np.ndarray, groups: np.ndarray, size: int, q: float
) -> np.ndarray:
    """A quantile of each group, between two values by a straight line."""
    found = pd.Series(values[mask]).groupby(groups[mask]).quantile(q)
    return found.reindex(range(size)).to_numpy(float)


def values(question: Question) -> tuple[np.ndarray, str]:
    """Values of the deals in one currency, and that currency; NaN without a value or a rate."""
    records, workspace = question.records, question.workspace
    known = question.chosen & ~np.isnan(records["deal_value"])
    target = money.target_currency(
        workspace, pd.unique(records["currency"][known]), "deal_value"
    )  # fmt: skip
    amounts = records["deal_value"]
    if not target:
        return amounts, ""
    currencies = np.array([c or "" for c in records["currency"]], str)
    day = bucket(np.array([question.states.at]), "day", question.zone).to_numpy().astype("M8[D]")[0]
    days = np.full(len(records), day)
    if workspace.settings.currency.policy in ("close_date", "frozen_at_close"):
        closed = question.states.closed_at
        ended = closed != NEVER
        if ended.any():
            days[ended] = bucket(closed[ended], "day", question.zone).to_numpy().astype("M8[D]")
    return amounts * money.factors(workspace, currencies, days, target), target
