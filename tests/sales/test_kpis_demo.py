"""KPIs and anomalies of the demo company and of real files, beside plain counts of their rows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import workbench as wb
from tests.sales import kpi_worlds
from workbench.data.demo import generate

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
ZONE = "Asia/Tokyo"
TODAY = pd.Timestamp("2026-09-30")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    generate(folder / "files")
    return wb.open("demo", root=folder / "files", cache=folder / "cache")


@pytest.fixture(scope="module")
def result(demo):
    return wb.kpis(demo, trend=3)


def value(result, key):
    return result.frame.set_index("kpi_id").loc[key]


def days(column):
    return pd.to_datetime(column, utc=True).dt.tz_convert(ZONE).dt.tz_localize(None).dt.normalize()


@pytest.fixture(scope="module")
def meetings(demo):
    rows = demo.sql(
        "SELECT activity_id, a.account_id, o.account_id AS of_deal, coalesce(done_at, end_at, "
        "start_at) AS at FROM activities a LEFT JOIN opportunities o USING (opportunity_id) "
        "WHERE a.type = 'meeting' AND status = 'done'"
    )
    rows["account_id"] = rows["account_id"].fillna(rows["of_deal"])
    return rows.assign(day=days(rows["at"]))


def test_every_kpi_of_the_shipped_set_has_a_figure(result):
    assert result.frame["missing"].tolist() == [""] * len(result.frame)
    assert result.frame["complete"].all()
    assert result.headline().startswith("2 of 9 KPIs are on target")


def test_won_value_by_team_beside_its_targets(demo):
    frame = wb.kpis(demo, by="team", only="won_value", trend=1).frame.set_index("group")
    targets = demo.sql("SELECT * FROM targets WHERE period_start_on = '2026-07-01'")
    teams = targets.set_index("team")["target"]
    assert frame.loc[teams.index, "target"].tolist() == teams.tolist()
    assert frame.loc["", "target"] == teams.sum()
    assert frame["value"].drop("").sum() == pytest.approx(frame.loc["", "value"])
    assert set(frame["target_source"]) >= {"targets table", "sum of the groups' targets"}


def test_visits_per_rep_beside_plain_pandas(demo, result, meetings):
    people = demo.sql(
        "SELECT DISTINCT activity_id, user_id FROM activity_participants "
        "WHERE user_id IS NOT NULL AND coalesce(attended, true)"
    )
    active = set(demo.sql("SELECT user_id FROM users WHERE is_active")["user_id"])
    month = meetings[meetings["day"].dt.strftime("%Y-%m") == "2026-09"]
    there = month.merge(people)
    line = value(result, "visits_per_rep")
    assert line.numerator == there["user_id"].isin(active).sum()
    assert line.denominator == len(active)


def test_unvisited_accounts_beside_plain_pandas(demo, result, meetings):
    last = meetings.groupby("account_id")["day"].max()
    keys = demo.sql("SELECT account_id FROM accounts")["account_id"]
    line = value(result, "unvisited")
    assert line.value == (last.reindex(keys) <= TODAY - pd.DateOffset(months=3)).sum()
    assert line.apart == last.reindex(keys).isna().sum()


def test_important_accounts_by_week_beside_plain_pandas(demo, result, meetings):
    accounts = demo.sql("SELECT account_id, created_at FROM accounts WHERE rank IN ('A', 'B')")
    accounts["day"] = days(accounts["created_at"])
    visited = total = 0
    for week in pd.date_range("2026-09-07", "2026-09-21", freq="7D"):
        there = accounts[accounts["day"] <= week]
        seen = meetings[meetings["day"].between(week, week + pd.Timedelta(days=6))]
        total += len(there)
        visited += there["account_id"].isin(seen["account_id"]).sum()
    line = value(result, "key_accounts_weekly")
    assert (line.numerator, line.denominator) == (visited, total)


def test_every_figure_can_be_opened(result):
    hostile = wb.kpis(kpi_worlds.hostile(24))
    for found in (result, hostile):
        for line in found.frame[found.frame["missing"] == ""].itertuples():
            counted = found.members(line.kpi_id, what="counted")
            assert counted["counted"].sum() == pytest.approx(line.numerator)
            if line.denominator > 0:
                assert len(found.members(line.kpi_id, what="of")) == line.denominator
            waiting = found.members(line.kpi_id)
            assert len(waiting) == line.to_do
            offers = found.offers[found.offers["kpi_id"] == line.kpi_id]
            assert len(offers) == 0 or (offers["total"] == line.to_do).all()
            block = found.to_act_on(line.kpi_id, most=1_000).content
            assert block["table"]["total_rows"] == len(waiting)


def test_groups_open_and_add_up(demo):
    found = wb.kpis(demo, by="industry", only=["win_rate", "unvisited", "past_close_date"], trend=1)
    for key, lines in found.frame.groupby("kpi_id"):
        whole, parts = lines[lines["group"] == ""], lines[lines["group"] != ""]
        assert parts["numerator"].sum() == whole["numerator"].iloc[0]
        assert parts["denominator"].sum() == whole["denominator"].iloc[0]
        for line in parts.itertuples():
            members = found.members(key, group=line.label, what="counted")
            assert members["counted"].sum() == line.numerator


def test_anomalies_beside_plain_sql(demo):
    found = wb.anomalies(demo)
    frame = found.frame.set_index("check")
    assert frame["missing"].tolist() == [""] * len(frame)

    def count(condition):
        return demo.sql(
            f"SELECT count(*) AS n FROM opportunities o WHERE NOT is_closed AND {condition}"
        )["n"].iloc[0]

    assert frame.at["close_date_past", "count"] == count("expected_close_on < '2026-09-30'")
    assert frame.at["amount_missing", "count"] == count("coalesce(amount, 0) = 0")
    assert frame.at["next_step_empty", "count"] == count("next_step IS NULL")
    assert frame.at["owner_inactive", "count"] == count(
        "owner_id IN (SELECT user_id FROM users WHERE NOT is_active)"
    )
    assert frame.at["no_customer_person", "count"] == count(
        "opportunity_id NOT IN (SELECT opportunity_id FROM opportunity_people "
        "WHERE person_id IS NOT NULL)"
    )
    last = ("SELECT max(changed_at) FROM opportunity_history h WHERE h.opportunity_id = "
            "o.opportunity_id AND stage IS DISTINCT FROM (SELECT arg_max(stage, changed_at) FROM "
            "opportunity_history p WHERE p.opportunity_id = h.opportunity_id "
            "AND p.changed_at < h.changed_at)")  # fmt: skip
    waiting = f"epoch('2026-09-30T15:00Z'::TIMESTAMPTZ) - epoch(({last})) >= 46 * 86400"
    assert frame.at["stalled", "count"] == count(waiting)
    for check in frame.index:
        assert len(found.members(check)) == frame.at[check, "count"]


def test_files_without_activities_say_so_and_answer_the_rest(tmp_path):
    if not (DATA / "maven_crm_sales_opportunities").is_dir():
        pytest.skip("the files are not present")
    maven = wb.open("maven_crm_sales_opportunities", cache=tmp_path)
    found = wb.kpis(maven)
    missing = found.frame.set_index("kpi_id")["missing"]
    for key in ("visits_per_rep", "key_accounts_weekly", "unvisited", "customer_visit_share"):
        assert "Not in these data: visits" in missing[key]
    whole = {"table": "opportunities", "where": {"is_closed": True}, "numerator": {"is_won": True}}
    rate = kpi_worlds.figure(maven, whole)
    assert (rate["numerator"], rate["denominator"]) == (4_238, 6_711)
    year = wb.kpis(maven, definitions=[kpi_worlds.kpi({"measure": "won_amount"}, period="year")])
    assert year.frame["value"].iloc[0] == 10_005_534
    odd = wb.anomalies(maven).frame.set_index("check")
    assert odd.loc["amount_missing", ["count", "total"]].tolist() == [2_089, 2_089]
