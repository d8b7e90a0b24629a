"""The stages as a picture: who stands where, for how long, and what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme
from workbench.sales.stages.common import labels_of

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.stages.result import Stages

MOST_STAGES = 40
_PANEL = 220
_BAND = "#B9D6E8"


def draw_stages(result: Stages) -> alt.TopLevelMixin:
    """A row a stage: deals, days, and share won."""
    import altair as alt

    frame = result.open_lines.head(MOST_STAGES)
    if not frame["deals"].sum() and not frame["entered"].sum():
        return theme.empty_chart(result.headline())
    data = frame.assign(label=labels_of(frame))
    money = [numbers.money(v, result.currency) if v == v else "" for v in data["amount"]]
    data["deals_text"] = [
        " · ".join(part for part in (numbers.count(n), amount if n else "") if part)
        for n, amount in zip(data["deals"], money, strict=True)
    ]
    panels: list[Any] = [_board(data)]
    if data["over"].sum():
        panels.append(_days(data))
    if data["decided"].sum():
        panels.append(_won(data))
    return alt.hconcat(*panels, spacing=18)


def stage_axis(data: pd.DataFrame, *, with_labels: bool = True) -> Any:
    """The axis of stages in the order of the data."""
    import altair as alt

    return alt.Y(
        "label:N",
        sort=list(data["label"]),
        title=None,
        axis=alt.Axis(
            labels=with_labels, ticks=False, domain=False, labelPadding=8, labelLimit=320
        ),
    )


def _board(data: pd.DataFrame) -> alt.TopLevelMixin:
    import altair as alt

    largest = float(data["deals"].max() or 0) or 1.0
    x = alt.X(
        "deals:Q",
        title=message("Open deals"),
        scale=alt.Scale(domain=[0, largest], nice=False, rangeMax=_PANEL - 90),
        axis=alt.Axis(tickCount=3, tickMinStep=1, format="~s" if largest >= 10_000 else ",d"),
    )
    tooltip = [
        alt.Tooltip("stage:N", title=message("Stage")),
        alt.Tooltip("deals:Q", title=message("Open deals"), format=","),
        alt.Tooltip("stalled:Q", title=message("Longer there than usual"), format=","),
        alt.Tooltip("dated:Q", title=message("Entry known"), format=","),
        alt.Tooltip("amount:Q", title=message("Amount"), format=",.2f"),
        alt.Tooltip("median_age_days:Q", title=message("Median age (days)"), format=",.0f"),
    ]
    base = alt.Chart(data).encode(y=stage_axis(data), tooltip=tooltip)
    return alt.layer(
        base.mark_bar(color=theme.MUTED).encode(x=x),
        base.mark_bar(color=theme.ACCENT).encode(x="stalled:Q"),
        base.mark_text(align="left", dx=5, fontSize=12, color=theme.TEXT).encode(
            x="deals:Q", text="deals_text:N"
        ),
    ).properties(width=_PANEL, height=alt.Step(28))


def _days(data: pd.DataFrame) -> alt.TopLevelMixin:
    import altair as alt

    seen = data[["latest_days_q3", "max_days", "latest_days_median"]].to_numpy(float)
    largest = float(np.nanmax(seen)) if np.isfinite(seen).any() else 1.0
    tooltip = [
        alt.Tooltip("stage:N", title=message("Stage")),
        alt.Tooltip("latest_days_q1:Q", title=message("First quartile (days)"), format=".1f"),
        alt.Tooltip("latest_days_median:Q", title=message("Median (days)"), format=".1f"),
        alt.Tooltip("latest_days_q3:Q", title=message("Third quartile (days)"), format=".1f"),
        alt.Tooltip("over:Q", title=message("Finished visits"), format=","),
        alt.Tooltip("max_days:Q", title=message("Longest usual stay (days)"), format=".0f"),
    ]
    base = alt.Chart(data).encode(y=stage_axis(data, with_labels=False), tooltip=tooltip)
    x = alt.X(
        "latest_days_q1:Q",
        title=message("Days in the stage"),
        scale=alt.Scale(domain=[0, largest * 1.04], nice=False),
        axis=alt.Axis(tickCount=4),
    )
    return alt.layer(
        base.mark_bar(color=_BAND, size=12).encode(x=x, x2="latest_days_q3:Q"),
        base.mark_tick(color=theme.ACCENT, thickness=3, size=18).encode(x="latest_days_median:Q"),
        base.mark_tick(color=theme.TEXT, thickness=2, size=24).encode(x="max_days:Q"),
    ).properties(width=_PANEL, height=alt.Step(28))


def _won(data: pd.DataFrame) -> alt.TopLevelMixin:
    import altair as alt

    data = data.assign(
        won_text=[
            f"{numbers.count(w)} / {numbers.count(d)}" if d else ""
            for w, d in zip(data["won"], data["decided"], strict=True)
        ]
    )
    tooltip = [
        alt.Tooltip("stage:N", title=message("Stage")),
        alt.Tooltip("won_text:N", title=message("Won of decided")),
        alt.Tooltip("share_won:Q", title=message("Share won"), format=".1%"),
        alt.Tooltip("still_open:Q", title=message("Still open"), format=","),
        alt.Tooltip("default_probability:Q", title=message("Stage's probability"), format=".0%"),
        alt.Tooltip("mean_probability:Q", title=message("Mean of the deals'"), format=".0%"),
    ]
    base = alt.Chart(data).encode(y=stage_axis(data, with_labels=False), tooltip=tooltip)
    x = alt.X(
        "share_won_low:Q",
        title=message("Won of decided deals"),
        scale=alt.Scale(domain=[0, 1], rangeMax=_PANEL - 60),
        axis=alt.Axis(format=".0%", tickCount=3),
    )
    return alt.layer(
        base.mark_rule(color=theme.ACCENT, strokeWidth=1.5).encode(x=x, x2="share_won_high:Q"),
        base.mark_point(color=theme.ACCENT, filled=True, size=60, opacity=1).encode(
            x="share_won:Q"
        ),
        base.mark_tick(color=theme.TEXT, thickness=2, size=20).encode(x="default_probability:Q"),
        base.mark_text(align="right", fontSize=12, color=theme.QUIET).encode(
            x=alt.value("width"), text="won_text:N"
        ),
    ).properties(width=_PANEL, height=alt.Step(28))
