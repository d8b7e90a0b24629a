"""Account-based questions on the demo company and on real files: planted truths come out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import workbench as wb
from workbench.data.demo import generate
from workbench.data.demo.truths import TRUTHS

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    generate(folder / "files")
    return wb.open("demo", root=folder / "files", cache=folder / "cache")


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")

    def opened(name: str) -> wb.Workspace:
        if not (DATA / name).is_dir():
            pytest.skip(f"{DATA / name} is not present")
        return wb.open(name, cache=cache)

    return opened


def test_the_fall_of_contact_before_leaving_is_found_inside_its_interval(demo):
    view = wb.growth(demo, weeks=TRUTHS.decline_weeks).before_leaving()
    assert view.ratio_low < TRUTHS.decline_share < view.ratio_high
    assert view.ratio_high < 0.5
    # Those who stayed at the same times show no fall.
    assert 0.9 < view.stayed < 1.1
    ended = demo.sql("SELECT count(*) AS n FROM contracts WHERE ended_on IS NOT NULL")["n"].iloc[0]
    assert len(view.leavers) == ended


def test_health_saw_it_coming_without_looking_ahead(demo):
    ends = demo.sql("SELECT account_id, ended_on FROM contracts WHERE ended_on IS NOT NULL")
    counts = {True: [0, 0], False: [0, 0]}
    for day in pd.date_range("2025-10-01", "2026-09-01", freq="42D"):
        frame = wb.growth(demo, period=f"..{day:%Y-%m-%d}").health().frame
        frame = frame[frame["inbound_points"].notna()]
        soon = ends[(ends["ended_on"] > day) & (ends["ended_on"] <= day + pd.Timedelta(days=21))]
        for leaves, lines in frame.groupby(frame["key"].isin(soon["account_id"])):
            counts[leaves][0] += int((lines["inbound_points"] < 2).sum())
            counts[leaves][1] += len(lines)
    leaving, staying = (n / max(total, 1) for n, total in (counts[True], counts[False]))
    assert counts[True][1] >= 10
    assert leaving > 2 * staying


def test_customers_of_the_demo_are_those_with_a_running_contract(demo):
    result = wb.growth(demo)
    running = demo.sql("SELECT account_id FROM contracts WHERE ended_on IS NULL")["account_id"]
    by_contract = result.frame[result.frame["customer_by"] == "contract"]["key"]
    assert set(by_contract) == set(running)
    assert set(result.found.customers["contract_ends_at"].dropna()) == set()
    health = result.health().frame
    parts = health.filter(regex="_points$").drop(columns="share_points")
    assert (parts.sum(axis=1) == health["points"]).all()


def test_buying_groups_of_the_demo(demo):
    result = wb.buying_groups(demo)
    assert len(result.frame) == 875
    frame = result.frame
    assert (frame["share_complete"].dropna() <= 1).all()
    assert (frame["members_engaged"] <= frame["members"]).all()
    # Nobody planted that complete groups win more, and no difference is claimed.
    view = result.won_and_lost()
    found, low, high, _ = view.mean_difference
    assert low < 0 < high
    assert abs(found) < 0.1
    assert "chance alone would explain it" in view.headline()
    opened = result.members(role="Decision Maker", engaged=False)
    roles = result.roles().frame
    silent = roles[roles["role"] == "Decision Maker"]
    assert len(opened) == (silent["people"] - silent["engaged"]).sum()


def test_the_story_of_a_won_account_ends_well(demo):
    key = demo.sql(
        "SELECT min(account_id) AS k FROM opportunities WHERE is_won AND account_id IN "
        "(SELECT account_id FROM leads WHERE mql_at IS NOT NULL)"
    )["k"].iloc[0]
    told = wb.timeline(demo, account=key)
    marks = told.milestones
    assert {"closed_won", "opportunity_created", "mql_qualified"} <= set(marks["event"])
    total = demo.sql(
        "SELECT count(*) AS n FROM touchpoints WHERE account_id = ? AND occurred_at <= ?",
        [key, demo.as_of],
    )["n"].iloc[0]
    assert told.frame["rows"].sum() == total
    around = told.around("closed_won", before="30d", after="30d")
    assert around.frame["before"].sum() > 0


def test_subscriptions_of_a_real_company(real):
    saas = real("ravenstack_saas")
    result = wb.growth(saas)
    assert result.question.contracts.table == "subscriptions"
    assert len(result.frame) == 500
    assert "seats" in " ".join(result.scope.notes)
    assert result.frame["usage"].isin(["rising", "steady", "falling", "too new", "not used"]).all()
    view = result.before_leaving(event="churned")
    # Use was drawn without regard to churn in these synthetic files: no fall is claimed.
    assert view.ratio_low < 1 < view.ratio_high
    assert "so no fall is seen" in view.headline()
    told = wb.timeline(saas, account="Company_1")
    assert "Subscription started: Pro" in set(told.milestones["label"])
    assert wb.buying_groups(saas).headline() == "No member of the 500 accounts is known"


def test_a_pipeline_without_anything_else(real):
    maven = real("maven_crm_sales_opportunities")
    result = wb.growth(maven)
    assert set(result.frame["customer_by"]) == {"won opportunity"}
    assert len(result.frame) == 85
    assert "Too little is known" in result.health().headline()
    told = wb.timeline(maven, account="CANCITY")
    won = maven.sql("SELECT count(*) AS n FROM opportunities WHERE account_id = 'Cancity'")
    assert told.milestones.set_index("event").loc["opportunity_created", "rows"].sum() <= int(
        won["n"].iloc[0]
    )
