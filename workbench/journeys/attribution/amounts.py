"""What a conversion is worth, in one currency.

Source: b2b-data-model.md, section 1 (money) and section 4, rule 9 (policies of conversion).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.engine.layout import KEYS
from workbench.engine.masks import Marker
from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message, message_of_count
from workbench.money import as_of_day, factors, target_currency
from workbench.vocabulary.periods import bucket
from workbench.workspace import Workspace


@dataclass(frozen=True)
class Amounts:
    """What some rows are worth.

    Attributes
    ----------
    values : numpy.ndarray of float
        Zero where nothing is known.
    currency : str
        Empty for a plain number.
    notes : tuple of str
        What is not known or could not be converted.
    """

    values: np.ndarray
    currency: str = ""
    notes: tuple[str, ...] = ()


def check_value(workspace: Workspace, name: str) -> None:
    """Refuse a value that is no number, before any row is read."""
    columns = workspace.events.columns
    if columns.get(name, {}).get("kind") == "measure":
        return
    if name in KEYS:
        raise ArgumentError.of(
            "value",
            name,
            _measures(workspace),
            message(
                "Keys can only be counted distinctly, and a distinct count cannot be shared out."
            ),
        )
    found = None if name in columns else workspace.attribute(name)
    if found is None and name not in columns:
        raise AbsentError.of("value", name, _measures(workspace))
    if found is None or not isinstance(found.values, np.ndarray):
        raise ArgumentError.of("value", name, _measures(workspace), message("It holds no numbers."))


def _measures(workspace: Workspace) -> list[str]:
    measures = [n for n, c in workspace.events.columns.items() if c["kind"] == "measure"]
    deals = workspace.tables.get("opportunities")
    numeric = [
        f"opportunities.{c.name}"
        for c in (deals.columns if deals else ())
        if c.type in ("number", "integer")
    ]
    return [*measures, *numeric]


def amounts_of(workspace: Workspace, marker: Marker, name: str, rows: np.ndarray) -> Amounts:
    """What each of some rows of the store is worth, money in one currency.

    Parameters
    ----------
    name : str
        A measure of the events, or a column of numbers of opportunities, accounts or people.
    """
    store = workspace.events
    if store.columns.get(name, {}).get("kind") == "measure":
        values = np.asarray(store.column(name)[rows], float)
    else:
        codes, of_code = marker.lookup(name)
        values = of_code.astype(float)[codes[rows]]
    absent = int(np.isnan(values).sum())
    notes = []
    if absent:
        notes.append(
            message_of_count(
                "{count} conversion has no {name}; it counts as a conversion worth nothing.",
                "{count} conversions have no {name}; they count as conversions worth nothing.",
                absent,
                name=name,
            )
        )
    unit = _unit(workspace, name)
    if unit == "reporting currency":
        reporting = workspace.settings.currency.reporting or ""
        return Amounts(np.nan_to_num(values, nan=0.0), reporting, tuple(notes))
    currencies = _currencies(workspace, marker, rows) if unit == "currency" else None
    if currencies is None:
        return Amounts(np.nan_to_num(values, nan=0.0), "", tuple(notes))
    known = ~np.isnan(values)
    target = target_currency(workspace, currencies[known], "value")
    if workspace.settings.currency.policy == "as_imported":
        values = _as_imported(marker, rows, values, currencies, target)
    else:
        days = _days(workspace, rows)
        values = values * factors(workspace, currencies, days, target)
    lost = known & np.isnan(values)
    if lost.any():
        notes.append(_not_converted(lost, currencies, target))
    return Amounts(np.nan_to_num(values, nan=0.0), target, tuple(notes))


def _unit(workspace: Workspace, name: str) -> str:
    """``currency`` for money in the currency of its row, ``reporting currency``, or empty."""
    bare = name.removeprefix("opportunities.")
    deals = workspace.tables.get("opportunities")
    column = deals.column(bare) if deals else None
    if column is not None and column.unit in ("currency", "reporting currency"):
        return column.unit
    return "currency" if bare == "amount" else ""


def _currencies(workspace: Workspace, marker: Marker, rows: np.ndarray) -> np.ndarray | None:
    """Currency of each row: its own, else that of its opportunity; None where none is known."""
    columns = workspace.events.columns
    if "currency" in columns:
        name = "currency"
    elif workspace.has("opportunities", "currency") and "opportunity_id" in columns:
        name = "opportunities.currency"
    else:
        return None
    codes, values = marker.lookup(name)
    return np.array([v if isinstance(v, str) and v else "" for v in values], object)[codes[rows]]


def _days(workspace: Workspace, rows: np.ndarray) -> np.ndarray:
    """Day whose rate holds for each row, by the policy of the workspace."""
    policy, last = workspace.settings.currency.policy, as_of_day(workspace)
    if policy == "latest":
        return np.full(rows.size, last)
    zone = workspace.settings.report_tz
    times = np.asarray(workspace.events.times[rows])
    days = bucket(times, "day", zone).to_numpy().astype("M8[D]")
    known = workspace.columns_of("opportunities")
    if "opportunity_id" not in workspace.events.columns or "closed_at" not in known:
        return np.minimum(days, last)
    closed = "(closed_at AT TIME ZONE ?)::DATE"
    expected = "expected_close_on" if "expected_close_on" in known else "NULL::DATE"
    day = f"coalesce({closed}, {expected})" if policy == "close_date" else closed
    read = workspace.sql(
        f"SELECT opportunity_id::VARCHAR AS key, min({day}) AS day FROM opportunities GROUP BY ALL",
        [zone],
    )
    by_key = pd.Series(pd.to_datetime(read["day"]).to_numpy(), index=read["key"])
    keys = workspace.events.values_at("opportunity_id", rows)
    found = by_key.reindex(keys).to_numpy().astype("M8[D]")
    if policy == "frozen_at_close":
        found = np.where(np.isnat(found) | (found > last), last, found)
        return np.where(pd.isna(keys), np.minimum(days, last), found)
    return np.where(np.isnat(found), np.minimum(days, last), found)


def _as_imported(
    marker: Marker, rows: np.ndarray, values: np.ndarray, currencies: np.ndarray, target: str
) -> np.ndarray:
    own = np.where((currencies == target) | (currencies == ""), values, np.nan)
    found = marker.attribute("opportunities.amount_rc")
    if found is None:
        return own
    codes, of_code = marker.lookup("opportunities.amount_rc")
    converted = of_code.astype(float)[codes[rows]]
    return np.where(np.isnan(converted), own, converted)


def _not_converted(lost: np.ndarray, currencies: np.ndarray, target: str) -> str:
    return message_of_count(
        "{count} conversion in {currencies} has no rate to {target}; it counts as worth nothing.",
        "{count} conversions in {currencies} have no rate to {target}; they count as worth "
        "nothing.",
        int(lost.sum()),
        currencies=", ".join(sorted(set(currencies[lost]))),
        target=target,
    )
