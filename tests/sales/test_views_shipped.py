"""The definitions that are shipped: on full data, on data with present stages only, on none."""

from __future__ import annotations

from datetime import date
from functools import cache

import pandas as pd
import pytest
import yaml

import workbench as wb
from tests.house import ROOT
from tests.sales.pipelines import deal, pipeline
from workbench.reports.starter import lay_out

PARAMETERS = ROOT / "parameters"
VIEWS, TABLES, DASHBOARDS = (
    sorted(p.stem for p in (PARAMETERS / kind).glob("*.yaml"))
    for kind in ("views", "tables", "dashboards")
)
USERS = pd.DataFrame({"user_id": ["U1", "U2"], "name": ["Ann", "Bob"], "team": ["East", "West"]})


def day(text):
    return date.fromisoformat(text)


@cache
def full():
    """Two won, one lost, four open deals of which two stand still and one has no next step."""
    rows = [
        {**deal(f"O{n}", stage, created=created, amount=amount, closed=closed, account="A1"),
         "name": f"deal {n}", "owner_id": owner, "currency": "EUR", "next_step": step,
         "expected_close_on": expected, "last_stage_change_at": pd.Timestamp(changed, tz="UTC")}
        for n, (stage, created, amount, closed, owner, step, expected, changed) in enumerate([
            ("Won", "01-05", 100.0, "03-05", "U1", None, day("2026-03-05"), "2026-03-05"),
            ("Won", "01-05", 50.0, "05-05", "U2", None, day("2026-05-05"), "2026-05-05"),
            ("Lost", "02-05", 70.0, "05-06", "U1", None, day("2026-05-06"), "2026-05-06"),
            ("S1", "03-01", 10.0, None, "U1", "call", day("2026-06-20"), "2026-03-01"),
            ("S2", "03-01", 20.0, None, "U1", "call", day("2026-07-01"), "2026-04-01"),
            ("S2", "05-20", None, None, "U2", " ", day("2026-04-01"), "2026-06-01"),
            ("S3", "06-01", 40.0, None, None, "mail", None, "2026-06-10"),
        ])
    ]  # fmt: skip
    saves = [(row["opportunity_id"], "06-01", row["stage"], {"amount": row["amount"]})
             for row in rows]  # fmt: skip
    accounts = pd.DataFrame({"account_id": ["A1"], "name": ["Acme"]})
    return pipeline(rows, saves, users=USERS, accounts=accounts, as_of="2026-06-15")


@cache
def plain():
    """Stages, amounts and days of opening and closing; nothing else is known."""
    rows = [deal("O1", "S1", created="01-01"), deal("O2", "Won", created="01-01", closed="02-01")]
    return pipeline(rows, as_of="2026-06-15")


def test_there_are_some():
    assert len(VIEWS) >= 4
    assert len(TABLES) >= 4
    assert DASHBOARDS


@pytest.mark.parametrize(
    ("name", "deals"),
    [
        ("open_deals", ["deal 4", "deal 3", "deal 6", "deal 5"]),
        ("closing_this_quarter", ["deal 5", "deal 3"]),
        ("stalled", ["deal 3", "deal 4"]),
        ("without_next_step", ["deal 5"]),
    ],
)
def test_views(name, deals):
    view = wb.view(full(), name)
    assert sorted(view.frame["deal"]) == sorted(deals)
    assert view.left_out == ()
    assert view.board().frame["count"].sum() == len(deals)


def test_my_team():
    assert list(wb.view(full(), "my_team", user="Ann").frame["deal"]) == ["deal 4", "deal 3"]


def test_tables():
    by_owner = wb.table_report(full(), "won_by_owner").frame.set_index("owner")
    assert by_owner.loc["Ann", ["won amount", "won", "closed"]].tolist() == [100, 1, 2]
    assert by_owner.loc["Ann", "win rate of closed"] == 0.5
    by_stage = wb.table_report(full(), "open_by_stage").frame.set_index("stage")
    assert by_stage.loc["S2", ["deals", "amount"]].tolist() == [2, 20]
    month = wb.table_report(full(), "closing_by_month").frame
    assert month["expected close"].tolist()[:-1] == ["2026-04", "2026-06", "2026-07", "(empty)"]
    trend = wb.table_report(full(), "open_month_by_month").frame
    assert trend["snapshot_on"].iloc[0] == "2026-02-01"  # the first with a deal


@pytest.mark.parametrize("world", ["full", "plain"])
@pytest.mark.parametrize("name", [*VIEWS, *TABLES, *DASHBOARDS])
def test_each_answers_or_says_why_not(world, name):
    ws = {"full": full, "plain": plain}[world]()
    ask = wb.view if name in VIEWS else wb.table_report if name in TABLES else wb.dashboard
    user = {"user": "U1"} if name == "my_team" else {}
    answer = wb.where_possible(ask, ws, name, **user)
    assert answer.headline()
    if world == "full":
        assert answer.scope.as_of == "2026-06-15"
        assert answer.title == yaml.safe_load(
            next(PARAMETERS.glob(f"[vtd]*/{name}.yaml")).read_text()
        )["title"]  # fmt: skip


def test_a_dashboard_on_present_stages_only_says_what_it_cannot():
    board = wb.dashboard(plain(), "pipeline_overview")
    absent = {c.name: c.absent for c in board.components if c.absent}
    assert {"closing by month", "won by owner", "open over time"} <= set(absent)
    assert "expected_close_on" in absent["closing by month"]
    assert dict(zip(board["open amount"].frame["mark"], board["open amount"].frame["value"],
                    strict=True)) == {"all": 100.0}  # fmt: skip


def test_a_new_folder_has_them_and_its_own_come_first(tmp_path, monkeypatch):
    lay_out(tmp_path / "mine")
    monkeypatch.chdir(tmp_path / "mine")
    for kind, names in (("views", VIEWS), ("tables", TABLES), ("dashboards", DASHBOARDS)):
        assert sorted(p.stem for p in (tmp_path / "mine/parameters" / kind).glob("*")) == names
    own = tmp_path / "mine/parameters/views/open_deals.yaml"
    own.write_text("title: Mine\nobject: opportunities\nsharing: private\nowner: U1\n")
    assert wb.view(full(), "open_deals").title == "Mine"
    listed = wb.saved_views()
    assert set(listed["name"]) == {*VIEWS, *TABLES, *DASHBOARDS}
    assert "open_deals" not in set(wb.saved_views(user="U2")["name"])
    own.write_text("pinned: [")
    broken = wb.saved_views().set_index("name").loc["open_deals"]
    assert "not valid YAML" in broken["title"]


def test_pinned_definitions_stand_first():
    frame = wb.saved_views()
    assert frame["pinned"].tolist() == sorted(frame["pinned"], reverse=True)
    assert frame.loc[0, "name"] == "open_deals"
