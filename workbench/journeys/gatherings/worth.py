"""What the events touched and what they cost: opportunities and money in one currency.

An opportunity is influenced by an event when its account came and it was open when the event
began, or was created within the horizon after. Its amount is the one of today.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.journeys.gatherings.question import Question
from workbench.journeys.records import deals
from workbench.messages import message, message_of_count
from workbench.money import as_of_day, factors, target_currency
from workbench.vocabulary.periods import bucket

_DEALS = ("event_id", "opportunity_id", "account_id", "name", "owner", "relation", "at", "amount")


@dataclass(frozen=True)
class Worth:
    """Opportunities of those who came, and costs.

    Attributes
    ----------
    known : bool
        Whether the workspace knows opportunities.
    influenced : pandas.DataFrame
        One line an event and opportunity: ``relation`` is ``open`` (when the event began) or
        ``new`` (created within the horizon after); ``at`` its creation; ``amount`` in `currency`.
    cost : pandas.Series
        Cost of each event in `currency`, by its key; not a number where it is not known.
    currency : str
        Empty where none is known.
    open_now : pandas.Series
        Open amount of each account today, by its key.
    """

    known: bool
    influenced: pd.DataFrame
    cost: pd.Series
    currency: str
    open_now: pd.Series
    notes: tuple[str, ...] = ()


def worth_of(question: Question, events: pd.DataFrame, visits: pd.DataFrame) -> Worth:
    """Opportunities that the events touched, and their cost."""
    workspace = question.workspace
    found = deals(workspace, workspace.as_of)
    known = workspace.has("opportunities", "opportunity_id", "account_id")
    currency, notes = found.currency, list(found.notes)
    if not currency:
        currency, more = _currency_of_costs(question)
        notes += more
    cost, more = _costs(question, events, currency)
    open_now = found.open.groupby("account_id")["amount"].sum(min_count=1)
    return Worth(
        known,
        _influenced(question, events, visits, found.frame),
        cost,
        currency,
        open_now,
        (*notes, *more),
    )


def _influenced(
    question: Question, events: pd.DataFrame, visits: pd.DataFrame, frame: pd.DataFrame
) -> pd.DataFrame:
    """Deals of accounts that came which were open at the start or created within the horizon."""
    if visits.empty or frame.empty:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in _DEALS})
    near = visits[["event_id", "account_id"]].merge(frame, on="account_id")
    start = events.set_index("event_id")["start"].reindex(near["event_id"])
    start = start.astype("float64").to_numpy()
    created, closed = _microseconds(near["created_at"]), _microseconds(near["closed_at"])
    # A deal that is closed at an unknown time was open at no known one.
    ended = np.where(np.isnan(closed) & (near["outcome"] != "open").to_numpy(), -np.inf, closed)
    was_open = (created <= start) & (np.isnan(ended) | (ended > start))
    new = (created > start) & (created <= start + question.horizon.microseconds)
    near = near.assign(relation=np.where(was_open, "open", "new"), at=near["created_at"])
    kept = near.loc[was_open | new, list(_DEALS)]
    return kept.sort_values(["event_id", "relation", "opportunity_id"], ignore_index=True)


def _microseconds(instants: pd.Series) -> np.ndarray:
    read = pd.to_datetime(instants, utc=True).astype("datetime64[us, UTC]")
    out = read.astype("int64").to_numpy().astype(float)
    out[read.isna().to_numpy()] = np.nan
    return out


def _currency_of_costs(question: Question) -> tuple[str, list[str]]:
    """The currency of the costs where the opportunities name none."""
    workspace = question.workspace
    if not workspace.has("campaigns", "actual_cost", "currency"):
        return workspace.settings.currency.reporting or "", []
    written = workspace.sql("SELECT DISTINCT currency AS c FROM campaigns")["c"].dropna()
    try:
        return target_currency(workspace, written, "actual_cost"), []
    except ArgumentError as problem:
        return "", [str(problem)]


def _costs(question: Question, events: pd.DataFrame, target: str) -> tuple[pd.Series, list[str]]:
    """Cost of the campaign of each event, converted."""
    workspace = question.workspace
    nothing = pd.Series(np.nan, index=pd.Index(events["event_id"], dtype="object"), dtype=float)
    if events.empty or not workspace.has("campaigns", "campaign_id", "actual_cost"):
        note = message("No costs are known: the campaigns of the events carry none.")
        return nothing, [note] if len(events) else []
    written = "currency::VARCHAR" if workspace.has("campaigns", "currency") else "''"
    table = workspace.sql(
        "SELECT campaign_id::VARCHAR AS campaign_id, sum(actual_cost)::DOUBLE AS cost, "
        f"coalesce(min({written}), '') AS currency FROM campaigns WHERE actual_cost IS NOT NULL "
        "GROUP BY ALL"
    ).set_index("campaign_id")
    own = table.reindex(events["campaign_id"])
    currencies = own["currency"].fillna("").to_numpy(str)
    if not target and set(currencies[own["cost"].notna().to_numpy()]) - {""}:
        return nothing, []  # in several currencies, and no one is named: said already
    zone = workspace.settings.report_tz
    start = events["start"].fillna(question.until).to_numpy(np.int64)
    day = bucket(start, "day", zone).to_numpy().astype("M8[D]")
    if workspace.settings.currency.policy == "latest":
        day = np.full(day.size, as_of_day(workspace))
    factor = factors(workspace, currencies, day, target)
    cost = own["cost"].to_numpy(float) * factor
    lost = int((np.isnan(factor) & own["cost"].notna().to_numpy()).sum())
    missing = int(own["cost"].isna().sum())
    notes = []
    if missing:
        notes.append(
            message_of_count(
                "{count} event has no known cost.", "{count} events have no known cost.", missing
            )
        )
    if lost:
        notes.append(
            message_of_count(
                "The cost of {count} event could not be converted to {currency}.",
                "The cost of {count} events could not be converted to {currency}.",
                lost,
                currency=target,
            )
        )
    return pd.Series(cost, index=nothing.index), notes
