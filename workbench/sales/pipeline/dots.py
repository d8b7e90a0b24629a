"""Shares as dots with their intervals, a line each, with numerator and denominator beside them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme

WIDTH = 480
MOST = 25
STEP = 38


def dots(
    frame: pd.DataFrame, *, label: str, numerator: str, denominator: str, title: str,
    reference: float | None = None, faint: str = "",
) -> Any:  # fmt: skip
    """Dots with 95 % intervals from 0 to the largest end.

    Parameters
    ----------
    frame : pandas.DataFrame
        With ``share``, ``low``, ``high`` and the columns that are named; its order is kept.
    label, numerator, denominator : str
        Columns.
    title : str
        Of the axis: numerator / denominator in words.
    reference : float, optional
        Share drawn as a line, such as that of all.
    faint : str, optional
        Column of marks for lines that are drawn lighter.
    """
    import altair as alt

    data = frame[frame["share"].notna()].copy()
    data["row"] = numbers.shortened_apart([str(v) for v in data[label]], 44)
    data["words"] = [
        f"{numbers.share(s)}  ({numbers.count(n)} / {numbers.count(d)})"
        for s, n, d in zip(data["share"], data[numerator], data[denominator], strict=True)
    ]
    data["between"] = [
        numbers.between(a, b) for a, b in zip(data["low"], data["high"], strict=True)
    ]
    data["colour"] = theme.ACCENT
    if faint:
        data.loc[data[faint].astype(bool), "colour"] = theme.OPEN
    ends = [data["share"].max(), data["high"].max(), reference or 0]
    top = min(1.0, max(float(e) for e in ends if e == e) * 1.02) or 1.0
    x = alt.X(
        "share:Q",
        axis=alt.Axis(title=title, format="%", tickCount=6),
        scale=alt.Scale(domain=[0, top], nice=False),
    )
    y = place(list(data["row"]))
    tooltip = [
        alt.Tooltip(f"{label}:N", title=message("Line")),
        alt.Tooltip("words:N", title=message("Share")),
        alt.Tooltip("between:N", title=message("95 % interval")),
    ]
    base = alt.Chart(data[["row", label, "share", "low", "high", "words", "between", "colour"]])
    colour = alt.Color("colour:N", scale=None)
    layers = [
        base.mark_rule(strokeWidth=1.5).encode(x=alt.X("low:Q"), x2="high:Q", y=y, color=colour),
        base.mark_point(filled=True, size=90, opacity=1).encode(
            x=x, y=y, color=colour, tooltip=tooltip
        ),
        *written_above(base, list(data["row"])),
    ]
    if reference is not None and reference == reference:
        line = alt.Chart(pd.DataFrame({"x": [reference]}))
        layers.insert(
            0,
            line.mark_rule(color=theme.QUIET, strokeDash=[4, 3]).encode(
                x=alt.X("x:Q", scale=alt.Scale(domain=[0, top], nice=False))
            ),
        )
    return alt.layer(*layers).properties(width=WIDTH, height=alt.Step(STEP))


def place(rows: list[str], part: float = 0.72) -> Any:
    """Where a line is drawn: its words stand above, so that it has the width of a telephone."""
    import altair as alt

    return alt.Y("row:N", sort=rows, axis=None, bandPosition=part)


def written_above(base: Any, rows: list[str]) -> list[Any]:
    """The columns ``row`` and ``words`` above each line, at its left and at its right end."""
    import altair as alt

    y = place(rows, 0.25)
    name = base.mark_text(
        align="left", fontSize=12, color=theme.TEXT, limit=alt.ExprRef("max(60, width - 150)")
    )
    said = base.mark_text(align="right", fontSize=12, color=theme.TEXT)
    return [
        name.encode(x=alt.value(0), y=y, text="row:N"),
        said.encode(x=alt.value("width"), y=y, text="words:N"),
    ]


def share_title(words: str) -> str:
    """The title of an axis of shares."""
    return message("{what} (bars: 95 % interval)", what=words)
