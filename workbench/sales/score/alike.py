"""Deals that taught and were like another one in some feature, and the value of it in words.

Source: sales-pipeline.md, section 7 (explanation: feature value and observed win share).
"""

from __future__ import annotations

import numpy as np

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results import numbers
from workbench.results.intervals import SMALL_GROUP
from workbench.sales.score.base import Basis
from workbench.sales.score.design import Column
from workbench.sales.score.training import Model

_FEW_VALUES = 6


class Alike:
    """Deals that taught, by how a feature stood at their looks."""

    def __init__(self, model: Model, n: int) -> None:
        self._column: Column = model.design.columns[n]
        values = model.matrix[model.old, n]
        self._edges = np.empty(0) if self._column.is_level else _edges(values)
        pairs = np.column_stack([self._codes(values), model.sample.rank[model.old]])
        self._pairs = np.unique(pairs.astype(np.int64), axis=0)
        self._won = model.sample.deal_won

    def _codes(self, values: np.ndarray) -> np.ndarray:
        if self._column.is_level:
            return values.astype(np.int64)
        fifth = np.searchsorted(self._edges, values, side="right")
        return np.where(np.isnan(values), -1, fifth)

    def deals(self, value: float) -> tuple[np.ndarray, np.ndarray]:
        """Ranks of the deals with a like value, and whether they were won."""
        code = self._codes(np.array([value]))[0]
        ranks = self._pairs[self._pairs[:, 0] == code, 1]
        return ranks, self._won[ranks]


def _edges(values: np.ndarray) -> np.ndarray:
    """Where groups of like values begin: each of few values alone, else fifths and the smallest."""
    known = values[~np.isnan(values)]
    single = np.unique(known)
    if single.size <= _FEW_VALUES:
        return single
    fifths = np.quantile(known, [0.2, 0.4, 0.6, 0.8])
    return np.unique(np.r_[np.nextafter(single[0], np.inf), fifths[fifths > single[0]]])


def matrix_of(basis: Basis, model: Model, number: int) -> np.ndarray:
    """The columns of the model for one open deal."""
    own = basis.present.deal == number
    return model.design.matrix({n: f.taken(own) for n, f in basis.features.items()})


def in_words(basis: Basis, model: Model, name: str, value: float, own: np.ndarray) -> str:
    """The value of a feature as a reader knows it."""
    feature = basis.features[name]
    if feature.kind == "level":
        return feature.levels[int(value)] if value >= 0 else message("empty")
    if np.isnan(value):
        return message("never") if name == "last_inbound" else message("unknown")
    if feature.kind == "stay":
        usual = model.design.usual_days
        stage = int(basis.features["stage"].values[own][0])
        return message(
            "{days} (won deals: {usual})",
            days=numbers.days(value),
            usual=numbers.days(usual.get(stage, usual[-1])),
        )
    if feature.kind == "days":
        return numbers.days(value)
    if feature.kind == "money":
        try:
            return numbers.money(value, basis.sources.deals.currency)
        except ArgumentError:
            return numbers.money(value)
    if feature.kind == "ratio":
        return f"{np.exp(value):.2f} : 1"
    return numbers.significant(value)


def observed(won: int, deals: int) -> str:
    """A share with its numerator and denominator, and a word where it is small."""
    if not deals:
        return numbers.NOTHING
    text = f"{numbers.share(won / deals)} ({won:,}/{deals:,})"
    return text + " " + message("few deals") if deals < SMALL_GROUP else text
