"""Pictures of a fallout: steps with drop-off, waiting times, trends, breakdowns, differences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

_WIDTH = 640
_PANEL_WIDTH = 760
_MOST_IN_A_ROW = 3


def draw(frame: pd.DataFrame, containers: str) -> alt.TopLevelMixin:
    """Steps from top to bottom; reached in colour, open lighter, fallen out in grey."""
    import altair as alt

    if frame.empty or not frame["start"].max():
        return theme.empty_chart(message("No {containers} in scope.", containers=containers))
    data = _bars(frame)
    groups = list(dict.fromkeys(frame["group"]))
    many = len(groups) > 1
    across = min(len(groups), _MOST_IN_A_ROW)
    width = _WIDTH if not many else int(760 / across)
    # Room for the text beside the bars; the width of a facet is fixed, the other follows the page.
    end_of_bars: Any = width - 128 if many else alt.ExprRef("width - 128")
    height = max(20, min(44, int(560 / frame["position"].nunique())))
    y = alt.Y(
        "label:N",
        sort=list(dict.fromkeys(data["label"])),
        title=None,
        axis=alt.Axis(labelLimit=300, domain=False, ticks=False, labelPadding=8),
        scale=alt.Scale(paddingInner=0.3),
    )
    largest = float(data["previous"].max())
    x_scale = alt.Scale(domain=[0, largest], nice=False, rangeMax=end_of_bars)
    axis = alt.Axis(tickCount=4, tickMinStep=1, format=",d", grid=True)
    tooltip = [
        alt.Tooltip("step:N", title=message("Step")),
        alt.Tooltip("group:N", title=message("Group")),
        alt.Tooltip("reached:Q", title=message("Reached"), format=","),
        alt.Tooltip("of_previous:N", title=message("Of the step before")),
        alt.Tooltip("of_start:N", title=message("Of the start")),
        alt.Tooltip("interval:N", title=message("95 % interval")),
        alt.Tooltip("fell_out:Q", title=message("Fell out before it"), format=","),
        alt.Tooltip("still_open:N", title=message("Of these still open")),
    ]
    base = alt.Chart(data)
    bars = (
        base.mark_bar(color=theme.MUTED).encode(
            y=y,
            x=alt.X("reached:Q", title=containers.capitalize(), scale=x_scale, axis=axis),
            x2="previous:Q",
            tooltip=tooltip,
        ),
        base.mark_bar(color=theme.OPEN).encode(
            y=y, x="reached:Q", x2="reached_or_open:Q", tooltip=tooltip
        ),
        base.mark_bar(color=theme.ACCENT).encode(y=y, x="zero:Q", x2="reached:Q", tooltip=tooltip),
        base.mark_rule(color=theme.TEXT, strokeWidth=1.2).encode(
            y=y, x="interval_from:Q", x2="interval_to:Q"
        ),
        base.mark_text(align="left", dx=7, fontSize=12, color=theme.TEXT).encode(
            y=y, x="label_at:Q", text="text:N"
        ),
    )
    chart = alt.layer(*bars).properties(width=width, height=alt.Step(height))
    if not many:
        return chart
    return chart.facet(
        facet=alt.Facet("panel:N", title=None, sort=list(dict.fromkeys(data["panel"]))),
        columns=across,
        spacing=20,
    ).resolve_scale(x="shared")


def _bars(frame: pd.DataFrame) -> pd.DataFrame:
    many = frame["group"].nunique() > 1
    data = frame.copy()
    still_open = data["open"].astype("Float64").fillna(0).astype(float)
    first = data["position"] == data.groupby("group")["position"].transform("min")
    data["label"] = numbers.shortened_apart(list(data["step"]), 26 if many else 38)
    sizes = data.groupby("group")["start"].transform("max")
    named = numbers.shortened_apart(list(data["group"]), 28)
    data["panel"] = [f"{name} (n = {size:,})" for name, size in zip(named, sizes, strict=True)]
    data["zero"] = 0
    data["reached_or_open"] = data["reached"] + still_open
    data["interval_from"] = data["share_of_start_low"] * data["start"]
    data["interval_to"] = data["share_of_start_high"] * data["start"]
    data.loc[first, ["interval_from", "interval_to"]] = float("nan")
    data["label_at"] = data[["previous", "interval_to"]].max(axis=1)
    data["of_previous"] = [numbers.share(v) for v in data["share_of_previous"]]
    data["of_start"] = [numbers.share(v) for v in data["share_of_start"]]
    data["interval"] = [
        numbers.between(low, high)
        for low, high in zip(data["share_of_start_low"], data["share_of_start_high"], strict=True)
    ]
    data["still_open"] = [numbers.count(v) for v in data["open"]]
    data["text"] = [
        numbers.count(row.reached)
        if begins
        else f"{numbers.count(row.reached)} · {row.of_previous} ({row.of_start})"
        for row, begins in zip(data.itertuples(), first, strict=True)
    ]
    drop = ["open", "matured_entries", "matured_reached", "share_of_matured"]
    return data.drop(columns=drop)


def draw_times(frame: pd.DataFrame) -> alt.TopLevelMixin:
    """Median and middle half of the days since the step before."""
    import altair as alt

    known = frame.dropna(subset="median_days_from_previous")
    if known.empty:
        return theme.empty_chart(message("Nobody took two steps."))
    data = known.assign(
        label=numbers.shortened_apart(list(known["step"])),
        text=[numbers.days(v) for v in known["median_days_from_previous"]],
    )
    many = data["group"].nunique() > 1
    y = alt.Y("label:N", sort=list(dict.fromkeys(data["label"])), title=None)
    channels: dict[str, Any] = {"color": alt.value(theme.ACCENT)}
    if many:
        channels = {
            "color": alt.Color("group:N", title=None),
            "yOffset": alt.YOffset("group:N"),
        }
    base = alt.Chart(data).encode(
        y=y,
        tooltip=[
            alt.Tooltip("step:N", title=message("Step")),
            alt.Tooltip("group:N", title=message("Group")),
            alt.Tooltip("text:N", title=message("Median")),
            alt.Tooltip(
                "p25_days_from_previous:Q", title=message("Quartile 1 (days)"), format=".1f"
            ),
            alt.Tooltip(
                "p75_days_from_previous:Q", title=message("Quartile 3 (days)"), format=".1f"
            ),
            alt.Tooltip("reached:Q", title=message("Reached"), format=","),
        ],
        **channels,
    )
    title = message("Days since the step before")
    lines = base.mark_rule(strokeWidth=3, opacity=0.45).encode(
        x=alt.X(
            "p25_days_from_previous:Q",
            title=title,
            scale=alt.Scale(zero=True, rangeMax=alt.ExprRef("width - 50")),
            axis=alt.Axis(tickCount=6),
        ),
        x2="p75_days_from_previous:Q",
    )
    points = base.mark_point(filled=True, size=90, opacity=1).encode(
        x="median_days_from_previous:Q"
    )
    texts = base.mark_text(align="left", dx=8, dy=-9, fontSize=12).encode(
        x="median_days_from_previous:Q", text="text:N", color=alt.value(theme.TEXT)
    )
    layers = [lines, points] if many else [lines, points, texts]
    return alt.layer(*layers).properties(width=_WIDTH, height=alt.Step(34))


def draw_trend(frame: pd.DataFrame, share: bool, containers: str) -> alt.TopLevelMixin:
    """One small panel a step over time; partial buckets lighter."""
    import altair as alt

    if frame.empty:
        return theme.empty_chart(message("No entries to draw over time."))
    data = frame.assign(
        panel=numbers.shortened_apart(list(frame["step"]), 40),
        value=frame["share_of_entered"] if share else frame["reached"],
        day=frame["bucket"].dt.strftime("%Y-%m-%d"),
        of=[
            f"{numbers.count(r)} / {numbers.count(e)}"
            for r, e in zip(frame["reached"], frame["entered"], strict=True)
        ],
    )
    data["bucket"] = data["day"]
    many = data["group"].nunique() > 1
    x = alt.X("bucket:T", title=None, axis=alt.Axis(labelAngle=0, tickCount=6, format="%b %Y"))
    y_title = message("Share of entries") if share else containers.capitalize()
    y = alt.Y(
        "value:Q",
        title=None,
        scale=alt.Scale(zero=True),
        axis=alt.Axis(
            format="%" if share else ",d", tickCount=3, tickMinStep=alt.Undefined if share else 1
        ),
    )
    colour = alt.Color("group:N", title=None) if many else alt.value(theme.ACCENT)
    tooltip = [
        alt.Tooltip("day:N", title=message("Begins")),
        alt.Tooltip("group:N", title=message("Group")),
        alt.Tooltip("step:N", title=message("Step")),
        alt.Tooltip("of:N", title=message("Reached / entered")),
        alt.Tooltip("value:Q", title=y_title, format=".1%" if share else ","),
    ]
    base = alt.Chart(data).encode(x=x, color=colour)
    band = base.mark_area(opacity=0.15).encode(y="low:Q", y2="high:Q")
    young = base.mark_line(strokeWidth=1.2, strokeDash=[4, 3], opacity=0.7).encode(y=y)
    line = base.transform_filter("!datum.partial").mark_line(strokeWidth=2).encode(y=y)
    points = base.mark_point(filled=True, size=45).encode(
        y=y,
        tooltip=tooltip,
        opacity=alt.condition("datum.partial", alt.value(0.3), alt.value(1)),
    )
    layers = [band, young, line, points] if share else [young, line, points]
    return (
        alt.layer(*layers)
        .properties(width=_PANEL_WIDTH, height=100)
        .facet(
            row=alt.Row(
                "panel:N",
                title=None,
                sort=list(dict.fromkeys(data["panel"])),
                header=alt.Header(labelOrient="top", labelAngle=0, labelPadding=2),
            ),
            spacing=10,
        )
        .resolve_scale(y="independent")
    )


def draw_people(frame: pd.DataFrame, containers: str) -> alt.TopLevelMixin:
    """One stacked bar a step: one person, several, nobody known."""
    import altair as alt

    if frame.empty or not (frame["one_person"] + frame["several_people"]).max():
        return theme.empty_chart(message("No step names a person."))
    names = {
        "several_people": message("several people"),
        "one_person": message("one person"),
        "nobody_known": message("nobody known"),
    }
    long = frame.assign(label=numbers.shortened_apart(list(frame["step"]))).melt(
        ["label", "reached", "position"], list(names), "kind", "containers"
    )
    long["order"] = [list(names).index(kind) for kind in long["kind"]]
    long["kind"] = [names[kind] for kind in long["kind"]]
    long["share"] = [numbers.share(v) for v in long["containers"] / long["reached"]]
    return (
        alt.Chart(long)
        .mark_bar()
        .encode(
            y=alt.Y("label:N", sort=list(dict.fromkeys(long["label"])), title=None),
            x=alt.X(
                "containers:Q",
                title=containers.capitalize(),
                axis=alt.Axis(tickCount=4, tickMinStep=1),
            ),
            order="order:O",
            color=alt.Color(
                "kind:N",
                title=None,
                scale=alt.Scale(
                    domain=list(names.values()), range=[theme.ACCENT, theme.OPEN, theme.MUTED]
                ),
            ),
            tooltip=[
                alt.Tooltip("label:N", title=message("Step")),
                alt.Tooltip("kind:N", title=message("Done by")),
                alt.Tooltip("containers:Q", title=containers.capitalize(), format=","),
                alt.Tooltip("share:N", title=message("Share")),
            ],
        )
        .properties(width=_WIDTH, height=alt.Step(28))
    )


def draw_items(frame: pd.DataFrame, containers: str) -> alt.TopLevelMixin:
    """Items by size, with counts beside the bars."""
    import altair as alt

    if frame.empty or not frame["total"].max():
        return theme.empty_chart(message("There is no event to break down."))
    data = frame.assign(
        label=numbers.shortened_apart(list(frame["item"]), 40),
        text=[
            f"{numbers.count(c)} · {numbers.share(s)}"
            for c, s in zip(frame["containers"], frame["share"], strict=True)
        ],
    )
    largest = float(data["containers"].max() or 1)
    base = alt.Chart(data).encode(
        y=alt.Y("label:N", sort=list(data["label"]), title=None),
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
            alt.Tooltip("rows:Q", title=message("Events"), format=","),
        ],
    )
    bars = base.mark_bar(color=theme.ACCENT)
    texts = base.mark_text(align="left", dx=6, color=theme.TEXT).encode(text="text:N")
    return alt.layer(bars, texts).properties(width=_WIDTH, height=alt.Step(24))


def draw_differences(frame: pd.DataFrame, overall: float) -> alt.TopLevelMixin:
    """Share of each group with its interval, the overall share as a line."""
    import altair as alt

    known = frame.dropna(subset="share")
    if known.empty:
        return theme.empty_chart(message("There are no two groups to compare."))
    verdicts = {True: message("differs"), False: message("could be chance")}
    data = known.assign(
        label=numbers.shortened_apart(list(known["group"])),
        text=[
            f"{numbers.share(s)} ({numbers.count(r)} / {numbers.count(t)})"
            for s, r, t in zip(known["share"], known["reached"], known["total"], strict=True)
        ],
        verdict=[verdicts[bool(v)] for v in known["differs"]],
        points=[numbers.points(v) for v in known["difference"]],
    )
    base = alt.Chart(data).encode(
        y=alt.Y("label:N", sort=list(data["label"]), title=None),
        color=alt.Color(
            "verdict:N",
            title=None,
            scale=alt.Scale(domain=list(verdicts.values()), range=[theme.ACCENT, "#8A94A0"]),
        ),
        tooltip=[
            alt.Tooltip("group:N", title=message("Group")),
            alt.Tooltip("text:N", title=message("Share")),
            alt.Tooltip("points:N", title=message("Against all others")),
            alt.Tooltip("p_adjusted:Q", title=message("p, adjusted"), format=".3f"),
        ],
    )
    top = min(1.0, max(0.05, float(data["high"].max())))
    ticks = [t / 10 for t in range(0, 11, 2)] if top > 0.5 else None
    x = alt.X(
        "share:Q",
        title=message("Share that reaches the step (line: all together)"),
        axis=alt.Axis(format="%", **({"values": ticks} if ticks else {"tickCount": 5})),
        scale=alt.Scale(domain=[0, top], nice=False, rangeMax=alt.ExprRef("width - 118")),
    )
    line = (
        alt.Chart(pd.DataFrame({"x": [overall]}))
        .mark_rule(color=theme.QUIET, strokeDash=[4, 3])
        .encode(x="x:Q")
    )
    rules = base.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q")
    points = base.mark_point(filled=True, size=90, opacity=1).encode(x=x)
    texts = base.mark_text(align="left", dx=7, fontSize=12).encode(
        x="high:Q", text="text:N", color=alt.value(theme.TEXT)
    )
    return alt.layer(line, rules, points, texts).properties(width=_WIDTH, height=alt.Step(30))
