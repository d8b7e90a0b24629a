"""Pictures beside a score: calibration, contributions of one deal, scores by stage."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.score.calibration import Calibration
    from workbench.sales.score.reasons import Reasons
    from workbench.sales.score.stage_check import StageCheck

_WIDTH = 560
_NAME_LENGTH = 34
_SMALLEST_SCORE_SPAN = (1, 99)


def draw_calibration(result: Calibration) -> alt.TopLevelMixin:
    """Points beside the diagonal, their intervals, and the number of deals at each."""
    import altair as alt

    frame = result.frame
    if not len(frame):
        return theme.empty_chart(result.headline())
    data = frame.assign(
        text=[
            f"{n:,}" if free else ""
            for n, free in zip(frame["deals"], _with_room(frame), strict=True)
        ],
        won_text=[
            f"{numbers.share(s)} ({w:,}/{n:,})"
            for s, w, n in zip(frame["share"], frame["won_looks"], frame["looks"], strict=True)
        ],
        interval=[
            numbers.between(low, high)
            for low, high in zip(frame["low"], frame["high"], strict=True)
        ],
        chance_text=[numbers.share(c) for c in frame["mean_chance"]],
        state=[message("within") if i else message("outside") for i in frame["inside"]],
    )
    scale = alt.Scale(domain=[0, 1], nice=False)
    axis = alt.Axis(format=".0%", tickCount=5)
    x = alt.X(
        "mean_chance:Q", title=message("Mean chance that the score gives"), scale=scale, axis=axis
    )
    base = alt.Chart(data).encode(
        x=x,
        tooltip=[
            alt.Tooltip("chance_text:N", title=message("Mean chance")),
            alt.Tooltip("won_text:N", title=message("Won, of looks")),
            alt.Tooltip("interval:N", title=message("95 % interval")),
            alt.Tooltip("deals:Q", title=message("Deals with a look in the bin")),
        ],
    )
    names = [message("within"), message("outside")]
    line = (
        alt.Chart(pd.DataFrame({"x": [0.0, 1.0], "y": [0.0, 1.0]}))
        .mark_line(color=theme.QUIET, strokeDash=[4, 3])
        .encode(x="x:Q", y="y:Q")
    )
    rules = base.mark_rule(color="#8A94A0").encode(
        y=alt.Y("low:Q", title=message("Won, with 95 % interval"), scale=scale, axis=axis),
        y2="high:Q",
    )
    points = base.mark_point(filled=True, size=90, opacity=1).encode(
        y="share:Q",
        color=alt.Color(
            "state:N",
            title=message("Chance and interval"),
            scale=alt.Scale(domain=names, range=[theme.ACCENT, theme.WARNING]),
        ),
    )
    texts = base.mark_text(dy=-9, fontSize=12, color=theme.TEXT).encode(y="high:Q", text="text:N")
    note = theme_note(message("Number at a point, where there is room: deals with a look in it"))
    chart = alt.layer(line, rules, points, texts).properties(width=420, height=360)
    return alt.vconcat(chart, note, spacing=2).resolve_scale(color="independent")


def _with_room(frame: pd.DataFrame) -> list[bool]:
    """Points whose number would not lie on that of another one."""
    taken: list[tuple[float, float]] = []
    out = []
    for x, y in zip(frame["mean_chance"], frame["high"], strict=True):
        free = all(abs(x - a) > 0.07 or abs(y - b) > 0.05 for a, b in taken)
        out.append(free)
        if free:
            taken.append((x, y))
    return out


def theme_note(sentence: str) -> alt.Chart:
    """A line of small text below a picture."""
    import altair as alt

    return (
        alt.Chart(pd.DataFrame({"sentence": [textwrap.fill(sentence, 42)]}))
        .mark_text(align="left", color=theme.QUIET, fontSize=12, baseline="top", lineBreak="\n")
        .encode(x=alt.value(0), y=alt.value(0), text="sentence:N")
        .properties(width=420, height=32)
    )


def draw_reasons(result: Reasons) -> alt.TopLevelMixin:
    """Bars to both sides: the five strongest of each side, and all others together."""
    import altair as alt

    frame = result.frame
    if not len(frame):
        return theme.empty_chart(result.headline())
    shown = frame[frame["shown"]].sort_values("contribution", ascending=False)
    rest = frame[~frame["shown"]]
    lines = [
        (
            f"{row.label}: {row.value}" if row.value else str(row.label),
            row.contribution,
            f"{numbers.share(row.won / row.deals)} ({row.won:,}/{row.deals:,})"
            if row.deals
            else "",
        )
        for row in shown.itertuples()
    ]
    if len(rest):
        others = message("All {n} others", n=len(rest))
        lines.append((others, float(rest["contribution"].sum()), ""))
    data = pd.DataFrame(lines, columns=["whole", "contribution", "seen"])
    data["label"] = numbers.shortened_apart(list(data["whole"]), 52)
    data["side"] = [
        message("raises the score") if c >= 0 else message("lowers the score")
        for c in data["contribution"]
    ]
    data["text"] = [f"{c:+.2f}".replace("-", "−") for c in data["contribution"]]
    largest = max(float(data["contribution"].abs().max()), 0.1)
    order = list(data["label"])
    y = alt.Y(
        "label:N", sort=order, title=None,
        axis=alt.Axis(ticks=False, domain=False, labelLimit=360, labelPadding=8),
    )  # fmt: skip
    tooltip = [
        alt.Tooltip("whole:N", title=message("Feature")),
        alt.Tooltip("text:N", title=message("Contribution (log-odds)")),
        alt.Tooltip("seen:N", title=message("Won, of deals with a like value")),
    ]
    base = alt.Chart(data).encode(y=y, tooltip=tooltip)
    names = [message("raises the score"), message("lowers the score")]
    bars = base.mark_bar(height={"band": 0.66}).encode(
        x=alt.X(
            "contribution:Q",
            title=message("Log-odds beside an average deal"),
            scale=alt.Scale(domain=[-largest * 1.02, largest * 1.02], nice=False),
            axis=alt.Axis(labelExpr="datum.value ? format(datum.value, '+.1f') : '0'", tickCount=5),
        ),
        color=alt.Color(
            "side:N", title=None, scale=alt.Scale(domain=names, range=[theme.ACCENT, "#E69F00"])
        ),
    )
    bars = bars.properties(width=280, height=alt.Step(28))
    seen = (
        alt.Chart(data)
        .mark_text(align="left", fontSize=12, color=theme.TEXT)
        .encode(
            y=alt.Y("label:N", sort=order, axis=None),
            x=alt.value(0),
            text="seen:N",
            tooltip=tooltip,
        )
        .properties(
            width=110,
            height=alt.Step(28),
            title=alt.Title(
                message("Won, of like deals"), anchor="start", fontSize=12, fontWeight="normal",
                color=theme.QUIET,
            ),
        )
    )  # fmt: skip
    return alt.hconcat(bars, seen, spacing=10)


def draw_stages(result: StageCheck) -> alt.TopLevelMixin:
    """One row a stage in order, a dot for each deal, and the median; fallen medians in orange."""
    import altair as alt

    frame = result.frame
    if not frame["scored"].sum():
        return theme.empty_chart(result.headline())
    several = frame["pipeline"].nunique() > 1
    names = {
        (p, s): f"{s} · {p}" if several and p else str(s)
        for p, s in zip(frame["pipeline"], frame["stage"], strict=True)
    }
    short = dict(
        zip(names, numbers.shortened_apart(list(names.values()), _NAME_LENGTH), strict=True)
    )
    frame = frame.assign(
        label=[short[k] for k in zip(frame["pipeline"], frame["stage"], strict=True)],
        text=[
            message("{scored} of {deals}", scored=int(a), deals=int(b))
            for a, b in zip(frame["scored"], frame["deals"], strict=True)
        ],
        state=[
            message("below an earlier stage") if i else message("as expected")
            for i in frame["inverted"]
        ],
    )
    deals = result.of.frame.dropna(subset="score")
    keys = list(zip(deals["pipeline"], deals["stage"], strict=True))
    dots = deals.assign(label=[short.get(k, "") for k in keys])[["label", "name", "score"]]
    dots = dots[dots["label"] != ""].astype({"score": float})
    y = alt.Y("label:N", sort=list(frame["label"]), title=None)
    x = alt.X(
        "score:Q",
        title=message("Score of the open deals"),
        scale=alt.Scale(domain=list(_SMALLEST_SCORE_SPAN), rangeMax=alt.ExprRef("width - 70")),
    )
    points = (
        alt.Chart(dots)
        .mark_circle(size=45, opacity=0.45, color="#8A94A0")
        .encode(
            y=y, x=x,
            tooltip=[
                alt.Tooltip("name:N", title=message("Deal")),
                alt.Tooltip("score:Q", title=message("Score")),
            ],
        )
    )  # fmt: skip
    states = [message("as expected"), message("below an earlier stage")]
    base = alt.Chart(frame).encode(y=y)
    ticks = base.mark_tick(thickness=3, size=22, opacity=1).encode(
        x="median:Q",
        color=alt.Color(
            "state:N",
            title=message("Median"),
            scale=alt.Scale(domain=states, range=[theme.ACCENT, theme.WARNING]),
        ),
        tooltip=[
            alt.Tooltip("median:Q", title=message("Median score")),
            alt.Tooltip("text:N", title=message("With a score, of open deals")),
        ],
    )
    texts = base.mark_text(align="right", fontSize=12, color=theme.TEXT).encode(
        x=alt.value("width"), text="text:N"
    )
    return alt.layer(points, ticks, texts).properties(width=_WIDTH, height=alt.Step(32))
