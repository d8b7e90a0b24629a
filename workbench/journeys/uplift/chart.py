"""Pictures of an uplift: effects with intervals, balance, overlap, placebo, sensitivity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.uplift.result import Uplift

MOST_COVARIATES = 30
_WIDTH = 640
_GREY = "#8A94A0"


def draw_effects(result: Uplift) -> alt.TopLevelMixin:
    """For every outcome the plain difference in grey and the adjusted effect in blue."""
    known = result.frame.dropna(subset="effect")
    if known.empty:
        return theme.empty_chart(result.headline())
    plain, adjusted = message("nothing held equal"), message("against comparable others")
    return _intervals(
        known["outcome"],
        [
            (plain, known[["naive_difference", "naive_low", "naive_high"]], _GREY),
            (adjusted, known[["effect", "effect_low", "effect_high"]], theme.ACCENT),
        ],
        message("Difference of the shares that converted (points)"),
    )


def draw_placebo(frame: pd.DataFrame, sentence: str) -> alt.TopLevelMixin:
    """For every outcome the difference before the event in grey and the effect in blue."""
    known = frame.dropna(subset="earlier_effect")
    if known.empty:
        return theme.empty_chart(sentence)
    before, after = message("before the event"), message("after the event")
    return _intervals(
        known["outcome"],
        [
            (before, known[["earlier_effect", "earlier_low", "earlier_high"]], _GREY),
            (after, known[["effect", "effect_low", "effect_high"]], theme.ACCENT),
        ],
        message("Difference to comparable others (points)"),
    )


def draw_sensitivity(frame: pd.DataFrame, sentence: str) -> alt.TopLevelMixin:
    """The effect on the first outcome with everything held equal and without each group."""
    known = frame.dropna(subset="effect")
    if known.empty:
        return theme.empty_chart(sentence)
    first = known[known["outcome"] == known["outcome"].iloc[0]]
    whole = first[first["left_out"] == ""]
    parts = first[first["left_out"] != ""]
    parts = parts.reindex(parts["moved"].abs().sort_values(ascending=False, kind="stable").index)
    rows = pd.concat([whole, parts])
    every = message("everything held equal")
    labels = pd.Series(
        [message("without {name}", name=name) if name else every for name in rows["left_out"]],
        index=rows.index,
    )
    colours = {False: _GREY, True: theme.ACCENT}
    return _intervals(
        labels,
        [
            (
                message("one thing not held equal") if not whole_line else every,
                rows[["effect", "effect_low", "effect_high"]].where(
                    (rows["left_out"] == "") == whole_line
                ),
                colours[whole_line],
            )
            for whole_line in (True, False)
        ],
        message(
            "Effect on “{outcome}” (points)",
            outcome=numbers.shortened(str(first["outcome"].iloc[0]), 40),
        ),
        side_by_side=False,
    )


def _intervals(
    labels: pd.Series,
    series: list[tuple[str, pd.DataFrame, str]],
    title: str,
    *,
    side_by_side: bool = True,
) -> alt.TopLevelMixin:
    """Points with intervals, one row a label, one colour a series, values beside them."""
    import altair as alt

    short = numbers.shortened_apart([str(label) for label in labels], 34)
    parts = []
    for name, values, _ in series:
        part = values.set_axis(["value", "low", "high"], axis=1) * 100
        part = part.assign(label=short, whole=list(map(str, labels)), kind=name)
        parts.append(part.dropna(subset="value"))
    data = pd.concat(parts, ignore_index=True)
    data["text"] = [numbers.points(v / 100) for v in data["value"]]
    data["interval"] = [
        f"{low:+.1f} … {high:+.1f}".replace("-", "−")
        for low, high in zip(data["low"], data["high"], strict=True)
    ]
    names = [name for name, _, _ in series]
    low, high = min(float(data["low"].min()), 0.0), max(float(data["high"].max()), 0.0)
    if high - low < 1:
        low, high = low - 0.5, high + 0.5
    channels: dict[str, Any] = {
        "y": alt.Y("label:N", sort=list(dict.fromkeys(short)), title=None),
        "color": alt.Color(
            "kind:N",
            title=None,
            sort=names,
            scale=alt.Scale(domain=names, range=[colour for _, _, colour in series]),
        ),
    }
    if side_by_side:
        channels["yOffset"] = alt.YOffset("kind:N", sort=names, scale=alt.Scale(paddingOuter=0.3))
    tooltip = [
        alt.Tooltip("whole:N", title=message("Row")),
        alt.Tooltip("kind:N", title=message("Compared")),
        alt.Tooltip("text:N", title=message("Difference")),
        alt.Tooltip("interval:N", title=message("95 % interval (points)")),
    ]
    base = alt.Chart(data).encode(tooltip=tooltip, **channels)
    scale = alt.Scale(
        domain=[low - (high - low) * 0.03 if low < 0 else 0.0, high],
        nice=False,
        rangeMax=alt.ExprRef("width - 96"),
    )
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(color=theme.QUIET).encode(x="x:Q")
    signed = "datum.value ? format(datum.value, '+d') : '0'"
    axis = alt.Axis(labelExpr=signed, tickCount=6, tickMinStep=1)
    rules = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title=title, scale=scale, axis=axis), x2="high:Q"
    )
    points = base.mark_point(filled=True, size=85, opacity=1).encode(x="value:Q")
    texts = base.mark_text(align="left", dx=7, fontSize=12).encode(
        x="high:Q", text="text:N", color=alt.value(theme.TEXT)
    )
    height = alt.Step(26, **{"for": "offset"}) if side_by_side else alt.Step(28)
    return alt.layer(zero, rules, points, texts).properties(width=_WIDTH, height=height)


def draw_balance(frame: pd.DataFrame, sentence: str) -> alt.TopLevelMixin:
    """One row a covariate: its distance before in grey and among those compared in blue."""
    import altair as alt

    known = frame.dropna(subset=["difference_before", "difference_after"])
    if known.empty:
        return theme.empty_chart(sentence)
    largest = known[["difference_before", "difference_after"]].abs().max(axis=1)
    known = known.loc[largest.sort_values(ascending=False, kind="stable").index[:MOST_COVARIATES]]
    names = {
        "difference_before": message("all who did not take part"),
        "difference_after": message("those compared"),
    }
    data = known.assign(label=numbers.shortened_apart(list(known["covariate"]), 40)).melt(
        ["label", "covariate"], list(names), "kind", "signed"
    )
    data["kind"] = [names[kind] for kind in data["kind"]]
    data["distance"] = data["signed"].abs()
    data["text"] = [f"{v:+.2f}".replace("-", "−") for v in data["signed"]]
    order = list(dict.fromkeys(data["label"]))
    y = alt.Y(
        "label:N", sort=order, title=None,
        axis=alt.Axis(grid=True, domain=False, ticks=False, labelLimit=300, labelPadding=10),
    )  # fmt: skip
    base = alt.Chart(data).encode(
        y=y,
        tooltip=[
            alt.Tooltip("covariate:N", title=message("Known before")),
            alt.Tooltip("kind:N", title=message("Against")),
            alt.Tooltip("text:N", title=message("Difference (sd)")),
        ],
    )
    x = alt.X(
        "distance:Q",
        title=message("Distance of the means (standard deviations)"),
        scale=alt.Scale(domainMin=0, zero=True),
        axis=alt.Axis(tickCount=6, format=".1f"),
    )
    lines = base.mark_line(color=theme.MUTED, strokeWidth=1.5).encode(x=x, detail="label:N")
    points = base.mark_point(filled=True, size=65, opacity=1).encode(
        x=x,
        color=alt.Color(
            "kind:N",
            title=None,
            sort=list(names.values()),
            scale=alt.Scale(domain=list(names.values()), range=[_GREY, theme.ACCENT]),
        ),
    )
    aim = (
        alt.Chart(pd.DataFrame({"x": [0.1]}))
        .mark_rule(color=theme.QUIET, strokeDash=[4, 3])
        .encode(x="x:Q")
    )
    return alt.layer(aim, lines, points).properties(width=520, height=alt.Step(20))


def draw_overlap(frame: pd.DataFrame, sentence: str) -> alt.TopLevelMixin:
    """Chances of those who took part above, of all others below, over one axis."""
    import altair as alt

    if frame.empty or not (frame["treated"].sum() + frame["untreated"].sum()):
        return theme.empty_chart(sentence)
    data = frame.assign(compared=frame["treated"] - frame["unmatched"])
    data["range"] = [
        f"{low:.0%} – {high:.0%}"
        for low, high in zip(data["chance_from"], data["chance_to"], strict=True)
    ]
    tooltip = [
        alt.Tooltip("range:N", title=message("Chance of taking part")),
        alt.Tooltip("treated:Q", title=message("Took part"), format=","),
        alt.Tooltip("unmatched:Q", title=message("Of these left out"), format=","),
        alt.Tooltip("untreated:Q", title=message("Did not"), format=","),
        alt.Tooltip("weighted:Q", title=message("Weight of the comparable"), format=",.1f"),
    ]

    highest = float(data[["treated", "weighted"]].max().max())

    def bars(column: str, colour: str, title: str, label: str | None) -> alt.Chart:
        domain = [0, highest if label is None else float(data["untreated"].max())]
        return (
            alt.Chart(data)
            .mark_bar(color=colour, binSpacing=1)
            .encode(
                x=alt.X(
                    "chance_from:Q", bin="binned", title=label,
                    axis=alt.Axis(format="%", tickCount=6, labels=label is not None),
                    scale=alt.Scale(domain=[0, 1]),
                ),
                x2="chance_to:Q",
                y=alt.Y(
                    f"{column}:Q", title=title,
                    scale=alt.Scale(domain=domain, nice=True),
                    axis=alt.Axis(
                        tickCount=3, tickMinStep=1, format=",d", titleAngle=0, titleAlign="left",
                        titleX=4, titleY=-10, titleBaseline="bottom",
                    ),
                ),
                tooltip=tooltip,
            )
        )  # fmt: skip

    came = message("Took part (lighter: nobody comparable)")
    first = alt.layer(
        bars("treated", theme.OPEN, came, None), bars("compared", theme.ACCENT, came, None)
    )
    second = bars("weighted", _GREY, message("Comparable others, as they count"), None)
    chance = message("Chance of taking part, by what was known before")
    third = bars("untreated", theme.MUTED, message("All others, one by one"), chance)
    panels = [panel.properties(width=_WIDTH, height=90) for panel in (first, second, third)]
    return alt.vconcat(*panels, spacing=26)
