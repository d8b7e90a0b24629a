"""The effect on those who took part: weights or matches, a model of the outcome, an interval.

Chance of taking part and outcome without it are logistic regressions (scikit-learn) with a ridge
penalty, which fades as numbers grow. Both together are doubly robust: the effect is right when
either model is. Its interval comes from the influence of every container on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.messages import message

FEWEST_TREATED = 15
FEWEST_COMPARABLE = 30
FEWEST_CONVERTED = 5
FEWEST_EFFECTIVE = 15
CALIPER = 0.2
# Before the data speak, the logit is taken to scatter with a standard deviation of 2 over all
# columns together, so that many columns do not fit chance and few are hardly held back.
_SCATTER = 4.0
_MOST = 0.999
_Z = 1.959964


@dataclass(frozen=True)
class Comparison:
    """Who is compared with whom.

    Attributes
    ----------
    chance : numpy.ndarray of float
        Chance of taking part by what was known before.
    weight : numpy.ndarray of float
        1 for those who took part and have comparable others; how much each other counts for
        them; 0 for who is left out.
    modelled : numpy.ndarray of bool
        Others from whom the outcome without taking part is learnt.
    refusal : str
        Why there is no comparison; empty where there is one.
    """

    chance: np.ndarray
    weight: np.ndarray
    modelled: np.ndarray
    refusal: str = ""

    @property
    def kept(self) -> np.ndarray:
        """Lines that take part in the comparison."""
        return self.weight > 0

    def effective(self, treated: np.ndarray) -> float:
        """Number of equally weighted others that would tell as much (Kish)."""
        weight = self.weight[~treated]
        total = float((weight**2).sum())
        return float(weight.sum()) ** 2 / total if total else 0.0


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


def comparison_of(
    treated: np.ndarray,
    scaled: np.ndarray,
    event: np.ndarray,
    *,
    method: str,
    neighbours: int,
) -> Comparison:
    """Find comparable others for everyone who took part.

    Parameters
    ----------
    treated : numpy.ndarray of bool
    scaled : numpy.ndarray of float, shape (lines, columns)
        What was known before, each column with standard deviation 1.
    event : numpy.ndarray of int64
        Event of each line; matches lie inside one event.
    method : {"weighting", "matching"}
    neighbours : int
        With matching: others for each, within a caliper of 0.2 standard deviations of the logit
        of the chance, and with replacement.
    """
    size, came = treated.size, int(treated.sum())
    nothing = Comparison(np.full(size, np.nan), np.zeros(size), np.zeros(size, bool))
    refusal = _too_few(came, size - came)
    if refusal:
        return Comparison(nothing.chance, nothing.weight, nothing.modelled, refusal)
    chance = np.clip(chances(scaled, treated), 1 - _MOST, _MOST)
    logit = np.log(chance / (1 - chance))
    near = CALIPER * logit.std()
    overlap = np.where(
        treated, logit <= logit[~treated].max() + near, logit >= logit[treated].min() - near
    )
    modelled = overlap & ~treated
    if method == "matching":
        weight = _matched(treated, logit, near, event, neighbours)
    else:
        weight = np.where(treated, 1.0, chance / (1 - chance)) * overlap
    found = Comparison(chance, weight, modelled)
    return Comparison(chance, weight, modelled, _no_overlap(found, treated))


def chances(scaled: np.ndarray, treated: np.ndarray) -> np.ndarray:
    """Chance of being true for every line (ridge-penalised logistic regression)."""
    return _probabilities(scaled, treated, scaled)


def _probabilities(scaled: np.ndarray, outcome: np.ndarray, asked: np.ndarray) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression

    if not scaled.shape[1] or outcome.all() or not outcome.any():
        return np.full(len(asked), outcome.mean() if outcome.size else np.nan)
    model = LogisticRegression(
        C=_SCATTER / scaled.shape[1], solver="newton-cholesky", tol=1e-8, max_iter=200
    )
    return model.fit(scaled, outcome).predict_proba(asked)[:, 1]


def _matched(
    treated: np.ndarray, logit: np.ndarray, caliper: float, event: np.ndarray, neighbours: int
) -> np.ndarray:
    from sklearn.neighbors import NearestNeighbors

    weight = np.zeros(treated.size)
    for one in np.unique(event):
        came = np.flatnonzero(treated & (event == one))
        others = np.flatnonzero(~treated & (event == one))
        number = min(neighbours, others.size)
        if not came.size or not number:
            continue
        found = NearestNeighbors(n_neighbors=number).fit(logit[others, None])
        distance, place = found.kneighbors(logit[came, None])
        near = distance <= caliper
        has_one = near.any(axis=1)
        weight[came[has_one]] = 1.0
        part = near / np.maximum(near.sum(axis=1, keepdims=True), 1)
        np.add.at(weight, others[place].ravel(), part.ravel())
    return weight


def _too_few(came: int, others: int) -> str:
    if came < FEWEST_TREATED:
        return message(
            "Too few took part to tell: {n} of those known before, at least {least} are needed.",
            n=f"{came:,}",
            least=FEWEST_TREATED,
        )
    if others < FEWEST_COMPARABLE:
        return message(
            "Too few did not take part to compare with: {n}, at least {least} are needed.",
            n=f"{others:,}",
            least=FEWEST_COMPARABLE,
        )
    return ""


def _no_overlap(found: Comparison, treated: np.ndarray) -> str:
    came, kept = int(treated.sum()), int((found.kept & treated).sum())
    effective = found.effective(treated)
    if kept < max(FEWEST_TREATED, came / 2):
        return message(
            "Those who took part are unlike all others: only {kept} of {came} have anybody "
            "comparable, so there is nothing to compare with.",
            kept=f"{kept:,}",
            came=f"{came:,}",
        )
    if effective < FEWEST_EFFECTIVE:
        return message(
            "Hardly anybody who did not take part is like those who did: the others count for no "
            "more than {n:.0f} (at least {least} are needed).",
            n=effective,
            least=FEWEST_EFFECTIVE,
        )
    return ""


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
        expected = _probabilities(scaled[modelled], converted[modelled], scaled)
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
