"""The picture of KPIs: a card a line, with value, target, attainment, trend and what to do next.

Everything lies on one scale from 0 to 1 across the page, so that the picture narrows with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.messages import message, message_of_count
from workbench.results import numbers, theme
from workbench.sales.kpis import wording
from workbench.sales.kpis.action import offer
from workbench.sales.kpis.counting import ALL
from workbench.sales.kpis.judging import state_word
from workbench.sales.kpis.record import CLASSES, class_word

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.kpis.result import Kpis

COLOURS = {"green": "#009E73", "amber": "#E69F00", "red": "#D55E00", "grey": "#9AA5B1"}
TINTS = {"green": "#A6D9CA", "amber": "#F5D9A0", "red": "#EFB896", "grey": "#D5DAE1"}
SHAPES = {"green": "circle", "amber": "triangle-up", "red": "square", "grey": "diamond"}
MOST, MOST_GROUPS = 60, 36
_CARD, _SHORT, _HEAD = 88, 52, 32
_BAR, _TREND = (0.0, 0.62), (0.70, 1.0)
_FULL = 1.25
_WIDTH = 620
# From the middle of a card: name, value, bar, and what to do next; and where small columns stand.
_TITLE, _VALUE, _LINE, _BELOW, _FLOOR, _TALL = -29, -9, 9, 27, 15, 32


def draw(result: Kpis) -> alt.TopLevelMixin:
    """Cards under the name of their class; with a split, groups under the name of their KPI."""
    lines = result.frame
    if lines.empty:
        return theme.empty_chart(message("No KPI is defined."))
    cards, bars, columns, heads, top = _laid_out(result, lines)
    import altair as alt

    scale = alt.Scale(domain=[0, 1], nice=False)
    x = alt.X("x:Q", scale=scale, axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[top, 0], nice=False, zero=False), axis=None)
    colour = alt.Color("colour:N", scale=None)
    about = [
        alt.Tooltip("name:N", title=message("KPI")),
        alt.Tooltip("against:N", title=message("Figure")),
        alt.Tooltip("state:N", title=message("Status")),
    ]
    whole = [
        *about,
        alt.Tooltip("offer:N", title=message("To act on")),
        alt.Tooltip("missing:N", title=message("Missing")),
    ]
    period = alt.Tooltip("period:N", title=message("Period"))

    def text(
        data: pd.DataFrame, field: str, dy: int, cut: str = "width", side: Any = "left", **more: Any
    ) -> Any:
        # The limit follows the page: on a phone a long text ends in an ellipsis.
        marks = alt.Chart(data).mark_text(
            align=side, baseline="middle", dy=dy, limit=alt.ExprRef(cut), **more
        )
        return marks.encode(x=alt.X(f"{side}:Q", scale=scale, axis=None), y=y, text=f"{field}:N")

    return alt.layer(
        alt.Chart(bars)
        .mark_rect()
        .encode(x=x, x2="x2:Q", y=y, y2="y2:Q", color=colour, tooltip=whole),
        alt.Chart(bars[bars["tick"]])
        .mark_rule(color=theme.TEXT, strokeWidth=2)
        .encode(x=alt.X("aim:Q", scale=scale, axis=None), y=alt.Y("low:Q", axis=None), y2="high:Q"),
        alt.Chart(columns)
        .mark_rect(strokeWidth=1.2)
        .encode(
            x=x, x2="x2:Q", y=y, y2="y2:Q", color=colour,
            stroke=alt.Stroke("edge:N", scale=None),
            tooltip=[*about, period],
        ),
        text(heads, "head", 0, color=theme.QUIET, fontSize=14),
        alt.Chart(cards)
        .mark_point(filled=True, size=80, opacity=1, yOffset=_TITLE, xOffset=6)
        .encode(
            x=alt.X("left:Q", scale=scale, axis=None), y=y, color=colour,
            shape=alt.Shape("shape:N", scale=None, legend=None), tooltip=whole,
        ),
        text(cards, "title", _TITLE, "width - 100", dx=17, fontSize=13),
        text(cards, "period", _TITLE, "80", "right", color=theme.QUIET, fontSize=12),
        text(cards, "shown", _VALUE, "width * 0.69", fontSize=15, fontWeight="bold"),
        text(cards, "missed", _VALUE, color=theme.QUIET, fontSize=12),
        text(cards, "below", _BELOW, color=theme.QUIET, fontSize=12),
    ).properties(width=_WIDTH, height=top)  # fmt: skip


def _laid_out(result: Kpis, lines: pd.DataFrame) -> tuple[Any, ...]:
    """Places of cards, bars, small columns and headings, and the height of all."""
    split = result.question.by is not None
    shown = _worst(lines) if split else lines.head(MOST)
    cards: list[dict[str, Any]] = []
    bars: list[dict[str, Any]] = []
    columns: list[dict[str, Any]] = []
    heads: list[dict[str, Any]] = []
    at, before = 0.0, None
    if not split:
        order = list(CLASSES)
        shown = shown.sort_values("class", key=lambda c: c.map(order.index), kind="stable")
    for line in shown.to_dict("records"):
        head = line["name"] if split else class_word(line["class"])
        if head != before:
            heads.append({"head": numbers.shortened(head, 80), "y": at + _HEAD / 2})
            at, before = at + _HEAD, head
        card = _card(result, line, at + _CARD / 2, split)
        cards.append(card)
        bars += _bars(line, card)
        columns += _columns(result, line, card)
        at += _CARD if line["kind"] else _SHORT
    if len(lines) > len(shown):
        left = message("and {n} more in the table", n=numbers.count(len(lines) - len(shown)))
        heads.append({"head": left, "y": at + _HEAD / 2})
        at += _HEAD
    frames = [
        pd.DataFrame(cards),
        pd.DataFrame(bars) if bars else _nothing(),
        pd.DataFrame(columns) if columns else _nothing(),
        pd.DataFrame(heads),
    ]
    for frame in (frames[0], frames[3]):
        frame["left"], frame["right"] = 0.0, 1.0
    return (*frames, at)


def _worst(lines: pd.DataFrame) -> pd.DataFrame:
    """The whole of each KPI and the groups farthest from its target, as many as can be read."""
    most = max(3, MOST_GROUPS // max(1, lines["kpi_id"].nunique()))
    rank = lines["status"].map({"red": 0, "amber": 1, "green": 2, "grey": 3})
    order = lines.assign(
        _whole=lines["group"] != ALL, _rank=rank, _waiting=-lines["to_do"]
    ).sort_values(["_whole", "_rank", "attainment", "_waiting", "label"], kind="stable")
    chosen = order.groupby("kpi_id", sort=False).head(most + 1)
    place = {key: n for n, key in enumerate(lines["kpi_id"].unique())}
    return chosen.sort_values("kpi_id", key=lambda c: c.map(place), kind="stable")


def _nothing() -> pd.DataFrame:
    """No bars and no columns."""
    texts = ("name", "period", "against", "state", "colour", "edge", "offer", "missing")
    places = ("x", "x2", "y", "y2", "aim", "low", "high")
    empty = {name: pd.Series(dtype="str") for name in texts}
    empty |= {name: pd.Series(dtype="float64") for name in places}
    return pd.DataFrame({**empty, "tick": pd.Series(dtype="bool")})


def _card(result: Kpis, line: dict[str, Any], at: float, split: bool) -> dict[str, Any]:
    currency = wording.currency_of(result, line["kpi_id"])
    held = next(kpi for kpi in result.question.kpis if kpi.kpi_id == line["kpi_id"])
    window = result.question.windows(held.period)[-1]
    flag = held.in_force(window.first, window.after)[0].flag
    line = {**line, "flag": flag.limit if flag else None}
    status, name = line["status"], line["label"] if split else line["name"]
    own = split and line["group"] != ALL
    next_step = _of_group(line) if own else offer(result, line["kpi_id"]) or line["next_action"]
    missing = line["missing"]
    shown = _shown(line, wording.amount(line["value"], line["kind"], currency))
    return {
        "y": at,
        "name": line["name"] if not split else f"{line['name']} · {line['label']}",
        "title": numbers.shortened(name, 84),
        "period": line["period"],
        "shown": "" if line["kind"] == "" else shown,
        "below": numbers.shortened(next_step, 100) if line["kind"] else "",
        "missed": "" if line["kind"] else numbers.shortened(missing, 100),
        "against": wording.against(result, line) if line["kind"] else numbers.NOTHING,
        "state": state_word(status),
        "offer": next_step or numbers.NOTHING,
        "missing": missing or numbers.NOTHING,
        "shape": SHAPES[status],
        "colour": COLOURS[status],
    }


def _shown(line: dict[str, Any], value: str) -> str:
    """A figure beside its target, or beside the limit from which it is looked at."""
    target = wording.amount(line["target_to_date"], line["kind"])
    flag = line["flag"]
    if target != numbers.NOTHING:
        if line["direction"] == "down":
            return message("{value} · target at most {target}", value=value, target=target)
        return message("{value} · target {target}", value=value, target=target)
    if not flag:
        return value
    sign = {"at_most": "≤", "below": "<", "at_least": "≥", "above": ">"}[flag[0]]
    limit = wording.amount(flag[1], line["kind"])
    return message("{value} · look if {sign} {limit}", value=value, sign=sign, limit=limit)


def _of_group(line: dict[str, Any]) -> str:
    if not line["to_do"]:
        return ""
    return message_of_count(
        "{count} record to act on", "{count} records to act on", int(line["to_do"])
    )


def _bars(line: dict[str, Any], card: dict[str, Any]) -> list[dict[str, Any]]:
    """The ground up to a quarter over the target, and the part that is reached."""
    if line["kind"] == "":
        return []
    wide, centre = _BAR[1] - _BAR[0], card["y"] + _LINE
    reached = line["attainment"]
    known = not numbers.absent(reached)
    aim = _BAR[0] + wide / _FULL
    place = {**card, "y": centre - 5, "y2": centre + 5, "low": centre - 8, "high": centre + 8,
             "aim": aim, "tick": False}  # fmt: skip
    if not known:
        return []
    filled = min(max(reached, 0.0), _FULL) / _FULL * wide
    return [
        {**place, "x": _BAR[0], "x2": _BAR[1], "colour": "#E4E7EB", "tick": True},
        {**place, "x": _BAR[0], "x2": _BAR[0] + filled},
    ]


def _columns(result: Kpis, line: dict[str, Any], card: dict[str, Any]) -> list[dict[str, Any]]:
    """One small column a period, from zero."""
    trend = result.trend
    own = trend[(trend["kpi_id"] == line["kpi_id"]) & (trend["group"] == line["group"])]
    highest = float(own["value"].abs().max(skipna=True)) if own["value"].notna().any() else 0.0
    if own["value"].notna().sum() < 2 or highest <= 0:
        return []
    step, floor = (_TREND[1] - _TREND[0]) / result.question.trend, card["y"] + _FLOOR
    out = []
    for number, period in enumerate(own.to_dict("records")):
        if numbers.absent(period["value"]):
            continue
        left, last = _TREND[0] + number * step, number == len(own) - 1
        one = {**period, "kind": line["kind"], "direction": line["direction"]}
        out.append(
            {
                "x": left + step * 0.12,
                "x2": left + step * 0.88,
                "y": floor,
                "y2": floor - max(1.0, _TALL * abs(period["value"]) / highest),
                "colour": (COLOURS if last and period["complete"] else TINTS)[period["status"]],
                "edge": COLOURS[period["status"]] if last else "transparent",
                "name": card["name"],
                "period": period["period"],
                "against": wording.against(result, one),
                "state": state_word(period["status"]),
            }
        )
    return out
