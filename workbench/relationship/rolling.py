"""Health of accounts: that of their open opportunities by amount, else that of their people.

Source: relationship-analytics.md, section 5, rule 6.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench import money
from workbench.errors import AbsentError
from workbench.relationship.health import TREND_DAYS, score_of, trend_of
from workbench.relationship.records import records_of
from workbench.relationship.rules import DAY_US

if TYPE_CHECKING:
    from workbench.relationship.measuring import Measured

KINDS = ("person", "opportunity")


def beneath(measured: Measured) -> dict[str, Measured]:
    """The people and the opportunities of the accounts, as far as there are any."""
    out = {}
    for kind in KINDS:
        try:
            records = records_of(measured.asked.workspace, kind)
        except AbsentError:
            continue
        asked = replace(measured.asked, of=kind, where=None, window="lifetime")
        out[kind] = type(measured)(asked, records)
    return out


def rolled_up(measured: Measured, days_back: int = 0) -> np.ndarray:
    """Score of each account some days before as_of; NaN where nothing below it has one."""
    place = {key: n for n, key in enumerate(measured.records.keys)}
    out = np.full(len(measured.records), np.nan)
    instant = measured.asked.instant - days_back * DAY_US
    for kind, other in measured.beneath.items():
        account = np.array([place.get(key, -1) for key in other.records.account], np.int64)
        parts = other.contacts.at(np.full(len(other.records), instant), other.asked.rules)
        score = score_of(parts, other.asked.rules)
        if kind == "opportunity":
            taken = other.records.open_at(instant) & (other.barred < 0)
            weight = np.maximum(np.nan_to_num(other.amounts), 0.0)
        else:
            taken, weight = parts.number > 0, np.ones(len(other.records))
        taken = taken & (account >= 0) & ~np.isnan(score)
        mean = _mean(account[taken], weight[taken], score[taken], out.size)
        out = np.where(np.isnan(mean), out, mean)
    return out


def trend_of_accounts(measured: Measured) -> np.ndarray:
    """Code of the trend of each account, from its scores of the days that a trend compares."""
    return trend_of([rolled_up(measured, days) for days in TREND_DAYS])


def amounts_of(measured: Measured) -> np.ndarray:
    """Amounts in one currency; NaN where one is unknown or has no rate."""
    records, workspace = measured.records, measured.asked.workspace
    target = money.target_currency(workspace, records.currency, "currency")
    if not target:
        return records.amount
    known = np.array([c or "" for c in records.currency]).astype(str)
    day = np.datetime64(measured.asked.instant // DAY_US, "D")
    days = np.full(len(records), day)
    return records.amount * money.factors(workspace, known, days, target)


def made_of(measured: Measured, place: int) -> pd.DataFrame:
    """What the score of an account is the mean of, the heaviest first.

    Returns
    -------
    pandas.DataFrame
        ``kind, key, name, score, weight``: open opportunities by their amounts, else people.
    """
    instant, key = measured.asked.instant, measured.records.keys[place]
    found = pd.DataFrame({n: [] for n in ("kind", "key", "name", "score", "weight")})
    for kind, other in measured.beneath.items():
        own = (other.records.account == key) & ~np.isnan(other.own_score)
        weight = np.ones(own.size)
        if kind == "opportunity":
            own &= other.records.open_at(instant)
            weight = np.maximum(np.nan_to_num(other.amounts), 0.0)
        if own.any():
            found = pd.DataFrame(
                {
                    "kind": kind, "key": other.records.keys[own], "name": other.records.names[own],
                    "score": other.own_score[own], "weight": weight[own],
                }
            )  # fmt: skip
    if found["weight"].sum() == 0:
        found["weight"] = 1.0
    found["weight"] = found["weight"] / found["weight"].sum()
    return found.sort_values(["weight", "key"], ascending=[False, True], ignore_index=True)


def _mean(account: np.ndarray, weight: np.ndarray, score: np.ndarray, size: int) -> np.ndarray:
    """Weighted means, plain ones where no weight is known, halves up; NaN without a score."""
    total = np.bincount(account, weight, minlength=size)
    sums = np.bincount(account, weight * score, minlength=size)
    number = np.bincount(account, minlength=size)
    plain = np.bincount(account, score, minlength=size)
    weighted = total > 0
    mean = np.where(weighted, sums / np.where(weighted, total, 1.0), plain / np.maximum(number, 1))
    return np.where(number > 0, np.floor(mean + 0.5 + 1e-9), np.nan)
