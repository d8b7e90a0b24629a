"""Pictures of the views of a flow: a node over time, a node broken down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

_WIDTH = 640


def draw_trend(frame: pd.DataFrame, share: bool, counted: str) -> alt.TopLevelMixin:
    """A line over time, with its interval where it is a share; unfinished buckets lighter."""
    import altair as alt

    if frame.empty:
        return theme.empty_chart(message("No path reaches the node, so there is no trend."))
    share = share and bool(frame["share_of_start"].notna().any())
    data = frame.assign(
        shown=frame["share_of_start"] if share else frame["value"],
        day=frame["bucket"].dt.strftime("%Y-%m-%d"),
        of=[
            f"{numbers.count(value)} / {numbers.count(start)}"
            for value, start in zip(frame["value"], frame["start"], strict=True)
        ],
    )
    data["bucket"] = data["day"]
    data["start"] = data["start"].astype("Float64").astype(float)
    title = message("Share of all anchors") if share else counted.capitalize()
    y = alt.Y(
        "shown:Q",
        title=title,
        scale=alt.Scale(zero=True),
        axis=alt.Axis(
            format="%" if share else ",d",
            tickCount=4,
            tickMinStep=alt.Undefined if share else 1,
        ),
    )
    x = alt.X("bucket:T", title=None, axis=alt.Axis(labelAngle=0, tickCount=6, format="%b %Y"))
    tooltip = [
        alt.Tooltip("day:N", title=message("Begins")),
        alt.Tooltip("of:N", title=message("Of all anchors")),
        alt.Tooltip("shown:Q", title=title, format=".1%" if share else ","),
    ]
    base = alt.Chart(data).encode(x=x)
    layers = [
        base.mark_line(strokeWidth=1.2, strokeDash=[4, 3], opacity=0.7, color=theme.ACCENT).encode(
            y=y
        ),
        base.transform_filter("!datum.partial")
        .mark_line(strokeWidth=2, color=theme.ACCENT)
        .encode(y=y),
        base.mark_point(filled=True, size=45, color=theme.ACCENT).encode(
            y=y,
            tooltip=tooltip,
            opacity=alt.condition("datum.partial", alt.value(0.3), alt.value(1)),
        ),
    ]
    if share:
        band = base.mark_area(opacity=0.15, color=theme.ACCENT).encode(y="low:Q", y2="high:Q")
        layers.insert(0, band)
    return alt.layer(*layers).properties(width=_WIDTH, height=200)


def draw_items(frame: pd.DataFrame, counted: str) -> alt.TopLevelMixin:
    """Values by size, with counts beside the bars."""
    import altair as alt

    if frame.empty:
        return theme.empty_chart(message("There is no row to break down."))
    data = frame.assign(
        label=numbers.shortened_apart(list(frame["item"]), 40),
        text=[
            f"{numbers.count(value)} · {numbers.share(share)}"
            for value, share in zip(frame["value"], frame["share"], strict=True)
        ],
        interval=[
            numbers.between(low, high)
            for low, high in zip(frame["low"], frame["high"], strict=True)
        ],
    )
    largest = float(data["value"].max())
    base = alt.Chart(data).encode(
        y=alt.Y("label:N", sort=list(data["label"]), title=None),
        x=alt.X(
            "value:Q",
            title=counted.capitalize(),
            scale=alt.Scale(domain=[0, largest], nice=False, rangeMax=alt.ExprRef("width - 100")),
            axis=alt.Axis(format=",d", tickCount=4, tickMinStep=1),
        ),
        tooltip=[
            alt.Tooltip("item:N", title=message("Item")),
            alt.Tooltip("path_views:Q", title=message("Path views"), format=","),
            alt.Tooltip("containers:Q", title=message("Containers"), format=","),
            alt.Tooltip("text:N", title=message("Share")),
            alt.Tooltip("interval:N", title=message("95 % interval")),
        ],
    )
    bars = base.mark_bar(color=theme.ACCENT)
    texts = base.mark_text(align="left", dx=6, color=theme.TEXT).encode(text="text:N")
    return alt.layer(bars, texts).properties(width=_WIDTH, height=alt.Step(26))
