"""Value and cost: currencies, policies, what is not known, return per campaign."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as wb
from tests.journeys.attributions import credit, world
from workbench.errors import ArgumentError

ASKED = {"conversion": "won", "dimension": "campaign_id", "model": "linear"}
RATES = [
    {"currency": "EUR", "valid_from": "2026-01-01", "rate": 0.80},
    {"currency": "EUR", "valid_from": "2026-02-01", "rate": 0.90},
]
# Opportunities close on 31 January and 1 February; the data end on 10 February.
DEALS = [
    {"opportunity_id": "o1", "account_id": "A", "amount": 10_000.0, "currency": "EUR",
     "is_closed": True, "is_won": True, "closed_at": "2026-01-31T12:00:00Z",
     "expected_close_on": "2026-01-31", "amount_rc": 11_500.0, "type": "upsell"},
    {"opportunity_id": "o2", "account_id": "B", "amount": 900.0, "currency": "EUR",
     "is_closed": True, "is_won": True, "closed_at": "2026-02-01T12:00:00Z",
     "expected_close_on": "2026-02-01", "amount_rc": None, "type": "new business"},
    {"opportunity_id": "o3", "account_id": "C", "amount": 500.0, "currency": "USD",
     "is_closed": True, "is_won": True, "closed_at": "2026-01-20T12:00:00Z",
     "expected_close_on": "2026-01-20", "amount_rc": None, "type": "cross-sell"},
]  # fmt: skip
CAMPAIGNS = [
    {"campaign_id": "c1", "name": "Spring", "actual_cost": 900.0, "currency": "EUR",
     "end_on": "2026-01-15"},
    {"campaign_id": "c2", "name": "Autumn", "actual_cost": 400.0, "currency": "USD",
     "end_on": "2026-01-15"},
    {"campaign_id": "c3", "name": "Free", "actual_cost": 0.0, "currency": "USD",
     "end_on": "2026-01-15"},
    {"campaign_id": "c4", "name": "Unknown", "actual_cost": None, "currency": "USD",
     "end_on": "2026-01-15"},
]  # fmt: skip
ROWS = [
    ("A", 3, "touch", {"campaign_id": "c1"}),
    ("A", 30.5, "won", {"opportunity_id": "o1"}),
    ("B", 4, "touch", {"campaign_id": "c2"}),
    ("B", 31.5, "won", {"opportunity_id": "o2"}),
    ("C", 5, "touch", {"campaign_id": "c3"}),
    ("C", 5.5, "touch", {"campaign_id": "c4"}),
    ("C", 19.5, "won", {"opportunity_id": "o3"}),
    ("D", 40, "touch", {"campaign_id": "c1"}),
]


def company(policy="latest", reporting="USD", rates=RATES, campaigns=CAMPAIGNS):
    tables = {"opportunities": DEALS, "campaigns": campaigns}
    if rates:
        tables["fx_rates"] = rates
    money = {"policy": policy, **({"reporting": reporting} if reporting else {})}
    return world(*ROWS, tables=tables, currency=money)


def ask(opened, **options):
    return wb.attribution(opened, **{**ASKED, "value": "opportunities.amount", **options})


@pytest.mark.parametrize(
    ("policy", "first", "second"),
    [
        # 10,000 EUR at 0.80 are 12,500 USD, at 0.90 they are 11,111.11 (b2b-data-model.md, 4.9).
        ("latest", 10_000 / 0.9, 900 / 0.9),
        ("close_date", 12_500.0, 900 / 0.9),
        ("frozen_at_close", 12_500.0, 900 / 0.9),
        ("as_imported", 11_500.0, 0.0),
    ],
)
def test_amounts_are_converted_by_the_policy_of_the_workspace(policy, first, second):
    found = ask(company(policy))
    values = found.frame.set_index("item")["value"]
    assert values["c1"] == pytest.approx(first)
    assert values["c2"] == pytest.approx(second)
    assert values["c3"] == values["c4"] == 250.0
    assert set(found.frame["currency"]) == {"USD"}
    assert found.total_value == pytest.approx(first + second + 500)
    assert found.touches()["value"].sum() == pytest.approx(found.total_value)


def test_what_has_no_rate_counts_as_a_conversion_worth_nothing():
    found = ask(company(rates=None))
    assert found.total == 3
    assert found.total_value == 500.0
    assert "2 conversions in EUR have no rate to USD" in found.explain()
    assert found.frame["conversions"].sum() == 3


def test_several_currencies_are_never_added_without_a_reporting_one():
    with pytest.raises(ArgumentError, match=r"EUR, USD.*currency.reporting"):
        ask(company(reporting=None))
    euro = wb.segment("euro", scope="opportunity", where={"opportunities.currency": "EUR"})
    found = ask(company(reporting=None), segment=euro)
    assert found.currency == "EUR"
    assert credit(found, "value") == {"c1": 10_000.0, "c2": 900.0}


def test_cost_and_return_of_campaigns():
    lines = ask(company()).frame.set_index("item")
    assert lines.loc["c1", "cost"] == pytest.approx(1_000)  # 900 EUR at 0.90
    assert lines.loc["c1", "value_per_cost"] == pytest.approx(10_000 / 0.9 / 1_000)
    assert lines.loc["c1", "cost_per_conversion"] == pytest.approx(1_000)
    assert lines.loc["c2", "cost"] == 400
    # Nothing is divided by nothing, and what is not known is not zero.
    assert lines.loc["c3", "cost"] == 0
    assert np.isnan(lines.loc["c3", "value_per_cost"])
    assert lines.loc["c3", "cost_per_conversion"] == 0
    assert np.isnan(lines.loc["c4", "cost"])
    folded = ask(company(), items=1).frame.set_index("line")
    assert folded.loc["other", "cost"] == 400
    assert "Costs are those of a whole campaign" in ask(company()).explain()


def test_campaigns_by_name_and_costs_without_a_value():
    opened = world(
        *((a, d, e, {"campaign": {"c1": "Spring", "c2": "Autumn"}.get(m.get("campaign_id")), **m})
          for a, d, e, m in ROWS),
        tables={"opportunities": DEALS, "campaigns": [*CAMPAIGNS, {**CAMPAIGNS[1],
                                                                   "campaign_id": "c9"}]},
        currency={"reporting": "USD"},
    )  # fmt: skip
    found = wb.attribution(opened, conversion="won", dimension="campaign", model="last")
    lines = found.frame.set_index("item")
    assert lines.loc["Autumn", "cost"] == 800  # two campaigns of one name
    assert np.isnan(lines.loc["Spring", "cost"])  # in EUR, and there are no rates
    assert "The cost of 1 campaign in EUR has no rate to USD" in found.explain()
    assert lines["value"].isna().all()


def test_a_dimension_that_is_no_campaign_has_no_cost():
    found = ask(company(), dimension="event", touches="touch")
    assert found.costs is None
    assert found.frame["cost"].isna().all()


def test_the_amount_of_the_event_itself_and_a_currency_of_its_own():
    opened = world(
        ("A", 0, "touch", {"channel": "x"}),
        ("A", 1, "won", {"amount": 8.0, "currency": "EUR", "channel": None}),
        ("A", 2, "won", {"amount": None, "currency": "EUR", "channel": None}),
        tables={"fx_rates": RATES},
        currency={"reporting": "USD"},
    )
    found = wb.attribution(opened, conversion="won", dimension="channel", value="amount")
    assert credit(found, "value") == pytest.approx({"x": 8 / 0.9})  # rates reach to 1 February
    assert "1 conversion has no amount" in found.explain()


def test_plain_numbers_stay_plain_and_may_be_negative():
    opened = world(
        ("A", 0, "touch", {"channel": "x"}), ("A", 1, "won", {"points": 8.0, "channel": None}),
        ("B", 0, "touch", {"channel": "y"}), ("B", 1, "won", {"points": -2.0, "channel": None}),
        currency={"reporting": "USD"},
    )  # fmt: skip
    found = wb.attribution(opened, conversion="won", dimension="channel", value="points")
    assert credit(found, "value") == {"x": 8.0, "y": -2.0}
    assert found.currency == ""
    assert found.frame["share_of_value"].isna().all()
    assert found.touches()["value"].tolist() == [8.0, -2.0]
    assert found.block()["svg"].startswith("<svg")
    assert "a plain number without currency" in found.explain()


def test_upsell_and_cross_sell_are_targets():
    opened = company()
    upsell = ask(opened, conversion={"event": "won", "opportunities.type": "upsell"})
    assert credit(upsell) == {"c1": 1}
    both = ask(opened, conversion={"event": "won", "opportunities.type": ["upsell", "cross-sell"]})
    assert credit(both) == pytest.approx({"c1": 1, "c3": 0.5, "c4": 0.5})
