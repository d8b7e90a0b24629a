"""The picture of anomalies: a line a check, its bar the share of deals that show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.kpis.anomaly.result import Anomalies

_LINE, _WIDTH, _END = 52, 620, 0.60


def draw(result: Anomalies) -> alt.TopLevelMixin:
    """Checks that were made, most deals first; below them those whose data are not there."""
    import altair as alt

    frame = result.frame[result.frame["group"] == ""]
    if frame.empty or not result.chosen.any():
        return theme.empty_chart(message("There are no deals to look at."))
    order = frame.assign(_none=frame["missing"] != "").sort_values(
        ["_none", "count", "check"], ascending=[True, False, True], kind="stable"
    )
    lines = pd.DataFrame(
        [_line(result, n, line) for n, line in enumerate(order.to_dict("records"))]
    )
    scale = alt.Scale(domain=[0, 1], nice=False)
    top = len(lines) * _LINE
    y = alt.Y("y:Q", scale=alt.Scale(domain=[top, 0], nice=False, zero=False), axis=None)
    bars = lines[lines["known"]]
    tooltip = [
        alt.Tooltip("label:N", title=message("Anomaly")),
        alt.Tooltip("count:N", title=message("Deals")),
        alt.Tooltip("interval:N", title=message("95 % interval")),
        alt.Tooltip("amount:N", title=message("Amount")),
        alt.Tooltip("owner:N", title=message("Most with")),
    ]

    def bar(until: str, colour: str) -> Any:
        return (
            alt.Chart(bars)
            .mark_rect(color=colour)
            .encode(
                x=alt.X("left:Q", scale=scale, axis=None),
                x2=f"{until}:Q",
                y=alt.Y("low:Q", axis=None),
                y2="high:Q",
                tooltip=tooltip,
            )
        )

    def text(field: str, dy: int, at: str, cut: str, **more: Any) -> Any:
        return (
            alt.Chart(lines)
            .mark_text(align="left", baseline="middle", dy=dy, limit=alt.ExprRef(cut), **more)
            .encode(x=alt.X(f"{at}:Q", scale=scale, axis=None), y=y, text=f"{field}:N")
        )

    return alt.layer(
        bar("full", "#EEF1F4"),
        bar("reached", theme.ACCENT),
        text("label", -12, "left", "width", fontSize=13),
        text("count", 8, "beside", "width * 0.38", fontSize=12, color=theme.QUIET),
        text("missing", 8, "left", "width", fontSize=12, color=theme.QUIET),
    ).properties(width=_WIDTH, height=top)


def _line(result: Anomalies, number: int, line: dict[str, Any]) -> dict[str, Any]:
    at = number * _LINE + _LINE / 2
    known = line["missing"] == ""
    share = 0.0 if numbers.absent(line["share"]) else float(line["share"])
    money = numbers.money(line["amount"], result.currency)
    counts = message(
        "{n} of {total} · {share}",
        n=numbers.count(line["count"]),
        total=numbers.count(line["total"]),
        share=numbers.share(line["share"]),
    )
    owner = message("{owner} ({n})", owner=line["owner"], n=line["owner_deals"])
    return {
        "y": at,
        "low": at + 2,
        "high": at + 13,
        "left": 0.0,
        "full": _END,
        "reached": share * _END,
        "beside": _END + 0.02,
        "label": numbers.shortened(line["label"], 84),
        "count": counts if known else "",
        "missing": numbers.shortened(line["missing"], 100),
        "known": known,
        "interval": numbers.between(line["low"], line["high"]),
        "amount": money,
        "owner": owner if line["owner"] else numbers.NOTHING,
    }
