"""The band chart: actual line, dotted expectation, band, white dots outside it.

Source: collaboration.md, section 2.3 (display): the band does not stretch the axis unless allowed;
with several metrics only dots until hovered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.collaboration.anomalies import wording
from workbench.messages import marked, message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.collaboration.anomalies.result import AnomalyDetection
    from workbench.collaboration.anomalies.series import Series

_WIDTH, _HEIGHT = 640, 240
_MOST_LINES = 8
_ROOM = 0.06
_PERIODS = {"day": marked("A day"), "week": marked("A week"), "month": marked("A month")}


def draw(result: AnomalyDetection) -> alt.TopLevelMixin:
    """One series with its band; several of one unit as lines; of several units below each other."""
    import altair as alt

    drawn = [series for series in result.series if _known(result, series)]
    if not drawn:
        return theme.empty_chart(result.headline())
    if len(drawn) == 1:
        return _single(result, drawn[0], _HEIGHT)
    if len({(series.unit, series.currency) for series in drawn}) == 1:
        return _several(result, drawn[:_MOST_LINES])
    panels = [_single(result, series, 130, titled=True) for series in drawn[:_MOST_LINES]]
    return alt.vconcat(*panels).resolve_scale(x="shared")


def _known(result: AnomalyDetection, series: Series) -> bool:
    frame = result.frame
    return bool(frame.loc[frame["series"] == series.name, "actual"].notna().any())


def _data(result: AnomalyDetection, series: Series) -> pd.DataFrame:
    frame = result.frame[result.frame["series"] == series.name]
    words: dict[str, list[str]] = {
        f"{name}_words": [wording.value_text(series, value) for value in frame[name]]
        for name in ("actual", "expected", "low", "high")
    }
    between = [
        f"{a} – {b}" if a != numbers.NOTHING else numbers.NOTHING
        for a, b in zip(words["low_words"], words["high_words"], strict=True)
    ]
    return frame.assign(
        outside=frame["anomaly"].isin(["above", "below"]),
        open=frame["open"].astype(bool),
        marked=[wording.mark(line) for line in frame.to_dict("records")],
        band=between,
        **{name: words[name] for name in ("actual_words", "expected_words")},
    )[["series", "start", "actual", "expected", "low", "high", "outside", "open", "holiday",
       "marked", "band", "actual_words", "expected_words"]]  # fmt: skip


def _axes(
    result: AnomalyDetection, data: pd.DataFrame, series: Series
) -> tuple[Any, Callable[[str], Any]]:
    import altair as alt

    shown = [data["actual"]] + ([data["low"], data["high"]] if result.stretch else [])
    values = pd.concat(shown).dropna().astype(float)
    low, high = float(values.min()), float(values.max())
    if low >= 0:
        low = 0.0
    room = (high - low) * _ROOM or 1.0
    domain = [low - room if low < 0 else low, high + room]
    title = {"count": message(_PERIODS[series.granularity]), "share": message("Share"),
             "money": series.currency or message("Amount")}.get(series.unit, "")  # fmt: skip
    form = "%" if series.unit == "share" else "~s" if high >= 10_000 else ""
    days = alt.Axis(
        format="%Y-%m" if series.granularity == "month" else "%Y-%m-%d", tickCount=6, grid=False,
        labelOverlap="greedy", labelFlush=False, labelSeparation=12,
    )  # fmt: skip
    x = alt.X("start:T", title=None, axis=days)
    axis = alt.Axis(title=title or None, tickCount=5, format=form or alt.Undefined)
    scale = alt.Scale(domain=domain, nice=True, zero=False)
    return x, lambda field: alt.Y(f"{field}:Q", scale=scale, axis=axis)


def _tooltips(several: bool) -> list[Any]:
    import altair as alt

    named = [alt.Tooltip("series:N", title=message("Metric"))] if several else []
    return [
        alt.Tooltip("start:T", title=message("Begins"), format="%Y-%m-%d"),
        *named,
        alt.Tooltip("actual_words:N", title=message("Actual")),
        alt.Tooltip("expected_words:N", title=message("Expected")),
        alt.Tooltip("band:N", title=message("Band")),
        alt.Tooltip("marked:N", title=message("Anomaly")),
        alt.Tooltip("holiday:N", title=message("Special day")),
    ]


def _single(result: AnomalyDetection, series: Series, height: int, titled: bool = False) -> Any:
    import altair as alt

    data = _data(result, series)
    x, y = _axes(result, data, series)
    base = alt.Chart(data)
    band = (
        base.transform_filter("isValid(datum.low)")
        .mark_area(color=theme.OPEN, opacity=0.3, clip=True)
        .encode(x=x, y=y("low"), y2="high:Q")
    )
    expected = base.mark_line(
        color=theme.QUIET, strokeDash=[2, 3], strokeWidth=1.5, clip=True
    ).encode(x=x, y=y("expected"))  # fmt: skip
    line = (
        base.transform_filter("!datum.open")
        .mark_line(color=theme.ACCENT, strokeWidth=2)
        .encode(x=x, y=y("actual"))
    )
    dots = (
        base.transform_filter("datum.outside")
        .mark_point(filled=True, fill="#FFFFFF", stroke=theme.ACCENT, strokeWidth=2, size=70,
                    opacity=1)
        .encode(x=x, y=y("actual"))
    )  # fmt: skip
    young = (
        base.transform_filter("datum.open")
        .mark_point(filled=False, stroke=theme.OPEN, size=30, opacity=1)
        .encode(x=x, y=y("actual"))
    )
    seen = base.mark_point(size=120, opacity=0).encode(
        x=x, y=y("actual"), tooltip=_tooltips(False)
    )  # fmt: skip
    chart = alt.layer(band, expected, line, young, dots, seen)
    title = {"title": alt.TitleParams(numbers.shortened(series.name, 60), anchor="start",
                                      fontSize=13, color=theme.TEXT)} if titled else {}  # fmt: skip
    return chart.properties(width=_WIDTH, height=height, **title)


def _several(result: AnomalyDetection, drawn: list[Series]) -> Any:
    import altair as alt

    names = numbers.shortened_apart([series.name for series in drawn])
    parts = [_data(result, s).assign(name=n) for s, n in zip(drawn, names, strict=True)]
    data = pd.concat(parts, ignore_index=True)
    x, y = _axes(result, data, drawn[0])
    hover = alt.selection_point(
        name="pointed", fields=["name"], on="pointerover", clear="pointerout", empty=False
    )
    scale = alt.Scale(domain=names, range=list(theme.CATEGORIES[: len(names)]))
    columns = 2 if max(map(len, names)) > 24 else 4
    colour = alt.Color(
        "name:N",
        title=None,
        sort=names,
        scale=scale,
        legend=alt.Legend(columns=columns, symbolOpacity=1, symbolType="stroke"),
    )
    base, shown = alt.Chart(data), alt.when(hover)
    band = (
        base.transform_filter("isValid(datum.low)")
        .mark_area(clip=True)
        .encode(x=x, y=y("low"), y2="high:Q", color=colour,
                opacity=shown.then(alt.value(0.2)).otherwise(alt.value(0)))
    )  # fmt: skip
    expected = base.mark_line(strokeDash=[2, 3], strokeWidth=1.5, clip=True).encode(
        x=x, y=y("expected"), color=colour,
        opacity=shown.then(alt.value(1)).otherwise(alt.value(0)),
    )  # fmt: skip
    line = (
        base.transform_filter("!datum.open")
        .mark_line(strokeWidth=2)
        .encode(x=x, y=y("actual"), color=colour)
        .add_params(hover)
    )
    dots = (
        base.transform_filter("datum.outside")
        .mark_point(filled=True, fill="#FFFFFF", strokeWidth=2, size=60, opacity=1)
        .encode(x=x, y=y("actual"), tooltip=_tooltips(True),
                stroke=alt.Stroke("name:N", scale=scale, legend=None, sort=names))
    )  # fmt: skip
    return alt.layer(band, expected, line, dots).properties(width=_WIDTH, height=_HEIGHT + 40)
