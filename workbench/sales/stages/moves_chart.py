"""The transition matrix as a picture."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.stages.moves import StageMoves

MOST_PIPELINES = 4
MOST_STAGES = 14
_CELL = 92
_LINE = 14


def draw_moves(result: StageMoves) -> alt.TopLevelMixin:
    """A matrix for each pipeline: how often deals went from row to column."""
    import altair as alt

    frame = result.frame[result.frame["move"] != "transfer"]
    if frame.empty:
        return theme.empty_chart(result.headline())
    several = result.frame["pipeline"].nunique() > 1
    panels: list[Any] = []
    for name in result.pipelines[:MOST_PIPELINES]:
        part = frame[frame["pipeline"] == name]
        if len(part):
            panels.append(_matrix(result, part, str(name) if several else ""))
    if not panels:
        return theme.empty_chart(result.headline())
    return alt.vconcat(*panels, spacing=26)


def _axis_names(result: StageMoves, part: pd.DataFrame) -> list[str]:
    """Stages of a pipeline in their order, those that no move touches left out when many."""
    own = result.found.catalogue.frame.iloc[result.found.codes]
    names = list(own.loc[own["pipeline"] == part["pipeline"].iloc[0], "stage"].astype(str))
    if len(names) > MOST_STAGES:
        busy = part.groupby("to_stage")["moves"].sum().nlargest(MOST_STAGES).index
        names = [name for name in names if name in set(busy)]
    return names


def _in_two_lines(names: list[str]) -> list[str]:
    """Each name over at most two lines of about one column's width."""
    out = []
    for name in numbers.shortened_apart(names, 2 * _LINE - 3):
        parts = textwrap.wrap(name, _LINE, break_long_words=True, break_on_hyphens=False)
        out.append("\n".join([parts[0], " ".join(parts[1:])]) if parts[1:] else name)
    return out


def _matrix(result: StageMoves, part: pd.DataFrame, title: str) -> alt.TopLevelMixin:
    import altair as alt

    names = _axis_names(result, part)
    short = dict(zip(names, numbers.shortened_apart(names, 26), strict=True))
    start = message("(start)")
    data = part[part["to_stage"].isin(names) & part["from_stage"].isin(["", *names])].copy()
    data["row"] = [short[name] if name else start for name in data["from_stage"]]
    lines = _in_two_lines([short[name] for name in names])
    wrapped = dict(zip(names, lines, strict=True))
    data["column"] = [wrapped[name] for name in data["to_stage"]]
    data["moves_text"] = [numbers.count(n) for n in data["moves"]]
    data["share_text"] = [numbers.share(s) for s in data["share"]]
    left = set(data["row"])
    rows = [name for name in (start, *short.values()) if name in left]
    y = alt.Y(
        "row:N", sort=rows, scale=alt.Scale(domain=rows), title=None,
        axis=alt.Axis(ticks=False, domain=False, labelPadding=8, labelLimit=260),
    )  # fmt: skip
    x = alt.X(
        "column:N", sort=lines, scale=alt.Scale(domain=lines), title=None,
        axis=alt.Axis(
            orient="top", ticks=False, domain=False, labelAngle=0, labelLimit=_CELL - 6,
            labelPadding=22 if any("\n" in line for line in lines) else 6,
            labelExpr="split(datum.label, '\\n')",
        ),
    )  # fmt: skip
    tooltip = [
        alt.Tooltip("from_stage:N", title=message("From")),
        alt.Tooltip("to_stage:N", title=message("To")),
        alt.Tooltip("moves:Q", title=message("Moves"), format=","),
        alt.Tooltip("left:Q", title=message("All moves from there"), format=","),
        alt.Tooltip("share:Q", title=message("Share"), format=".1%"),
        alt.Tooltip("deals:Q", title=message("Deals"), format=","),
        alt.Tooltip("median_days:Q", title=message("Median stay before (days)"), format=".1f"),
    ]
    base = alt.Chart(data).encode(x=x, y=y, tooltip=tooltip)
    ink = alt.condition("datum.share > 0.55", alt.value("#FFFFFF"), alt.value(theme.TEXT))
    cells = base.mark_rect(stroke="#FFFFFF", strokeWidth=2).encode(
        color=alt.Color(
            "share:Q",
            scale=alt.Scale(domain=[0, 1], range=["#EEF2F6", theme.ACCENT]),
            legend=None,
        )
    )
    counts = base.mark_text(fontSize=12, dy=-6).encode(text="moves_text:N", color=ink)
    shares = base.mark_text(fontSize=12, dy=9).encode(text="share_text:N", color=ink)
    head = {"title": alt.Title(title, anchor="start", fontSize=13)} if title else {}
    return alt.layer(cells, counts, shares).properties(
        width=alt.Step(_CELL), height=alt.Step(40), **head
    )
