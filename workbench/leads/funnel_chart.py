"""The picture: what became of the leads of each group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

MOST = 15
_COLOURS = {
    "won": theme.ACCENT, "running": theme.OPEN, "lost": theme.CATEGORIES[1],
    "declined": theme.CATEGORIES[3], "expired": theme.WARNING, "open": theme.MUTED,
}  # fmt: skip


def draw(frame: pd.DataFrame) -> alt.TopLevelMixin:
    """Stacked bars of leads by outcome, the largest groups first, with shares beside them.

    Parameters
    ----------
    frame : pandas.DataFrame
        Lines of the funnel; those without leads that ask for an answer are left out.
    """
    import altair as alt

    names = {
        "won": message("Won"),
        "running": message("Accepted, still open"),
        "lost": message("Lost"),
        "declined": message("Declined"),
        "expired": message("Expired"),
        "open": message("No answer yet"),
    }
    groups = frame.iloc[1:].sort_values(["received", "group"], ascending=[False, True])
    data = pd.concat([frame.iloc[:1], groups[groups["received"] > 0].head(MOST)])
    data = data.assign(running=data["accepted"] - data["won"] - data["lost"])
    data["label"] = numbers.shortened_apart([str(g) for g in data["group"]], 32)
    data["words"] = [_words(line) for line in data.to_dict("records")]
    long = data.melt(["label", "received"], list(names), "outcome", "count")
    long["name"] = long["outcome"].map(names)
    long["rank"] = long["outcome"].map({n: i for i, n in enumerate(names)})
    y = alt.Y(
        "label:N",
        sort=list(data["label"]),
        title=None,
        axis=alt.Axis(ticks=False, domain=False, labelLimit=240),
    )
    x = alt.X(
        "count:Q",
        scale=alt.Scale(domain=[0, float(data["received"].max()) * 2.1], nice=False),
        axis=alt.Axis(
            title=message("Leads that ask for an answer"), tickMinStep=1, tickCount=5, grid=False
        ),
    )
    bars = (
        alt.Chart(long[long["count"] > 0])
        .mark_bar(height=22)
        .encode(
            x=x,
            y=y,
            order=alt.Order("rank:Q"),
            color=alt.Color(
                "name:N",
                title=None,
                sort=list(names.values()),
                scale=alt.Scale(domain=list(names.values()), range=list(_COLOURS.values())),
                legend=alt.Legend(orient="top", columns=2),
            ),
            tooltip=[
                alt.Tooltip("label:N", title=message("Group")),
                alt.Tooltip("name:N", title=message("Outcome")),
                alt.Tooltip("count:Q", title=message("Leads")),
            ],
        )
    )
    texts = (
        alt.Chart(data[["label", "received", "words"]])
        .mark_text(align="left", dx=5, dy=-6, fontSize=12, lineBreak="\n")
        .encode(x=alt.X("received:Q"), y=y, text="words:N")
    )
    return alt.layer(bars, texts).properties(width=480, height=alt.Step(40))


def _words(line: dict[Any, Any]) -> str:
    if not line["resolved"]:
        return message("none resolved yet")
    text = message("answered {share}", share=numbers.share(line["share_responded"]))
    text += "\n" + message(
        "{n} of {total}",
        n=numbers.count(line["accepted"] + line["declined"]),
        total=numbers.count(line["resolved"]),
    )
    if not line["timed"]:
        return text
    return message("{text} · {time}", text=text, time=numbers.days(line["median_hours"] / 24))
