"""Curves of a survival analysis: steps, bands, and the numbers still followed below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.survival.result import Survival

FEW = 6
MOST_RISK_ROWS = 14
_MOST_POINTS = 300
_WIDTH = 640
# Older cohorts paler, newer ones darker; the ends stay apart from paper and ink.
_OLD, _NEW = (168, 200, 226), (0, 58, 110)


def draw(result: Survival) -> alt.TopLevelMixin:
    """Share won by days since entering, one step line a group."""
    import altair as alt

    frame = result.frame
    if not result.groups["entered"].sum():
        return theme.empty_chart(result.headline())
    labels = [name for name, line in result.curves.items() if line.days.size]
    short = dict(zip(labels, numbers.shortened_apart(labels, 30), strict=True))
    data = _steps(frame, result).assign(label=lambda d: d["group"].map(short))
    names = [short[label] for label in labels]
    longest = float(max(1.0, data["days"].max()))
    ticks = _ticks(longest)
    colour = _colour(alt, names, len(labels))
    x = alt.X(
        "days:Q",
        title=message("Days since “{entered}”", entered=_entered(result)),
        axis=alt.Axis(values=ticks, grid=False, format=",d"),
        scale=alt.Scale(domain=[0, longest], nice=False),
    )
    y = alt.Y(
        "won_share:Q",
        title=message("Share with “{won}”", won=numbers.shortened(result.question.won.label, 30)),
        axis=alt.Axis(format="%", tickCount=5),
        scale=alt.Scale(domain=[0, _top(data)], nice=False),
    )
    tooltip = [
        alt.Tooltip("group:N", title=message("Group")),
        alt.Tooltip("days:Q", title=message("Days"), format=",.1f"),
        alt.Tooltip("text:N", title=message("Share won so far")),
        alt.Tooltip("interval:N", title=message("95 % interval")),
        alt.Tooltip("at_risk:Q", title=message("Still followed"), format=","),
    ]
    base = alt.Chart(data).encode(x=x, color=colour, detail="label:N")
    layers = []
    if len(labels) <= FEW:
        layers.append(
            base.mark_area(interpolate="step-after", opacity=0.14).encode(
                y="won_low:Q", y2="won_high:Q"
            )
        )
    layers.append(base.mark_line(interpolate="step-after", strokeWidth=2.2).encode(y=y))
    layers.append(base.mark_point(size=60, opacity=0, filled=True).encode(y=y, tooltip=tooltip))
    half = pd.DataFrame({"half": [0.5]})
    if _top(data) > 0.5:
        layers.insert(
            0,
            alt.Chart(half)
            .mark_rule(color=theme.QUIET, strokeDash=[4, 3], strokeWidth=1)
            .encode(y="half:Q"),
        )
    curves = alt.layer(*layers).properties(width=_WIDTH, height=280)
    return alt.vconcat(curves, _at_risk(alt, result, labels, short, ticks, longest), spacing=6)


def _steps(frame: pd.DataFrame, result: Survival) -> pd.DataFrame:
    """Lines of the curves, thinned where there are more than can be seen."""
    parts = []
    for _, part in frame.groupby("group", sort=False):
        if len(part) > _MOST_POINTS:
            places = np.unique(np.linspace(0, len(part) - 1, _MOST_POINTS).astype(int))
            part = part.iloc[places]
        parts.append(part)
    data = pd.concat(parts, ignore_index=True)
    data["text"] = [numbers.share(v) for v in data["won_share"]]
    data["interval"] = [
        numbers.between(a, b) for a, b in zip(data["won_low"], data["won_high"], strict=True)
    ]
    columns = ["group", "days", "at_risk", "won_share", "won_low", "won_high", "text", "interval"]
    return data[columns]


def _top(data: pd.DataFrame) -> float:
    few = data["group"].nunique() <= FEW
    highest = float(data["won_high" if few else "won_share"].max())
    return min(1.0, max(0.05, highest * 1.05))


def _ticks(longest: float) -> list[float]:
    """Whole days at which the numbers still followed are told."""
    steps = (1, 2, 5, 7, 14, 30, 60, 90, 180, 365, 730, 1825, 3650, 36500)
    step = next((s for s in steps if longest / s <= 9), steps[-1])
    return [float(day) for day in range(0, int(longest) + 1, step)][:40]


def _colour(alt: Any, names: list[str], number: int) -> Any:
    if number == 1:
        return alt.value(theme.ACCENT)
    if number <= FEW:
        palette = list(theme.CATEGORIES[:number])
    else:
        mixes = np.linspace(0, 1, number)
        palette = [
            "#" + "".join(f"{round(a + (b - a) * m):02X}" for a, b in zip(_OLD, _NEW, strict=True))
            for m in mixes
        ]
    scale = alt.Scale(domain=names, range=palette)
    legend = alt.Legend(columns=3, symbolType="stroke") if number <= FEW else None
    return alt.Color("label:N", title=None, sort=names, scale=scale, legend=legend)


def _entered(result: Survival) -> str:
    return numbers.shortened(result.question.entered.label, 40)


def _at_risk(
    alt: Any,
    result: Survival,
    labels: list[str],
    short: dict[str, str],
    ticks: list[float],
    longest: float,
) -> Any:
    """A line a group: how many were still followed at each tick."""
    shown = labels[-MOST_RISK_ROWS:] if result.question.by == "cohort" else labels[:MOST_RISK_ROWS]
    found = result.followed
    lines = []
    for label in shown:
        days = found.days[found.group == found.labels.index(label)]
        lines += [
            {"label": short[label], "days": t, "text": numbers.count(int((days >= t).sum()))}
            for t in ticks
        ]
    data = pd.DataFrame(lines)
    names = [short[label] for label in shown]
    return (
        alt.Chart(data)
        .mark_text(fontSize=12)
        .encode(
            x=alt.X(
                "days:Q", axis=None, scale=alt.Scale(domain=[0, longest], nice=False)
            ),
            y=alt.Y(
                "label:N",
                sort=names,
                title=None,
                axis=alt.Axis(domain=False, ticks=False, labelLimit=220),
            ),
            text="text:N",
            color=_colour(alt, [short[name] for name in labels], len(labels)),
        )
        .properties(
            width=_WIDTH,
            height=alt.Step(18),
            title=alt.TitleParams(
                message("Still followed"), anchor="start", fontSize=12, fontWeight="normal",
                color=theme.QUIET,
            ),
        )
    )  # fmt: skip
