"""Intervals where little happens: counts of events, and a few values of the same weekday.

Source: collaboration.md, section 2.4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Below this mean of a period counts are told by a distribution of counts; below the second one
# nothing can be told apart from chance.
FEW, TOO_FEW = 5.0, 2.0
WEEKS = 5
_NOT_BY_CHANCE = 0.05


@dataclass(frozen=True)
class Interval:
    """What is expected, and between what a value is no surprise.

    Attributes
    ----------
    expected, low, high : float
    method : str
    """

    expected: float
    low: float
    high: float
    method: str


def of_counts(past: np.ndarray, confidence: float) -> Interval:
    """Interval of the next count after some counts of the same kind.

    Counts that scatter as chance alone makes them follow Poisson's law; its mean is known from
    these periods only (Jeffreys' prior), so the next count is negative binomial. Counts that
    scatter more (5 % test of dispersion) get the negative binomial law of their own variance.

    Parameters
    ----------
    past : numpy.ndarray of whole numbers from 0 on
    confidence : float
    """
    from scipy.stats import chi2, nbinom

    size, mean = past.size, float(past.mean())
    variance = float(past.var(ddof=1)) if size > 1 else mean
    wide = mean > 0 and chi2.sf((size - 1) * variance / mean, max(size - 1, 1)) < _NOT_BY_CHANCE
    if wide and variance > mean:
        law, method = (mean**2 / (variance - mean), mean / variance), "negative_binomial"
    else:
        law, method = (past.sum() + 0.5, size / (size + 1)), "poisson"
    ends = nbinom.ppf([(1 - confidence) / 2, (1 + confidence) / 2], *law)
    return Interval(mean, float(ends[0]), float(ends[1]), method)


def suggested(mean: float, confidence: float) -> int:
    """The fixed value that chance alone reaches in less than 1 - confidence of the periods."""
    from scipy.stats import poisson

    return int(poisson.ppf(confidence, max(mean, 1e-9))) + 1


def of_weekday(past: np.ndarray, confidence: float) -> Interval:
    """Interval of the next value after the last values of the same weekday.

    ``mean ± t(n - 1) · s · sqrt(1 + 1/n)``; every step can be done by hand.
    """
    from scipy.stats import t

    size = past.size
    mean, spread = float(past.mean()), float(past.std(ddof=1))
    half = float(t.ppf(0.5 + confidence / 2, size - 1) * spread * np.sqrt(1 + 1 / size))
    return Interval(mean, mean - half, mean + half, "weekday")
