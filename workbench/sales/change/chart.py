"""The picture of a change: a waterfall on its side, and for groups a table of their bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.messages import marked, message, message_of_count
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.change.result import PipelineChange

OTHER = "(other)"
_TOTAL, _UP, _DOWN, _WON, _OTHER = "#7B8794", "#0072B2", "#E69F00", "#009E73", "#CC79A7"
COLOURS = {
    "start": _TOTAL, "end": _TOTAL, "won": _WON, "fx": _OTHER,
    "new": _UP, "moved_in": _UP, "reopened": _UP, "increased": _UP,
    "decreased": _DOWN, "moved_out": _DOWN, "lost": _DOWN, "deleted": _DOWN,
    "pulled": _UP, "pushed": _DOWN, "removed": _DOWN, "changed": _OTHER,
}  # fmt: skip
_ONLY_WHEN_THERE = ("reopened", "deleted", "fx")
_WIDTH = 430
TICK = "datum.value == 0 ? '0' : replace(format(datum.value, '~s'), 'G', 'bn')"
_SHORT = {
    "start": marked("Start"),
    "fx": marked("Rates"),
    "end": marked("End"),
}


def draw(result: PipelineChange) -> alt.TopLevelMixin:
    """The waterfall of all deals; with groups their table below it."""
    import altair as alt

    if not result.frame["deals"].sum():
        return theme.empty_chart(message("No deal was open in this period at either instant."))
    fall = _waterfall(result)
    if len(result.groups) == 1:
        return fall
    return alt.vconcat(fall, _table(result), spacing=30)


def _lines(result: PipelineChange) -> pd.DataFrame:
    """Bars with the sub-lines of what moved, in the order in which they are drawn."""
    rows: list[dict[str, Any]] = []
    parts = result.parts[result.parts["group"] == result.groups[0]]
    for bar, line in result.bars.iterrows():
        if not line["deals"] and bar in _ONLY_WHEN_THERE:
            continue
        rows.append(
            {"bar": bar, "label": line["label"], "low": line["from_amount"],
             "high": line["to_amount"], "sub": False, "deals": line["deals"],
             "effect": line["effect"], "whole": line["label"]}
        )  # fmt: skip
        own = parts[parts["bar"] == bar]
        if bar not in ("moved_in", "moved_out") or not len(own):
            continue
        at, sign = line["from_amount"], np.sign(line["effect"])
        for part in own.itertuples():
            rows.append(
                {"bar": bar, "label": part.label, "low": at, "high": at + sign * part.amount,
                 "sub": True, "deals": part.deals, "effect": sign * part.amount,
                 "whole": f"{line['label']}, {part.label}"}
            )  # fmt: skip
            at += sign * part.amount
    data = pd.DataFrame(rows)
    data["place"] = np.arange(len(data))
    total = data["bar"].isin(["start", "end"])
    data["words"] = [
        _signed(result, effect, bool(plain)) + " · " + _deals(int(deals))
        for effect, deals, plain in zip(data["effect"], data["deals"], total, strict=True)
    ]
    data["colour"] = data["bar"].map(COLOURS)
    data["exact"] = [f"{effect:,.2f} {result.currency}".strip() for effect in data["effect"]]
    return data


def _signed(result: PipelineChange, value: float, total: bool = False) -> str:
    text = numbers.money(abs(value), result.currency)
    return text if total or not value else f"{'+' if value > 0 else '−'} {text}"


def _deals(count: int) -> str:
    return message_of_count("{count} deal", "{count} deals", count)


def _waterfall(result: PipelineChange) -> Any:
    """A row a bar; the words stand in a column of their own, so that none can collide."""
    import altair as alt

    data = _lines(result)
    order = [str(n) for n in data["place"]]
    data["row"] = data["place"].astype(str)
    low = min(0.0, float(data[["low", "high"]].to_numpy().min()))
    high = float(data[["low", "high"]].to_numpy().max()) or 1.0
    # Of amounts that are all zero only the zero is marked.
    ticks: dict[str, Any] = {"values": [0]} if not data[["low", "high"]].to_numpy().any() else {}
    scale = alt.Scale(domain=[low, high + (high - low) * 0.02], nice=False)
    y = alt.Y("row:N", sort=order, axis=None, scale=alt.Scale(domain=order))
    tooltip = [
        alt.Tooltip("whole:N", title=message("Bar")),
        alt.Tooltip("exact:N", title=message("Effect")),
        alt.Tooltip("deals:Q", title=message("Deals"), format=","),
    ]
    x = alt.X("low:Q", scale=scale, title=_axis(result),
              axis=alt.Axis(tickCount=5, labelExpr=TICK, **ticks))  # fmt: skip
    base = alt.Chart(data).encode(y=y)
    main, sub = base.transform_filter("!datum.sub"), base.transform_filter("datum.sub")
    bars = [
        part.mark_bar(height=size, opacity=opacity).encode(
            x=x, x2="high:Q", color=alt.Color("colour:N", scale=None), tooltip=tooltip
        )
        for part, size, opacity in ((main, 18, 1.0), (sub, 9, 0.6))
    ]
    # A thin line carries each end to the next main bar.
    links = _links(data)
    link = (
        alt.Chart(links)
        .mark_rule(color="#9AA5B1", strokeWidth=1)
        .encode(x=alt.X("at:Q", scale=scale, title=_axis(result)),
                y=alt.Y("row:N", sort=order, axis=None), y2="to:N")
    )  # fmt: skip
    left = alt.layer(
        _words(main, "label:N", 150, 12, theme.TEXT), _words(sub, "label:N", 150, 12, theme.QUIET)
    ).properties(width=152, height=alt.Step(24))
    middle = alt.layer(link, *bars).properties(width=_WIDTH, height=alt.Step(24))
    right = alt.layer(
        _words(main, "words:N", 0, 12, theme.TEXT, "left"),
        _words(sub, "words:N", 0, 12, theme.QUIET, "left"),
    ).properties(width=170, height=alt.Step(24))
    return alt.hconcat(left, middle, right, spacing=6).resolve_scale(y="shared")


def _words(part: Any, field: str, at: int, size: int, colour: str, align: str = "right") -> Any:
    import altair as alt

    return part.mark_text(align=align, fontSize=size, color=colour).encode(
        text=field, x=alt.value(at)
    )


def _links(data: pd.DataFrame) -> pd.DataFrame:
    main = data[~data["sub"]]
    return pd.DataFrame(
        {
            "row": main["row"].to_numpy()[:-1],
            "to": main["row"].to_numpy()[1:],
            "at": main["high"].to_numpy()[:-1],
        }
    )


def _axis(result: PipelineChange) -> str:
    return message("Open pipeline in {currency}", currency=result.currency or message("amounts"))


def _table(result: PipelineChange) -> Any:
    """A line a group, a column a bar."""
    frame = result.frame[result.frame["group"] != result.groups[0]].copy()
    there = result.bars["deals"] > 0
    bars = [b for b in result.bars.index if there[b] or b in ("start", "end")]
    frame = frame[frame["bar"].isin(bars)]
    labels = dict(zip(result.bars.index, result.bars["label"], strict=True))
    labels |= {bar: message(short) for bar, short in _SHORT.items()}
    return grid(frame.rename(columns={"group": "name"}), bars, labels, result.currency)


def grid(frame: pd.DataFrame, bars: list[str], labels: dict[str, str], currency: str) -> Any:
    """A line a name, a column a bar: its effect, coloured by its size.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns name, bar, effect, deals.
    bars : list of str
        In their order.
    labels : dict
        What each bar is called.
    """
    import altair as alt

    frame = frame.copy()
    rows = list(dict.fromkeys(frame["name"]))
    names = dict(zip(rows, numbers.shortened_apart(rows, 22), strict=True))
    frame["row"] = frame["name"].map(names)
    total = frame["bar"].isin(["start", "end"])
    frame["words"] = [
        numbers.money(abs(v)) if plain or not v else f"{_sign(v)}{numbers.money(abs(v))}"
        for v, plain in zip(frame["effect"], total, strict=True)
    ]
    named = ~total & (frame["name"] != OTHER)
    largest = max(float(frame.loc[named, "effect"].abs().max()) if named.any() else 0, 1e-9)
    frame["fill"] = frame["bar"].map(COLOURS)
    depth = (0.5 * frame["effect"].abs() / largest).clip(0, 0.5)
    frame["depth"] = np.where(total, 0.12, depth)
    frame["exact"] = [f"{v:,.2f} {currency}".strip() for v in frame["effect"]]
    frame["column"] = frame["bar"].map(labels)
    x = alt.X("column:N", sort=[labels[b] for b in bars], title=None,
              axis=alt.Axis(orient="top", labelAngle=0, labelLimit=74, domain=False,
                            ticks=False))  # fmt: skip
    y = alt.Y("row:N", sort=list(names.values()), title=None,
              axis=alt.Axis(labelLimit=190, domain=False, ticks=False))  # fmt: skip
    tooltip = [
        alt.Tooltip("name:N", title=message("Group")),
        alt.Tooltip("column:N", title=message("Bar")),
        alt.Tooltip("exact:N", title=message("Effect")),
        alt.Tooltip("deals:Q", title=message("Deals"), format=","),
    ]
    base = alt.Chart(frame).encode(x=x, y=y, tooltip=tooltip)
    return alt.layer(
        base.mark_rect(stroke="white").encode(
            color=alt.Color("fill:N", scale=None),
            opacity=alt.Opacity("depth:Q", scale=None, legend=None),
        ),
        base.mark_text(fontSize=12, color=theme.TEXT).encode(text="words:N"),
    ).properties(width=alt.Step(66), height=alt.Step(26))


def _sign(value: float) -> str:
    return "+" if value > 0 else "−"
