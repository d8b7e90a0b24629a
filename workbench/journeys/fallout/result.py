"""The answer: a frame, a picture, a sentence, and the containers behind every bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.engine.matching.steps import NEVER, UNLIMITED
from workbench.engine.store import Stream
from workbench.errors import ArgumentError
from workbench.journeys.fallout import chart as drawing
from workbench.journeys.fallout import members as opening
from workbench.journeys.fallout import wording
from workbench.journeys.fallout.counting import (
    COLUMNS,
    Group,
    group_frame,
    limits,
)
from workbench.journeys.fallout.question import Question
from workbench.journeys.scoping import everyone_label
from workbench.messages import message
from workbench.results.base import Block, Result, Scope
from workbench.results.tables import Column
from workbench.vocabulary.segments import Segment

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.fallout.breakdown import Breakdown
    from workbench.journeys.fallout.differences import Differences
    from workbench.journeys.fallout.people import People
    from workbench.journeys.fallout.times import Times
    from workbench.journeys.fallout.trend import Trend


class Fallout(Result):
    """Containers that reached each step of a journey, and those that fell out before it.

    Attributes
    ----------
    question : Question
    groups : tuple of Group
        One for each column of the comparison.
    scope : Scope
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "fallout"

    def __init__(
        self, *, question: Question, groups: tuple[Group, ...], scope: Scope, stream: Stream
    ) -> None:
        self.question = question
        self.groups = groups
        self.scope = scope
        self.stream = stream
        self.definition = question.plain()

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line a group and step, with the columns of `Fallout.columns`."""
        question = self.question
        longest = limits(question.steps, question.total_within)
        parts = [
            group_frame(
                group,
                question.steps,
                everyone=everyone_label(question.container.plural),
                baseline=question.baseline,
                reached=self._attempts(group),
                until=question.until,
                longest=longest,
            )
            for group in self.groups
        ]
        return pd.concat(parts, ignore_index=True)

    def _attempts(self, group: Group) -> np.ndarray | None:
        if self.question.count == "containers":
            return None
        if group.walked.best is not None:
            raise ArgumentError.of(
                "count", "attempts", message("'containers' where same= holds a property constant")
            )
        return group.walked.match.attempts()[group.counted].sum(axis=0)

    @property
    def labels(self) -> list[str]:
        """Labels of the steps, in order."""
        return [item.label for item in self.question.steps]

    def headline(self) -> str:
        """The largest loss between two steps, or how far the groups lie apart."""
        return wording.headline(self)

    def reading(self) -> str:
        """Denominators, limits, and how open entries are shown."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """The question in sentences."""
        return wording.definitions(self)

    def still_open(self, position: int) -> int:
        """Of those of the first group that fell out before a step: how many may still come."""
        first = self.frame[self.frame["group"] == self.groups[0].name].set_index("position")
        found = first["open"].get(position, pd.NA)
        return 0 if found is pd.NA else int(found)

    @property
    def limited(self) -> bool:
        """Whether any limit is set, so that entries can be open."""
        later = self.frame["position"] > 1
        return bool(self.frame.loc[later, "open"].notna().any())

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        grouped = (Column("group", message("Group")),) if len(self.groups) > 1 else ()
        start = everyone_label(self.question.container.plural)
        start = start if self.question.baseline else self.labels[0]
        limited = (
            (
                Column("open", message("Still open"), "count"),
                Column("matured_entries", message("Matured entries"), "count"),
                Column("share_of_matured", message("Reached, of matured entries"), "share"),
            )
            if self.limited
            else ()
        )
        return (
            *grouped,
            Column("step", message("Step")),
            Column("reached", message("Reached"), "count"),
            Column("share_of_previous", message("Of the step before"), "share"),
            Column("share_of_start", message("Of “{start}”", start=start), "share"),
            Column("share_of_start_low", message("95 % from"), "share"),
            Column("share_of_start_high", message("95 % to"), "share"),
            Column("fell_out", message("Fell out before it"), "count"),
            *limited,
        )

    def chart(self) -> alt.TopLevelMixin:
        """Steps from top to bottom, reached in colour, fallen out in grey, groups side by side."""
        return drawing.draw(self.frame, self.question.container.plural)

    def members(
        self,
        step: int | str | None = None,
        *,
        outcome: str = "reached",
        group: str | None = None,
    ) -> pd.DataFrame:
        """The containers behind a bar.

        Parameters
        ----------
        step : int or str, optional
            Position or label; the last step when left out, 0 for the baseline.
        outcome : {"reached", "fell_out", "open", "stopped_here"}
            Reached the step; reached the one before but not this; the same but entered too
            recently to be lost; reached this step and no further.
        group : str, optional
            Name of a compared group; the first when left out.

        Returns
        -------
        pandas.DataFrame
            As `workbench.journeys.fallout.members.COLUMNS`.
        """
        return opening.members(self, self.position(step), outcome, self.group(group))

    def position(self, step: int | str | None) -> int:
        """Number of a step given by position or label."""
        number = len(self.labels)
        if step is None:
            return number
        if isinstance(step, str):
            if step not in self.labels:
                raise ArgumentError.of("step", step, self.labels)
            return self.labels.index(step) + 1
        if not 0 <= step <= number:
            raise ArgumentError.of("step", step, message("0 to {number}", number=number))
        return step

    def group(self, name: str | None) -> Group:
        """One of the groups by name; the first when left out."""
        if name is None:
            return self.groups[0]
        for group in self.groups:
            if group.name == name:
                return group
        raise ArgumentError.of("group", name, [g.name for g in self.groups])

    def shares(self) -> pd.DataFrame:
        """Label, count and total of each step of the first group, for `compare`."""
        first = self.frame[self.frame["group"] == self.groups[0].name]
        steps = first[first["position"] > 0]
        return steps[["step", "reached", "start"]].set_axis(["label", "count", "total"], axis=1)

    def times(self) -> Times:
        """Days between consecutive steps: median and quartiles of the witness gaps."""
        from workbench.journeys.fallout.times import times

        return times(self)

    def trend(self, *, granularity: str = "month", date: str = "entry") -> Trend:
        """Reached containers over time; see `workbench.journeys.fallout.trend.trend`."""
        from workbench.journeys.fallout.trend import trend

        return trend(self, granularity=granularity, date=date)

    def breakdown(
        self,
        step: int | str | None = None,
        *,
        of: str = "fallout",
        dimension: str = "event",
        group: str | None = None,
        items: int = 10,
    ) -> Breakdown:
        """What happened after a step; see `workbench.journeys.fallout.breakdown.breakdown`."""
        from workbench.journeys.fallout.breakdown import breakdown

        return breakdown(self, step, of=of, dimension=dimension, group=group, items=items)

    def differences(self, step: int | str | None = None, *, start: int | str = 0) -> Differences:
        """Each group against all others; see `workbench.journeys.fallout.differences`."""
        from workbench.journeys.fallout.differences import differences

        return differences(self, step, start=start)

    def worst_step(self) -> int:
        """Position of the step before which most containers of the first group are lost.

        Those that entered too recently to be lost are not counted; step 1 has no step before it.
        """
        first = self.frame[self.frame["group"] == self.groups[0].name].set_index("position")
        later = range(2, len(self.labels) + 1)
        lost = {k: int(first.loc[k, "fell_out"]) - self.still_open(k) for k in later}
        return max(lost, key=lost.__getitem__, default=1)

    def key_figures(self) -> Block:
        """Three to five numbers for the head of a page."""
        from workbench.journeys.fallout.action import figures

        return figures(self)

    def standing(self, *, quiet_days: int = 30, lost: Sequence[Any] = ()) -> pd.DataFrame:
        """Who stands between two steps and how late; see `workbench.journeys.fallout.action`."""
        from workbench.journeys.fallout.action import standing

        return standing(self, quiet_days=quiet_days, lost=lost)

    def to_act_on(self, **options: Any) -> Block:
        """The list to act on, for a page; see `workbench.journeys.fallout.action.to_act_on`."""
        from workbench.journeys.fallout.action import to_act_on

        return to_act_on(self, **options)

    def people(self) -> People:
        """Whether the steps so far were done by one person or several."""
        from workbench.journeys.fallout.people import people

        return people(self)

    def segment_at(self, step: int | str | None = None, name: str | None = None) -> Segment:
        """A sequential segment of step 1 up to this one, with container, links and limits."""
        position = max(1, self.position(step))
        label = self.labels[position - 1]
        return Segment(
            name or message("reached {step}", step=label),
            self.question.container.name,
            None,
            self.question.steps[:position],
            False,
            self.question.total_within,
        )

    def without_groups(self) -> Fallout:
        """The same question for all containers together."""
        from workbench.journeys.fallout.ask import answer

        return answer(replace(self.question, by=None, compare=()))

    def open_mask(self, group: Group, position: int) -> np.ndarray:
        """Counted containers that entered too recently to be lost before `position`."""
        longest = limits(self.question.steps, self.question.total_within)[position - 1]
        entry = group.walked.entry
        if longest == UNLIMITED or position < 1:
            return np.zeros(entry.size, bool)
        young = (entry != NEVER) & (entry + longest > self.question.until)
        return group.counted & young & (group.walked.depth < position)
