"""What was expected of a period, and between what its value is no surprise.

Every period is judged by what was known before it, so that the past can be asked again.

Source: collaboration.md, sections 2.3 and 2.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from workbench.collaboration.anomalies import daily, outliers, small
from workbench.collaboration.anomalies.series import TRAINING_PERIODS, YEAR, Rules, Series

COLUMNS = {
    "actual": "Value of the period",
    "expected": "What was expected of it; missing where nothing can be",
    "low": "Lower end of the band",
    "high": "Upper end of the band",
    "deviation": "actual ÷ expected − 1",
    "anomaly": "above, below, or empty: strictly outside the band",
    "method": "How the band was made",
    "error": "Mean absolute percentage error of the model in its training, 0…",
    "trained": "Periods that it was made of",
    "holiday": "Special day on or beside which the period lies; empty for none",
    "rule": "How the expectation was corrected by last year's; empty for not",
    "mean": "Mean of the periods before, which says whether there is enough to judge",
}
_FEWEST_PERIODS = 8
# A value that is on the edge but for rounding is not beyond it.
_ROUNDING = 1e-9


def band(series: Series, rules: Rules, places: Sequence[int] | None = None) -> pd.DataFrame:
    """The band of some periods of a series; of all of them when left out.

    Returns
    -------
    pandas.DataFrame
        A line for each place, with the columns of `COLUMNS`.
    """
    return bands([series], rules, [places])[0]


def bands(
    given: Sequence[Series],
    rules: Rules,
    places: Sequence[Sequence[int] | None] | None = None,
) -> list[pd.DataFrame]:
    """As `band` for many series: the models of all of them are fitted together."""
    asked = places if places is not None else [None] * len(given)
    given = [_begun(series) for series in given]
    wanted = [
        np.arange(len(s)) if p is None else np.asarray(p, np.int64)
        for s, p in zip(given, asked, strict=True)
    ]
    out: list[daily.Lines | None] = [None] * len(given)
    by_day = [n for n, s in enumerate(given) if s.granularity == "day"]
    frames = daily.expected([given[n] for n in by_day], rules, [wanted[n] for n in by_day])
    for n, frame in zip(by_day, frames, strict=True):
        out[n] = frame
    for n, series in enumerate(given):
        if series.granularity != "day":
            out[n] = _by_period(series, rules, wanted[n])
    return [_judged(s, f) for s, f in zip(given, out, strict=True) if f is not None]


def _begun(series: Series) -> Series:
    """The series without the zeros before its first other value: they tell nothing of it."""
    other = np.flatnonzero(np.isfinite(series.values) & (series.values != 0))
    if not other.size or other[0] == 0:
        return series
    values = series.values.copy()
    values[: other[0]] = np.nan
    return replace(series, values=values)


def _by_period(series: Series, rules: Rules, places: np.ndarray) -> daily.Lines:
    """Weeks and months: box plot and test of outliers among the last fifteen."""
    lines = [_of_period(series, rules, int(place)) for place in places]
    out = daily.empty(len(places))
    out["verdict"] = np.zeros(len(places), bool)
    for n, line in enumerate(lines):
        for name, value in line.items():
            out[name][n] = value
    out["actual"] = series.values[places]
    return out


def _of_period(series: Series, rules: Rules, place: int) -> dict[str, object]:
    values, alpha = series.values, 1 - rules.confidence
    first = max(0, place - TRAINING_PERIODS + 1)
    window = values[first : place + 1]
    past = window[:-1][np.isfinite(window[:-1])]
    line: dict[str, object] = daily.nothing(float(past.mean()) if past.size else np.nan, past.size)
    if past.size + 1 < _FEWEST_PERIODS or not np.isfinite(values[place]):
        return line | {"method": "too_short" if past.size + 1 < _FEWEST_PERIODS else "no_value"}
    if series.counts and past.mean() < small.FEW:
        return line | daily.few(past, rules.confidence)
    known = window[np.isfinite(window)]
    found = outliers.outliers(known, alpha)
    others = np.delete(known, [*(n for n in found if n != known.size - 1), known.size - 1])
    expected, low, high = outliers.limits(others, alpha)
    fences = outliers.fence(known)
    line |= {"expected": expected, "low": min(low, fences[0]), "high": max(high, fences[1]),
             "method": "gesd", "trained": int(others.size)}  # fmt: skip
    surprising = known.size - 1 in found
    year = YEAR[series.granularity]
    if surprising and first - year >= 0:
        change = window - values[first - year : place + 1 - year]
        whole = np.isfinite(change)
        if whole.sum() >= _FEWEST_PERIODS and whole[-1]:
            surprising = int(whole.sum()) - 1 in outliers.outliers(change[whole], alpha)
            line["rule"] = "confirmed" if surprising else "as_last_year"
    return line | {"verdict": surprising}


def _judged(series: Series, lines: daily.Lines) -> pd.DataFrame:
    """Which side of its band a value lies on."""
    known = series.values[np.isfinite(series.values)]
    actual, expected, low, high = (lines[n] for n in ("actual", "expected", "low", "high"))
    if known.size and (known >= 0).all():
        lines["low"] = low = np.maximum(low, 0)
    near = _ROUNDING * np.maximum(1.0, np.abs(actual))
    with np.errstate(invalid="ignore", divide="ignore"):
        above, below = actual > high + near, actual < low - near
        lines["deviation"] = np.where(expected != 0, actual / expected - 1, np.nan)
    if "verdict" in lines:
        tested = lines["method"] == "gesd"
        above = np.where(tested, lines["verdict"] & (actual > expected), above)
        below = np.where(tested, lines["verdict"] & (actual < expected), below)
    lines["anomaly"] = np.where(above, "above", np.where(below, "below", "")).astype(object)
    return pd.DataFrame({name: lines[name] for name in COLUMNS})
