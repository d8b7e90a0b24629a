"""Outliers of a short series: adjusted box plot, then the generalised test of Rosner.

The box plot (Hubert and Vandervieren 2008, with the medcouple of statsmodels) gives the largest
number of outliers that the test (Rosner 1983, generalised extreme studentised deviate) may find.

Source: collaboration.md, sections 2.3 and 2.4.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np


def fence(values: np.ndarray) -> tuple[float, float]:
    """Lower and upper fence of the adjusted box plot."""
    from statsmodels.stats.stattools import medcouple

    low, high = np.percentile(values, [25, 75])
    width = high - low
    skew = float(medcouple(values)) if width > 0 else 0.0
    down, up = (-4, 3) if skew >= 0 else (-3, 4)
    return low - 1.5 * np.exp(down * skew) * width, high + 1.5 * np.exp(up * skew) * width


def most_outliers(values: np.ndarray) -> int:
    """Values beyond the fences, at most as many as leave half of them."""
    low, high = fence(values)
    return min(int(((values < low) | (values > high)).sum()), (values.size - 1) // 2)


@lru_cache(maxsize=4096)
def critical(size: int, step: int, alpha: float) -> float:
    """The value that the largest deviation of a step must exceed.

    Parameters
    ----------
    size : int
        Number of values at the first step.
    step : int
        1 for the first.
    alpha : float
    """
    from scipy.stats import t

    left = size - step
    quantile = t.ppf(1 - alpha / (2 * (left + 1)), left - 1)
    return float(left * quantile / np.sqrt((left - 1 + quantile**2) * (left + 1)))


def deviations(values: np.ndarray, most: int) -> list[tuple[int, float]]:
    """Place and deviation of the farthest value, taken away `most` times."""
    left, out = np.arange(values.size), []
    for _ in range(min(most, values.size - 2)):
        part = values[left]
        spread = part.std(ddof=1)
        if not spread > 1e-12 * max(1.0, np.abs(part).max()):
            break
        away = np.abs(part - part.mean()) / spread
        farthest = int(away.argmax())
        out.append((int(left[farthest]), float(away[farthest])))
        left = np.delete(left, farthest)
    return out


def outliers(values: np.ndarray, alpha: float, most: int | None = None) -> list[int]:
    """Places of the outliers: all up to the last step whose deviation is too large.

    Parameters
    ----------
    values : numpy.ndarray of float
        Without gaps.
    alpha : float
        Chance to find one where there is none.
    most : int, optional
        The largest number looked for; that of the box plot when left out.
    """
    values = np.asarray(values, float)
    if values.size < 4:
        return []
    found = deviations(values, most_outliers(values) if most is None else most)
    last = max(
        (n for n, (_, r) in enumerate(found, 1) if r > critical(values.size, n, alpha)), default=0
    )
    return sorted(place for place, _ in found[:last])


def limits(others: np.ndarray, alpha: float) -> tuple[float, float, float]:
    """Mean of the other values, and between what a further one is no outlier among them all.

    The first step of the test, solved for one value: Student's interval of a further value at the
    level that the test divides by the number of values.
    """
    from scipy.stats import t

    size = others.size
    mean, spread = float(others.mean()), float(others.std(ddof=1))
    quantile = t.ppf(1 - alpha / (2 * (size + 1)), size - 1)
    half = float(quantile * spread * np.sqrt(1 + 1 / size))
    return mean, mean - half, mean + half
