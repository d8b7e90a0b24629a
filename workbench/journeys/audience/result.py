"""The answer: what each part of a segment leaves, and everybody behind it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from workbench.errors import ArgumentError
from workbench.journeys.audience import chart as drawing
from workbench.journeys.audience import members as opening
from workbench.journeys.audience import wording
from workbench.journeys.audience.counting import COLUMNS, Counted, frame_of
from workbench.journeys.audience.question import Question
from workbench.messages import message
from workbench.results import measured, numbers
from workbench.results.base import Block, Result, Scope
from workbench.results.blocks import key_figures
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

SAMPLES = 3


class Audience(Result):
    """Containers in a segment and outside it, part by part.

    Attributes
    ----------
    question : Question
    scope : Scope
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "audience"

    def __init__(self, *, question: Question, counted: Counted, scope: Scope) -> None:
        self.question = question
        self.scope = scope
        self.definition = question.plain()
        self._counted = counted

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line for all containers, for each part of the segment, and for the segment."""
        return frame_of(self.question, self._counted)

    def headline(self) -> str:
        """How many are in the segment, or the first part that nobody meets."""
        return wording.headline(self)

    def reading(self) -> str:
        """What a bar is, of what the shares are, and which events stay."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """The segment as a sentence, and the rules behind it."""
        return wording.definitions(self)

    def chart(self) -> alt.TopLevelMixin:
        """One bar a part, from all containers down to the segment."""
        return drawing.draw(self.frame, self.question.container.plural)

    def explain(self) -> str:
        """Headline, definitions, what was set aside; and some that are in or out, with reasons."""
        zone = self.question.workspace.settings.report_tz
        return "\n".join([super().explain(), *wording.sample_sentences(self.samples(), zone)])

    def samples(self, most: int = SAMPLES) -> pd.DataFrame:
        """Some containers that are in the segment, and those outside that came closest to it.

        Parameters
        ----------
        most : int
            Containers of each kind; those with the most events.

        Returns
        -------
        pandas.DataFrame
            The columns of `members`.
        """
        if isinstance(most, bool) or not isinstance(most, int) or most < 1:
            raise ArgumentError.of("most", most, message("1 or more"))
        return opening.samples(self.question, self._counted, most)

    def members(self, passing: bool | None = True) -> pd.DataFrame:
        """The containers in the segment, as a list that `wb.save_csv` exports.

        Parameters
        ----------
        passing : bool or None
            True for those in the segment, False for those outside it, None for both.

        Returns
        -------
        pandas.DataFrame
            ``key``, ``name``, ``in_segment``, ``first_event_at``, ``last_event_at``, ``events``,
            ``events_kept``, ``parts_met``, ``why_not``; the one with the latest event first.
        """
        if passing is not None and not isinstance(passing, bool):
            raise ArgumentError.of("passing", passing, (True, False, None))
        return opening.members(self.question, self._counted, passing)

    def shares(self) -> pd.DataFrame:
        """Label, count and total of every share, for `wb.compare`."""
        lines = self.frame[self.frame["kind"] != "all"]
        return pd.DataFrame(
            {"label": lines["part"], "count": lines["passed"], "total": lines["total"]}
        )

    def key_figures(self) -> Block:
        """In the segment, outside it, and the events that are kept."""
        last, who = self.frame.iloc[-1], self.question.container.plural
        inside = {
            "label": message("In “{name}”", name=self.question.segment.name),
            **measured.count(last["passed"]),
            "detail": message(
                "{share} of {total} {containers}",
                share=numbers.share(last["share"]),
                total=numbers.count(last["total"]),
                containers=who,
            ),
            "interval": numbers.between(last["low"], last["high"]),
        }
        outside = {
            "label": message("Outside"),
            **measured.count(last["failed"]),
            "detail": who,
        }
        events = {
            "label": message("Events kept"),
            **measured.count(last["events_kept"]),
            "detail": message("of {total}", total=numbers.count(last["events_total"])),
        }
        return key_figures([inside, outside, events])

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        who = self.question.container.plural
        return (
            Column("part", message("Part")),
            Column("met", message("Meet it"), "count"),
            Column("passed", message("Meet it and all above"), "count"),
            Column("total", message("Of {containers}", containers=who), "count"),
            Column("share", message("Share"), "share"),
            Column("low", message("95 % from"), "share"),
            Column("high", message("95 % to"), "share"),
            Column("events_kept", message("Events"), "count"),
        )
