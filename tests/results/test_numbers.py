"""Numbers as a reader sees them, intervals against figures worked elsewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from workbench.results import numbers
from workbench.results.intervals import difference, holm, wilson

ABSENT = [None, float("nan"), np.float32("nan"), pd.NA, pd.NaT]


@pytest.mark.parametrize("value", ABSENT)
def test_nothing_is_an_en_dash(value):
    forms = (numbers.count, numbers.significant, numbers.share, numbers.points, numbers.days,
             numbers.day, numbers.money, numbers.chance)  # fmt: skip
    assert {form(value) for form in forms} == {"–"}
    assert numbers.between(value, 0.5) == numbers.between(0.5, value) == ""


def test_containers_of_values_are_no_missing_value():
    assert not any(numbers.absent(v) for v in ([], np.array([np.nan, 1]), "", 0, False, "nan"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.005, "0.5 %"),
        (0.0004, "< 0.1 %"),
        (0.0005, "0.1 %"),
        (0.05, "5 %"),
        (0.0504, "5 %"),
        (0.0996, "10 %"),
        (0.5833, "58 %"),
        (0.985, "98 %"),
        (0.9949, "99.5 %"),
        (0.9996, "> 99.9 %"),
        (0.99999, "> 99.9 %"),
        (np.float64(0.25), "25 %"),
    ],
)
def test_shares(value, text):
    assert numbers.share(value) == text


def test_only_nothing_and_everything_round_to_the_ends():
    texts = {numbers.share(n / 10_000) for n in range(1, 10_000)}
    assert not texts & {"0 %", "100 %", "0.0 %", "100.0 %"}


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        (numbers.points, 0.1234, "+12.3 points"),
        (numbers.points, -0.05, "−5.0 points"),
        (numbers.points, -0.0001, "0.0 points"),
        (numbers.points, 0, "0.0 points"),
        (numbers.count, 1234567, "1,234,567"),
        (numbers.count, 2.0, "2"),
        (numbers.count, float("inf"), "∞"),
        (numbers.significant, 0.00099996, "0.001"),
        (numbers.significant, 12.345, "12.3"),
        (numbers.significant, -0.5, "-0.5"),
        (numbers.significant, 1234.5, "1,234"),
        (numbers.significant, float("-inf"), "−∞"),
        (numbers.money, 999_999, "1 m"),
        (numbers.money, -1_500, "-1.5 k"),
        (numbers.money, 2_340_000_000, "2.34 bn"),
        (numbers.money, 12, "12"),
        (numbers.chance, 0.0001, "< 0.001"),
        (numbers.chance, 0.0432, "0.043"),
        (numbers.day, datetime(2026, 1, 31, 23, tzinfo=UTC), "2026-01-31"),
        (numbers.day, date(2026, 2, 1), "2026-02-01"),
        (numbers.day, pd.Timestamp("2026-02-01"), "2026-02-01"),
        (numbers.day, "soon", "soon"),
    ],
)
def test_other_forms(form, value, text):
    assert form(value) == text


def test_instants_are_days_of_the_reporting_zone():
    assert numbers.day(datetime(2026, 1, 31, 23, tzinfo=UTC), "Asia/Tokyo") == "2026-02-01"


def test_money_names_its_currency_and_intervals_share_their_decimals():
    assert numbers.money(1_250_000, "JPY") == "JPY 1.25 m"
    assert numbers.between(0.54, 0.61) == "54–61 %"
    assert numbers.between(0.004, 0.02) == "0.4–2.0 %"


def test_long_names_are_cut_in_the_middle():
    assert numbers.shortened("a" * 34) == "a" * 34
    cut = numbers.shortened("begin" + "x" * 500 + "end")
    assert len(cut) == 34
    assert cut.startswith("begin")
    assert cut.endswith("end")


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    # Newcombe (1998), Two-sided confidence intervals for the single proportion, table I, method 3.
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_against_published_figures(count, total, low, high):
    found = wilson(np.array([count]), np.array([total]))
    assert [x[0] for x in found] == pytest.approx([low, high], abs=5e-5)


def test_wilson_stays_inside_and_gives_nothing_for_nothing():
    low, high = wilson(np.array([0, 7, 0]), np.array([7, 7, 0]))
    assert low[0] == 0
    assert high[1] == 1
    assert np.isnan([low[2], high[2]]).all()


@pytest.mark.parametrize(
    ("a", "b", "low", "high"),
    # Newcombe (1998), Interval estimation for the difference, table II, method 10.
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
    ],
)
def test_differences_against_published_figures(a, b, low, high):
    found = difference(*a, *b)
    assert found.difference == pytest.approx(a[0] / a[1] - b[0] / b[1])
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert 0 <= found.p_value <= 1


def test_the_test_is_exact_for_few_and_a_score_test_for_many():
    tea = difference(3, 4, 1, 4)  # R: fisher.test(matrix(c(3, 1, 1, 3), 2))$p.value
    assert (tea.test, round(tea.p_value, 4)) == ("Fisher", 0.4857)
    many = difference(56, 70, 48, 80)  # z = 2.6502 by hand; R: prop.test(correct = FALSE)
    assert (many.test, round(many.p_value, 5)) == ("score", 0.00805)
    none = difference(0, 0, 3, 4)
    assert np.isnan([none.difference, none.low, none.high, none.p_value]).all()


def test_holm_against_r():
    # R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    adjusted = holm(np.array([0.01, 0.04, np.nan, 0.03, 0.005]))
    assert adjusted.tolist() == pytest.approx([0.03, 0.06, np.nan, 0.06, 0.02], nan_ok=True)
    assert holm(np.array([np.nan])).tolist() == pytest.approx([np.nan], nan_ok=True)
    assert holm(np.array([])).size == 0


def test_wilson_is_that_of_statsmodels_to_the_last_digit():
    from statsmodels.stats.proportion import proportion_confint

    total = np.repeat(np.arange(1, 60), 20)
    count = np.minimum(np.tile(np.arange(20), 59), total)
    inside = (count > 0) & (count < total)
    found = np.array(wilson(count, total))[:, inside]
    assert (found == proportion_confint(count[inside], total[inside], method="wilson")).all()
