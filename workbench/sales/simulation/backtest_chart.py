"""The picture of a back-test: an interval a period, what came, and the simple forecasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme
from workbench.sales.simulation.chart import TICK

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.simulation.backtest import Backtest

_COLOURS = {"weighted_pipeline": "#E69F00", "last_year": "#CC79A7", "run_rate": "#009E73"}
_SHAPES = {"weighted_pipeline": "triangle-up", "last_year": "square", "run_rate": "diamond"}


def draw(result: Backtest) -> alt.TopLevelMixin:
    """A row a period, the newest last."""
    import altair as alt

    frame = result.frame.copy()
    if frame.empty:
        return theme.empty_chart(
            message("No past period could be forecast from what was known when it began.")
        )
    labels = dict(zip(result.summary["method"], result.summary["label"], strict=True))
    simple = frame.melt(
        id_vars=["period"], value_vars=list(_COLOURS), var_name="method", value_name="value"
    ).dropna(subset="value")
    simple["name"] = simple["method"].map(labels)
    frame["state"] = [
        message("won, inside 80 %") if inside else message("won, outside 80 %")
        for inside in frame["inside_80"]
    ]
    frame["words"] = [numbers.money(v, result.of.currency) for v in frame["actual"]]
    ends = frame[["high_95", "actual", *_COLOURS]].max(axis=1)
    frame["end"] = ends
    top = float(ends.max()) or 1.0
    scale = alt.Scale(domain=[0, top * 1.22], nice=False)
    order = list(frame["period"])
    y = alt.Y("period:N", sort=order, title=None, axis=alt.Axis(domain=False, ticks=False))
    x = alt.X("low_95:Q", scale=scale, axis=alt.Axis(tickCount=6, labelExpr=TICK),
              title=message("Won, in {currency}: pale 95 %, dark 80 % interval; dot: what came "
                            "(orange: outside 80 %)",
                            currency=result.of.currency or message("amounts")))  # fmt: skip
    base = alt.Chart(frame).encode(
        y=y,
        tooltip=[alt.Tooltip("period:N", title=message("Period")),
                 alt.Tooltip("actual:Q", title=message("Won"), format=",.0f"),
                 alt.Tooltip("expected:Q", title=message("Expected"), format=",.0f"),
                 alt.Tooltip("low_80:Q", title=message("10 of 100 below"), format=",.0f"),
                 alt.Tooltip("high_80:Q", title=message("90 of 100 below"), format=",.0f"),
                 alt.Tooltip("state:N", title=message("State"))],
    )  # fmt: skip
    shown = [m for m in _COLOURS if m in set(simple["method"])]
    points = (
        alt.Chart(simple if len(simple) else pd.DataFrame({"period": [], "value": [], "name": []}))
        .mark_point(filled=True, size=55, opacity=0.9)
        .encode(
            y=y, x=alt.X("value:Q", scale=scale),
            color=alt.Color("name:N", title=None, scale=alt.Scale(
                domain=[labels[m] for m in shown], range=[_COLOURS[m] for m in shown]),
                legend=alt.Legend(labelLimit=300, columns=2)),
            shape=alt.Shape("name:N", title=None, scale=alt.Scale(
                domain=[labels[m] for m in shown], range=[_SHAPES[m] for m in shown])),
        )
    )  # fmt: skip
    layers = [
        base.mark_bar(height=16, color="#DCE8F1").encode(x=x, x2="high_95:Q"),
        base.mark_bar(height=16, color="#9CC3DF").encode(x=alt.X("low_80:Q"), x2="high_80:Q"),
        *([points] if shown else []),
        *(
            base.transform_filter(f"datum.inside_80 == {str(inside).lower()}")
            .mark_point(filled=True, size=110, opacity=1, color=colour)
            .encode(x="actual:Q")
            for inside, colour in ((True, theme.TEXT), (False, theme.WARNING))
        ),
        base.mark_text(align="left", dx=10, fontSize=12).encode(x="end:Q", text="words:N"),
    ]
    return alt.layer(*layers).properties(width=560, height=alt.Step(30))
