"""Who is compared with whom: weights or matches by the chance of taking part.

The chance is a logistic regression (scikit-learn) on everything that was known before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.messages import message

FEWEST_TREATED = 15
FEWEST_COMPARABLE = 30
FEWEST_EFFECTIVE = 15
CALIPER = 0.2
# Before the data speak, the logit is taken to scatter with a standard deviation of 2 over all
# columns together, so that many columns do not fit chance and few are hardly held back.
_SCATTER = 4.0
_MOST = 0.999
_SAME = 1e-9


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
        of the chance, and with replacement; all that are equally near count.
    """
    size, came = treated.size, int(treated.sum())
    nothing = Comparison(np.full(size, np.nan), np.zeros(size), np.zeros(size, bool))
    refusal = _too_few(came, size - came)
    if refusal:
        return Comparison(nothing.chance, nothing.weight, nothing.modelled, refusal)
    chance = np.clip(probabilities(scaled, treated, scaled), 1 - _MOST, _MOST)
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


def probabilities(scaled: np.ndarray, outcome: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Probability of an outcome by a ridge-penalised logistic regression.

    Parameters
    ----------
    scaled : numpy.ndarray of float, shape (lines, columns)
        Columns with standard deviation 1, of the lines from which is learnt.
    outcome : numpy.ndarray of bool
    asked : numpy.ndarray of float
        The same columns of the lines that are asked about.
    """
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
    """1 for everyone with an other inside the caliper, shared out among its nearest others."""
    weight = np.zeros(treated.size)
    for one in np.unique(event):
        came = np.flatnonzero(treated & (event == one))
        others = np.flatnonzero(~treated & (event == one))
        if not came.size or not others.size:
            continue
        weight[came], weight[others] = _shared_out(logit[came], logit[others], caliper, neighbours)
    return weight


def _shared_out(
    came: np.ndarray, others: np.ndarray, caliper: float, neighbours: int
) -> tuple[np.ndarray, np.ndarray]:
    """Weights of both sides; others as near as the last neighbour count, so order never does."""
    from sklearn.neighbors import NearestNeighbors

    number = min(neighbours, others.size)
    distance, _ = (
        NearestNeighbors(n_neighbors=number).fit(others[:, None]).kneighbors(came[:, None])
    )
    near = distance[:, 0] <= caliper + _SAME
    reach = np.minimum(distance[:, -1], caliper) + _SAME
    order = np.argsort(others, kind="stable")
    low = np.searchsorted(others[order], (came - reach)[near], side="left")
    high = np.searchsorted(others[order], (came + reach)[near], side="right")
    steps = np.zeros(others.size + 1)
    np.add.at(steps, low, 1 / (high - low))
    np.add.at(steps, high, -1 / (high - low))
    counts = np.cumsum(steps)[:-1]
    shared = np.zeros(others.size)
    shared[order] = np.where(counts > _SAME, counts, 0.0)  # rounding is no weight
    return near.astype(float), shared


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
