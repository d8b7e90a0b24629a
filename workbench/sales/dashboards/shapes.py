"""The shapes of components, each about 330 pixels wide so that a telephone shows it whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme
from workbench.sales.dashboards.drawn import (
    HEIGHT,
    WIDTH,
    across,
    axis_format,
    axis_title,
    coloured,
    data_of,
    domain,
    lines_at,
    plain_axis,
    tips,
)
from workbench.sales.dashboards.figures import sentence
from workbench.sales.reporting.wording import figure

if TYPE_CHECKING:
    from workbench.sales.dashboards.component import Component


def bar(component: Component) -> Any:
    """Horizontal bars with their figures."""
    import altair as alt

    data = data_of(component)
    ends = domain(list(data["value"]), component, 0.35)
    base = alt.Chart(data).encode(
        y=alt.Y("name:N", sort=list(dict.fromkeys(data["name"])), title=None,
                axis=alt.Axis(labelLimit=118)),
        x=alt.X("value:Q", title=axis_title(component),
                scale=alt.Scale(domain=ends),
                axis=plain_axis(component)),
        tooltip=tips(component),
    )  # fmt: skip
    start = alt.Chart(data.assign(end=data["value"].clip(lower=0))).encode(
        y=alt.Y("name:N", sort=list(dict.fromkeys(data["name"]))), x="end:Q", text="text:N"
    )
    bars = base.mark_bar(color=theme.ACCENT, height=16)
    text = start.mark_text(align="left", dx=4, fontSize=12, color=theme.TEXT)
    return alt.layer(bars, text, *lines_at(component, "x", ends)).properties(
        width=WIDTH, height=alt.Step(24)
    )


def column(component: Component) -> Any:
    """Columns in the order of their groups; bars where their names need the room."""
    import altair as alt

    data = data_of(component)
    if not component.dated and 7 * sum(map(len, data["name"])) + 10 * len(data) > WIDTH:
        return bar(component)
    base = alt.Chart(data).encode(
        x=across(component, data),
        y=alt.Y("value:Q", title=axis_title(component), axis=plain_axis(component),
                scale=alt.Scale(domain=domain(list(data["value"]), component, 0.08))),
        tooltip=tips(component),
    )  # fmt: skip
    marks = [base.mark_bar(color=theme.ACCENT)]
    if len(data) <= 4:
        marks.append(base.mark_text(dy=-7, fontSize=12, color=theme.TEXT).encode(text="text:N"))
    return alt.layer(*marks, *lines_at(component, "y", [0.0])).properties(
        width=WIDTH, height=HEIGHT
    )


def stacked(component: Component) -> Any:
    """Bars of parts."""
    import altair as alt

    data = data_of(component)
    ends = domain(list(data.groupby("name")["value"].sum()), component)
    bars = alt.Chart(data).mark_bar(height=16).encode(
        y=alt.Y("name:N", sort=list(dict.fromkeys(data["name"])), title=None,
                axis=alt.Axis(labelLimit=118)),
        x=alt.X("value:Q", title=axis_title(component), stack="zero",
                scale=alt.Scale(domain=ends),
                axis=plain_axis(component)),
        color=coloured(data, component), tooltip=tips(component),
    )  # fmt: skip
    return alt.layer(bars, *lines_at(component, "x", ends)).properties(
        width=WIDTH, height=alt.Step(24)
    )


def line(component: Component) -> Any:
    """A line along the groups, one for each series."""
    import altair as alt

    data = data_of(component)
    base = alt.Chart(data).encode(
        x=across(component, data),
        y=alt.Y("value:Q", title=axis_title(component), axis=plain_axis(component),
                scale=alt.Scale(domain=domain(list(data["value"]), component, 0.08))),
        tooltip=tips(component),
    )  # fmt: skip
    if component.statement.columns:
        base = base.encode(color=coloured(data, component))
        drawn = base.mark_line(point=True)
    else:
        drawn = base.mark_line(point=alt.OverlayMarkDef(color=theme.ACCENT), color=theme.ACCENT)
    return alt.layer(drawn, *lines_at(component, "y", [0.0])).properties(width=WIDTH, height=HEIGHT)


def donut(component: Component) -> Any:
    """Parts of a whole; the legend says their figures."""
    import altair as alt

    data = data_of(component)
    data["label"] = [f"{n} · {t} · {numbers.share(s)}" for n, t, s in
                     zip(data["name"], data["text"], data["share"], strict=True)]  # fmt: skip
    data["order"] = range(len(data))
    colours = [theme.CATEGORIES[n % len(theme.CATEGORIES)] for n in range(len(data))]
    colour = alt.Color("label:N", sort=list(data["label"]), title=None,
                       scale=alt.Scale(domain=list(data["label"]), range=colours),
                       legend=alt.Legend(orient="bottom", columns=1, labelLimit=300))  # fmt: skip
    return (
        alt.Chart(data)
        .mark_arc(innerRadius=48, outerRadius=82, stroke="#FFFFFF")
        .encode(theta="value:Q", color=colour, order="order:Q", tooltip=tips(component))
        .properties(width=WIDTH + 60, height=180)
    )


def funnel(component: Component) -> Any:
    """Centred bars in the order of the groups."""
    import altair as alt

    data = data_of(component)
    data["left"], data["right"] = -data["value"] / 2, data["value"] / 2
    half = max(1e-9, float(data["value"].max())) / 2
    names = list(data["name"])
    base = alt.Chart(data).encode(
        y=alt.Y("name:N", sort=names, title=None,
                axis=alt.Axis(domain=False, ticks=False, labelLimit=118)),
        tooltip=tips(component),
    )  # fmt: skip
    bars = base.mark_bar(color=theme.ACCENT, height=22).encode(
        x=alt.X("left:Q", axis=None, scale=alt.Scale(domain=[-half, half * 1.9])), x2="right:Q"
    )
    text = base.mark_text(align="left", dx=6, fontSize=12).encode(x="right:Q", text="text:N")
    return alt.layer(bars, text).properties(width=WIDTH, height=alt.Step(28))


def scatter(component: Component) -> Any:
    """A point a group; the largest are named."""
    import altair as alt

    (px, mx), (py, my) = component.shown_measures
    marks = [m for m in component.marks
             if all(isinstance(m.line.figures[p], int | float) for p in (px, py))]  # fmt: skip
    names = numbers.shortened_apart([m.group for m in marks], 16)
    data = pd.DataFrame(
        {
            "name": names,
            "whole": [m.name for m in marks],
            "x": [float(m.line.figures[px]) for m in marks],
            "y": [float(m.line.figures[py]) for m in marks],
            "tx": [figure(m.line.figures[px], mx) for m in marks],
            "ty": [figure(m.line.figures[py], my) for m in marks],
        }
    )
    if data.empty:
        return sentence(message("No group has both figures."))
    tips = [alt.Tooltip("whole:N", title=message("Group")), alt.Tooltip("tx:N", title=mx.name),
            alt.Tooltip("ty:N", title=my.name)]  # fmt: skip
    base = alt.Chart(data).encode(
        x=alt.X("x:Q", title=mx.name, axis=alt.Axis(format=axis_format(mx), tickCount=4)),
        y=alt.Y("y:Q", title=my.name, axis=alt.Axis(format=axis_format(my), tickCount=4)),
        tooltip=tips,
    )  # fmt: skip
    points = base.mark_circle(size=60, color=theme.ACCENT, opacity=0.75)
    most = pd.concat(
        [data.sort_values([n, "whole"], ascending=[False, True]).head(1) for n in ("y", "x")]
    ).drop_duplicates("whole")
    near = abs(float(most["y"].iloc[0]) - float(most["y"].iloc[-1])) < 0.1 * float(data["y"].max())
    most = most.head(1) if near else most
    middle = (float(data["x"].max()) + float(data["x"].min())) / 2
    left, right = most[most["x"] <= middle], most[most["x"] > middle]
    named = [
        alt.Chart(left).mark_text(align="left", dx=7, fontSize=12),
        alt.Chart(right).mark_text(align="right", dx=-7, fontSize=12),
    ]
    named = [n.encode(x="x:Q", y="y:Q", text="name:N") for n, part in zip(
        named, (left, right), strict=True) if len(part)]  # fmt: skip
    return alt.layer(points, *named).properties(width=WIDTH, height=HEIGHT)
