"""The demo company: our credit is that of plain SQL, and its targets and roles can be asked for."""

from __future__ import annotations

import pytest

import workbench as wb
from tests.journeys.attributions import credit
from workbench.data.demo import generate

# Touches up to 90 days before a deal was won, in the order of the store; amounts in yen.
SQL = """
    WITH won AS (
        SELECT t.*, amount / coalesce(CASE WHEN o.currency <> 'JPY' THEN r.rate END, 1) AS yen
        FROM touchpoints t JOIN (SELECT opportunity_id, currency FROM opportunities) o
          USING (opportunity_id)
        LEFT JOIN (SELECT currency, arg_max(rate, valid_from) AS rate FROM fx_rates GROUP BY 1) r
          USING (currency)
        WHERE event = 'closed_won'),
    touched AS (
        SELECT w.event_id, w.yen, t.channel, count(*) OVER (PARTITION BY w.event_id) AS n,
               row_number() OVER (PARTITION BY w.event_id ORDER BY t.occurred_at DESC,
                   coalesce(t.sequence_no, -1) DESC, t.event_id DESC) AS back
        FROM won w JOIN touchpoints t ON t.account_id = w.account_id AND t.channel IS NOT NULL
          AND t.occurred_at >= w.occurred_at - INTERVAL 2160 HOUR
          AND (t.occurred_at, coalesce(t.sequence_no, -1), t.event_id)
              <= (w.occurred_at, coalesce(w.sequence_no, -1), w.event_id))
    SELECT channel, sum(1 / n) AS linear, sum(yen / n) AS linear_yen,
           sum((back = 1)::INT) AS last, sum((back = n)::INT) AS first,
           count(DISTINCT event_id) AS participation
    FROM touched GROUP BY channel
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    generate(folder / "files", events=12_000)
    return wb.open("demo", root=folder / "files", cache=folder / "cache")


def test_plain_sql_says_the_same(demo):
    expected = demo.sql(SQL).set_index("channel")
    for model in ("linear", "last", "first", "participation"):
        found = wb.attribution(
            demo, conversion="closed_won", dimension="channel", model=model, value="amount"
        )
        lines = found.frame[found.frame["line"] == "item"].set_index("item")
        wanted = expected[model].to_dict()
        assert lines["conversions"].to_dict() == pytest.approx(wanted)
        if model == "linear":
            assert lines["value"].to_dict() == pytest.approx(expected["linear_yen"].to_dict())
    assert found.currency == "JPY"


def test_campaigns_have_cost_and_return_in_yen(demo):
    found = wb.attribution(
        demo, conversion="closed_won", dimension="campaign", model="u_shaped", value="amount",
        lookback="13 months", items=50,
    )  # fmt: skip
    lines = found.frame[found.frame["line"] == "item"]
    known = lines.dropna(subset="cost")
    assert len(known) > 0.8 * len(lines)
    assert (known["value_per_cost"] == known["value"] / known["cost"]).all()
    figures = [figure["label"] for figure in found.key_figures().content["figures"]]
    assert "Value per cost of campaigns" in figures


def test_deals_with_customers_are_a_target_of_their_own(demo):
    asked = {"dimension": "campaign", "model": "linear", "value": "opportunities.amount"}
    by_column = wb.attribution(
        demo, conversion={"event": "closed_won", "opportunity_type": "existing business"}, **asked
    )
    by_table = wb.attribution(
        demo, conversion={"event": "closed_won", "opportunities.type": "existing business"}, **asked
    )
    won = demo.sql(
        "SELECT count(*) AS n FROM opportunities WHERE is_won AND type = 'existing business'"
    )
    assert by_column.total == by_table.total == won["n"].iloc[0]
    assert credit(by_column, "value") == pytest.approx(credit(by_table, "value"))


def test_roles_of_the_buying_group_are_weighed(demo):
    roles = wb.attribution(
        demo, conversion="closed_won", dimension="channel", model="linear"
    ).roles()
    frame = roles.frame.set_index("role")
    assert frame.index[0] == "Decision Maker"
    total = frame["total_conversions"].iloc[0]
    assert frame["conversions"].sum() == pytest.approx(total)
    assert frame["weighted_conversions"].sum() == pytest.approx(total)
    heavy = frame.loc["Decision Maker"]
    assert heavy["weighted_conversions"] > heavy["conversions"]
    assert (frame["touched"] <= frame["held"]).all()
    assert "of the roles of a buying group were touched on average" in roles.headline()


def test_every_view_of_the_demo_can_be_shown(demo):
    found = wb.attribution(
        demo, conversion="mql_qualified", dimension="content_type", model="algorithmic",
        container="account", lookback="60d",
    )  # fmt: skip
    for result in (found, found.positions(), found.roles(), found.trend(granularity="quarter"),
                   found.compare_models(["linear", "markov"], replicates=10)):  # fmt: skip
        assert result.block()["svg"].startswith("<svg")
