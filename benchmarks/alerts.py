"""Alerts over many metrics: evaluated for one period, and one model fit beside statsmodels."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from time import perf_counter

import numpy as np
import pandas as pd

from benchmarks.lines import Line, Plan, times
from benchmarks.measure import in_turn

METRICS, DAYS = 500, 730
_WEEK = np.array([60.0, 55, 50, 50, 45, 20, 15])
_BOUND_SECONDS = 60


def alerts(plan: Plan) -> Iterator[Line]:
    """500 metrics with two years of days, in one run; and the fits of one window."""
    import workbench as wb

    rng = np.random.default_rng(1)
    counts = rng.poisson(np.resize(_WEEK, DAYS)[None, :] * rng.uniform(0.05, 0.3, (METRICS, 1)))
    days = pd.date_range("2024-01-01 12:00", periods=DAYS, tz="UTC")
    metric, day = np.divmod(np.arange(METRICS * DAYS), DAYS)
    rows = np.repeat(np.arange(METRICS * DAYS), counts.ravel())
    events = pd.DataFrame({
        "account_id": [f"A{n}" for n in rng.integers(0, 5_000, rows.size)],
        "occurred_at": days[day[rows]],
        "event": pd.Categorical.from_codes(metric[rows], [f"event {n}" for n in range(METRICS)])
        .astype(str),
    })  # fmt: skip
    opened = wb.from_frames(events=events, settings={"report_tz": "UTC", "source_tz": "UTC"})
    book = wb.alerts(store=plan.folder / "alerts.db", by="bench")
    for n in range(METRICS):
        trigger = {"metric": f"event {n}", "when": "anomaly", "confidence": 99}
        book.add({"name": f"Watch {n}", "workspace": "bench", "holidays": ["US"],
                  "triggers": [trigger]})  # fmt: skip
    begun = perf_counter()
    run = book.run(now=datetime(2025, 12, 31, 12, tzinfo=UTC), opened=lambda _: opened)
    seconds = perf_counter() - begun
    told = len(run.fired) + len(run.quiet)
    what = f"workbench alerts run: {METRICS} metrics with {DAYS} days, anomalies at 99 %"
    yield Line(what, f"{seconds:.1f} s", "", "", f"under {_BOUND_SECONDS} s",
               seconds < _BOUND_SECONDS and told + len(run.failed) == METRICS)  # fmt: skip
    yield _fits(plan)


def _fits(plan: Plan) -> Line:
    """Five forms over one window of 35 days; expectations must be equal."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    from workbench.collaboration.anomalies.exponential import best_fits

    rng = np.random.default_rng(2)
    window = np.resize(10 * _WEEK, 35) * rng.normal(1, 0.05, 35)
    forms = (
        {"error": "add", "seasonal": "add"}, {"error": "add", "trend": "add", "seasonal": "add"},
        {"error": "mul", "seasonal": "mul"}, {"error": "mul", "seasonal": "add"},
        {"error": "add", "trend": "add"},
    )  # fmt: skip

    def theirs() -> list[float]:
        out = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for form in forms:
                seasonal = {"seasonal_periods": 7} if "seasonal" in form else {}
                model = ETSModel(pd.Series(window), initialization_method="heuristic", **form,
                                 **seasonal)  # fmt: skip
                out.append(float(model.fit(disp=False).forecast(1).iloc[0]))
        return out

    fits = best_fits(window[None, :])
    found = theirs()[int(fits.form[0])]
    if abs(found - float(fits.expected[0])) > 1e-3 * abs(found):
        raise SystemExit(f"The forecasts differ: {found} and {fits.expected[0]}")
    many = np.repeat(window[None, :], 100, axis=0)
    taken = in_turn({"ours": lambda: best_fits(many), "statsmodels": theirs}, plan.runs)
    what = "Five forms of exponential smoothing over 35 days, against statsmodels"
    return times(what, taken["ours"] / 100, taken["statsmodels"], 1 / 10)
