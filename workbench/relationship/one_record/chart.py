"""The picture: the score of one record day by day, over the bands of the grades."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.messages import message
from workbench.relationship import wording
from workbench.relationship.chart import dated
from workbench.relationship.portfolio.bubbles_chart import OF_STATE
from workbench.results import theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.relationship.one_record.page import RelationshipRecord

WIDTH, HEIGHT = 640, 210


def draw(result: RelationshipRecord) -> alt.TopLevelMixin:
    """A line over bands of good, fair and poor; gaps where too little was known."""
    import altair as alt

    daily = result.daily
    if daily["score"].isna().all():
        return theme.empty_chart(
            message("There was no score on any of the last {days} days", days=len(daily))
        )
    data = daily.assign(day=daily["day"].dt.strftime("%Y-%m-%d"))
    ends = [data["day"].iloc[0], data["day"].iloc[-1]]
    axis = alt.Axis(format="%Y-%m-%d", grid=False, tickCount=5, labelOverlap=True)
    x = alt.X("day:T", title=None, scale=alt.Scale(domain=dated(ends), nice=False), axis=axis)
    y = alt.Y("score:Q", title=message("Health, 0–100"),
              scale=alt.Scale(domain=[0, 100], nice=False),
              axis=alt.Axis(values=[0, 20, 40, 60, 80, 100], grid=False, domain=False))  # fmt: skip
    known = data[data["score"].notna()]
    tooltip = [alt.Tooltip("day:N", title=message("Day")),
               alt.Tooltip("score:Q", title=message("Health, 0–100"))]  # fmt: skip
    line = alt.Chart(data).mark_line(color=theme.TEXT, strokeWidth=2, interpolate="step-after")
    dots = alt.Chart(known).mark_point(filled=True, size=14, color=theme.TEXT, opacity=1)
    last = known.tail(1).assign(label=[f"{known['score'].iloc[-1]:.0f}"])
    text = alt.Chart(last).mark_text(align="left", dx=8, fontSize=13, fontWeight="bold")
    layers = [
        *_bands(result, ends, x, y), line.encode(x=x, y=y),
        dots.encode(x=x, y=y, tooltip=tooltip), text.encode(x=x, y=y, text="label:N"),
    ]  # fmt: skip
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)


def _bands(result: RelationshipRecord, ends: list[str], x: Any, y: Any) -> list[Any]:
    import altair as alt

    rules, words = result.measured.asked.rules, wording.state_words()
    edges = {"good": (rules.good, 100), "fair": (rules.fair, rules.good), "poor": (0, rules.fair)}
    out: list[Any] = []
    for code, (low, high) in edges.items():
        band = pd.DataFrame(
            {"day": ends[:1], "until": ends[1:], "score": [high], "base": [low],
             "middle": [(low + high) / 2], "label": [words[code]]}
        )  # fmt: skip
        shade = alt.Chart(band).mark_rect(color=OF_STATE[code], opacity=0.13)
        name = alt.Chart(band).mark_text(align="left", dx=6, fontSize=12, color=theme.QUIET)
        out += [
            shade.encode(x=alt.X("day:T", title=None), x2="until:T", y=y, y2="base:Q"),
            name.encode(x=x, y=alt.Y("middle:Q"), text="label:N"),
        ]
    return out
