"""The picture of an audience: what each part of the segment leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

_WIDTH = 640
_ROOM_FOR_TEXT = 120
_GREY = "#9AA5B1"


def draw(frame: pd.DataFrame, containers: str) -> alt.TopLevelMixin:
    """One bar a part, from all containers down to the segment."""
    import altair as alt

    if frame.empty or not frame["total"].iloc[-1]:
        return theme.empty_chart(message("No {containers} in scope.", containers=containers))
    data = _bars(frame)
    largest = float(data["total"].max())
    # The width follows the page; the text beside the longest bar needs its room.
    scale = alt.Scale(
        domain=[0, largest], nice=False, rangeMax=alt.ExprRef(f"width - {_ROOM_FOR_TEXT}")
    )
    axis = alt.Axis(tickCount=min(4, int(largest)), tickMinStep=1, format=",d")
    y = alt.Y(
        "label:N",
        sort=list(data["label"]),
        title=None,
        axis=alt.Axis(labelLimit=330, domain=False, ticks=False, labelPadding=8),
        scale=alt.Scale(paddingInner=0.3),
    )
    tooltip = [
        alt.Tooltip("part:N", title=message("Part")),
        alt.Tooltip("passed:Q", title=message("Meet it and all above"), format=","),
        alt.Tooltip("met:Q", title=message("Meet it"), format=","),
        alt.Tooltip("total:Q", title=message("Of"), format=","),
        alt.Tooltip("share_text:N", title=message("Share")),
        alt.Tooltip("interval:N", title=message("95 % interval")),
        alt.Tooltip("events_kept:Q", title=message("Events"), format=","),
    ]
    base = alt.Chart(data)
    colour = alt.Color("colour:N", scale=None, legend=None)
    bars = (
        base.mark_bar(color=theme.MUTED, opacity=0.45).encode(
            y=y,
            x=alt.X("zero:Q", title=containers.capitalize(), scale=scale, axis=axis),
            x2="total:Q",
            tooltip=tooltip,
        ),
        base.mark_bar().encode(y=y, x="zero:Q", x2="passed:Q", color=colour, tooltip=tooltip),
        base.mark_rule(color=theme.TEXT, strokeWidth=1.2).encode(
            y=y, x="interval_from:Q", x2="interval_to:Q"
        ),
        base.mark_text(align="left", dx=7, fontSize=12, color=theme.TEXT).encode(
            y=y, x="total:Q", text="text:N"
        ),
    )
    height = max(22, min(40, int(560 / len(data))))
    return alt.layer(*bars).properties(width=_WIDTH, height=alt.Step(height))


def _bars(frame: pd.DataFrame) -> pd.DataFrame:
    data = frame.copy()
    # Equal names of different parts stay apart by signs that nobody sees.
    data["label"] = [
        short + "\u200b" * number
        for number, short in enumerate(numbers.shortened_apart(list(data["part"]), 46))
    ]
    colours = {"all": _GREY, "segment": theme.ACCENT, "excluded": _GREY}
    data["colour"] = [colours.get(kind, theme.OPEN) for kind in data["kind"]]
    data["zero"] = 0
    inner = data["kind"] != "all"
    data["interval_from"] = (data["low"] * data["total"]).where(inner)
    data["interval_to"] = (data["high"] * data["total"]).where(inner)
    data["share_text"] = [numbers.share(v) for v in data["share"]]
    data["interval"] = [
        numbers.between(low, high) for low, high in zip(data["low"], data["high"], strict=True)
    ]
    data["text"] = [
        f"{numbers.count(row.passed)} · {row.share_text}"
        if row.kind != "all"
        else numbers.count(row.passed)
        for row in data.itertuples()
    ]
    return data
