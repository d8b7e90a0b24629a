"""The answer: a score for every open deal, and the evidence for and against it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results import measured, numbers
from workbench.results.base import Block, Result
from workbench.results.blocks import key_figures
from workbench.results.intervals import wilson
from workbench.results.tables import Column
from workbench.sales.score import chart as drawing
from workbench.sales.score import wording
from workbench.sales.score.base import Basis
from workbench.sales.score.grades import NO_SCORE
from workbench.sales.score.listing import COLUMNS as OF_A_DEAL
from workbench.sales.score.listing import deal_lines
from workbench.sales.score.measures import MEASURES, Matches, interval, matches
from workbench.sales.score.training import MODEL

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.score.calibration import Calibration
    from workbench.sales.score.reasons import Reasons
    from workbench.sales.score.stage_check import StageCheck


class Score(Result):
    """Chance of every open deal to be won, graded, with the judgement on closed deals.

    Attributes
    ----------
    basis : Basis
        The deals, the model, and why there may be none.
    scope : Scope
    """

    kind: ClassVar[str] = "score"
    columns: ClassVar[Mapping[str, str]] = {
        **OF_A_DEAL,
        "score": "Chance of winning in percent, rounded half up, 1 to 99; empty without one",
        "grade": "Grade of the score; empty without one",
        "chance": "Chance of winning, 0…1",
        "stage_won": "Won deals that were ever in this stage: numerator of `stage_share`",
        "stage_closed": "Closed deals that were ever in this stage: denominator",
        "stage_share": "Share of them that was won: the win rate of the stage, no model",
        "helps": "Features that raise the score most",
        "hurts": "Features that lower it most",
        "reason": "Why there is no score; empty where there is one",
    }

    def __init__(self, basis: Basis) -> None:
        self.basis = basis
        self.scope = basis.scope(wording.notes(basis))
        self.definition = basis.question.plain()

    @property
    def currency(self) -> str:
        """Currency of the amounts; empty where they stand in several."""
        found = {c for c in self.frame["currency"] if c}
        return found.pop() if len(found) == 1 else ""

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line an open deal, the best score first, with the columns of `Score.columns`."""
        basis = self.basis
        lines = deal_lines(basis.sources, basis.standing, basis.open)
        scores, grades = basis.scores, basis.question.grades
        rates = basis.rates.set_index(["pipeline", "stage"])[["won", "closed"]]
        rates = rates[~rates.index.duplicated()]
        of_stage = rates.reindex(pd.MultiIndex.from_frame(lines[["pipeline", "stage"]]))
        won, closed = (of_stage[n].fillna(0).to_numpy(np.int64) for n in ("won", "closed"))
        helps, hurts = self._in_short
        lines["score"] = pd.array(np.where(scores == NO_SCORE, 0, scores), "Int64")
        lines.loc[scores == NO_SCORE, "score"] = pd.NA
        lines["grade"] = grades.named(scores)
        lines["chance"] = basis.chances
        lines["stage_won"], lines["stage_closed"] = won, closed
        lines["stage_share"] = np.where(closed > 0, won / np.maximum(closed, 1), np.nan)
        lines["helps"], lines["hurts"] = helps, hurts
        lines["reason"] = [
            wording.reason_without_score(basis, number) if score == NO_SCORE else ""
            for number, score in zip(basis.open, scores, strict=True)
        ]
        order = np.lexsort((lines["opportunity_id"].astype(str), -scores))
        return lines.iloc[order].reset_index(drop=True)[list(self.columns)]

    @cached_property
    def _in_short(self) -> tuple[list[str], list[str]]:
        """The two strongest features of each side of every open deal, in words."""
        from workbench.sales.score.reasons import in_short

        return in_short(self.basis)

    @cached_property
    def performance(self) -> pd.DataFrame:
        """The model beside the win rates, on the newest fifth of the closed deals.

        Columns: forecaster (``model``, ``stage``, ``overall``), measure (``brier``, ``log_loss``,
        ``auc``), value, low, high (95 %, deals drawn again), gain (by how much the model is better
        than this forecaster; empty for itself), gain_low, gain_high, deals. Empty without a model.
        """
        model = self.basis.model
        names = [
            "forecaster", "measure", "value", "low", "high", "gain", "gain_low", "gain_high",
            "deals",
        ]  # fmt: skip
        if model is None:
            return pd.DataFrame(
                {n: np.empty(0, object if n in names[:2] else float) for n in names}
            )
        deals = int(model.sample.deals.size - model.sample.teaching)
        lines = []
        for who in wording.FORECASTERS:
            for measure in MEASURES:
                value = model.measured[who, measure]
                gain = (np.nan,) * 3 if who == MODEL else model.gain(who, measure)
                low, high = interval(model.drawn[who, measure])
                lines.append((who, measure, value, low, high, *gain, deals))
        return pd.DataFrame(lines, columns=names)

    @cached_property
    def matches(self) -> Matches | None:
        """Forecasts at the threshold with the best F1 beside the outcomes, on the newest fifth.

        The threshold is chosen on the deals that taught; a win is forecast above it. None without
        a model.
        """
        model = self.basis.model
        if model is None:
            return None
        new, sample = model.new, model.sample
        return matches(model.chances[new], sample.won[new], model.threshold, sample.weight[new])

    @property
    def features(self) -> pd.DataFrame:
        """Every feature and column that was thought of.

        Columns: feature, label, used, now (known only as it stands now), reason (why it takes no
        part; empty where it does).
        """
        from workbench.sales.score.reasons import features_frame

        return features_frame(self.basis)

    @property
    def leaks(self) -> dict[str, str]:
        """Columns that betray the outcome, with the evidence; they take no part."""
        allowed = {"roles"}
        dropped = set() if self.basis.model is None else set(self.basis.model.design.dropped)
        return {n: t for n, t in self.basis.left_out.items() if n not in allowed | dropped}

    def calibration(self, bins: int = 10) -> Calibration:
        """Chances beside outcomes, on the newest fifth of the closed deals."""
        from workbench.sales.score.calibration import calibration

        return calibration(self, bins)

    def reasons(self, opportunity_id: str | None = None) -> Reasons:
        """What raises and lowers the score of one open deal; the best one when left out."""
        from workbench.sales.score.reasons import reasons

        return reasons(self, opportunity_id)

    def stages(self) -> StageCheck:
        """Scores of the open deals by stage: do later stages score higher?"""
        from workbench.sales.score.stage_check import stage_check

        return stage_check(self)

    def rollout(self, plan: Any = None) -> Block:
        """Four steps from knowing the score to using it, filled with the figures of these data."""
        from workbench.sales.score.rollout import rollout

        return rollout(self, plan)

    def headline(self) -> str:
        """How many open deals have the best grade, and whether the model can be trusted."""
        return wording.headline(self)

    def reading(self) -> str:
        """How many deals taught and judged the model, and when they were looked at."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """What a score, a grade and a look are, and what takes no part."""
        return wording.definitions(self)

    def chart(self) -> alt.TopLevelMixin:
        """Open deals by grade; without a model the win rate of each stage."""
        return drawing.draw(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("name", message("Deal")),
            Column("account", message("Account")),
            Column("owner", message("Owner")),
            Column("stage", message("Stage")),
            Column("amount", message("Amount"), "money", self.currency),
            Column("expected_close_on", message("Expected close"), "date"),
            Column("score", message("Score, 1–99"), "count"),
            Column("grade", message("Grade")),
            Column("stage_share", message("Won, of closed deals once in the stage"), "share"),
            Column("helps", message("Raises the score")),
            Column("hurts", message("Lowers the score")),
            Column("reason", message("Why no score")),
        )

    def members(
        self, grade: str | None = None, *, stage: str | None = None, scored: bool | None = None
    ) -> pd.DataFrame:
        """The open deals behind a number, the best score first.

        Parameters
        ----------
        grade, stage : str, optional
        scored : bool, optional
            Only those with, or without, a score.

        Returns
        -------
        pandas.DataFrame
            As `frame`.
        """
        frame = self.frame
        chosen = np.ones(len(frame), bool)
        if grade is not None:
            if grade not in self.basis.question.grades.names:
                raise ArgumentError.of("grade", grade, self.basis.question.grades.names)
            chosen &= (frame["grade"] == grade).to_numpy(bool)
        if stage is not None:
            known = sorted(self.basis.rates["stage"].unique())
            if stage not in known:
                raise ArgumentError.of("stage", stage, known)
            chosen &= (frame["stage"] == stage).to_numpy(bool)
        if scored is not None:
            chosen &= frame["score"].notna().to_numpy(bool) == bool(scored)
        return frame[chosen].reset_index(drop=True)

    @cached_property
    def stage_rates(self) -> pd.DataFrame:
        """Of the closed deals that were ever in an open stage, the share that was won.

        Columns: pipeline, stage, won, closed, share, low, high.
        """
        rates = self.basis.rates
        rates = rates[rates["open_stage"]].sort_values(["pipeline", "place"], kind="stable")
        low, high = wilson(rates["won"].to_numpy(), rates["closed"].to_numpy())
        closed = rates["closed"].to_numpy()
        share = np.where(closed > 0, rates["won"] / np.maximum(closed, 1), np.nan)
        out = rates[["pipeline", "stage", "won", "closed"]].assign(share=share, low=low, high=high)
        return out.reset_index(drop=True)

    def key_figures(self) -> Block:
        """Deals with the best grade, with a score, the win rate, and how well the score ranks."""
        basis, model = self.basis, self.basis.model
        won, closed = basis.closed
        figures = [
            {
                "label": message("Open deals with a score"),
                **measured.count(int((basis.scores != NO_SCORE).sum())),
                "detail": message("of {n} open deals", n=numbers.count(basis.open.size)),
            },
            {
                "label": message("Closed deals won"),
                **measured.share(won, closed),
                "detail": f"{numbers.count(won)} / {numbers.count(closed)}",
            },
        ]
        if model is not None:
            low, high = interval(model.drawn[MODEL, "auc"])
            best = basis.question.grades.names[0]
            figures.insert(
                0,
                {
                    "label": message("Open deals with grade {grade}", grade=best),
                    **measured.count(int((self.frame["grade"] == best).sum())),
                    "detail": message("of {n} open deals", n=numbers.count(basis.open.size)),
                },
            )
            figures.append(
                {
                    "label": message("Won ranks above lost"),
                    **measured.rate(model.measured[MODEL, "auc"], low, high),
                    "detail": message("area under the curve; by chance 50 %"),
                    "interval": numbers.between(low, high),
                }
            )
        return key_figures(figures)
