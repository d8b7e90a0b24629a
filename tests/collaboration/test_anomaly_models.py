"""The models: the worked figures of the source, statsmodels beside them, and what they cover."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from workbench.collaboration.anomalies import exponential, kernels, outliers, small

MONDAYS = np.array([100.0, 102, 98, 101, 99])
WEEKS = np.array([20.0, 22, 19, 21, 20, 23, 18, 21, 22, 20, 19, 21, 20, 22, 60])
PATTERN = np.array([10.0, 5, 0, 0, -5, -30, -40])
OPTIONS = {
    "ANA": {"error": "add", "seasonal": "add", "seasonal_periods": 7},
    "AAA": {"error": "add", "trend": "add", "seasonal": "add", "seasonal_periods": 7},
    "MNM": {"error": "mul", "seasonal": "mul", "seasonal_periods": 7},
    "MNA": {"error": "mul", "seasonal": "add", "seasonal_periods": 7},
    "AAN": {"error": "add", "trend": "add"},
}


@pytest.mark.parametrize(
    ("confidence", "low", "high"),
    [(0.90, 96.31, 103.69), (0.95, 95.19, 104.81), (0.99, 92.03, 107.97), (0.9975, 88.29, 111.71),
     (0.999, 85.09, 114.91)],
)  # fmt: skip
def test_the_band_of_five_mondays(confidence, low, high):
    found = small.of_weekday(MONDAYS, confidence)
    assert MONDAYS.std(ddof=1) == pytest.approx(1.581, abs=5e-4)
    assert MONDAYS.std(ddof=1) * np.sqrt(1.2) == pytest.approx(1.732, abs=5e-4)
    assert found.expected == 100
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-3), pytest.approx(high, abs=5e-3))


def test_the_weekly_outlier():
    assert outliers.fence(WEEKS) == (17, 25)
    assert outliers.most_outliers(WEEKS) == 1
    (place, first), (_, second) = outliers.deviations(WEEKS, 2)
    assert place == 14
    assert first == pytest.approx(3.584, abs=5e-4)
    assert outliers.critical(15, 1, 0.05) == pytest.approx(2.548, abs=5e-4)
    assert second == pytest.approx(1.839, abs=5e-4)
    assert outliers.critical(15, 2, 0.05) == pytest.approx(2.507, abs=5e-4)
    assert outliers.outliers(WEEKS, 0.05) == [14]
    assert outliers.outliers(WEEKS, 0.05, most=2) == [14]


def test_rosners_own_example():
    """54 values of Rosner (1983), three outliers at 5 %; NIST handbook 1.3.5.17.3."""
    values = np.array([
        -0.25, 0.68, 0.94, 1.15, 1.20, 1.26, 1.26, 1.34, 1.38, 1.43, 1.49, 1.49, 1.55, 1.56, 1.58,
        1.65, 1.69, 1.70, 1.76, 1.77, 1.81, 1.91, 1.94, 1.96, 1.99, 2.06, 2.09, 2.10, 2.14, 2.15,
        2.23, 2.24, 2.26, 2.35, 2.37, 2.40, 2.47, 2.54, 2.62, 2.64, 2.90, 2.92, 2.92, 2.93, 3.21,
        3.26, 3.30, 3.59, 3.68, 4.30, 4.64, 5.34, 5.42, 6.01,
    ])  # fmt: skip
    found = [r for _, r in outliers.deviations(values, 4)]
    assert np.round(found, 3).tolist() == [3.119, 2.943, 3.179, 2.810]
    limits = [round(outliers.critical(54, step, 0.05), 3) for step in (1, 2, 3, 4)]
    assert limits == [3.159, 3.151, 3.144, 3.136]
    assert outliers.outliers(values, 0.05, most=10) == [51, 52, 53]


@settings(max_examples=40)
@given(st.lists(st.integers(-50, 50), min_size=8, max_size=20), st.integers(-300, 300))
def test_the_limits_are_the_first_step_of_the_test(others, value):
    others = np.array(others, float)
    if others.std() < 1e-6:
        return
    mean, low, high = outliers.limits(others, 0.05)
    whole = np.append(others, value)
    away = abs(value - whole.mean()) / whole.std(ddof=1)
    if abs(value - low) > 1e-6 and abs(value - high) > 1e-6:
        assert (away > outliers.critical(whole.size, 1, 0.05)) == (not low <= value <= high)
    assert mean == others.mean()


def test_nothing_is_an_outlier_where_everything_is_equal():
    assert outliers.outliers(np.full(15, 3.0), 0.05) == []
    assert outliers.outliers(np.array([1.0, 2, 3]), 0.05) == []


def series(rng, drift=2.0, noise=4.0, days=35):
    level = 100 + np.cumsum(rng.normal(0, drift, days))
    return np.maximum(1, level + np.resize(PATTERN, days) + rng.normal(0, noise, days))


@pytest.mark.parametrize("form", OPTIONS)
def test_every_form_equals_statsmodels(form):
    """Equal weights give equal fits; ours are at least as likely as those that it finds."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    rng, number = np.random.default_rng(7), exponential.FORMS.index(form)
    for _ in range(6):
        y = series(rng, drift=rng.uniform(0, 4), noise=rng.uniform(2, 8))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = ETSModel(pd.Series(y), initialization_method="heuristic", **OPTIONS[form])
            theirs = model.fit(disp=False)
        named = dict(zip(theirs.param_names, theirs.params, strict=True))
        weights = np.array([named.get(f"smoothing_{p}", 0) for p in ("level", "trend", "seasonal")])
        first, fitted = kernels.first_states(y, 7, number), np.zeros(35)
        likely, squares, ahead = kernels.smooth(y, 7, number, weights, first, fitted)
        assert np.allclose(fitted, theirs.fittedvalues, atol=1e-9)
        assert likely == pytest.approx(theirs.llf, abs=1e-8)
        assert ahead == pytest.approx(float(theirs.forecast(1).iloc[0]), abs=1e-8)
        assert squares / 35 == pytest.approx(theirs.mse, rel=1e-8)
        own = kernels.best_weights(y, 7, number, first)
        assert kernels.smooth(y, 7, number, own, first, fitted)[0] >= theirs.llf - 0.1


