"""How long the way from step to step takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.journeys.fallout import chart as drawing
from workbench.messages import message
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.fallout.result import Fallout

_DAY = 86_400_000_000


class Times(Result):
    """Days between consecutive steps, of the containers that reached both."""

    kind: ClassVar[str] = "fallout_times"
    columns: ClassVar[Mapping[str, str]] = {
        "group": "Name of the group",
        "position": "Number of the step",
        "step": "Label of the step",
        "reached": "Containers that reached the step, the denominator",
        "median_days_from_previous": "Median of the gaps to the step before, in days",
        "p25_days_from_previous": "First quartile, in days",
        "p75_days_from_previous": "Third quartile, in days",
        "median_days_from_entry": "Median of the time since step 1, in days",
    }

    def __init__(self, fallout: Fallout, frame: pd.DataFrame) -> None:
        self.fallout = fallout
        self._frame = frame
        self.scope = fallout.scope
        self.definition = {**fallout.definition, "view": "times"}

    @property
    def frame(self) -> pd.DataFrame:
        """One line a group and step from step 2 on."""
        return self._frame

    def headline(self) -> str:
        """The slowest part of the way, in the first group."""
        first = self._frame[self._frame["group"] == self.fallout.groups[0].name]
        known = first.dropna(subset="median_days_from_previous")
        who = self.fallout.question.container.plural
        if known.empty:
            return message(
                "No {containers} took two steps, so no time can be told.", containers=who
            )
        slowest = known.loc[known["median_days_from_previous"].idxmax()]
        before = self.fallout.labels[int(slowest["position"]) - 2]
        if slowest["reached"] == 1:
            return message(
                "The longest wait lies between “{before}” and “{step}”: the only one that got "
                "there took {median}",
                before=before,
                step=slowest["step"],
                median=numbers.days(slowest["median_days_from_previous"]),
            )
        return message(
            "The longest wait lies between “{before}” and “{step}”: half of {n} {containers} "
            "take more than {median}",
            before=before,
            step=slowest["step"],
            n=numbers.count(slowest["reached"]),
            containers=who,
            median=numbers.days(slowest["median_days_from_previous"]),
        )

    def reading(self) -> str:
        """What the line and the point stand for."""
        return message(
            "Point: median days since the step before. Line: the middle half. Only {containers} "
            "that reached the step are counted; slow ones still on their way are not.",
            containers=self.fallout.question.container.plural,
        )

    def chart(self) -> alt.TopLevelMixin:
        """A point and a line for each pair of steps."""
        return drawing.draw_times(self._frame)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        grouped = (Column("group", message("Group")),) if len(self.fallout.groups) > 1 else ()
        return (
            *grouped,
            Column("step", message("Step")),
            Column("reached", message("Reached"), "count"),
            Column(
                "median_days_from_previous",
                message("Median since the step before"),
                "duration",
                "days",
            ),
            Column("p25_days_from_previous", message("Quickest quarter below"), "duration", "days"),
            Column("p75_days_from_previous", message("Slowest quarter above"), "duration", "days"),
            Column("median_days_from_entry", message("Median since step 1"), "duration", "days"),
        )


def times(fallout: Fallout) -> Times:
    """Days between the witness rows of consecutive steps, a line a group and step."""
    rows = []
    for group in fallout.groups:
        instants = group.walked.witness_times[group.counted]
        depths = group.depths()
        for k in range(1, len(fallout.labels)):
            reached = depths > k
            gaps = (instants[reached, k] - instants[reached, k - 1]) / _DAY
            whole = (instants[reached, k] - instants[reached, 0]) / _DAY
            low, middle, high = np.quantile(gaps, [0.25, 0.5, 0.75]) if gaps.size else [np.nan] * 3
            rows.append(
                {
                    "group": group.name,
                    "position": k + 1,
                    "step": fallout.labels[k],
                    "reached": int(reached.sum()),
                    "median_days_from_previous": middle,
                    "p25_days_from_previous": low,
                    "p75_days_from_previous": high,
                    "median_days_from_entry": np.median(whole) if whole.size else np.nan,
                }
            )
    return Times(fallout, pd.DataFrame(rows, columns=list(Times.columns)))
