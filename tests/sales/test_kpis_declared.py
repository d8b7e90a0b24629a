"""Measures that a definition declares over a table: rows, values, sums, shares, means, days."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.sales.kpi_worlds import accounts, figure, kpi, visit, world
from tests.sales.pipelines import deal
from workbench.errors import ArgumentError

DEALS = [
    deal("a", "Won", "01-05", closed="03-02", account="A1", amount=10.0, owner_id="U1"),
    deal("b", "Lost", "01-06", closed="03-03", account="A1", amount=np.nan, owner_id="U1"),
    deal("c", "Won", "01-07", closed="03-31", account="A2", amount=30.0, owner_id="U2"),
    deal("d", "Won", "01-08", closed="02-28", account="A2", amount=40.0, owner_id="U2"),
    deal("e", "S1", "03-09", account="A2", amount=50.0, owner_id=None),
]


@cache
def opened() -> wb.Workspace:
    return world(DEALS, as_of="2026-03-31")


@cache
def with_accounts() -> wb.Workspace:
    return world(DEALS, known=accounts(A1="A", A2="B"), as_of="2026-03-31")


TABLE = {"table": "opportunities"}
CLOSED = {**TABLE, "at": "closed_at", "where": {"is_closed": True}}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (CLOSED, (3, 3, None)),
        ({**CLOSED, "count": "account_id"}, (2, 2, None)),
        ({**CLOSED, "sum": "amount"}, (40, 40, None)),
        ({**CLOSED, "numerator": {"is_won": True}}, (2 / 3, 2, 3)),
        ({**CLOSED, "numerator": {"is_won": True}, "count": "account_id"}, (1, 2, 2)),
        ({**CLOSED, "numerator": {"is_won": True}, "denominator": {"amount": {"exists": True}}},
         (1, 2, 2)),
        ({**CLOSED, "numerator": {"is_won": True}, "sum": "amount"}, (1, 40, 40)),
        ({**CLOSED, "per": "owner_id"}, (1.5, 3, 2)),
        (TABLE, (5, 5, None)),
        ({**TABLE, "where": {"accounts.rank": "B"}}, (3, 3, None)),
        ({**TABLE, "where": {"users.team": "East"}}, (4, 4, None)),
        ({**TABLE, "where": {"created_at": {"<": "as_of-1mo"}}}, (4, 4, None)),
        ({**TABLE, "where": {"any": [{"owner_id": "U1"}, {"not": {"is_closed": True}}]}},
         (3, 3, None)),
    ],
)  # fmt: skip
def test_figures(source, expected):
    found = figure(with_accounts(), source)
    shown = found["value"], found["numerator"], found["denominator"]
    assert [None if v != v else v for v in shown] == pytest.approx(list(expected))


def test_dates_and_rows_of_other_tables():
    visits = [visit(1, "A1", "03-03", "U1", due_on=pd.Timestamp("2026-03-31")),
              visit(2, "A2", "03-04", "U2", due_on=pd.Timestamp("2026-04-01"))]  # fmt: skip
    ws = world(DEALS, visits, known=accounts(A1="A", A2="B"), as_of="2026-03-31")
    source = {"table": "activities", "at": "due_on"}
    result = wb.kpis(ws, definitions=[kpi(source, direction="down")])
    assert result.members("k")["record_id"].tolist() == ["V1"]
    people = {"table": "activity_participants", "count": "user_id"}
    assert figure(ws, people)["value"] == 2


def test_a_share_that_should_be_low_lists_what_meets_it():
    ws = opened()
    source = {**CLOSED, "numerator": {"is_won": False}}
    low = wb.kpis(ws, definitions=[kpi(source, direction="down")]).members("k")
    high = wb.kpis(ws, definitions=[kpi(source)]).members("k")
    assert low["record_id"].tolist() == ["b"]
    assert sorted(high["record_id"]) == ["a", "c"]
    assert high["amount"].tolist() == [10, 30]


def test_amounts_of_several_currencies_are_added_in_one():
    deals = [deal("a", amount=8.0, currency="EUR"), deal("b", amount=5.0, currency="USD")]
    rates = pd.DataFrame({"currency": ["EUR"], "valid_from": ["2025-01-01"], "rate": [0.8]})
    ws = world(deals, fx_rates=rates, settings={"currency": {"reporting": "USD"}})
    result = wb.kpis(ws, definitions=[kpi({**TABLE, "sum": "amount"})])
    assert result.frame["value"].iloc[0] == pytest.approx(15)
    assert "USD 15" in result.table_frame()["figure"].iloc[0]
    with pytest.raises(ArgumentError, match=r"k: source\.sum=.*EUR, USD"):
        wb.kpis(world(deals), definitions=[kpi({**TABLE, "sum": "amount"})])


def test_amount_won_in_one_currency_and_without_a_rate():
    won = {"stage": "Won", "created": "01-05", "closed": "03-05"}
    deals = [deal("a", amount=8.0, currency="EUR", **won),
             deal("b", amount=5.0, currency="CHF", **won),
             deal("c", amount=1.0, currency="USD", **won)]  # fmt: skip
    rates = pd.DataFrame({"currency": ["EUR"], "valid_from": ["2025-01-01"], "rate": [0.8]})
    ws = world(deals, fx_rates=rates, as_of="2026-03-31",
               settings={"currency": {"reporting": "USD"}})  # fmt: skip
    result = wb.kpis(ws, definitions=[kpi({"measure": "won_amount"})])
    assert result.frame["value"].iloc[0] == pytest.approx(11)
    assert any("1 won opportunity has no amount or no rate" in n for n in result.scope.notes)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ({"table": "opportunites"}, "the table opportunites"),
        ({**TABLE, "where": {"owner": "U1"}}, "Did you mean 'owner_id'?"),
        ({**TABLE, "count": "acount_id"}, "Did you mean 'account_id'?"),
        ({"table": "accounts"}, "the table accounts"),
        ({"measure": "visits"}, "visits (a table of activities"),
        ({"measure": "hearing_filled", "fields": ["next"]}, "the column 'next' of opportunities"),
        ({"measure": "anomaly", "check": "no_activity"}, "activities with the column"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_and_the_rest_is_answered(source, sentence):
    result = wb.kpis(opened(), definitions=[kpi(source, how_much=3), kpi(CLOSED, kpi_id="good")])
    bad, good = result.frame.to_dict("records")
    assert sentence in bad["missing"]
    assert (bad["status"], bad["target"], good["value"]) == ("grey", 3, 3)
    assert result.members("k").empty


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ({**TABLE, "at": "stage"}, r"k: source\.at='stage'.*'created_at'"),
        ({**TABLE, "sum": "stage"}, r"k: source\.sum='stage'.*'amount'"),
        ({**TABLE, "where": {"stage": {">": 3}}}, "k: The query cannot be answered"),
        ({**TABLE, "where": {"created_at": {">": "as_of-9999y"}}}, "years 1 and 9999"),
        ({"measure": "anomaly", "check": "stale"}, "'stalled'"),
        ({"measure": "anomaly", "check": "pushed", "options": {"days": 3}}, "'at_least'"),
    ],
)  # fmt: skip
def test_what_no_data_would_make_right_is_refused(source, sentence):
    with pytest.raises(ArgumentError, match=sentence):
        wb.kpis(opened(), definitions=[kpi(source)])


def test_hostile_values_are_values():
    text = "x'; DROP TABLE opportunities; --"
    ws = world([*DEALS, deal("h", next_step=text)], as_of="2026-03-31")
    assert figure(ws, {**TABLE, "where": {"next_step": text}})["value"] == 1
    assert figure(ws, TABLE)["value"] == 6


def test_members_of_unknown_things_are_refused():
    result = wb.kpis(opened(), definitions=[kpi(CLOSED)], by="owner")
    for options, word in (({"kpi_id": "j"}, "kpi_id="), ({"kpi_id": "k", "what": "x"}, "what="),
                          ({"kpi_id": "k", "group": "x"}, "group=")):  # fmt: skip
        with pytest.raises(ArgumentError, match=word):
            result.members(**options)
