"""A dashboard: its components in a grid, their marks in one frame."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message, message_of_count
from workbench.results import annotating, measured, numbers, theme
from workbench.results.base import BLOCK, STYLE, Result, Scope, block_html, panel
from workbench.results.sheets import save_table
from workbench.results.tables import Column
from workbench.sales.dashboards import chart as drawing
from workbench.sales.dashboards.component import COLUMNS, Component
from workbench.sales.dashboards.model import DashboardFile
from workbench.sales.views.model import Filter
from workbench.sales.views.wording import filter_in_words
from workbench.workspace import Workspace

if TYPE_CHECKING:
    import altair as alt


@dataclass(frozen=True, eq=False, repr=False)
class Dashboard(Result):
    """Components side by side.

    Attributes
    ----------
    workspace : Workspace
    asked : DashboardFile
    components : tuple of Component
        Also by name: ``board["won by owner"]``.
    filters : tuple of Filter
    """

    columns: ClassVar[Mapping[str, str]] = {"component": "Name of the component", **COLUMNS}
    kind: ClassVar[str] = "dashboard"

    workspace: Workspace
    asked: DashboardFile
    name: str
    components: tuple[Component, ...]
    filters: tuple[Filter, ...] = ()
    scope_asked: str = "all"

    def __getitem__(self, name: str) -> Component:
        for component in self.components:
            if component.name == name:
                return component
        raise ArgumentError.of("component", name, [c.name for c in self.components])

    @property
    def title(self) -> str:
        """What the dashboard is called."""
        return self.asked.title or self.name or message("Dashboard")

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Every mark of every component."""
        parts = [c.frame.assign(component=c.name) for c in self.components]
        filled = [part for part in parts if len(part)] or parts[:1]
        out = pd.concat(filled, ignore_index=True)[list(self.columns)]
        return out.astype({"component": "str"})

    def members(
        self, component: str, mark: str | None = None, *, measure: str | None = None
    ) -> pd.DataFrame:  # fmt: skip
        """The records behind a mark of a component; their total is the figure."""
        return self[component].members(mark, measure=measure)

    def export(self, path: str | Path) -> Path:
        """Write the frame as CSV or Excel, by the ending of the path."""
        return save_table(self.frame, path, zone=self.workspace.settings.report_tz)

    def key_figures(self) -> list[dict[str, Any]]:
        """Components of one number, as key figures of a page."""
        from workbench.sales.reporting.wording import figure

        out = []
        for component in self.components:
            if component.asked.type in ("number", "gauge") and component.report and component.marks:
                place, measure = component.shown_measures[0]
                out.append({"label": component.title,
                            "value": figure(component.marks[0].line.figures[place], measure),
                            "raw": measured.of_kind(component.marks[0].line.figures[place],
                                                    measure.unit, measure.currency),
                            "detail": component.policy})  # fmt: skip
        return out

    def headline(self) -> str:
        """How many components there are, and the finding of the first that has one."""
        answered = [c for c in self.components if c.report is not None]
        first = answered[0].headline() if answered else message("these data answer none of it")
        return message("{title}, {n} of {total} components: {first}", title=self.title,
                       n=numbers.count(len(answered)), total=numbers.count(len(self.components)),
                       first=first)  # fmt: skip

    def chart(self) -> alt.TopLevelMixin:
        """The components in the columns of the grid."""
        import altair as alt

        lines: list[list[Any]] = [[drawing.titled(c) for c in row] for row in self._rows()]
        rows = [alt.hconcat(*line, spacing=34).resolve_scale(color="independent") for line in lines]
        grid = rows[0] if len(rows) == 1 else alt.vconcat(*rows, spacing=34)
        return grid.resolve_scale(color="independent")

    def panels(self) -> list[dict[str, Any]]:
        """Each component by itself, so that a narrow page shows one below the other."""
        return [
            panel(drawing.title(c), c.chart(), reading=c.reading(), alternative=c.headline(),
                  wide=min(c.asked.width, self.asked.columns))
            for c in self.components
        ]  # fmt: skip

    def _rows(self) -> list[list[Component]]:
        """Components line by line; a wide one takes several places."""
        rows: list[list[Component]] = [[]]
        filled = 0
        for component in self.components:
            width = min(component.asked.width, self.asked.columns)
            if rows[-1] and filled + width > self.asked.columns:
                rows.append([])
                filled = 0
            rows[-1].append(component)
            filled += width
        return rows

    def reading(self) -> str:
        """That every figure can be opened, and what the filters do."""
        text = message("Each picture says its day, its rows and its rule of conversion; every "
                       "figure opens to the records that add up to it.")  # fmt: skip
        if self.filters:
            listed = " · ".join(map(filter_in_words, self.filters))
            text += " " + message("Filtered by {filters}.", filters=listed)
        return text

    def definitions(self) -> list[str]:
        """Those of all components, each once, and the note."""
        found = [s for c in self.components for s in c.definitions()]
        return list(dict.fromkeys([*found, *([self.asked.note] if self.asked.note else [])]))

    def shown(self) -> tuple[Column, ...]:
        """Columns of the table."""
        return (
            Column("title", message("Component")),
            Column("mark", message("Group")),
            Column("measure", message("Figure")),
            Column("value", message("Value"), "number"),
            Column("rows", message("Rows used"), "count"),
        )

    def table_frame(self) -> pd.DataFrame:
        """The marks with the titles of their components."""
        titles = {c.name: c.title for c in self.components}
        return self.frame.assign(title=self.frame["component"].map(titles).astype("str"))

    @cached_property
    def scope(self) -> Scope:  # type: ignore[override]
        """Rows of all components, and what was left out of each."""
        notes = [f"{c.title}: {sentence}" for c in self.components for sentence in c.scope.notes]
        left = sum(bool(c.not_filtered) for c in self.components)
        if left:
            notes.append(
                message_of_count("{count} component is not filtered.",
                                 "{count} components are not filtered.", left)
            )  # fmt: skip
        day = numbers.day(self.workspace.as_of, self.workspace.settings.report_tz)
        events = sum(c.scope.events for c in self.components)
        return Scope(message("rows"), "", day, events, notes=tuple(dict.fromkeys(notes)))

    @cached_property
    def definition(self) -> Mapping[str, Any]:  # type: ignore[override]
        """The mapping that asks again, with the filters that were added."""
        out = self.asked.model_dump(mode="json", exclude_defaults=True, by_alias=True)
        if self.filters:
            out["filters"] = [item.model_dump(mode="json") for item in self.filters]
        if self.scope_asked != "all":
            out["scope"] = self.scope_asked
        return out

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        block = self.block()
        return {"text/plain": repr(self), "text/html": self._html(block), BLOCK: block}

    def _html(self, block: Mapping[str, Any]) -> str:
        """Pictures that stand beside each other where there is room, below each other elsewhere."""
        cells = "".join(map(_cell, self.components))
        kept = {name: block[name] for name in ("block", "reading", "notes")}
        style = "margin:.4em 0;overflow-wrap:anywhere"
        heading = f"<h3 dir='auto' style='{style}'>{html.escape(self.headline())}</h3>"
        grid = f"<div style='display:flex;flex-wrap:wrap;gap:24px'>{cells}</div>"
        return f"<div style='{STYLE}'>{heading}{grid}</div>{block_html(kept)}"


def _cell(component: Component) -> str:
    """Title, footing and picture of a component, in words that wrap where the page is narrow."""
    said = html.escape(component.headline(), quote=True)
    spec = theme.themed(component.chart())
    picture = theme.as_svg(annotating.drawn_on(spec, annotating.notes_on(component)))
    return (
        "<div style='flex:1 1 330px;max-width:min(100%,520px);overflow-wrap:anywhere'>"
        f"<h4 dir='auto' style='margin:.3em 0'>{html.escape(drawing.title(component))}</h4>"
        f"<p dir='auto' style='margin:0 0 .5em;font-size:12px;color:#52606d'>"
        f"{html.escape(component.reading())}</p>"
        f"<div role='img' aria-label='{said}' style='overflow-x:auto'>{picture}</div></div>"
    )
