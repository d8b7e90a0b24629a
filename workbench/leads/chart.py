"""The picture: time left for the leads that wait, the first to run out on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

MOST = 25


def draw(frame: pd.DataFrame, due_soon_hours: float) -> alt.TopLevelMixin:
    """Bars of the days left, coloured by how pressing they are.

    Parameters
    ----------
    frame : pandas.DataFrame
        Lines of leads; those that do not wait are left out.
    due_soon_hours : float
    """
    import altair as alt

    names = [
        message("Hot: a call was asked for"),
        message("Due within {hours} hours", hours=numbers.significant(due_soon_hours)),
        message("Waits"),
    ]
    data = frame[frame["hours_left"].notna()]
    data = data.sort_values("hours_left", kind="stable", ignore_index=True).head(MOST)
    data["rank"] = range(len(data))
    data["urgency"] = [
        names[0] if alert == "hot" else names[1] if due else names[2]
        for alert, due in zip(data["alert"], data["due_soon"], strict=True)
    ]
    who = [
        k if numbers.absent(c) else c
        for c, k in zip(data["customer"], data["lead_id"], strict=True)
    ]
    data["label"] = numbers.shortened_apart([f"{n + 1}. {name}" for n, name in enumerate(who)], 32)
    data["days_left"] = data["hours_left"] / 24
    data["words"] = [
        _left(hours, alert, bool(ok))
        for hours, alert, ok in zip(
            data["hours_left"], data["alert"], data["contactable"], strict=True
        )
    ]
    shown = data[["label", "days_left", "urgency", "words", "rank", "lead_id", "status_given"]]
    widest = max(float(data["days_left"].max()), 1 / 24)
    y = alt.Y(
        "label:N",
        sort=list(data["label"]),
        title=None,
        axis=alt.Axis(ticks=False, domain=False, labelLimit=240),
    )
    x = alt.X(
        "days_left:Q",
        scale=alt.Scale(domain=[0, widest * 1.75], nice=False),
        axis=alt.Axis(title=message("Days left for an answer"), tickCount=5, grid=False),
    )
    colours = alt.Scale(domain=names, range=[theme.WARNING, theme.ACCENT, theme.OPEN])
    bars = (
        alt.Chart(shown)
        .mark_bar(height=15)
        .encode(
            x=x,
            y=y,
            color=alt.Color("urgency:N", title=None, scale=colours, legend=_legend()),
            tooltip=[
                alt.Tooltip("label:N", title=message("Customer")),
                alt.Tooltip("lead_id:N", title=message("Key")),
                alt.Tooltip("words:N", title=message("Left")),
                alt.Tooltip("status_given:N", title=message("Status in the file")),
            ],
        )
    )
    texts = (
        alt.Chart(shown)
        .mark_text(align="left", dx=5, fontSize=12)
        .encode(x=alt.X("days_left:Q"), y=y, text="words:N")
    )
    return alt.layer(bars, texts).properties(width=430, height=alt.Step(24))


def _legend() -> alt.Legend:
    import altair as alt

    return alt.Legend(orient="top", columns=1, labelLimit=240)


def _left(hours: float, alert: str | None, contactable: bool) -> str:
    text = numbers.days(hours / 24)
    if alert == "warm":
        text = message("{left}, warm", left=text)
    return text if contactable else message("{left} · no valid contact", left=text)
