"""From looks at closed deals to a model that was measured on deals it never saw.

The oldest four fifths of the deals by closing teach, the newest fifth judges, and the model that
was judged is the one that scores. What a deal knew at a look is compared with its final outcome.

Every look counts the same, and all of them together as much as there are deals. A deal that counts
one by itself, spread over its looks, gives each look a weight that depends on how long the deal
went on to live: deals lost early have few looks, so early looks would seem far more hopeless than
they are. That weighting can be asked for.

Source: sales-pipeline.md, section 7 (our model); floors and split as written there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbench.sales.catalogue import LOST, OPEN, WON
from workbench.sales.history import History
from workbench.sales.score.design import Design, distinct_pairs, usual_stays
from workbench.sales.score.features import Feature, Sources
from workbench.sales.score.learners import SHARE_TO_TEACH, Learner, Logistic, Trees
from workbench.sales.score.measures import Judged, best_threshold, interval
from workbench.sales.score.snapshots import Rows
from workbench.sales.score.standing import Standing, long_enough

HARD_FLOOR, ADVISED = 40, 200
WEIGHTS = ("looks", "deals")
MODEL, BY_STAGE, OVERALL = "model", "stage", "overall"


@dataclass(frozen=True)
class Sample:
    """Looks at closed deals, with features, outcome and weight.

    Attributes
    ----------
    rows : Rows
    features : mapping of str to Feature
    won : numpy.ndarray of bool
    weight : numpy.ndarray of float
        The same for all looks, or one over the number of looks at the deal; adds up to the deals.
    rank : numpy.ndarray of int64
        Rank of the deal in order of closing.
    deals : numpy.ndarray of int64
        Numbers of the deals in order of closing.
    deal_won : numpy.ndarray of bool
        Their outcome.
    short, unseen : int
        Closed deals set aside: closed within two days, or never looked at while open.
    """

    rows: Rows
    features: Mapping[str, Feature]
    won: np.ndarray
    weight: np.ndarray
    rank: np.ndarray
    deals: np.ndarray
    deal_won: np.ndarray
    short: int
    unseen: int

    @property
    def wins(self) -> int:
        """Won deals."""
        return int(self.deal_won.sum())

    @property
    def losses(self) -> int:
        """Lost deals."""
        return int(self.deal_won.size - self.deal_won.sum())

    @property
    def teaching(self) -> int:
        """Number of deals that teach; the newer ones judge."""
        return int(self.deals.size * SHARE_TO_TEACH)

    @property
    def enough(self) -> bool:
        """Whether the hard floor is reached and both parts hold both outcomes."""
        old, new = self.deal_won[: self.teaching], self.deal_won[self.teaching :]
        both = all(part.any() and not part.all() for part in (old, new))
        return min(self.wins, self.losses) >= HARD_FLOOR and both


def sample_of(
    history: History,
    standing: Standing,
    rows: Rows,
    features: Mapping[str, Feature],
    chosen: np.ndarray,
    weights: str = "looks",
) -> Sample:
    """Looks at the chosen deals that were closed by the instant of a standing."""
    closed = chosen & standing.closed
    long = closed & long_enough(history, standing)
    kept = long[rows.deal] & (rows.at < standing.closed_at[rows.deal])
    deals = np.unique(rows.deal[kept])
    deals = deals[np.lexsort((deals, standing.closed_at[deals]))]
    rank_of = np.full(len(history.deals), -1, np.int64)
    rank_of[deals] = np.arange(deals.size)
    taken = rows.taken(kept)
    looks = np.bincount(taken.deal, minlength=len(history.deals))
    return Sample(
        rows=taken,
        features={name: f.taken(kept) for name, f in features.items()},
        won=standing.outcome[taken.deal] == WON,
        weight=1 / looks[taken.deal]
        if weights == "deals"
        else np.full(len(taken), deals.size / max(len(taken), 1)),
        rank=rank_of[taken.deal],
        deals=deals,
        deal_won=standing.outcome[deals] == WON,
        short=int(closed.sum() - long.sum()),
        unseen=int(long.sum() - deals.size),
    )


class Model:
    """A trained learner, the looks it learned from, and the judgement on newer deals.

    Attributes
    ----------
    sample : Sample
    design : Design
    learner : Learner
    old, new : numpy.ndarray of bool
        Looks at the deals that taught and at those that judge.
    """

    def __init__(self, sources: Sources, sample: Sample, learner: str) -> None:
        self.sample = sample
        self.old = sample.rank < sample.teaching
        self.new = ~self.old
        stays = _stays(sources, sample)
        old = {name: f.taken(self.old) for name, f in sample.features.items()}
        self.design = Design(old, sample.rows.deal[self.old], sample.won[self.old], stays)
        self.matrix = self.design.matrix(sample.features)
        self.learner: Learner = self._taught(learner)
        self.chances = self.learner.chances(self.matrix)

    def _taught(self, learner: str) -> Learner:
        sample, old = self.sample, self.old
        if learner == "best":
            learner = self._better()
        return self._fitted(learner, old, sample.rank[old])

    def _fitted(self, learner: str, chosen: np.ndarray, rank: np.ndarray) -> Learner:
        sample = self.sample
        given = self.matrix[chosen], sample.won[chosen], sample.weight[chosen], self.design.columns
        return Logistic(*given, rank) if learner == "logistic" else Trees(*given, rank)

    def _better(self) -> str:
        """The learner with the smaller log loss on the newest fifth of the deals that teach."""
        sample = self.sample
        inner = int(sample.teaching * SHARE_TO_TEACH)
        first = sample.rank < inner
        last = self.old & ~first
        won = sample.deal_won[:inner]
        if not last.any() or won.all() or not won.any():
            return "logistic"
        found = {
            name: self._fitted(name, first, sample.rank[first]).chances(self.matrix[last])
            for name in ("logistic", "trees")
        }
        judged = Judged(found, sample.won[last], sample.weight[last], sample.rows.deal[last])
        loss = judged.measured()
        better = loss["trees", "log_loss"] < loss["logistic", "log_loss"]
        return "trees" if better else "logistic"

    @cached_property
    def rates(self) -> tuple[np.ndarray, float]:
        """Share won of the deals that taught: by stage of a look, and overall."""
        sample, old = self.sample, self.old
        stages = len(sample.features["stage"].levels)
        stage = sample.features["stage"].values[old].astype(np.int64)
        # The last place is for looks at which no stage was known.
        stage, rank = distinct_pairs(np.where(stage < 0, stages, stage), sample.rank[old])
        won = sample.deal_won[rank]
        deals = np.bincount(stage, minlength=stages + 1)
        wins = np.bincount(stage, weights=won, minlength=stages + 1)
        overall = float(sample.deal_won[: sample.teaching].mean())
        return np.where(deals > 0, wins / np.maximum(deals, 1), overall), overall

    def baseline(self, stage: np.ndarray) -> np.ndarray:
        """The share won of each look's stage."""
        return self.rates[0][stage.astype(np.int64)]

    @cached_property
    def judged(self) -> Judged:
        """Model and baselines on the newest fifth."""
        new = self.new
        stage = self.sample.features["stage"].values[new]
        return Judged(
            {
                MODEL: self.chances[new],
                BY_STAGE: self.baseline(stage),
                OVERALL: np.full(int(new.sum()), self.rates[1]),
            },
            self.sample.won[new],
            self.sample.weight[new],
            self.sample.rows.deal[new],
        )

    @cached_property
    def measured(self) -> dict[tuple[str, str], float]:
        """Measures of model and baselines."""
        return self.judged.measured()

    @cached_property
    def drawn(self) -> dict[tuple[str, str], np.ndarray]:
        """The same in samples of deals drawn again."""
        return self.judged.drawn()

    def gain(self, other: str, measure: str = "brier") -> tuple[float, float, float]:
        """By how much the model is better than a baseline, with its 95 % interval."""
        sign = -1.0 if measure == "auc" else 1.0
        found = sign * (self.measured[other, measure] - self.measured[MODEL, measure])
        low, high = interval(sign * (self.drawn[other, measure] - self.drawn[MODEL, measure]))
        return found, low, high

    @property
    def beats(self) -> bool:
        """Whether the Brier score is smaller than both baselines' by more than chance."""
        return all(self.gain(other)[1] > 0 for other in (BY_STAGE, OVERALL))

    @cached_property
    def threshold(self) -> float:
        """Chance above which a win is forecast: best F1 among the deals that taught."""
        old = self.old
        return best_threshold(self.chances[old], self.sample.won[old], self.sample.weight[old])

    def scored(self, features: Mapping[str, Feature]) -> tuple[np.ndarray, np.ndarray]:
        """Chance of each look, and its matrix."""
        matrix = self.design.matrix(features)
        return self.learner.chances(matrix), matrix


def _stays(sources: Sources, sample: Sample) -> dict[int, float]:
    """Usual stays of won deals that taught, from stages that they left before they closed."""
    teach = np.zeros(len(sources.deals), bool)
    teach[sample.deals[: sample.teaching][sample.deal_won[: sample.teaching]]] = True
    stays = sources.stays
    kept = teach[stays.deal] & stays.open & ~stays.last
    return usual_stays(stays.stage[kept], stays.days[kept], np.ones(int(kept.sum()), bool))


def won_and_closed(
    history: History, standing: Standing, chosen: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Closed deals that ever entered each stage, and how many of them were won.

    Returns
    -------
    won, closed : numpy.ndarray of int64
        One value a stage of the catalogue.
    """
    places = history.entries
    places = places[(history.at[places] <= standing.instant) & (history.kind[places] == OPEN)]
    stages = len(history.deals.catalogue)
    deal, stage = history.deal[places], history.stage[places].astype(np.int64)
    kept = (chosen & standing.closed)[deal]
    stage, deal = distinct_pairs(stage[kept], deal[kept])
    outcome = standing.outcome[deal]
    won, lost = (np.bincount(stage[outcome == which], minlength=stages) for which in (WON, LOST))
    return won, won + lost
