"""The effect on those who took part, on one outcome, with its interval.

Chance of taking part and outcome without it are both modelled (doubly robust): the effect is
right when either model is. Its interval comes from the influence of every container on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.journeys.uplift.comparison import Comparison, probabilities

FEWEST_CONVERTED = 5
_Z = 1.959964


@dataclass(frozen=True)
class Estimate:
    """Effect of taking part on one outcome, among those who took part.

    Attributes
    ----------
    with_event, without_event : float
        Share that converted, and the share expected had they not taken part.
    effect, low, high, p_value : float
        Their difference with its 95 % interval.
    rest, rest_low, rest_high : float
        (with − without) / (1 − without): of those who would not have converted anyway, how many
        did.
    ratio, ratio_low, ratio_high : float
        with / without.
    """

    with_event: float
    without_event: float
    effect: float
    low: float
    high: float
    p_value: float
    rest: float
    rest_low: float
    rest_high: float
    ratio: float
    ratio_low: float
    ratio_high: float


def estimate(
    converted: np.ndarray,
    treated: np.ndarray,
    scaled: np.ndarray,
    comparison: Comparison,
    cluster: np.ndarray,
) -> Estimate | None:
    """Effect on one outcome; None where fewer than five of those compared converted.

    Parameters
    ----------
    converted : numpy.ndarray of bool
    cluster : numpy.ndarray of int64
        Lines of one container at several events count as one observation.
    """
    kept = comparison.kept
    if int(converted[kept].sum()) < FEWEST_CONVERTED:
        return None
    modelled = comparison.modelled
    expected = np.zeros(treated.size)
    if int(converted[modelled].sum()) >= FEWEST_CONVERTED:
        expected = probabilities(scaled[modelled], converted[modelled], scaled)
    came, weight = treated[kept], comparison.weight[kept]
    outcome, expected = converted[kept].astype(float), expected[kept]
    weight = np.where(came, 0.0, weight)
    total, number = weight.sum(), int(came.sum())
    left = outcome - expected
    rest = float((weight * left).sum() / total)
    with_event = float(outcome[came].mean())
    mean = float(expected[came].mean())
    without_event = float(np.clip(mean + rest, 0.0, 1.0))
    one = np.where(came, outcome - with_event, 0.0) / number
    zero = np.where(came, (expected - mean) / number, weight * (left - rest) / total)
    one, zero = (_summed(part, cluster[kept]) for part in (one, zero))
    effective = float(total**2 / (weight**2).sum())
    return _with_intervals(with_event, without_event, one, zero, number, effective)


def _summed(influence: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    _, number = np.unique(cluster, return_inverse=True)
    return np.bincount(number, influence)


def _with_intervals(
    with_event: float,
    without_event: float,
    one: np.ndarray,
    zero: np.ndarray,
    number: int,
    effective: float,
) -> Estimate:
    """Intervals from the influences on both shares; few conversions never make them too narrow."""
    from scipy.stats import norm

    more_one = max(0.0, _floor(with_event, number) - float((one**2).sum()))
    more_zero = max(0.0, _floor(without_event, effective) - float((zero**2).sum()))

    def error(by_one: float, by_zero: float) -> float:
        joint = float(((by_one * one + by_zero * zero) ** 2).sum())
        return float(np.sqrt(joint + by_one**2 * more_one + by_zero**2 * more_zero))

    effect = with_event - without_event
    spread = error(1.0, -1.0)
    p_value = float(2 * norm.sf(abs(effect) / spread)) if spread else float("nan")
    not_one, not_zero = 1 - with_event, 1 - without_event
    rest = rest_low = rest_high = float("nan")
    if not_zero > 0:
        rest = 1 - not_one / not_zero
        of_log = error(-1 / max(not_one, 0.5 / number), 1 / not_zero)
        middle = np.log(max(not_one, 0.5 / number) / not_zero)
        rest_low, rest_high = (float(1 - np.exp(middle + s * _Z * of_log)) for s in (1, -1))
    ratio = ratio_low = ratio_high = float("nan")
    if with_event > 0 and without_event > 0:
        ratio = with_event / without_event
        of_log = error(1 / with_event, -1 / without_event)
        ratio_low, ratio_high = (float(ratio * np.exp(s * _Z * of_log)) for s in (-1, 1))
    return Estimate(
        with_event,
        without_event,
        effect,
        max(-1.0, effect - _Z * spread),
        min(1.0, effect + _Z * spread),
        p_value,
        rest,
        rest_low,
        rest_high,
        ratio,
        ratio_low,
        ratio_high,
    )


def _floor(share: float, number: float) -> float:
    """Least variance of a share with few of either kind (Agresti and Coull), 0 for others."""
    if min(share, 1 - share) * number >= FEWEST_CONVERTED:
        return 0.0
    moved = (share * number + 2) / (number + 4)
    return moved * (1 - moved) / (number + 4)
