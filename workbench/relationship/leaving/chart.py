"""The picture: how many were flagged, week by week, before they ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.relationship.leaving.result import RelationshipWarnings

WIDTH, HEIGHT = 560, 260


def draw(result: RelationshipWarnings) -> alt.TopLevelMixin:
    """Shares with intervals by weeks before the end; dashed: any week of those that stayed."""
    import altair as alt

    data = result.approach
    shown = data[(data["weeks_before"] > 0) & (data["total"] > 0)].copy()
    if not len(shown):
        return theme.empty_chart(result.headline())
    usual = data[data["weeks_before"] == 0]
    shown["words"] = [
        f"{numbers.share(s)}  ({numbers.count(n)} / {numbers.count(t)})"
        for s, n, t in zip(shown["share"], shown["count"], shown["total"], strict=True)
    ]
    top = min(1.0, max(float(shown["high"].max()), float(usual["share"].fillna(0).max())) * 1.15)
    weeks = int(shown["weeks_before"].max())
    x = alt.X(
        "weeks_before:Q",
        title=message("Weeks before the end"),
        scale=alt.Scale(domain=[weeks + 0.6, 0.4], nice=False),
        axis=alt.Axis(values=list(range(1, weeks + 1)), grid=False, format="d"),
    )
    y = alt.Y(
        "share:Q",
        title=message("Flagged / enough known"),
        scale=alt.Scale(domain=[0, top], nice=False),
        axis=alt.Axis(format="%", tickCount=5),
    )
    base = alt.Chart(shown).encode(x=x)
    layers = [
        base.mark_rule(color=theme.OPEN, strokeWidth=2).encode(y=alt.Y("low:Q"), y2="high:Q"),
        base.mark_line(color=theme.ACCENT).encode(y=y),
        base.mark_point(filled=True, size=70, color=theme.ACCENT, opacity=1).encode(
            y=y,
            tooltip=[
                alt.Tooltip("weeks_before:Q", title=message("Weeks before the end")),
                alt.Tooltip("words:N", title=message("Flagged")),
            ],
        ),
    ]
    share = usual["share"].iloc[0]
    if share == share:
        words = message(
            "- - - Any week of those that stayed: {share} ({n} / {total})",
            share=numbers.share(share), n=numbers.count(usual["count"].iloc[0]),
            total=numbers.count(usual["total"].iloc[0]),
        )  # fmt: skip
        line = pd.DataFrame({"share": [share], "weeks_before": [weeks + 0.5], "label": [words]})
        rule = alt.Chart(line).mark_rule(color=theme.QUIET, strokeDash=[4, 3])
        high = alt.Chart(line.assign(share=top))
        text = high.mark_text(align="left", dx=6, dy=10, fontSize=12, color=theme.QUIET)
        layers += [rule.encode(y=y), text.encode(x=x, y=y, text="label:N")]
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)
