"""Two learners with one face: regularised logistic regression, and boosted trees made additive.

Both give log-odds as a base plus one contribution a feature, exactly: the regression by its
coefficients; the trees because each of them may use one feature only, so that their sum falls
apart into one curve a feature. Trees are calibrated by isotonic regression on deals that they were
not trained on; the step from their log-odds to the calibrated ones is shown as a contribution of
its own.

Source: sales-pipeline.md, section 7 (learner, explanation).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from workbench.sales.score.design import Column

LEARNERS = ("logistic", "trees", "best")
CALIBRATION = "calibration"
SHARE_TO_TEACH = 0.8
STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
# Marks of stages this large are hardly held back: what is held back falls to the stage's rate.
_SIZE_OF_STAGES = 10.0
_FOLDS = 3
_MOST_ROWS_FOR_FOLDS = 60_000
_MOST_ROWS_TO_CHOOSE = 100_000
_MOST_ROWS_TO_GROW = 150_000
_EDGE = 0.005
LEAST_DEALS_OF_A_LEAF = 15


class Learner(Protocol):
    """What a trained model answers."""

    kind: str
    base: float

    def parts(self, matrix: np.ndarray) -> np.ndarray:
        """Contribution of each column in log-odds, beside the mean of the training looks."""
        ...

    def chances(self, matrix: np.ndarray) -> np.ndarray:
        """Chance of winning, 0…1."""
        ...

    def correction(self, matrix: np.ndarray) -> np.ndarray:
        """Log-odds that calibration adds to base and contributions."""
        ...


def chance_of(log_odds: np.ndarray) -> np.ndarray:
    """Log-odds as a chance."""
    return 1 / (1 + np.exp(-np.asarray(log_odds, float)))


def log_odds_of(chance: np.ndarray) -> np.ndarray:
    """A chance as log-odds."""
    chance = np.asarray(chance, float)
    return np.log(chance) - np.log1p(-chance)


class Logistic:
    """L2-regularised logistic regression on standardised columns (scikit-learn)."""

    kind = "logistic"

    def __init__(
        self,
        matrix: np.ndarray,
        won: np.ndarray,
        weight: np.ndarray,
        columns: tuple[Column, ...],
        rank: np.ndarray,
    ) -> None:
        self._columns = columns
        self._centres = [
            self._centre(matrix[:, n], weight, column) for n, column in enumerate(columns)
        ]
        wide, self._owner = self._widened(matrix)
        self._mean = np.average(wide, axis=0, weights=weight)
        scaled = wide - self._mean
        self.strength = _best_strength(scaled, won, weight, rank)
        self._slope, self.base = _fitted(scaled, won, weight, self.strength)

    @staticmethod
    def _centre(values: np.ndarray, weight: np.ndarray, column: Column) -> tuple[float, float, int]:
        if column.is_level:
            return 0.0, 1.0, 0
        known = ~np.isnan(values)
        mean = float(np.average(values[known], weights=weight[known]))
        spread = float(np.sqrt(np.average((values[known] - mean) ** 2, weights=weight[known])))
        return mean, spread or 1.0, int((~known).any())

    def _widened(self, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Numbers standardised, with a mark for missing ones; one mark a level."""
        parts, owner = [], []
        for n, (column, centre) in enumerate(zip(self._columns, self._centres, strict=True)):
            values = matrix[:, n]
            if column.is_level:
                marks = values[:, None] == np.arange(column.codes)[None, :]
                size = _SIZE_OF_STAGES if column.name == "stage" else 1.0
                parts.append(marks * size)
                owner += [n] * column.codes
                continue
            mean, spread, with_mark = centre
            missing = np.isnan(values)
            parts.append(np.where(missing, 0.0, (values - mean) / spread)[:, None])
            owner.append(n)
            if with_mark:
                parts.append(missing.astype(float)[:, None])
                owner.append(n)
        return np.hstack(parts), np.array(owner)

    def parts(self, matrix: np.ndarray) -> np.ndarray:
        """Slope times distance from the mean, added up over the columns of a feature."""
        wide, _ = self._widened(matrix)
        single = (wide - self._mean) * self._slope
        out = np.zeros((len(matrix), len(self._columns)))
        for n in range(len(self._columns)):
            out[:, n] = single[:, self._owner == n].sum(axis=1)
        return out

    def chances(self, matrix: np.ndarray) -> np.ndarray:
        """Base and contributions as a chance."""
        wide, _ = self._widened(matrix)
        return chance_of(self.base + (wide - self._mean) @ self._slope)

    def correction(self, matrix: np.ndarray) -> np.ndarray:
        """Nothing: the regression is not corrected."""
        return np.zeros(len(matrix))


def _fitted(
    matrix: np.ndarray, won: np.ndarray, weight: np.ndarray, strength: float
) -> tuple[np.ndarray, float]:
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    model = LogisticRegression(C=strength, solver="newton-cholesky", max_iter=100, tol=1e-6)
    # Few columns: threads would mostly wait for each other.
    with threadpool_limits(limits=1, user_api="blas"):
        model.fit(matrix, won.astype(np.int8), sample_weight=weight)
    return model.coef_[0], float(model.intercept_[0])


