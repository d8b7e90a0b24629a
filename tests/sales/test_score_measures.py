"""Scores, grades and measures: the worked examples, and slow ways of counting beside the fast."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import ArgumentError
from workbench.sales.score.grades import Grades, scores_of
from workbench.sales.score.measures import Judged, Matches, best_threshold, interval, matches

SCORES = np.array([92, 85, 78, 71, 66, 58, 52, 44, 35, 31, 22, 12])
WON = np.array([1, 1, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0], bool)


def test_the_metric_example_of_the_vendor():
    found = Matches(true_won=650, false_won=200, true_lost=100, false_lost=50)
    assert found.accuracy == 0.75
    assert found.recall == pytest.approx(0.929, abs=5e-4)
    assert found.conversion == 0.70
    assert found.precision == pytest.approx(0.765, abs=5e-4)
    assert found.f1 == pytest.approx(0.839, abs=5e-4)


def test_the_twelve_deals():
    judged = Judged({"model": SCORES / 100}, WON, np.ones(12), np.arange(12)).measured()
    assert judged["model", "brier"] == pytest.approx(0.1699, abs=5e-5)
    assert judged["model", "auc"] == pytest.approx(0.857, abs=5e-4)
    base = WON.mean()
    assert base == pytest.approx(0.4167, abs=5e-5)
    assert 1 - judged["model", "brier"] / (base * (1 - base)) == pytest.approx(0.301, abs=5e-4)
    assert best_threshold(SCORES, WON) == 58
    found = matches(SCORES, WON, 58)
    assert (found.true_won, found.false_won, found.false_lost, found.true_lost) == (4, 1, 1, 6)
    assert found.f1 == pytest.approx(0.80)


def test_a_score_is_the_chance_in_percent_rounded_half_up_and_never_certain():
    chances = np.array([0.0, 0.004, 0.125, 0.635, 0.6349, 0.995, 1.0, np.nan])
    assert scores_of(chances).tolist() == [1, 1, 13, 64, 63, 99, 99, -1]


def test_grades_are_minima_and_the_maxima_follow():
    grades = Grades.of(None)
    assert grades.in_words() == "A 70–99, B 50–69, C 30–49, D 1–29"
    assert grades.named(np.array([99, 70, 69, 50, 49, 29, 1, -1])).tolist() == [
        "A", "A", "B", "B", "C", "D", "D", None,
    ]  # fmt: skip
    moved = Grades.of({"A": 80, "B": 50, "D": 1, "C": 30})
    assert moved.maxima == (99, 79, 49, 29)


@pytest.mark.parametrize(
    "value",
    [{}, {"A": 70, "B": 70, "C": 1}, {"A": 70, "B": 20}, {"A": "70"}, {"A": True}, {"A": 120},
     {"": 1}, ["A"], 70],
)  # fmt: skip
def test_grades_that_overlap_or_leave_a_gap_are_refused(value):
    with pytest.raises(ArgumentError, match="grades="):
        Grades.of(value)


LOOKS = st.lists(
    st.tuples(st.integers(0, 10), st.booleans(), st.integers(1, 4)), min_size=1, max_size=40
)


@settings(max_examples=40)
@given(LOOKS)
def test_area_and_losses_beside_pairs_counted_one_by_one(looks):
    chance = np.array([c / 10 for c, _, _ in looks])
    won = np.array([w for _, w, _ in looks])
    weight = np.array([float(n) for _, _, n in looks])
    found = Judged({"m": chance}, won, weight, np.arange(len(looks))).measured()
    right = total = 0.0
    for p, w, n in zip(chance, won, weight, strict=True):
        for q, v, m in zip(chance, won, weight, strict=True):
            if w and not v:
                total += n * m
                right += n * m * (1.0 if p > q else 0.5 if p == q else 0.0)
    assert found["m", "auc"] == pytest.approx(right / total, nan_ok=True) if total else True
    brier = sum(n * (p - w) ** 2 for p, w, n in zip(chance, won, weight, strict=True))
    assert found["m", "brier"] == pytest.approx(brier / weight.sum())


@settings(max_examples=40)
@given(LOOKS)
def test_the_best_threshold_beside_all_of_them(looks):
    score = np.array([c + 1 for c, _, _ in looks])
    won = np.array([w for _, w, _ in looks])
    weight = np.array([float(n) for _, _, n in looks])
    best = best_threshold(score, won, weight)
    every = {t: matches(score, won, t, weight).f1 for t in (0, *score)}
    top = max((f for f in every.values() if f == f), default=0.0)
    assert np.nan_to_num(every[best]) == pytest.approx(top)


def test_intervals_draw_deals_and_not_looks():
    # Ten looks at each of 40 deals say no more than one look at each.
    chance, won = np.linspace(0.2, 0.8, 40), np.arange(40) % 2 == 0
    once = Judged({"m": chance}, won, np.ones(40), np.arange(40))
    often = Judged(
        {"m": np.repeat(chance, 10)}, np.repeat(won, 10), np.full(400, 0.1),
        np.repeat(np.arange(40), 10),
    )  # fmt: skip
    for name in ("brier", "auc", "log_loss"):
        assert once.measured()["m", name] == pytest.approx(often.measured()["m", name])
        assert interval(once.drawn()["m", name]) == pytest.approx(
            interval(often.drawn()["m", name])
        )


def test_without_both_outcomes_there_is_no_area():
    found = Judged({"m": np.array([0.3, 0.4])}, np.array([True, True]), np.ones(2), np.arange(2))
    assert np.isnan(found.measured()["m", "auc"])
    assert interval(found.drawn()["m", "auc"]) == pytest.approx((np.nan, np.nan), nan_ok=True)
