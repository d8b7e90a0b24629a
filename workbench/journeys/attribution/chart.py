"""Pictures of an attribution: credit by item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.journeys.attribution.lines import ITEM_LINE, NONE_LINE
from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

WIDTH = 640
_ROOM_FOR_TEXT = {True: 160, False: 110}
_BLANK = "\u2008"


def draw(
    frame: pd.DataFrame, *, by_value: bool, model: str, currency: str, sentence: str
) -> alt.TopLevelMixin:
    """Bars by item, the largest first; folded items lighter, no touch grey and apart."""
    import altair as alt

    if frame.empty or not frame["total_conversions"].iloc[0]:
        return theme.empty_chart(sentence)
    data = _bars(frame, by_value, currency)
    measure = (
        message("Value credited{currency}", currency=f", {currency}" if currency else "")
        if by_value
        else message("Conversions credited")
    )
    title = message("{measure} · {model}", measure=measure, model=model)
    largest = float(data[["credit", "to"]].max().max()) or 1.0
    low = min(0.0, float(data["credit"].min()))
    room = _ROOM_FOR_TEXT[by_value]
    y = alt.Y(
        "label:N",
        sort=list(data["label"]),
        title=None,
        axis=alt.Axis(labelLimit=260, domain=False, ticks=False, labelPadding=8),
        scale=alt.Scale(paddingInner=0.3),
    )
    x = alt.X(
        "credit:Q",
        title=title,
        scale=alt.Scale(domain=[low, largest], nice=False, rangeMax=alt.ExprRef(f"width - {room}")),
        axis=credit_axis(by_value, largest, 4),
    )
    base = alt.Chart(data).encode(y=y, tooltip=_tooltip(by_value, currency))
    bars = base.mark_bar().encode(x=x, color=alt.Color("colour:N", scale=None))
    rules = base.mark_rule(color=theme.TEXT, strokeWidth=1.2).encode(x="from:Q", x2="to:Q")
    texts = base.mark_text(align="left", dx=7, fontSize=12, color=theme.TEXT).encode(
        x="label_at:Q", text="text:N"
    )
    height = 26 if len(data) <= 12 else 21
    return alt.layer(bars, rules, texts).properties(width=WIDTH, height=alt.Step(height))


def credit_axis(by_value: bool, largest: float, ticks: int) -> Any:
    """An axis of credit: large numbers with k, M, G; fractions only where they are needed."""
    import altair as alt

    form = "~s" if by_value and largest >= 10_000 else ",.2~f" if largest < ticks else ",~f"
    return alt.Axis(
        format=form,
        tickCount=ticks,
        tickMinStep=1 if form == ",~f" else alt.Undefined,
        labelExpr="datum.value == 0 ? '0' : datum.label",
    )


def labels_of(frame: pd.DataFrame, length: int = 36) -> list[str]:
    """Names of lines, short and apart, also where an item is called like a special line."""
    marks = ["" if line == ITEM_LINE else "\u200b" for line in frame["line"]]
    names = [name + mark for name, mark in zip(frame["item"], marks, strict=True)]
    return numbers.shortened_apart(names, length)


def _bars(frame: pd.DataFrame, by_value: bool, currency: str) -> pd.DataFrame:
    data = frame[["item", "line", "conversions", "value", "touched_conversions"]].copy()
    credit, share, total = (
        ("value", "share_of_value", "total_value")
        if by_value
        else ("conversions", "share", "total_conversions")
    )
    data["label"] = labels_of(frame)
    data["credit"] = frame[credit]
    colours = {ITEM_LINE: theme.ACCENT, NONE_LINE: theme.MUTED}
    data["colour"] = [colours.get(line, theme.OPEN) for line in frame["line"]]
    items = frame["line"] == ITEM_LINE
    data["from"] = (frame[f"{share}_low"] * frame[total]).where(items)
    data["to"] = (frame[f"{share}_high"] * frame[total]).where(items)
    data["label_at"] = data[["credit", "to"]].max(axis=1).clip(lower=0)
    data["interval"] = [
        numbers.between(a, b)
        for a, b in zip(frame[f"{share}_low"], frame[f"{share}_high"], strict=True)
    ]
    data["share_text"] = [numbers.share(v) for v in frame[share]]
    amounts = [
        numbers.money(v, currency) if by_value else numbers.significant(v) for v in data["credit"]
    ]
    data["text"] = [
        f"{amount} · {share}" if share != numbers.NOTHING else amount
        for amount, share in zip(amounts, data["share_text"], strict=True)
    ]
    data["cost_text"] = [numbers.money(v, currency) for v in frame["cost"]]
    return _apart(data)


def _apart(data: pd.DataFrame) -> pd.DataFrame:
    """An empty place before the line of conversions without a touch."""
    none = data["line"] == NONE_LINE
    if not none.any() or none.all():
        return data
    blank = data[none].assign(
        item="", label=_BLANK, credit=float("nan"), label_at=float("nan"), text="", colour="#fff"
    )
    return pd.concat([data[~none], blank, data[none]], ignore_index=True)


def _tooltip(by_value: bool, currency: str) -> list[Any]:
    import altair as alt

    value = [alt.Tooltip("value:Q", title=message("Value credited"), format=",.2f")]
    return [
        alt.Tooltip("item:N", title=message("Item")),
        alt.Tooltip("conversions:Q", title=message("Conversions credited"), format=",.2f"),
        *(value if by_value else []),
        alt.Tooltip("share_text:N", title=message("Of the whole")),
        alt.Tooltip("interval:N", title=message("95 % interval")),
        alt.Tooltip(
            "touched_conversions:Q", title=message("Conversions it touched"), format=",.1f"
        ),
        alt.Tooltip("cost_text:N", title=message("Cost")),
    ]
