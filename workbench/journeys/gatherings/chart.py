"""Pictures of in-person events: attendance, accounts, cost, and who was followed up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.gatherings.result import Gatherings

MOST_EVENTS = 40
_PANEL = 230
_GREY = "#8A94A0"
_LIGHT = "#E4E7EB"


def labelled(frame: pd.DataFrame, zone: str, length: int = 26) -> list[str]:
    """What each event is called on an axis: its day and its name, no two alike."""
    days = [numbers.day(value, zone) for value in frame["start_at"]]
    names = [numbers.shortened(str(name), length) for name in frame["event"]]
    both = [f"{day}  {name}" for day, name in zip(days, names, strict=True)]
    seen: dict[str, int] = {}
    out = []
    for label in both:
        seen[label] = seen.get(label, 0) + 1
        out.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return out


def draw_gatherings(result: Gatherings) -> alt.TopLevelMixin:
    """A row an event: people, accounts, and the cost per influenced opportunity."""
    import altair as alt

    frame = result.frame.tail(MOST_EVENTS)
    if frame.empty or not frame["listed"].sum():
        return theme.empty_chart(result.headline())
    young = ~frame["horizon_over"] & (frame["state"] == "held")
    labels = labelled(frame, result.question.workspace.settings.report_tz)
    data = pd.DataFrame(
        {
            "label": [
                f"{name} *" if open_ else name for name, open_ in zip(labels, young, strict=True)
            ],
            "event": list(frame["event"]),
            "registered": frame["registered"].to_numpy(),
            "attended": frame["attended"].to_numpy(),
            "accounts": frame["accounts"].to_numpy(),
            "opportunity": _plain(frame["opportunity_accounts"]),
            "engaged": _plain(frame["engaged_accounts"]),
            "cost": frame["cost_per_influenced"].to_numpy(float),
        }
    )
    data["people_text"] = _texts(data["attended"], data["registered"], frame["share_attended"])
    data["account_text"] = _texts(data["opportunity"], data["accounts"], frame["share_opportunity"])
    currency = result.found.worth.currency
    data["cost_text"] = [numbers.money(v) if v == v else "" for v in data["cost"]]
    people = _panel(
        data, "registered", "attended", "people_text", message("People"), with_labels=True
    )
    accounts = _panel(
        data, "accounts", "opportunity", "account_text", message("Accounts"), with_labels=False
    )
    panels: list[Any] = [people, accounts]
    if data["cost"].notna().any():
        title = message("Cost per influenced opp. ({currency})", currency=currency or "–")
        panels.append(_panel(data, "cost", "", "cost_text", title, with_labels=False))
    return alt.hconcat(*panels, spacing=14)


def _plain(values: pd.Series) -> Any:
    return values.astype("Float64").to_numpy(float, na_value=float("nan"))


def _texts(counts: pd.Series, totals: pd.Series, shares: pd.Series) -> list[str]:
    return [
        f"{numbers.count(c)} / {numbers.count(t)}" + (f" · {numbers.share(s)}" if t else "")
        for c, t, s in zip(counts, totals, shares, strict=True)
    ]


def _panel(
    data: pd.DataFrame, whole: str, part: str, text: str, title: str, *, with_labels: bool
) -> alt.TopLevelMixin:
    """Bars of a whole in grey and a part of it in blue, with the numbers beside them."""
    import altair as alt

    largest = float(data[whole].max() or 0) or 1.0
    y = alt.Y(
        "label:N",
        sort=list(data["label"]),
        title=None,
        axis=alt.Axis(
            labels=with_labels, ticks=False, domain=False, labelPadding=8, labelLimit=320
        ),
    )
    x = alt.X(
        f"{whole}:Q",
        title=title,
        scale=alt.Scale(domain=[0, largest], nice=False, rangeMax=_PANEL - 96),
        axis=alt.Axis(tickCount=3, tickMinStep=1, format="~s" if largest >= 10_000 else ",d"),
    )
    tooltip = [
        alt.Tooltip("event:N", title=message("Event")),
        alt.Tooltip("registered:Q", title=message("Registered"), format=","),
        alt.Tooltip("attended:Q", title=message("Came"), format=","),
        alt.Tooltip("accounts:Q", title=message("Accounts"), format=","),
        alt.Tooltip("engaged:Q", title=message("Engaged accounts"), format=","),
        alt.Tooltip("opportunity:Q", title=message("With a new opportunity"), format=","),
        alt.Tooltip("cost_text:N", title=message("Cost per influenced opp.")),
    ]
    base = alt.Chart(data).encode(y=y, tooltip=tooltip)
    layers = [base.mark_bar(color=theme.MUTED if part else _GREY).encode(x=x)]
    if part:
        layers.append(base.mark_bar(color=theme.ACCENT).encode(x=f"{part}:Q"))
    layers.append(
        base.mark_text(align="left", dx=5, fontSize=12, color=theme.TEXT).encode(
            x=f"{whole}:Q", text=f"{text}:N"
        )
    )
    return alt.layer(*layers).properties(width=_PANEL, height=alt.Step(26))


def draw_follow_up(frame: pd.DataFrame, sentence: str, zone: str, who: str) -> alt.TopLevelMixin:
    """A stacked bar an event: in time, late, still time, nobody."""
    import altair as alt

    frame = frame[frame["attended"] > 0].tail(MOST_EVENTS)
    if frame.empty:
        return theme.empty_chart(sentence)
    states = {
        "never": (message("nobody followed up"), theme.ACCENT),
        "late": (message("late"), _GREY),
        "open": (message("still time"), _LIGHT),
        "in_time": (message("in time"), theme.MUTED),
    }
    labels = labelled(frame, zone)
    wide = frame.assign(label=labels, left=[_left(row) for row in frame.itertuples()])
    long = wide.melt(["label", "event", "attended", "left"], list(states), "state", "number")
    long["order"] = [list(states).index(state) for state in long["state"]]
    long["state"] = [states[state][0] for state in long["state"]]
    x = alt.X(
        "number:Q",
        title=message("{containers} that came", containers=who.capitalize()),
        axis=alt.Axis(tickCount=5, tickMinStep=1, format=",d"),
        scale=alt.Scale(
            domain=[0, float(frame["attended"].max())], nice=False,
            rangeMax=alt.ExprRef("width - 150"),
        ),
    )  # fmt: skip
    y = alt.Y(
        "label:N", sort=labels, title=None,
        axis=alt.Axis(ticks=False, domain=False, labelPadding=8, labelLimit=320),
    )  # fmt: skip
    bars = (
        alt.Chart(long)
        .mark_bar()
        .encode(
            y=y,
            x=x,
            order="order:O",
            color=alt.Color(
                "state:N",
                title=None,
                sort=[name for name, _ in states.values()],
                scale=alt.Scale(
                    domain=[name for name, _ in states.values()],
                    range=[colour for _, colour in states.values()],
                ),
            ),
            tooltip=[
                alt.Tooltip("event:N", title=message("Event")),
                alt.Tooltip("state:N", title=message("Followed up")),
                alt.Tooltip("number:Q", title=who.capitalize(), format=","),
                alt.Tooltip("attended:Q", title=message("Of"), format=","),
            ],
        )
    )
    texts = (
        alt.Chart(wide[["label", "attended", "left"]])
        .mark_text(align="left", dx=6, fontSize=12, color=theme.TEXT)
        .encode(y=y, x="attended:Q", text="left:N")
    )
    return alt.layer(bars, texts).properties(width=640, height=alt.Step(26))


def _left(row: Any) -> str:
    text = f"{numbers.count(row.never + row.late)} / {numbers.count(row.ripe)}"
    return message("{n} not in time", n=text)
