"""Curves, medians and tests of times that may be unfinished (statsmodels)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

LEVEL = 1.959963984540054  # of a two-sided 95 % interval


@dataclass(frozen=True)
class Curve:
    """Shares over time of one group.

    Attributes
    ----------
    days : numpy.ndarray of float
        0, every time of an outcome, and the last time that anybody was followed.
    at_risk : numpy.ndarray of int64
        Followed at least that long and still open just before.
    won, lost, left : numpy.ndarray of int64
        Outcomes at that time, and those whose time ran out since the line before.
    won_share, low, high : numpy.ndarray of float
        Share won so far with its pointwise 95 % interval.
    lost_share : numpy.ndarray of float
    alone : numpy.ndarray of float
        Share that would be won if nothing were ever lost: one minus Kaplan–Meier with losses as
        if still open. It overstates wherever losses compete.
    """

    days: np.ndarray
    at_risk: np.ndarray
    won: np.ndarray
    lost: np.ndarray
    left: np.ndarray
    won_share: np.ndarray
    low: np.ndarray
    high: np.ndarray
    lost_share: np.ndarray
    alone: np.ndarray

    def at(self, values: np.ndarray, day: float) -> float:
        """A step function at some day; not a number past the last follow-up."""
        if not self.days.size or day > self.days[-1]:
            return float("nan")
        return float(values[np.searchsorted(self.days, day, side="right") - 1])

    def first_day(self, values: np.ndarray, share: float) -> float:
        """First day on which a curve reaches a share; not a number when it never does."""
        there = np.flatnonzero(values >= share - 1e-12)
        return float(self.days[there[0]]) if there.size else float("nan")


def curve(days: np.ndarray, outcome: np.ndarray, *, competing: bool = False) -> Curve:
    """Estimate the curve of one group.

    Parameters
    ----------
    days : numpy.ndarray of float
        Time that each container was followed.
    outcome : numpy.ndarray of int64
        0 open, 1 won, 2 lost.
    competing : bool
        Whether losses were asked for.

    Notes
    -----
    Aalen–Johansen incidence, which without losses is one minus Kaplan–Meier, from
    ``statsmodels.duration.survfunc.CumIncidenceRight``. Intervals by the log(−log) transformation
    that is usual for each: of the share where losses compete, else of one minus the share.
    """
    from statsmodels.duration.survfunc import CumIncidenceRight

    if not days.size:
        none, whole = np.empty(0), np.empty(0, np.int64)
        return Curve(none, whole, whole, whole, whole, none, none, none, none, none)
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        # The variance at the last time is 0 · ∞ where everybody left has an outcome.
        warnings.simplefilter("ignore", RuntimeWarning)
        found = CumIncidenceRight(days, outcome)
    times = found.times
    won_share, spread = _incidence(found, 0, times.size)
    lost_share, _ = _incidence(found, 1, times.size)
    counts = [np.bincount(np.searchsorted(times, days[outcome == k]), minlength=times.size)
              for k in range(3)]  # fmt: skip
    at_risk = days.size - np.append(0, np.cumsum(sum(counts))[:-1])
    kept = (counts[1] + counts[2]) > 0
    kept[-1] = True
    low, high = _interval(won_share, spread, competing)
    left = np.diff(np.cumsum(counts[0])[kept], prepend=0)
    lines = (
        times[kept],
        at_risk[kept],
        counts[1][kept],
        counts[2][kept],
        left,
        won_share[kept],
        low[kept],
        high[kept],
        lost_share[kept],
        _alone(at_risk, counts[1])[kept],
    )
    starts = (0.0, days.size, 0, 0, 0, 0.0, 0.0, 0.0, 0.0, 0.0)
    if lines[0][0] == 0:
        return Curve(*lines)
    return Curve(*(np.append(s, line) for s, line in zip(starts, lines, strict=True)))


def _incidence(found: object, cause: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Share and standard error of one outcome; zeros where it never happens."""
    shares, spreads = found.cinc, found.cinc_se  # type: ignore[attr-defined]
    if cause >= len(shares):
        return np.zeros(size), np.zeros(size)
    return np.minimum(shares[cause], 1.0), spreads[cause]


def _interval(
    share: np.ndarray, spread: np.ndarray, competing: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Pointwise 95 % interval; the ends stay where the variance cannot be told."""
    low, high = np.zeros(share.size), np.zeros(share.size)
    inside = (share > 0) & (share < 1) & np.isfinite(spread)
    part = share[inside] if competing else 1 - share[inside]
    width = np.abs(LEVEL * spread[inside] / (part * np.log(part)))
    ends = part ** np.exp(width), part ** np.exp(-width)
    low[inside], high[inside] = ends if competing else (1 - ends[1], 1 - ends[0])
    for n in np.flatnonzero((share > 0) & ~inside):
        low[n] = low[n - 1] if n else 0.0
        high[n] = 1.0 if share[n] == 1 or not n else high[n - 1]
    return np.minimum(low, share), np.maximum(high, share)


def _alone(at_risk: np.ndarray, won: np.ndarray) -> np.ndarray:
    return 1 - np.cumprod(1 - won / at_risk)


def log_rank(days: np.ndarray, won: np.ndarray, group: np.ndarray) -> tuple[float, float, int]:
    """Test whether groups are won at the same speed while open; losses count as leaving.

    Returns
    -------
    chi_square, p_value : float
        Not numbers where it cannot be told: fewer than two groups followed up to any outcome.
    degrees : int
        Degrees of freedom: one less than such groups.
    """
    from statsmodels.duration.survfunc import survdiff

    # Who left before the first outcome was never compared with anybody.
    compared = days >= (days[won].min() if won.any() else np.inf)
    present = np.unique(group[compared])
    degrees = max(0, present.size - 1)
    if not degrees:
        return float("nan"), float("nan"), 0
    try:
        chi_square, p_value = survdiff(days[compared], won[compared].astype(float), group[compared])
    except np.linalg.LinAlgError:  # everybody has the outcome at one time
        return float("nan"), float("nan"), degrees
    if not np.isfinite(chi_square) or chi_square < 0:
        return float("nan"), float("nan"), degrees
    return float(chi_square), float(p_value), degrees