@pytest.mark.parametrize("season", [4, 6, 7, 12])
def test_first_states_equal_those_of_statsmodels(season):
    from statsmodels.tsa.exponential_smoothing.initialization import _initialization_heuristic

    y = series(np.random.default_rng(3), days=5 * season + 20)
    for form, kind in ((kernels.AAA, "add"), (kernels.MNM, "mul")):
        trend = "add" if form == kernels.AAA else None
        level, slope, seasons = _initialization_heuristic(y, trend, kind, season)
        found = kernels.first_states(y, season, form)
        assert np.allclose(found, [level, slope or 0.0, *seasons])


def test_the_form_with_the_lowest_error_is_taken_and_zeros_keep_products_out():
    rng = np.random.default_rng(5)
    windows = np.array([series(rng) for _ in range(20)])
    figures = np.full((20, 5, kernels.FIGURES), np.nan)
    kernels.fit_windows(windows, 7, np.arange(5), figures)
    fits = exponential.best_fits(windows)
    assert (fits.form == figures[:, :, kernels.ERROR].argmin(axis=1)).all()
    windows[:, 3] = 0
    assert not np.isin(exponential.best_fits(windows).form, (kernels.MNM, kernels.MNA)).any()


def test_the_error_is_weighted_where_more_than_a_fifth_are_zero():
    actual, fitted = np.array([0.0, 10, 20, 10, 20]), np.array([5.0, 9, 18, 11, 22])
    assert kernels.error_of(actual, fitted) == pytest.approx(0.1)
    actual[1] = 0
    assert kernels.error_of(actual, fitted) == pytest.approx((5 + 9 + 2 + 1 + 2) / 50)
    assert kernels.error_of(np.zeros(5), np.zeros(5)) == 0


@pytest.mark.parametrize("confidence", [0.9, 0.99])
def test_clean_days_lie_inside_the_band_as_often_as_it_says(confidence):
    rng = np.random.default_rng(11)
    days = np.array([series(rng, days=36) for _ in range(800)])
    fits = exponential.best_fits(days[:, :35])
    inside = np.abs(days[:, 35] - fits.expected) <= fits.half(confidence)
    assert abs(inside.mean() - confidence) < 3.5 * np.sqrt(confidence * (1 - confidence) / 800)
    assert (fits.half(0.999) > fits.half(0.9)).all()


def test_threads_change_no_number():
    windows = np.array([series(np.random.default_rng(n)) for n in range(150)])
    one, two = (exponential.best_fits(windows, threads=n) for n in (1, 2))
    assert np.array_equal(one.expected, two.expected)
    assert np.array_equal(one.spread, two.spread)


def test_small_counts_are_told_by_a_law_of_counts():
    quiet = small.of_counts(np.array([3, 4, 2, 3, 5, 4, 3, 2, 4, 3.0] * 3), 0.99)
    assert (quiet.method, quiet.low, quiet.high) == ("poisson", 0, 9)
    wild = small.of_counts(np.array([0, 0, 14, 0, 1, 0, 12, 0, 0, 3.0] * 3), 0.99)
    assert wild.method == "negative_binomial"
    assert wild.high > 2 * quiet.high
    rng = np.random.default_rng(2)
    draws = rng.poisson(4, (2_000, 26)).astype(float)
    outside = np.mean([not i.low <= row[-1] <= i.high for row in draws
                       for i in [small.of_counts(row[:-1], 0.95)]])  # fmt: skip
    assert outside <= 0.05


def test_a_fixed_value_is_suggested_that_chance_seldom_reaches():
    from scipy.stats import poisson

    value = small.suggested(1.4, 0.999)
    assert poisson.sf(value - 1, 1.4) < 0.001 <= poisson.sf(value - 2, 1.4)


def test_two_sided_quantiles():
    found = [student.ppf(0.5 + c / 2, 1e9) for c in (0.9, 0.95, 0.99, 0.9975, 0.999)]
    assert np.round(found, 3).tolist() == [1.645, 1.960, 2.576, 3.023, 3.291]
