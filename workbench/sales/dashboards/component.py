"""One component: its marks, and the records behind each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from workbench import money
from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.results import numbers
from workbench.results.base import Result, Scope
from workbench.results.tables import Column
from workbench.sales.dashboards import chart as drawing
from workbench.sales.dashboards import wording
from workbench.sales.dashboards.model import ComponentFile
from workbench.sales.reporting.compiling import Statement
from workbench.sales.reporting.groups import GroupOf
from workbench.sales.reporting.levels import Level, levels_of
from workbench.sales.reporting.measures import MeasureOf
from workbench.sales.reporting.members import is_value, opened
from workbench.sales.reporting.result import TableReport
from workbench.sales.views.model import Filter
from workbench.workspace import Workspace

if TYPE_CHECKING:
    import altair as alt

MOST_PARTS = 7
COLUMNS = {
    "mark": "What is drawn: the group, with the series where there is one; 'all' without groups",
    "group": "Label of the group; empty without groups",
    "series": "Label of the series; empty without one",
    "measure": "The figure",
    "value": "Its value",
    "rows": "Joined rows behind it",
    "target": "Target of the component; empty without one",
}


@dataclass(frozen=True)
class Mark:
    """One thing that is drawn."""

    name: str
    group: str
    series: str
    line: Level


@dataclass(frozen=True, eq=False, repr=False)
class Component(Result):
    """A picture of one saved report.

    Attributes
    ----------
    workspace : Workspace
    asked : ComponentFile
    name, title : str
    report : TableReport or None
        None where these data cannot answer.
    not_filtered : tuple of Filter
        Filters of the dashboard whose field the report does not have.
    target : float or None
    absent : str
        Why these data cannot answer; empty otherwise.
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "component"

    workspace: Workspace
    asked: ComponentFile
    name: str
    title: str
    report: TableReport | None
    not_filtered: tuple[Filter, ...] = ()
    target: float | None = None
    absent: str = field(default="")

    @cached_property
    def statement(self) -> Statement:
        """What is asked of the database: groups beyond the top ones are one."""
        assert self.report is not None
        first = self.report.blocks[0].statement
        if self.asked.type in ("number", "gauge", "table", "scatter"):
            return first
        top = self.asked.top or (MOST_PARTS if self.asked.type == "donut" else None)
        rows, columns = first.rows, first.columns
        if rows and (kept := self._kept(first, rows[0], top, of_rows=True)):
            rows = (_with_other(first, rows[0], kept),)
        if columns and (kept := self._kept(first, columns[0], MOST_PARTS, of_rows=False)):
            columns = (_with_other(first, columns[0], kept),)
        return replace(first, rows=rows, columns=columns)

    def _kept(
        self, statement: Statement, group: GroupOf, top: int | None, *, of_rows: bool
    ) -> list[Any]:  # fmt: skip
        """The largest values of a group, in their order; nothing where all are shown."""
        assert self.report is not None
        sizes = {}
        place = self._place(statement)
        for line in self.report.blocks[0].levels.lines:
            own, other = (line.rows, line.columns) if of_rows else (line.columns, line.rows)
            if len(own) == 1 and not other and line.n:
                sizes[own[0]] = _size(line.figures[place])
        if top is None or len(sizes) <= top:
            return []
        ranked = sorted(sizes, key=lambda value: (-sizes[value], group.place(value)))[:top]
        return [value for value in sizes if value in ranked]

    def _place(self, statement: Statement) -> int:
        """Place of the figure that is drawn."""
        names = [measure.name for measure in statement.measures]
        return names.index(self.asked.value) if self.asked.value else 0

    @property
    def shown_measures(self) -> list[tuple[int, MeasureOf]]:
        """The figures that are drawn, with their places."""
        measures = self.statement.measures
        names = [measure.name for measure in measures]
        if self.asked.type == "table":
            return list(enumerate(measures))
        if self.asked.type == "scatter":
            places = [names.index(n) for n in (self.asked.x, self.asked.y)]
            return [(place, measures[place]) for place in places]
        place = self._place(self.statement)
        return [(place, measures[place])]

    @cached_property
    def marks(self) -> list[Mark]:
        """Everything that is drawn, in its order."""
        if self.report is None:
            return []
        statement = self.statement
        lines = levels_of(statement, self.report.blocks[0].asked).lines
        depth, across = len(statement.rows), len(statement.columns)
        found = [x for x in lines if len(x.rows) == depth and len(x.columns) == across]
        if self.asked.sort and depth:
            found.sort(key=self._order)
        out, seen = [], set()
        for line in found:
            group = " · ".join(g.label(v) for g, v in zip(statement.rows, line.rows, strict=True))
            series = " · ".join(
                g.label(v) for g, v in zip(statement.columns, line.columns, strict=True)
            )
            name = " | ".join(part for part in (group, series) if part) or message("all")
            number, free = 1, name
            while free in seen:
                number += 1
                free = f"{name} ({number})"
            seen.add(free)
            out.append(Mark(free, group, series, line))
        return out

    def _order(self, line: Level) -> tuple[Any, ...]:
        """Sorting by value or group; what is left over stays last."""
        place, falling = self._place(self.statement), self.asked.sort.startswith("-")
        group = self.statement.rows[0]
        last = self.has_other and line.rows[0] == self.other
        if self.asked.sort.endswith("value"):
            assert self.report is not None
            size = self._group_sizes.get(line.rows[0], line.figures[place])
            return (last, -_size(size) if falling else _size(size), group.place(line.rows[0]))
        ranks = sorted(set(self._group_sizes), key=group.place, reverse=falling)
        return (last, ranks.index(line.rows[0]))

    @property
    def dated(self) -> bool:
        """Whether the groups are units of the calendar, all of them."""
        return bool(self.statement.rows) and self.statement.rows[0].following is not None

    @property
    def has_other(self) -> bool:
        """Whether the last group stands for all that are not among the top ones."""
        assert self.report is not None
        return self.statement.rows != self.report.blocks[0].statement.rows

    @property
    def other(self) -> int:
        """The value of the group that stands for the others."""
        return len(self.statement.rows[0].known) - 1

    @cached_property
    def _group_sizes(self) -> dict[Any, Any]:
        assert self.report is not None
        place = self._place(self.statement)
        lines = levels_of(self.statement, self.report.blocks[0].asked).lines
        return {x.rows[0]: x.figures[place] for x in lines if len(x.rows) == 1 and not x.columns}

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line a mark and figure."""
        rows: list[dict[str, Any]] = [
            {
                "mark": mark.name,
                "group": mark.group,
                "series": mark.series,
                "measure": measure.name,
                "value": mark.line.figures[place],
                "rows": mark.line.n,
                "target": self.target,
            }
            for mark in self.marks
            for place, measure in (self.shown_measures if self.report else [])
        ]
        frame = pd.DataFrame(rows, columns=list(COLUMNS))
        texts = dict.fromkeys(("mark", "group", "series", "measure"), "str")
        frame["value"] = pd.to_numeric(frame["value"], errors="coerce").astype(float)
        return frame.astype({**texts, "rows": "int64", "target": float})

    def members(self, mark: str | None = None, *, measure: str | None = None) -> pd.DataFrame:
        """The records behind a mark; their total is the figure.

        Parameters
        ----------
        mark : str, optional
            As the frame names it; every record when left out.
        measure : str, optional
            The figure; the first that is drawn when left out.
        """
        if self.report is None:
            raise AbsentError(message("{title}: {why}", title=self.title, why=self.absent))
        names = [m.name for _, m in self.shown_measures]
        if measure is not None and measure not in names:
            raise ArgumentError.of("measure", measure, names)
        if not self.shown_measures:
            return self.report.frame
        where = self.statement.where
        if mark is not None:
            found = next((m for m in self.marks if m.name == mark), None)
            if found is None:
                raise ArgumentError.of("mark", mark, [m.name for m in self.marks])
            values = (*found.line.rows, *found.line.columns)
            parts = [
                f"({is_value(self.statement.objects, group.sql, value)})"
                for group, value in zip(self.statement.groups, values, strict=True)
            ]
            where = " AND ".join([where, *parts])
        return opened(self.statement, where, measure or names[0])

    def headline(self) -> str:
        """The figure, or the group that has most."""
        return wording.headline(self)

    def chart(self) -> alt.TopLevelMixin:
        """The picture with its title, day, rows used and rule of conversion."""
        return drawing.draw(self)

    def reading(self) -> str:
        """Day, rows used, rule of conversion, filters that do not apply."""
        return " ".join(wording.footing(self))

    def definitions(self) -> list[str]:
        """Those of the report."""
        return self.report.definitions() if self.report else []

    def shown(self) -> tuple[Column, ...]:
        """Columns of the table."""
        units = [(m.unit, m.currency) for _, m in self.shown_measures] if self.report else []
        unit, currency = units[0] if len(set(units)) == 1 else ("number", "")
        return (
            Column("mark", message("Group")),
            Column("measure", message("Figure")),
            Column("value", message("Value"), unit, currency),
            Column("rows", message("Rows used"), "count"),
        )

    @cached_property
    def scope(self) -> Scope:  # type: ignore[override]
        """That of the report; what these data cannot answer is said."""
        if self.report is not None:
            return self.report.scope
        day = numbers.day(self.workspace.as_of, self.workspace.settings.report_tz)
        return Scope("", "", day, 0, notes=(self.absent,))

    @cached_property
    def definition(self) -> Mapping[str, Any]:  # type: ignore[override]
        """The mapping that asks again."""
        return self.asked.model_dump(mode="json", exclude_defaults=True, by_alias=True)

    @property
    def policy(self) -> str:
        """Currency and rule of conversion in words; empty where no money is shown."""
        found = [m for _, m in self.shown_measures if m.unit == "money"] if self.report else []
        if not found:
            return ""
        rule = money.rule_in_words(self.workspace)
        return f"{found[0].currency}, {rule}" if found[0].currency else rule


def _size(figure: Any) -> float:
    return float(figure) if isinstance(figure, int | float) else float("-inf")


def _with_other(statement: Statement, group: GroupOf, kept: list[Any]) -> GroupOf:
    """The group with its top values by number, and one more for all others."""
    bind = statement.objects.bound
    cases = []
    for n, value in enumerate(kept):
        test = is_value(statement.objects, group.sql, value)
        cases.append(f"WHEN {test} THEN {bind(n)}::INTEGER")
    sql = f"(CASE {' '.join(cases)} ELSE {bind(len(kept))}::INTEGER END)"
    labels = [*(group.label(value) for value in kept), message("Other")]
    places = tuple(range(len(labels)))
    return GroupOf(group.name, sql, lambda n: labels[int(n)], places, places, group.field)
