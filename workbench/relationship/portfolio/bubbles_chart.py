"""The picture: bubbles by expected close and health, and a strip of those that are overdue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.messages import message
from workbench.relationship import wording
from workbench.relationship.chart import ticks
from workbench.relationship.portfolio.bubbles import MOST
from workbench.relationship.portfolio.phases import PHASES, said
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.relationship.portfolio.bubbles import RelationshipBubbles

WIDTH, HEIGHT, STRIP = 560, 360, 110
MOST_LABELS = 6
GREY = "#9AA5B1"
# As the source names them: dark blue, light blue, red, purple.
OF_PHASE = {"qualify": "#1F5FA8", "develop": "#74BDEB", "propose": "#D0342C", "close": "#8E5BB5",
            "other": "#B08D57"}  # fmt: skip
OF_STATE = {"good": "#2E9E5B", "fair": "#E8B900", "poor": "#D0342C"}


def draw(result: RelationshipBubbles) -> alt.TopLevelMixin:
    """Bubbles; small ones lie on top of large ones at the same point."""
    import altair as alt

    frame = result.frame
    shown = frame[frame["place"].isin(["drawn", "past"] if result.overdue else ["drawn"])]
    if not len(shown):
        return theme.empty_chart(f"{result.headline()}. {result.reading()}")
    shown = shown.sort_values(["radius", "key"], ascending=[False, True]).head(MOST)
    data, colour = _prepared(result, shown), _colour(result, shown)
    drawn, late = data[data["place"] == "drawn"], data[data["place"] == "past"]
    parts: list[Any] = []
    if len(late):
        parts.append(_panel(result, late, colour, STRIP, message("Overdue since"), first=True))
    if len(drawn):
        title = message("Expected close")
        parts.append(_panel(result, drawn, colour, WIDTH, title, first=not parts))
    return alt.hconcat(*parts, spacing=14) if len(parts) > 1 else parts[0]


def _prepared(result: RelationshipBubbles, shown: pd.DataFrame) -> pd.DataFrame:
    data = wording.in_words(shown)
    data["state_code"] = shown["state"]
    data = data.sort_values(["radius", "key"], ascending=[False, True], ignore_index=True)
    data["day"] = data["expected_close_on"].dt.strftime("%Y-%m-%d")
    data["y"] = data["score"].fillna(0.0)
    data["area"] = np.pi * data["radius"] ** 2
    data["money"] = [numbers.money(v, result.currency) for v in data["amount"]]
    data["points"] = [numbers.count(v) for v in data["score"]]
    data["part"] = _parts(result, data)
    names = ["key", "name", "account", "day", "stage", "state", "trend", "money", "points", "y",
             "area", "radius", "part", "place"]  # fmt: skip
    return data[names]


def _parts(result: RelationshipBubbles, data: pd.DataFrame) -> list[str]:
    states, nothing = wording.state_words(), message("No score")
    codes = data["state_code"] if result.colour == "health" else data["phase"]
    return [
        nothing if score != score else states[code] if result.colour == "health" else said(code)
        for code, score in zip(codes, data["score"], strict=True)
    ]


def _colour(result: RelationshipBubbles, shown: pd.DataFrame) -> alt.Color:
    import altair as alt

    words = wording.state_words()
    if result.colour == "health":
        title = message("Colour: health")
        every = [(words[code], colour) for code, colour in OF_STATE.items()]
    else:
        title = message("Colour: stage")
        there = set(shown.loc[shown["score"].notna(), "phase"])
        every = [(said(p), OF_PHASE[p]) for p in PHASES if p in there or p != "other"]
    if shown["score"].isna().any():
        every.append((message("No score"), GREY))
    return alt.Color(
        "part:N",
        title=title,
        sort=[name for name, _ in every],
        scale=alt.Scale(domain=[n for n, _ in every], range=[c for _, c in every]),
        legend=alt.Legend(orient="top", symbolSize=120, symbolStrokeWidth=0, symbolOpacity=0.8),
    )


def _panel(
    result: RelationshipBubbles, data: pd.DataFrame, colour: Any, width: int, title: str,
    *, first: bool,
) -> alt.TopLevelMixin:  # fmt: skip
    import altair as alt

    x = alt.X(
        "day:T",
        title=title,
        scale=alt.Scale(domain=_span(data, width), nice=False),
        axis=_days(data, width),
    )  # fmt: skip
    y = alt.Y(
        "y:Q",
        title=message("Health, 0–100") if first else None,
        scale=alt.Scale(domain=[-6, 106], nice=False),
        axis=alt.Axis(values=[0, 20, 40, 60, 80, 100], labels=first, ticks=first, domain=False),
    )
    bubbles = alt.Chart(data).mark_circle(opacity=0.72, stroke="#FFFFFF", strokeWidth=1).encode(
        x=x, y=y, color=colour, size=alt.Size("area:Q", scale=None, legend=None),
        tooltip=_tooltip(),
    )  # fmt: skip
    layers: list[Any] = [_grades(result), bubbles]
    if width == WIDTH:
        layers += _texts(data, result.measured.asked.rules.good, x, y)
    return alt.layer(*layers).properties(width=width, height=HEIGHT)


def _texts(data: pd.DataFrame, good: int, x: Any, y: Any) -> list[Any]:
    """Names beside the bubbles that weigh most."""
    import altair as alt

    return [
        alt.Chart(pd.DataFrame([{"day": line.day, "y": line.y, "label": label}]))
        .mark_text(align="left" if shift > 0 else "right", dx=shift, fontSize=12)
        .encode(x=x, y=y, text="label:N")
        for line, label, shift in _labelled(data, good)
    ]


def _labelled(data: pd.DataFrame, good: int) -> list[tuple[Any, str, float]]:
    """The most critical and largest whose name covers no bubble and no other name."""
    begins, ends = (pd.Timestamp(t) for t in _span(data, WIDTH))
    x = ((pd.to_datetime(data["day"]) - begins) / (ends - begins) * WIDTH).to_numpy()
    y = ((data["y"] + 6) / 112 * HEIGHT).to_numpy()
    r = data["radius"].to_numpy()
    boxes = [(a - c, a + c, b - c, b + c) for a, b, c in zip(x, y, r, strict=True)]
    critical = (data["points"] != numbers.NOTHING) & (data["y"] < good)
    weight = np.where(critical, r**2 * (130 - data["y"]), -1.0)
    out: list[tuple[Any, str, float]] = []
    for n in np.argsort(-weight, kind="stable"):
        if len(out) == MOST_LABELS or weight[n] < 0:
            break
        text = numbers.shortened(str(data["name"].iloc[n]), 28)
        wide = sum(12.5 if ord(sign) > 0x2E80 else 7.2 for sign in text)
        for way in (1, -1):
            near, far = x[n] + way * (r[n] + 4), x[n] + way * (r[n] + 4 + wide)
            box = (min(near, far), max(near, far), y[n] - 8, y[n] + 8)
            others = [o for k, o in enumerate(boxes) if k != n]
            if box[0] >= 0 and box[1] <= WIDTH + 4 and not any(_meet(box, o) for o in others):
                out.append((data.iloc[int(n)], text, way * (float(r[n]) + 4)))
                boxes.append(box)
                break
    return out


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    across = one[0] < other[1] and other[0] < one[1]
    return across and one[2] < other[3] and other[2] < one[3]


def _days(data: pd.DataFrame, width: int) -> Any:
    import altair as alt

    if width == WIDTH:
        ends = (pd.Timestamp(day) for day in _span(data, width))
        return alt.Axis(grid=False, format="%Y-%m-%d", tickCount=ticks(*ends), labelOverlap=True)
    first = alt.DateTime(
        **{
            n: getattr(pd.to_datetime(data["day"]).min(), part)
            for n, part in (("year", "year"), ("month", "month"), ("date", "day"))
        }
    )
    return alt.Axis(grid=False, format="%Y-%m-%d", values=[first], labelAlign="left",
                    labelOffset=-10)  # fmt: skip


def _grades(result: RelationshipBubbles) -> Any:
    import altair as alt

    rules = result.measured.asked.rules
    lines = pd.DataFrame({"y": [rules.good, rules.fair]})
    return alt.Chart(lines).mark_rule(color=theme.QUIET, strokeDash=[3, 4], opacity=0.6).encode(
        y=alt.Y("y:Q")
    )  # fmt: skip


def _span(data: pd.DataFrame, width: int) -> list[str]:
    """Ends of the axis, so wide that no bubble is cut."""
    days = pd.to_datetime(data["day"])
    first, last = days.min(), days.max()
    length = max((last - first).days, 6 if width == WIDTH else 2)
    room = length * min(0.45, float(data["radius"].max()) / max(width - 80, 1) + 0.02) + 1
    gap = pd.Timedelta(days=room)
    return [(first - gap).strftime("%Y-%m-%d"), (last + gap).strftime("%Y-%m-%d")]


def _tooltip() -> list[Any]:
    import altair as alt

    labels = {
        "name": message("Opportunity"), "account": message("Account"), "key": message("Key"),
        "day": message("Expected close"), "money": message("Amount"),
        "points": message("Health, 0–100"), "state": message("State"), "trend": message("Trend"),
        "stage": message("Stage"),
    }  # fmt: skip
    return [alt.Tooltip(f"{name}:N", title=label) for name, label in labels.items()]
