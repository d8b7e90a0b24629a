"""The answer: a table of cells, averages and totals, a picture, and who stands behind each cell."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from workbench.journeys.cohort import chart as drawing
from workbench.journeys.cohort import members as opening
from workbench.journeys.cohort import reading as explaining
from workbench.journeys.cohort import wording
from workbench.journeys.cohort.counting import Grid
from workbench.journeys.cohort.question import Question
from workbench.journeys.cohort.tables import (
    COLUMNS,
    average_frame,
    cell_frame,
    told_cells,
    total_frame,
)
from workbench.messages import message
from workbench.results.base import Block, Result
from workbench.results.tables import Column
from workbench.vocabulary.segments import Segment

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.cohort.curves import Curves
    from workbench.journeys.survival import Survival


class Cohort(Result):
    """Containers included in each bucket, and those of them that returned in later ones.

    Attributes
    ----------
    question : Question
    grid : Grid
        Rows, columns and counts, with the way back to the containers.
    scope : Scope
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "cohort"

    def __init__(self, question: Question, grid: Grid) -> None:
        self.question = question
        self.grid = grid
        self.scope = grid.scope
        self.definition = question.plain()

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line a row and column of the table, with the columns of `Cohort.columns`."""
        return cell_frame(self.question, self.grid)

    @cached_property
    def averages(self) -> pd.DataFrame:
        """One line a column: plain and weighted mean over the rows that have it.

        Columns: see `workbench.journeys.cohort.tables.AVERAGE_COLUMNS`.
        """
        return average_frame(self.question, self.frame)

    @cached_property
    def total(self) -> pd.DataFrame:
        """One line a column, every container counted once over all rows.

        Columns: see `workbench.journeys.cohort.tables.TOTAL_COLUMNS`.
        """
        return total_frame(self.question, self.grid)

    @property
    def containers(self) -> int:
        """Distinct containers in at least one row."""
        return int(self.grid.sums.distinct[0])

    @property
    def in_several_rows(self) -> int:
        """Containers that sit in more than one row."""
        return int(self.grid.sums.distinct[1])

    def headline(self) -> str:
        """The weighted share of one column, and the rows that lie highest and lowest."""
        return wording.headline(self)

    def reading(self) -> str:
        """Denominators, unfinished and hidden cells, and how rows overlap."""
        return explaining.reading(self)

    def definitions(self) -> list[str]:
        """The question in sentences."""
        return explaining.definitions(self)

    def table_frame(self) -> pd.DataFrame:
        """Cells that tell anything, from the first row that holds anybody."""
        frame = self.frame[told_cells(self.question, self.grid, self.frame)]
        texts = {True: message("unfinished or cut"), False: ""}
        return frame.assign(state=[texts[bool(p)] for p in frame["partial"]])

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader; the header of the share names its denominator."""
        question = self.question
        who = question.container.plural
        counted = (
            Column("churned", message("Did not return"), "count")
            if question.churn
            else Column("returned", message("Returned"), "count")
        )
        unit = question.workspace.settings.currency.reporting or ""
        valued = (
            (
                Column("value_per_included", message("Value per container"), "money", unit),
                Column("net_value_retention", message("Of the value at inclusion"), "share"),
            )
            if question.value is not None
            else ()
        )
        return (
            Column("cohort", question.dimension or message("Included in")),
            Column("offset", wording.offset_title(question), "number"),
            Column("included", message("Included {containers}", containers=who), "count"),
            Column("base", wording.base_title(question), "count"),
            counted,
            Column("share", wording.share_title(question), "share"),
            Column("share_low", message("95 % from"), "share"),
            Column("share_high", message("95 % to"), "share"),
            *valued,
            Column("state", message("State")),
        )

    def chart(
        self, *, show: str = "both", whole: bool = True, averages: bool = True
    ) -> alt.TopLevelMixin:
        """A heat map with the values in its cells.

        Parameters
        ----------
        show : {"both", "percent", "count"}
            What stands in a cell; counts are left out where the cells are too narrow.
        whole : bool
            Whether percentages are rounded to whole ones.
        averages : bool
            Whether the plain and the weighted average stand below the rows.
        """
        return drawing.draw(self, show=show, whole=whole, averages=averages)

    def curves(self) -> Curves:
        """The same shares as one line a row; see `workbench.journeys.cohort.curves`."""
        from workbench.journeys.cohort.curves import Curves

        return Curves(self)

    def members(
        self,
        cohort: str | None = None,
        offset: int | None = None,
        *,
        cells: Any = None,
        outcome: str | None = None,
    ) -> pd.DataFrame:
        """The containers behind a row, a cell, or several cells.

        Parameters
        ----------
        cohort : str, optional
            Name of a row; every row when left out.
        offset : int, optional
            Column; all included containers of the row when left out.
        cells : list of (str, int), optional
            Several cells instead, next to each other or not; an offset of None stands for all
            included containers of the row.
        outcome : {"returned", "churned"}, optional
            Those that returned, or those of the denominator that did not; by `kind` when left out.

        Returns
        -------
        pandas.DataFrame
            As `workbench.journeys.cohort.members.COLUMNS`; a container of several cells once.
        """
        return opening.members(self, opening.cells_of(self, cohort, offset, cells), outcome)

    def segment_of(self, cells: Any, *, name: str | None = None) -> Segment:
        """A segment of the containers of one or several cells, to use in any analysis.

        Parameters
        ----------
        cells : (str, int) or list of (str, int)
            As in `members`.
        name : str, optional
            What the reader sees.
        """
        from workbench.journeys.cohort.segments import segment_of

        return segment_of(self, opening.cells_of(self, None, None, cells), name)

    def survival(self, *, lost: Any = None, by: str | None = "cohort", **options: Any) -> Survival:
        """How long it takes from the first inclusion to the first return, unfinished ones included.

        Parameters
        ----------
        lost : optional
            Criterion of an outcome that competes with `returning`.
        by : str, optional
            ``"cohort"`` for the bucket of inclusion, a dimension, or None.
        **options
            ``items`` and ``horizon`` of `workbench.survival`.
        """
        from workbench.journeys.survival import survival

        question = self.question
        return survival(
            question.workspace,
            container=question.container.name,
            entered=question.inclusion,
            won=question.returning,
            lost=lost,
            period=question.period,
            segment=question.segment,
            by=by,
            granularity=question.granularity,
            filter_scope=question.filter_scope,
            **options,
        )

    def key_figures(self) -> Block:
        """Three to four numbers for the head of a page."""
        return explaining.figures(self)

    def shares(self) -> pd.DataFrame:
        """Label, count and total of each cell, for `compare`."""
        known = self.frame.dropna(subset="share")
        counted = known["churned" if self.question.churn else "returned"]
        return pd.DataFrame(
            {
                "label": [
                    f"{name} {offset:+d}"
                    for name, offset in zip(known["cohort"], known["offset"], strict=True)
                ],
                "count": counted.astype("int64").to_numpy(),
                "total": known["base"].astype("int64").to_numpy(),
            }
        )
