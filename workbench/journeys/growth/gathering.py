"""Customers with what they use, who speaks with us, what they could buy, side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.journeys.growth.comparable import column_of_accounts, owned_by, suggested
from workbench.journeys.growth.contact import contact_of, knows_direction
from workbench.journeys.growth.contracts import contracts_of, customers_of
from workbench.journeys.growth.question import Question
from workbench.journeys.growth.usage import item_of, seats_of, trends, usage_rows
from workbench.journeys.lines import joined_by
from workbench.journeys.records import Deals, deals
from workbench.journeys.scoping import taking_part
from workbench.messages import message


@dataclass(frozen=True)
class Gathered:
    """Everything that the answers are made of.

    Attributes
    ----------
    customers : pandas.DataFrame
        One line a customer.
    suggestions : pandas.DataFrame
        Items that comparable customers own, as `workbench.journeys.growth.comparable.suggested`.
    contracts : pandas.DataFrame
    deals : Deals
    item : str or None
        The dimension that names what is owned.
    notes : tuple of str
    """

    customers: pd.DataFrame
    suggestions: pd.DataFrame
    contracts: pd.DataFrame
    deals: Deals
    item: str | None
    notes: tuple[str, ...]


def gathered(question: Question) -> Gathered:
    """Read the tables and the events once."""
    workspace = question.workspace
    found = deals(workspace, question.at)
    contracts = contracts_of(question)
    customers = customers_of(question, contracts, found)
    if question.segment is not None:
        stream = workspace.events.stream("account")
        _, members = taking_part(
            workspace, workspace.marker(question.period), stream, question.period, question.segment
        )
        assert members is not None
        kept = workspace.events.container_names(stream)[members]
        customers = customers[customers["key"].isin(kept)].reset_index(drop=True)
    customers = _named(question, customers)
    rows = usage_rows(question, customers["key"])
    owned = owned_by(question, customers, rows, found)
    parts = [
        customers,
        trends(question, customers, rows),
        seats_of(question, len(customers), rows),
        contact_of(question, customers),
        _items(owned, len(customers)),
        _open(customers, found),
    ]
    out = pd.concat(parts, axis=1)
    since = pd.Timestamp(question.at) - out["last_two_way_at"]
    out["days_since_two_way"] = since / pd.Timedelta(days=1)
    out["days_to_contract_end"] = (
        out["contract_ends_at"] - pd.Timestamp(question.at)
    ) / pd.Timedelta(days=1)
    return Gathered(
        out,
        suggested(question, customers, owned),
        contracts,
        found,
        item_of(question),
        (*_notes(question, rows is None, out), *found.notes),
    )


def _named(question: Question, customers: pd.DataFrame) -> pd.DataFrame:
    workspace = question.workspace
    keys = customers["key"].to_numpy(object)
    out = customers.copy()
    out["name"] = pd.Series(
        workspace.display_names("account", keys), index=out.index, dtype="object"
    ).astype("str")
    owners = workspace.values_of("account", "owner_id", keys)
    owner = np.full(len(out), None, object) if owners is None else owners
    out["owner"] = pd.Series(owner, index=out.index, dtype="object").astype("str")
    everyone = message("All customers")
    out["group"] = (
        column_of_accounts(question, question.by, out["key"])
        if question.by
        else pd.Series(everyone, index=out.index, dtype="str")
    )
    return out


def _items(owned: pd.DataFrame, size: int) -> pd.DataFrame:
    """Number and names of the items of each customer."""
    ordered = owned.sort_values(["number", "item"])
    names = joined_by(ordered["item"], ordered["number"], ", ", most=12).reindex(range(size))
    number = (
        owned.groupby("number").size().reindex(range(size)).astype(float).fillna(0).astype(np.int64)
    )
    return pd.DataFrame(
        {"items": number, "items_owned": names.astype("object").astype("str").fillna("")}
    )


def _open(customers: pd.DataFrame, found: Deals) -> pd.DataFrame:
    """Open opportunities of each customer."""
    still = found.open
    grouped = still.groupby("account_id")
    counts = grouped.size().reindex(customers["key"].to_numpy(object))
    sums = still[still["amount"].notna()].groupby("account_id")["amount"].sum()
    sums = sums.reindex(customers["key"].to_numpy(object))
    return pd.DataFrame(
        {
            "open_opportunities": counts.astype(float).fillna(0).to_numpy().astype(np.int64),
            "open_amount": sums.to_numpy(float),
        }
    )


def _notes(question: Question, no_use: bool, customers: pd.DataFrame) -> list[str]:
    """Which table is missing and what is not known without it."""
    workspace = question.workspace
    out = []
    if question.contracts is None:
        out.append(
            message(
                "No table of contracts or subscriptions is known: customers are those with a won "
                "opportunity or a mark, and ends of contracts are not known."
            )
        )
    if not workspace.has("opportunities", "opportunity_id", "account_id"):
        out.append(message("Without opportunities, open ones and what was bought are not known."))
    if no_use:
        out.append(
            message(
                "No event is called “{event}”, so what customers use is not known.",
                event=question.usage_event,
            )
        )
    elif len(customers) and customers["seats"].isna().all():
        out.append(message("Use knows no seats and people, so how near the limit is is not known."))
    if not knows_direction(workspace.events):
        out.append(message("Events do not say what came in, so contact is not compared."))
    if "person" not in workspace.events.containers():
        out.append(message("Events name no people, so how many are engaged is not known."))
    return out
