"""KPIs: the worked examples, attainment and status, versions, targets, running periods."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.sales.kpi_worlds import accounts, figure, kpi, nothing_special, visit, world
from tests.sales.pipelines import deal, stage_table
from workbench.errors import ArgumentError
from workbench.sales.kpis.judging import attainment, status
from workbench.sales.kpis.record import Kpi

NEW = {"measure": "new_opportunities_from_customers"}
CREATED = {"table": "opportunities", "at": "created_at"}


def test_three_of_four_is_red():
    deals = [deal("won", "Won", "2025-01-01", closed="2025-02-01", account="A")]
    deals += [deal(f"n{n}", created=f"03-0{n + 1}", account="A") for n in range(3)]
    ws = world(deals, as_of="2026-03-31")
    found = figure(ws, NEW, how_much=4, period="quarter")
    assert (found["value"], found["attainment"], found["status"]) == (3, 0.75, "red")


def test_a_customer_is_one_that_had_won_strictly_before():
    won = deal("won", "Won", "01-01", closed="02-01", account="A")
    same = deal("same", created="02-01", account="A")
    after = deal("after", created="02-02", account="A")
    other = deal("other", created="02-03", account="B")
    ws = world([won, same, after, other], as_of="2026-02-28")
    result = wb.kpis(ws, definitions=[kpi(NEW)])
    assert list(result.members("k", what="counted")["record_id"]) == ["after"]


def test_account_weeks_five_of_eight():
    """March 2026 has full weeks from the 2nd, 9th, 16th and 23rd; two accounts of rank B+."""
    visits = [
        visit(1, "A1", "03-03", "U1"), visit(2, "A1", "03-04", "U2"), visit(3, "A1", "03-15", "U1"),
        visit(4, "A1", "03-22", "U1"), visit(5, "A2", "03-08", "U1"), visit(6, "A2", "03-29", "U1"),
        visit(7, "A2", "03-30", "U1"), visit(8, "A3", "03-10", "U1"), visit(9, "A1", "03-01", "U1"),
    ]  # fmt: skip
    ws = world((), visits, known=accounts(A1="A", A2=" b", A3="C"), as_of="2026-03-31")
    source = {"measure": "accounts_visited_weekly", "ranks": ["A", "B"]}
    result = wb.kpis(ws, definitions=[kpi(source, how_much="50 %")])
    line = result.frame.iloc[0]
    assert (line.numerator, line.denominator, line.value) == (5, 8, 0.625)
    assert line.low < 0.625 < line.high
    assert list(result.members("k")["record_id"]) == ["A1"]


@pytest.mark.parametrize(("last", "flagged"), [("2024-03-30", 1), ("2024-03-31", 0)])
def test_unvisited_for_three_calendar_months(last, flagged):
    ws = world((), [visit(1, "A1", last, "U1")], known=accounts(A1="A", A2="A"), as_of="2024-06-30")
    result = wb.kpis(ws, definitions=[kpi({"measure": "unvisited_accounts"}, direction="down")])
    line = result.frame.iloc[0]
    assert (line.value, line.denominator, line.apart) == (flagged, 2, 1)
    assert list(result.members("k", what="apart")["record_id"]) == ["A2"]


def test_the_edge_lies_on_the_last_day_of_a_shorter_month():
    """Three months before 31 May 2026 is 28 February: a visit on that day is long ago."""
    known = accounts(A1="A", A2="A")
    visits = [visit(1, "A1", "02-28", "U1"), visit(2, "A2", "03-01", "U1")]
    ws = world((), visits, known=known, as_of="2026-05-31")
    source = {"measure": "unvisited_accounts"}
    assert figure(ws, source, direction="down")["value"] == 1


def test_a_joint_visit_counts_for_each_rep_and_once_for_the_team():
    visits = [visit(1, "A1", "03-03", "U1", "U2"), visit(2, "A1", "03-04", "U1")]
    ws = world((), visits, known=accounts(A1="A"), as_of="2026-03-31")
    result = wb.kpis(ws, by="owner", definitions=[kpi({"measure": "visits"})])
    assert result.frame.set_index("group")["value"].to_dict() == {"": 2, "U1": 2, "U2": 1}
    assert result.members("k", what="counted")["owner"].tolist() == ["Sato", "Sato; Suzuki"]
    found = figure(ws, {"measure": "visits_per_rep"})
    assert (found["numerator"], found["denominator"], found["value"]) == (3, 2, 1.5)


def test_a_rep_without_a_visit_is_a_rep_and_one_who_left_is_none():
    deals = [deal("o", owner_id="U2"), deal("p", owner_id="U3")]
    ws = world(deals, [visit(1, "A", "03-03", "U1")], as_of="2026-03-31")
    result = wb.kpis(ws, definitions=[kpi({"measure": "visits_per_rep"}, how_much=1)])
    assert result.frame.iloc[0][["numerator", "denominator"]].tolist() == [1, 2]
    assert result.members("k")["name"].tolist() == ["Suzuki"]


def test_who_did_not_come_visited_nobody():
    row, people = visit(1, "A1", "03-03", "U1", "U2")
    people = [{**p, "attended": p["user_id"] == "U1"} for p in people]
    alone, nobody = visit(2, "A1", "03-04", "U1")
    nobody = [{**p, "attended": False} for p in nobody]
    ws = world((), [(row, people), (alone, nobody)], known=accounts(A1="A"), as_of="2026-03-31")
    assert figure(ws, {"measure": "visits_per_rep"})["numerator"] == 1
    assert figure(ws, {"measure": "visits"})["value"] == 2


@pytest.mark.parametrize(
    ("column", "options", "expected"), [(True, {}, 1), (True, {"all_meetings": True}, 2)]
)
def test_a_place_makes_a_meeting_a_visit(column, options, expected):
    visits = [visit(1, "A1", "03-03", "U1", place="Osaka"),
              visit(2, "A1", "03-04", "U1", place=None),
              visit(3, "A1", "03-05", "U1", place="Kobe", status="cancelled")]  # fmt: skip
    ws = world((), visits, known=accounts(A1="A"), as_of="2026-03-31")
    assert figure(ws, {"measure": "visits", **options})["value"] == expected


def test_hearing_items_white_space_is_empty_and_zero_and_false_are_filled():
    deals = [
        deal("full", amount=0.0, next_step="x", x_budget=False),
        deal("blank", amount=np.nan, next_step=" \u3000\u00a0\t", x_budget=True),
        deal("shut", "Won", closed="02-01", amount=np.nan, next_step="", x_budget=None),
    ]
    source = {"measure": "hearing_filled", "fields": ["amount", "next_step", "budget"]}
    result = wb.kpis(world(deals, as_of="2026-03-31"), definitions=[kpi(source)])
    line = result.frame.iloc[0]
    assert (line.numerator, line.denominator) == (1, 2)
    assert result.members("k")["detail"].tolist() == ["1 of 3 filled; empty: amount, next_step"]


@pytest.mark.parametrize(("customers", "visits", "status"),
                         [(5, 10, "red"), (6, 10, "green"), (4, 9, "grey")])  # fmt: skip
def test_the_share_of_visits_to_customers_is_flagged_from_ten_on(customers, visits, status):
    won = deal("won", "Won", "2025-01-01", closed="2025-02-01", account="C")
    known = accounts(C="A", N="B")
    made = [visit(n, "C" if n < customers else "N", "03-03", "U1") for n in range(visits)]
    ws = world([won], made, known=known, as_of="2026-03-31")
    source = {"measure": "customer_visit_share"}
    found = figure(ws, source, min_n=10, flag={"at_most": "50 %"}, direction="up")
    assert (found["numerator"], found["denominator"]) == (customers, visits)
    assert found["status"] == status


@pytest.mark.parametrize(
    ("value", "target", "direction", "expected"),
    [
        (3, 4, "up", 0.75), (4, 4, "up", 1), (0, 4, "up", 0), (3, 0, "up", math.nan),
        (2, 4, "down", 2), (4, 4, "down", 1), (8, 4, "down", 0.5), (0, 4, "down", 1),
        (0, 0, "down", 1), (3, 0, "down", 0), (math.nan, 4, "up", math.nan),
        (3, math.nan, "down", math.nan),
    ],
)  # fmt: skip
def test_attainment(value, target, direction, expected):
    assert attainment(value, target, direction) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("reached", "cases", "expected"),
    [(1, 5, "green"), (0.999, 5, "amber"), (0.80, 5, "amber"), (0.7999, 5, "red"), (2, 4, "grey"),
     (math.nan, 5, "grey"), (0.1 * 8, 5, "amber")],
)  # fmt: skip
def test_status(reached, cases, expected):
    held = Kpi.model_validate(kpi(CREATED, how_much=1, min_n=5))
    assert status(held, 1.0, reached, cases) == expected


VERSIONS = [{"valid_from": "2026-02-10", "how_much": 4},
            {"valid_from": "2026-03-01", "how_much": 8, "direction": "down"}]  # fmt: skip


def test_each_period_is_judged_by_the_definition_that_was_in_force():
    deals = [deal(f"{m}-{n}", created=f"0{m}-15") for m in (1, 2, 3) for n in range(2)]
    ws = world(deals, as_of="2026-03-31")
    definition = kpi(CREATED, how_much=2, versions=VERSIONS, provisional=True,
                     valid_from="2026-01-20")  # fmt: skip
    trend = wb.kpis(ws, definitions=[definition], trend=4).trend
    assert trend["period"].tolist() == ["2025-12", "2026-01", "2026-02", "2026-03"]
    assert trend["target"].fillna(-1).tolist() == [-1, 2, 2, 8]
    assert trend["attainment"].fillna(-1).tolist() == [-1, 1, 1, 4]
    assert trend["status"].tolist() == ["grey", "green", "green", "green"]
    assert trend["provisional"].tolist() == [False, True, True, False]


def test_a_version_may_change_how_it_is_measured():
    ws = world([deal("a", created="01-05"), deal("b", created="02-05", amount=7.0)],
               as_of="2026-02-28")  # fmt: skip
    later = {"valid_from": "2026-02-01", "source": {**CREATED, "sum": "amount"}}
    trend = wb.kpis(ws, definitions=[kpi(CREATED, versions=[later])], trend=2).trend
    assert trend["value"].tolist() == [1, 7]


def test_there_is_no_figure_before_the_data_begin():
    ws = world([deal("a", created="02-05")], as_of="2026-03-31")
    trend = wb.kpis(ws, definitions=[kpi(CREATED, how_much=2)], trend=3).trend
    assert trend["value"].fillna(-1).tolist() == [-1, 1, 0]
    assert trend["missing"].tolist() == ["The data begin later.", "", ""]
    assert wb.kpis(ws, definitions=[]).headline() == "No KPI is defined."


def test_an_earlier_look_says_that_fields_are_those_of_now():
    deals = [deal("a", created="01-05", next_step="x"), deal("b", created="03-05", next_step="")]
    ws = world(deals, as_of="2026-03-31")
    source = {"measure": "hearing_filled", "fields": ["next_step"]}
    result = wb.kpis(ws, definitions=[kpi(source)], as_of="2026-02-15", trend=2)
    assert result.frame[["numerator", "denominator"]].iloc[0].tolist() == [1, 1]
    assert any("as they stand now" in note for note in result.scope.notes)
    assert "present state only" in result.trend["missing"].iloc[0]


def test_a_mean_of_reps_has_no_parts_by_account():
    known = accounts(A1="A").assign(industry="Steel")
    ws = world((), [visit(1, "A1", "03-03", "U1")], known=known, as_of="2026-03-31")
    result = wb.kpis(ws, by="industry", definitions=[kpi({"measure": "visits_per_rep"})])
    assert result.frame["group"].tolist() == [""]


def target(value, start="2026-03-01", end="2026-03-31", **more):
    return {"kpi_id": "k", "period_start_on": start, "period_end_on": end, "target": value, **more}


@pytest.mark.parametrize(
    ("rows", "period", "expected"),
    [
        ([target(9)], "month", 9),
        ([target(9, end=None)], "month", 9),
        ([target(9, "2026-02-01", "2026-02-28")], "month", 5),
        ([target(1, "2026-01-01", "2026-01-31"), target(2, "2026-02-01", "2026-02-28"), target(3)],
         "quarter", 6),
        ([target(1, "2026-01-01", "2026-01-31"), target(3)], "quarter", 5),
        ([target(4, team="East"), target(6, team="West")], "month", 10),
        ([target(4, owner_id="U1"), target(3)], "month", 3),
    ],
)  # fmt: skip
def test_the_table_of_targets_comes_before_the_definition(rows, period, expected):
    ws = world([deal("a", created="03-05")], as_of="2026-03-31", targets=pd.DataFrame(rows))
    assert figure(ws, CREATED, how_much=5, period=period)["target"] == expected


def test_targets_of_groups():
    rows = [target(4, team="East"), target(6, team="West")]
    deals = [deal("a", created="03-05", owner_id="U1"), deal("b", created="03-06", owner_id=None)]
    ws = world(deals, as_of="2026-03-31", targets=pd.DataFrame(rows))
    frame = wb.kpis(ws, by="team", definitions=[kpi(CREATED)]).frame.set_index("group")
    assert frame["target"].fillna(-1).to_dict() == {"": 10, "East": 4, "West": 6, "(missing)": -1}
    assert frame["value"].to_dict() == {"": 2, "East": 1, "West": 0, "(missing)": 1}


def test_a_running_period_is_held_against_the_business_days_gone_by():
    """September 2026 has 22 weekdays, 8 of them up to Thursday the 10th; in Japan 19 and 8."""
    ws = world([deal(f"n{n}", created="09-02") for n in range(8)], as_of="2026-09-10")
    whole = figure(ws, CREATED, how_much=22)
    assert (whole["target_to_date"], whole["complete"]) == (22, False)
    due = figure(ws, CREATED, how_much=22, options={"pro_rata": True})
    assert (due["target"], due["target_to_date"], due["status"]) == (22, 8, "green")
    japan = figure(ws, CREATED, how_much=19, options={"pro_rata": True, "holidays": "JP"})
    assert japan["target_to_date"] == pytest.approx(8)
    share = {**CREATED, "numerator": {"is_won": True}}
    assert figure(ws, share, how_much=0.5, options={"pro_rata": True})["target_to_date"] == 0.5


def test_nothing_after_the_period_is_looked_at():
    deals = [deal("a", created="01-05"), deal("b", created="01-25"), deal("c", created="03-05")]
    ws = world(deals, as_of="2026-03-31")
    assert figure(ws, CREATED, options={"period": "2026-01"})["value"] == 2
    assert figure(ws, CREATED, options={"as_of": "2026-01-10"})["value"] == 1
    assert figure(ws, CREATED, options={"period": "2030"})["value"] == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"trend": 0}, "trend="), ({"by": "owners"}, "by='owners'"), ({"pro_rata": 1}, "pro_rata"),
        ({"holidays": "Nowhere"}, "holidays="), ({"only": "x"}, "only='x'"),
        ({"period": "soon"}, "period="), ({"as_of": "soon"}, "as_of="),
        ({"definitions": "salse"}, "'sales'"), ({"definitions": 5}, "definitions=5"),
    ],
)  # fmt: skip
def test_bad_questions_are_refused(options, message):
    with pytest.raises(ArgumentError, match=message):
        wb.kpis(nothing_special(), **options)


def test_the_fields_that_the_stage_requires():
    table = stage_table().assign(required_fields=["next_step; amount", None, "next_step", "", ""])
    deals = [deal("one", "S1", next_step=""), deal("all", "S3", next_step="x"),
             deal("free", "S2"), deal("half", "S1", next_step="x", amount=np.nan)]  # fmt: skip
    ws = world(deals, stages=table)
    result = wb.kpis(ws, definitions=[kpi({"measure": "hearing_filled"})])
    assert result.frame[["numerator", "denominator"]].iloc[0].tolist() == [1, 3]
    assert set(result.members("k")["record_id"]) == {"one", "half"}
    assert any("1 open deal stands in a stage" in note for note in result.scope.notes)
    missing = wb.kpis(world(deals), definitions=[kpi({"measure": "hearing_filled"})])
    assert "required_fields" in missing.frame["missing"].iloc[0]


def test_the_mark_of_the_source_system_may_decide_who_is_a_customer():
    known = accounts(A="A", B="A", C="A").assign(is_customer=[False, True, None])
    won = [deal(f"w{a}", "Won", "01-01", closed="01-05", account=a) for a in "AC"]
    new = [deal(f"n{a}", created="02-03", account=a) for a in "ABC"]
    ws = world([*won, *new], known=known, as_of="2026-02-28")
    flagged = wb.kpis(ws, definitions=[kpi({**NEW, "flag_wins": True})])
    assert sorted(flagged.members("k", what="counted")["record_id"]) == ["nB", "nC"]
    assert figure(ws, NEW)["value"] == 2
    plain = world([*won, *new], as_of="2026-02-28")
    assert "is_customer" in figure(plain, {**NEW, "flag_wins": True})["missing"]
