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
_FOLDS = 3
_MOST_ROWS_FOR_FOLDS = 60_000
_EDGE = 0.005


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
        self, matrix: np.ndarray, won: np.ndarray, weight: np.ndarray, columns: tuple[Column, ...]
    ) -> None:
        from sklearn.linear_model import LogisticRegression

        self._columns = columns
        self._centres = [
            self._centre(matrix[:, n], weight, column) for n, column in enumerate(columns)
        ]
        wide, self._owner = self._widened(matrix)
        self._mean = np.average(wide, axis=0, weights=weight)
        fitted = LogisticRegression(C=1.0, max_iter=1000, tol=1e-7)
        fitted.fit(wide - self._mean, won.astype(np.int8), sample_weight=weight)
        self._slope = fitted.coef_[0]
        self.base = float(fitted.intercept_[0])

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
                parts.append(marks.astype(float))
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


@dataclass
class _Curves:
    """Boosted trees of one feature each: their sum is one curve a feature."""

    model: Any
    reference: np.ndarray
    columns: int

    def raw(self, matrix: np.ndarray) -> np.ndarray:
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
        fold: np.ndarray,
    ) -> None:
        from sklearn.isotonic import IsotonicRegression

        self._levels = [n for n, column in enumerate(columns) if column.is_level]
        target = won.astype(np.int8)
        if len(matrix) > _MOST_ROWS_FOR_FOLDS:
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
        first = self._curves.parts(matrix)
        self._mean = np.average(first, axis=0, weights=weight)
        nothing = float(self._curves.raw(self._curves.reference[None, :])[0])
        self.base = nothing + float(self._mean.sum())

    def _grown(self, matrix: np.ndarray, won: np.ndarray, weight: np.ndarray) -> _Curves:
        from sklearn.ensemble import HistGradientBoostingClassifier

        model = HistGradientBoostingClassifier(
            learning_rate=0.08,
            max_iter=120,
            max_leaf_nodes=6,
            min_samples_leaf=30,
            l2_regularization=1.0,
            interaction_cst="no_interactions",
            categorical_features=self._levels or None,
            early_stopping=False,
            random_state=0,
        )
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


def folds_of(rank: np.ndarray) -> np.ndarray:
    """Fold of each look by the rank of its deal in order of closing; no deal is in two."""
    return np.asarray(rank) % _FOLDS
