"""The picture: days without contact around each change of hands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.messages import message
from workbench.relationship.portfolio.gaps_chart import MOST, STEP, WIDTH, rows
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.relationship.people.handovers import HandOvers


def draw_handovers(result: HandOvers) -> alt.TopLevelMixin:
    """A row a change of hands: days without contact around it."""
    import altair as alt

    data = result.table_frame().head(MOST).copy()
    data = data[data["gap_days"].notna()]
    if not len(data):
        return theme.empty_chart(result.headline())
    limit = 2 * result.measured.asked.rules.every_days
    names = (
        message("More than {n} days without contact", n=limit), message("Up to {n} days", n=limit)
    )  # fmt: skip
    labels = [
        f"{name} · {numbers.day(day)}"
        for name, day in zip(data["name"], data["handed_at"], strict=True)
    ]
    data["label"] = numbers.shortened_apart(labels, 44)
    data["part"] = [names[0] if d > limit else names[1] for d in data["gap_days"]]
    data["words"] = [
        f"{numbers.days(days)} · {numbers.shortened(str(a), 18)} → {numbers.shortened(str(b), 18)}"
        for days, a, b in zip(data["gap_days"], data["from_name"], data["to_name"], strict=True)
    ]
    shown = data[["label", "name", "gap_days", "part", "words", "from_name", "to_name", "count",
                  "total"]]  # fmt: skip
    base = alt.Chart(shown).encode(y=rows(list(data["label"])))
    x = alt.X(
        "gap_days:Q",
        scale=alt.Scale(domain=[0, max(float(data["gap_days"].max()) * 2.2, 1.0)], nice=False),
        axis=alt.Axis(title=message("Days between the last contact before and the first after"),
                      grid=False, tickCount=5),
    )  # fmt: skip
    bars = base.mark_bar(height=14).encode(
        x=x, color=alt.Color("part:N", title=None, scale=alt.Scale(
            domain=list(names), range=[theme.WARNING, theme.OPEN])),
        tooltip=[alt.Tooltip("name:N", title=message("Record")),
                 alt.Tooltip("from_name:N", title=message("Before")),
                 alt.Tooltip("to_name:N", title=message("After")),
                 alt.Tooltip("count:Q", title=message("Contacts of the new one")),
                 alt.Tooltip("total:Q", title=message("Of all after"))],
    )  # fmt: skip
    text = base.mark_text(align="left", dx=6, fontSize=12).encode(
        x=alt.X("gap_days:Q"), text="words:N"
    )
    return alt.layer(bars, text).properties(width=WIDTH, height=alt.Step(STEP))
