"""Each group beside all others, stage by stage: shares that went on, lengths of stay."""

from __future__ import annotations

import numpy as np

from workbench.results.intervals import wilson


def share_differences(
    counts: np.ndarray, totals: np.ndarray, other_counts: np.ndarray, other_totals: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Share minus share of the others, with the 95 % interval (Newcombe) and a p-value.

    Fisher's exact test below five expected in any cell, else the score test: the same as
    `workbench.results.intervals.difference`, for many pairs at once.

    Returns
    -------
    difference, low, high, p_value : numpy.ndarray of float
        NaN where a total is zero.
    """
    from scipy.stats import fisher_exact, norm

    a, n, b, m = (np.asarray(v, float) for v in (counts, totals, other_counts, other_totals))
    with np.errstate(invalid="ignore", divide="ignore"):
        p, q = a / n, b / m
        pooled = (a + b) / (n + m)
        z = (p - q) / np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    low_p, high_p = wilson(a, n)
    low_q, high_q = wilson(b, m)
    found = p - q
    low = found - np.hypot(p - low_p, high_q - q)
    high = found + np.hypot(high_p - p, q - low_q)
    p_value = np.where(np.isnan(z) & ~np.isnan(found), 1.0, 2 * norm.sf(np.abs(z)))
    expected = np.minimum(np.minimum(n, m) * pooled, np.minimum(n, m) * (1 - pooled))
    for at in np.flatnonzero((expected < 5) & ~np.isnan(found)):
        table = [[a[at], n[at] - a[at]], [b[at], m[at] - b[at]]]
        p_value[at] = float(fisher_exact(np.array(table)).pvalue)
    return found, low, high, p_value


def longer_stays(
    group: np.ndarray, stage: np.ndarray, days: np.ndarray, groups: int, stages: int
) -> np.ndarray:
    """Whether the stays of a group differ from those of all others in the same stage.

    Wilcoxon's rank-sum test with the correction for ties, normal approximation.

    Returns
    -------
    numpy.ndarray of float, shape (groups, stages)
        Two-sided p-values; NaN where either side has no stay.
    """
    from scipy.stats import norm, rankdata

    out = np.full((groups, stages), np.nan)
    order = np.argsort(stage, kind="stable")
    ends = np.cumsum(np.bincount(stage, minlength=stages))
    for code in np.flatnonzero(np.bincount(stage, minlength=stages) > 1):
        own = order[(ends[code - 1] if code else 0) : ends[code]]
        ranks, of_group = rankdata(days[own]), group[own]
        size = own.size
        n = np.bincount(of_group, minlength=groups).astype(float)
        total = np.bincount(of_group, weights=ranks, minlength=groups)
        _, ties = np.unique(ranks, return_counts=True)
        ties = ties.astype(float)
        even = (ties**3 - ties).sum() / (size * (size - 1.0))
        spread = np.sqrt(n * (size - n) / 12 * (size + 1 - even))
        with np.errstate(invalid="ignore", divide="ignore"):
            z = (total - n * (size + 1) / 2) / spread
        compared = (n > 0) & (n < size)
        out[compared, code] = np.where(spread > 0, 2 * norm.sf(np.abs(z)), 1.0)[compared]
    return out
