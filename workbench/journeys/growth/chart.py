"""The picture of candidates: a line a customer, a cell a reason, each with its counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.journeys.growth.signals import ITEM, SEATS, SIGNALS, USE, label_of
from workbench.messages import message, message_of_count
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.growth.result import Growth

MOST = 15
_REASON = "#A9CDE6"
_PLAIN = "#EEF1F4"


def draw(result: Growth) -> alt.TopLevelMixin:
    """Candidates by reasons."""
    frame = result.frame
    top = frame[frame["signals"] > 0].head(MOST)
    if top.empty:
        return theme.empty_chart(
            message("No customer shows a reason to grow.")
            if len(frame)
            else message("There are no customers.")
        )
    best = result.signals.drop_duplicates(["key", "signal"]).set_index(["key", "signal"])
    more = result.signals.groupby(["key", "signal"]).size()
    names = labels(top)
    cells = []
    for line, name in zip(top.itertuples(), names, strict=True):
        for signal in (USE, SEATS, ITEM):
            if (line.key, signal) in best.index:
                found = best.loc[(line.key, signal)]
                text = _short(signal, found, int(more[(line.key, signal)]))
                cells.append((name, label_of(signal), text, found["words"], _REASON))
        if line.open_opportunities:
            amount = numbers.money(line.open_amount, result.currency)
            text = message("{n} open", n=numbers.count(line.open_opportunities))
            text = text if amount == numbers.NOTHING else f"{text} · {amount}"
            cells.append((name, message("Open opportunities"), text, text, _PLAIN))
        if frame["people_engaged"].any():
            text = message_of_count("{count} person", "{count} people", line.people_engaged)
            cells.append((name, message("People engaged"), text, text, _PLAIN))
    order = [*(label_of(signal) for signal in SIGNALS), message("Open opportunities"),
             message("People engaged")]  # fmt: skip
    data = pd.DataFrame(cells, columns=["row", "column", "text", "words", "fill"])
    return grid(data, names, [name for name in order if name in set(data["column"])], 158)


def labels(lines: pd.DataFrame) -> list[str]:
    """Short names that stay apart; the key behind those that occur twice."""
    twice = lines["name"].duplicated(keep=False)
    full = lines["name"].where(~twice, lines["name"] + " · " + lines["key"])
    return numbers.shortened_apart(list(full), 32)


def _short(signal: str, line: Any, more: int) -> str:
    if signal == USE:
        return message("{n} after {m}", n=numbers.count(line["count"]),
                       m=numbers.count(line["total"]))  # fmt: skip
    counts = f"{numbers.significant(line['count'])} / {numbers.count(line['total'])}"
    if signal == SEATS:
        return counts
    text = f"{numbers.shortened(line['item'], 14)} {counts}"
    return f"{text} +{more - 1}" if more > 1 else text


def grid(data: pd.DataFrame, rows: list[str], columns: list[str], step: int) -> Any:
    """Cells with a fill and a text; ``data`` has row, column, text, words, fill."""
    import altair as alt

    base = alt.Chart(data).encode(
        x=alt.X("column:N", sort=columns, title=None,
                axis=alt.Axis(labelAngle=0, orient="top", domain=False, ticks=False,
                              labelLimit=step)),
        y=alt.Y("row:N", sort=rows, title=None,
                axis=alt.Axis(domain=False, ticks=False, labelPadding=8)),
        tooltip=[alt.Tooltip("row:N", title=message("Customer")),
                 alt.Tooltip("words:N", title=message("In words"))],
    )  # fmt: skip
    return alt.layer(
        base.mark_rect(stroke="#FFFFFF", strokeWidth=2).encode(
            color=alt.Color("fill:N", scale=None)
        ),
        base.mark_text(fontSize=12, color=theme.ON_CELL).encode(text="text:N"),
    ).properties(width=alt.Step(step), height=alt.Step(28))
