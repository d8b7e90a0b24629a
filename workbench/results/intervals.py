"""Intervals of shares (Wilson) and of their differences (statsmodels)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SMALL_GROUP = 30
# The 97.5 % point of the standard normal distribution.
_POINT = 1.9599639845400545


def wilson(numerators: np.ndarray, denominators: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 95 % Wilson interval of each share; not a number for a zero denominator.

    Parameters
    ----------
    numerators, denominators : numpy.ndarray

    Returns
    -------
    low, high : numpy.ndarray of float

    Notes
    -----
    As ``statsmodels.stats.proportion.proportion_confint`` with ``method="wilson"``, to the last
    digit; importing it takes longer than most questions.
    """
    numerators = np.asarray(numerators, float)
    denominators = np.asarray(denominators, float)
    low, high = np.full((2, *numerators.shape), np.nan)
    known = denominators > 0
    if known.any():
        number, share = denominators[known], numerators[known] / denominators[known]
        squared = _POINT**2
        below = 1 + squared / number
        centre = (share + squared / (2 * number)) / below
        reach = _POINT * np.sqrt(share * (1 - share) / number + squared / (4 * number**2)) / below
        low[known], high[known] = centre - reach, centre + reach
        # The formula ends exactly there; rounding alone would leave a trace.
        low[known & (numerators == 0)] = 0
        high[known & (numerators == denominators)] = 1
    return low, high


@dataclass(frozen=True)
class Difference:
    """Share of one group minus share of another.

    Attributes
    ----------
    difference, low, high : float
        In 0…1, with the 95 % interval (Newcombe); NaN where a denominator is zero.
    p_value : float
        Two-sided; Fisher's exact test below five expected in any cell, else the score test.
    test : str
    """

    difference: float
    low: float
    high: float
    p_value: float
    test: str


def difference(count_a: int, total_a: int, count_b: int, total_b: int) -> Difference:
    """Compare two independent shares."""
    from scipy.stats import fisher_exact
    from statsmodels.stats.proportion import confint_proportions_2indep, test_proportions_2indep

    if not total_a or not total_b:
        return Difference(np.nan, np.nan, np.nan, np.nan, "")
    low, high = confint_proportions_2indep(
        count_a, total_a, count_b, total_b, method="newcomb", compare="diff"
    )
    table = np.array([[count_a, total_a - count_a], [count_b, total_b - count_b]])
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / table.sum()
    if expected.min() < 5:
        p_value, test = float(fisher_exact(table).pvalue), "Fisher"
    else:
        p_value = float(
            test_proportions_2indep(
                count_a, total_a, count_b, total_b, method="score", correction=False
            ).pvalue
        )
        test = "score"
    found = count_a / total_a - count_b / total_b
    return Difference(found, float(low), float(high), p_value, test)


def holm(p_values: np.ndarray) -> np.ndarray:
    """Adjust p-values of several comparisons (Holm); not-a-numbers stay."""
    from statsmodels.stats.multitest import multipletests

    p_values = np.asarray(p_values, float)
    adjusted = np.full(p_values.shape, np.nan)
    known = ~np.isnan(p_values)
    if known.any():
        adjusted[known] = multipletests(p_values[known], method="holm")[1]
    return adjusted
