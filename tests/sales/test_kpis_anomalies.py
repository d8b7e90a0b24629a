"""The built-in anomalies: each on a deal that shows it and on one that just does not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.sales.kpi_worlds import accounts, figure, nothing_special, world
from tests.sales.pipelines import deal, stage_table
from tests.worlds.company import workspace
from workbench.errors import AbsentError, ArgumentError
from workbench.sales.kpis.anomaly.options import CHECKS


def history(*saves) -> pd.DataFrame:
    rows = [
        {"history_id": f"H{n}", "opportunity_id": s[0],
         "changed_at": pd.Timestamp(f"2026-{s[1]}T12:00Z"), "stage": s[2],
         "expected_close_on": pd.Timestamp(f"2026-{s[3]}") if len(s) > 3 else pd.NaT}
        for n, s in enumerate(saves)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def activity(key, on, status="done", **more):
    at = pd.Timestamp(f"2026-{on}T12:00Z")
    return {"activity_id": f"{key}{on}", "type": "call", "status": status, "opportunity_id": key,
            "done_at": at if status == "done" else pd.NaT,
            "start_at": at, **more}  # fmt: skip


def shown(check, deals, options=None, as_of="2026-06-30", **tables):
    ws = world(deals, as_of=as_of, **tables)
    assert ws.tables["opportunities"].rows == len(deals)
    result = wb.anomalies(ws, checks={check: options or {}})
    assert result.frame["missing"].tolist() == [""]
    found = result.members(check)
    assert len(found) == result.frame["count"].iloc[0]
    assert all(found["detail"])
    return sorted(found["opportunity_id"])


def on(day):
    return pd.Timestamp(day)


OPEN = {"created": "01-01"}
CASES = {
    "close_date_past": [
        deal("yes", expected_close_on=on("2026-06-29"), **OPEN),
        deal("today", expected_close_on=on("2026-06-30"), **OPEN),
        deal("shut", "Won", "01-01", closed="02-01", expected_close_on=on("2026-01-30")),
        deal("unset", expected_close_on=pd.NaT, **OPEN),
    ],
    "amount_missing": [
        deal("yes", amount=np.nan, **OPEN), deal("yes too", amount=0.0, **OPEN),
        deal("no", amount=-1.0, **OPEN), deal("shut", "Lost", "01-01", closed="02-01", amount=0.0),
    ],
    "next_step_empty": [
        deal("yes", next_step=" \u3000", **OPEN), deal("yes too", next_step=None, **OPEN),
        deal("no", next_step="0", **OPEN),
    ],
    "probability_differs": [
        deal("yes", "S2", probability=0.31, **OPEN), deal("no", "S2", probability=0.304, **OPEN),
        deal("unset", "S2", probability=np.nan, **OPEN),
        deal("shut", "Won", "01-01", closed="02-01", probability=0.5),
    ],
    "closes_on_creation_day": [
        deal("yes", expected_close_on=on("2026-01-01"), **OPEN),
        deal("no", expected_close_on=on("2026-01-02"), **OPEN),
        deal("yes too", "Won", "01-03", closed="01-03"),
        deal("later", "Won", "01-03", closed="01-04", expected_close_on=on("2026-01-03")),
    ],
    "owner_inactive": [
        deal("yes", owner_id="U3", **OPEN), deal("no", owner_id="U1", **OPEN),
        deal("nobody", owner_id=None, **OPEN), deal("unknown", owner_id="U9", **OPEN),
        deal("shut", "Won", "01-01", closed="02-01", owner_id="U3"),
    ],
    "closes_far_ahead": [
        deal("yes", expected_close_on=on("2027-12-31"), **OPEN),
        deal("no", expected_close_on=on("2027-12-30"), **OPEN),
    ],
}  # fmt: skip


@pytest.mark.parametrize("check", CASES)
def test_what_the_table_of_deals_shows(check):
    wanted = {d["opportunity_id"] for d in CASES[check]} & {"yes", "yes too"}
    assert set(shown(check, CASES[check], stages=stage_table())) == wanted


@pytest.mark.parametrize(("as_of", "expected"), [("2026-06-19", []), ("2026-06-20", ["o"])])
def test_the_worked_example_of_a_stall(as_of, expected):
    """S1 may last 9 days and was entered again on 10 June."""
    saves = history(("o", "06-01", "S1"), ("o", "06-08", "S3"), ("o", "06-10", "S1"))
    deals = [deal("o", created="06-01")]
    assert (
        shown("stalled", deals, as_of=as_of, stages=stage_table(), opportunity_history=saves)
        == expected
    )


def test_a_stage_without_a_limit_takes_what_was_usual_for_won_deals():
    """Twenty won deals stayed 1 to 20 days in S2: three quarters of them up to 15.25 days."""
    saves, deals = [], []
    for n in range(1, 21):
        deals.append(deal(f"w{n}", "Won", "01-01", closed=f"01-{n + 1:02d}"))
        saves += [(f"w{n}", "01-01", "S2"), (f"w{n}", f"01-{n + 1:02d}", "Won")]
    deals += [deal("long", "S2", "06-14"), deal("short", "S2", "06-15")]
    saves += [("long", "06-14", "S2"), ("short", "06-15", "S2")]
    table = history(*saves)
    assert shown("stalled", deals, opportunity_history=table) == ["long"]
    assert shown("stalled", deals, {"percentile": 50}, opportunity_history=table) == [
        "long", "short",
    ]  # fmt: skip
    options = {"least_deals": 21, "max_days": 16}
    assert shown("stalled", deals, options, opportunity_history=table) == []


def test_without_history_the_source_system_says_since_when():
    deals = [deal("o", created="01-01", last_stage_change_at=pd.Timestamp("2026-06-20T12:00Z"))]
    assert shown("stalled", deals, stages=stage_table()) == ["o"]


def test_activity_is_done_lately_or_planned():
    deals = [deal(k, account=k) for k in ("yes", "edge", "done", "plan", "off", "late", "never")]
    acts = [activity("yes", "05-30"), activity("edge", "05-31"), activity("done", "06-01"),
            activity("plan", "05-01"), activity("plan", "07-02", "open"),
            activity("off", "07-02", "cancelled"), activity("late", "06-29", "open")]  # fmt: skip
    table = pd.DataFrame(acts)
    assert shown("no_activity", deals, activities=table) == [
        "edge", "late", "never", "off", "yes",
    ]  # fmt: skip
    assert "edge" not in shown("no_activity", deals, {"days": 31}, activities=table)
    by_account = table.assign(account_id="never", opportunity_id=None)
    assert "never" not in shown(
        "no_activity", deals, {"of": "account"}, activities=by_account
    )  # fmt: skip


def test_pushes_are_moves_later_of_a_day_or_of_a_month():
    saves = history(
        ("o", "01-01", "S1", "03-01"), ("o", "01-02", "S1", "03-02"), ("o", "01-03", "S1", "03-01"),
        ("o", "01-04", "S1"), ("o", "01-05", "S1", "04-01"), ("o", "01-06", "S2", "05-01"),
        ("p", "01-01", "S1", "03-01"), ("p", "01-05", "S1", "06-01"),
    )  # fmt: skip
    deals = [deal("o"), deal("p")]
    assert shown("pushed", deals, opportunity_history=saves) == ["o"]
    assert shown("pushed", deals, {"by": "month"}, opportunity_history=saves) == []
    assert shown("pushed", deals, {"at_least": 1}, opportunity_history=saves) == ["o", "p"]
    assert shown("pushed", [deal("q", push_count=3), deal("r", push_count=2)]) == ["q"]


def test_people_of_the_customer_and_won_without_history():
    deals = [deal("yes"), deal("own"), deal("no"), deal("won", "Won", "01-01", closed="02-01")]
    people = pd.DataFrame(
        {"opportunity_id": ["no", "own"], "person_id": ["P1", None], "user_id": [None, "U1"],
         "role": ["DM", "Owner"], "side": ["customer", "team"]}
    )  # fmt: skip
    assert shown("no_customer_person", deals, opportunity_people=people) == ["own", "yes"]
    saves = history(("no", "01-01", "S1"))
    assert shown("won_without_history", deals, opportunity_history=saves) == ["won"]


def test_every_check_says_what_is_missing():
    ws = wb.from_frames(opportunities=pd.DataFrame([deal("o")]).drop(columns="amount"))
    result = wb.anomalies(ws)
    assert list(result.frame["check"]) == list(CHECKS)
    known = result.frame[result.frame["missing"] == ""]["check"].tolist()
    assert known == ["closes_on_creation_day"]
    assert result.members("pushed").empty
    with pytest.raises(AbsentError, match="a table of opportunities"):
        wb.anomalies(workspace(1))


def test_a_split_and_a_filter():
    deals = [deal("a", amount=0.0, owner_id="U1", account="A1"),
             deal("b", amount=0.0, owner_id="U2", account="A2"),
             deal("c", amount=5.0, owner_id=None, account="A2")]  # fmt: skip
    ws = world(deals, known=accounts(A1="A", A2="B"))
    result = wb.anomalies(ws, by="team", checks="amount_missing")
    counts = result.frame.set_index("group")[["count", "total"]].to_numpy().tolist()
    assert counts == [[2, 3], [0, 1], [2, 2]]
    assert result.members("amount_missing", group="East")["opportunity_id"].tolist() == ["a", "b"]
    few = wb.anomalies(ws, where={"accounts.rank": "B"}, checks="amount_missing")
    assert few.frame[["count", "total"]].iloc[0].tolist() == [1, 2]
    again = wb.anomalies(ws, **{k: v for k, v in few.definition.items() if k != "analysis"})
    assert again.frame.equals(few.frame)


def test_a_deal_with_several_anomalies_stands_first():
    deals = [deal("one", amount=0.0, next_step="x"), deal("two", amount=0.0, next_step=None)]
    result = wb.anomalies(world(deals), checks=["amount_missing", "next_step_empty"])
    assert result.deals["opportunity_id"].tolist() == ["two", "one"]
    assert result.deals["checks"].tolist() == ["amount_missing, next_step_empty", "amount_missing"]
    assert result.frame["count"].sum() == result.deals["anomalies"].sum()
    assert result.to_act_on("amount_missing").content["heading"] == "No amount, or zero: 2"


def test_an_anomaly_as_a_kpi():
    deals = [deal("a", amount=0.0), deal("b", amount=5.0)]
    found = figure(world(deals), {"measure": "anomaly", "check": "amount_missing"},
                   direction="down", how_much=0.25)  # fmt: skip
    assert (found["value"], found["attainment"], found["to_do"]) == (0.5, 0.5, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"checks": "stalls"}, "'stalled'"), ({"checks": []}, "checks="),
        ({"checks": {"pushed": {"atleast": 3}}}, "'at_least'"),
        ({"checks": {"pushed": {"at_least": 0}}}, "a number from 1"),
        ({"checks": {"pushed": {"at_least": 1.5}}}, "a number from 1"),
        ({"checks": {"pushed": {"by": "year"}}}, "'month'"),
        ({"checks": {"pushed": 3}}, "a mapping of options"),
        ({"checks": {"amount_missing": {"days": 3}}}, "no options"),
        ({"checks": 5}, "checks=5"), ({"by": "nothing"}, "by='nothing'"),
        ({"where": {"stage": {">": 3}}}, "stage > 3.*fit their columns"),
        ({"where": {"created_at": {">": "soon"}}}, "created_at > soon"), ({"where": 5}, "where=5"),
        ({"where": {"owner": "U1"}}, "where='owner'"), ({"as_of": "soon"}, "as_of="),
    ],
)  # fmt: skip
def test_bad_questions_are_refused(options, message):
    with pytest.raises(ArgumentError, match=message):
        wb.anomalies(nothing_special(), **options)


def test_members_of_unknown_things_are_refused():
    result = wb.anomalies(world([deal("a", "S1", amount=0.0)]), by="owner")
    for options, word in (({"check": "x"}, "check="), ({"group": "x"}, "group=")):
        with pytest.raises(ArgumentError, match=word):
            result.members(**options)
