"""The answer: grades beside outcomes, measures with intervals, and what they suggest."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results import measured, numbers
from workbench.results.base import Block, Result, Scope
from workbench.results.blocks import key_figures
from workbench.results.intervals import SMALL_GROUP, wilson
from workbench.results.tables import Column
from workbench.sales.catalogue import WON
from workbench.sales.score import review_chart as drawing
from workbench.sales.score import review_wording as wording
from workbench.sales.score.features import sources_of
from workbench.sales.score.grades import NO_SCORE
from workbench.sales.score.judging import Verdict
from workbench.sales.score.listing import COLUMNS as OF_A_DEAL
from workbench.sales.score.listing import deal_lines

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.score.review import Reviewed

UNSCORED = "no score"


class ScoreReview(Result):
    """Closed deals by the grade they had some time before they were closed.

    Attributes
    ----------
    found : Reviewed
    verdict : Verdict
        Measures over the deals that had a score.
    scope : Scope
    """

    kind: ClassVar[str] = "score_review"
    columns: ClassVar[Mapping[str, str]] = {
        "grade": "Grade, best first; `no score` for deals without one at the horizon",
        "minimum": "Its smallest score",
        "maximum": "Its largest score",
        "deals": "Closed deals with it: denominator",
        "won": "Of them won: numerator",
        "share": "won / deals",
        "low": "Lower end of its 95 % Wilson interval",
        "high": "Upper end",
        "mean_score": "Mean score",
        "gap": "mean_score / 100 − share: above zero the score promised too much",
        "won_amount": "Amount of the won deals, where known",
        "small": "Whether fewer than 30 deals have it",
    }

    def __init__(self, found: Reviewed) -> None:
        self.found = found
        scored = found.score != NO_SCORE
        members = self._members
        self.verdict = Verdict(
            found.score[scored],
            members["won"].to_numpy(bool)[scored],
            members["amount"].to_numpy(float)[scored],
            found.question.grades,
        )
        self.scope = Scope(
            container="opportunity",
            period=str(found.period),
            as_of=found.question.as_of,
            events=len(found.history),
            notes=tuple(wording.notes(self)),
        )
        asked = {k: v for k, v in found.question.plain().items() if k != "analysis"}
        self.definition = {
            "analysis": "score_review",
            "period": str(found.period),
            "log": found.log or None,
            "horizon": str(found.horizon),
            "at_stage": found.at_stage or None,
            "precision": found.precision,
            **asked,
        }

    @cached_property
    def _members(self) -> pd.DataFrame:
        """All deals closed in the window, with score and outcome."""
        found = self.found
        lines = deal_lines(sources_of(found.history), found.standing, found.deals)
        scored = found.score != NO_SCORE
        outcome = found.standing.outcome[found.deals] == WON
        score = pd.array(np.where(scored, found.score, 0), "Int64")
        score[~scored] = pd.NA
        closed = found.standing.closed_at[found.deals]
        at = np.where(scored, found.scored_at, 0).astype("M8[us]")
        at[~scored] = np.datetime64("NaT")
        return lines.assign(
            closed_at=pd.to_datetime(closed, unit="us", utc=True),
            won=outcome,
            score=score,
            grade=found.question.grades.named(found.score),
            scored_at=pd.to_datetime(at, utc=True),
        )

    @property
    def currency(self) -> str:
        """Currency of the amounts; empty where they stand in several."""
        known = {c for c in self._members["currency"] if c}
        return known.pop() if len(known) == 1 else ""

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line a grade and one for deals without a score; columns of `ScoreReview.columns`."""
        members = self._members
        left = members[members["score"].isna()]
        won, deals = int(left["won"].sum()), len(left)
        low, high = (float(e[0]) for e in wilson(np.array([won]), np.array([deals])))
        rest = {
            "grade": UNSCORED,
            "minimum": pd.NA,
            "maximum": pd.NA,
            "deals": deals,
            "won": won,
            "share": won / deals if deals else np.nan,
            "low": low,
            "high": high,
            "mean_score": np.nan,
            "gap": np.nan,
            "won_amount": float(left.loc[left["won"], "amount"].sum()),
            "small": deals < SMALL_GROUP,
        }
        graded = self.verdict.by_grade.astype({"minimum": "Int64", "maximum": "Int64"})
        if not self.comparable:
            graded["won_amount"], rest["won_amount"] = np.nan, np.nan
        last = pd.DataFrame([rest]).astype({"minimum": "Int64", "maximum": "Int64"})
        out = pd.concat([graded, last], ignore_index=True)
        return out.astype({"small": bool})[list(self.columns)]

    @property
    def comparable(self) -> bool:
        """Whether all amounts stand in one currency, so that they may be added."""
        return len({c for c in self._members["currency"] if c}) < 2

    @property
    def unscored(self) -> pd.DataFrame:
        """Deals closed in the window that had no score at the horizon; as `members`."""
        return self.members(UNSCORED)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Measures over the deals with a score.

        Columns: measure, label, value, low, high (95 %, deals drawn again; empty where it has no
        interval).
        """
        verdict = self.verdict
        found = verdict.matches
        best, total, _ = verdict.value_in_best
        share = best / total if total and self.comparable else np.nan
        nothing = (np.nan, np.nan)
        known = bool(verdict.score.size)
        gaps = verdict.intervals if known else {}
        lines = [
            ("deals", message("Deals with a score"), float(verdict.score.size), *nothing),
            ("base_rate", message("Win rate of these deals"), verdict.base, *nothing),
            ("brier", message("Brier score (lower is better)"), verdict.measured["brier"],
             *gaps.get("brier", nothing)),
            ("skill", message("Skill beside the win rate (above 0 is better)"),
             verdict.skill if known else np.nan, *nothing),
            ("auc", message("Won ranks above lost (area under the curve)"),
             verdict.measured["auc"], *gaps.get("auc", nothing)),
            ("calibration_error", message("Mean distance of score and win rate"),
             verdict.calibration_error, *nothing),
            ("value_in_best", message("Won amount with the best grade, of all won amount"),
             share, *nothing),
            ("threshold", message("Best threshold for forecasting a win (score above it)"),
             verdict.threshold, *nothing),
            ("f1", message("F1 at that threshold"), found.f1, *nothing),
            ("precision", message("Precision at that threshold"), found.precision, *nothing),
            ("recall", message("Recall at that threshold"), found.recall, *nothing),
            ("accuracy", message("Accuracy at that threshold"), found.accuracy, *nothing),
        ]  # fmt: skip
        return pd.DataFrame(lines, columns=["measure", "label", "value", "low", "high"])

    @property
    def monotonic(self) -> bool:
        """Whether no better grade was won less often than a worse one; ties are no fault."""
        return not self.verdict.faults

    def proposal(self) -> str:
        """The minimum of the best grade that the outcomes suggest, as a sentence; never applied."""
        return wording.proposal(self)

    def headline(self) -> str:
        """Win rate of the best grade, and whether scores were better than the win rate."""
        return wording.headline(self)

    def reading(self) -> str:
        """Which score counts, and where it comes from."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """Grades, measures and the proposal."""
        return wording.definitions(self)

    def chart(self) -> alt.TopLevelMixin:
        """Win rate of each grade with its interval, beside the mean score."""
        return drawing.draw(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        money = (
            (Column("won_amount", message("Won amount"), "money", self.currency),)
            if self.comparable
            else ()
        )
        return (
            Column("grade", message("Grade")),
            Column("minimum", message("Score from"), "count"),
            Column("maximum", message("Score to"), "count"),
            Column("deals", message("Closed deals"), "count"),
            Column("won", message("Won"), "count"),
            Column("share", message("Won, of closed deals"), "share"),
            Column("low", message("95 % from"), "share"),
            Column("high", message("95 % to"), "share"),
            Column("mean_score", message("Mean score"), "number"),
            Column("gap", message("Promised minus won"), "points"),
            *money,
        )

    def members(self, grade: str | None = None, *, won: bool | None = None) -> pd.DataFrame:
        """The closed deals behind a line, the best score first.

        Parameters
        ----------
        grade : str, optional
            A grade, or ``"no score"``; all when left out.
        won : bool, optional
            Only won, or only lost deals.

        Returns
        -------
        pandas.DataFrame
            Columns of `workbench.sales.score.listing.COLUMNS`, and closed_at, won, score, grade,
            scored_at.
        """
        frame = self._members
        if grade is not None:
            known = [*self.found.question.grades.names, UNSCORED]
            if grade not in known:
                raise ArgumentError.of("grade", grade, known)
            frame = frame[frame["grade"].isna() if grade == UNSCORED else frame["grade"] == grade]
        if won is not None:
            frame = frame[frame["won"] == bool(won)]
        return frame.sort_values(
            ["score", "opportunity_id"], ascending=[False, True], ignore_index=True
        )

    def key_figures(self) -> Block:
        """Win rate of the best grade, skill, ranking, and deals without a score."""
        frame, verdict = self.frame, self.verdict
        first = frame.iloc[0]
        measures = self.measures.set_index("measure")
        return key_figures(
            [
                {
                    "label": message("Won with grade {grade}", grade=first["grade"]),
                    **measured.share(first["won"], first["deals"]),
                    "detail": f"{numbers.count(first['won'])} / {numbers.count(first['deals'])}",
                    "interval": numbers.between(first["low"], first["high"]),
                },
                {
                    "label": message("Skill beside the win rate"),
                    **measured.number(measures.loc["skill", "value"]),
                    "detail": message("0 is no better, 1 is perfect"),
                },
                {
                    "label": message("Won ranks above lost"),
                    **measured.rate(*measures.loc["auc", ["value", "low", "high"]]),
                    "detail": message("by chance 50 %"),
                    "interval": numbers.between(
                        measures.loc["auc", "low"], measures.loc["auc", "high"]
                    ),
                },
                {
                    "label": message("Closed deals without a score"),
                    **measured.count(len(self._members) - verdict.score.size),
                    "detail": message("of {n} closed deals", n=numbers.count(len(self._members))),
                },
            ]
        )


__all__ = ["OF_A_DEAL", "UNSCORED", "ScoreReview"]
