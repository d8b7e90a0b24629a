"""Pictures of the open pipeline: by month and stage, or by group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.pipeline.result import Pipeline

MOST_GROUPS = 15
MOST_MONTHS = 12
WIDTH = 560
_LIGHT, _DARK = (207, 224, 240), (0, 66, 110)


def draw(result: Pipeline) -> alt.TopLevelMixin:
    """Open amounts by stage and expected month; by group where groups were asked for."""
    if not result.total["open_deals"]:
        return theme.empty_chart(result.headline())
    if result.question.by:
        return _by_group(result)
    dated = result.cells["month"].notna().any()
    return _by_month(result) if dated else _by_stage(result)


def ramp(count: int) -> list[str]:
    """Colours from light to dark in even steps, so that grey print keeps the order."""
    steps = np.linspace(0, 1, max(count, 2))[:, None]
    mixed = np.array(_LIGHT) * (1 - steps) + np.array(_DARK) * steps
    return [f"#{r:02X}{g:02X}{b:02X}" for r, g, b in mixed.round().astype(int)][:count]


def measured(result: Pipeline) -> tuple[str, str, str]:
    """What bars show: amounts, or numbers of deals where no amount is known.

    Returns
    -------
    column, title, kind : str
    """
    if not result.frame["open_amount"].any():
        return "open_deals", message("Open opportunities"), "count"
    title = message("Open amount ({currency})", currency=result.currency)
    return "open_amount", title if result.currency else message("Open amount"), "money"


def worded(value: float, kind: str) -> str:
    """A value beside its bar."""
    return numbers.count(value) if kind == "count" else numbers.money(value)


def value_axis(title: str, kind: str) -> Any:
    """An axis of amounts or counts that starts at 0 and never repeats a tick."""
    import altair as alt

    short = "replace(replace(format(datum.value, '~s'), 'G', ' bn'), 'M', ' m')"
    small: Any = {"tickMinStep": 1} if kind == "count" else {}
    return alt.Axis(
        title=title,
        labelExpr=f"datum.value == 0 ? '0' : abs(datum.value) < 1 ? datum.label : {short}",
        tickCount=5,
        **small,
    )


def _by_month(result: Pipeline) -> Any:
    import altair as alt

    column, title, kind = measured(result)
    cells = result.cells.copy()
    cells["bucket"], order = _buckets(cells["month"], result.question.day)
    cells["shown"] = cells["stage"].map(lambda s: numbers.shortened(s, 24))
    data = cells.groupby(["bucket", "shown"], as_index=False).agg(
        value=(column, "sum"), place=("place", "min"), deals=("open_deals", "sum")
    )
    stages = data.groupby("shown")["place"].min().sort_values(kind="stable").index.tolist()
    data["rank"] = data["shown"].map({s: n for n, s in enumerate(stages)})
    data["words"] = [worded(v, kind) for v in data["value"]]
    totals = data.groupby("bucket", as_index=False).agg(
        value=("value", "sum"), deals=("deals", "sum")
    )
    totals["words"] = [
        worded(v, kind) if v else message("{n} open", n=numbers.count(n))
        for v, n in zip(totals["value"], totals["deals"], strict=True)
    ]
    x = alt.X("bucket:N", sort=order, title=message("Expected close"),
              axis=alt.Axis(labelAngle=0, ticks=False, labelOverlap=False))  # fmt: skip
    y = alt.Y("value:Q", axis=value_axis(title, kind), scale=alt.Scale(zero=True))
    bars = alt.Chart(data).mark_bar(stroke="#FFFFFF", strokeWidth=1).encode(
        x=x, y=y,
        color=alt.Color("shown:N", sort=stages, title=message("Stage"),
                        scale=alt.Scale(domain=stages, range=ramp(len(stages))),
                        legend=alt.Legend(columns=min(4, len(stages)), symbolType="square")),
        order=alt.Order("rank:Q"),
        tooltip=[
            alt.Tooltip("bucket:N", title=message("Expected close")),
            alt.Tooltip("shown:N", title=message("Stage")),
            alt.Tooltip("deals:Q", title=message("Open opportunities")),
            alt.Tooltip("words:N", title=title),
        ],
    )  # fmt: skip
    labels = alt.Chart(totals).mark_text(dy=-7, fontSize=12).encode(x=x, y=y, text="words:N")
    step = max(62, min(110, WIDTH // len(order)))
    return alt.layer(bars, labels).properties(width=alt.Step(step), height=260)


def _by_stage(result: Pipeline) -> Any:
    """A bar a stage, where no deal has an expected close."""
    import altair as alt

    column, title, kind = measured(result)
    data = result.cells.groupby("stage", as_index=False).agg(
        value=(column, "sum"), place=("place", "min"), deals=("open_deals", "sum")
    )
    data = data.sort_values(["place", "stage"])
    data["row"] = numbers.shortened_apart(list(data["stage"]))
    data["words"] = [worded(v, kind) for v in data["value"]]
    limit = float(data["value"].max()) * 1.15
    y = alt.Y("row:N", sort=list(data["row"]), title=None,
              axis=alt.Axis(ticks=False, domain=False))  # fmt: skip
    x = alt.X("value:Q", axis=value_axis(title, kind), scale=alt.Scale(domain=[0, limit]))
    base = alt.Chart(data)
    tooltip = [alt.Tooltip("stage:N", title=message("Stage")),
               alt.Tooltip("words:N", title=title)]  # fmt: skip
    return alt.layer(
        base.mark_bar(color=theme.ACCENT, height=18).encode(x=x, y=y, tooltip=tooltip),
        base.mark_text(align="left", dx=5, fontSize=12).encode(x=x, y=y, text="words:N"),
    ).properties(width=WIDTH, height=alt.Step(30))


def _buckets(months: pd.Series, day: int) -> tuple[list[str], list[str]]:
    """The name of each month, earlier and later ones put together, and their order."""
    now = np.datetime64(int(day), "D").astype("M8[M]")
    known = months.notna().to_numpy()
    number = np.where(
        known, (months.fillna(pd.Timestamp(0)).to_numpy().astype("M8[M]") - now).astype(int), 0
    )
    past, later = message("earlier"), message("later")
    names = [
        message("no date") if not k
        else past if n < 0
        else later if n >= MOST_MONTHS
        else str(now + np.timedelta64(int(n), "M"))
        for n, k in zip(number, known, strict=True)
    ]  # fmt: skip
    months_shown = sorted(set(names) - {past, later, message("no date")})
    order = [past, *months_shown, later, message("no date")]
    return names, [name for name in order if name in set(names)]


def _by_group(result: Pipeline) -> Any:
    import altair as alt

    column, title, kind = measured(result)
    frame = result.frame.iloc[1:]
    frame = frame[frame["open_deals"] > 0]
    if not result.question.groups.ordered:
        frame = frame.sort_values([column, "group"], ascending=[False, True])
    frame = frame.head(MOST_GROUPS)
    frame = frame.assign(row=numbers.shortened_apart(list(frame["group"])), value=frame[column])
    frame["words"] = [
        message("{amount} · {n} open", amount=worded(v, kind), n=numbers.count(n))
        if kind == "money"
        else worded(v, kind)
        for v, n in zip(frame["value"], frame["open_deals"], strict=True)
    ]
    frame["weight"] = [numbers.money(v, result.currency) for v in frame["weighted_amount"]]
    rows = list(frame["row"])
    y = alt.Y("row:N", sort=rows, title=None, axis=alt.Axis(ticks=False, domain=False))
    limit = float(frame["value"].max()) * 1.32
    x = alt.X("value:Q", axis=value_axis(title, kind), scale=alt.Scale(domain=[0, limit]))
    tooltip = [
        alt.Tooltip("group:N", title=message("Group")),
        alt.Tooltip("words:N", title=title),
        alt.Tooltip("weight:N", title=message("Weighted amount")),
    ]
    base = alt.Chart(frame)
    layers = [
        base.mark_bar(color=theme.OPEN if kind == "money" else theme.ACCENT, height=18).encode(
            x=x, y=y, tooltip=tooltip
        )
    ]
    if kind == "money" and frame["weighted_amount"].any():
        layers.append(
            base.mark_bar(color=theme.ACCENT, height=8).encode(
                x=alt.X("weighted_amount:Q"), y=y, tooltip=tooltip
            )
        )
    layers.append(base.mark_text(align="left", dx=5, fontSize=12).encode(x=x, y=y, text="words:N"))
    return alt.layer(*layers).properties(width=WIDTH, height=alt.Step(30))
