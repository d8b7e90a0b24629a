"""The picture of both sides of a milestone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.journeys.timeline.chart import side_colour
from workbench.journeys.timeline.rows import RECORD
from workbench.messages import message, message_of_count
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.timeline.around import Around

_MOST_EVENTS = 16


def draw(view: Around) -> alt.TopLevelMixin:
    """Rows before to the left, rows after to the right, a line an event."""
    import altair as alt

    frame = view.frame
    if view.milestone is None or frame.empty:
        return theme.empty_chart(message("Nothing happened close to a milestone."))
    data = frame.copy()
    data["label"] = numbers.shortened_apart(
        [f"{event.replace('_', ' ')} · {who}" for event, who in
         zip(data["event"], data["who"], strict=True)], 38,
    )  # fmt: skip
    top = data.head(_MOST_EVENTS)
    if len(data) > len(top):
        rest = data.iloc[len(top) :]
        words = message_of_count("{count} more kind", "{count} more kinds", len(rest))
        line: dict[str, Any] = {"label": words, "who": RECORD, "event": ""}
        line |= {name: int(rest[name].sum()) for name in ("before", "after")}
        top = pd.concat([top, pd.DataFrame([line])], ignore_index=True)
    top = top[["label", "event", "who", "before", "after"]].copy()
    top["left"], top["zero"] = -top["before"], 0
    most = int(top[["before", "after"]].to_numpy().max())
    y = alt.Y("label:N", sort=list(top["label"]), title=None,
              axis=alt.Axis(domain=False, ticks=False, labelPadding=8))  # fmt: skip
    scale = alt.Scale(domain=[-most * 1.12, most * 1.12], nice=False)
    title = message(
        "Rows in the {before} before and the {after} after",
        before=view.before.in_words(), after=view.after.in_words(),
    )  # fmt: skip
    axis = alt.Axis(tickCount=6, tickMinStep=1, labelExpr="format(abs(datum.value), ',d')")
    base = alt.Chart(top).encode(
        y=y, color=side_colour(),
        tooltip=[alt.Tooltip("label:N", title=message("What happened")),
                 alt.Tooltip("before:Q", title=message("Before")),
                 alt.Tooltip("after:Q", title=message("After"))],
    )  # fmt: skip
    text: dict[str, Any] = {"fontSize": 12}
    return alt.layer(
        base.mark_bar(opacity=0.55).encode(
            x=alt.X("left:Q", scale=scale, title=title, axis=axis), x2="zero:Q"
        ),
        base.mark_bar().encode(x=alt.X("zero:Q", scale=scale), x2="after:Q"),
        base.mark_text(align="right", dx=-5, **text).encode(
            x=alt.X("left:Q", scale=scale), text=alt.Text("before:Q", format=",d"),
            color=alt.value(theme.TEXT),
        ),
        base.mark_text(align="left", dx=5, **text).encode(
            x=alt.X("after:Q", scale=scale), text=alt.Text("after:Q", format=",d"),
            color=alt.value(theme.TEXT),
        ),
        alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=theme.TEXT).encode(
            x=alt.X("x:Q", scale=scale)
        ),
    ).properties(width=560, height=alt.Step(24))  # fmt: skip
