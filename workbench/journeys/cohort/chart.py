"""The heat map of a cohort table: shares as colours and as numbers, unfinished cells hatched."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.journeys.cohort import wording
from workbench.journeys.cohort.tables import told_cells
from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.cohort.result import Cohort

SHOWN = ("both", "percent", "count")
MOST_ROWS = 40
MOST_COLUMNS = 30
# From paper to ink in even steps of lightness, so that grey print keeps the order.
GREENS = ((238, 247, 243), (140, 205, 180), (0, 120, 86), (0, 66, 48))
REDS = ((253, 242, 235), (245, 186, 148), (196, 78, 0), (110, 38, 0))
# Black or white, whichever stands out more: at least 4.5 : 1 on every colour in between.
_DARK, _LIGHT, _MIDDLE = "#000000", "#FFFFFF", 0.179
_STRIPES = (0.0, 0.25, 0.5, 0.75)
_GREY = "#7B8794"


def draw(result: Cohort, *, show: str, whole: bool, averages: bool) -> alt.TopLevelMixin:
    """Rows are cohorts, columns the buckets after inclusion, each cell holds its number."""
    import altair as alt

    if show not in SHOWN:
        raise ArgumentError.of("show", show, SHOWN)
    if not result.containers:
        return theme.empty_chart(result.headline())
    rows, offsets = visible(result)
    wide = len(offsets) <= 13
    columns = _column_names(offsets, wide)
    data = _cells(result, rows, offsets, columns, whole)
    below = _averages(result, offsets, whole) if averages else []
    names = [*dict.fromkeys(data["row"]), *dict.fromkeys(item["row"] for item in below)]
    both = show == "both" and wide and len(rows) <= 16
    if show == "count" or not wide:
        data["main"] = data["counts"] if show == "count" else data["bare"]
    x = alt.X(
        "column:N",
        sort=columns,
        title=wording.axis_title(result.question),
        axis=alt.Axis(
            orient="top", labelAngle=0, domain=False, ticks=False, labelPadding=6, titlePadding=8,
            labelOverlap=False,
        ),
        scale=alt.Scale(paddingInner=0.06, paddingOuter=0.02),
    )  # fmt: skip
    y = alt.Y(
        "row:N",
        sort=names,
        title=None,
        axis=alt.Axis(domain=False, ticks=False, labelPadding=8, labelLimit=300),
        scale=alt.Scale(paddingInner=0.06, paddingOuter=0.02),
    )
    layers = [
        *_filled(alt, data, x, y, result),
        *_texts(alt, data, pd.DataFrame(below), x, y, both),
    ]
    width = 84 if len(columns) <= 9 else 64 if wide else 38 if len(columns) <= 17 else 27
    chart = alt.layer(*layers).properties(
        width=alt.Step(width), height=alt.Step(42 if both else 26)
    )
    # Inside a concatenation the cells keep their size, and a narrow page scrolls.
    return alt.vconcat(chart)


def visible(result: Cohort) -> tuple[list[int], list[int]]:
    """Rows and columns that are drawn.

    Rows from the first one that holds anybody, of many the newest, or the largest items; columns
    that any of them has, of many the nearest.
    """
    grid = result.grid
    total = len(grid.labels)
    rows = list(range(total))
    if result.question.dimension:
        rows = rows[:MOST_ROWS]
    else:
        filled = np.flatnonzero(grid.sums.included)
        rows = rows[int(filled[0]) if filled.size else 0 :][-MOST_ROWS:]
    offsets = [int(n) for n in grid.offsets[grid.exists[rows].any(axis=0)]]
    offsets = offsets or [int(grid.offsets[-1])]
    nearest = set(sorted(offsets, key=lambda n: (abs(n), n))[:MOST_COLUMNS])
    return rows, [n for n in offsets if n in nearest]


def _column_names(offsets: list[int], wide: bool) -> list[str]:
    names = [wording.offset_name(n) for n in offsets]
    before = sum(n < 0 for n in offsets)
    return [*names[:before], message("Included") if wide else message("n"), *names[before:]]


def _cells(
    result: Cohort, rows: list[int], offsets: list[int], columns: list[str], whole: bool
) -> pd.DataFrame:
    question, frame = result.question, result.frame
    place = {name: n for n, name in enumerate(result.grid.labels)}
    number = frame["cohort"].map(place)
    inside = number.isin(rows) & frame["offset"].isin(offsets)
    inside &= told_cells(question, result.grid, frame)
    data = frame[inside].assign(number=number[inside])
    counted = data["churned" if question.churn else "returned"]
    top = float(np.nanmax([0.1, *data["share"]]))
    ramp = REDS if question.churn else GREENS
    colours = [
        _colour(s, top, ramp, p) for s, p in zip(data["share"], data["partial"], strict=True)
    ]
    hidden = message("< {n}", n=question.smallest)
    data = pd.DataFrame(
        {
            "number": data["number"],
            "column": [wording.offset_name(n) for n in data["offset"]],
            "fill": [fill for fill, _ in colours],
            "ink": [ink for _, ink in colours],
            "partial": data["partial"].to_numpy(bool),
            "main": [
                hidden if s else percent(v, whole)
                for v, s in zip(data["share"], data["suppressed"], strict=True)
            ],
            "counts": [
                numbers.count(v) if not numbers.absent(s) else ""
                for v, s in zip(counted, data["share"], strict=True)
            ],
            "of": [
                f"{numbers.count(a)} / {numbers.count(b)}"
                for a, b in zip(counted, data["base"], strict=True)
            ],
            "exact": [numbers.share(v) for v in data["share"]],
            "interval": [
                numbers.between(a, b)
                for a, b in zip(data["share_low"], data["share_high"], strict=True)
            ],
            "state": [message("unfinished or cut") if p else "" for p in data["partial"]],
            "value": [numbers.share(v) for v in data["net_value_retention"]],
        }
    )
    data["bare"] = [text.replace(" %", "") for text in data["main"]]
    title = next(name for name in columns if name not in set(data["column"]) | _signed(offsets))
    data = pd.concat([data, _included(result, rows, title)], ignore_index=True)
    shown = [result.grid.labels[n] for n in rows]
    short = dict(zip(rows, numbers.shortened_apart(shown, 38), strict=True))
    full = dict(zip(rows, shown, strict=True))
    data["row"], data["cohort"] = data["number"].map(short), data["number"].map(full)
    return data.drop(columns="number")


def _signed(offsets: list[int]) -> set[str]:
    return {wording.offset_name(n) for n in offsets}


def _included(result: Cohort, rows: list[int], title: str) -> pd.DataFrame:
    """The column of all included containers; hatched where that bucket may still change."""
    panel = result.grid.panel
    young = np.zeros(len(result.grid.labels), bool)
    if panel is not None and not result.question.pooled:
        young[:] = (
            panel.partial[panel.skipped]
            if result.question.dimension
            else (panel.partial[panel.skipped :])
        )
    included = result.frame.drop_duplicates("cohort")["included"].to_numpy(float, na_value=np.nan)
    hidden = message("< {n}", n=result.question.smallest)
    texts = [hidden if np.isnan(included[n]) else numbers.count(included[n]) for n in rows]
    return pd.DataFrame(
        {
            "number": rows,
            "column": title,
            "fill": "",
            "ink": _GREY,
            "partial": young[rows],
            "main": texts,
            "bare": texts,
            "counts": texts,
            "of": texts,
            "exact": "",
            "interval": "",
            "state": "",
            "value": "",
        }
    )


def _averages(result: Cohort, offsets: list[int], whole: bool) -> list[dict[str, str]]:
    """Rows below the table: the mean of the percentages, the weighted one, everybody once."""
    known = result.averages.set_index("offset")
    if known["rows"].max() < 2:
        return []
    lines = {
        message("Mean of rows"): known["average_share"],
        message("All rows pooled"): known["weighted_share"],
    }
    if result.in_several_rows:
        once = result.total.set_index("offset")["share"]
        lines[message("Each counted once")] = once.where(known["rows"] > 0)
    sign = len(offsets) <= 13
    return [
        {
            "row": title,
            "column": wording.offset_name(offset),
            "main": percent(shares[offset], whole).replace("" if sign else " %", ""),
        }
        for title, shares in lines.items()
        for offset in offsets
        if not numbers.absent(shares[offset])
    ]


def _filled(alt: Any, data: pd.DataFrame, x: Any, y: Any, result: Cohort) -> list[Any]:
    tooltip = [
        alt.Tooltip("cohort:N", title=message("Row")),
        alt.Tooltip("column:N", title=wording.offset_title(result.question)),
        alt.Tooltip("of:N", title=wording.of_title(result.question)),
        alt.Tooltip("exact:N", title=message("Share")),
        alt.Tooltip("interval:N", title=message("95 % interval")),
        alt.Tooltip("state:N", title=message("State")),
    ]
    if result.question.value is not None:
        tooltip.append(alt.Tooltip("value:N", title=message("Of the value at inclusion")))
    cells = data[data["fill"] != ""]
    layers = [
        alt.Chart(data[data["fill"] == ""])
        .mark_rect(color=theme.MUTED, opacity=0.35)
        .encode(x=x, y=y, tooltip=tooltip[:3]),
        alt.Chart(cells)
        .mark_rect()
        .encode(x=x, y=y, fill=alt.Fill("fill:N", scale=None), tooltip=tooltip),
    ]
    unfinished = data[data["partial"]]
    if unfinished.empty:
        return layers
    hatched = alt.Chart(unfinished)
    for low, high in pairwise((*_STRIPES, 1.0)):
        layers.append(
            hatched.mark_rule(strokeWidth=1, opacity=0.28).encode(
                x=_at(x, low),
                x2=alt.X2("column:N", bandPosition=high),
                y=_at(y, 1.0),
                y2=alt.Y2("row:N", bandPosition=0.0),
                color=alt.Color("ink:N", scale=None),
            )
        )
    return layers


def _at(channel: Any, position: float) -> Any:
    """The same channel at another place of the band."""
    copy = channel.copy()
    copy.bandPosition = position
    return copy


def _texts(
    alt: Any, data: pd.DataFrame, below: pd.DataFrame, x: Any, y: Any, both: bool
) -> list[Any]:
    cells, included = data[data["fill"] != ""], data[data["fill"] == ""]
    lift = -8 if both else 0
    ink = alt.Color("ink:N", scale=None)
    layers = [
        alt.Chart(cells).mark_text(fontSize=13, dy=lift).encode(x=x, y=y, text="main:N", color=ink),
        alt.Chart(included)
        .mark_text(fontSize=13, fontWeight="bold", color=theme.TEXT)
        .encode(x=x, y=y, text="main:N"),
    ]
    if both:
        layers.append(
            alt.Chart(cells)
            .mark_text(fontSize=12, dy=9)
            .encode(x=x, y=y, text="counts:N", color=ink)
        )
    if not below.empty:
        base = alt.Chart(below).encode(x=x, y=y)
        layers.append(
            base.mark_text(fontSize=13, fontWeight="bold", color=theme.TEXT).encode(text="main:N")
        )
    return layers


def percent(value: Any, whole: bool) -> str:
    """A share for a cell: a whole percentage unless more is wanted; nothing for none."""
    if numbers.absent(value):
        return numbers.NOTHING
    if not whole:
        return numbers.share(value)
    share = float(value) * 100
    if 0 < share < 0.5:
        return message("< 1 %")
    if 99.5 <= share < 100:
        return message("> 99 %")
    return f"{share:.0f} %"


def _colour(
    share: float, top: float, ramp: tuple[tuple[int, int, int], ...], partial: bool
) -> tuple[str, str]:
    """Fill of a cell and the ink that reads on it; unfinished cells are paler."""
    place = 0.0 if share != share else min(1.0, share / top) * (len(ramp) - 1)
    low = min(int(place), len(ramp) - 2)
    mix = [a + (b - a) * (place - low) for a, b in zip(ramp[low], ramp[low + 1], strict=True)]
    if partial:
        mix = [255 - (255 - part) * 0.5 for part in mix]
    ink = _DARK if _luminance(mix) > _MIDDLE else _LIGHT
    return "#" + "".join(f"{round(part):02X}" for part in mix), ink


def _luminance(colour: list[float]) -> float:
    parts = [part / 255 for part in colour]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
