"""Components without axes of groups: one figure, a gauge, the first lines of a table."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme
from workbench.results.tables import as_text
from workbench.sales.dashboards.drawn import WIDTH, axis_title, data_of, lines_at, tips
from workbench.sales.reporting.wording import figure

if TYPE_CHECKING:
    from workbench.sales.dashboards.component import Component


_BANDS = ("#F6D5C3", "#F6EBC8", "#D3E8DC")


def sentence(text: str) -> Any:
    """A picture that says why there is none."""
    return theme.empty_chart(text).properties(width=WIDTH + 60, height=60)


def number(component: Component) -> Any:
    """One large figure; its part of the target below."""
    import altair as alt

    data = data_of(component).assign(detail=_of_target(component))
    base = alt.Chart(data)
    big = base.mark_text(
        fontSize=34, align="left", baseline="middle", color=theme.TEXT, fontWeight="bold"
    ).encode(text="text:N", x=alt.value(0), y=alt.value(28), tooltip=tips(component))
    small = base.mark_text(fontSize=12, align="left", color=theme.QUIET).encode(
        text="detail:N", x=alt.value(0), y=alt.value(62)
    )
    return alt.layer(big, small).properties(width=WIDTH + 60, height=74)


def _of_target(component: Component) -> str:
    place, measure = component.shown_measures[0]
    value = component.marks[0].line.figures[place]
    if not component.target or not isinstance(value, int | float):
        return measure.name
    part = numbers.share(value / component.target)
    return message("{measure} · {part} of {target}", measure=measure.name, part=part,
                   target=figure(component.target, measure))  # fmt: skip


def gauge(component: Component) -> Any:
    """A bar over three bands; the value stands at its end."""
    import altair as alt

    asked = component.asked
    edges = [asked.min, *asked.breakpoints, float(asked.max or 0)]
    measure = component.shown_measures[0][1]
    bands = pd.DataFrame(
        {
            "low": edges[:-1],
            "high": edges[1:],
            "colour": _BANDS,
            "text": [f"{figure(a, measure)} – {figure(b, measure)}"
                     for a, b in pairwise(edges)],
        }
    )  # fmt: skip
    scale = alt.Scale(domain=[edges[0], edges[-1]], clamp=True)
    x = alt.X("low:Q", scale=scale, title=axis_title(component),
              axis=alt.Axis(values=edges, format="~s", grid=False))  # fmt: skip
    drawn = alt.Chart(bands).mark_rect(height=34).encode(
        x=x, x2="high:Q", y=alt.value(52), color=alt.Color("colour:N", scale=None),
        tooltip=[alt.Tooltip("text:N", title=message("Band"))],
    )  # fmt: skip
    data = data_of(component).assign(low=edges[0])
    bar = alt.Chart(data).mark_rect(height=14, color=theme.ACCENT).encode(
        x=alt.X("low:Q", scale=scale), x2="value:Q", y=alt.value(52), tooltip=tips(component)
    )  # fmt: skip
    text = alt.Chart(data).mark_text(fontSize=20, fontWeight="bold", align="left").encode(
        text="text:N", x=alt.value(0), y=alt.value(4)
    )  # fmt: skip
    return alt.layer(drawn, bar, text, *lines_at(component, "x", edges, 30)).properties(
        width=WIDTH + 60, height=76
    )


def table(component: Component) -> Any:
    """The first lines as text; all of them stand in the table below."""
    import altair as alt

    assert component.report is not None
    rows, columns = component.report.table_frame(), component.report.shown()[:4]
    if rows.empty or not columns:
        return sentence(message("No row meets the conditions."))
    step = (WIDTH + 80) // len(columns)
    room, cells = step // 8, []
    for r, row in enumerate(rows.head(8).to_dict("records")):
        for c, shown in enumerate(columns):
            text = as_text(row[shown.name], shown.kind, shown.unit)
            cells.append({"r": r + 1, "c": c, "text": numbers.shortened(text, room), "head": False})
    heads = [{"r": 0, "c": c, "text": numbers.shortened(s.label, room), "head": True}
             for c, s in enumerate(columns)]  # fmt: skip
    data = pd.DataFrame([*heads, *cells])
    data["x"] = data["c"] * step
    data["y"] = data["r"] * 22 + 10
    base = alt.Chart(data).encode(
        x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, WIDTH + 80])),
        y=alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[0, 9 * 22 + 10], reverse=True)),
        text="text:N",
    )
    body = base.transform_filter("!datum.head").mark_text(align="left", fontSize=12)
    head = base.transform_filter("datum.head").mark_text(
        align="left", fontSize=12, color=theme.QUIET
    )
    return alt.layer(head, body).properties(width=WIDTH + 80, height=9 * 22 + 10)
