"""Deals as lines that a reader can act on: who they are, where they stand, what they are worth."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.sales.deals import NEVER, NO_DAY, days_of
from workbench.sales.history import DAY
from workbench.sales.score.features import Sources
from workbench.sales.score.standing import Standing

COLUMNS = {
    "opportunity_id": "Key of the deal",
    "name": "Its name, or the key where none is known",
    "account_id": "Key of its account",
    "account": "Name of the account, or its key",
    "owner": "Owner",
    "pipeline": "Pipeline; empty where deals name none",
    "stage": "Stage at the instant that is looked at; the last one for closed deals",
    "amount": "Amount as known then, in `currency`",
    "currency": "Currency of the amount; empty where none is known",
    "expected_close_on": "Expected day of closing as known then",
    "days_in_stage": "Days in the present stage; empty without history or when closed",
}


def deal_lines(sources: Sources, standing: Standing, numbers: np.ndarray) -> pd.DataFrame:
    """One line a deal, with the columns of `COLUMNS`.

    Parameters
    ----------
    numbers : numpy.ndarray of int64
        Which deals.
    """
    deals, found = sources.deals, sources.history
    place = standing.place[numbers]
    saved = place >= 0
    at = np.maximum(place, 0)
    stage = deals.stage[numbers].copy()
    amount, expected = deals.amount[numbers].copy(), deals.expected_on[numbers].copy()
    days = np.full(numbers.size, np.nan)
    if saved.any():
        stage_now, entered, amount_now, _, _ = (a[at] for a in sources.saves)
        open_now = saved & (standing.outcome[numbers] == 0)
        days = np.where(open_now, (standing.instant - entered) / DAY, np.nan)
        stage = np.where(saved & (stage_now >= 0), stage_now, stage)
        amount = np.where(saved & ~np.isnan(amount_now), amount_now, amount)
        known = saved & (found.expected_on[at] != NO_DAY)
        expected = np.where(known, found.expected_on[at], expected)
    amount, currency = _in_one_currency(sources, standing, numbers, amount)
    names = np.append(deals.catalogue.frame["stage"].to_numpy(object), "")
    pipelines = np.append(deals.catalogue.frame["pipeline"].to_numpy(object), "")
    keys = deals.text("opportunity_id")[numbers]
    titles = deals.text("name")[numbers]
    accounts = deals.text("account_id")[numbers]
    return pd.DataFrame(
        {
            "opportunity_id": keys,
            "name": [n or k for n, k in zip(titles, keys, strict=True)],
            "account_id": accounts,
            "account": _account_names(sources, accounts),
            "owner": deals.owners()[numbers],
            "pipeline": pipelines[stage],
            "stage": names[stage],
            "amount": amount,
            "currency": currency,
            "expected_close_on": days_of(expected),
            "days_in_stage": days,
        },
        columns=list(COLUMNS),
    )


def _account_names(sources: Sources, keys: np.ndarray) -> np.ndarray:
    known = np.array([k for k in keys if k is not None], object)
    names = sources.deals.workspace.display_names("account", known) if known.size else known
    of_key = dict(zip(known, names, strict=True))
    return np.array([of_key.get(k) for k in keys], object)


def _in_one_currency(
    sources: Sources, standing: Standing, numbers: np.ndarray, amount: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Amounts in the currency of the workspace; each in its own where that is not possible."""
    deals = sources.deals
    own = deals.text("currency")[numbers]
    try:
        target = deals.currency
    except ArgumentError:
        return amount, np.array([c or "" for c in own], object)
    zone = deals.workspace.settings.report_tz
    day = pd.Timestamp(standing.instant, unit="us", tz="UTC").tz_convert(zone).tz_localize(None)
    closed = standing.closed_at[numbers]
    shut = closed != NEVER
    closed_on = np.where(shut, deals.closed_on[numbers], NO_DAY)
    converted = deals.converted(
        amount, at_day=int(day.to_datetime64().astype("M8[D]").astype(int)), of=numbers,
        closed_on=closed_on, expected_on=deals.expected_on[numbers],
    )  # fmt: skip
    return converted, np.full(numbers.size, target, object)
