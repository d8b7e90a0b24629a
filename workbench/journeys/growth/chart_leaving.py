"""The picture of the weeks before leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.messages import message
from workbench.results import theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.growth.leaving import BeforeLeaving


def draw(result: BeforeLeaving) -> alt.TopLevelMixin:
    """Rows by customer and week: those who left in colour, those who stayed in grey."""
    import altair as alt

    frame = result.frame
    known = frame[frame["customers"] > 0]
    if known.empty:
        return theme.empty_chart(message("No customer is known to have left."))
    names = {"per_customer": message("left"), "stayed_per_customer": message("stayed")}
    data = pd.concat(
        [
            pd.DataFrame({"week": known["week"], "value": known[column], "who": name,
                          "customers": known["customers"]})
            for column, name in names.items()
        ]
    ).dropna(subset="value")  # fmt: skip
    if data.empty:
        return theme.empty_chart(message("Nothing is known of the weeks before leaving."))
    last = data.sort_values("week").groupby("who", as_index=False).last()
    weeks = result.of.question.weeks
    top = float(data["value"].max()) or 1.0
    colour = alt.Color("who:N", legend=None, scale=alt.Scale(
        domain=list(names.values()), range=[theme.ACCENT, "#7B8794"]))  # fmt: skip
    x = alt.X("week:Q", title=message("Weeks before leaving"),
              scale=alt.Scale(domain=[int(data["week"].min()) - 0.5, 3], nice=False),
              axis=alt.Axis(format="d", tickMinStep=1, grid=False,
                            values=list(range(int(data["week"].min()), 0, 2))))  # fmt: skip
    y = alt.Y("value:Q", title=message("Rows by customer and week"),
              scale=alt.Scale(domain=[0, top * 1.1], nice=False),
              axis=alt.Axis(tickCount=4, titleAngle=0, titleAlign="left", titleAnchor="end",
                            titleX=0, titleY=-10))  # fmt: skip
    base = alt.Chart(data).encode(
        x=x, y=y, color=colour,
        tooltip=[alt.Tooltip("week:Q", title=message("Week")),
                 alt.Tooltip("who:N", title=message("Customers that")),
                 alt.Tooltip("value:Q", title=message("Rows by customer"), format=".2f"),
                 alt.Tooltip("customers:Q", title=message("Customers"))],
    )  # fmt: skip
    band = pd.DataFrame({"from": [-weeks - 0.5], "to": [-0.5]})
    return alt.layer(
        alt.Chart(band).mark_rect(color="#F4F6F8").encode(x=alt.X("from:Q"), x2="to:Q"),
        base.mark_line(strokeWidth=2.5),
        base.mark_point(filled=True, size=36, opacity=1),
        alt.Chart(last).mark_text(align="left", dx=8, fontSize=12).encode(
            x=x, y=y, text="who:N", color=colour
        ),
    ).properties(width=640, height=240)  # fmt: skip
