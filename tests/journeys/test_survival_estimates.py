"""Curves, medians and tests against published figures, another library and worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.journeys.survival.estimates import curve, log_rank

# Weeks in remission (Freireich 1963; tabled in Collett, Modelling Survival Data, and many others).
DRUG = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
ENDED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
DRUG, ENDED, PLACEBO = np.array(DRUG, float), np.array(ENDED), np.array(PLACEBO, float)


def test_kaplan_meier_of_the_published_remissions():
    line = curve(DRUG, ENDED)
    assert line.days.tolist() == [0, 6, 7, 10, 13, 16, 22, 23, 35]
    assert line.at_risk.tolist() == [21, 21, 17, 15, 12, 11, 7, 6, 1]
    survived = [1, 0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448, 0.448]
    assert (1 - line.won_share).round(3).tolist() == survived
    # Intervals of lifelines 0.30.3, KaplanMeierFitter().fit(DRUG, ENDED), for one minus the share.
    lower = [0.619718, 0.563147, 0.503200, 0.431610, 0.367511, 0.267779, 0.188052]
    upper = [0.951552, 0.922809, 0.889362, 0.849066, 0.804912, 0.746791, 0.680143]
    assert (1 - line.high[1:8]) == pytest.approx(lower, abs=1e-6)
    assert (1 - line.low[1:8]) == pytest.approx(upper, abs=1e-6)
    assert line.won_share == pytest.approx(line.alone)


def test_medians_and_their_intervals():
    line = curve(DRUG, ENDED)
    assert line.first_day(line.won_share, 0.5) == 23
    assert line.first_day(line.high, 0.5) == 13
    assert np.isnan(line.first_day(line.low, 0.5))
    other = curve(PLACEBO, np.ones(21, int))
    ends = [other.first_day(v, 0.5) for v in (other.won_share, other.high, other.low)]
    assert ends == [8, 4, 11]


def test_the_published_log_rank_test():
    days, group = np.append(DRUG, PLACEBO), np.repeat([0, 1], 21)
    chi_square, p_value, degrees = log_rank(days, np.append(ENDED, np.ones(21)) == 1, group)
    assert (round(chi_square, 2), degrees) == (16.79, 1)
    assert p_value == pytest.approx(4.17e-5, rel=1e-2)


def test_competing_outcomes_worked_by_hand():
    """Twelve days, one container each; 1 won, 2 lost, 0 open.

    All still open before day t: 1, 11/12, 10/12, 10/12, …; the share won grows by that over the
    number at risk: day 2 by 11/12 · 1/11 = 1/12, day 4 by 10/12 · 1/9 = 5/54, and so on.
    """
    outcome = np.array([2, 1, 0, 1, 2, 1, 0, 1, 2, 0, 1, 0])
    line = curve(np.arange(1, 13.0), outcome, competing=True)
    shares = {day: line.at(line.won_share, day) for day in (1, 2, 4, 6, 8, 11)}
    assert shares[2] == pytest.approx(1 / 12)
    assert shares[4] == pytest.approx(1 / 12 + 10 / 12 / 9)
    # The rest, and the intervals, as lifelines 0.30.3, AalenJohansenFitter, gives them.
    expected = [0, 0.083333, 0.175926, 0.268519, 0.379630, 0.546296]
    assert list(shares.values()) == pytest.approx(expected, abs=1e-6)
    assert line.at(line.lost_share, 12) == pytest.approx(0.287037, abs=1e-6)
    interval = line.at(line.low, 2), line.at(line.high, 2)
    assert interval == pytest.approx((0.005053, 0.311070), abs=1e-5)
    assert (line.alone >= line.won_share - 1e-12).all()
    chi_square, p_value, degrees = log_rank(
        np.arange(1, 13.0), outcome == 1, np.array([0, 1, 2] * 4)
    )
    assert (chi_square, p_value, degrees) == pytest.approx((1.197734, 0.549434, 2), abs=1e-6)


@pytest.mark.parametrize(
    ("days", "outcome"),
    [([], []), ([5], [0]), ([5], [1]), ([5], [2]), ([0, 0], [1, 1]), ([3, 3, 3], [1, 2, 0])],
)  # fmt: skip
def test_hardly_anything_to_estimate_from(days, outcome):
    line = curve(np.array(days, float), np.array(outcome, int), competing=True)
    assert np.isfinite(line.won_share).all()
    assert ((line.low <= line.won_share) & (line.won_share <= line.high)).all()
    assert all(np.isnan(log_rank(line.days, line.won > 0, np.zeros(line.days.size)))[:2])


followed = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from([0, 1, 2])), min_size=1, max_size=25
)


@given(followed)
def test_shares_are_shares_and_only_grow(rows):
    days, outcome = (np.array(column) for column in zip(*rows, strict=True))
    line = curve(days.astype(float), outcome, competing=True)
    for share in (line.won_share, line.lost_share, line.low, line.high):
        assert (np.diff(share) >= -1e-12).all()
        assert ((share >= 0) & (share <= 1)).all()
    assert (line.won_share + line.lost_share <= 1 + 1e-9).all()
    assert ((line.low <= line.won_share) & (line.won_share <= line.high)).all()
    assert (line.won.sum(), line.lost.sum()) == ((outcome == 1).sum(), (outcome == 2).sum())
    assert line.left.sum() == (outcome == 0).sum()
    assert line.at_risk.tolist() == [(days >= day).sum() for day in line.days]


@given(followed)
def test_without_unfinished_ones_it_is_plain_counting(rows):
    days, outcome = (np.array(column) for column in zip(*rows, strict=True))
    outcome = np.where(outcome == 0, 2, outcome)
    line = curve(days.astype(float), outcome, competing=True)
    for day, share in zip(line.days, line.won_share, strict=True):
        assert share == pytest.approx(((days <= day) & (outcome == 1)).mean())


@given(followed, st.integers(0, 5))
def test_groups_in_any_order_differ_equally(rows, shift):
    days, outcome = (np.array(column) for column in zip(*rows, strict=True))
    group = np.arange(days.size) % 3
    one = log_rank(days.astype(float), outcome == 1, group)
    other = log_rank(np.roll(days, shift).astype(float), np.roll(outcome, shift) == 1,
                     np.roll((group + 1) % 3, shift))  # fmt: skip
    assert one == pytest.approx(other, nan_ok=True, rel=1e-6, abs=1e-6)
