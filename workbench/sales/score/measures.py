"""How good chances are: Brier score, log loss, area under the curve, calibration, F1.

Intervals draw deals, not looks, again: the looks at one deal share its outcome.

Source: sales-pipeline.md, section 7 (metrics, re-evaluation).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MEASURES = ("brier", "log_loss", "auc")
_DRAWS = 300
_DRAWS_OF_MANY = 100
_MANY = 50_000
_EDGE = 1e-6


@dataclass(frozen=True)
class Matches:
    """Forecasts of a threshold beside what happened.

    Attributes
    ----------
    true_won, false_won, true_lost, false_lost : float
        Deals, or their weight: said won and won, said won and lost, said lost and lost, said lost
        and won.
    """

    true_won: float
    false_won: float
    true_lost: float
    false_lost: float

    @property
    def total(self) -> float:
        """All deals."""
        return self.true_won + self.false_won + self.true_lost + self.false_lost

    @property
    def accuracy(self) -> float:
        """Share that was forecast rightly."""
        return _ratio(self.true_won + self.true_lost, self.total)

    @property
    def recall(self) -> float:
        """Share of the won deals that were forecast as won."""
        return _ratio(self.true_won, self.true_won + self.false_lost)

    @property
    def precision(self) -> float:
        """Share of the forecast wins that were won."""
        return _ratio(self.true_won, self.true_won + self.false_won)

    @property
    def conversion(self) -> float:
        """Share of all deals that were won."""
        return _ratio(self.true_won + self.false_lost, self.total)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        wrong = self.false_won + self.false_lost
        return _ratio(2 * self.true_won, 2 * self.true_won + wrong)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def matches(
    score: np.ndarray, won: np.ndarray, threshold: float, weight: np.ndarray | None = None
) -> Matches:
    """Forecast won where the score lies **above** a threshold."""
    weight = np.ones(len(score)) if weight is None else weight
    said, won = np.asarray(score) > threshold, np.asarray(won, bool)
    return Matches(
        float(weight[said & won].sum()),
        float(weight[said & ~won].sum()),
        float(weight[~said & ~won].sum()),
        float(weight[~said & won].sum()),
    )


def best_threshold(score: np.ndarray, won: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Threshold with the best F1 among the scores there are, and none; the lowest of equals."""
    score, won = np.asarray(score, float), np.asarray(won, bool)
    if not score.size:
        return float("nan")
    weight = np.ones(score.size) if weight is None else weight
    levels, place = np.unique(score, return_inverse=True)
    hits, all_ = (
        np.bincount(place, weights=w, minlength=levels.size) for w in (weight * won, weight)
    )
    above_won = hits.sum() - np.r_[0.0, np.cumsum(hits)]
    above = all_.sum() - np.r_[0.0, np.cumsum(all_)]
    whole = above + hits.sum()
    f1 = np.divide(2 * above_won, whole, out=np.zeros(whole.size), where=whole > 0)
    return float(np.r_[0.0, levels][int(np.argmax(np.round(f1, 12)))])


class Judged:
    """Chances of several forecasters on the same looks, judged together.

    Parameters
    ----------
    chances : mapping of str to numpy.ndarray
    won, weight : numpy.ndarray
        One value a look.
    deal : numpy.ndarray of int64
        Deal of each look; deals are what is drawn again.
    """

    def __init__(
        self, chances: dict[str, np.ndarray], won: np.ndarray, weight: np.ndarray, deal: np.ndarray
    ) -> None:
        self.names = list(chances)
        self._won, self._weight = won.astype(float), weight.astype(float)
        _, self._deal = np.unique(deal, return_inverse=True)
        self._losses = {}
        self._ranks = {}
        for name, p in chances.items():
            edge = np.clip(p, _EDGE, 1 - _EDGE)
            log = -np.where(won, np.log(edge), np.log1p(-edge))
            self._losses[name] = ((p - self._won) ** 2, log)
            order = np.argsort(p, kind="stable")
            ordered = p[order]
            starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]][: len(ordered)])
            self._ranks[name] = (order, starts)

    def measured(self, weight: np.ndarray | None = None) -> dict[tuple[str, str], float]:
        """Every measure of every forecaster; not a number where it has no meaning."""
        weight = self._weight if weight is None else weight
        out = {}
        for name in self.names:
            brier, log = self._losses[name]
            total = weight.sum()
            out[name, "brier"] = float((brier * weight).sum() / total) if total else np.nan
            out[name, "log_loss"] = float((log * weight).sum() / total) if total else np.nan
            out[name, "auc"] = self._area(name, weight)
        return out

    def _area(self, name: str, weight: np.ndarray) -> float:
        order, starts = self._ranks[name]
        if not order.size:
            return float("nan")
        won = np.add.reduceat((weight * self._won)[order], starts)
        lost = np.add.reduceat((weight * (1 - self._won))[order], starts)
        pairs = won.sum() * lost.sum()
        if not pairs:
            return float("nan")
        below = np.cumsum(lost) - lost
        return float((won * (below + lost / 2)).sum() / pairs)

    def drawn(self) -> dict[tuple[str, str], np.ndarray]:
        """Every measure in samples of deals drawn with replacement, from one fixed seed."""
        deals = int(self._deal.max()) + 1 if self._deal.size else 0
        draws = _DRAWS if len(self._won) <= _MANY else _DRAWS_OF_MANY
        rng = np.random.default_rng(20260101)
        found: dict[tuple[str, str], list[float]] = {}
        for _ in range(draws if deals else 0):
            times = np.bincount(rng.integers(0, deals, deals), minlength=deals)
            for key, value in self.measured(self._weight * times[self._deal]).items():
                found.setdefault(key, []).append(value)
        return {key: np.array(values) for key, values in found.items()}


def interval(values: np.ndarray) -> tuple[float, float]:
    """The 95 % interval of drawn values; not a number where too few have a meaning."""
    known = values[~np.isnan(values)]
    if known.size < 20:
        return float("nan"), float("nan")
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)
