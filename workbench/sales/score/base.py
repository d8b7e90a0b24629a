"""Everything behind a score: the deals, the model, and why there may be none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.results.base import Scope
from workbench.sales.catalogue import OPEN
from workbench.sales.score.features import Feature, Sources
from workbench.sales.score.grades import scores_of
from workbench.sales.score.question import Question
from workbench.sales.score.snapshots import Rows
from workbench.sales.score.standing import Standing
from workbench.sales.score.training import Model, Sample, won_and_closed


@dataclass(frozen=True)
class Basis:
    """What a score was made of.

    Attributes
    ----------
    question : Question
    sources : Sources
    standing : Standing
    chosen : numpy.ndarray of bool
        Deals that meet the condition.
    sample : Sample
    model : Model or None
        None under the floor.
    refusal : str
        Why there is no model, as a sentence; empty where there is one.
    present : Rows
        One look at each open deal that can be scored.
    features : mapping
        Features of these looks.
    left_out : mapping of str to str
        Columns and features that do not take part, with the reason.
    """

    question: Question
    sources: Sources
    standing: Standing
    chosen: np.ndarray
    sample: Sample
    model: Model | None
    refusal: str
    present: Rows
    features: dict[str, Feature]
    left_out: dict[str, str]

    @cached_property
    def open(self) -> np.ndarray:
        """Numbers of the open deals that are looked at."""
        return np.flatnonzero(self.chosen & (self.standing.outcome == OPEN))

    @cached_property
    def chances(self) -> np.ndarray:
        """Chance of each open deal, in the order of `open`; not a number without one."""
        out = np.full(len(self.sources.deals), np.nan)
        if self.model is not None and len(self.present):
            out[self.present.deal] = self.model.scored(self.features)[0]
        return out[self.open]

    @cached_property
    def scores(self) -> np.ndarray:
        """Score of each open deal; −1 without one."""
        return scores_of(self.chances)

    @cached_property
    def rates(self) -> pd.DataFrame:
        """Won and closed deals of each stage of the catalogue, in its order."""
        won, closed = won_and_closed(self.sources.history, self.standing, self.chosen)
        catalogue = self.sources.deals.catalogue
        return pd.DataFrame(
            {
                "pipeline": catalogue.frame["pipeline"].astype(str),
                "stage": catalogue.frame["stage"].astype(str),
                "place": catalogue.place,
                "open_stage": catalogue.kind == OPEN,
                "won": won,
                "closed": closed,
            }
        )

    @cached_property
    def closed(self) -> tuple[int, int]:
        """All won and all closed deals, with or without history."""
        outcome = self.standing.outcome[self.chosen]
        return int((outcome == 1).sum()), int((outcome > OPEN).sum())

    def scope(self, notes: list[str]) -> Scope:
        """What the score speaks of."""
        return Scope(
            container="opportunity",
            period="",
            as_of=self.question.as_of,
            events=len(self.sources.history),
            notes=tuple(notes),
        )
