"""The picture: bars of each day, ours above the line and the customer's below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.messages import message
from workbench.relationship.chart import dated, ticks
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.relationship.one_record.recent import RecentActivity

WIDTH, HEIGHT = 680, 240
COLOURS = (theme.ACCENT, "#E69F00", "#009E73")
FEWEST_SHADED = 5


def draw(result: RecentActivity) -> alt.TopLevelMixin:
    """Stacked bars in both directions, and the longest silence as a band."""
    import altair as alt

    frame = result.frame
    if not frame["activities"].sum():
        return theme.empty_chart(result.headline())
    data, names = _long(frame)
    first, last = frame["day"].iloc[0], frame["day"].iloc[-1] + pd.Timedelta(days=1)
    domain = [first.strftime("%Y-%m-%d"), last.strftime("%Y-%m-%d")]
    most = max(_highest(data, 1), _highest(data, -1), 1)
    axis = alt.Axis(
        format="%Y-%m-%d", grid=False, tickCount=ticks(first, last, 6), labelOverlap=True
    )
    x = alt.X("day:T", title=None, scale=alt.Scale(domain=dated(domain), nice=False), axis=axis)
    y = alt.Y(
        "value:Q",
        title=message("Activities a day"),
        scale=alt.Scale(domain=[-most * 1.22, most * 1.22], nice=False),
        axis=alt.Axis(format="d", labelExpr="abs(datum.value)", tickMinStep=1, domain=False,
                      tickCount=int(min(2 * most, 7))),
    )  # fmt: skip
    bars = alt.Chart(data).mark_bar().encode(
        x=alt.X("day:T", title=None), x2="until:T", y=y, y2="base:Q",
        color=alt.Color("kind:N", title=None, sort=names,
                        scale=alt.Scale(domain=names, range=list(COLOURS))),
        tooltip=[alt.Tooltip("shown:N", title=message("Date")),
                 alt.Tooltip("words:N", title=message("What")),
                 alt.Tooltip("count:Q", title=message("Number"))],
    )  # fmt: skip
    layers: list[Any] = [*_silence(result, most, x, y), bars]
    zero = alt.Chart(pd.DataFrame({"value": [0]})).mark_rule(color=theme.QUIET)
    layers += [zero.encode(y=y), *_sides(domain, most, x, y)]
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)


def _long(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """A line a part of a bar, with its begin and end above or below zero."""
    kinds = (
        (message("Mails"), "mails_sent", "mails_received"),
        (message("Meetings"), "meetings_sent", "meetings_received"),
        (message("Calls"), "calls_made", "calls_received"),
    )
    said = {1: message("begun by us"), -1: message("begun by the customer")}
    parts = []
    for sign in (1, -1):
        height = frame["activities"] * 0
        for kind, ours, theirs in kinds:
            count = frame[ours if sign > 0 else theirs]
            part = pd.DataFrame(
                {
                    "day": frame["day"].dt.strftime("%Y-%m-%d"),
                    "until": (frame["day"] + pd.Timedelta(hours=20)).dt.strftime("%Y-%m-%dT%H:%M"),
                    "shown": frame["day"].dt.strftime("%Y-%m-%d"),
                    "kind": kind, "words": f"{kind}, {said[sign]}", "count": count,
                    "base": sign * height, "value": sign * (height + count), "sign": sign,
                }
            )  # fmt: skip
            height = height + count
            parts.append(part[part["count"] > 0])
    return pd.concat(parts, ignore_index=True), [kind for kind, _, _ in kinds]


def _highest(data: pd.DataFrame, sign: int) -> float:
    return float((data.loc[data["sign"] == sign, "value"] * sign).max() or 0) if len(data) else 0


def _silence(result: RecentActivity, most: float, x: Any, y: Any) -> list[Any]:
    import altair as alt

    begin, end = result.gap
    if end - begin < FEWEST_SHADED:
        return []
    days = result.frame["day"]
    until = days.iloc[end - 1] + pd.Timedelta(days=1)
    middle = days.iloc[begin] + (until - days.iloc[begin]) / 2
    band = pd.DataFrame(
        {
            "day": [days.iloc[begin].strftime("%Y-%m-%d")],
            "until": [until.strftime("%Y-%m-%d")],
            "middle": [middle.strftime("%Y-%m-%dT%H:%M")],
            "value": [most * 1.22], "base": [-most * 1.22], "at": [-most * 1.08],
            "label": [message("{n} days of silence", n=numbers.count(end - begin))],
        }
    )  # fmt: skip
    shade = alt.Chart(band).mark_rect(color=theme.MUTED, opacity=0.35)
    text = alt.Chart(band).mark_text(fontSize=12, color=theme.QUIET)
    return [
        shade.encode(x=alt.X("day:T", title=None), x2="until:T", y=y, y2="base:Q"),
        text.encode(x=alt.X("middle:T"), y=alt.Y("at:Q"), text="label:N"),
    ]


def _sides(domain: list[str], most: float, x: Any, y: Any) -> list[Any]:
    import altair as alt

    data = pd.DataFrame(
        {
            "day": domain[:1] * 2, "value": [most * 1.12, -most * 1.12],
            "label": [message("We began"), message("The customer began")],
        }
    )  # fmt: skip
    mark = alt.Chart(data).mark_text(align="left", dx=4, fontSize=12, color=theme.QUIET)
    return [mark.encode(x=x, y=y, text="label:N")]
