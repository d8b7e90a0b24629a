"""Marks and sums of deals that lie in the pipeline of a period.

Source: sales-pipeline.md, section 2 (open pipeline, weighted pipeline, coverage).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.sales.catalogue import LOST, WON
from workbench.sales.deals import NO_DAY
from workbench.sales.pipeline.groups import everyone
from workbench.sales.pipeline.question import Question
from workbench.sales.pipeline.standing import OMITTED

CHANCES = ("record", "stage", "score")
PARTS = (
    "open", "weighted", "omitted", "past_due", "rest", "won", "lost", "without_amount",
    "without_rate", "without_probability", "without_close_date",
)  # fmt: skip


@dataclass(frozen=True)
class Counts:
    """Which deals each number of the pipeline is made of; a mark a deal.

    Attributes
    ----------
    question : Question
    chance : numpy.ndarray of float
        Probability of each deal by the rule that was asked for; NaN where unknown.
    """

    question: Question
    chance: np.ndarray

    @cached_property
    def masks(self) -> dict[str, np.ndarray]:
        """A mark for every deal and each of `PARTS`."""
        question, standing = self.question, self.question.standing
        asked, today = question.range, question.day
        open_all = question.taking_part & standing.open
        inside = open_all & asked.holds(standing.expected_on)
        omitted = inside & (standing.category == OMITTED)
        closed = question.taking_part & asked.holds(standing.closed_on)
        known = ~np.isnan(standing.amount)
        return {
            "open": inside,
            "weighted": inside & ~omitted & known & ~np.isnan(self.chance),
            "omitted": omitted,
            "past_due": inside & (standing.expected_on != NO_DAY) & (standing.expected_on < today),
            "rest": inside & asked.from_day(today).holds(standing.expected_on),
            "won": closed & (standing.outcome == WON),
            "lost": closed & (standing.outcome == LOST),
            "without_amount": inside & np.isnan(standing.own_amount),
            "without_rate": inside & standing.without_rate,
            "without_probability": inside & ~omitted & known & np.isnan(self.chance),
            "without_close_date": open_all & (standing.expected_on == NO_DAY),
        }

    def counted(self, part: str, codes: np.ndarray, size: int) -> np.ndarray:
        """Number of deals of a part in each group."""
        return np.bincount(codes[self.masks[part]], minlength=size)

    def summed(self, part: str, codes: np.ndarray, size: int) -> np.ndarray:
        """Sum of the known amounts of a part in each group."""
        standing = self.question.standing
        chosen = self.masks[part] & ~np.isnan(standing.amount)
        amounts = standing.amount[chosen]
        if part == "weighted":
            amounts = amounts * self.chance[chosen]
        return np.bincount(codes[chosen], amounts, minlength=size)

    def frame(self) -> pd.DataFrame:
        """The sums of all deals in the first line, then a line for each group of `by`."""
        groups = self.question.groups
        lines = [self._sums(np.zeros(groups.codes.size, np.int64), [everyone()])]
        if self.question.by is not None:
            lines.append(self._sums(groups.codes, groups.names))
        return pd.concat(lines, ignore_index=True)

    def _sums(self, codes: np.ndarray, names: list[str]) -> pd.DataFrame:
        size = len(names)
        won = self.masks["won"] & np.isnan(self.question.standing.amount)
        return pd.DataFrame(
            {
                "group": np.array(names, object),
                "open_deals": self.counted("open", codes, size),
                "open_amount": self.summed("open", codes, size),
                "without_amount": self.counted("without_amount", codes, size),
                "without_rate": self.counted("without_rate", codes, size),
                "weighted_deals": self.counted("weighted", codes, size),
                "weighted_amount": self.summed("weighted", codes, size),
                "without_probability": self.counted("without_probability", codes, size),
                "omitted_deals": self.counted("omitted", codes, size),
                "omitted_amount": self.summed("omitted", codes, size),
                "past_due_deals": self.counted("past_due", codes, size),
                "past_due_amount": self.summed("past_due", codes, size),
                "without_close_date": self.counted("without_close_date", codes, size),
                "rest_deals": self.counted("rest", codes, size),
                "rest_amount": self.summed("rest", codes, size),
                "won_deals": self.counted("won", codes, size),
                "won_amount": self.summed("won", codes, size),
                "won_without_amount": np.bincount(codes[won], minlength=size),
                "lost_deals": self.counted("lost", codes, size),
                "lost_amount": self.summed("lost", codes, size),
            }
        )


def chances(question: Question, rule: str) -> np.ndarray:
    """The probability of each deal: of its record, of its stage, or its newest score / 100.

    Raises
    ------
    AbsentError
        When no deal has one by that rule.
    """
    if rule not in CHANCES:
        raise ArgumentError.of("probability", rule, CHANCES)
    if rule == "record":
        return question.standing.probability
    if rule == "stage":
        usual = question.deals.catalogue.frame["default_probability"].to_numpy(float)
        if np.isnan(usual).all():
            raise AbsentError.of(
                "probability", rule, message("a catalogue of stages with default probabilities")
            )
        return np.append(usual, np.nan)[question.standing.stage]
    return _scores(question)


def _scores(question: Question) -> np.ndarray:
    workspace = question.workspace
    out = np.full(len(question.deals), np.nan)
    read = None
    if workspace.has("scores", "entity_type", "entity_id", "scored_at", "score"):
        read = workspace.arrow(
            "SELECT entity_id::VARCHAR AS key, arg_max(score, scored_at)::DOUBLE AS score "
            "FROM scores WHERE entity_type = 'opportunity' AND epoch_us(scored_at) <= ? "
            "AND score IS NOT NULL GROUP BY ALL",
            [question.instant],
        )
    if read is None or not read.num_rows:
        raise AbsentError.of(
            "probability", "score", message("scores of opportunities in a table of scores")
        )
    keys = question.deals.text("opportunity_id")
    known = dict(zip(read.column("key").to_pylist(), read.column("score").to_pylist(), strict=True))
    out[:] = [known.get(key, np.nan) for key in keys]
    return np.asarray(np.clip(out / 100, 0, 1))
