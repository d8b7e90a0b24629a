"""The answer: every level of groups with its figures, and the rows behind each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from workbench.results import numbers
from workbench.results.base import Result, Scope
from workbench.results.interactive import Interactive, interactive
from workbench.results.sheets import save_table
from workbench.results.tables import Column
from workbench.sales.reporting import chart as drawing
from workbench.sales.reporting import layout, wording
from workbench.sales.reporting.compiling import Statement
from workbench.sales.reporting.levels import Levels, levels_of
from workbench.sales.reporting.members import members_of, rows_of
from workbench.sales.reporting.model import TableFile
from workbench.sales.views.frames import local_days, shown_columns
from workbench.sales.views.model import Filter
from workbench.sales.views.schema import FieldOf
from workbench.workspace import Workspace

if TYPE_CHECKING:
    import altair as alt


@dataclass(frozen=True, eq=False)
class Block:
    """One object of a report with its joins: the whole report, or a block of a joined one.

    Attributes
    ----------
    asked : TableFile
    statement : Statement
    fields : tuple of FieldOf
        Visible fields of a plain table.
    left_out : tuple of str
        Fields that these data do not hold.
    notes : tuple of str
    """

    asked: TableFile
    statement: Statement
    fields: tuple[FieldOf, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]

    @cached_property
    def levels(self) -> Levels:
        """Every level of groups, in the order in which it is shown."""
        return levels_of(self.statement, self.asked)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Joined rows of a plain table."""
        return rows_of(self)


@dataclass(frozen=True, eq=False, repr=False)
class TableReport(Result):
    """A table, a summary, a matrix, or blocks side by side.

    Attributes
    ----------
    workspace : Workspace
    asked : TableFile
        The definition.
    blocks : tuple of Block
        One, or several of a joined report.
    """

    kind: ClassVar[str] = "table_report"

    workspace: Workspace
    asked: TableFile
    name: str
    blocks: tuple[Block, ...]
    user: str = ""
    where: tuple[Filter, ...] = ()
    looked_back: bool = False

    @property
    def title(self) -> str:
        """What the report is called."""
        return self.asked.title or self.name or self.blocks[0].asked.object

    @property
    def columns(self) -> Mapping[str, str]:  # type: ignore[override]
        """The columns of the frame and what they mean."""
        return layout.columns(self)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows of a plain table; else one line a group of each level, subtotals below.

        ``depth`` (and ``column_depth`` of a matrix) says how many groups a line has: none is the
        total. A group that a line does not have is empty; rows without a value stand in
        ``(empty)``.
        """
        return layout.frame(self)

    def members(
        self,
        groups: Mapping[str, str] | None = None,
        *,
        value: str | None = None,
        block: int = 0,
    ) -> pd.DataFrame:
        """The rows behind a figure.

        Parameters
        ----------
        groups : mapping, optional
            Group to its label, as the frame shows it; those left out may be anything.
        value : str, optional
            The measure: each of its rows once, with ``value`` where one is aggregated. All joined
            rows when left out.
        block : int
            Number of the block, from 0.

        Returns
        -------
        pandas.DataFrame
            Key, name and further columns of the objects. For a count the rows are as many as the
            figure says; a sum is the sum of ``value``.
        """
        return members_of(self, dict(groups or {}), value, block)

    def export(self, path: str | Path) -> Path:
        """Write exactly the frame, in its order, as CSV or Excel, by the ending of the path."""
        return save_table(self.frame, path, zone=self.workspace.settings.report_tz)

    def interactive(self) -> Interactive:
        """All rows as a table to search, sort and page through in JupyterLab, offline."""
        return interactive(self.table_frame(), self.shown())

    def headline(self) -> str:
        """The largest group, or how many rows there are."""
        return wording.headline(self)

    def chart(self) -> alt.TopLevelMixin:
        """The first measure by its groups."""
        return drawing.draw(self)

    def reading(self) -> str:
        """What a figure counts, and how subtotals come about."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """Objects, joins, filters, measures, and the rule of conversion."""
        return wording.definitions(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns of the table that a reader sees."""
        if self.asked.kind == "table":
            return shown_columns(self.blocks[0].fields, self.frame)
        return layout.shown(self)

    def table_frame(self) -> pd.DataFrame:
        """The table that a reader sees: subtotals named, a matrix with its columns side by side."""
        if self.asked.kind == "table":
            return local_days(self.frame, self.workspace.settings.report_tz)
        return layout.table(self)

    @cached_property
    def scope(self) -> Scope:  # type: ignore[override]
        """Joined rows that were used, and what was left out."""
        used = sum(b.levels.rows for b in self.blocks)
        return Scope(
            container=" + ".join(dict.fromkeys(b.asked.object for b in self.blocks)),
            period="",
            as_of=numbers.day(self.workspace.as_of, self.workspace.settings.report_tz),
            events=used,
            notes=tuple(wording.notes(self)),
        )

    @cached_property
    def definition(self) -> Mapping[str, Any]:  # type: ignore[override]
        """The mapping that asks again."""
        out = self.asked.model_dump(mode="json", exclude_defaults=True, by_alias=True)
        for part in out.get("blocks", [out]) if self.where else []:
            own = part.get("filters", [])
            more = [item.model_dump(mode="json") for item in self.where]
            part["filters"] = [*own, *more]
            if part.get("logic"):
                added = range(len(own) + 1, len(own) + len(more) + 1)
                part["logic"] = " AND ".join([f"({part['logic']})", *map(str, added)])
        return out
