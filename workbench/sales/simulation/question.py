"""What is asked of a simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.sales.ranges import Range, as_date
from workbench.vocabulary.durations import Duration
from workbench.workspace import Workspace


@dataclass(frozen=True)
class Question:
    """A period, the instant that is looked from, and how the draws are made.

    Attributes
    ----------
    workspace : Workspace
    period : Range
        Days of closing; both ends are known.
    instant : int
        Microseconds since 1970; nothing after it is looked at.
    day : int
        Its day of the reporting zone, since 1970.
    where : mapping, optional
    learn_within : Duration
        How far back past deals teach.
    draws, seed : int
    target : float
        NaN where there is none.
    target_notes : tuple of str
    """

    workspace: Workspace
    period: Range
    instant: int
    day: int
    where: Any
    learn_within: Duration
    draws: int
    seed: int
    target: float
    target_notes: tuple[str, ...] = ()

    @property
    def first(self) -> int:
        """First day of the period."""
        assert self.period.first is not None
        return self.period.first

    @property
    def after(self) -> int:
        """The day after its last one."""
        assert self.period.after is not None
        return self.period.after

    def plain(self) -> Mapping[str, Any]:
        """The plain mapping that asks the same again."""
        known = self.target == self.target
        return {
            "analysis": "forecast_simulation",
            "period": self.period.text,
            "as_of": as_date(self.day).isoformat(),
            "where": self.where.plain() if hasattr(self.where, "plain") else self.where,
            "learn_within": str(self.learn_within),
            "draws": self.draws,
            "seed": self.seed,
            "target": self.target if known else None,
        }
