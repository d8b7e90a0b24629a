"""Special days judged by what they were last year.

Source: collaboration.md, section 2.3: an anomalous holiday's expectation is corrected from last
year's (two days before and after) by whichever of additive, multiplicative and year-on-year has
the lowest error. The error is measured on those days of the last five weeks that lie near a
special day themselves and have a counterpart; without any the middle one of the three is taken.
"""

from __future__ import annotations

import numpy as np

from workbench.collaboration.anomalies.holiday_table import counterpart
from workbench.collaboration.anomalies.series import TRAINING_DAYS, Rules, Series

RULES = ("additive", "multiplicative", "year_on_year")
_MODELLED = ("ANA", "AAA", "MNM", "MNA", "AAN")


def correct(series: Series, places: np.ndarray, lines: dict[str, np.ndarray], rules: Rules) -> None:
    """Name special days, and correct the expectation of those outside their band, in place."""
    near = counterpart(rules.holidays, series.starts.astype("datetime64[D]"))
    if not near:
        return
    for n, place in enumerate(places):
        if int(place) in near:
            lines["holiday"][n] = near[int(place)][0]
    outside = (lines["actual"] > lines["high"]) | (lines["actual"] < lines["low"])
    modelled = np.array([str(method)[:3] in _MODELLED for method in lines["method"]], bool)
    base = _Base(series, rules)
    for row in np.flatnonzero(outside & modelled):
        n, place = int(row), int(places[row])
        found = near.get(place)
        if found is None or found[2] < 0:
            continue
        base.known[place] = float(lines["expected"][n])
        answer = _corrected(base, near, place)
        if answer is None:
            continue
        rule, value = answer
        half = (lines["high"][n] - lines["low"][n]) / 2
        if rule != "additive" and lines["expected"][n] > 0 < value:
            half *= value / lines["expected"][n]
        lines["expected"][n], lines["low"][n] = value, value - half
        lines["high"][n], lines["rule"][n] = value + half, rule


class _Base:
    """What would have been expected of any day without its special day; asked when needed."""

    def __init__(self, series: Series, rules: Rules) -> None:
        self.series, self.rules = series, rules
        self.known: dict[int, float] = {}

    def expected(self, place: int) -> float:
        """Expectation of a day by the days before it, special ones left out."""
        if place not in self.known:
            from workbench.collaboration.anomalies import daily

            bare = Series("", "day", self.series.starts, self.series.values)
            part = daily._gathered(bare, self.rules, np.array([place]))
            windows = daily._filled(part)
            for weeks in range(3, TRAINING_DAYS // 7 + 1):
                daily._fit([part], [windows], self.rules, weeks)
            self.known[place] = float(part.lines["expected"][0])
        return self.known[place]

    def mean(self, place: int) -> float:
        """Mean of the five weeks before a day."""
        past = self.series.values[max(0, place - TRAINING_DAYS) : place]
        past = past[np.isfinite(past)]
        return float(past.mean()) if past.size else float("nan")


def _candidates(base: _Base, place: int, past: int) -> dict[str, float]:
    """Expectation of a day by each rule; rules that cannot be used are left out."""
    values = base.series.values
    usual, then, was = base.expected(place), base.expected(past), values[past]
    level, level_then = base.mean(place), base.mean(past)
    found = {"additive": usual + was - then}
    if then > 0:
        found["multiplicative"] = usual * was / then
    if level_then > 0:
        found["year_on_year"] = was * level / level_then
    return {name: value for name, value in found.items() if np.isfinite(value)}


def _corrected(base: _Base, near: dict[int, tuple], place: int) -> tuple[str, float] | None:
    candidates = _candidates(base, place, near[place][2])
    if not candidates:
        return None
    errors: dict[str, list[float]] = {name: [] for name in candidates}
    for day in range(max(0, place - TRAINING_DAYS), place):
        actual = base.series.values[day]
        if day not in near or near[day][2] < 0 or not np.isfinite(actual) or actual == 0:
            continue
        for name, value in _candidates(base, day, near[day][2]).items():
            if name in errors:
                errors[name].append(abs(actual - value) / abs(actual))
    measured = {name: float(np.mean(e)) for name, e in errors.items() if e}
    if measured:
        best = min(measured, key=measured.__getitem__)
        return best, candidates[best]
    middle = sorted(candidates, key=candidates.__getitem__)[(len(candidates) - 1) // 2]
    return middle, candidates[middle]
