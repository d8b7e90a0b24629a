"""Pictures of reports: bars of the outermost groups, a grid of a matrix, panels of blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme
from workbench.sales.reporting.wording import figure

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.reporting.levels import Level
    from workbench.sales.reporting.measures import MeasureOf
    from workbench.sales.reporting.result import Block, TableReport

MOST_BARS, MOST_CELLS = 20, 12


def draw(report: TableReport) -> alt.TopLevelMixin:
    """The first measure of each block by its outermost groups."""
    import altair as alt

    if report.asked.kind == "table":
        return _rows(report)
    first = report.blocks[0].statement
    if not first.measures:
        return theme.empty_chart(message("The report has groups and no figures to draw."))
    if first.columns:
        return _grid(report.blocks[0])
    panels = [_bars(block) for block in report.blocks if block.statement.measures]
    return panels[0] if len(panels) == 1 else alt.vconcat(*panels, spacing=24)


def _rows(report: TableReport) -> alt.TopLevelMixin:
    count = report.blocks[0].levels.rows
    if not count:
        return theme.empty_chart(message("No row meets the conditions."))
    return theme.empty_chart(message("A table of {n} rows, listed below.", n=numbers.count(count)))


def _bars(block: Block) -> Any:
    measure = block.statement.measures[0]
    lines = [line for line in block.levels.lines if len(line.rows) == 1]
    lines = [line for line in lines if isinstance(line.figures[0], int | float)]
    if not lines:
        total = block.levels.at(())
        shown = figure(total.figures[0] if total else None, measure)
        return theme.empty_chart(f"{measure.name}: {shown}")
    return bars(
        [block.statement.rows[0].label(line.rows[0]) for line in lines[:MOST_BARS]],
        [float(line.figures[0]) for line in lines[:MOST_BARS]],
        measure,
        block.statement.rows[0].name,
        left_out=len(lines) - MOST_BARS,
    )


def bars(
    labels: list[str], values: list[float], measure: MeasureOf, by: str, left_out: int = 0
) -> Any:  # fmt: skip
    """Horizontal bars with their figures."""
    import altair as alt

    data = pd.DataFrame(
        {
            "whole": labels,
            "name": numbers.shortened_apart(labels, 20),
            "value": values,
            "text": [figure(v, measure) for v in values],
        }
    )
    high, low = max([0.0, *values]), min([0.0, *values])
    span = (high - low) or 1.0
    title = measure.name + (f" ({measure.currency})" if measure.currency else "")
    if left_out > 0:
        title += " · " + message("{n} more groups in the table", n=numbers.count(left_out))
    base = alt.Chart(data).encode(
        y=alt.Y("name:N", sort=None, title=None),
        x=alt.X("value:Q", title=title, axis=alt.Axis(format="~s", tickCount=4),
                scale=alt.Scale(domain=[low - (0.35 * span if low < 0 else 0),
                                        high + 0.35 * span])),
        tooltip=[alt.Tooltip("whole:N", title=by), alt.Tooltip("text:N", title=measure.name)],
    )  # fmt: skip
    text = base.mark_text(dx=5, align="left", color=theme.TEXT, fontSize=12).encode(
        text="text:N", x=alt.X("start:Q")
    )
    text.data = data.assign(start=data["value"].clip(lower=0))
    return alt.layer(base.mark_bar(color=theme.ACCENT, height=18), text).properties(
        width=235, height=alt.Step(27)
    )


def _grid(block: Block) -> Any:
    import altair as alt

    statement = block.statement
    measure = statement.measures[0]
    cells = [x for x in block.levels.lines if len(x.rows) == 1 and len(x.columns) == 1]
    rows = list(dict.fromkeys(x.rows[0] for x in cells))[:MOST_BARS]
    columns = [x.columns[0] for x in block.levels.lines if not x.rows and len(x.columns) == 1]
    columns = list(dict.fromkeys(columns))[:MOST_CELLS]
    cells = [x for x in cells if x.rows[0] in rows and x.columns[0] in columns]
    if not cells:
        return theme.empty_chart(message("No row meets the conditions."))
    row_names = numbers.shortened_apart([statement.rows[0].label(v) for v in rows], 22)
    names = numbers.shortened_apart([statement.columns[0].label(v) for v in columns], 14)
    data = pd.DataFrame([_cell(x, rows, columns, row_names, names, measure) for x in cells])
    high = float(data["value"].max() or 0)
    base = alt.Chart(data).encode(
        x=alt.X("column:N", sort=names, title=statement.columns[0].name,
                axis=alt.Axis(labelAngle=0, orient="top", domain=False, ticks=False)),
        y=alt.Y("row:N", sort=row_names, title=None,
                axis=alt.Axis(domain=False, ticks=False)),
        tooltip=[alt.Tooltip("whole:N", title=message("Groups")),
                 alt.Tooltip("text:N", title=measure.name)],
    )  # fmt: skip
    fill = base.mark_rect(stroke="#FFFFFF", strokeWidth=2).encode(
        color=alt.Color("value:Q", legend=None,
                        scale=alt.Scale(range=["#D9EBFB", "#7FB4DA"], domain=[0, high or 1]))
    )  # fmt: skip
    text = base.mark_text(fontSize=12, color=theme.ON_CELL).encode(text="text:N")
    return alt.layer(fill, text).properties(width=alt.Step(104), height=alt.Step(28))


def _cell(
    line: Level, rows: list[Any], columns: list[Any], row_names: list[str], names: list[str],
    measure: MeasureOf,
) -> dict[str, Any]:  # fmt: skip
    value = line.figures[0] if isinstance(line.figures[0], int | float) else None
    return {
        "row": row_names[rows.index(line.rows[0])],
        "column": names[columns.index(line.columns[0])],
        "whole": f"{line.rows[0]} · {line.columns[0]}",
        "value": value,
        "text": figure(value, measure),
    }
