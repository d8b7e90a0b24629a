"""Days: the best of five forms over the last five weeks, with what cannot be modelled set apart.

Source: collaboration.md, sections 2.3 and 2.4. Rules that the sources leave open:

- Special days inside the training, and days without a value, are the mean of the other same
  weekdays there; with more than a fifth of the days missing the same weekdays alone are taken.
- A training shorter than 35 days is cut to whole weeks, at least three.
- Where the best error is above 15 %, days that are outliers beside the median of their weekday
  (box plot and test at 5 %, as for weeks, at most a tenth of them) become that median, and the
  forms are fitted again.
- A band of counts is never narrower than chance alone makes it: Poisson's interval around what is
  expected. One spread for busy and for quiet weekdays would call every quiet one a surprise.
- A day outside its band that lies on or within two days of a special day is judged again by what
  that day was last year (`workbench.collaboration.anomalies.correcting`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.collaboration.anomalies import correcting, outliers, small
from workbench.collaboration.anomalies.exponential import FORMS, SEASON, best_fits
from workbench.collaboration.anomalies.series import TRAINING_DAYS, Rules, Series

LINE = ("actual", "expected", "low", "high", "method", "error", "trained", "holiday", "rule",
        "mean")  # fmt: skip
Lines = dict[str, np.ndarray]
NOISY = 0.15
_MOST_MISSING = 0.2
_FEWEST_WEEKS = 3
_OUTLIERS_AT = 0.05
_MOST_ASIDE = 0.1


def nothing(mean: float, trained: int) -> dict[str, object]:
    """A line of a period of which nothing can be expected."""
    return {"actual": np.nan, "expected": np.nan, "low": np.nan, "high": np.nan, "method": "",
            "error": np.nan, "trained": trained, "holiday": "", "rule": "", "mean": mean,
            "verdict": False}  # fmt: skip


def empty(size: int) -> Lines:
    """Lines of periods of which nothing is said yet."""
    line = nothing(np.nan, 0)
    kinds: dict[type, type] = {str: object, float: float, int: np.int64}
    return {name: np.full(size, line[name], kinds[type(line[name])]) for name in LINE}


def few(past: np.ndarray, confidence: float) -> dict[str, object]:
    """What is expected where few things happen, or that nothing can be."""
    if past.mean() < small.TOO_FEW:
        return {"method": "too_few"}
    found = small.of_counts(past, confidence)
    return {"expected": found.expected, "low": found.low, "high": found.high,
            "method": found.method}  # fmt: skip


@dataclass
class _Days:
    """Some days of one series with their training."""

    series: Series
    places: np.ndarray
    windows: np.ndarray
    special: np.ndarray
    lines: Lines


def expected(
    given: Sequence[Series], rules: Rules, places: Sequence[np.ndarray]
) -> list[Lines]:  # fmt: skip
    """What was expected of some days of each series, by what was known before them."""
    parts = [_gathered(s, rules, p) for s, p in zip(given, places, strict=True)]
    modelled = [_filled(part) for part in parts]
    for weeks in range(_FEWEST_WEEKS, TRAINING_DAYS // SEASON + 1):
        _fit(parts, modelled, rules, weeks)
    for part in parts:
        if part.series.counts:
            _no_narrower_than_chance(part.lines, rules.confidence)
        correcting.correct(part.series, part.places, part.lines, rules)
    return [part.lines for part in parts]


def _gathered(series: Series, rules: Rules, places: np.ndarray) -> _Days:
    """The training of each day, and what can be said without a model."""
    padded = np.concatenate([np.full(TRAINING_DAYS, np.nan), series.values])
    windows = np.lib.stride_tricks.sliding_window_view(padded, TRAINING_DAYS)[places].copy()
    days = series.starts.astype("datetime64[D]")
    off = np.isin(days, rules.holidays["day"].to_numpy().astype("datetime64[D]"))
    marked = np.concatenate([np.zeros(TRAINING_DAYS, bool), off])
    special = np.lib.stride_tricks.sliding_window_view(marked, TRAINING_DAYS)[places]
    known = np.isfinite(windows)
    sizes = known.sum(axis=1)
    sums = np.where(known, windows, 0).sum(axis=1)
    mean = np.divide(sums, sizes, out=np.full(len(places), np.nan), where=sizes > 0)
    lines = empty(len(places))
    lines["actual"], lines["mean"], lines["trained"] = series.values[places], mean, sizes
    if not len(places):
        return _Days(series, places, windows, special, lines)
    method = np.full(len(places), "", object)
    method[sizes < _FEWEST_WEEKS * SEASON] = "too_short"
    part = _Days(series, places, windows, special, lines)
    weekday = (sizes >= _FEWEST_WEEKS) & (rules.method == "weekday")
    reach = known.any(axis=1)
    span = TRAINING_DAYS - np.where(reach, known.argmax(axis=1), TRAINING_DAYS)
    weekday |= (method == "") & (sizes < (1 - _MOST_MISSING) * span)
    counted = (method == "") & ~weekday & (mean < small.FEW) if series.counts else weekday & False
    if rules.method == "weekday":
        counted &= False
    method[weekday] = "weekday"
    method[counted] = "few"
    lines["method"] = method
    for n in np.flatnonzero(weekday):
        _same_weekday(part, int(n), rules)
    for n in np.flatnonzero(counted):
        _few(part, int(n), rules, days)
    return part


def _set(lines: Lines, n: int, values: dict[str, object]) -> None:
    for name, value in values.items():
        lines[name][n] = value


def _same_weekday(part: _Days, n: int, rules: Rules) -> None:
    past = part.windows[n, ::SEASON]
    past = past[np.isfinite(past) & ~part.special[n, ::SEASON]]
    if past.size < _FEWEST_WEEKS:
        _set(part.lines, n, {"method": "too_short"})
        return
    found = small.of_weekday(past, rules.confidence)
    _set(part.lines, n, {"expected": found.expected, "low": found.low, "high": found.high,
                         "method": "weekday", "trained": int(past.size)})  # fmt: skip


def _few(part: _Days, n: int, rules: Rules, days: np.ndarray) -> None:
    """Counts of the same kind of day: those with work, or those without."""
    window = part.windows[n]
    if part.lines["mean"][n] < small.TOO_FEW:
        _set(part.lines, n, {"method": "too_few"})
        return
    today = days[part.places[n]]
    before = today - np.arange(TRAINING_DAYS, 0, -1)
    free = np.isin(_weekdays(before), list(rules.weekend)) | part.special[n]
    own = _weekdays(np.array([today]))[0] in rules.weekend
    past = window[np.isfinite(window) & (free == own)]
    found = small.of_counts(past if past.size else window[np.isfinite(window)], rules.confidence)
    _set(part.lines, n, {"expected": found.expected, "low": found.low, "high": found.high,
                         "method": found.method, "trained": int(past.size)})  # fmt: skip


def _weekdays(days: np.ndarray) -> np.ndarray:
    """Monday is 0; 1 January 1970 was a Thursday."""
    return (days.astype("datetime64[D]").astype(int) + 3) % 7


def _filled(part: _Days) -> np.ndarray:
    """Training with special and missing days as the mean of the other same weekdays."""
    windows = part.windows
    usable = np.isfinite(windows) & ~part.special
    weeks = np.where(usable, windows, 0).reshape(len(windows), windows.shape[1] // SEASON, SEASON)
    times = usable.reshape(weeks.shape).sum(axis=1)
    means = np.divide(weeks.sum(axis=1), times, out=np.full(times.shape, np.nan), where=times > 0)
    means = np.where(np.isfinite(means), means, part.lines["mean"][:, None])
    whole = np.where(usable, windows, np.tile(means, (1, windows.shape[1] // SEASON)))
    # Before the first known day there is nothing to fill.
    begun = np.maximum.accumulate(np.isfinite(windows), axis=1)
    return np.where(begun, whole, np.nan)


def _fit(parts: list[_Days], filled: list[np.ndarray], rules: Rules, weeks: int) -> None:
    """Model the days whose training has so many whole weeks, those of all series together."""
    chosen, size = [], weeks * SEASON
    for part, windows in zip(parts, filled, strict=True):
        full = np.isfinite(windows).sum(axis=1) // SEASON
        chosen.append(np.flatnonzero((part.lines["method"] == "") & (full == weeks)))
    counts = [len(rows) for rows in chosen]
    if not sum(counts):
        return
    training = np.concatenate(
        [windows[rows, -size:] for windows, rows in zip(filled, chosen, strict=True)]
    )
    fits = best_fits(training, threads=rules.threads)
    error, aside = fits.error.copy(), np.zeros(len(training), int)
    expected, half = fits.expected.copy(), fits.half(rules.confidence)
    form = fits.form.copy()
    noisy = np.flatnonzero(error > NOISY)
    if noisy.size:
        cleaned, removed = _without_outliers(training[noisy])
        again = noisy[removed > 0]
        if again.size:
            second = best_fits(cleaned[removed > 0], threads=rules.threads)
            second.freedom[:] = second.freedom - removed[removed > 0]
            expected[again], half[again] = second.expected, second.half(rules.confidence)
            error[again], form[again] = second.error, second.form
            aside[again] = removed[removed > 0]
    names = np.array([*FORMS, "too_short"], object)[form]
    names = np.where(aside > 0, names + "-outliers", names)
    start = 0
    for part, rows in zip(parts, chosen, strict=True):
        here = slice(start, start + len(rows))
        columns = {"expected": expected[here], "low": (expected - half)[here],
                   "high": (expected + half)[here], "error": error[here],
                   "method": names[here], "trained": size - aside[here]}  # fmt: skip
        for name, values in columns.items():
            part.lines[name][rows] = values
        start += len(rows)


def _no_narrower_than_chance(lines: Lines, confidence: float) -> None:
    from scipy.stats import poisson

    named = [str(name).partition("-")[0] in FORMS for name in lines["method"]]
    rows = np.flatnonzero(np.array(named, bool) & (lines["expected"] > 0))
    if rows.size:
        mean = lines["expected"][rows]
        ends = (poisson.ppf(0.5 - confidence / 2, mean), poisson.ppf(0.5 + confidence / 2, mean))
        lines["low"][rows] = np.minimum(lines["low"][rows], ends[0])
        lines["high"][rows] = np.maximum(lines["high"][rows], ends[1])


def _without_outliers(windows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Windows whose outliers beside the median of their weekday became it, and how many."""
    medians = np.median(windows.reshape(len(windows), windows.shape[1] // SEASON, SEASON), axis=1)
    usual = np.tile(medians, (1, windows.shape[1] // SEASON))
    cleaned, removed = windows.copy(), np.zeros(len(windows), int)
    for n, away in enumerate(windows - usual):
        most = min(outliers.most_outliers(away), int(_MOST_ASIDE * away.size))
        places = outliers.outliers(away, _OUTLIERS_AT, most)
        cleaned[n, places] = usual[n, places]
        removed[n] = len(places)
    return cleaned, removed
