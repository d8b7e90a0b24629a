"""Scores at a horizon beside outcomes: a line a grade, measures, and a threshold to think about.

Source: sales-pipeline.md, section 7 (re-evaluation, exact).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

from workbench.results.intervals import SMALL_GROUP, wilson
from workbench.sales.score.grades import HIGHEST, LOWEST, Grades
from workbench.sales.score.measures import Judged, Matches, best_threshold, interval, matches

LEAST_TO_PROPOSE = 20


@dataclass(frozen=True)
class Verdict:
    """Scored deals with their outcomes.

    Attributes
    ----------
    score : numpy.ndarray of int64
        1 to 99.
    won : numpy.ndarray of bool
    amount : numpy.ndarray of float
        Not a number where unknown.
    grades : Grades
    """

    score: np.ndarray
    won: np.ndarray
    amount: np.ndarray
    grades: Grades

    @cached_property
    def place(self) -> np.ndarray:
        """Place of each deal's grade."""
        return self.grades.places(self.score)

    @cached_property
    def by_grade(self) -> pd.DataFrame:
        """A line a grade: deals, won, share, low, high, mean_score, gap, won_amount, small."""
        size = len(self.grades.names)
        deals = np.bincount(self.place, minlength=size)
        won = np.bincount(self.place[self.won], minlength=size)
        total = np.bincount(self.place, weights=self.score, minlength=size)
        paid = self.won & ~np.isnan(self.amount)
        value = np.bincount(self.place[paid], weights=self.amount[paid], minlength=size)
        low, high = wilson(won, deals)
        some = np.maximum(deals, 1)
        mean = np.where(deals > 0, total / some, np.nan)
        share = np.where(deals > 0, won / some, np.nan)
        return pd.DataFrame(
            {
                "grade": list(self.grades.names),
                "minimum": np.maximum(self.grades.minima, LOWEST),
                "maximum": list(self.grades.maxima),
                "deals": deals,
                "won": won,
                "share": share,
                "low": low,
                "high": high,
                "mean_score": mean,
                "gap": mean / 100 - share,
                "won_amount": value,
                "small": deals < SMALL_GROUP,
            }
        )

    @property
    def base(self) -> float:
        """Share won of all scored deals."""
        return float(self.won.mean()) if self.won.size else float("nan")

    @cached_property
    def _judged(self) -> Judged:
        number = np.arange(self.score.size)
        return Judged({"score": self.score / 100}, self.won, np.ones(self.score.size), number)

    @cached_property
    def measured(self) -> dict[str, float]:
        """Brier score, log loss and area under the curve."""
        return {name: value for (_, name), value in self._judged.measured().items()}

    @cached_property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """Their 95 % intervals, deals drawn again; and that of the skill."""
        drawn = self._judged.drawn()
        return {name: interval(values) for (_, name), values in drawn.items()}

    @property
    def skill(self) -> float:
        """One minus Brier score over that of the base rate; above 0 the score is better."""
        spread = self.base * (1 - self.base)
        return 1 - self.measured["brier"] / spread if spread else float("nan")

    @property
    def calibration_error(self) -> float:
        """Weighted mean distance of mean score and share won over the grades."""
        frame = self.by_grade[self.by_grade["deals"] > 0]
        total = frame["deals"].sum()
        return float((frame["gap"].abs() * frame["deals"]).sum() / total) if total else np.nan

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Better grades that were won less often than a worse one; equal shares are no fault."""
        frame = self.by_grade[self.by_grade["deals"] > 0]
        pairs = list(zip(frame["grade"], frame["won"], frame["deals"], strict=True))
        return [
            (first[0], second[0])
            for first, second in pairwise(pairs)
            if first[1] * second[2] < second[1] * first[2]
        ]

    @property
    def value_in_best(self) -> tuple[float, float, int]:
        """Won amount in the best grade, in all, and won deals without amount."""
        value = self.by_grade["won_amount"]
        unknown = int((self.won & np.isnan(self.amount)).sum())
        return float(value.iloc[0]), float(value.sum()), unknown

    @property
    def threshold(self) -> float:
        """Score above which forecasting a win has the best F1."""
        return best_threshold(self.score, self.won)

    @property
    def matches(self) -> Matches:
        """Forecasts at that threshold."""
        return matches(self.score, self.won, self.threshold)

    def proposal(self, precision: float) -> tuple[int, int, int, float] | None:
        """Smallest minimum of the best grade that keeps a precision for certain.

        Returns
        -------
        minimum, won, deals, low : tuple, or None
            The smallest score whose deals at or above it, at least 20 of them, were won with a
            Wilson lower end of at least `precision`; None where there is none.
        """
        for least in range(LOWEST, HIGHEST + 1):
            above = self.score >= least
            deals, won = int(above.sum()), int(self.won[above].sum())
            if deals < LEAST_TO_PROPOSE:
                return None
            low = float(wilson(np.array([won]), np.array([deals]))[0][0])
            if low >= precision:
                return least, won, deals, low
        return None
