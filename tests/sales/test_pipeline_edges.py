"""Bad input of the pipeline numbers, fiscal calendars, groups, and real files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.sales.pipelines import deal, pipeline
from tests.sales.test_pipeline_worked import OPEN_Q1, push_world, stage_world, win_world
from workbench.errors import AbsentError, ArgumentError

ALL = (wb.pipeline, wb.win_rates, wb.stage_conversion, wb.sales_cycle, wb.velocity, wb.pushes,
       wb.slippage)  # fmt: skip
FILES = Path(__file__).parents[2].parent / "shared" / "data"


@pytest.mark.parametrize("function", ALL, ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"period": "this fiscal quartal"}, "fiscal"),
        ({"period": "2026-Q1..2025-Q1"}, "after its start"),
        ({"by": "stgae"}, "stage"),
        ({"by": ["owner"]}, "one column"),
        ({"where": {"amuont": 1}}, "amount"),
        ({"as_of": "yesterday-ish"}, "as_of"),
        ({"as_of": "2031-01-01"}, "up to"),
        ({"quality": "fulll"}, "full"),
        ({"calendar": [{"nmae": "P1"}]}, "name"),
    ],
)
def test_what_cannot_be_is_refused_with_what_is_allowed(function, options, words):
    with pytest.raises(ArgumentError, match=words):
        function(push_world(), **options)


@pytest.mark.parametrize(
    ("function", "options", "words"),
    [
        (wb.pipeline, {"probability": "stgae"}, "stage"),
        (wb.pipeline, {"probability": "score"}, "scores"),
        (wb.pipeline, {"target": -1}, "zero or more"),
        (wb.pipeline, {"target": {"nobody": 1}, "by": "stage"}, "nobody"),
        (wb.pipeline, {"target": True}, "amount"),
        (wb.pipeline, {"target": "won_value"}, "targets"),
        (wb.sales_cycle, {"outcome": "win"}, "won"),
        (wb.stage_conversion, {"horizon": "180"}, "unit"),
        (wb.stage_conversion, {"horizon": "0d"}, "longer"),
        (wb.stage_conversion, {"implied": "yes"}, "True"),
        (wb.pushes, {"count": "week"}, "month"),
        (wb.slippage, {"granularity": "week"}, "quarter"),
    ],
)
def test_own_options_are_checked(function, options, words):
    with pytest.raises(ArgumentError, match=words):
        function(push_world(), **options)


@pytest.mark.parametrize("function", [wb.stage_conversion, wb.pushes, wb.slippage])
def test_what_needs_a_history_says_so(function):
    with pytest.raises(AbsentError, match="history"):
        function(win_world())


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([("P1", "2026-01-01", "2026-01-31"), ("P2", "2026-01-29", "2026-02-25")],
         "P1 and P2 overlap by 3 days from 2026-01-29"),
        ([("P1", "2026-02-01", "2026-01-01")], "P1 ends on 2026-01-01, before it begins"),
        ([("P1", "2026-01-01", "2026-01-31"), ("P1", "2026-02-01", "2026-02-28")],
         "P1 stands twice"),
        ([("P1", "tomorrow", "2026-01-31")], "start_on"),
    ],
)  # fmt: skip
def test_a_fiscal_calendar_that_cannot_be_is_named(lines, words):
    calendar = [dict(zip(("name", "start_on", "end_on"), line, strict=True)) for line in lines]
    with pytest.raises(ArgumentError, match=words):
        wb.pipeline(push_world(), calendar=calendar)


def calendar_445():
    weeks = [4, 4, 5] * 4
    starts = pd.Timestamp("2025-12-29") + pd.to_timedelta(np.cumsum([0, *weeks[:-1]]) * 7, "D")
    months = [
        {"name": f"P{n + 1}", "start_on": str(s.date()), "kind": "month",
         "end_on": str((s + pd.Timedelta(days=7 * w - 1)).date())}
        for n, (s, w) in enumerate(zip(starts, weeks, strict=True))
    ]  # fmt: skip
    quarters = [
        {"name": f"Q{n + 1}", "start_on": months[3 * n]["start_on"],
         "end_on": months[3 * n + 2]["end_on"]} for n in range(4)
    ]  # fmt: skip
    return months + quarters


def test_a_calendar_of_four_four_and_five_weeks():
    ws = pipeline(
        [deal("a", expected_close_on="2026-03-29", amount=3.0),
         deal("b", expected_close_on="2026-03-30", amount=5.0)],
        as_of="2026-03-10",
    )  # fmt: skip
    calendar = calendar_445()
    asked = {"Q1": 3.0, "Q2": 5.0, "this fiscal quarter": 3.0, "next fiscal quarter": 5.0,
             "P4": 5.0, "this fiscal month": 3.0, "P1..P3": 3.0, "2026-Q1": 8.0}  # fmt: skip
    for period, amount in asked.items():
        found = wb.pipeline(ws, period=period, calendar=calendar)
        assert found.total["open_amount"] == amount, period
        again = wb.pipeline(ws, **_options(found.definition))
        assert again.definition == found.definition
    with pytest.raises(AbsentError, match="year"):
        wb.pipeline(ws, period="this fiscal year", calendar=calendar)
    slips = wb.slippage(push_world(), granularity="month", calendar=calendar, period="2026")
    assert slips.frame["period"].tolist()[:3] == ["P2", "P3", "P4"]


def _options(definition):
    return {k: v for k, v in definition.items() if k not in ("analysis", "view")}


@pytest.mark.parametrize("function", ALL, ids=lambda f: f.__name__)
def test_a_definition_asks_the_same_again(function):
    ws = stage_world() if function is wb.stage_conversion else push_world()
    first = function(ws, period="2026-Q1", where={"amount": {">=": 1}}, by="stage",
                     as_of="2026-05-15", quality=["full", "partial"])  # fmt: skip
    plain = json.loads(json.dumps(dict(first.definition)))
    again = function(ws, **_options(plain))
    pd.testing.assert_frame_equal(first.frame, again.frame)
    assert first.explain() == again.explain()


def test_groups_stay_apart_and_those_without_one_are_shown():
    users = pd.DataFrame({"user_id": ["u1", "u2"], "name": ["Kim", "Kim"]})
    accounts = pd.DataFrame({"account_id": ["A", "B"], "name": ["", "x"], "rank": ["1", None]})
    ws = pipeline(
        [deal("a", owner_id="u1", product="P"), deal("b", owner_id="u2", account="B"),
         deal("c", owner_id=None, account=None, product=" ")],
        users=users, accounts=accounts,
    )  # fmt: skip

    def names(by):
        return wb.pipeline(ws, by=by).frame["group"].tolist()[1:]

    assert names("owner") == ["Kim · u1", "Kim · u2", "(missing)"]
    assert names("accounts.rank") == ["1", "(missing)"]
    assert names("product")[0] == "P"
    assert names("stage") == ["S1"]
    assert names("history_quality") == ["absent"]
    assert len(wb.pipeline(ws, by="owner").members("open", group="Kim · u2")) == 1
    with pytest.raises(ArgumentError, match="Kim"):
        wb.pipeline(ws, by="owner").members(group="Kim")


def test_the_quality_of_history_is_a_filter_and_its_mix_is_told():
    saves = [("a", "01-01", "S1", OPEN_Q1), ("b", "01-10", "S1", OPEN_Q1)]
    ws = pipeline([deal("a"), deal("b"), deal("c")], saves, as_of="2026-03-01")
    assert "full 1, partial 1, none 1" in wb.stage_conversion(ws, horizon="1d").explain()
    assert wb.stage_conversion(ws, quality="full").frame["entered"].max() == 1
    assert wb.pipeline(ws, quality=["full", "absent"]).total["open_deals"] == 2


def test_spellings_of_a_forecast_category():
    spelled = ["Best Case", "BESTCASE", "best_case", "100000002", "committed", "Forecast", "odd"]
    deals = [deal(f"o{n}", forecast_category=c) for n, c in enumerate(spelled)]
    lines = wb.pipeline(pipeline(deals)).forecast().frame.set_index("category")["deals"]
    assert lines[["BestCase", "Commit", ""]].tolist() == [4, 2, 1]


def test_an_earlier_instant_sees_neither_later_deals_nor_later_outcomes():
    ws = push_world()
    then = wb.pipeline(ws, as_of="2026-02-01").total
    assert then[["open_deals", "won_deals"]].tolist() == [3, 0]
    assert wb.win_rates(ws, as_of="2026-03-01").line()["won"] == 1
    reopened = pipeline(
        [deal("a")], [("a", "01-01", "S1"), ("a", "01-10", "Lost"), ("a", "02-10", "S1")],
        as_of="2026-03-01",
    )  # fmt: skip
    assert wb.win_rates(reopened).line()["total"] == 0
    assert wb.win_rates(reopened, as_of="2026-01-20").line()["total"] == 1


def test_scores_and_stages_weigh_as_asked():
    scores = pd.DataFrame(
        [("opportunity", "a", "m", day, score)
         for day, score in (("2026-01-01", 10.0), ("2026-02-01", 60.0))],
        columns=["entity_type", "entity_id", "model", "scored_at", "score"],
    )  # fmt: skip
    scores["scored_at"] = pd.to_datetime(scores["scored_at"], utc=True)
    ws = pipeline([deal("a", amount=100.0), deal("b", amount=10.0)], scores=scores,
                  as_of="2026-03-01")  # fmt: skip
    found = {p: wb.pipeline(ws, probability=p).total for p in ("record", "stage", "score")}
    assert found["record"]["without_probability"] == 2
    assert found["stage"]["weighted_amount"] == pytest.approx(11)
    assert found["score"]["weighted_amount"] == pytest.approx(60)
    early = wb.pipeline(ws, probability="score", as_of="2026-01-15").total
    assert early["weighted_amount"] == pytest.approx(10)


@pytest.mark.skipif(not FILES.is_dir(), reason="the files of Maven's company are not here")
def test_the_known_figures_of_the_maven_files():
    ws = wb.open("maven_crm_sales_opportunities")
    rates = wb.win_rates(ws, by="product")
    line = rates.line()
    assert (line["won"], line["total"]) == (4_238, 6_711)
    assert round(100 * line["share"], 2) == 63.15
    found = wb.pipeline(ws, by="product")
    assert found.total[["open_deals", "won_amount"]].tolist() == [2_089, 10_005_534]
    assert found.frame["won_amount"].iloc[1:].sum() == pytest.approx(10_005_534, abs=0.005)
    assert round(wb.sales_cycle(ws).frame["mean_days"].iloc[0], 2) == 51.78
    assert isinstance(wb.where_possible(wb.pushes, ws).headline(), str)
    assert "No lost opportunity carries an amount" in rates.explain()


@pytest.mark.parametrize("policy", ["latest", "close_date", "frozen_at_close"])
def test_the_change_of_the_pipeline_begins_and_ends_with_the_open_pipeline(policy):
    period, due = "2026-07..2026-10", "expected_close_on"
    saves, deals = [], []
    for n in range(30):
        steps = [
            (f"0{1 + n % 5}-1{k}", f"2026-{5 + (n + k) % 6:02d}-1{k}") for k in range(1 + n % 3)
        ]
        for k, (at, when) in enumerate(steps):
            saves.append((f"o{n}", at, "S1", {"amount": 10.0 * n + k, due: when}))
        more = {"currency": ["USD", "EUR"][n % 2], due: steps[-1][1], "owner_id": f"u{n % 3}"}
        deals.append(deal(f"o{n}", created=steps[0][0], amount=10.0 * n + len(steps) - 1, **more))
    rates = pd.DataFrame({"currency": "EUR", "valid_from": ["2026-01-01", "2026-04-01"],
                          "rate": [0.8, 0.9]})  # fmt: skip
    ws = pipeline(deals, saves, fx_rates=rates, as_of="2026-06-30",
                  settings={"currency": {"reporting": "USD", "policy": policy}})  # fmt: skip
    change = wb.pipeline_change(ws, since="2026-04-01", until="2026-06-30", period=period).frame
    bars = change.set_index("bar")["amount"]
    for bar, day in (("start", "2026-03-31"), ("end", "2026-06-30")):
        found = wb.pipeline(ws, period=period, as_of=day, by="owner_id").frame["open_amount"]
        assert found.iloc[0] == pytest.approx(bars[bar], abs=0.005)
        assert found.iloc[1:].sum() == pytest.approx(bars[bar], abs=0.005)


def test_two_periods_are_put_side_by_side():
    found = wb.compare(wb.win_rates(win_world(), period="2026-Q1"), wb.win_rates(win_world()))
    assert found.frame[["count_a", "total_a", "count_b", "total_b"]].to_numpy().tolist()[0] == [
        3, 7, 4, 9,
    ]  # fmt: skip
    for function in (wb.pushes, wb.stage_conversion):
        wide, short = function(push_world()), function(push_world(), period="2026-Q1")
        assert len(wb.compare(short, wide).frame)


@pytest.mark.skipif(not FILES.is_dir(), reason="the real files are not here")
@pytest.mark.parametrize("name", ["maven_crm_sales_opportunities", "salesforce_dev_org_sample"])
def test_what_real_files_hold_is_answered_and_the_rest_is_said(name):
    ws = wb.open(name)
    for function in ALL:
        for options in ({}, {"by": "stage"}, {"period": "this fiscal year", "by": "industry"}):
            told = wb.where_possible(function, ws, **options).headline()
            assert told, (function, options)
            assert "nan" not in told


def test_stages_keep_their_order_as_groups():
    deals = [deal("a", "S3"), deal("b", "S1", amount=9.0), deal("c", "Won", closed="02-01")]
    names = wb.pipeline(pipeline(deals), by="stage").frame["group"].tolist()
    assert names == ["All opportunities", "S1", "S3", "Won"]
