"""What was planted in the demo company comes out of the relationships."""

from __future__ import annotations

import pandas as pd
import pytest

import workbench as wb
from workbench.data.demo import generate
from workbench.data.demo.truths import TRUTHS


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    generate(folder / "files")
    return wb.open("demo", root=folder / "files", cache=folder / "cache")


def test_customers_write_and_call_less_before_they_leave(demo):
    left = demo.sql(
        "SELECT account_id AS key, max(ended_on) AS ended FROM contracts "
        "WHERE ended_on IS NOT NULL GROUP BY 1 HAVING max(ended_on) > '2025-01-01'"
    )
    begun = wb.relationships(demo, of="account").members("activities")
    begun = begun[(begun["direction"] == "in")].merge(left, on="key")
    ended = pd.to_datetime(begun["ended"]).dt.tz_localize(demo.settings.report_tz)
    days = (ended - begun["begun_at"]).dt.days
    window = TRUTHS.decline_weeks * 7
    late, before = days.between(0, window - 1).sum(), days.between(window, 2 * window - 1).sum()
    assert before > 150
    assert late / before == pytest.approx(TRUTHS.decline_share, abs=0.08)


def test_every_activity_of_the_demo_counts_once_an_opportunity(demo):
    asked = wb.relationships(demo, closed=True)
    every = asked.members("all")
    assert not every.duplicated(["key", "activity_id"]).any()
    loose = wb.relationships(demo, closed=True, opportunity_link="loose").members("all")
    strict = wb.relationships(demo, closed=True, opportunity_link="strict").members("all")
    assert len(strict) <= len(every) <= len(loose)
    assert strict["regarding"].all()
    frame = asked.frame
    assert (frame["directed"] + frame["unknown_direction"] + frame["tasks"] <= (
        frame["activities"])).all()  # fmt: skip
    assert wb.relationships(demo).health().frame["score"].dropna().between(0, 100).all()


def test_declining_accounts_are_flagged_before_they_leave(demo):
    found = wb.relationships(demo, of="account").warnings(weeks=TRUTHS.decline_weeks)
    left, stayed = found.worth.to_dict("records")
    # Half of those of which enough is known, two weeks and more ahead; one span in nine of others.
    assert left["count"] / left["total"] > 0.35
    assert found.frame["lead_days"].median() >= 14
    assert found.frame["lead_days"].max() <= 7 * TRUTHS.decline_weeks
    assert stayed["share"] < 0.15
    assert left["low"] > stayed["high"]
    near = found.approach.set_index("weeks_before")["share"]
    # The decline is planted in the last eight weeks: none is seen before, most in the last two.
    assert near[[10, 11, 12]].max() <= near[0]
    assert near[[1, 2]].min() > 4 * near[0]


def test_a_declining_trend_alone_warns_of_everybody(demo):
    left, stayed = wb.relationships(demo, of="account").warnings(signal="trend").worth.to_dict(
        "records")  # fmt: skip
    assert left["share"] > 0.9
    assert stayed["share"] > 0.8
