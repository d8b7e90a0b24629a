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
    data["fill"] = data["state"].map(_STATES)
    # Each name stands where its part begins, or where the one before has ended.
    places, edge = [], 0.0
    for start, words in zip(data["from"], data["words"], strict=True):
        edge = max(edge, start * _WIDTH / total)
        places.append(edge * total / _WIDTH)
        edge += 7.0 * len(words) + 34
    data["at"] = places
    data["row"] = ""
    x = alt.Scale(domain=[0, total], nice=False)
    base = alt.Chart(data)
    tooltip = [alt.Tooltip("words:N", title=message("Customers"))]
    return alt.layer(
        base.mark_bar(height=22, yOffset=10).encode(
            x=alt.X("from:Q", scale=x, axis=None), x2="to:Q", y=alt.Y("row:N", axis=None),
            color=alt.Color("fill:N", scale=None), tooltip=tooltip,
        ),
        base.mark_point(shape="square", filled=True, size=70, yOffset=-12, opacity=1).encode(
            x=alt.X("at:Q", scale=x), y=alt.Y("row:N", axis=None),
            color=alt.Color("fill:N", scale=None),
        ),
        base.mark_text(align="left", fontSize=12, dx=9, dy=-12, color=theme.TEXT).encode(
            x=alt.X("at:Q", scale=x), y=alt.Y("row:N", axis=None), text="words:N"
        ),
    ).properties(width=_WIDTH, height=50)  # fmt: skip
