"""Measures that are money, in one currency by the policy of the workspace.

Source: b2b-data-model.md, section 1 (money) and section 4, rule 9 (policies of conversion).
"""

from __future__ import annotations

import numpy as np

from workbench import money
from workbench.engine.masks import Marker
from workbench.messages import message
from workbench.vocabulary.periods import bucket
from workbench.workspace import Workspace


class Measures:
    """The measures of one question, each read once.

    Money stands in the currency of its row or of the row's opportunity. Where that is not the
    reporting one, each amount is divided by the rate of the day of its row, or by the latest one
    where the workspace says so; an amount without a rate adds nothing, and a note says so.

    Parameters
    ----------
    workspace : Workspace
    marker : Marker
    """

    def __init__(self, workspace: Workspace, marker: Marker) -> None:
        self.workspace = workspace
        self.marker = marker
        self._read: dict[str, tuple[np.ndarray, str]] = {}

    def __call__(self, name: str) -> np.ndarray:
        """A measure of every row."""
        return self._of(name)[0]

    def currency(self, name: str) -> str:
        """Its currency; empty for a plain number."""
        return self._of(name)[1]

    def _of(self, name: str) -> tuple[np.ndarray, str]:
        if name not in self._read:
            self._read[name] = _measured(self.workspace, self.marker, name)
        return self._read[name]


def _measured(workspace: Workspace, marker: Marker, name: str) -> tuple[np.ndarray, str]:
    values = workspace.events.column(name)
    named = _currency_column(workspace, name)
    if not named:
        return values, ""
    codes, texts = marker.lookup(named)
    currencies = np.array([t if isinstance(t, str) else "" for t in texts], object)
    rows = np.flatnonzero(~np.isnan(values))
    own = np.asarray(codes)[rows]
    occurring = np.flatnonzero(np.bincount(own, minlength=currencies.size))
    target = money.target_currency(workspace, currencies[occurring], "primary")
    if set(currencies[occurring]) <= {target, ""}:
        return values, target
    converted = np.full(values.size, np.nan)
    factor = money.factors(workspace, currencies[own], _days(workspace, rows), target)
    converted[rows] = values[rows] * factor
    lost = np.count_nonzero(np.isnan(factor))
    if lost:
        marker.note(
            message(
                "{n} amounts have no rate to {currency} and add nothing.",
                n=f"{lost:,}",
                currency=target,
            )
        )
    return converted, target


def _currency_column(workspace: Workspace, name: str) -> str:
    """The name under which the currency of an amount is found; empty for a plain number."""
    deals = workspace.tables.get("opportunities")
    column = deals.column(name) if deals else None
    unit = column.unit if column is not None else "currency" if name == "amount" else ""
    if unit != "currency":
        return ""
    if "currency" in workspace.events.columns:
        return "currency"
    if "opportunity_id" in workspace.events.columns and workspace.has("opportunities", "currency"):
        return "opportunities.currency"
    return ""


def _days(workspace: Workspace, rows: np.ndarray) -> np.ndarray:
    """Day whose rate holds for each row."""
    last = money.as_of_day(workspace)
    if workspace.settings.currency.policy == "latest":
        return np.full(rows.size, last)
    times = np.asarray(workspace.events.times[rows])
    days = bucket(times, "day", workspace.settings.report_tz).to_numpy().astype("M8[D]")
    return np.minimum(days, last)
