"""What was planted in the demo company comes out of cohort tables and survival curves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from workbench.data.demo import generate
from workbench.data.demo.truths import TRUTHS

DEALS = {"container": "opportunity", "inclusion": "opportunity_created", "returning": "closed_won"}
MQL = {"container": "account", "entered": "mql_qualified", "won": "sql_qualified"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    generate(folder / "files")
    return wb.open("demo", root=folder / "files", cache=folder / "cache")


@pytest.fixture(scope="module")
def deals(demo):
    return wb.cohort(demo, **DEALS, zero_column=True, mode="cumulative")


def test_the_monthly_table_of_deals_is_what_sql_counts(demo, deals):
    counted = demo.sql(
        """
        WITH months AS (
            SELECT opportunity_id, event,
                   date_trunc('month', occurred_at AT TIME ZONE 'Asia/Tokyo') AS month
            FROM touchpoints WHERE opportunity_id IS NOT NULL
        )
        SELECT strftime(c.month, '%Y-%m') AS cohort,
               datediff('month', c.month, w.month) AS gap, count(DISTINCT opportunity_id) AS n
        FROM months c LEFT JOIN months w USING (opportunity_id)
        WHERE c.event = 'opportunity_created' AND w.event = 'closed_won' GROUP BY ALL
        """
    )
    by_month = counted.pivot(index="cohort", columns="gap", values="n").fillna(0).cumsum(axis=1)
    cells = deals.frame.dropna(subset="returned").set_index(["cohort", "offset"])["returned"]
    for month, row in by_month.iterrows():
        for gap, n in row.items():
            if (month, gap) in cells.index:
                assert cells[month, gap] == n, (month, gap)
    created = demo.sql(
        "SELECT count(DISTINCT opportunity_id) AS n FROM touchpoints "
        "WHERE event = 'opportunity_created'"
    )["n"].iloc[0]
    assert deals.containers == created
    assert deals.in_several_rows == 0


def test_every_deal_of_a_cell_can_be_named(deals):
    label = deals.frame.loc[deals.frame["returned"].astype("float").idxmax(), "cohort"]
    listed = deals.members(label, 3)
    assert len(listed) == deals.frame.set_index(["cohort", "offset"])["returned"][label, 3]
    assert (listed["name"] != listed["key"]).all()
    assert listed["days_to_return"].between(0, 125).all()


def test_the_fast_industry_is_faster_and_it_is_real(demo):
    result = wb.survival(demo, **MQL, by="industry", items=9)
    groups = result.groups.set_index("group")
    rest = groups[(groups.index != TRUTHS.fast_industry) & (groups["entered"] >= 30)]
    fast = groups.loc[TRUTHS.fast_industry]
    # The planted medians are those of the accounts that get there.
    assert fast["median_days_of_won"] == pytest.approx(TRUTHS.mql_to_sql_median_days_fast, rel=0.3)
    usual = np.average(rest["median_days_of_won"], weights=rest["entered"])
    assert usual == pytest.approx(TRUTHS.mql_to_sql_median_days_other, rel=0.2)
    tests = result.tests.set_index("group")["p_adjusted"]
    assert tests[""] < 0.001
    assert tests[TRUTHS.fast_industry] < 0.001
    named = [name for name in rest.index if name not in ("(missing)", "(other)")]
    assert (tests[named] > 0.001).all()
    assert TRUTHS.fast_industry in result.headline()


def test_shares_from_mql_to_sql_lie_where_they_were_planted(demo):
    segments = {
        "fast": {"industry": TRUTHS.fast_industry},
        "other": {"industry": {"!=": TRUTHS.fast_industry}},
    }
    longest = f"{TRUTHS.mql_to_sql_max_days}d"
    shares = {
        name: wb.survival(demo, **MQL, segment=where, horizon=longest).groups.iloc[0]
        for name, where in segments.items()
    }
    # An account may be qualified again, so the planted share of one attempt is a floor.
    fast, other = shares["fast"], shares["other"]
    assert fast["share_low"] < TRUTHS.mql_to_sql_share_fast < fast["share_high"] + 0.05
    assert other["share_low"] < TRUTHS.mql_to_sql_share_other < other["share_high"]
    assert fast["share_low"] > other["share_high"]


def test_the_dipped_month_is_a_small_cohort(demo):
    result = wb.cohort(
        demo, inclusion="lead_form_completed", returning="mql_qualified", period="2025-10..2026-06"
    )
    sizes = result.frame.drop_duplicates("cohort").set_index("cohort")["included"].astype(int)
    assert sizes["2026-02"] < 0.75 * (sizes["2026-01"] + sizes["2026-03"]) / 2


def test_what_is_open_is_not_lost(demo):
    result = wb.survival(demo, entered="opportunity_created", won="closed_won", lost="closed_lost")
    line = result.groups.iloc[0]
    assert line["won"] + line["lost"] + line["open"] == line["entered"]
    # Among deals that are decided, more are won than among all that were created so far.
    assert line["won"] / line["entered"] < line["last_share"] < 0.5
    assert pd.isna(line["median_days"])
    assert "there is no median" in result.headline()
