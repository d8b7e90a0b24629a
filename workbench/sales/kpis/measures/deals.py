"""Measures of opportunities: new ones from customers, amount won, fields filled, anomalies."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.messages import message, message_of_count
from workbench.money import rule_in_words
from workbench.sales.deals import NO_DAY
from workbench.sales.kpis.anomaly.checks import found
from workbench.sales.kpis.anomaly.options import label_of, options_of
from workbench.sales.kpis.facts import Facts
from workbench.sales.kpis.measured import (
    COUNT,
    SHARE,
    SUM,
    Goal,
    Measured,
    Window,
    day_number,
    joined,
    lacking,
    units_of,
)
from workbench.sales.kpis.sources import AnomalyShare, NewFromCustomers, WonAmount
from workbench.sales.population import population


def of_deals(facts: Facts, chosen: np.ndarray, **more: object) -> pd.DataFrame:
    """Units of some deals, one each."""
    keys = facts.text("opportunity_id")[chosen]
    return units_of(
        {
            "key": keys,
            "record_id": keys,
            "entity": "opportunity",
            "account_id": facts.text("account_id")[chosen],
            "owner_id": facts.text("owner_id")[chosen],
            **more,
        }
    )


def new_from_customers(
    facts: Facts, source: NewFromCustomers, window: Window, goal: Goal
) -> Measured:
    """New opportunities of accounts that had won before; to act on: customers with none open.

    Notes
    -----
    Source: sales-pipeline.md, section 3; b2b-data-model.md, section 4, rule 8 (strictly before).
    """
    deals = facts.deals
    if not facts.workspace.has("opportunities", "account_id"):
        raise lacking(message("the accounts of opportunities"))
    begin, end = window.days
    accounts = facts.text("account_id")
    fresh = population(deals, source.where) & (deals.created_on >= begin) & (deals.created_on < end)
    fresh &= np.array([a is not None for a in accounts], bool)
    fresh[fresh] = facts.customer_at(accounts[fresh], deals.created_at[fresh], source.flag_wins)
    chosen = np.flatnonzero(fresh)
    first = facts.customer_since
    since: list[str] | str = ""
    if goal.listed:
        since = [
            message("customer since {day}", day=first[a]) if a in first
            else message("a customer by the mark of the account") for a in accounts[chosen]
        ]  # fmt: skip
    units = of_deals(
        facts, chosen, counted=1.0, on=deals.created_on[chosen].astype(np.int64), detail=since
    )
    waiting: list[str] = []
    if goal.listed:
        busy = {a for a in accounts[facts.open] if a is not None}
        waiting = [a for a in first if a not in busy]
    idle = units_of(
        {
            "key": [f"account:{a}" for a in waiting],
            "record_id": waiting,
            "entity": "account",
            "account_id": waiting,
            "owner_id": [facts.owner_of_account.get(a) for a in waiting],
            "to_do": True,
            "apart": "idle",
            "detail": [
                message("customer since {day}, no open opportunity", day=first[a]) for a in waiting
            ],
        }
    )
    return Measured(
        joined(units, idle),
        COUNT,
        message("Customers without an open opportunity"),
        notes=facts.notes_on_wins(),
        begins=facts.first_deal_day,
    )


def won_amount(facts: Facts, source: WonAmount, window: Window, goal: Goal) -> Measured:
    """Amount of won opportunities; to act on: open ones expected to close in the same period."""
    deals = facts.deals
    chosen = population(deals, source.where)
    begin, end = window.days
    today = day_number(facts.today)
    money = deals.converted(deals.amount, at_day=today)
    inside = (deals.closed_on >= begin) & (deals.closed_on < end)
    won = np.flatnonzero(chosen & facts.won & inside)
    unknown = int(np.isnan(money[won]).sum())
    units = of_deals(
        facts, won, counted=np.nan_to_num(money[won]), on=deals.closed_on[won].astype(np.int64)
    )
    due = (deals.expected_on >= begin) & (deals.expected_on < day_number(window.after))
    wanted = goal.listed and not window.complete
    ahead = np.flatnonzero(chosen & facts.open & due & wanted)
    still = of_deals(
        facts,
        ahead,
        to_do=True,
        apart="open",
        on=deals.expected_on[ahead].astype(np.int64),
        detail=[
            message("open, expected to close on {day}", day=np.datetime64(int(d), "D"))
            for d in deals.expected_on[ahead]
        ],
    )
    notes = [message("Amounts in {currency}, {rule}.", currency=deals.currency,
                     rule=rule_in_words(facts.workspace))] if deals.currency else []  # fmt: skip
    if unknown:
        notes.append(
            message_of_count(
                "{count} won opportunity has no amount or no rate and adds nothing.",
                "{count} won opportunities have no amount or no rate and add nothing.",
                unknown,
            )
        )
    to_do = message("Open opportunities expected to close in the period")
    return Measured(
        joined(units, still), SUM, to_do, deals.currency, tuple(notes), facts.first_deal_day
    )


def anomaly(facts: Facts, source: AnomalyShare, window: Window, goal: Goal) -> Measured:
    """Deals with one anomaly of the built-in list; to act on: these deals."""
    options = options_of(source.check, source.options, "source")
    seen = found(facts, source.check, options)
    chosen = population(facts.deals, source.where)
    places = np.flatnonzero(seen.looked & chosen)
    shown = seen.shown[places]
    units = of_deals(
        facts,
        places,
        counted=shown,
        of=1.0,
        to_do=shown,
        on=np.where(facts.deals.created_on[places] == NO_DAY, 0, facts.deals.created_on[places]),
        detail=[seen.detail(int(n)) if s else "" for n, s in zip(places, shown, strict=True)],
    )
    return Measured(units, SHARE, label_of(source.check, options), notes=seen.notes)
