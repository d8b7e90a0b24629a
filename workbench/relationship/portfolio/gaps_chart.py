"""The picture: time since the last contact, beside the usual and the longest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.relationship.portfolio.gaps import RelationshipGaps

WIDTH, STEP, MOST = 440, 26, 20


def draw_gaps(result: RelationshipGaps) -> alt.TopLevelMixin:
    """A row a record: bar since the last contact, dot: usual time, stroke: the longest."""
    import altair as alt

    frame = result.table_frame()
    data = frame[frame["times_usual"].notna()].head(MOST).copy()
    if not len(data):
        return theme.empty_chart(result.headline())
    names = (message("Longest silence so far"), message("There was a longer one"))
    data["label"] = numbers.shortened_apart([str(n) for n in data["name"]], 34)
    data["part"] = [names[0] if mark else names[1] for mark in data["longest_now"]]
    data["words"] = [
        message("{days}, {n} times the usual", days=numbers.days(d), n=numbers.significant(t, 2))
        for d, t in zip(data["days_since_last"], data["times_usual"], strict=True)
    ]
    data["usual"] = [numbers.days(v) for v in data["median_days"]]
    data["longest"] = [numbers.days(v) for v in data["longest_days"]]
    ends = data[["days_since_last", "longest_days", "median_days"]].max(axis=1)
    data["end"] = ends
    shown = data[["label", "name", "days_since_last", "median_days", "longest_days", "part",
                  "words", "usual", "longest", "end"]]  # fmt: skip
    base = alt.Chart(shown).encode(y=rows(list(data["label"])))
    x = alt.X(
        "days_since_last:Q",
        scale=alt.Scale(domain=[0, float(ends.max()) * 1.5], nice=False),
        axis=alt.Axis(title=message("Days"), grid=False, tickCount=5),
    )
    bars = base.mark_bar(height=13).encode(
        x=x, color=alt.Color("part:N", title=None, scale=alt.Scale(
            domain=list(names), range=[theme.ACCENT, theme.OPEN])),
        tooltip=[alt.Tooltip("name:N", title=message("Name")),
                 alt.Tooltip("words:N", title=message("Since the last contact")),
                 alt.Tooltip("usual:N", title=message("Usual time between two")),
                 alt.Tooltip("longest:N", title=message("Longest time between two"))],
    )  # fmt: skip
    stroke = base.mark_tick(color=theme.TEXT, thickness=2, size=19).encode(
        x=alt.X("longest_days:Q")
    )
    dot = base.mark_point(filled=True, color=theme.TEXT, size=42, opacity=1, stroke="#FFFFFF",
                          strokeWidth=1).encode(x=alt.X("median_days:Q"))  # fmt: skip
    text = base.mark_text(align="left", dx=7, fontSize=12).encode(x=alt.X("end:Q"), text="words:N")
    return alt.layer(bars, stroke, dot, text).properties(width=WIDTH, height=alt.Step(STEP))


def rows(labels: list[str]) -> Any:
    """The axis of names, in their order."""
    import altair as alt

    return alt.Y(
        "label:N",
        sort=labels,
        title=None,
        axis=alt.Axis(ticks=False, domain=False, labelPadding=6, labelLimit=330),
    )
