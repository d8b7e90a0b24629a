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
