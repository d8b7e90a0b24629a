"""The deals behind a number, as a list that can be exported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results.tables import Column
from workbench.sales.deals import NEVER, days_of
from workbench.sales.history import DAY
from workbench.sales.pipeline.standing import CATEGORIES

if TYPE_CHECKING:
    from workbench.sales.pipeline.question import Question

OUTCOMES = ("open", "won", "lost")
MEMBERS = {
    "opportunity_id": "Key of the opportunity",
    "name": "Its name",
    "account_id": "Key of its account",
    "account": "Name of its account",
    "owner": "Its owner",
    "pipeline": "Its pipeline",
    "stage": "Its stage as it stood",
    "outcome": "open, won or lost, as it stood",
    "amount": "In the currency of the result",
    "own_amount": "In its own currency",
    "currency": "Its own currency",
    "probability": "0…1, as it stood",
    "forecast_category": "As it stood",
    "expected_close_on": "As it stood",
    "created_at": "UTC",
    "closed_at": "UTC; missing while open",
    "days_in_stage": "Since it last entered its stage; missing without history",
    "group": "Value of by",
}


def listed(question: Question, mask: np.ndarray) -> pd.DataFrame:
    """Chosen deals, the largest amounts first.

    Parameters
    ----------
    mask : numpy.ndarray of bool

    Returns
    -------
    pandas.DataFrame
        With the columns of `MEMBERS`.
    """
    places = np.flatnonzero(mask)
    deals, standing = question.deals, question.standing
    amounts = standing.amount[places]
    places = places[np.lexsort((places, np.where(np.isnan(amounts), np.inf, -amounts)))]
    table = deals.table.take(places)

    def text(name: str) -> np.ndarray:
        return np.asarray(table.column(name).to_numpy(zero_copy_only=False), object)

    stages = np.array([*deals.catalogue.frame["stage"], None], object)
    accounts = text("account_id")
    known = pd.unique(accounts[[a is not None for a in accounts]]) if accounts.size else accounts
    named = dict(
        zip(known, question.workspace.display_names("account", known), strict=True)
        if len(known)
        else ()
    )
    owners = deals.owners()[places]
    names = text("name")
    return pd.DataFrame(
        {
            "opportunity_id": text("opportunity_id").astype("str"),
            "name": [n or k for n, k in zip(names, text("opportunity_id"), strict=True)],
            "account_id": accounts,
            "account": [named.get(a) for a in accounts],
            "owner": owners,
            "pipeline": text("pipeline"),
            "stage": stages[standing.stage[places]],
            "outcome": np.array(OUTCOMES, object)[standing.outcome[places]],
            "amount": standing.amount[places],
            "own_amount": standing.own_amount[places],
            "currency": text("currency"),
            "probability": standing.probability[places],
            "forecast_category": np.array(list(CATEGORIES), object)[standing.category[places]],
            "expected_close_on": days_of(standing.expected_on[places]),
            "created_at": instants(deals.created_at[places]),
            "closed_at": instants(standing.closed_at[places]),
            "days_in_stage": days_in_stage(question)[places],
            "group": np.array([*question.groups.names, None], object)[
                question.groups.codes[places]
            ],
        },
        columns=list(MEMBERS),
    ).reset_index(drop=True)


def days_in_stage(question: Question) -> np.ndarray:
    """Days since each open deal last entered its stage; NaN without history and once closed."""
    history, standing = question.history, question.standing
    out = np.full(len(question.deals), np.nan)
    entries = history.entries[history.at[history.entries] <= question.instant]
    deal = history.deal[entries]
    last = np.append(deal[1:] != deal[:-1], True) if deal.size else np.empty(0, bool)
    out[deal[last]] = (question.instant - history.at[entries[last]]) / DAY
    out[~standing.open] = np.nan
    return out


def instants(microseconds: np.ndarray) -> pd.Series:
    """Microseconds as UTC instants; `NEVER` becomes a missing value."""
    known = microseconds != NEVER
    values = np.where(known, microseconds, 0).astype("M8[us]")
    found = pd.Series(np.where(known, values, np.datetime64("NaT", "us")).astype("M8[us]"))
    return found.dt.tz_localize("UTC")


def chosen_group(question: Question, group: str | None) -> np.ndarray:
    """A mark for every deal of a group; all deals when left out."""
    from workbench.sales.pipeline.groups import everyone

    if group is None or (question.by is None and group == everyone()):
        return np.ones(len(question.deals), bool)
    if group not in question.groups.names:
        raise ArgumentError.of("group", group, question.groups.names)
    return question.groups.codes == question.groups.names.index(group)


def list_columns(currency: str) -> tuple[Column, ...]:
    """Columns of a list of deals for a reader."""
    return (
        Column("name", message("Opportunity")),
        Column("account", message("Account")),
        Column("owner", message("Owner")),
        Column("stage", message("Stage")),
        Column("amount", message("Amount"), "money", currency),
        Column("probability", message("Probability"), "share"),
        Column("expected_close_on", message("Expected close"), "date"),
        Column("days_in_stage", message("Time in stage"), "duration"),
        Column("opportunity_id", message("Key")),
    )
