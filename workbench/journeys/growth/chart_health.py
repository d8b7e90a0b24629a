"""The picture of health: how many stand how, and the worst part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.journeys.growth.chart import MOST, grid, labels
from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.growth.health import Health

_FILLS = {0: "#F0B58A", 1: "#F3E5C3", 2: "#CFE3F1"}
_STATES = {"at risk": "#D55E00", "watch": "#E6C36B", "healthy": "#56A4D6", "not known": "#C9CED6"}
_WIDTH = 640


def draw(result: Health) -> alt.TopLevelMixin:
    """The number of customers of each state, and below it the worst of them."""
    import altair as alt

    from workbench.journeys.growth.health import PARTS, part_name

    frame = result.frame
    if frame.empty:
        return theme.empty_chart(message("There are no customers."))
    top = frame[frame["state"].isin(["at risk", "watch"])].head(MOST)
    if top.empty:
        return _states(result)
    names = labels(top)
    parts = {p: part_name(p) for p in PARTS if frame[f"{p}_points"].notna().any()}
    cells = []
    points = message("Points")
    for line, name in zip(top.itertuples(), names, strict=True):
        for part, label in parts.items():
            value = getattr(line, f"{part}_points")
            words = getattr(line, f"{part}_words")
            fill = "#FFFFFF" if numbers.absent(value) else _FILLS[int(value)]
            cells.append((name, label, numbers.shortened(words, 26), words, fill))
        text = f"{line.points} / {line.possible}"
        cells.append((name, points, text, line.state, "#EEF1F4"))
    data = pd.DataFrame(cells, columns=["row", "column", "text", "words", "fill"])
    table = grid(data, names, [*parts.values(), points], 164)
    return alt.vconcat(_states(result), table, spacing=26)


def _states(result: Health) -> Any:
    """One bar of all customers, a part a state, with its name and number."""
    import altair as alt

    from workbench.journeys.growth.health import STATES

    counts = result.frame["state"].value_counts().reindex(list(STATES)).fillna(0).astype(int)
    data = pd.DataFrame({"state": counts.index, "count": counts.to_numpy()})
    data = data[data["count"] > 0].reset_index(drop=True)
    data["to"] = data["count"].cumsum()
    data["from"] = data["to"] - data["count"]
    total = int(data["count"].sum())
    said = {"at risk": message("at risk"), "watch": message("watch"),
            "healthy": message("healthy"), "not known": message("not known")}  # fmt: skip
    data["words"] = [
        f"{said[s]} {numbers.count(n)} ({numbers.share(n / total)})"
        for s, n in zip(data["state"], data["count"], strict=True)
    ]
    words = list(data["words"])
    fills = [_STATES[state] for state in data["state"]]
    legend = alt.Legend(title=None, orient="top", symbolType="square", labelLimit=0, columns=2)
    return (
        alt.Chart(data)
        .mark_bar(height=22)
        .encode(
            x=alt.X("from:Q", scale=alt.Scale(domain=[0, total], nice=False), axis=None),
            x2="to:Q",
            color=alt.Color(
                "words:N", scale=alt.Scale(domain=words, range=fills), sort=words, legend=legend
            ),
            tooltip=[alt.Tooltip("words:N", title=message("Customers"))],
        )
        .properties(width=_WIDTH, height=26)
    )
