"""The answer: credit by item, its picture and sentence, and every touch behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from workbench.errors import ArgumentError
from workbench.journeys.attribution import chart as drawing
from workbench.journeys.attribution import wording
from workbench.journeys.attribution.costs import Costs, costs_of
from workbench.journeys.attribution.counting import Lines, Study
from workbench.journeys.attribution.lines import COLUMNS, ITEM_LINE, frame_of, lines_of
from workbench.journeys.attribution.notes import notes_of
from workbench.messages import message
from workbench.results.base import Block, Result, Scope
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.attribution.comparison import ModelComparison
    from workbench.journeys.attribution.positions import Positions
    from workbench.journeys.attribution.question import Question
    from workbench.journeys.attribution.roles import Roles
    from workbench.journeys.attribution.trend import Trend


class Attribution(Result):
    """Conversions, and their value, shared out among the touches before them.

    Attributes
    ----------
    study : Study
    question : Question
    scope : Scope
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "attribution"

    def __init__(self, *, study: Study, scope: Scope) -> None:
        self.study = study
        self.question: Question = study.question
        self._rows_in_scope = scope
        self.definition = self.question.plain()

    @cached_property
    def scope(self) -> Scope:  # type: ignore[override]
        """What was set aside; its notes look at every conversion, so only when they are read."""
        scope, costs = self._rows_in_scope, self.costs.notes if self.costs else ()
        return replace(scope, notes=(*scope.notes, *notes_of(self.study), *costs))

    @cached_property
    def lines(self) -> Lines:
        """Which items have a line of their own."""
        return lines_of(self.study, self.question.model)

    @cached_property
    def costs(self) -> Costs | None:
        """Costs of campaigns; None where the dimension is no campaign."""
        currency = self.study.conversions.currency
        return costs_of(self.question.workspace, self.question.dimension, currency)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line an item, the largest first, with the columns of `Attribution.columns`."""
        return frame_of(self.study, self.question.model, self.lines, self.costs)

    @property
    def total(self) -> int:
        """All conversions, each once."""
        return self.study.conversions.total

    @property
    def total_value(self) -> float:
        """Value of all conversions, each once; not a number where no value was asked for."""
        return self.study.conversions.total_value if self.question.by_value else float("nan")

    @property
    def no_container_key(self) -> int:
        """Conversions whose row carries no key of the container; they are in the none line."""
        return int(self.study.conversions.keyless.size)

    @property
    def currency(self) -> str:
        """Currency of value and cost; empty for plain numbers."""
        return self.costs.currency if self.costs else self.study.conversions.currency

    def headline(self) -> str:
        """The item with most credit, with numerator and denominator."""
        return wording.headline(self)

    def reading(self) -> str:
        """Denominators, and what the line without touch holds."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """The question in sentences."""
        return wording.definitions(self)

    def chart(self) -> alt.TopLevelMixin:
        """A bar an item by size; conversions without any touch apart and grey."""
        return drawing.draw(
            self.frame,
            by_value=self.question.by_value,
            model=self.question.model.label,
            currency=self.currency,
            sentence=self.headline(),
        )

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        valued = (
            (
                Column("value", message("Value credited"), "money", self.currency),
                Column("share_of_value", message("Of all value"), "share"),
            )
            if self.question.by_value
            else ()
        )
        costs = (
            (
                Column("cost", message("Cost"), "money", self.currency),
                *(
                    (Column("value_per_cost", message("Value per cost"), "number"),)
                    if self.question.by_value
                    else ()
                ),
                Column(
                    "cost_per_conversion",
                    message("Cost per conversion credited"),
                    "money",
                    self.currency,
                ),
            )
            if self.costs
            else ()
        )
        return (
            Column("item", self.question.dimension),
            Column("conversions", message("Conversions credited"), "number"),
            Column("share", message("Of all conversions"), "share"),
            Column("share_low", message("95 % from"), "share"),
            Column("share_high", message("95 % to"), "share"),
            *valued,
            Column("touched_conversions", message("Conversions it touched"), "number"),
            *costs,
        )

    def key_figures(self) -> Block:
        """Three to five numbers for the head of a page."""
        return wording.figures(self)

    def line_of(self, item: str | None) -> int | None:
        """Number of a line given by its name; None for all of them."""
        if item is None:
            return None
        names = list(self.frame["item"])
        special = self.frame.loc[self.frame["line"] != ITEM_LINE, "item"]
        numbers = {"(other)": self.lines.other, "(none)": self.lines.none}
        if item in set(special):
            return numbers[item]
        if item not in names:
            raise ArgumentError.of("item", item, names)
        return names.index(item)

    def members(self, item: str | None = None) -> pd.DataFrame:
        """The containers behind a line; see `workbench.journeys.attribution.members.members`."""
        from workbench.journeys.attribution.members import members

        return members(self, self.line_of(item))

    def touches(self) -> pd.DataFrame:
        """Every touch with its part of each conversion; see
        `workbench.journeys.attribution.export.touches`."""
        from workbench.journeys.attribution.export import touches

        return touches(self)

    def learned(self) -> pd.DataFrame:
        """What a learned model knows; see `workbench.journeys.attribution.members.learned`."""
        from workbench.journeys.attribution.members import learned

        return learned(self)

    def positions(self) -> Positions:
        """Where in the journeys an item stands; see `workbench.journeys.attribution.positions`."""
        from workbench.journeys.attribution.positions import positions

        return positions(self)

    def roles(self) -> Roles:
        """Credit by role in the buying group; see `workbench.journeys.attribution.roles`."""
        from workbench.journeys.attribution.roles import roles

        return roles(self)

    def trend(self, *, granularity: str = "month") -> Trend:
        """Credit over time; see `workbench.journeys.attribution.trend.trend`."""
        from workbench.journeys.attribution.trend import trend

        return trend(self, granularity=granularity)

    def compare_models(
        self, models: Sequence[Any] | None = None, *, replicates: int = 200
    ) -> ModelComparison:
        """The same conversions under other models; see
        `workbench.journeys.attribution.comparison.compare_models`."""
        from workbench.journeys.attribution.comparison import compare_models

        return compare_models(self, models, replicates=replicates)
