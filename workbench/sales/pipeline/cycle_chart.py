"""Pictures of sales cycles: a histogram with its quartiles, or quartiles a group."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme
from workbench.sales.pipeline.dots import STEP, place, written_above

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.pipeline.cycle_result import SalesCycle

WIDTH = 540
MOST_GROUPS = 20
_BINS = 30
_STEPS = (1, 2, 5, 7, 10, 14, 20, 30, 60, 90, 180, 365)


def draw(result: SalesCycle) -> alt.TopLevelMixin:
    """The distribution of days; quartiles of each group where there are groups."""
    if not result.frame["deals"].iloc[0]:
        return theme.empty_chart(result.headline())
    return _groups(result) if result.question.by else _histogram(result)


def _histogram(result: SalesCycle) -> Any:
    import altair as alt

    days = result.days[result.masks["measured"]]
    longest = max(float(np.quantile(days, 0.99)), 1.0)
    step = next((s for s in _STEPS if longest / s <= _BINS), int(longest // _BINS) + 1)
    top = int(np.ceil((longest + 1e-9) / step) * step)
    counts, edges = np.histogram(np.minimum(days, top - 1e-6), np.arange(0, top + step, step))
    more = int((days >= top).sum())
    data = pd.DataFrame({"from": edges[:-1], "to": edges[1:], "count": counts, "zero": 0})
    data["words"] = [
        message("{a} to under {b} days", a=numbers.count(a), b=numbers.count(b))
        for a, b in pairwise(edges)
    ]
    if more:
        data.loc[len(data) - 1, "words"] = message(
            "{a} days and longer", a=numbers.count(edges[-2])
        )
    line = result.frame.iloc[0]
    marks = pd.DataFrame(
        {
            "x": [line["median_days"]],
            "words": [message("Median {days}", days=numbers.days(line["median_days"]))],
        }
    )
    title = message("Days from creation to closing")
    if more:
        title = message("Days from creation to closing ({n} of {total} took longer: last bar)",
                        n=numbers.count(more), total=numbers.count(days.size))  # fmt: skip
    scale = alt.Scale(domain=[0, top], nice=False)
    x = alt.X("from:Q", scale=scale, axis=alt.Axis(title=title, tickCount=8))
    few = int(counts.max()) <= 5
    ticks: Any = {"values": list(range(int(counts.max()) + 1))} if few else {"tickCount": 5}
    y = alt.Y("count:Q", axis=alt.Axis(title=message("Opportunities"), format=",d", **ticks))
    rule = alt.Chart(marks).encode(x=alt.X("x:Q", scale=scale))
    left = line["median_days"] > 0.7 * top
    return alt.layer(
        alt.Chart(data)
        .mark_bar(color=theme.OPEN, stroke="#FFFFFF", strokeWidth=1, orient="vertical")
        .encode(
            x=x, x2="to:Q", y2="zero:Q", y=y,
            tooltip=[alt.Tooltip("words:N", title=message("Cycle")),
                     alt.Tooltip("count:Q", title=message("Opportunities"))],
        ),
        rule.mark_rule(color=theme.ACCENT, strokeWidth=2),
        rule.mark_text(align="right" if left else "left", dx=-6 if left else 6, dy=-7,
                       color=theme.ACCENT, fontSize=12).encode(y=alt.value(0), text="words:N"),
    ).properties(width=WIDTH, height=240)  # fmt: skip


def _groups(result: SalesCycle) -> Any:
    import altair as alt

    data = result.frame.iloc[1:]
    data = data[data["deals"] > 0]
    data = data.sort_values(["deals", "group"], ascending=[False, True]).head(MOST_GROUPS)
    data = data.sort_values(["median_days", "group"]).copy()
    data["row"] = numbers.shortened_apart(list(data["group"]), 40)
    data["words"] = [
        message("{days} of {n}", days=numbers.days(d), n=numbers.count(n))
        for d, n in zip(data["median_days"], data["deals"], strict=True)
    ]
    top = float(data["p75_days"].max()) * 1.05 or 1.0
    scale = alt.Scale(domain=[0, top], nice=False)
    rows = list(data["row"])
    y = place(rows)
    title = message("Days from creation to closing (median; bar: middle half)")
    tooltip = [alt.Tooltip("group:N", title=message("Group")),
               alt.Tooltip("words:N", title=message("Median of opportunities"))]  # fmt: skip
    base = alt.Chart(data)
    reference = alt.Chart(pd.DataFrame({"x": [result.frame["median_days"].iloc[0]]}))
    return alt.layer(
        reference.mark_rule(color=theme.QUIET, strokeDash=[4, 3]).encode(
            x=alt.X("x:Q", scale=scale)
        ),
        base.mark_rule(color=theme.OPEN, strokeWidth=10).encode(
            x=alt.X("p25_days:Q", scale=scale, axis=alt.Axis(title=title, tickCount=6)),
            x2="p75_days:Q", y=y, tooltip=tooltip,
        ),
        base.mark_point(filled=True, size=80, opacity=1, color=theme.ACCENT).encode(
            x=alt.X("median_days:Q", scale=scale), y=y, tooltip=tooltip
        ),
        *written_above(base, rows),
    ).properties(width=WIDTH, height=alt.Step(STEP))  # fmt: skip
