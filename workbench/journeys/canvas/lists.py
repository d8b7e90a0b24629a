"""Pictures of the views of a canvas: items by size, and a point over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.journeys.canvas.texts import text_width
from workbench.journeys.scoping import OTHER
from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

# Bars that stand for no value of their own.
REST = (OTHER, "(no further event)", "(no earlier event)", "(nothing in between)")
_WIDTH = 640
_MOST = 25


def draw_items(frame: pd.DataFrame, containers: str) -> alt.TopLevelMixin:
    """Items by size, with counts beside the bars; a panel a point where there are several."""
    import altair as alt

    if frame.empty or not frame["total"].max() or not frame["containers"].max():
        return theme.empty_chart(message("There is no event to break down."))
    points = list(dict.fromkeys(frame["point"])) if "point" in frame else [""]
    parts = [
        _bars(frame if len(points) == 1 else frame[frame["point"] == point], containers, frame)
        for point in points
    ]
    if len(parts) == 1:
        return parts[0]
    titled = [
        part.properties(
            title=alt.TitleParams(
                name, anchor="start", frame="group", fontSize=13, color=theme.TEXT
            )
        )
        for part, name in zip(parts, numbers.shortened_apart(points, 60), strict=True)
    ]
    return alt.vconcat(*titled, spacing=14)


def _bars(frame: pd.DataFrame, containers: str, everything: pd.DataFrame) -> Any:
    import altair as alt

    data = frame.head(_MOST)
    data = data.assign(
        label=numbers.shortened_apart(list(data["item"]), 46),
        text=[
            f"{numbers.count(c)} · {numbers.share(s)}"
            for c, s in zip(data["containers"], data["share"], strict=True)
        ],
        rest=data["item"].isin(REST),
    )[["item", "label", "containers", "total", "share", "text", "rest"]]
    largest = float(everything["containers"].max() or 1)
    base = alt.Chart(data).encode(
        y=alt.Y("label:N", sort=list(data["label"]), title=None, axis=alt.Axis(labelLimit=330)),
        x=alt.X(
            "containers:Q",
            title=containers.capitalize(),
            scale=alt.Scale(domain=[0, largest], nice=False, rangeMax=alt.ExprRef("width - 90")),
            axis=alt.Axis(format=",d", tickCount=4, tickMinStep=1),
        ),
        tooltip=[
            alt.Tooltip("item:N", title=message("Item")),
            alt.Tooltip("containers:Q", title=containers.capitalize(), format=","),
            alt.Tooltip("total:Q", title=message("Of"), format=","),
        ],
    )
    bars = base.mark_bar().encode(
        color=alt.condition("datum.rest", alt.value(theme.MUTED), alt.value(theme.ACCENT))
    )
    texts = base.mark_text(align="left", dx=6, color=theme.TEXT).encode(text="text:N")
    return alt.layer(bars, texts).properties(width=_WIDTH, height=alt.Step(24))


def draw_paths(frame: pd.DataFrame, containers: str) -> alt.TopLevelMixin:
    """A bar a way, its nodes written above it."""
    import altair as alt

    if frame.empty or not frame["start"].max():
        return theme.empty_chart(message("Nobody came to any start."))
    data = frame.head(_MOST)
    written = [" → ".join(way) for way in _shorter(data["labels"].str.split(" → ").tolist())]
    data = data.assign(
        label=numbers.shortened_apart(written, 118),
        text=[
            f"{numbers.count(c)} · {numbers.share(s)}"
            for c, s in zip(data["containers"], data["share_of_start"], strict=True)
        ],
    )[["path", "labels", "label", "containers", "start", "text"]]
    base = alt.Chart(data).encode(
        y=alt.Y("path:N", sort=list(data["path"]), title=None, axis=None),
        tooltip=[
            alt.Tooltip("labels:N", title=message("Way")),
            alt.Tooltip("containers:Q", title=containers.capitalize(), format=","),
            alt.Tooltip("start:Q", title=message("Of"), format=","),
        ],
    )
    x = alt.X(
        "containers:Q",
        title=containers.capitalize(),
        scale=alt.Scale(
            domain=[0, float(data["containers"].max() or 1)],
            nice=False,
            rangeMax=alt.ExprRef("width - 90"),
        ),
        axis=alt.Axis(format=",d", tickCount=4, tickMinStep=1),
    )
    bars = base.mark_bar(color=theme.ACCENT, height=16, yOffset=9).encode(x=x)
    counts = base.mark_text(align="left", dx=6, dy=9, color=theme.TEXT).encode(x=x, text="text:N")
    names = base.mark_text(align="left", dx=1, dy=-9, color=theme.TEXT).encode(
        x=alt.value(0), text="label:N"
    )
    return alt.layer(bars, counts, names).properties(width=760, height=alt.Step(46))


def _shorter(ways: list[list[str]]) -> list[list[str]]:
    """Ways without the nodes that all of them begin with, where they would not fit a line."""
    if max(text_width(" → ".join(way)) for way in ways) <= 740 or len(ways) < 2:
        return ways
    same = 0
    while all(len(way) > same + 1 and way[same] == ways[0][same] for way in ways):
        same += 1
    return [[way[0], "…", *way[same - 1 :]] if same > 2 else way for way in ways]


def draw_trend(frame: pd.DataFrame, containers: str) -> alt.TopLevelMixin:
    """Counts over time with their band; partial buckets lighter, unusual ones marked."""
    import altair as alt

    if frame.empty:
        return theme.empty_chart(message("Nobody came there, so there is nothing over time."))
    data = frame.assign(
        day=frame["bucket"].dt.strftime("%Y-%m-%d"),
        state=[
            "partial" if p else "unusual" if u else "usual"
            for p, u in zip(frame["partial"], frame["unusual"], strict=True)
        ],
    )[["group", "day", "containers", "expected", "expected_low", "expected_high", "state"]]
    many = data["group"].nunique() > 1
    names = numbers.shortened_apart(list(data["group"]), 40)
    data["group"] = names
    x = alt.X("day:T", title=None, axis=alt.Axis(labelAngle=0, tickCount=6, format="%b %Y"))
    y = alt.Y(
        "containers:Q",
        title=containers.capitalize(),
        scale=alt.Scale(zero=True),
        axis=alt.Axis(format=",d", tickCount=4, tickMinStep=1),
    )
    colour: Any = (
        alt.Color("group:N", title=None, sort=list(dict.fromkeys(names)))
        if many
        else alt.value(theme.ACCENT)
    )
    base = alt.Chart(data).encode(x=x)
    band = (
        base.transform_filter("isValid(datum.expected)")
        .mark_area(color=theme.MUTED, opacity=0.45)
        .encode(y="expected_low:Q", y2="expected_high:Q")
    )
    line = base.mark_line(strokeWidth=2).encode(y=y, color=colour)
    points = base.mark_point(filled=True, size=46).encode(
        y=y,
        color=alt.condition(
            "datum.state == 'unusual'", alt.value(theme.WARNING), colour
        ) if not many else colour,
        opacity=alt.condition("datum.state == 'partial'", alt.value(0.3), alt.value(1)),
        tooltip=[
            alt.Tooltip("day:N", title=message("Begins")),
            alt.Tooltip("group:N", title=message("Group")),
            alt.Tooltip("containers:Q", title=containers.capitalize(), format=","),
            alt.Tooltip("expected:Q", title=message("To be expected"), format=".1f"),
        ],
    )  # fmt: skip
    layers = [line, points] if many else [band, line, points]
    return alt.layer(*layers).properties(width=760, height=240)
