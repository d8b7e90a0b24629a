"""The answer: effect on every outcome, what it rests on, and the containers behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.journeys.uplift import chart as drawing
from workbench.journeys.uplift import wording
from workbench.journeys.uplift.analysis import Analysis
from workbench.journeys.uplift.estimate import Estimate
from workbench.journeys.uplift.question import Question
from workbench.journeys.uplift.sample import Sample
from workbench.journeys.uplift.treatment import Treatments
from workbench.messages import message
from workbench.results.base import Block, Result, Scope
from workbench.results.intervals import difference, holm
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.uplift.balance import Balance
    from workbench.journeys.uplift.overlap import Overlap
    from workbench.journeys.uplift.placebo import Placebo
    from workbench.journeys.uplift.sensitivity import Sensitivity

REAL = 0.05
FINDINGS = ("raised", "lowered", "not shown", "in doubt", "not answered")
COLUMNS = {
    "outcome": "Label of the outcome",
    "treated": "Containers that took part and were known before",
    "treated_converted": "Those of them with the outcome within the horizon",
    "treated_share": "treated_converted / treated, 0…1",
    "untreated": "Containers that were known before and did not take part",
    "untreated_converted": "Those of them with the outcome within the horizon",
    "untreated_share": "untreated_converted / untreated, 0…1",
    "naive_difference": "treated_share − untreated_share: nothing is held equal",
    "naive_low": "Lower end of its 95 % interval (Newcombe)",
    "naive_high": "Upper end of its 95 % interval (Newcombe)",
    "compared": "Of treated: those who have comparable others",
    "compared_converted": "Those of them with the outcome",
    "compared_share": "compared_converted / compared, 0…1",
    "comparable": "Of untreated: those they are compared with",
    "comparable_converted": "Those of them with the outcome",
    "comparable_effective": "Equally weighted others that would tell as much as comparable (Kish)",
    "expected_share": "Share of compared expected to convert had they not taken part, 0…1",
    "effect": "compared_share − expected_share: the effect on those who took part",
    "effect_low": "Lower end of its 95 % interval (influence function)",
    "effect_high": "Upper end of its 95 % interval (influence function)",
    "p_value": "Two-sided test of no effect",
    "p_adjusted": "The same, adjusted for the number of outcomes (Holm)",
    "of_rest": "effect / (1 − expected_share): of those who would not have converted, how many did",
    "of_rest_low": "Lower end of its 95 % interval",
    "of_rest_high": "Upper end of its 95 % interval",
    "finding": "raised, lowered, not shown, in doubt or not answered",
    "verdict": "The finding in words",
}
_COUNTS = (
    "treated", "treated_converted", "untreated", "untreated_converted", "compared",
    "compared_converted", "comparable", "comparable_converted",
)  # fmt: skip


class Uplift(Result):
    """Effect of taking part in an event on what followed.

    Attributes
    ----------
    question : Question
    treatments : Treatments
        The events that were judged.
    analysis : Analysis or None
        The comparison; None where there is no event to judge.
    scope : Scope
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "uplift"

    def __init__(
        self,
        question: Question,
        found: Treatments,
        analysis: Analysis | None,
        earlier: Callable[[], Sample] | None,
        scope: Scope,
    ) -> None:
        self.question = question
        self.treatments = found
        self.analysis = analysis
        self._earlier = earlier
        self.scope = scope
        self.definition = question.plain()

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line an outcome, with the columns of `Uplift.columns`."""
        rows = [self._line(k, label) for k, label in enumerate(self.question.labels)]
        frame = pd.DataFrame(rows, columns=list(COLUMNS))
        frame["p_adjusted"] = holm(frame["p_value"].to_numpy(float))
        for name in _COUNTS:
            frame[name] = frame[name].astype("Int64")
        for name in set(COLUMNS) - {*_COUNTS, "outcome", "finding", "verdict"}:
            frame[name] = frame[name].astype(float)
        found = [self._finding(k, line) for k, line in enumerate(frame.to_dict("records"))]
        frame["finding"] = [finding for finding, _ in found]
        frame["verdict"] = [verdict for _, verdict in found]
        return frame

    def _line(self, outcome: int, label: str) -> dict[str, Any]:
        line: dict[str, Any] = {"outcome": label}
        if self.analysis is None:
            return line
        sample, comparison = self.analysis.sample, self.analysis.comparison
        converted, treated = self.analysis.converted[:, outcome], sample.treated
        kept = comparison.kept
        for name, chosen in (
            ("treated", treated),
            ("untreated", ~treated),
            ("compared", treated & kept),
            ("comparable", ~treated & kept),
        ):
            line[name] = int(np.count_nonzero(chosen))
            line[f"{name}_converted"] = int(np.count_nonzero(chosen & converted))
            share = line[f"{name}_converted"] / line[name] if line[name] else np.nan
            line[f"{name}_share"] = share
        with np.errstate(divide="ignore"):  # a side of which all converted has no finite odds
            naive = difference(
                line["treated_converted"], line["treated"],
                line["untreated_converted"], line["untreated"],
            )  # fmt: skip
        line |= {
            "naive_difference": naive.difference,
            "naive_low": naive.low,
            "naive_high": naive.high,
            "comparable_effective": comparison.effective(treated),
        }
        return line | _estimated(self.analysis.estimates[outcome])

    def _finding(self, outcome: int, line: dict[str, Any]) -> tuple[str, str]:
        reason = self.refusal
        if reason:
            return "not answered", reason
        assert self.analysis is not None
        if self.analysis.estimates[outcome] is None:
            return "not answered", wording.too_few_converted(line)
        if not line["p_adjusted"] < REAL:
            return "not shown", wording.not_shown(line, len(self.question.outcomes))
        doubt = wording.doubt(self, outcome, line)
        if doubt:
            return "in doubt", doubt
        finding, verdict = wording.shown(line)
        return finding, f"{verdict} {wording.caution(self, outcome, line)}".rstrip()

    @property
    def refusal(self) -> str:
        """Why nothing can be said; empty where something can."""
        if self.analysis is None:
            return self.treatments.refusal
        return self.analysis.comparison.refusal

    @property
    def label(self) -> str:
        """What the event is called."""
        return wording.label(self)

    def headline(self) -> str:
        """The effect on the first outcome, or why nothing can be said."""
        return wording.headline(self)

    def reading(self) -> str:
        """What is compared with what."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """The question in sentences."""
        return wording.definitions(self)

    def chart(self) -> alt.TopLevelMixin:
        """Naive and adjusted difference of every outcome with their intervals."""
        return drawing.draw_effects(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("outcome", message("Outcome")),
            Column("compared", message("Took part, with comparable others"), "count"),
            Column("compared_converted", message("Of these converted"), "count"),
            Column("compared_share", message("Share of those who took part"), "share"),
            Column("expected_share", message("Expected had they not"), "share"),
            Column("effect", message("Effect"), "points"),
            Column("effect_low", message("95 % from"), "points"),
            Column("effect_high", message("95 % to"), "points"),
            Column("naive_difference", message("Difference to all others"), "points"),
            Column("of_rest", message("Of those who would not have, did (share)"), "number"),
            Column("p_adjusted", message("p, adjusted"), "number"),
            Column("verdict", message("Verdict")),
        )

    def shares(self) -> pd.DataFrame:
        """Label, count and total of those who took part, for `compare`."""
        names = ["outcome", "treated_converted", "treated"]
        known = self.frame.dropna(subset=names)
        return known[names].set_axis(["label", "count", "total"], axis=1)

    def key_figures(self) -> Block:
        """Three to five numbers for the head of a page."""
        return wording.figures(self)

    @cached_property
    def _placebo(self) -> Placebo:
        from workbench.journeys.uplift.placebo import placebo

        return placebo(self, self._earlier)

    def placebo(self) -> Placebo:
        """The same question of the time before the event, which it cannot have changed."""
        return self._placebo

    def balance(self) -> Balance:
        """How alike the groups are in what was known before, and how alike they were made."""
        from workbench.journeys.uplift.balance import balance

        return balance(self)

    def overlap(self) -> Overlap:
        """Whether there are others with the same chance of taking part."""
        from workbench.journeys.uplift.overlap import overlap

        return overlap(self)

    def sensitivity(self) -> Sensitivity:
        """How strong something unmeasured would have to be to explain the effect away."""
        from workbench.journeys.uplift.sensitivity import sensitivity

        return sensitivity(self)

    def members(self, which: str = "treated", *, outcome: str | None = None) -> pd.DataFrame:
        """The containers behind the numbers; see `workbench.journeys.uplift.members`."""
        from workbench.journeys.uplift.members import members

        return members(self, which, outcome)


def _estimated(found: Estimate | None) -> dict[str, Any]:
    if found is None:
        return {}
    return {
        "expected_share": found.without_event,
        "effect": found.effect,
        "effect_low": found.low,
        "effect_high": found.high,
        "p_value": found.p_value,
        "of_rest": found.rest,
        "of_rest_low": found.rest_low,
        "of_rest_high": found.rest_high,
    }
