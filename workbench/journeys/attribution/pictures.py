"""Pictures of the views: models side by side, places in the journey, roles, time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.journeys.attribution.chart import WIDTH, credit_axis, labels_of
from workbench.journeys.attribution.lines import ITEM_LINE, NONE_LINE
from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

_MOST_PANELS = 3
MOST_LINES = 12
_MOST_TREND = 8


def draw_models(frame: pd.DataFrame, by_value: bool) -> alt.TopLevelMixin:
    """A panel a model with items in one order; a tick marks the share under the first model."""
    import altair as alt

    if frame["share"].isna().all():
        return theme.empty_chart(message("There is no credit to share out."))
    models = list(dict.fromkeys(frame["model"]))
    first = frame[frame["model"] == models[0]]
    kept = first.head(MOST_LINES) if len(first) > MOST_LINES + 2 else first
    data = frame[frame["item"].isin(kept["item"]) & frame["line"].isin(kept["line"])].copy()
    named = dict(
        zip(zip(kept["item"], kept["line"], strict=True), labels_of(kept, 30), strict=True)
    )
    base = first.set_index(["item", "line"])["share"]
    keys = list(zip(data["item"], data["line"], strict=True))
    data["label"] = [named[key] for key in keys]
    data["base"] = [base[key] for key in keys]
    colours = {ITEM_LINE: theme.ACCENT, NONE_LINE: theme.MUTED}
    data["colour"] = [colours.get(line, theme.OPEN) for line in data["line"]]
    data["share_text"] = [numbers.share(v) for v in data["share"]]
    data["points"] = [numbers.points(v) for v in data["difference"]]
    data["interval"] = [
        numbers.between(a, b) for a, b in zip(data["share_low"], data["share_high"], strict=True)
    ]
    top = float(data[["share", "share_high", "base"]].max().max()) or 1.0
    across = min(len(models), _MOST_PANELS if len(models) <= 6 else _MOST_PANELS + 1)
    title = message("Share of all value") if by_value else message("Share of all conversions")
    base_chart = alt.Chart(data).encode(
        y=alt.Y("label:N", sort=list(named.values()), title=None),
        tooltip=[
            alt.Tooltip("item:N", title=message("Item")),
            alt.Tooltip("model:N", title=message("Model")),
            alt.Tooltip("share_text:N", title=title),
            alt.Tooltip("interval:N", title=message("95 % interval")),
            alt.Tooltip("points:N", title=message("Against {model}", model=models[0])),
        ],
    )
    x = alt.X(
        "share:Q",
        title=None,
        scale=alt.Scale(domain=[0, top], nice=False, rangeMax=760 // across - 44),
        axis=alt.Axis(format="%", tickCount=3),
    )
    bars = base_chart.mark_bar().encode(x=x, color=alt.Color("colour:N", scale=None))
    rules = base_chart.mark_rule(color=theme.TEXT, strokeWidth=1.2).encode(
        x="share_low:Q", x2="share_high:Q"
    )
    ticks = base_chart.mark_tick(color="#000", thickness=2, size=14).encode(x="base:Q")
    texts = base_chart.mark_text(align="left", dx=5, fontSize=12, color=theme.TEXT).encode(
        x=alt.X("at:Q"), text="share_text:N"
    )
    data["at"] = data[["share", "share_high", "base"]].max(axis=1)
    return (
        alt.layer(bars, rules, ticks, texts, data=data)
        .properties(width=760 // across, height=alt.Step(22))
        .facet(
            facet=alt.Facet("model:N", title=title, sort=models),
            columns=across,
            spacing=16,
        )
        .resolve_axis(x="independent")
    )


def draw_positions(frame: pd.DataFrame) -> alt.TopLevelMixin:
    """A panel a place in the window, items in one order."""
    import altair as alt

    if frame.empty or not frame["touched_conversions"].max():
        return theme.empty_chart(message("No conversion has a touch."))
    names = {
        "first": message("First of several"),
        "middle": message("Between"),
        "last": message("Last of several"),
        "only": message("Only touch"),
    }
    data = frame[frame["touched_conversions"] > 0].copy()
    data["label"] = [
        f"{name} (n = {touched:,})"
        for name, touched in zip(labels_of(data, 28), data["touched_conversions"], strict=True)
    ]
    long = data.melt(["item", "label", "touched_conversions"], list(names), "place", "number")
    long["place"] = [names[place] for place in long["place"]]
    long["share"] = long["number"] / long["touched_conversions"]
    long["share_text"] = [numbers.share(v) for v in long["share"]]
    base = alt.Chart().encode(
        y=alt.Y("label:N", sort=list(data["label"]), title=None),
        tooltip=[
            alt.Tooltip("item:N", title=message("Item")),
            alt.Tooltip("place:N", title=message("Place in the window")),
            alt.Tooltip("number:Q", title=message("Conversions"), format=","),
            alt.Tooltip("touched_conversions:Q", title=message("Of those it touched"), format=","),
            alt.Tooltip("share_text:N", title=message("Share")),
        ],
    )
    width = 150
    x = alt.X(
        "share:Q",
        title=message("Of those it touched"),
        axis=alt.Axis(format="%", values=[0, 0.5, 1]),
        scale=alt.Scale(domain=[0, 1], nice=False, rangeMax=width - 42),
    )
    bars = base.mark_bar(color=theme.ACCENT).encode(x=x)
    texts = base.mark_text(align="left", dx=4, fontSize=12, color=theme.TEXT).encode(
        x="share:Q", text="share_text:N"
    )
    return (
        alt.layer(bars, texts, data=long)
        .properties(width=width, height=alt.Step(22))
        .facet(column=alt.Column("place:N", title=None, sort=list(names.values())), spacing=10)
    )


def draw_roles(frame: pd.DataFrame, sentence: str) -> alt.TopLevelMixin:
    """Share of conversions in which each role was touched, of those that have it."""
    import altair as alt

    known = frame.dropna(subset="share_touched")
    if known.empty:
        return theme.empty_chart(sentence)
    data = known.assign(
        label=[
            message("{role} (weight {weight})", role=role, weight=f"{weight:g}")
            for role, weight in zip(
                numbers.shortened_apart(list(known["role"]), 26), known["weight"], strict=True
            )
        ],
        text=[
            f"{numbers.share(s)} ({numbers.count(t)} / {numbers.count(h)})"
            for s, t, h in zip(known["share_touched"], known["touched"], known["held"], strict=True)
        ],
        credit=[numbers.significant(v) for v in known["conversions"]],
        weighed=[numbers.significant(v) for v in known["weighted_conversions"]],
    )
    base = alt.Chart(data).encode(
        y=alt.Y("label:N", sort=list(data["label"]), title=None),
        tooltip=[
            alt.Tooltip("role:N", title=message("Role")),
            alt.Tooltip("text:N", title=message("Touched")),
            alt.Tooltip("credit:N", title=message("Conversions credited")),
            alt.Tooltip("weighed:N", title=message("Weighed by role")),
        ],
    )
    x = alt.X(
        "share_touched:Q",
        title=message("Conversions in which the role was touched, of those that have it"),
        axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1]),
        scale=alt.Scale(domain=[0, 1], nice=False, rangeMax=alt.ExprRef("width - 120")),
    )
    bars = base.mark_bar(color=theme.ACCENT).encode(x=x)
    rules = base.mark_rule(color=theme.TEXT, strokeWidth=1.2).encode(
        x="share_touched_low:Q", x2="share_touched_high:Q"
    )
    texts = base.mark_text(align="left", dx=7, fontSize=12, color=theme.TEXT).encode(
        x="share_touched_high:Q", text="text:N"
    )
    return alt.layer(bars, rules, texts).properties(width=WIDTH, height=alt.Step(30))


def draw_trend(frame: pd.DataFrame, by_value: bool, currency: str) -> alt.TopLevelMixin:
    """A small panel a line; buckets that are not over lighter."""
    import altair as alt

    if frame.empty:
        return theme.empty_chart(message("No conversion to draw over time."))
    keys = list(dict.fromkeys(zip(frame["item"], frame["line"], strict=True)))
    items = [key for key in keys if key[1] == ITEM_LINE][:_MOST_TREND]
    missed = frame.loc[frame["line"] == NONE_LINE, "conversions"].any()
    rest = [key for key in keys if key[1] == NONE_LINE and missed]
    kept = pd.DataFrame([*items, *rest], columns=["item", "line"])
    named = dict(zip([*items, *rest], labels_of(kept, 28), strict=True))
    pairs = list(zip(frame["item"], frame["line"], strict=True))
    data = frame[[key in named for key in pairs]].copy()
    data["panel"] = [named[key] for key in pairs if key in named]
    data["credit"] = data["value"] if by_value else data["conversions"]
    data["day"] = data["bucket"].dt.strftime("%Y-%m-%d")
    data["share_text"] = [numbers.share(v) for v in data["share"]]
    data["colour"] = [theme.MUTED if line == NONE_LINE else theme.ACCENT for line in data["line"]]
    data["opacity"] = [0.4 if partial else 1.0 for partial in data["partial"]]
    data = data.drop(columns="bucket")
    days = list(dict.fromkeys(data["day"]))
    measure = message("Value credited") if by_value else message("Conversions credited")
    many = len(days) > 40
    x: Any = alt.X("day:T" if many else "day:O", title=None, axis=_time_axis(days, many))
    y = alt.Y(
        "credit:Q",
        title=None,
        axis=credit_axis(by_value, float(data["credit"].max()), 2),
    )
    bars = (
        alt.Chart(data)
        .mark_bar()
        .encode(
            x=x,
            y=y,
            color=alt.Color("colour:N", scale=None),
            opacity=alt.Opacity("opacity:Q", scale=None),
            tooltip=[
                alt.Tooltip("item:N", title=message("Item")),
                alt.Tooltip("day:N", title=message("Begins")),
                alt.Tooltip("conversions:Q", title=message("Conversions credited"), format=",.2f"),
                alt.Tooltip("share_text:N", title=message("Of all conversions")),
                alt.Tooltip("credit:Q", title=measure, format=",.2f"),
            ],
        )
    )
    title = f"{measure}, {currency}" if by_value and currency else measure
    return bars.properties(width=760, height=64).facet(
        row=alt.Row(
            "panel:N",
            title=title,
            sort=list(named.values()),
            header=alt.Header(
                labelOrient="top", labelAngle=0, labelPadding=2, titleOrient="top", titleAngle=0
            ),
        ),
        spacing=8,
    )


def _time_axis(days: list[str], many: bool) -> Any:
    import altair as alt

    if many:
        return alt.Axis(labelAngle=0, tickCount=6, format="%b %Y")
    step = max(1, -(-len(days) // 8))
    return alt.Axis(labelAngle=0, values=days[::step])
