"""From features to the columns of a model, with everything that is learned from training deals.

Nothing here looks at deals outside the training part: usual lengths of stay, levels that are
frequent enough, ranges and means all come from it.

Source: sales-pipeline.md, section 7.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from workbench.sales.score.features import Feature

LEAST_DEALS_OF_A_LEVEL = 10
MOST_LEVELS = 24
_LOGARITHMIC = ("count", "days", "money")


@dataclass(frozen=True)
class Column:
    """One column of a model: a feature on the scale that the learner sees.

    Attributes
    ----------
    feature : Feature
        Its values are those of the training looks; name, kind and levels hold for all.
    kept : tuple of int
        Levels with enough deals, in the order of their codes; the rest together come after them.
    low, high : float
        Range of the training looks; what lies outside counts as its end.
    """

    feature: Feature
    kept: tuple[int, ...] = ()
    low: float = 0.0
    high: float = 0.0

    @property
    def name(self) -> str:
        """Name of the feature."""
        return self.feature.name

    @property
    def is_level(self) -> bool:
        """Whether it holds levels."""
        return self.feature.kind == "level"

    @property
    def codes(self) -> int:
        """Number of codes: kept levels, all others together, and missing."""
        return len(self.kept) + 2


class Design:
    """What turns features into a matrix.

    Attributes
    ----------
    columns : tuple of Column
    dropped : tuple of str
        Features that are the same for all training deals.
    usual_days : mapping
        Median stay of won deals in each stage, in days, and -1 for all of them.
    """

    def __init__(
        self,
        features: Mapping[str, Feature],
        deal: np.ndarray,
        won: np.ndarray,
        stays: Mapping[int, float],
    ) -> None:
        self.usual_days = dict(stays)
        columns, dropped = [], []
        for feature in features.values():
            column = (
                self._levels(feature, deal)
                if feature.kind == "level"
                else self._numbers(feature, features["stage"])
            )
            if column is None:
                dropped.append(feature.name)
            else:
                columns.append(column)
        self.columns = tuple(columns)
        self.dropped = tuple(dropped)

    def _levels(self, feature: Feature, deal: np.ndarray) -> Column | None:
        code = feature.values.astype(np.int64)
        codes, _ = distinct_pairs(code, deal)
        deals = np.bincount(codes[codes >= 0], minlength=len(feature.levels))
        frequent = np.flatnonzero(deals >= LEAST_DEALS_OF_A_LEVEL)
        if frequent.size > MOST_LEVELS:
            order = np.lexsort((frequent, -deals[frequent]))
            frequent = np.sort(frequent[order[:MOST_LEVELS]])
        column = Column(feature, tuple(int(f) for f in frequent))
        return column if np.unique(self._coded(column, feature)).size > 1 else None

    def _numbers(self, feature: Feature, stage: Feature) -> Column | None:
        values = self._scaled(feature, stage)
        known = values[~np.isnan(values)]
        if not known.size:
            return None
        low, high = float(known.min()), float(known.max())
        if low == high and known.size == values.size:
            return None
        return Column(feature, (), low, high)

    def _scaled(self, feature: Feature, stage: Feature) -> np.ndarray:
        values = feature.values
        if feature.kind == "stay":
            every = self.usual_days.get(-1, 1.0)
            of_stage = np.full(len(stage.levels) + 1, every)
            for code, days in self.usual_days.items():
                if code >= 0:
                    of_stage[code] = days
            usual = of_stage[stage.values.astype(np.int64)]
            return np.log1p(values) - np.log1p(usual)
        if feature.kind in _LOGARITHMIC:
            return np.log1p(np.maximum(values, 0))
        return values

    def _coded(self, column: Column, feature: Feature) -> np.ndarray:
        number = np.full(len(feature.levels) + 1, len(column.kept), np.int64)
        names = {column.feature.levels[code]: place for place, code in enumerate(column.kept)}
        for code, name in enumerate(feature.levels):
            number[code] = names.get(name, len(column.kept))
        number[-1] = len(column.kept) + 1
        return number[feature.values.astype(np.int64)].astype(float)

    def matrix(self, features: Mapping[str, Feature]) -> np.ndarray:
        """One line a look, one column a feature; levels as codes, missing numbers not a number."""
        parts = []
        for column in self.columns:
            feature = features[column.name]
            if column.is_level:
                parts.append(self._coded(column, feature))
            else:
                scaled = self._scaled(feature, features["stage"])
                parts.append(np.clip(scaled, column.low, column.high))
        return np.column_stack(parts)


def distinct_pairs(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every pair that occurs, once, in order; whole numbers from −1 and from 0 on."""
    width = int(second.max(initial=0)) + 1
    pairs = np.unique((first.astype(np.int64) + 1) * width + second)
    return pairs // width - 1, pairs % width


def usual_stays(
    stage: np.ndarray, days: np.ndarray, won: np.ndarray, least: int = 20
) -> dict[int, float]:
    """Median days that won deals stayed in each stage that they left; -1 for all stages together.

    Parameters
    ----------
    stage : numpy.ndarray of int
    days : numpy.ndarray of float
    won : numpy.ndarray of bool
        One value a stay that has ended.
    least : int
        Fewer stays than that, and the stage counts as all stages together.
    """
    stage, days = stage[won], days[won]
    out = {-1: float(np.median(days)) if days.size else 1.0}
    for code in np.unique(stage):
        own = days[stage == code]
        if own.size >= least:
            out[int(code)] = float(np.median(own))
    return out
