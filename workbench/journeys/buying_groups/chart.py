"""Pictures of buying groups: a grid of completeness and engagement, roles, won beside lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.buying_groups.result import BuyingGroups

_WIDTH = 560
_DARK_WARNING = "#A34700"
_MOST_BARS = 12
_MOST_ROLES = 24
MOST_COLUMNS = 7


def _bands(shares: pd.Series, none: str, everything: str, unknown: str) -> tuple[pd.Series, list]:
    """Each share as one of five labels, and the labels in order."""
    labels = [none, message("up to 50 %"), message("50 to 99 %"), everything, unknown]
    values = shares.to_numpy(float)
    place = np.select(
        [np.isnan(values), values <= 0, values < 0.5, values < 1 - 1e-9], [4, 0, 1, 2], 3
    )
    return pd.Series(np.array(labels, object)[place], index=shares.index), labels


def _between(low: str, high: str, part: float) -> str:
    """A colour between two, as far as the part of 0…1 says."""
    ends = [[int(colour[n : n + 2], 16) for n in (1, 3, 5)] for colour in (low, high)]
    return "#" + "".join(f"{round(a + (b - a) * part):02X}" for a, b in zip(*ends, strict=True))


def draw(result: BuyingGroups) -> alt.TopLevelMixin:
    """The grid, and below it the groups to act on."""
    import altair as alt

    frame = result.frame
    if frame.empty:
        return theme.empty_chart(
            message("No {containers} are known.", containers=result.question.container.plural)
        )
    grid = _grid(result)
    if result.acting.empty:
        return grid
    return alt.vconcat(grid, _waiting(result), spacing=34)


def _grid(result: BuyingGroups) -> Any:
    import altair as alt

    frame = result.frame
    x, columns = _bands(
        frame["share_complete"], message("none"), message("all"), message("roles not known")
    )
    y, rows = _bands(
        frame["share_engaged"], message("nobody"), message("everybody"), message("no members")
    )
    waiting = frame["key"].isin(result.acting["key"])
    cells = (
        pd.DataFrame({"x": x, "y": y, "groups": 1, "waiting": waiting.astype(int)})
        .groupby(["x", "y"], as_index=False)
        .sum()
    )
    cells["of"] = len(frame)
    cells["count"] = [numbers.count(n) for n in cells["groups"]]
    cells["words"] = [message("{n} to act on", n=numbers.count(n)) if n else "" for n in
                      cells["waiting"]]  # fmt: skip
    part = cells["groups"] / cells["groups"].max()
    cells["fill"] = [_between("#F4F6F8", "#CBD3DB", p) for p in part]
    columns = [label for label in columns if label in set(x)]
    rows = [label for label in reversed(rows) if label in set(y)]
    base = alt.Chart(cells).encode(
        x=alt.X("x:N", sort=columns, title=message("Roles filled, of the roles needed"),
                axis=alt.Axis(labelAngle=0, domain=False, ticks=False)),
        y=alt.Y("y:N", sort=rows, title=message("Members engaged, of all members"),
                axis=alt.Axis(domain=False, ticks=False, titleAngle=0, titleAlign="left",
                              titleAnchor="end", titleX=0, titleY=-12)),
        tooltip=[
            alt.Tooltip("x:N", title=message("Roles filled")),
            alt.Tooltip("y:N", title=message("Members engaged")),
            alt.Tooltip("groups:Q", title=message("Groups"), format=","),
            alt.Tooltip("of:Q", title=message("Of all groups"), format=","),
            alt.Tooltip("waiting:Q", title=message("To act on"), format=","),
        ],
    )  # fmt: skip
    return alt.layer(
        base.mark_rect(stroke="#FFFFFF", strokeWidth=2).encode(
            color=alt.Color("fill:N", scale=None)
        ),
        base.mark_text(fontSize=15, fontWeight="bold", dy=-8, color=theme.ON_CELL).encode(
            text="count:N"
        ),
        base.mark_text(fontSize=12, dy=10, color=_DARK_WARNING).encode(text="words:N"),
    ).properties(width=min(_WIDTH, 150 * max(2, len(columns))), height=alt.Step(54))


def _waiting(result: BuyingGroups) -> Any:
    """The groups to act on as bars of their open amount, or of their days without contact."""
    import altair as alt

    from workbench.journeys.buying_groups.action import state_in_words

    top = result.acting.head(_MOST_BARS).copy()
    twice = top["name"].duplicated(keep=False)
    top["label"] = numbers.shortened_apart(
        list(top["name"].where(~twice, top["name"] + " · " + top["key"])), 34
    )
    known = top["open_amount"].notna().any()
    top["value"] = (top["open_amount"] if known else top["open_opportunities"]).astype(float)
    top["value"] = top["value"].fillna(0.0)
    top["zero"] = 0
    top["why"] = [state_in_words(result, row) for row in top.itertuples()]
    shown = [numbers.money(v, result.currency) if known else "" for v in top["open_amount"]]
    top["text"] = [
        numbers.shortened(f"{a} · {w}" if a else w, 46)
        for a, w in zip(shown, top["why"], strict=True)
    ]
    top["engaged"] = [f"{a} / {b}" for a, b in zip(top["members_engaged"], top["members"],
                                                   strict=True)]  # fmt: skip
    top = top[["label", "name", "value", "zero", "why", "text", "engaged", "missing_roles",
               "decision", "owner"]]  # fmt: skip
    top["owner"] = top["owner"].astype("object").where(top["owner"].notna(), numbers.NOTHING)
    title = (
        message("Open amount ({currency})", currency=result.currency)
        if known
        else message("Open opportunities")
    )
    y = alt.Y("label:N", sort=list(top["label"]), title=None,
              axis=alt.Axis(domain=False, ticks=False, labelPadding=8))  # fmt: skip
    scale = alt.Scale(domain=[0, float(top["value"].max()) or 1], nice=False, rangeMax=_WIDTH - 300)
    axis = alt.Axis(tickCount=3, format="~s" if known else "d")
    base = alt.Chart(top).encode(
        y=y,
        tooltip=[
            alt.Tooltip("name:N", title=message("Group")),
            alt.Tooltip("value:Q", title=title, format=",.0f"),
            alt.Tooltip("why:N", title=message("What is wrong")),
            alt.Tooltip("missing_roles:N", title=message("Missing roles")),
            alt.Tooltip("engaged:N", title=message("Members engaged")),
            alt.Tooltip("owner:N", title=message("Owner")),
        ],
    )
    colour = alt.Color("decision:N", legend=None, scale=alt.Scale(
        domain=["missing", "silent"], range=[theme.WARNING, theme.MUTED]))  # fmt: skip
    more = len(result.acting) - len(top)
    heading = message(
        "To act on: {roles} missing (orange) or silent (grey)",
        roles=numbers.shortened(" / ".join(result.found.decisive), 40),
    )
    if more > 0:
        heading += message("; {n} more in the list", n=numbers.count(more))
    return alt.layer(
        base.mark_bar().encode(
            x=alt.X("zero:Q", title=title, scale=scale, axis=axis), x2="value:Q", color=colour
        ),
        base.mark_text(align="left", dx=6, fontSize=12, color=theme.TEXT).encode(
            x=alt.X("value:Q", scale=scale), text="text:N"
        ),
    ).properties(
        width=_WIDTH,
        height=alt.Step(26),
        title=alt.TitleParams(heading, anchor="start", fontSize=12, fontWeight="normal",
                              color=theme.QUIET, font=theme.FONT),
    )  # fmt: skip


def draw_roles(frame: pd.DataFrame) -> alt.TopLevelMixin:
    """Roles by columns; colour and text are the share of engaged people."""
    import altair as alt

    if frame.empty or not frame["people"].sum():
        return theme.empty_chart(message("Nobody has a role in any group."))
    sizes = frame.groupby("role")["people"].sum().sort_values(ascending=False)
    kept = set(sizes.index[:_MOST_ROLES])
    columns = frame.groupby("across")["groups"].max().sort_values(ascending=False)
    data = frame[frame["role"].isin(kept) & frame["across"].isin(columns.index[:MOST_COLUMNS])]
    data = data[data["people"] > 0].copy()
    roles = [role for role in dict.fromkeys(frame["role"]) if role in kept]
    short = dict(zip(roles, numbers.shortened_apart(roles, 30), strict=True))
    order = sorted(set(data["across"]))
    wide = dict(zip(order, numbers.shortened_apart(order, 16), strict=True))
    data["row"], data["column"] = data["role"].map(short), data["across"].map(wide)
    data["percent"] = [numbers.share(v) for v in data["share_engaged"]]
    data["counts"] = [
        f"{numbers.count(a)} / {numbers.count(b)}"
        for a, b in zip(data["engaged"], data["people"], strict=True)
    ]
    data["interval"] = [
        numbers.between(a, b)
        for a, b in zip(data["share_engaged_low"], data["share_engaged_high"], strict=True)
    ]
    data["fill"] = [_between("#EEF4F9", "#4F9CCB", share) for share in data["share_engaged"]]
    base = alt.Chart(data).encode(
        x=alt.X("column:N", sort=[wide[v] for v in order], title=None,
                axis=alt.Axis(labelAngle=0, orient="top", domain=False, ticks=False)),
        y=alt.Y("row:N", sort=[short[r] for r in roles], title=None,
                axis=alt.Axis(domain=False, ticks=False, labelPadding=8)),
        tooltip=[
            alt.Tooltip("role:N", title=message("Role")),
            alt.Tooltip("across:N", title=message("Groups")),
            alt.Tooltip("counts:N", title=message("People engaged")),
            alt.Tooltip("percent:N", title=message("Engaged, of the people")),
            alt.Tooltip("interval:N", title=message("95 % interval")),
            alt.Tooltip("filled:Q", title=message("Groups that fill it"), format=","),
        ],
    )  # fmt: skip
    return alt.layer(
        base.mark_rect(stroke="#FFFFFF", strokeWidth=2).encode(
            color=alt.Color("fill:N", scale=None)
        ),
        base.mark_text(fontSize=13, dy=-7, color=theme.ON_CELL).encode(text="percent:N"),
        base.mark_text(fontSize=12, dy=9, color=theme.ON_CELL).encode(text="counts:N"),
    ).properties(width=alt.Step(118), height=alt.Step(44))


def draw_outcomes(frame: pd.DataFrame) -> alt.TopLevelMixin:
    """Won and lost side by side, a line a measure, with intervals."""
    import altair as alt

    if frame.empty or not frame[["won_total", "lost_total"]].to_numpy().sum():
        return theme.empty_chart(
            message("No closed opportunity has a group with members at closing.")
        )
    parts = []
    for outcome, words in (("won", message("won")), ("lost", message("lost"))):
        part = frame[["measure"]].copy()
        part["outcome"] = words
        for new, old in (("share", ""), ("low", "_low"), ("high", "_high")):
            part[new] = frame[f"share_{outcome}{old}"].to_numpy()
        part["text"] = [
            f"{words} {numbers.share(s)} ({numbers.count(a)} / {numbers.count(b)})"
            for s, a, b in zip(
                part["share"], frame[f"{outcome}_count"], frame[f"{outcome}_total"], strict=True
            )
        ]
        parts.append(part)
    data = pd.concat(parts, ignore_index=True).dropna(subset="share")
    names = list(dict.fromkeys(data["measure"]))
    short = dict(zip(names, numbers.shortened_apart(names, 34), strict=True))
    data["row"] = data["measure"].map(short)
    order: list[Any] = list(dict.fromkeys(data["outcome"]))
    base = alt.Chart(data).encode(
        y=alt.Y("row:N", sort=[short[n] for n in names], title=None,
                axis=alt.Axis(domain=False, ticks=False, labelPadding=8)),
        yOffset=alt.YOffset("outcome:N", sort=order),
        color=alt.Color("outcome:N", sort=order, legend=None, scale=alt.Scale(
            domain=[message("won"), message("lost")], range=[theme.ACCENT, theme.QUIET])),
        tooltip=[alt.Tooltip("measure:N", title=message("At closing")),
                 alt.Tooltip("text:N", title=message("Share"))],
    )  # fmt: skip
    scale = alt.Scale(domain=[0, 1], rangeMax=_WIDTH - 150)
    x = alt.X("share:Q", scale=scale, axis=alt.Axis(format="%", tickCount=5),
              title=message("Share of the closed opportunities of each kind"))  # fmt: skip
    return alt.layer(
        base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", scale=scale), x2="high:Q"),
        base.mark_point(filled=True, size=70, opacity=1).encode(x=x),
        base.mark_text(align="left", dx=8, fontSize=12).encode(
            x=alt.X("high:Q", scale=scale), text="text:N"
        ),
    ).properties(width=_WIDTH, height=alt.Step(20))
