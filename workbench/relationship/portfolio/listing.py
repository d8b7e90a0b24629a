"""The answer: the list of relationships, filtered and sorted, with what asks for attention.

Source: relationship-analytics.md, section 7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.relationship import wording
from workbench.relationship.frames import COLUMNS as KEY_FIGURES
from workbench.relationship.frames import frame_of
from workbench.relationship.measuring import Measured
from workbench.relationship.portfolio.attention import (
    FILTERS,
    chosen_by,
    marks_of,
    met_by,
    ordered,
    words_of,
)
from workbench.relationship.scope import definition_of
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.tables import Column
from workbench.vocabulary.conditions import condition_from
from workbench.vocabulary.spoken import spoken

if TYPE_CHECKING:
    import altair as alt

    from workbench.results.interactive import Interactive

COLUMNS = {
    **KEY_FIGURES,
    "declining": "Whether its health declines",
    "nothing_planned": "Whether nothing is planned",
    "long_silent": "Whether it had no activity for twice the expected days, or never",
    "slow": "Whether we take more than 24 hours to answer on average",
    "one_sided": "Whether there are three mails of ours or more for each of theirs",
    "marks": "How many of these five hold",
    "why": "Those that hold, in words",
    "updated_at": "Instant that everything was looked at from, UTC",
}


class RelationshipList(Result):
    """Records with their key figures; those that meet filters, in an order.

    Attributes
    ----------
    measured : Measured
    only : tuple of str
        Filters that all lines meet.
    lines : object
        Condition on the columns that all lines meet.
    sort : str
        Column.
    ascending : bool
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "relationship_list"

    def __init__(
        self, measured: Measured, *, only: str | Sequence[str] = (), lines: Any = None,
        sort: str = "marks", ascending: bool = False, base: pd.DataFrame | None = None,
    ) -> None:  # fmt: skip
        if not isinstance(ascending, bool):
            raise ArgumentError.of("ascending", ascending, [True, False])
        self.measured = measured
        self.only = (only,) if isinstance(only, str) else tuple(only or ())
        self.lines, self.sort, self.ascending = lines, sort, ascending
        self._base = frame_of(measured) if base is None else base
        told = None if lines is None else condition_from(lines, "lines").plain()
        given = {"only": list(self.only), "lines": told, "sort": sort, "ascending": ascending}
        self.definition = {**definition_of(measured), "view": "listed", **given}
        self.scope = measured.scope
        self.frame  # noqa: B018 a wrong filter is refused at once

    @cached_property
    def every(self) -> pd.DataFrame:
        """All lines with their marks, in the order of their keys."""
        frame, words = self._base, words_of(self.measured.asked.rules.every_days)
        marks = marks_of(self.measured, frame)
        out = frame.assign(**marks)
        out["marks"] = out[list(FILTERS)].sum(axis=1).astype(int)
        out["why"] = [
            " · ".join(words[name] for name, mark in zip(FILTERS, line, strict=True) if mark)
            for line in out[list(FILTERS)].itertuples(index=False)
        ]
        moment = pd.Timestamp(wording.instant_of(self.measured.asked.instant))
        out["updated_at"] = pd.Series([moment] * len(out), index=out.index, dtype="M8[us, UTC]")
        return out[list(COLUMNS)]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The lines that meet all filters, in their order."""
        every = self.every
        marks = {name: every[name].to_numpy() for name in FILTERS}
        kept = chosen_by(self.only, marks, len(every))
        if self.lines is not None:
            kept = kept & met_by(every, self.lines)
        amounts = self.measured.amounts[self.measured.chosen]
        return ordered(every[kept], self.sort, self.ascending, amounts[kept])

    def headline(self) -> str:
        """How many lines there are, of how many, and which mark most of them have."""
        every, of = self.every, self.measured.asked.of
        if not len(every):
            return wording.nobody(of)
        words = words_of(self.measured.asked.rules.every_days)
        total = wording.of_count(of, len(every))
        if self.only or self.lines is not None:
            said = [words[name] for name in self.only]
            said += [spoken(condition_from(self.lines, "lines"))] if self.lines else []
            return message(
                "{n} of {total} ({share}): {filters}",
                n=numbers.count(len(self.frame)), total=total,
                share=numbers.share(len(self.frame) / len(every)), filters=" · ".join(said),
            )  # fmt: skip
        most = int((every["marks"] >= 2).sum())
        return message(
            "{n} of {total} show two signs or more that they need attention ({share})",
            n=numbers.count(most), total=total, share=numbers.share(most / len(every)),
        )  # fmt: skip

    def chart(self) -> alt.TopLevelMixin:
        """How many show each sign."""
        from workbench.relationship.chart import by_sign

        return by_sign(self)

    def reading(self) -> str:
        """What the bars count."""
        return message(
            "One record may show several signs. Each bar counts of {total}; the list has {n}.",
            total=wording.of_count(self.measured.asked.of, len(self.every)),
            n=numbers.count(len(self.frame)),
        )

    def shown(self) -> tuple[Column, ...]:
        """The columns of the list view."""
        name, *others = wording.list_columns(self.measured.judged)
        updated = Column("updated_at", message("Looked at from"), "date")
        return (name, Column("why", message("Why attention")), *others, updated)

    def table_frame(self) -> pd.DataFrame:
        """The lines in words."""
        return wording.in_words(self.frame)

    def definitions(self) -> list[str]:
        """What was asked, in sentences."""
        return wording.definitions(self.measured.asked)

    def members(self, name: str) -> pd.DataFrame:
        """The lines that show a sign.

        Parameters
        ----------
        name : str
            One of the filters.
        """
        if name not in FILTERS:
            raise ArgumentError.of("name", name, FILTERS)
        return self.frame[self.frame[name]].reset_index(drop=True)

    def interactive(self) -> Interactive:
        """All lines to search, sort and page through in JupyterLab."""
        from workbench.results.interactive import interactive

        return interactive(self.table_frame(), self.shown())
