"""The picture of the flow: a line a person or team, a column a category."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.messages import message
from workbench.results import theme
from workbench.sales.change.chart import grid
from workbench.sales.change.flow_counting import CATEGORIES, category_label

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.change.flow import DealsFlow

MOST = 18


def draw(result: DealsFlow) -> alt.TopLevelMixin:
    """Those with most at the start, teams first."""
    frame = result.frame
    if frame.empty or not frame["deals"].sum():
        return theme.empty_chart(message("No deal was open in this period at either instant."))
    shown = result.flows.scopes[:MOST]
    chosen = [
        (scope or None, level) in shown
        for scope, level in zip(frame["scope"], frame["level"], strict=True)
    ]
    frame = frame[chosen].rename(columns={"category": "bar"})
    frame["name"] = [
        message("team of {name}", name=name) if level == "team" else name
        for name, level in zip(frame["name"], frame["level"], strict=True)
    ]
    labels = {c: category_label(c) for c in CATEGORIES} | {"changed": message("Amount")}
    return grid(frame, list(CATEGORIES), labels, result.of.currency)
