"""Worked examples of the pipeline numbers, derived again by hand."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.sales.pipelines import deal, pipeline
from workbench.data.settings import FiscalYear
from workbench.sales.pipeline.question import ask
from workbench.sales.ranges import as_date

OPEN_Q1 = {"expected_close_on": "2026-02-15"}


def forecast_world(**more):
    """Closed 100, Commit 50, most likely 20, best case 30, Pipeline 40, Omitted 10."""
    amounts = {"Commit": 50.0, "Most Likely": 20.0, "best case": 30.0, "Pipeline": 40.0,
               "OMITTED": 10.0}  # fmt: skip
    deals = [deal(f"o{n}", amount=v, forecast_category=c, probability=0.5, **OPEN_Q1)
             for n, (c, v) in enumerate(amounts.items())]  # fmt: skip
    won = deal("w", "Won", closed="01-20", amount=100.0, forecast_category="Closed")
    return pipeline([*deals, won], as_of="2026-01-31", **more)


def test_the_forecast_single_and_cumulative():
    lines = wb.pipeline(forecast_world(), period="2026-Q1").forecast().frame.set_index("category")
    names = ["Closed", "Commit", "MostLikely", "BestCase", "Pipeline", "Omitted"]
    assert lines.loc[names, "amount"].tolist() == [100, 50, 20, 30, 40, 10]
    assert lines.loc[names[:5], "cumulative_amount"].tolist() == [100, 150, 170, 200, 140]
    assert lines.loc[["Omitted", ""], "cumulative_amount"].isna().all()


def test_the_weighted_pipeline_leaves_omitted_out_and_the_open_one_does_not():
    line = wb.pipeline(forecast_world(), period="2026-Q1").total
    assert line["open_amount"] == 150
    assert line["weighted_amount"] == (50 + 20 + 30 + 40) * 0.5
    assert (line["omitted_deals"], line["omitted_amount"]) == (1, 10)


@pytest.mark.parametrize(
    ("target", "state", "to_win", "coverage"),
    [(400, "open", 300, 0.5), (100, "met", 0, np.nan), (80, "met", 0, np.nan),
     (False, "none", np.nan, np.nan)],
)  # fmt: skip
def test_coverage_of_a_target(target, state, to_win, coverage):
    result = wb.pipeline(forecast_world(), period="2026-Q1", target=target)
    line = result.total
    assert line["target_state"] == state
    assert line[["to_win", "coverage"]].astype(float).tolist() == pytest.approx(
        [to_win, coverage], nan_ok=True
    )
    assert ("is met" in result.headline()) == (state == "met")


def test_only_the_rest_of_the_period_covers_the_target():
    ws = pipeline(
        [deal("past", amount=10.0, expected_close_on="2026-01-10"),
         deal("rest", amount=20.0, expected_close_on="2026-03-31"),
         deal("later", amount=40.0, expected_close_on="2026-04-01"),
         deal("undated", amount=80.0)],
        as_of="2026-01-31",
    )  # fmt: skip
    result = wb.pipeline(ws, period="2026-Q1", target=40)
    line = result.total
    assert line["open_amount"] == 30
    assert (line["past_due_deals"], line["past_due_amount"]) == (1, 10)
    assert line["coverage"] == 0.5
    assert line["without_close_date"] == 1
    assert result.members("rest")["opportunity_id"].tolist() == ["rest"]
    assert wb.pipeline(ws).total["open_amount"] == 150


def test_the_target_of_the_table_counts_each_part_once():
    targets = pd.DataFrame(
        [("won_value", "East", "2026-01-01", "2026-03-31", 100.0),
         ("won_value", "East", "2026-01-01", "2026-01-31", 40.0),
         ("won_value", "West", "2026-01-01", "2026-03-31", 50.0),
         ("won_value", "West", "2026-04-01", "2026-06-30", 70.0),
         ("visits", "West", "2026-01-01", "2026-03-31", 9.0)],
        columns=["kpi_id", "team", "period_start_on", "period_end_on", "target"],
    )  # fmt: skip
    users = pd.DataFrame({"user_id": ["u1", "u2"], "name": ["A", "B"], "team": ["East", "West"]})
    ws = pipeline(
        [deal("w1", "Won", closed="01-20", amount=30.0, owner_id="u1"),
         deal("w2", "Won", closed="01-20", amount=50.0, owner_id="u2"),
         deal("o1", amount=35.0, owner_id="u1", **OPEN_Q1)],
        as_of="2026-01-31", targets=targets, users=users,
    )  # fmt: skip
    frame = wb.pipeline(ws, period="2026-Q1", by="team").frame.set_index("group")
    assert frame["target"].tolist() == [150, 100, 50]
    assert frame["target_state"].tolist() == ["open", "open", "met"]
    assert frame.loc["East", "coverage"] == 0.5
    assert wb.pipeline(ws, period="2026-02").total["target_state"] == "none"
    with pytest.raises(wb.WorkbenchError, match="visit"):
        wb.pipeline(ws, target="visitz")


@cache
def win_world():
    """The example: 10 created in Q1; of earlier ones 1 won and 3 lost in Q1."""
    ends = [("Won", "02-10"), ("Won", "03-10"), ("Won", "05-10"), ("Lost", "03-20"),
            ("Lost", "05-20"), *[("S1", None)] * 5]  # fmt: skip
    deals = [deal(f"n{n}", s, "01-15", closed=c, amount=10.0) for n, (s, c) in enumerate(ends)]
    old = [("Won", "01-05"), ("Lost", "02-01"), ("Lost", "02-02"), ("Lost", "03-03")]
    deals += [deal(f"old{n}", s, "2025-11-01", closed=c, amount=10.0)
              for n, (s, c) in enumerate(old)]  # fmt: skip
    return pipeline(deals, as_of="2026-06-30")


def test_three_win_rates_always_labelled():
    result = wb.win_rates(win_world(), period="2026-Q1")
    lines = result.frame[result.frame["measure"] == "deals"].set_index("cohort")
    assert lines[["won", "total"]].to_numpy().tolist() == [[3, 7], [3, 10], [3, 5]]
    assert lines["share"].round(3).tolist() == [0.429, 0.3, 0.6]
    assert lines["share_open"].tolist() == [0, 0.5, 0.5]
    low, high = lines.loc["closed", ["low", "high"]]
    assert (low, high) == pytest.approx((0.158, 0.7495), abs=1e-3)
    shown = result.table_frame()["label"]
    assert shown.is_unique
    assert "50 %" in result.reading()
    assert len(result.members("closed", outcome="won")) == 3
    assert len(result.members("created")) == 10
    assert len(result.members("resolved")) == 5


def test_a_win_rate_by_amount_drops_unknown_amounts_and_counts_them():
    ws = pipeline(
        [deal("a", "Won", closed="02-01", amount=30.0), deal("b", "Lost", closed="02-01"),
         deal("c", "Won", closed="02-01", amount=np.nan)],
    )  # fmt: skip
    line = wb.win_rates(ws).line("closed", "amount")
    assert (line["won"], line["total"], line["without_amount"]) == (30, 130, 1)
    assert np.isnan(line["low"])


def test_velocity_of_the_example():
    deals = [deal(f"o{n}", created="03-01") for n in range(20)]
    deals += [deal(f"w{n}", "Won", "01-01", closed="03-02", amount=12_000.0) for n in range(4)]
    deals += [deal(f"l{n}", "Lost", "01-01", closed="03-02", amount=99.0) for n in range(6)]
    line = wb.velocity(pipeline(deals)).frame.iloc[0]
    assert line[["open_deals", "won", "closed", "median_cycle_days"]].tolist() == [20, 4, 10, 60]
    assert line["velocity_per_day"] == pytest.approx(20 * 0.4 * 12_000 / 60)
    assert line["velocity_per_day"] == pytest.approx(1_600)


def test_the_cycle_and_what_cannot_be_right():
    ws = pipeline(
        [deal("a", "Won", "01-01", closed="01-11"), deal("b", "Won", "01-01", closed="01-21"),
         deal("c", "Won", "01-01", closed="03-02"), deal("d", "Lost", "01-01", closed="01-05"),
         deal("e", "Won", "02-01", closed="01-20"), deal("f", created="01-01")],
        as_of="2026-03-31",
    )  # fmt: skip
    result = wb.sales_cycle(ws)
    line = result.frame.iloc[0]
    assert line[["deals", "median_days", "negative", "open_deals"]].tolist() == [3, 20, 1, 1]
    assert line["mean_days"] == pytest.approx((10 + 20 + 60) / 3)
    assert result.errors[["opportunity_id", "cycle_days"]].to_numpy().tolist() == [["e", -12]]
    assert "left out" in result.explain()
    assert wb.sales_cycle(ws, outcome="lost").frame["median_days"].tolist() == [4]
    # Half of the five begun and right are decided after 20 days, the open one taken as unfinished.
    assert result.survival["median_days"].tolist() == [20]


def test_the_fiscal_quarter_of_an_instant_and_of_a_day():
    year = FiscalYear(start_month=4, named_by="start")
    assert year.quarter_of(as_date(np.datetime64("2025-03-31").astype(int))) == (2024, 4)
    instant = pd.Timestamp("2025-03-31T16:00Z")
    for zone, quarter in (("Asia/Tokyo", "FY2025 Q1"), ("UTC", "FY2024 Q4")):
        won = {**deal("a", "Won", "2025-01-01"), "closed_at": instant}
        due = deal("b", expected_close_on="2025-03-31", created="2025-01-02")
        ws = pipeline([won, due], as_of=instant.isoformat(),
                      settings={"report_tz": zone, "fiscal_year": {"start_month": 4}})  # fmt: skip
        assert wb.win_rates(ws, period=quarter).line()["won"] == 1
        assert wb.pipeline(ws, period="FY2024 Q4").total["open_deals"] == 1
        assert wb.pipeline(ws, period="FY2025 Q1").total["open_deals"] == 0
        this = ask("pipeline", ws, period="THIS_FISCAL_QUARTER").range
        assert this.name == quarter


FX = pd.DataFrame({"currency": ["EUR", "EUR"], "valid_from": ["2026-01-01", "2026-02-01"],
                   "rate": [0.8, 0.9]})  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "amount"),
    [("close_date", 12_500.00), ("latest", 11_111.11), ("frozen_at_close", 11_111.11),
     ("as_imported", 9_999.0)],
)  # fmt: skip
def test_four_policies_of_conversion(policy, amount):
    ws = pipeline(
        [deal("a", amount=10_000.0, currency="EUR", expected_close_on="2026-01-31",
              amount_rc=9_999.0)],
        as_of="2026-02-10", fx_rates=FX,
        settings={"currency": {"reporting": "USD", "policy": policy}},
    )  # fmt: skip
    result = wb.pipeline(ws)
    assert round(result.total["open_amount"], 2) == amount
    assert result.currency == "USD"
    assert "USD" in result.explain()


def test_a_close_date_that_moves_changes_the_rate():
    due, money = "expected_close_on", {"amount": 10_000.0}
    saves = [
        ("a", "01-10", "S1", {**money, due: "2026-01-31"}),
        ("a", "02-05", "S1", {**money, due: "2026-02-01"}),
    ]
    ws = pipeline(
        [deal("a", amount=10_000.0, currency="EUR", expected_close_on="2026-02-01")],
        saves, as_of="2026-02-10", fx_rates=FX,
        settings={"currency": {"reporting": "USD", "policy": "close_date"}},
    )  # fmt: skip
    then = wb.pipeline(ws, as_of="2026-01-31").total["open_amount"]
    now = wb.pipeline(ws).total["open_amount"]
    assert (round(then, 2), round(now, 2)) == (12_500.00, 11_111.11)


def test_a_currency_without_rate_is_listed_and_never_added():
    ws = pipeline(
        [deal("a", amount=100.0, currency="USD"), deal("b", amount=7.0, currency="CHF"),
         deal("c", amount=np.nan, currency="CHF")],
        settings={"currency": {"reporting": "USD"}},
    )  # fmt: skip
    result = wb.pipeline(ws)
    assert result.total[["open_deals", "without_rate", "without_amount"]].tolist() == [3, 1, 1]
    assert result.total["open_amount"] == 100
    assert result.missing_rates.to_numpy().tolist() == [["CHF", 1, 7.0]]
    assert "CHF" in result.explain()
    assert result.members("without_rate")["opportunity_id"].tolist() == ["b"]


def test_currencies_are_never_added_without_a_reporting_one():
    ws = pipeline([deal("a", currency="USD"), deal("b", currency="EUR")])
    with pytest.raises(wb.WorkbenchError, match=r"currency\.reporting"):
        wb.pipeline(ws)


@cache
def stage_world(as_of="2026-12-31"):
    """A walks, B skips the second stage, C goes back, D is lost, E is young."""
    saves = [
        ("a", "01-01", "S1"), ("a", "01-11", "S2"), ("a", "01-31", "S3"), ("a", "02-10", "Won"),
        ("b", "01-01", "S1"), ("b", "01-21", "S3"),
        ("c", "01-01", "S1"), ("c", "01-05", "S2"), ("c", "01-09", "S1"), ("c", "08-30", "S3"),
        ("d", "01-01", "S1"), ("d", "03-01", "Lost"),
        ("e", "12-01", "S1"), ("e", "12-05", "S2"),
    ]  # fmt: skip
    deals = [deal("a", "Won", closed="02-10"), deal("b", "S3"), deal("c", "S3"),
             deal("d", "Lost", closed="03-01"), deal("e", "S2", "12-01")]  # fmt: skip
    return pipeline(deals, saves, as_of=as_of)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {"onward": (3, 4), "S2": (2, 4), "S3": (2, 4), "won": (1, 4), "lost": (1, 4)}),
        ({"implied": True},
         {"onward": (3, 4), "S2": (3, 4), "S3": (2, 4), "won": (1, 4), "lost": (1, 4)}),
        ({"horizon": None},
         {"onward": (4, 5), "S2": (3, 5), "S3": (3, 5), "won": (1, 5), "lost": (1, 5)}),
        ({"horizon": "10d"},
         {"onward": (3, 5), "S2": (3, 5), "S3": (0, 5), "won": (0, 5), "lost": (0, 5)}),
    ],
)  # fmt: skip
def test_stage_conversion_with_maturity(options, expected):
    result = wb.stage_conversion(stage_world(), **options)
    lines = result.frame[result.frame["from_stage"] == "S1"].set_index("to")
    found = {to: (int(x["reached"]), int(x["matured"])) for to, x in lines.iterrows()}
    assert found == expected
    assert (lines["entered"] == 5).all()
    for to, (reached, matured) in expected.items():
        assert len(result.members("S1", to)) == reached
        assert len(result.members("S1", to, part="not_reached")) == matured - reached
    young = result.members("S1", part="unmatured")["opportunity_id"].tolist()
    assert young == (["e"] if not options or "implied" in options else [])


@cache
def push_world():
    due = "expected_close_on"
    saves = [
        ("a", "01-01", "S1", {due: "2026-02-10"}), ("a", "01-20", "S1", {due: "2026-02-25"}),
        ("a", "02-20", "S1", {due: "2026-04-25"}), ("a", "03-20", "S1", {due: "2026-04-20"}),
        ("a", "05-01", "Won", {due: "2026-05-01"}),
        ("b", "01-01", "S1", {due: "2026-02-10"}), ("b", "02-09", "Won", {due: "2026-02-09"}),
        ("c", "01-01", "S1", {due: "2026-03-31"}), ("c", "03-30", "S1", {due: "2026-03-31"}),
    ]  # fmt: skip
    deals = [deal("a", "Won", closed="05-01"), deal("b", "Won", closed="02-09"), deal("c")]
    return pipeline(deals, saves, as_of="2026-06-30")


@pytest.mark.parametrize(("count", "pushes", "pulls"), [("day", 2, 1), ("month", 1, 0)])
def test_pushes_by_day_and_by_month(count, pushes, pulls):
    result = wb.pushes(push_world(), count=count)
    line = result.frame.iloc[0]
    assert line[["deals", "pushed", "pushes", "pulls"]].tolist() == [3, 1, pushes, pulls]
    assert line["net_days"] == 15 + 59 - 5
    assert result.members()[["opportunity_id", "pushes"]].to_numpy().tolist() == [["a", pushes]]
    assert result.by_count["deals"].sum() == 3


def test_slippage_of_what_was_due_as_the_quarter_began():
    # At the start of Q1 nothing had been saved; at that of Q2 only c and a were due in it.
    result = wb.slippage(push_world(), period="2026", granularity="quarter")
    frame = result.frame.set_index("period")
    assert frame["due"].tolist() == [0, 1]
    ws = push_world()
    months = wb.slippage(ws, period="2026-02..2026-04", granularity="month").frame
    # February: a and b were due, a was put off; March: c stayed open; April: a stayed open.
    assert months[["due", "slipped", "won"]].to_numpy().tolist() == [
        [2, 1, 1],
        [1, 1, 0],
        [1, 1, 0],
    ]
    assert result.members("2026-Q2", part="slipped").empty
    assert result.members("2026-Q2", part="won")["opportunity_id"].tolist() == ["a"]


def test_the_trend_holds_every_deal_on_the_first_of_each_month():
    saves = [
        ("a", "01-10", "S1", {"amount": 10.0}), ("a", "02-10", "S1", {"amount": 30.0}),
        ("a", "03-10", "Won", {"amount": 30.0}), ("b", "02-20", "S1", {"amount": 5.0}),
        ("b", "04-10", "S1", {"amount": 6.0}),
    ]  # fmt: skip
    deals = [deal("a", "Won", "01-10", closed="03-10"), deal("b", created="02-20", amount=6.0)]
    ws = pipeline(deals, saves, as_of="2026-04-15")
    frame = wb.pipeline(ws).trend(buckets=4).frame
    assert [str(d)[:10] for d in frame["at"]] == [
        "2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01", "2026-04-15",
    ]  # fmt: skip
    assert frame["open_deals"].tolist() == [0, 1, 2, 1, 1]
    assert frame["open_amount"].tolist() == [0, 10, 35, 5, 6]


def test_an_account_is_a_customer_after_its_first_win_and_not_in_that_instant():
    ws = pipeline(
        [deal("first", "Won", "01-01", closed="02-01", account="A"),
         deal("same", created="02-01", account="A"), deal("later", created="02-02", account="A"),
         deal("other", created="03-01", account="B"), deal("alone", created="03-01", account=None)],
    )  # fmt: skip
    result = wb.pipeline(ws, by="customer")
    lines = result.frame.set_index("group")["open_deals"]
    assert lines.to_dict() == {
        "All opportunities": 4, "new customer": 2, "existing customer": 1, "(missing)": 1,
    }  # fmt: skip
    assert result.members(group="existing customer")["opportunity_id"].tolist() == ["later"]


def test_a_deal_of_one_day_counts_in_the_win_rate_and_took_no_time():
    ws = pipeline(
        [{**deal("a", "Won", closed="02-01", created="02-01"), "closed_at": "2026-02-01"}]
    )
    assert wb.win_rates(ws).line()["won"] == 1
    result = wb.sales_cycle(ws)
    assert result.frame[["deals", "median_days", "negative"]].iloc[0].tolist() == [1, 0, 0]


def test_the_interval_of_a_median_lies_on_ranks():
    # Of ten values the second and the ninth enclose the median with 97.9 %, the third and eighth
    # with 89.1 %.
    deals = [deal(f"o{n}", "Won", "01-01", closed=f"01-{n + 1:02d}") for n in range(1, 11)]
    line = wb.sales_cycle(pipeline(deals)).frame.iloc[0]
    assert line[["low", "median_days", "high"]].tolist() == [2, 5.5, 9]
    assert line[["p25_days", "p75_days"]].tolist() == [3.25, 7.75]


def test_targets_that_do_not_reach_over_the_period_are_told():
    targets = pd.DataFrame({"kpi_id": ["won_value"], "period_start_on": ["2026-01-01"],
                            "period_end_on": ["2026-03-31"], "target": [100.0]})  # fmt: skip
    ws = pipeline([deal("a", **OPEN_Q1)], as_of="2026-01-31", targets=targets)
    assert wb.pipeline(ws, period="2026-Q1").total["target"] == 100
    assert "90 of the 365 days" in wb.pipeline(ws, period="2026").explain()
    filtered = wb.pipeline(ws, period="2026-Q1", where={"amount": {">": 1}})
    assert filtered.total["target_state"] == "none"
    assert "targets" in filtered.explain()
