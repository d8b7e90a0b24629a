"""The picture of a simulation: the distribution of the total, and the parts it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.simulation.result import ForecastSimulation

_WIDTH = 600
_BINS = 48
_ASIDE = {"left": 5, "right": -5}
_EDGE, _INSIDE = "#C9DCEB", "#5A9BC8"
TICK = "datum.value == 0 ? '0' : replace(format(datum.value, '~s'), 'G', 'bn')"


def draw(result: ForecastSimulation) -> alt.TopLevelMixin:
    """Draws of the total above, expected amounts by part below."""
    import altair as alt

    if result.total.max() <= 0:
        return theme.empty_chart(message("Nothing is expected to be won in this period."))
    return alt.vconcat(_distribution(result), _parts(result), spacing=26)


def _distribution(result: ForecastSimulation) -> Any:
    """A column for each range of amounts; the 80 % interval darker."""
    import altair as alt

    total = result.total
    low80, median, high80 = np.quantile(total, (0.1, 0.5, 0.9))
    target = result.question.target
    first, last = np.quantile(total, (0.001, 0.999))
    if last <= first:
        first, last = 0.0, last * 1.1
    if not np.isnan(target) and target <= last * 2:
        last = max(last, target * 1.02)
    edges = np.linspace(first, last, _BINS + 1)
    counts = np.histogram(np.clip(total, first, last), edges)[0]
    middle = (edges[1:] + edges[:-1]) / 2
    data = pd.DataFrame(
        {
            "from": edges[:-1],
            "to": edges[1:],
            "share": counts / total.size,
            "fill": np.where((middle >= low80) & (middle <= high80), _INSIDE, _EDGE),
        }
    )
    data["words"] = [
        f"{numbers.money(a)}–{numbers.money(b)} {result.currency}"
        for a, b in zip(data["from"], data["to"], strict=True)
    ]
    scale = alt.Scale(domain=[float(first), float(last)], nice=False)
    x = alt.X("from:Q", scale=scale, axis=alt.Axis(tickCount=6, labelExpr=TICK, grid=False),
              title=message("Won in {period}, in {currency}",
                            period=result.question.period.in_words(),
                            currency=result.currency or message("amounts")))  # fmt: skip
    top = float(data["share"].max())
    height = alt.Scale(domain=[0, top * 1.5], nice=False)
    y = alt.Y("share:Q", axis=None, scale=height)
    bars = (
        alt.Chart(data)
        .mark_bar(stroke="white", strokeWidth=0.5)
        .encode(
            x=x, x2="to:Q", y=y, y2=alt.datum(0), color=alt.Color("fill:N", scale=None),
            tooltip=[alt.Tooltip("words:N", title=message("Amount")),
                     alt.Tooltip("share:Q", title=message("Share of draws"), format=".1%")],
        )
    )  # fmt: skip
    marks = _marks(result, (low80, median, high80), target, (first, last), top)
    rules = alt.Chart(marks)
    return alt.layer(
        bars,
        rules.mark_rule(strokeDash=[4, 3], color=theme.TEXT).encode(
            x=alt.X("at:Q", scale=scale), y=alt.Y("low:Q", scale=height, axis=None), y2="high:Q"
        ),
        _side(rules, "right", scale),
        _side(rules, "left", scale),
    ).properties(width=_WIDTH, height=210)


def _side(rules: Any, align: Literal["left", "right"], scale: Any) -> Any:
    """Words on one side of their rules."""
    import altair as alt

    return (
        rules.transform_filter(f"datum.align == '{align}'")
        .mark_text(align=align, fontSize=12, dx=_ASIDE[align], dy=2)
        .encode(x=alt.X("at:Q", scale=scale), y="high:Q", text="words:N")
    )


def _marks(
    result: ForecastSimulation,
    interval: tuple[float, float, float],
    target: float,
    ends: tuple[float, float],
    top: float,
) -> pd.DataFrame:
    """What is named in the picture, each at a height of its own."""
    low, median, high = interval

    def money(value: float) -> str:
        return numbers.money(value, result.currency)

    named = [
        (median, message("half: {n}", n=money(median)), 1.42),
        (low, message("10 of 100 below {n}", n=money(low)), 1.28),
        (high, message("90 of 100 below {n}", n=money(high)), 1.14),
    ]
    if not np.isnan(target) and ends[0] <= target <= ends[1]:
        named.append((target, message("target {n}", n=money(target)), 1.0))
    return pd.DataFrame(
        {
            "at": [at for at, _, _ in named],
            "words": [words for _, words, _ in named],
            "low": 0.0,
            "high": [top * height for _, _, height in named],
            "align": ["right" if at < median else "left" for at, _, _ in named],
        }
    )


def _parts(result: ForecastSimulation) -> Any:
    """What each part brings in the mean, with the range of 80 of 100 draws."""
    import altair as alt

    frame = result.frame[result.frame["part"] != "total"].copy()
    frame["row"] = numbers.shortened_apart(list(frame["label"]), 30)
    frame["words"] = [_words(result, line) for line in frame.itertuples()]
    frame["fill"] = [
        {"won_so_far": "#009E73", "not_yet_created": theme.MUTED}.get(p, theme.ACCENT)
        for p in frame["part"]
    ]
    frame["end"] = frame[["expected", "high_80"]].max(axis=1)
    top = float(frame["end"].max()) or 1.0
    scale = alt.Scale(domain=[0, top * 1.75], nice=False)
    y = alt.Y("row:N", sort=list(frame["row"]), title=None,
              axis=alt.Axis(domain=False, ticks=False, labelLimit=190))  # fmt: skip
    x = alt.X("expected:Q", scale=scale, axis=alt.Axis(tickCount=5, labelExpr=TICK),
              title=message("Expected to be won, in {currency}; thin: 80 of 100 draws",
                            currency=result.currency or message("amounts")))  # fmt: skip
    base = alt.Chart(frame).encode(
        y=y,
        tooltip=[alt.Tooltip("label:N", title=message("Part")),
                 alt.Tooltip("expected:Q", title=message("Expected"), format=",.0f"),
                 alt.Tooltip("low_80:Q", title=message("10 of 100 below"), format=",.0f"),
                 alt.Tooltip("high_80:Q", title=message("90 of 100 below"), format=",.0f")],
    )  # fmt: skip
    return alt.layer(
        base.mark_bar(height=16).encode(x=x, color=alt.Color("fill:N", scale=None)),
        base.mark_rule(color=theme.TEXT, strokeWidth=1.5).encode(x="low_80:Q", x2="high_80:Q"),
        base.mark_text(align="left", dx=8, fontSize=12).encode(x="end:Q", text="words:N"),
    ).properties(width=_WIDTH - 130, height=alt.Step(28))


def _words(result: ForecastSimulation, line: Any) -> str:
    expected = numbers.money(line.expected, result.currency)
    if line.part == "won_so_far":
        return expected
    if line.part == "not_yet_created":
        return message(
            "{expected} of about {n} deals",
            expected=expected,
            n=numbers.significant(line.deals, 2),
        )
    said = message(
        "{expected} of {amount}, {n} open",
        expected=expected,
        amount=numbers.money(line.amount),
        n=numbers.count(line.deals),
    )
    if line.deals_without_amount:
        said += message(", {n} without amount", n=numbers.count(line.deals_without_amount))
    return said