def _best_strength(
    matrix: np.ndarray, won: np.ndarray, weight: np.ndarray, rank: np.ndarray
) -> float:
    """Inverse strength of regularisation with the smallest log loss on the newest fifth of deals.

    Of the deals that teach: those that judge are never looked at. The smaller of equals.
    """
    some = every_so_many(rank, _MOST_ROWS_TO_CHOOSE)
    matrix, won, weight, rank = matrix[some], won[some], weight[some], rank[some]
    old = rank < SHARE_TO_TEACH * (rank.max() + 1)
    if old.all() or won[old].all() or not won[old].any():
        return STRENGTHS[0]
    losses = []
    for strength in STRENGTHS:
        slope, base = _fitted(matrix[old], won[old], weight[old], strength)
        margin = base + matrix[~old] @ slope
        loss = np.logaddexp(0, np.where(won[~old], -margin, margin))
        losses.append(float(np.average(loss, weights=weight[~old])))
    return STRENGTHS[int(np.argmin(np.round(losses, 9)))]


@dataclass
class _Curves:
    """Boosted trees of one feature each: their sum is one curve a feature."""

    model: Any
    reference: np.ndarray
    columns: int

    def raw(self, matrix: np.ndarray) -> np.ndarray:
        from threadpoolctl import threadpool_limits

        threads = 1 if len(matrix) < _MOST_ROWS_FOR_FOLDS else None
        with threadpool_limits(limits=threads, user_api="openmp"):
            return self.model.decision_function(matrix)

    def parts(self, matrix: np.ndarray) -> np.ndarray:
        out = np.empty((len(matrix), self.columns))
        nothing = float(self.raw(self.reference[None, :])[0])
        for n in range(self.columns):
            values, places = np.unique(matrix[:, n], return_inverse=True, equal_nan=True)
            probe = np.repeat(self.reference[None, :], values.size, axis=0)
            probe[:, n] = values
            out[:, n] = (self.raw(probe) - nothing)[places]
        return out


class Trees:
    """Boosted trees of one feature each (scikit-learn), calibrated on deals left out."""

    kind = "trees"

    def __init__(
        self,
        matrix: np.ndarray,
        won: np.ndarray,
        weight: np.ndarray,
        columns: tuple[Column, ...],
        rank: np.ndarray,
    ) -> None:
        from sklearn.isotonic import IsotonicRegression

        self._levels = [n for n, column in enumerate(columns) if column.is_level]
        target, fold = won.astype(np.int8), folds_of(rank)
        self._least = max(10, round(LEAST_DEALS_OF_A_LEAF * len(matrix) / np.unique(rank).size))
        if len(matrix) > _MOST_ROWS_FOR_FOLDS:
            some = every_so_many(rank, _MOST_ROWS_TO_GROW)
            matrix, target, weight = matrix[some], target[some], weight[some]
            rank, fold = rank[some], fold[some]
            apart = fold == fold.max()
            self._curves = self._grown(matrix[~apart], target[~apart], weight[~apart])
            held = self._curves.raw(matrix[apart])
        else:
            apart = np.ones(len(matrix), bool)
            held = np.empty(len(matrix))
            for number in np.unique(fold):
                own = fold == number
                held[own] = self._grown(matrix[~own], target[~own], weight[~own]).raw(matrix[own])
            self._curves = self._grown(matrix, target, weight)
        self._isotonic = IsotonicRegression(y_min=_EDGE, y_max=1 - _EDGE, out_of_bounds="clip")
        self._isotonic.fit(held, target[apart], sample_weight=weight[apart])
        few = every_so_many(rank, _MOST_ROWS_FOR_FOLDS)
        first = self._curves.parts(matrix[few])
        self._mean = np.average(first, axis=0, weights=weight[few])
        nothing = float(self._curves.raw(self._curves.reference[None, :])[0])
        self.base = nothing + float(self._mean.sum())

    def _grown(self, matrix: np.ndarray, won: np.ndarray, weight: np.ndarray) -> _Curves:
        from sklearn.ensemble import HistGradientBoostingClassifier
        from threadpoolctl import threadpool_limits

        model = HistGradientBoostingClassifier(
            learning_rate=0.06,
            max_iter=100,
            max_leaf_nodes=6,
            min_samples_leaf=self._least,
            l2_regularization=1.0,
            interaction_cst="no_interactions",
            categorical_features=self._levels or None,
            early_stopping=False,
            random_state=0,
        )
        # Few rows are not worth sharing out: on a busy machine threads would wait for each other.
        threads = 1 if len(matrix) < _MOST_ROWS_FOR_FOLDS else None
        with threadpool_limits(limits=threads, user_api="openmp"):
            model.fit(matrix, won, sample_weight=weight)
        return _Curves(model, matrix[0].copy(), matrix.shape[1])

    def parts(self, matrix: np.ndarray) -> np.ndarray:
        """Height of each feature's curve beside its mean over the training looks."""
        return self._curves.parts(matrix) - self._mean

    def chances(self, matrix: np.ndarray) -> np.ndarray:
        """Calibrated chance."""
        return self._isotonic.predict(self._curves.raw(matrix))

    def correction(self, matrix: np.ndarray) -> np.ndarray:
        """What isotonic calibration adds."""
        return log_odds_of(self.chances(matrix)) - self._curves.raw(matrix)


def every_so_many(rank: np.ndarray, most: int) -> np.ndarray:
    """Looks at every second, third, … deal in order of closing, at most about so many looks."""
    step = -(-len(rank) // most)
    return rank // _FOLDS % max(step, 1) == 0


def folds_of(rank: np.ndarray) -> np.ndarray:
    """Fold of each look by the rank of its deal in order of closing; no deal is in two."""
    return np.asarray(rank) % _FOLDS
