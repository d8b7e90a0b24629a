"""Pictures of a score: open deals by grade; without a model the win rate of each stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.score.result import Score

WIDTH = 560
NAME_LENGTH = 30


def draw(result: Score) -> alt.TopLevelMixin:
    """Bars of open deals by grade, or rates by stage where there is no model."""
    if result.basis.model is None:
        return draw_rates(result)
    frame = result.frame
    if not len(frame):
        return theme.empty_chart(result.headline())
    grades = result.basis.question.grades
    lines = [
        (f"{name}  {max(low, 1)}–{high}", int((frame["grade"] == name).sum()))
        for name, low, high in zip(grades.names, grades.minima, grades.maxima, strict=True)
    ]
    lines.append((message("no score"), int(frame["score"].isna().sum())))
    data = pd.DataFrame(lines, columns=["grade", "deals"])
    data["label"] = numbers.shortened_apart(list(data["grade"]), NAME_LENGTH)
    data["best"] = data.index == 0
    data["text"] = [f"{n:,} ({numbers.share(n / len(frame))})" if n else "0" for n in data["deals"]]
    return _bars(
        data, "deals", message("Open deals, of {n}", n=f"{len(frame):,}"), list(data["label"])
    )


def _bars(data: pd.DataFrame, value: str, title: str, order: list[str]) -> alt.TopLevelMixin:
    import altair as alt

    base = alt.Chart(data).encode(
        y=alt.Y("label:N", sort=order, title=None, axis=alt.Axis(ticks=False, domain=False)),
        x=alt.X(
            f"{value}:Q",
            title=title,
            scale=alt.Scale(zero=True, nice=False, rangeMax=alt.ExprRef("width - 90")),
            axis=alt.Axis(tickCount=5, tickMinStep=1, grid=True),
        ),
        tooltip=[
            alt.Tooltip("grade:N", title=message("Grade")),
            alt.Tooltip("text:N", title=message("Open deals")),
        ],
    )
    bars = base.mark_bar(height={"band": 0.7}).encode(
        color=alt.condition("datum.best", alt.value(theme.ACCENT), alt.value(theme.MUTED))
    )
    texts = base.mark_text(align="left", dx=6, fontSize=12).encode(
        text="text:N", color=alt.value(theme.TEXT)
    )
    return alt.layer(bars, texts).properties(width=WIDTH, height=alt.Step(30))


def draw_rates(result: Score) -> alt.TopLevelMixin:
    """The share won of each stage, with its interval and the numbers."""
    import altair as alt

    rates = result.stage_rates
    rates = rates[rates["closed"] > 0]
    if not len(rates):
        return theme.empty_chart(result.headline())
    several = rates["pipeline"].nunique() > 1
    names = [
        f"{stage} · {pipeline}" if several and pipeline else str(stage)
        for pipeline, stage in zip(rates["pipeline"], rates["stage"], strict=True)
    ]
    data = rates.assign(
        whole=names,
        label=numbers.shortened_apart(names, NAME_LENGTH),
        text=[
            f"{numbers.share(s)} ({w:,}/{c:,})"
            for s, w, c in zip(rates["share"], rates["won"], rates["closed"], strict=True)
        ],
        interval=[
            numbers.between(low, high)
            for low, high in zip(rates["low"], rates["high"], strict=True)
        ],
    )
    tooltip = [
        alt.Tooltip("whole:N", title=message("Stage")),
        alt.Tooltip("text:N", title=message("Won, of closed deals once in it")),
        alt.Tooltip("interval:N", title=message("95 % interval")),
    ]
    x = alt.X(
        "share:Q",
        title=message("Won, of the closed deals that were ever in the stage"),
        scale=alt.Scale(domain=[0, 1], rangeMax=alt.ExprRef("width - 110")),
        axis=alt.Axis(format=".0%", tickCount=5),
    )
    base = alt.Chart(data).encode(
        y=alt.Y("label:N", sort=list(data["label"]), title=None), tooltip=tooltip
    )
    bars = base.mark_bar(color=theme.MUTED, height={"band": 0.7}).encode(x=x)
    rules = base.mark_rule(color=theme.TEXT).encode(x="low:Q", x2="high:Q")
    texts = base.mark_text(align="left", dx=6, fontSize=12).encode(
        x="high:Q", text="text:N", color=alt.value(theme.TEXT)
    )
    return alt.layer(bars, rules, texts).properties(width=WIDTH, height=alt.Step(28))
