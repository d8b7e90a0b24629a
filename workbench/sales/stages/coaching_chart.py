"""The coaching view as a picture: a panel a stage, a row a group, the difference to all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.stages.coaching_view import Coaching

MOST_GROUPS = 40
MOST_PANELS = 9
_GREY = "#8A94A0"


def draw_coaching(result: Coaching) -> alt.TopLevelMixin:
    """Points with intervals, one panel a stage."""
    import altair as alt

    frame = result.frame
    if frame.empty or not frame["difference"].notna().any():
        return theme.empty_chart(result.headline())
    compared = set(frame.loc[frame["difference"].notna() | (frame["pace"] != ""), "group"])
    labels = [name for name in result.shown_groups.labels if name in compared][:MOST_GROUPS]
    short = dict(zip(labels, numbers.shortened_apart(labels, 26), strict=True))
    data = frame[frame["group"].isin(labels)].copy()
    data["label"] = data["group"].map(short)
    several = data["pipeline"].replace("", np.nan).nunique() > 1
    keys = list(dict.fromkeys(zip(data["pipeline"], data["stage"], strict=True)))
    keys = [*(key for key in keys if not key[1]), *(key for key in keys if key[1])][:MOST_PANELS]
    reach = float(np.nanmax(np.abs(data[["difference_low", "difference_high"]].to_numpy(float))))
    panels: list[Any] = []
    order = [short[name] for name in labels]
    for pipeline, stage in keys:
        part = data[(data["pipeline"] == pipeline) & (data["stage"] == stage)]
        title = [numbers.shortened(stage, 18)] if stage else [message("Whole way")]
        if several:
            title.insert(0, numbers.shortened(pipeline, 18) if stage else "")
        width = 340 if len(keys) == 1 else max(96, min(210, 900 // len(keys)))
        panels.append(_panel(part, order, title, min(1.0, reach), width, first=not panels))
    return alt.hconcat(*panels, spacing=22)


def _panel(
    part: pd.DataFrame,
    order: list[str],
    title: list[str],
    reach: float,
    width: int,
    *,
    first: bool,
) -> alt.TopLevelMixin:
    import altair as alt

    words = {"stuck": message("stuck"), "quick": message("quick"), "": ""}
    data = part.assign(pace_text=part["pace"].map(words), zero=0.0)
    y = alt.Y(
        "label:N", sort=order, scale=alt.Scale(domain=order), title=None,
        axis=alt.Axis(labels=first, ticks=False, domain=False, labelPadding=8, grid=True),
    )  # fmt: skip
    far = max((t for t in (0.05, 0.1, 0.2, 0.3, 0.5, 0.8) if t <= reach * 0.9), default=0.02)
    x = alt.X(
        "difference_low:Q",
        title=message("points"),
        scale=alt.Scale(domain=[-reach, reach], nice=False, rangeMax=width - 38),
        axis=alt.Axis(
            values=[-far, 0, far],
            labelExpr="datum.value == 0 ? '0' : format(100 * datum.value, '+.0f')",
        ),
    )
    tooltip = [
        alt.Tooltip("group:N", title=message("Group")),
        alt.Tooltip("decided:Q", title=message("Decided deals"), format=","),
        alt.Tooltip("went_on:Q", title=message("Of these went on or won"), format=","),
        alt.Tooltip("share:Q", title=message("Share"), format=".1%"),
        alt.Tooltip("others_share:Q", title=message("All others"), format=".1%"),
        alt.Tooltip("adjusted_p:Q", title=message("Corrected p-value"), format=".3f"),
        alt.Tooltip("median_days:Q", title=message("Median stay (days)"), format=".1f"),
        alt.Tooltip("all_median_days:Q", title=message("Median of all (days)"), format=".1f"),
        alt.Tooltip("stalled:Q", title=message("Stalled now"), format=","),
    ]
    base = alt.Chart(data).encode(y=y, tooltip=tooltip)
    colour = alt.Color(
        "standing:N",
        legend=None,
        scale=alt.Scale(domain=["strong", "weak", ""], range=[theme.ACCENT, theme.WARNING, _GREY]),
    )
    return alt.layer(
        alt.Chart(data).mark_rule(color="#9AA5B1").encode(x="zero:Q"),
        base.mark_rule(strokeWidth=1.3).encode(x=x, x2="difference_high:Q", color=colour),
        base.mark_point(filled=True, size=48, opacity=1).encode(x="difference:Q", color=colour),
        base.mark_text(align="right", fontSize=12).encode(
            x=alt.value(width),
            text="pace_text:N",
            color=alt.condition(
                "datum.pace == 'stuck'", alt.value(theme.WARNING), alt.value(theme.QUIET)
            ),
        ),
    ).properties(
        width=width,
        height=alt.Step(24),
        title=alt.Title(title, anchor="start", fontSize=12, fontWeight="normal"),
    )
