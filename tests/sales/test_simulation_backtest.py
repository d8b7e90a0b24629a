"""The back-test of a simulation: intervals that hold, and a plain word where it is no better."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.sales.simulated import AMOUNT, company, on
from workbench.errors import ArgumentError
from workbench.sales.simulation import forecast_simulation


def looked_back(**more):
    return forecast_simulation(company(), period="2026-07", draws=1_000).backtest(**more)


def test_intervals_hold_about_as_often_as_they_say():
    result = looked_back(by="month", most=24)
    count, total, low, high = result.coverage(80)
    # Eighteen months less those in which too little was known.
    assert total >= 12
    assert low <= 0.8 <= high
    assert result.frame["inside_95"].sum() >= count
    assert result.thin > 0
    assert "left out: too few closed deals" in result.explain()


def test_what_came_is_what_was_won():
    result = looked_back(by="month", most=24)
    won = company().sql(
        "SELECT strftime(closed_at, '%Y-%m') AS month, sum(amount) AS amount FROM opportunities "
        "WHERE is_won GROUP BY ALL"
    )
    actual = result.frame.set_index("period")["actual"]
    assert actual.to_dict() == won.set_index("month")["amount"].reindex(actual.index).to_dict()


def test_simple_forecasts_by_hand():
    line = looked_back(by="quarter").frame.set_index("period").loc["2026-Q1"]
    ws = company()
    first, start = pd.Timestamp(on(0)), pd.Timestamp("2026-01-01")
    days = min(365, (start - first).days)
    won = ws.sql(
        "SELECT sum(amount) AS amount FROM opportunities WHERE is_won AND closed_at < '2026-01-01' "
        f"AND closed_at >= TIMESTAMP '2026-01-01' - INTERVAL {days} DAY"
    )["amount"][0]
    assert line["run_rate"] == pytest.approx(won / days * 90, rel=0.02)
    open_then = ws.sql(
        "SELECT sum(h.amount * h.probability) AS amount FROM (SELECT opportunity_id, "
        "last(amount ORDER BY changed_at) AS amount, last(stage ORDER BY changed_at) AS stage, "
        "last(probability ORDER BY changed_at) AS probability, "
        "last(expected_close_on ORDER BY changed_at) AS due FROM opportunity_history "
        "WHERE changed_at < '2026-01-01' GROUP BY ALL) h "
        "WHERE h.stage IN ('S1', 'S2') AND h.due >= '2026-01-01' AND h.due < '2026-04-01'"
    )["amount"][0]
    assert line["weighted_pipeline"] == pytest.approx(open_then)
    assert np.isnan(line["last_year"])


def test_it_says_plainly_where_it_is_no_better():
    result = looked_back(by="month")
    frame = result.frame.copy()
    frame["weighted_pipeline"] = frame["actual"]
    result._frame = frame
    assert "It does not beat: open pipeline × probability" in result.verdict()
    frame["weighted_pipeline"] = frame["actual"] + 100 * AMOUNT
    result = looked_back(by="month")
    result._frame = frame
    assert "smaller than that of: open pipeline × probability" in result.verdict()


def test_few_periods_prove_little_and_none_says_so():
    assert "prove little" in looked_back(by="quarter").verdict()
    short = forecast_simulation(company(until=150), draws=500).backtest(by="year")
    assert short.frame.empty
    assert short.headline().startswith("No past period could be forecast")
    assert short.chart().to_dict()


def test_bad_values_are_refused_in_words():
    for given in ({"by": "decade"}, {"most": 0}):
        with pytest.raises(ArgumentError):
            looked_back(**given)
