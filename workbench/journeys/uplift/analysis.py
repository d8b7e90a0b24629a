"""One comparison carried out: who counts for how much, and the effect on every outcome."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbench.engine.matching.steps import NEVER
from workbench.journeys.uplift.comparison import Comparison, comparison_of
from workbench.journeys.uplift.design import Design
from workbench.journeys.uplift.estimate import Estimate, estimate
from workbench.journeys.uplift.question import Question
from workbench.journeys.uplift.sample import Sample

UNLIKE = 0.25
"""Standardised difference from which groups count as unlike (Rubin); 0.1 is a common aim."""
_CHANCE = 3.0
_RARE = 0.1


@dataclass(frozen=True)
class Analysis:
    """Sample, comparison and estimates of one question.

    Attributes
    ----------
    question : Question
    sample : Sample
    design : Design
        What is held equal: that of the sample, or a part of it.
    """

    question: Question
    sample: Sample
    design: Design

    @cached_property
    def scaled(self) -> np.ndarray:
        """What is held equal, each column with standard deviation 1."""
        return self.design.scaled()

    @cached_property
    def comparison(self) -> Comparison:
        """Who is compared with whom."""
        return comparison_of(
            self.sample.treated,
            self.scaled,
            self.sample.event,
            method=self.question.method,
            neighbours=self.question.neighbours,
        )

    @cached_property
    def converted(self) -> np.ndarray:
        """Whether each line reached each outcome."""
        return self.sample.first != NEVER

    @cached_property
    def estimates(self) -> list[Estimate | None]:
        """Effect on each outcome; None where too few converted or there is no comparison."""
        return [self.effect_on(k) for k in range(self.converted.shape[1])]

    def effect_on(self, outcome: int) -> Estimate | None:
        """Effect on one outcome by its place."""
        if self.comparison.refusal:
            return None
        return estimate(
            self.converted[:, outcome],
            self.sample.treated,
            self.scaled,
            self.comparison,
            self.sample.container,
        )

    @cached_property
    def differences(self) -> tuple[np.ndarray, np.ndarray]:
        """Standardised mean differences of every column, before and after."""
        treated, weight = self.sample.treated, self.comparison.weight
        columns = self.scaled
        if not columns.size or not treated.any() or treated.all():
            nothing = np.full(columns.shape[1], np.nan)
            return nothing, nothing
        came, others = columns[treated], columns[~treated]
        spread = np.sqrt((came.var(axis=0) + others.var(axis=0)) / 2)
        spread[spread == 0] = np.nan
        before = (came.mean(axis=0) - others.mean(axis=0)) / spread
        kept, rest = weight[treated] > 0, weight[~treated]
        if not kept.any() or not rest.sum():
            return before, np.full(before.size, np.nan)
        after = (came[kept].mean(axis=0) - np.average(others, axis=0, weights=rest)) / spread
        return before, after

    @cached_property
    def unlike(self) -> list[int]:
        """Columns that differ after all by more than a quarter of a deviation and than chance."""
        _, after = self.differences
        came = int((self.comparison.kept & self.sample.treated).sum())
        effective = self.comparison.effective(self.sample.treated)
        if not came or not effective:
            return []
        chance = _CHANCE * np.sqrt(1 / came + 1 / effective)
        size = np.nan_to_num(np.abs(after))
        order = np.argsort(-size, kind="stable")
        return [int(n) for n in order if size[n] > max(UNLIKE, chance)]


def analysis_of(question: Question, sample: Sample, without: str = "") -> Analysis:
    """Compare a sample, with everything that is known or without one group of it."""
    design = sample.design.without(without) if without else sample.design
    return Analysis(question, sample, design)


def could_have_come(sample: Sample, earlier: Sample) -> np.ndarray:
    """Lines of the earlier sample that stood in a stage from which somebody took part.

    Those below could take part only by moving up in between, which is what the earlier outcomes
    count: among them nobody who took part is comparable with anybody who did not.
    """
    overall = sample.treated.mean() if sample.treated.size else 0.0
    stages, number = np.unique(sample.stage.astype(str), return_inverse=True)
    sizes = np.bincount(number, minlength=stages.size)
    came = np.bincount(number, sample.treated, minlength=stages.size)
    able = stages[came > _RARE * overall * sizes]
    return np.isin(earlier.stage.astype(str), able)
