"""Amounts of histories and of trends in one currency; keys that repeat multiply nothing."""

from __future__ import annotations

import pandas as pd

import workbench as wb
from tests.sales.pipelines import day, deal, pipeline

RATES = pd.DataFrame(
    {
        "currency": ["USD", "USD"],
        "valid_from": [day("01-01").date(), day("03-15").date()],
        "rate": [2.0, 4.0],
    }
)
SETTINGS = {"currency": {"reporting": "EUR", "policy": "latest"}}


def world():
    rows = [
        {**deal("O1", amount=100.0), "currency": "USD"},
        {**deal("O2", amount=10.0), "currency": "EUR"},
        {**deal("O3", amount=7.0), "currency": "GBP"},
    ]
    saves = [
        (key, when, "S1", {"amount": amount})
        for key, when, amount in [
            ("O1", "01-01", 40.0), ("O1", "02-10", 100.0), ("O2", "01-01", 10.0),
            ("O3", "01-01", 7.0),
        ]
    ]  # fmt: skip
    return pipeline(rows, saves, fx_rates=RATES, settings=SETTINGS, as_of="2026-04-15")


def test_a_trend_converts_at_the_rate_of_its_day():
    asked = {"object": "opportunities", "trend": {"period": "2026-02..2026-04"},
             "rows": ["snapshot_on"], "values": [{"sum": "amount", "as": "amount"}]}  # fmt: skip
    report = wb.table_report(world(), asked)
    # 40 USD at 2, 100 USD at 2, 100 USD at 4 for one EUR, each with 10 EUR beside.
    assert report.frame["amount"].tolist()[:3] == [30.0, 60.0, 35.0]
    assert "3 rows have no amount (or no rate of exchange)" in " ".join(report.scope.notes)
    opened = report.members({"snapshot_on": "2026-03-01"}, value="amount")
    assert opened["value"].dropna().sum() == 60


def test_changes_are_in_the_currency_of_their_deal():
    asked = {"object": "opportunity_history", "rows": ["opportunity_id"],
             "values": [{"sum": "amount", "as": "amount"}]}  # fmt: skip
    report = wb.table_report(world(), asked)
    found = dict(zip(report.frame["opportunity_id"], report.frame["amount"], strict=True))
    assert (found["O1"], found["O2"]) == (35.0, 10.0)  # (40 + 100) USD at 4


def test_buckets_of_amounts_are_in_one_currency():
    asked = {"object": "opportunities", "rows": ["size"], "values": ["count"],
             "buckets": {"size": {"field": "amount", "edges": [0, 20, 50]}}}  # fmt: skip
    frame = wb.table_report(world(), asked).frame
    assert frame["rows"].tolist() == [1, 1, 0, 1, 3]  # 10 EUR, 25 EUR, none, no rate


def test_a_key_that_stands_twice_multiplies_nothing():
    accounts = pd.DataFrame({"account_id": ["A", "A", "B"], "name": ["first", "second", "third"]})
    ws = pipeline([deal("O1", amount=5.0), deal("O2", amount=6.0)], accounts=accounts,
                  as_of="2026-04-15")  # fmt: skip
    looked_up = wb.table_report(ws, {"object": "opportunities", "rows": ["account_id.name"],
                                     "values": ["count", {"sum": "amount"}]})  # fmt: skip
    assert looked_up.frame["rows"].tolist() == [2, 2]
    rows = int(ws.sql("SELECT count(*) AS n FROM accounts WHERE account_id = 'A'")["n"][0])
    joined = wb.table_report(ws, {"object": "opportunities", "join": [{"with": "accounts"}],
                                  "values": ["count", {"sum": "amount"}]})  # fmt: skip
    assert joined.frame.to_numpy().tolist() == [[0, 2 * rows, 11.0]]
