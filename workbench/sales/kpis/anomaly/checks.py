"""Which deals show an anomaly: one function a check, over arrays of one place a deal.

Source: sales-pipeline.md, section 3 (built-in anomaly list).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.messages import message, message_of_count
from workbench.results import numbers
from workbench.sales.catalogue import WON
from workbench.sales.deals import NO_DAY
from workbench.sales.kpis.anomaly.contact import last_contact
from workbench.sales.kpis.anomaly.moves import days_in_stage, longest_stays, pushes
from workbench.sales.kpis.facts import Facts
from workbench.sales.kpis.measured import (
    day_number,
    day_of,
    lacking,
    months_before,
)


@dataclass(frozen=True)
class Found:
    """Deals that were looked at and those that show the anomaly.

    Attributes
    ----------
    looked, shown : numpy.ndarray of bool
        One place a deal; `shown` lies within `looked`.
    detail : callable
        Number of a deal to the reason in words.
    notes : tuple of str
    """

    looked: np.ndarray
    shown: np.ndarray
    detail: Callable[[int], str]
    notes: tuple[str, ...] = ()


def found(facts: Facts, name: str, options: dict[str, Any]) -> Found:
    """Look for one anomaly of the list in all deals.

    Raises
    ------
    AbsentError
        When the workspace does not hold what the check needs.
    """
    return _CHECKS[name](facts, **options)


def _column(facts: Facts, table: str, *columns: str) -> None:
    workspace = facts.workspace
    if not workspace.has(table):
        raise lacking(message("the table {table}", table=table))
    known = workspace.columns_of(table)
    for name in columns:
        if name not in known and f"x_{name}" not in known:
            raise lacking(message("the column {name} of {table}", name=name, table=table))


def _close_date_past(facts: Facts) -> Found:
    _column(facts, "opportunities", "expected_close_on")
    deals, today = facts.deals, day_number(facts.today)
    known = facts.open & (deals.expected_on != NO_DAY)
    late = today - deals.expected_on.astype(np.int64)
    return Found(
        facts.open,
        known & (late > 0),
        lambda n: message("expected to close on {day}, {ago} ago",
                          day=day_of(deals.expected_on[n]), ago=_days(late[n])),
    )  # fmt: skip


def _stalled(
    facts: Facts, max_days: float | None, percentile: float, least_deals: int
) -> Found:  # fmt: skip
    days, notes = days_in_stage(facts)
    usual = longest_stays(facts, max_days, percentile, least_deals)
    limit = np.append(usual, np.nan)[facts.deals.stage]
    known = facts.open & ~np.isnan(days) & ~np.isnan(limit)
    if not known.any() and facts.open.any():
        raise lacking(
            message(
                "how long a stage may last: max_days of stages, the option, or enough won deals"
            )
        )
    shown = known & (np.nan_to_num(days) > np.nan_to_num(limit))
    names = facts.deals.catalogue.frame["stage"].to_numpy(object)
    return Found(
        known,
        shown,
        lambda n: message(
            "{days} in {stage}, usual are up to {most}", days=_days(days[n]),
            stage=names[facts.deals.stage[n]], most=_days(limit[n]),
        ),
        notes,
    )  # fmt: skip


def _no_activity(facts: Facts, days: int, of: str) -> Found:
    last, planned, notes = last_contact(facts, of)
    silent = day_number(facts.today) - np.where(last == NO_DAY, 0, last).astype(np.int64)
    shown = facts.open & ~planned & ((last == NO_DAY) | (silent >= days))

    def detail(n: int) -> str:
        if last[n] == NO_DAY:
            return message("no activity ever, none planned")
        return message("last activity on {day}, none planned", day=day_of(last[n]))

    return Found(facts.open, shown, detail, notes)


def _amount_missing(facts: Facts) -> Found:
    _column(facts, "opportunities", "amount")
    amount = facts.deals.amount
    shown = facts.open & (np.isnan(amount) | (amount == 0))
    return Found(
        facts.open,
        shown,
        lambda n: message("no amount") if np.isnan(amount[n]) else message("amount is zero"),
    )


def _next_step_empty(facts: Facts) -> Found:
    _column(facts, "opportunities", "next_step")
    empty = np.array([not str(v or "").strip() for v in facts.text("next_step")], bool)
    return Found(facts.open, facts.open & empty, lambda n: message("no next step"))


def _pushed(facts: Facts, at_least: int, by: str) -> Found:
    count, known, notes = pushes(facts, by)
    looked = facts.open & known
    return Found(
        looked,
        looked & (count >= at_least),
        lambda n: message("moved later {n} times", n=numbers.count(count[n])),
        notes,
    )


def _probability_differs(facts: Facts, tolerance: float) -> Found:
    _column(facts, "opportunities", "probability")
    deals = facts.deals
    usual = np.append(deals.catalogue.frame["default_probability"].to_numpy(float), np.nan)
    of_stage = usual[deals.stage]
    known = facts.open & ~np.isnan(deals.probability) & ~np.isnan(of_stage)
    if not known.any() and facts.open.any():
        raise lacking(message("the usual probability of stages"))
    apart = np.abs(np.nan_to_num(deals.probability) - np.nan_to_num(of_stage))
    return Found(
        known,
        known & (apart > tolerance + 1e-12),
        lambda n: message("{own} here, {usual} for the stage",
                          own=numbers.share(deals.probability[n]),
                          usual=numbers.share(of_stage[n])),
    )  # fmt: skip


def _no_customer_person(facts: Facts) -> Found:
    _column(facts, "opportunity_people", "opportunity_id", "person_id")
    columns = facts.workspace.columns_of("opportunity_people")
    side = "AND coalesce(side, 'customer') = 'customer'" if "side" in columns else ""
    read = facts.workspace.sql(
        "SELECT DISTINCT opportunity_id::VARCHAR AS key FROM opportunity_people "
        f"WHERE person_id IS NOT NULL {side}"
    )
    has = np.isin(facts.text("opportunity_id").astype(str), read["key"].to_numpy(str))
    return Found(
        facts.open, facts.open & ~has, lambda n: message("nobody of the customer is named")
    )


def _won_without_history(facts: Facts) -> Found:
    from workbench.sales.history import history_of

    _column(facts, "opportunity_history", "opportunity_id", "changed_at")
    history = history_of(facts.workspace)
    won = facts.deals.outcome == WON
    none = np.diff(history.offsets) == 0
    return Found(won, won & none, lambda n: message("won, and nothing was ever saved on it"))


def _closes_on_creation_day(facts: Facts, of: str) -> Found:
    deals = facts.deals
    day = np.where(deals.closed_on != NO_DAY, deals.closed_on, deals.expected_on)
    day = np.where(facts.open, deals.expected_on, day)
    known = (day != NO_DAY) & (deals.created_on != NO_DAY)
    if of == "open":
        known &= facts.open
    return Found(
        known,
        known & (day == deals.created_on),
        lambda n: message("created and closing on {day}", day=day_of(day[n])),
    )


def _owner_inactive(facts: Facts) -> Found:
    _column(facts, "users", "user_id", "is_active")
    _column(facts, "opportunities", "owner_id")
    users = facts.users
    gone = set(users.loc[~users["is_active"].astype(bool), "user_id"])
    owners = facts.text("owner_id")
    left = np.array([owner in gone for owner in owners], bool)
    return Found(
        facts.open,
        facts.open & left,
        lambda n: message("{owner} is no longer active",
                          owner=facts.user_names.get(owners[n], owners[n])),
    )  # fmt: skip


def _closes_far_ahead(facts: Facts, months: int) -> Found:
    _column(facts, "opportunities", "expected_close_on")
    deals, edge = facts.deals, day_number(months_before(facts.today, -months))
    known = facts.open & (deals.expected_on != NO_DAY)
    return Found(
        facts.open,
        known & (deals.expected_on > edge),
        lambda n: message("expected to close on {day}", day=day_of(deals.expected_on[n])),
    )


def _days(count: float) -> str:
    return message_of_count("{count} day", "{count} days", round(float(count)))


_CHECKS: dict[str, Callable[..., Found]] = {
    "close_date_past": _close_date_past,
    "stalled": _stalled,
    "no_activity": _no_activity,
    "amount_missing": _amount_missing,
    "next_step_empty": _next_step_empty,
    "pushed": _pushed,
    "probability_differs": _probability_differs,
    "no_customer_person": _no_customer_person,
    "won_without_history": _won_without_history,
    "closes_on_creation_day": _closes_on_creation_day,
    "owner_inactive": _owner_inactive,
    "closes_far_ahead": _closes_far_ahead,
}
