"""Curves of a survival analysis: steps, bands, and the numbers still followed below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.journeys.scoping import OTHER
from workbench.journeys.survival.estimates import Curve
from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.survival.result import Survival

FEW = 8
_MOST_POINTS = 300
_GREY, _PALE = "#7B8794", "#F0E442"
_WIDTH = 640
# Older cohorts paler, newer ones darker; the ends stay apart from paper and ink.
_OLD, _NEW = (176, 196, 214), (70, 110, 150)


def draw(result: Survival) -> alt.TopLevelMixin:
    """Share won by days since entering, one step line a group; of many also all together."""
    import altair as alt

    if not result.groups["entered"].sum():
        return theme.empty_chart(result.headline())
    labels = [name for name, line in result.curves.items() if line.days.size]
    many = len(labels) > FEW
    short = dict(zip(labels, numbers.shortened_apart(labels, 30), strict=True))
    longest = _longest(result)
    data = _steps(result, labels, longest).assign(label=lambda d: d["group"].map(short))
    ticks = _ticks(longest)
    colour = _colour(alt, [short[label] for label in labels])
    top = _top(data, many)
    axes: dict[str, Any] = {
        "x": alt.X(
            "days:Q",
            title=message(
                "Days since “{entered}”",
                entered=numbers.shortened(result.question.entered.label, 40),
            ),
            axis=alt.Axis(values=ticks, grid=False, format=",d"),
            scale=alt.Scale(domain=[0, longest], nice=False),
        ),
        "y": alt.Y(
            "won_share:Q",
            title=message(
                "Share with “{won}”", won=numbers.shortened(result.question.won.label, 30)
            ),
            axis=alt.Axis(format="%", tickCount=5),
            scale=alt.Scale(domain=[0, top], nice=False),
        ),
    }
    layers = _half(alt) if top > 0.5 else []
    layers += _lines(alt, data, axes, colour, many)
    if many:
        layers += _lines(alt, _whole(result, longest), axes, alt.value(theme.ACCENT), False)
    curves = alt.layer(*layers).properties(width=_WIDTH, height=280)
    below = _at_risk(alt, result, labels, short, ticks, longest, many)
    return alt.vconcat(curves, below, spacing=6)


def _half(alt: Any) -> list[Any]:
    line = alt.Chart(pd.DataFrame({"half": [0.5]}))
    return [line.mark_rule(color=theme.QUIET, strokeDash=[4, 3], strokeWidth=1).encode(y="half:Q")]


def _lines(
    alt: Any, data: pd.DataFrame, axes: dict[str, Any], colour: Any, thin: bool
) -> list[Any]:
    tooltip = [
        alt.Tooltip("group:N", title=message("Group")),
        alt.Tooltip("days:Q", title=message("Days"), format=",.1f"),
        alt.Tooltip("text:N", title=message("Share won so far")),
        alt.Tooltip("interval:N", title=message("95 % interval")),
        alt.Tooltip("at_risk:Q", title=message("Still followed"), format=","),
    ]
    base = alt.Chart(data).encode(x=axes["x"], color=colour, detail="label:N")
    line = base.mark_line(interpolate="step-after", strokeWidth=1 if thin else 2.4)
    points = base.mark_point(size=60, opacity=0, filled=True)
    layers = [line.encode(y=axes["y"]), points.encode(y=axes["y"], tooltip=tooltip)]
    if thin:
        return layers
    few = data["label"].nunique() <= 3
    band = base.mark_area(interpolate="step-after", opacity=0.14 if few else 0.06)
    return [band.encode(y="won_low:Q", y2="won_high:Q"), *layers]


def _steps(result: Survival, labels: list[str], longest: float) -> pd.DataFrame:
    parts = [_told(label, result.curves[label], longest) for label in labels]
    return pd.concat(parts, ignore_index=True)


def _told(label: str, line: Curve, longest: float) -> pd.DataFrame:
    """A curve up to some day, thinned where it has more steps than can be seen."""
    places = np.flatnonzero(line.days <= longest)
    days = line.days[places]
    if line.days[-1] > longest:
        places, days = np.append(places, places[-1]), np.append(days, longest)
    if places.size > _MOST_POINTS:
        seen = np.unique(np.linspace(0, places.size - 1, _MOST_POINTS).astype(int))
        places, days = places[seen], days[seen]
    shares = (line.won_share[places], line.low[places], line.high[places])
    return pd.DataFrame(
        {
            "group": label,
            "days": days,
            "at_risk": line.at_risk[places],
            "won_share": shares[0],
            "won_low": shares[1],
            "won_high": shares[2],
            "text": [numbers.share(v) for v in shares[0]],
            "interval": [numbers.between(a, b) for a, b in zip(*shares[1:], strict=True)],
        }
    )


def _whole(result: Survival, longest: float) -> pd.DataFrame:
    """The curve of all groups together."""
    name = message("All together")
    every = np.ones(result.followed.container.size, bool)
    return _told(name, result.curve_of(every), longest).assign(label=name)


def _longest(result: Survival) -> float:
    """Where the picture ends: a little after the last outcome, since nothing moves any more."""
    found = result.followed
    longest = float(found.days.max())
    outcomes = found.days[found.outcome > 0]
    shown = min(longest, 1.3 * float(outcomes.max())) if outcomes.size else longest
    return max(1.0, shown)


def _top(data: pd.DataFrame, many: bool) -> float:
    highest = float(data["won_share" if many else "won_high"].max())
    return min(1.0, max(0.05, highest * 1.05))


def _ticks(longest: float) -> list[float]:
    """Whole days at which the numbers still followed are told."""
    steps = (1, 2, 5, 7, 14, 30, 60, 90, 180, 365, 730, 1825, 3650, 36500)
    step = next((s for s in steps if longest / s <= 9), steps[-1])
    return [float(day) for day in range(0, int(longest) + 1, step)][:40]


def _colour(alt: Any, names: list[str]) -> Any:
    if len(names) == 1:
        return alt.value(theme.ACCENT)
    if len(names) <= FEW:
        colours = [c for c in theme.CATEGORIES if c != _PALE] + [_GREY]
        palette = [_GREY if n == OTHER else c for n, c in zip(names, colours, strict=False)]
        scale = alt.Scale(domain=names, range=palette)
        legend = alt.Legend(columns=3, symbolType="stroke", symbolStrokeWidth=3, symbolOpacity=1)
        return alt.Color("label:N", title=None, sort=names, scale=scale, legend=legend)
    palette = [
        "#" + "".join(f"{round(a + (b - a) * m):02X}" for a, b in zip(_OLD, _NEW, strict=True))
        for m in np.linspace(0, 1, len(names))
    ]
    scale = alt.Scale(domain=names, range=palette)
    return alt.Color("label:N", title=None, sort=names, scale=scale, legend=None)


def _at_risk(
    alt: Any,
    result: Survival,
    labels: list[str],
    short: dict[str, str],
    ticks: list[float],
    longest: float,
    many: bool,
) -> Any:
    """A line a group, or one for all: how many were still followed at each tick."""
    found = result.followed
    rows = (
        {message("All together"): found.days}
        if many
        else {
            short[label]: found.days[found.group == found.labels.index(label)] for label in labels
        }
    )
    data = pd.DataFrame(
        [
            {"label": label, "days": t, "text": numbers.count(int((days >= t).sum()))}
            for label, days in rows.items()
            for t in ticks
        ]
    )
    return (
        alt.Chart(data)
        .mark_text(fontSize=12, color=theme.TEXT)
        .encode(
            x=alt.X("days:Q", axis=None, scale=alt.Scale(domain=[0, longest], nice=False)),
            y=alt.Y(
                "label:N",
                sort=list(rows),
                title=None,
                axis=alt.Axis(domain=False, ticks=False, labelLimit=220, labelPadding=24),
            ),
            text="text:N",
        )
        .properties(
            width=_WIDTH,
            height=alt.Step(18),
            title=alt.TitleParams(
                message("Still followed"),
                anchor="start",
                fontSize=12,
                fontWeight="normal",
                color=theme.QUIET,
            ),
        )
    )
