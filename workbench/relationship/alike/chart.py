"""Pictures of open deals beside their won deals: many in lines, one in blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.messages import message
from workbench.relationship.alike import wording
from workbench.relationship.alike.comparing import MEASURES
from workbench.relationship.alike.found import SIMILAR
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.relationship.alike.one import SimilarWonDeal
    from workbench.relationship.alike.result import SimilarWon

MOST_LINES = 20
WIDTH, BLOCK_WIDTH, BLOCK_HEIGHT = 430, 330, 40


def furthest_behind(result: SimilarWon) -> alt.TopLevelMixin:
    """Lines of the open deals with the largest gap in activities, those behind first."""
    import altair as alt

    frame = result.frame[result.frame["activities_gap"].notna()]
    if not len(frame):
        return theme.empty_chart(result.headline())
    frame = frame.sort_values(["activities_gap", "key"]).head(MOST_LINES)
    texts = [str(name) for name in frame["name"]]
    # Two deals of one name are two lines.
    twice = [texts.count(text) > 1 for text in texts]
    labels = numbers.shortened_apart(
        [f"{t} ({k})" if d else t for t, k, d in zip(texts, frame["key"], twice, strict=True)]
    )
    own, typical = message("This deal"), message("Its similar won deals")
    stand_in = message("The largest won deals (not similar)")
    data = pd.DataFrame(
        {
            "label": labels,
            "whole": texts,
            "deal": frame["activities"].to_numpy(float),
            "typical": frame["activities_typical"].to_numpy(float),
            "what": own,
            "beside": np.where(frame["mode"] == SIMILAR, typical, stand_in),
            "words": [_gap(g, r) for g, r in zip(frame["activities_gap"],
                                                 frame["activities_relative"], strict=True)],
        }
    )  # fmt: skip
    highest = float(data[["deal", "typical"]].max(axis=None)) or 1.0
    scale = alt.Scale(domain=[0, highest * 1.3], nice=False)
    axis = alt.Axis(title=_axis(result), tickCount=6, grid=True)
    y = alt.Y("label:N", sort=labels, title=None,
              axis=alt.Axis(ticks=False, domain=False, labelPadding=8))  # fmt: skip
    named = [own, typical, stand_in]
    kept = [own, *(name for name in named[1:] if (data["beside"] == name).any())]
    ranges = {own: theme.ACCENT, typical: "#7B8794", stand_in: "#CC79A7"}
    shades = alt.Scale(domain=kept, range=[ranges[name] for name in kept])
    legend = alt.Legend(symbolType="circle", symbolOpacity=1, columns=1 if len(kept) > 2 else 2)
    colour = alt.Color("what:N", title=None, scale=shades, legend=legend)
    tips = [alt.Tooltip("whole:N", title=message("Deal")), alt.Tooltip("deal:Q", title=own),
            alt.Tooltip("typical:Q", title=wording.typical(result.found), format=".3~f"),
            alt.Tooltip("beside:N", title=message("Compared with"))]  # fmt: skip
    base = alt.Chart(data)
    rules = base.mark_rule(color=theme.MUTED, strokeWidth=2).encode(
        x=alt.X("deal:Q", scale=scale, axis=axis), x2="typical:Q", y=y
    )
    others = base.mark_point(shape="stroke", angle=90, size=260, strokeWidth=3, opacity=1).encode(
        x=alt.X("typical:Q", scale=scale, axis=axis), y=y,
        color=alt.Color("beside:N", scale=shades, legend=None), tooltip=tips,
    )  # fmt: skip
    dots = base.mark_circle(size=90, opacity=1).encode(
        x=alt.X("deal:Q", scale=scale, axis=axis), y=y, color=colour, tooltip=tips
    )
    ends = data.assign(end=data[["deal", "typical"]].max(axis=1))
    words = alt.Chart(ends).mark_text(align="left", dx=10, fontSize=12, color=theme.QUIET).encode(
        x=alt.X("end:Q", scale=scale, axis=axis), y=y, text="words:N"
    )  # fmt: skip
    return alt.layer(rules, others, dots, words).properties(width=WIDTH, height=alt.Step(26))


def _axis(result: SimilarWon) -> str:
    if result.found.options.alignment == "elapsed":
        return message("Activities up to the age of the open deal")
    return message("Activities in all")


def _gap(gap: float, relative: float) -> str:
    if np.isnan(gap):
        return numbers.NOTHING
    text = _signed(gap)
    if np.isnan(relative):
        return text
    percent = f"{abs(relative) * 100:,.0f} %"
    return f"{text} ({_sign(relative)}{percent})"


def _sign(value: float) -> str:
    return "−" if value < 0 else "+" if value > 0 else "±"


def _signed(value: float) -> str:
    return f"{_sign(value)}{numbers.significant(abs(value))}"


def blocks(result: SimilarWonDeal) -> alt.TopLevelMixin:
    """A block a measure, each with its own scale: ticks, a line and a dot, and the gap in words."""
    import altair as alt

    frame = result.frame
    if not (frame["known"] > 0).any():
        return theme.empty_chart(result.headline())
    rows = [_block(result, n, alt) for n in range(len(MEASURES))]
    return alt.vconcat(*rows, spacing=2).resolve_scale(x="independent", y="independent")


def _block(result: SimilarWonDeal, n: int, alt: Any) -> Any:
    line = result.frame.iloc[n]
    each = result.won[line["measure"]].to_numpy(float)
    each = each[~np.isnan(each)]
    marks = [v for v in (line["deal"], line["typical"], *each) if not np.isnan(v)]
    highest = max([*marks, 0.0]) or 1.0
    scale = alt.Scale(domain=[0, highest * 1.04], nice=False)
    x_axis = alt.Axis(title=None, tickCount=4, grid=False, domain=True, labelFontSize=11)
    x = alt.X("value:Q", scale=scale, axis=x_axis)

    def drawn(values: Any, title: str) -> Any:
        data = pd.DataFrame({"value": np.atleast_1d(np.asarray(values, float)), "what": title})
        data = data.dropna()
        tips = [alt.Tooltip("what:N", title=str(line["label"])),
                alt.Tooltip("value:Q", title=message("Value"), format=".3~f")]  # fmt: skip
        return alt.Chart(data).encode(x=x, tooltip=tips)

    picture = alt.layer(
        drawn(each, message("A won deal")).mark_tick(
            color="#9AA5B1", opacity=0.7, thickness=1.5, size=BLOCK_HEIGHT * 0.45
        ),
        drawn(line["typical"], wording.typical(result.found)).mark_tick(
            color=theme.TEXT, thickness=3, size=BLOCK_HEIGHT * 0.8
        ),
        drawn(line["deal"], message("This deal")).mark_circle(
            color=theme.ACCENT, size=110, opacity=1
        ),
    ).properties(width=BLOCK_WIDTH, height=BLOCK_HEIGHT)
    return alt.hconcat(
        _text(str(line["label"]), 220, "right", alt), picture,
        _text(_words(line), 190, "left", alt), spacing=8,
    ).resolve_scale(x="independent")  # fmt: skip


def _text(words: str, width: int, align: str, alt: Any) -> Any:
    data = pd.DataFrame({"words": [words]})
    return alt.Chart(data).mark_text(
        align=align, fontSize=12, color=theme.TEXT, x=width if align == "right" else 0,
        limit=width,
    ).encode(text="words:N").properties(width=width, height=BLOCK_HEIGHT)  # fmt: skip


def _words(line: Any) -> str:
    if np.isnan(line["deal"]) or np.isnan(line["typical"]):
        return message(
            "{deal}, won deals {typical}",
            deal=numbers.significant(line["deal"]), typical=numbers.significant(line["typical"]),
        )  # fmt: skip
    return message(
        "{deal}, won deals {typical}: {gap}",
        deal=numbers.significant(line["deal"]), typical=numbers.significant(line["typical"]),
        gap=_gap(float(line["gap"]), float(line["relative"])),
    )  # fmt: skip
