"""Pictures of list views: the part of the object that is listed, and lanes of a board."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.views.board import Board
    from workbench.sales.views.result import ListView

MOST_LANES = 30


def part(view: ListView) -> alt.TopLevelMixin:
    """One bar: rows in the list, and the others."""
    import altair as alt

    shown, total = view.counts["shown"], view.counts["total"]
    if not total:
        return theme.empty_chart(message("There are no rows."))
    parts = pd.DataFrame(
        {
            "part": [message("in the list"), message("not in the list")],
            "rows": [shown, total - shown],
            "order": [0, 1],
        }
    )
    title = message("Rows of {table}", table=view.asked.object.replace("_", " "))
    return (
        alt.Chart(parts)
        .mark_bar(height=26)
        .encode(
            x=alt.X("rows:Q", title=title, axis=alt.Axis(format=",d", tickMinStep=1, tickCount=5)),
            color=alt.Color("part:N", title=None, sort=list(parts["part"]),
                            scale=alt.Scale(domain=list(parts["part"]),
                                            range=[theme.ACCENT, theme.MUTED])),
            order="order:Q",
            tooltip=[alt.Tooltip("part:N", title=message("Part")),
                     alt.Tooltip("rows:Q", title=message("Rows"), format=",d")],
        )
        .properties(width=300, height=40)
    )  # fmt: skip


def lanes(board: Board) -> alt.TopLevelMixin:
    """A bar a lane; count and sum stand beside it."""
    import altair as alt

    frame = board.frame
    if frame.empty:
        return theme.empty_chart(message("Nothing is in the list."))
    data = frame.head(MOST_LANES).assign(
        name=numbers.shortened_apart([v or message("(empty)") for v in frame["lane"]], 24)[
            :MOST_LANES
        ],
        label=[
            numbers.count(n) if board.amount is None else
            f"{numbers.count(n)} · {numbers.money(a, board.currency)}"
            for n, a in zip(frame["count"], frame["amount"], strict=True)
        ][:MOST_LANES],
    )  # fmt: skip
    base = alt.Chart(data[["name", "label", "lane", "count"]]).encode(
        y=alt.Y("name:N", sort=None, title=None),
        x=alt.X("count:Q", title=message("Rows in the lane"),
                axis=alt.Axis(format=",d", tickMinStep=1, tickCount=4),
                scale=alt.Scale(domain=[0, max(1, float(data["count"].max()) * 1.5)])),
        tooltip=[alt.Tooltip("lane:N", title=board.asked.lane),
                 alt.Tooltip("label:N", title=message("Rows and sum"))],
    )  # fmt: skip
    bars = base.mark_bar(color=theme.ACCENT, height=18)
    text = base.mark_text(align="left", dx=5, color=theme.TEXT, fontSize=12).encode(text="label:N")
    return alt.layer(bars, text).properties(width=235, height=alt.Step(28))
