"""Picture of a review: win rate of each grade with its interval, beside what was promised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.score.review_result import ScoreReview

_WIDTH = 560


def draw(result: ScoreReview) -> alt.TopLevelMixin:
    """One row a grade: point, interval, mean score and numbers."""
    import altair as alt

    frame = result.frame[result.frame["deals"] > 0]
    if not len(frame):
        return theme.empty_chart(result.headline())
    ranged = [
        message("no score") if numbers.absent(low) else f"{g}  {low}–{high}"
        for g, low, high in zip(frame["grade"], frame["minimum"], frame["maximum"], strict=True)
    ]
    data = frame.assign(
        label=numbers.shortened_apart(ranged, 30),
        promised=frame["mean_score"] / 100,
        text=[
            f"{numbers.share(s)} ({w:,}/{d:,})"
            for s, w, d in zip(frame["share"], frame["won"], frame["deals"], strict=True)
        ],
        interval=[
            numbers.between(low, high)
            for low, high in zip(frame["low"], frame["high"], strict=True)
        ],
        mean=[numbers.significant(m) for m in frame["mean_score"]],
        kind=message("won"),
        mark=message("promised (mean score)"),
    ).astype({"minimum": "float64", "maximum": "float64"})
    kinds = [message("won"), message("promised (mean score)")]
    colour = alt.Scale(domain=kinds, range=[theme.ACCENT, "#8A94A0"])
    tooltip = [
        alt.Tooltip("label:N", title=message("Grade")),
        alt.Tooltip("text:N", title=message("Won, of closed deals")),
        alt.Tooltip("interval:N", title=message("95 % interval")),
        alt.Tooltip("mean:N", title=message("Mean score")),
    ]
    y = alt.Y("label:N", sort=list(data["label"]), title=None)
    scale = alt.Scale(domain=[0, 1], rangeMax=alt.ExprRef("width - 110"))
    x_axis = alt.Axis(format=".0%", tickCount=5)
    base = alt.Chart(data).encode(y=y, tooltip=tooltip)
    rules = base.mark_rule(color=theme.ACCENT, strokeWidth=2).encode(
        x=alt.X(
            "low:Q", title=message("Won, of the closed deals with the grade"), scale=scale,
            axis=x_axis,
        ),
        x2="high:Q",
    )  # fmt: skip
    points = base.mark_point(filled=True, size=90, opacity=1).encode(
        x="share:Q", color=alt.Color("kind:N", title=None, scale=colour)
    )
    known = base.transform_filter("isValid(datum.promised)")
    ticks = known.mark_tick(thickness=3, size=20, opacity=1).encode(
        x="promised:Q", color=alt.Color("mark:N", title=None, scale=colour)
    )
    texts = base.mark_text(align="right", fontSize=12, color=theme.TEXT).encode(
        x=alt.value("width"), text="text:N"
    )
    return alt.layer(rules, ticks, points, texts).properties(width=_WIDTH, height=alt.Step(34))
