"""Customers: contracts, churn and what they use of the product."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from workbench.data.demo.arrays import (
    DAY,
    MISSING,
    TOKYO,
    Calendar,
    Flags,
    Ints,
    days,
    hits,
    ids,
    integers,
    pick,
    ragged,
    utc,
    written,
)
from workbench.data.demo.companies import Companies, People
from workbench.data.demo.deals import WON, Deals

_PRODUCTS = ("LineWatch", "SpareHub", "CalibrationCloud")
_FEATURES = ("dashboard", "alerts", "api", "レポート出力", "Stammdaten")
_CHURN_REASONS = ("Price", "工場閉鎖", "Wettbewerb", "No adoption", None)
_WEEK = 7 * DAY


@dataclass(frozen=True)
class Contracts:
    """Per account of a block: when its contract began and ended, -1 for none."""

    began: Ints
    ended: Ints

    @property
    def customer(self) -> Flags:
        """Whether the account has or had a contract."""
        return self.began >= 0

    def until(self, calendar: Calendar) -> Ints:
        """The end of the contract, or of the data."""
        return np.where(self.ended >= 0, self.ended, calendar.end)


def make_contracts(
    rng: np.random.Generator, companies: Companies, deals: Deals, calendar: Calendar
) -> Contracts:
    """Customers from before, and those won since; some leave after 30 weeks or more."""
    number = len(companies)
    first_won = np.full(number, calendar.end, dtype=np.int64)
    won = (deals.outcome == WON) & (deals.closed >= 0)
    np.minimum.at(first_won, deals.account[won], deals.closed[won])
    old = hits(rng, 0.15, number)
    before = calendar.start - (rng.uniform(30, 1_000, number) * DAY).astype(np.int64)
    began = np.where(old, before, first_won + 7 * DAY)
    began = np.where(began < calendar.end, began, MISSING)
    earliest = np.maximum(began, calendar.start) + 30 * _WEEK
    leaves = (began >= 0) & hits(rng, 0.28, number) & (earliest < calendar.end - 2 * DAY)
    ended = earliest + (rng.random(number) * (calendar.end - DAY - earliest)).astype(np.int64)
    return Contracts(began, np.where(leaves, _midnight(ended), MISSING))


def _midnight(instants: Ints) -> Ints:
    return (instants + TOKYO) // DAY * DAY - TOKYO


def contracts_table(
    rng: np.random.Generator, companies: Companies, contracts: Contracts, first: int
) -> pa.Table:
    """Contracts: a table that the data model does not know, with day-first German dates."""
    account = np.flatnonzero(contracts.customer)
    number = len(account)
    left = contracts.ended[account] >= 0
    reason = np.where(left, rng.integers(0, len(_CHURN_REASONS), number), -1)
    form = "%d.%m.%Y"
    return pa.table(
        {
            "contract_id": ids("K-", first + np.arange(number, dtype=np.int64), 8),
            "account_id": companies.ids(account),
            "plan": pick(("Basic", "Plus", "Premium"), companies.tier[account]),
            "started_on": written(days(contracts.began[account]), form),
            "ended_on": written(days(contracts.ended[account]), form),
            "monthly_fee": integers(rng.integers(4, 90, number) * 10_000),
            "currency": pick(("JPY",), account * 0),
            "churn_reason": pick(_CHURN_REASONS, reason),
        }
    )


def usage_table(
    rng: np.random.Generator, companies: Companies, people: People, contracts: Contracts,
    calendar: Calendar, first: int,
) -> pa.Table:  # fmt: skip
    """Use of the product on one day of most weeks of a contract, by feature."""
    start = np.maximum(contracts.began, calendar.start)
    weeks = np.where(contracts.customer, (contracts.until(calendar) - start) // _WEEK, 0)
    account, week = ragged(np.maximum(weeks, 0))
    kept = hits(rng, np.array([0.35, 0.6, 0.85])[companies.tier[account]], len(account))
    account, week = account[kept], week[kept]
    number = len(account)
    when = start[account] + week * _WEEK + rng.integers(0, 7, number) * DAY
    person = people.of(account, rng.integers(0, 3, number))
    seats = 5 + companies.employees[account] // 40
    used = np.minimum(1 + rng.poisson(0.3 * seats), seats)
    return pa.table(
        {
            "usage_id": ids("X-", first + np.arange(number, dtype=np.int64), 10),
            "account_id": companies.ids(account),
            "person_id": people.ids(np.where(hits(rng, 0.5, number), person, -1)),
            "used_on": days(when),
            "product": pick(_PRODUCTS, rng.integers(0, len(_PRODUCTS), number)),
            "feature": pick(_FEATURES, rng.integers(0, len(_FEATURES), number)),
            "events": integers(1 + rng.poisson(12, number)),
            "active_users": integers(used),
            "seats": integers(seats),
        }
    )


def scores_table(rng: np.random.Generator, companies: Companies, calendar: Calendar) -> pa.Table:
    """The quarterly engagement score: its grade is the tier that drives everything else."""
    quarters = max(calendar.days // 91, 1)
    account, quarter = ragged(np.full(len(companies), quarters, dtype=np.int64))
    tier = companies.tier[account]
    score = np.clip(np.array([20, 50, 80])[tier] + rng.normal(0, 4.5, len(account)), 1, 99)
    when = calendar.start + quarter * 91 * DAY + 6 * 3_600
    return pa.table(
        {
            "entity_type": pick(("account",), tier * 0),
            "entity_id": companies.ids(account),
            "model": pick(("engagement",), tier * 0),
            "scored_at": utc(when),
            "score": integers(np.round(score)),
            "grade": pick(("C", "B", "A"), tier),
        }
    )
