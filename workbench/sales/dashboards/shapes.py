"""The shapes of components, each about 330 pixels wide so that a telephone shows it whole."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme
from workbench.sales.reporting.wording import figure

if TYPE_CHECKING:
    from workbench.sales.dashboards.component import Component
    from workbench.sales.reporting.measures import MeasureOf

WIDTH, HEIGHT, MOST = 240, 190, 24
_BANDS = ("#F6D5C3", "#F6EBC8", "#D3E8DC")


def sentence(text: str) -> Any:
    """A picture that says why there is none."""
    return theme.empty_chart(text).properties(width=WIDTH + 60, height=60)


def data_of(component: Component) -> pd.DataFrame:
    """What is drawn: name, whole, series, value, text, share; at most `MOST` groups."""
    place, measure = component.shown_measures[0]
    marks = [m for m in component.marks if isinstance(m.line.figures[place], int | float)]
    groups = list(dict.fromkeys(m.group for m in marks))[:MOST]
    marks = [m for m in marks if m.group in groups]
    names = dict(zip(groups, numbers.shortened_apart(groups, 20), strict=True))
    values = [float(m.line.figures[place]) for m in marks]
    total = sum(values)
    return pd.DataFrame(
        {
            "name": [names[m.group] for m in marks],
            "whole": [m.name for m in marks],
            "series": [numbers.shortened(m.series, 20) for m in marks],
            "value": values,
            "text": [figure(v, measure) for v in values],
            "share": [v / total if total else 0.0 for v in values],
        }
    )


def _left_out(component: Component) -> str:
    groups = {m.group for m in component.marks}
    if len(groups) <= MOST:
        return ""
    return " · " + message("{n} more in the table", n=numbers.count(len(groups) - MOST))


def _axis_title(component: Component) -> str:
    measure = component.shown_measures[0][1]
    unit = f" ({measure.currency})" if measure.currency else ""
    return f"{measure.name}{unit}{_left_out(component)}"


def axis_format(measure: MeasureOf) -> str:
    """How an axis writes a figure; small plain numbers are not written as thousandths."""
    return "%" if measure.unit == "share" else ",.3~r" if measure.unit == "number" else "~s"


def _axis(component: Component) -> Any:
    import altair as alt

    return alt.Axis(format=axis_format(component.shown_measures[0][1]), tickCount=4)


def _tips(component: Component) -> list[Any]:
    import altair as alt

    return [alt.Tooltip("whole:N", title=message("Group")),
            alt.Tooltip("text:N", title=component.shown_measures[0][1].name)]  # fmt: skip


def _domain(values: list[float], component: Component, room: float = 0.0) -> list[float]:
    more = [v for v in (component.asked.reference, component.target) if v is not None]
    high, low = max([0.0, *values, *more]), min([0.0, *values, *more])
    span = (high - low) or 1.0
    return [low, high + room * span]


def _lines_at(component: Component, channel: str) -> list[Any]:
    """Reference line and target across the picture."""
    import altair as alt

    out = []
    measure = component.shown_measures[0][1]
    for value, word, colour in (
        (component.asked.reference, message("reference"), theme.QUIET),
        (component.target, message("target"), theme.WARNING),
    ):
        if value is None:
            continue
        rule = pd.DataFrame({"at": [value], "label": [f"{word} {figure(value, measure)}"]})
        base = alt.Chart(rule).encode(**{channel: "at:Q"})
        out.append(base.mark_rule(color=colour, strokeDash=[4, 3], strokeWidth=1.5))
        top = {"y": alt.value(-6)} if channel == "x" else {"x": alt.value(WIDTH)}
        out.append(
            base.mark_text(color=colour, fontSize=12, align="right", baseline="bottom")
            .encode(text="label:N", **top)
        )  # fmt: skip
    return out


def number(component: Component) -> Any:
    """One large figure; its part of the target below."""
    import altair as alt

    data = data_of(component).assign(detail=_of_target(component))
    base = alt.Chart(data)
    big = base.mark_text(
        fontSize=34, align="left", baseline="middle", color=theme.TEXT, fontWeight="bold"
    ).encode(text="text:N", x=alt.value(0), y=alt.value(28), tooltip=_tips(component))
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
    x = alt.X("low:Q", scale=scale, title=_axis_title(component),
              axis=alt.Axis(values=edges, format="~s", grid=False))  # fmt: skip
    drawn = alt.Chart(bands).mark_rect(height=34).encode(
        x=x, x2="high:Q", y=alt.value(42), color=alt.Color("colour:N", scale=None),
        tooltip=[alt.Tooltip("text:N", title=message("Band"))],
    )  # fmt: skip
    data = data_of(component).assign(low=edges[0])
    bar = alt.Chart(data).mark_rect(height=14, color=theme.ACCENT).encode(
        x=alt.X("low:Q", scale=scale), x2="value:Q", y=alt.value(42), tooltip=_tips(component)
    )  # fmt: skip
    text = alt.Chart(data).mark_text(fontSize=20, fontWeight="bold", align="left").encode(
        text="text:N", x=alt.value(0), y=alt.value(10)
    )  # fmt: skip
    return alt.layer(drawn, bar, text, *_lines_at(component, "x")).properties(
        width=WIDTH + 60, height=64
    )


def bar(component: Component) -> Any:
    """Horizontal bars with their figures."""
    import altair as alt

    data = data_of(component)
    base = alt.Chart(data).encode(
        y=alt.Y("name:N", sort=list(dict.fromkeys(data["name"])), title=None,
                axis=alt.Axis(labelLimit=130)),
        x=alt.X("value:Q", title=_axis_title(component),
                scale=alt.Scale(domain=_domain(list(data["value"]), component, 0.35)),
                axis=_axis(component)),
        tooltip=_tips(component),
    )  # fmt: skip
    start = alt.Chart(data.assign(end=data["value"].clip(lower=0))).encode(
        y=alt.Y("name:N", sort=list(dict.fromkeys(data["name"]))), x="end:Q", text="text:N"
    )
    bars = base.mark_bar(color=theme.ACCENT, height=16)
    text = start.mark_text(align="left", dx=4, fontSize=12, color=theme.TEXT)
    return alt.layer(bars, text, *_lines_at(component, "x")).properties(
        width=WIDTH, height=alt.Step(24)
    )


def _across(component: Component, data: pd.DataFrame) -> Any:
    import altair as alt

    names = list(dict.fromkeys(data["name"]))
    title = component.statement.rows[0].name if component.statement.rows else None
    return alt.X("name:N", sort=names, title=title, axis=alt.Axis(
        labelAngle=0, labelOverlap="greedy", labelLimit=100,
    ))  # fmt: skip


def column(component: Component) -> Any:
    """Columns in the order of their groups."""
    import altair as alt

    data = data_of(component)
    base = alt.Chart(data).encode(
        x=_across(component, data),
        y=alt.Y("value:Q", title=_axis_title(component), axis=_axis(component),
                scale=alt.Scale(domain=_domain(list(data["value"]), component, 0.08))),
        tooltip=_tips(component),
    )  # fmt: skip
    marks = [base.mark_bar(color=theme.ACCENT)]
    if len(data) <= 4:
        marks.append(base.mark_text(dy=-7, fontSize=12, color=theme.TEXT).encode(text="text:N"))
    return alt.layer(*marks, *_lines_at(component, "y")).properties(width=WIDTH, height=HEIGHT)


def _coloured(data: pd.DataFrame, component: Component) -> Any:
    import altair as alt

    group = component.statement.columns
    order = sorted({m.line.columns[0] for m in component.marks}, key=group[0].place)
    names = list(dict.fromkeys(numbers.shortened(group[0].label(v), 20) for v in order))
    colours = [theme.CATEGORIES[n % len(theme.CATEGORIES)] for n in range(len(names))]
    return alt.Color("series:N", sort=names, title=group[0].name,
                     scale=alt.Scale(domain=names, range=colours),
                     legend=alt.Legend(columns=2, orient="top", labelLimit=110))  # fmt: skip


def stacked(component: Component) -> Any:
    """Bars of parts."""
    import altair as alt

    data = data_of(component)
    totals = list(data.groupby("name")["value"].sum())
    bars = alt.Chart(data).mark_bar(height=16).encode(
        y=alt.Y("name:N", sort=list(dict.fromkeys(data["name"])), title=None,
                axis=alt.Axis(labelLimit=130)),
        x=alt.X("value:Q", title=_axis_title(component), stack="zero",
                scale=alt.Scale(domain=_domain(totals, component)),
                axis=_axis(component)),
        color=_coloured(data, component), tooltip=_tips(component),
    )  # fmt: skip
    return alt.layer(bars, *_lines_at(component, "x")).properties(width=WIDTH, height=alt.Step(24))


def line(component: Component) -> Any:
    """A line along the groups, one for each series."""
    import altair as alt

    data = data_of(component)
    base = alt.Chart(data).encode(
        x=_across(component, data),
        y=alt.Y("value:Q", title=_axis_title(component), axis=_axis(component),
                scale=alt.Scale(domain=_domain(list(data["value"]), component, 0.08))),
        tooltip=_tips(component),
    )  # fmt: skip
    if component.statement.columns:
        base = base.encode(color=_coloured(data, component))
        drawn = base.mark_line(point=True)
    else:
        drawn = base.mark_line(point=alt.OverlayMarkDef(color=theme.ACCENT), color=theme.ACCENT)
    return alt.layer(drawn, *_lines_at(component, "y")).properties(width=WIDTH, height=HEIGHT)


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
        .encode(theta="value:Q", color=colour, order="order:Q", tooltip=_tips(component))
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
                axis=alt.Axis(domain=False, ticks=False, labelLimit=130)),
        tooltip=_tips(component),
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
    middle = (float(data["x"].max()) + float(data["x"].min())) / 2
    left, right = most[most["x"] <= middle], most[most["x"] > middle]
    named = [
        alt.Chart(left).mark_text(align="left", dx=7, fontSize=12),
        alt.Chart(right).mark_text(align="right", dx=-7, fontSize=12),
    ]
    named = [n.encode(x="x:Q", y="y:Q", text="name:N") for n, part in zip(
        named, (left, right), strict=True) if len(part)]  # fmt: skip
    return alt.layer(points, *named).properties(width=WIDTH, height=HEIGHT)


def table(component: Component) -> Any:
    """The first lines as text; all of them stand in the table below."""
    import altair as alt

    assert component.report is not None
    rows, columns = component.report.table_frame(), component.report.shown()[:4]
    if rows.empty or not columns:
        return sentence(message("No row meets the conditions."))
    from workbench.results.tables import as_text

    cells = []
    for r, row in enumerate(rows.head(8).to_dict("records")):
        for c, shown in enumerate(columns):
            text = as_text(row[shown.name], shown.kind, shown.unit)
            cells.append({"r": r + 1, "c": c, "text": numbers.shortened(text, 15), "head": False})
    heads = [{"r": 0, "c": c, "text": numbers.shortened(s.label, 15), "head": True}
             for c, s in enumerate(columns)]  # fmt: skip
    step = (WIDTH + 80) // len(columns)
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
