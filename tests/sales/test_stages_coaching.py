"""Coaching: groups beside all others, corrected, never ranked, small ones never by themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

import workbench as wb
from tests.sales.pipelines import deal, pipeline
from workbench.errors import AbsentError, ArgumentError
from workbench.results.intervals import difference
from workbench.sales.stages.comparing import longer_stays, share_differences


def world(won, lost, days=None, extra=(), **more):
    """Deals of each owner in S1, won and lost after so many days."""
    deals, saves = [], []
    for owner in sorted(set(won) | set(lost)):
        for n in range(won.get(owner, 0) + lost.get(owner, 0)):
            key, end = f"{owner}{n:03d}", "Won" if n < won.get(owner, 0) else "Lost"
            length = (days or {}).get(owner, 10) + n % 5
            deals.append(deal(key, end, closed=f"02-{length:02d}", owner_id=owner))
            saves += [(key, "01-31", "S1"), (key, f"02-{length:02d}", end)]
    return pipeline([*deals, *extra], saves, as_of="2026-06-01", **more)


def line(result, group, stage="S1"):
    frame = result.frame
    return frame[(frame["group"] == group) & (frame["stage"] == stage)].iloc[0]


def test_a_group_beside_all_others_by_hand():
    found = wb.coaching(world({"A": 30, "B": 10}, {"A": 10, "B": 30}), by="owner")
    a = line(found, "A")
    assert (a.decided, a.went_on, a.share, a.others_decided, a.others_went_on) == (
        40, 30, 0.75, 40, 10,
    )  # fmt: skip
    by_hand = difference(30, 40, 10, 40)
    assert (a.difference, a.difference_low, a.difference_high, a.p_value) == pytest.approx(
        (by_hand.difference, by_hand.low, by_hand.high, by_hand.p_value)
    )
    assert (a.standing, line(found, "B").standing) == ("strong", "weak")
    assert "4 of 8 comparisons" in found.headline()
    assert len(found.members("A", "S1", "went_on")) == 30
    assert len(found.members("A", what="decided")) == 40


def test_deals_that_stay_longer_are_stuck():
    found = wb.coaching(
        world({"A": 15, "B": 15}, {"A": 5, "B": 5}, days={"A": 3, "B": 20}), by="owner_id"
    )
    assert (line(found, "A").pace, line(found, "B").pace) == ("quick", "stuck")
    assert line(found, "B").median_days > line(found, "B").all_median_days
    assert line(found, "A").standing == ""


def test_the_correction_counts_every_comparison():
    won = dict.fromkeys("ABCDEFGH", 14)
    alone = wb.coaching(world({"A": 27, "B": 14}, {"A": 3, "B": 14}))
    among = wb.coaching(world({**won, "A": 27}, dict.fromkeys(won, 14) | {"A": 3}))
    assert among.compared > alone.compared
    assert line(among, "A").adjusted_p >= line(among, "A").p_value * among.compared * 0.5
    assert (among.frame["adjusted_p"].dropna() >= among.frame["p_value"].dropna()).all()


def test_groups_stand_by_name_whatever_they_reach():
    found = wb.coaching(world({"A": 2, "B": 20, "C": 11}, {"A": 18, "B": 2, "C": 9}))
    for _, part in found.frame.groupby("stage"):
        assert list(part["group"]) == sorted(part["group"])
    assert not [name for name in found.columns if "rank" in name or "score" in name]


def test_small_groups_are_counted_and_not_shown():
    found = wb.coaching(world({"A": 20, "B": 20, "x": 5, "y": 6}, {"A": 5, "B": 5}))
    assert set(found.frame["group"]) == {"A", "B", "(2 small groups together)"}
    assert "2 groups of fewer than 10 deals (11 deals)" in found.reading()
    # The one small group of a world must not be seen as what is left.
    single = wb.coaching(world({"A": 20, "B": 20, "x": 5}, {"A": 5, "B": 5}))
    assert set(single.frame["group"]) == {"A", "B"}
    assert line(single, "A").others_decided == 30


def test_shares_of_few_decided_deals_stay_empty():
    extra = [deal(f"open{n}", "S1", owner_id="C") for n in range(12)]
    found = wb.coaching(world({"A": 20, "B": 20, "C": 3}, {"A": 5, "B": 5}, extra=extra))
    c = line(found, "C", "")
    assert (c.deals, c.decided) == (15, 3)
    assert np.isnan([c.went_on, c.share, c.others_went_on, c.p_value, c.median_days]).all()


def test_owners_of_one_name_and_missing_ones_stand_apart():
    import pandas as pd

    users = pd.DataFrame({"user_id": ["A", "B"], "name": ["Kim", "Kim"]})
    extra = [deal(f"x{n}", "Lost", closed="02-02", owner_id=None) for n in range(12)]
    found = wb.coaching(world({"A": 12, "B": 12}, {}, extra=extra, users=users))
    assert set(found.frame["group"]) == {"Kim (A)", "Kim (B)", "(missing)"}


def test_by_a_column_of_the_company_and_without_history():
    import pandas as pd

    deals = [deal(f"o{n}", ["Won", "Lost"][n % 2], closed="02-02", account="AB"[n % 4 // 2])
             for n in range(48)]  # fmt: skip
    accounts = pd.DataFrame({"account_id": ["A", "B"], "industry": ["Steel", "Food"]})
    found = wb.coaching(pipeline(deals, accounts=accounts), by="accounts.industry")
    assert list(found.frame["group"]) == ["Food", "Steel"]
    assert set(found.frame["stage"]) == {""}
    assert list(found.frame["share"]) == [0.5, 0.5]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [({"by": "colour"}, AbsentError), ({"by": 3}, ArgumentError), ({"min_n": 1}, ArgumentError),
     ({"min_n": True}, ArgumentError), ({"min_n": "10"}, ArgumentError)],
)  # fmt: skip
def test_what_is_not_allowed_is_refused(wrong, error):
    with pytest.raises(error):
        wb.coaching(pipeline([deal("a", owner_id="U")]), **wrong)


pairs = st.tuples(st.integers(1, 60), st.integers(1, 60)).flatmap(
    lambda t: st.tuples(st.integers(0, t[0]), st.just(t[0]), st.integers(0, t[1]), st.just(t[1]))
)


@settings(max_examples=40, deadline=None)
@given(st.lists(pairs, min_size=1, max_size=5))
def test_many_shares_at_once_are_as_one_by_one(drawn):
    parts = share_differences(*(np.array(column) for column in zip(*drawn, strict=True)))
    for n, pair in enumerate(drawn):
        with np.errstate(divide="ignore"):
            one = difference(*pair)
        ours = [part[n] for part in parts]
        assert ours[:3] == pytest.approx([one.difference, one.low, one.high], abs=1e-9)
        if not np.isnan(one.p_value):
            assert ours[3] == pytest.approx(one.p_value, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 8)), min_size=4, max_size=40))
def test_rank_sums_beside_scipy(drawn):
    group, days = (np.array(column) for column in zip(*drawn, strict=True))
    found = longer_stays(group, np.zeros(group.size, np.int64), days.astype(float), 3, 1)
    for n in range(3):
        own, others = days[group == n], days[group != n]
        if own.size and others.size and len(set(days)) > 1:
            wanted = mannwhitneyu(own, others, method="asymptotic", use_continuity=False).pvalue
            assert found[n, 0] == pytest.approx(wanted, abs=1e-9)
        elif not own.size or not others.size:
            assert np.isnan(found[n, 0])
