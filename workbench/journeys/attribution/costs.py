"""What campaigns cost, in the currency of the value that is shared out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.messages import message, message_of_count
from workbench.money import as_of_day, factors
from workbench.quoting import quoted
from workbench.workspace import Workspace

CAMPAIGN_KEYS = {"campaign_id": "campaign_id", "campaign": "name"}
_COST_COLUMNS = ("actual_cost", "x_actual_cost", "cost", "x_cost")


@dataclass(frozen=True)
class Costs:
    """What campaigns cost.

    Attributes
    ----------
    by_item : pandas.Series of float
        Cost of each campaign by the value of the dimension; nothing where it is not known.
    currency : str
    notes : tuple of str
    """

    by_item: pd.Series
    currency: str = ""
    notes: tuple[str, ...] = ()


def costs_of(workspace: Workspace, dimension: str, currency: str) -> Costs | None:
    """Costs of campaigns in one currency; None where the dimension is no campaign.

    Parameters
    ----------
    currency : str
        That of the value; empty where no money is shared out.
    """
    key = CAMPAIGN_KEYS.get(dimension)
    known = workspace.columns_of("campaigns")
    cost = next((name for name in _COST_COLUMNS if name in known), None)
    if key is None or key not in known or cost is None:
        return None
    written = "currency::VARCHAR" if "currency" in known else "''"
    ended = "end_on::DATE" if "end_on" in known else "NULL::DATE"
    read = workspace.sql(
        f"SELECT {quoted(key)}::VARCHAR AS item, {quoted(cost)}::DOUBLE AS cost, "
        f"coalesce({written}, '') AS currency, {ended} AS day FROM campaigns "
        f"WHERE {quoted(key)} IS NOT NULL AND {quoted(cost)} IS NOT NULL ORDER BY ALL"
    )
    currencies = read["currency"].to_numpy(object)
    target = currency or _only(workspace, currencies)
    last = as_of_day(workspace)
    days = np.full(len(read), last)
    if workspace.settings.currency.policy in ("close_date", "frozen_at_close"):
        ends = pd.to_datetime(read["day"]).to_numpy().astype("M8[D]")
        days = np.where(np.isnat(ends) | (ends > last), last, ends)
    read["cost"] *= factors(workspace, currencies, days, target)
    lost = read["cost"].isna().to_numpy()
    by_item = read.groupby("item")["cost"].sum(min_count=1)
    by_item[read.loc[lost, "item"].unique()] = np.nan
    return Costs(by_item, target, _cost_notes(lost, currencies, target))


def _only(workspace: Workspace, currencies: np.ndarray) -> str:
    found = {c for c in currencies if c}
    return workspace.settings.currency.reporting or (found.pop() if len(found) == 1 else "")


def _cost_notes(lost: np.ndarray, currencies: np.ndarray, target: str) -> tuple[str, ...]:
    told = [
        message("Costs are those of a whole campaign, whatever period conversions are counted in.")
    ]
    if lost.any():
        told.append(
            message_of_count(
                "The cost of {count} campaign in {currencies} has no rate to {target}.",
                "The costs of {count} campaigns in {currencies} have no rate to {target}.",
                int(lost.sum()),
                currencies=", ".join(sorted(set(currencies[lost]))),
                target=target or message("one currency"),
            )
        )
    return tuple(told)
