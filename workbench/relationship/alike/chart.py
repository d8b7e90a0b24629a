"""Pictures of open deals beside their won deals: many in lines, one in blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.messages import message
from workbench.relationship.alike import wording
from workbench.relationship.alike.found import SIMILAR
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.relationship.alike.one import SimilarWonDeal
    from workbench.relationship.alike.result import SimilarWon

WIDTH, BLOCKS_WIDTH, BLOCK_HEIGHT = 430, 430, 44
# Marks of a block end here, of its whole width; the rest is for the gap in words.
_MARKS = 0.72


def furthest_behind(result: SimilarWon) -> alt.TopLevelMixin:
    """Lines of the open deals with the largest gap in activities, those behind first."""
    import altair as alt

    frame = result.frame[result.frame["activities_gap"].notna()]
    if not len(frame):
        return theme.empty_chart(result.headline())
    frame = frame.sort_values(["activities_gap", "key"]).head(wording.MOST_LINES)
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
            "words": [_signed(gap) for gap in frame["activities_gap"]],
            "gap": [_gap(g, r) for g, r in zip(frame["activities_gap"],
                                               frame["activities_relative"], strict=True)],
        }
    )  # fmt: skip
    highest = float(data[["deal", "typical"]].max(axis=None)) or 1.0
    scale = alt.Scale(domain=[0, highest * 1.35], nice=False)
    axis = alt.Axis(title=_axis(result), tickCount=6, grid=False)
    y = alt.Y("label:N", sort=labels, title=None,
              axis=alt.Axis(ticks=False, domain=False, labelPadding=8))  # fmt: skip
    named = [own, typical, stand_in]
    kept = [own, *(name for name in named[1:] if (data["beside"] == name).any())]
    ranges = {own: theme.ACCENT, typical: theme.QUIET, stand_in: theme.CATEGORIES[3]}
    shades = alt.Scale(domain=kept, range=[ranges[name] for name in kept])
    legend = alt.Legend(symbolType="circle", symbolOpacity=1, columns=1)
    colour = alt.Color("what:N", title=None, scale=shades, legend=legend)
    tips = [alt.Tooltip("whole:N", title=message("Deal")), alt.Tooltip("deal:Q", title=own),
            alt.Tooltip("typical:Q", title=wording.typical(result.found), format=".3~f"),
            alt.Tooltip("gap:N", title=message("Gap")),
            alt.Tooltip("beside:N", title=message("Compared with"))]  # fmt: skip
    base = alt.Chart(data)
    rules = base.mark_rule(color=theme.MUTED, strokeWidth=2).encode(
        x=alt.X("deal:Q", scale=scale, axis=axis), x2="typical:Q", y=y
    )
    others = base.mark_point(shape="stroke", angle=90, size=260, strokeWidth=3, opacity=1).encode(
        x=alt.X("typical:Q", scale=scale, axis=axis), y=y,
        color=alt.Color("beside:N", title=None, scale=shades, legend=legend), tooltip=tips,
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
    return f"{text} ({_percent(relative)})"


def _percent(relative: float) -> str:
    return f"{_sign(relative)}{abs(relative) * 100:,.0f} %"


def _sign(value: float) -> str:
    return "−" if value < 0 else "+" if value > 0 else ""


def _signed(value: float) -> str:
    return f"{_sign(value)}{numbers.significant(abs(value))}"


def blocks(result: SimilarWonDeal) -> alt.TopLevelMixin:
    """A block a measure, each with its own scale from 0: ticks, a line, a dot, and the numbers."""
    import altair as alt

    frame = result.frame
    if not (frame["known"] > 0).any():
        return theme.empty_chart(result.headline())
    marks, texts = _marks(result), _texts(result)
    y = alt.Y("label:N", sort=list(texts["label"]), title=None,
              scale=alt.Scale(domain=list(texts["label"])),
              axis=alt.Axis(ticks=False, domain=False, labelPadding=10, labelOffset=-7,
                            labelExpr="split(datum.label, '\\n')"))  # fmt: skip
    x = alt.X("at:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=None)
    tips = [alt.Tooltip("measure:N", title=message("Measure")),
            alt.Tooltip("what:N", title=message("Of")),
            alt.Tooltip("value:Q", title=message("Value"), format=".3~f")]  # fmt: skip

    def drawn(what: str) -> Any:
        return alt.Chart(marks[marks["kind"] == what]).encode(x=x, y=y, tooltip=tips)

    tracks = alt.Chart(marks.drop_duplicates("label")[["label"]].assign(at=0.0, end=_MARKS))
    return alt.layer(
        tracks.mark_rule(color=theme.MUTED).encode(x=x, x2="end:Q", y=y),
        drawn("won").mark_tick(color=theme.QUIET, opacity=0.45, thickness=1.5, size=14),
        drawn("typical").mark_tick(color=theme.QUIET, thickness=4, size=26),
        drawn("deal").mark_circle(color=theme.ACCENT, size=110, opacity=1),
        alt.Chart(texts).mark_text(
            align="right", fontSize=12, color=theme.TEXT, lineBreak="\n", dy=-7
        ).encode(x=x, y=y, text="words:N"),
    ).properties(width=BLOCKS_WIDTH, height=alt.Step(BLOCK_HEIGHT))  # fmt: skip


def _label(line: Any) -> str:
    """A measure and its two numbers, on two lines."""
    if np.isnan(line.deal) and np.isnan(line.typical):
        return f"{line.label}\n{message('nothing known')}"
    numbers_of = message(
        "{deal} beside {typical}",
        deal=numbers.significant(line.deal), typical=numbers.significant(line.typical),
    )  # fmt: skip
    return f"{line.label}\n{numbers_of}"


def _marks(result: SimilarWonDeal) -> pd.DataFrame:
    """Every mark of every block: where it stands, 0 to `_MARKS`, and what it is."""
    typical, rows = wording.typical(result.found), []
    for line in result.frame.itertuples():
        each = [v for v in result.won[line.measure].to_numpy(float) if not np.isnan(v)]
        highest = max([v for v in (line.deal, line.typical, *each) if not np.isnan(v)] or [0.0])
        values = [("deal", message("This deal"), line.deal), ("typical", typical, line.typical)]
        values += [("won", message("A won deal"), v) for v in each]
        rows += [
            {"label": _label(line), "measure": line.label, "kind": kind, "what": what,
             "value": float(value), "at": _MARKS * (value / highest if highest else 0.0)}
            for kind, what, value in values if not np.isnan(value)
        ]  # fmt: skip
    return pd.DataFrame(rows)


def _texts(result: SimilarWonDeal) -> pd.DataFrame:
    """The gap of every block in words."""
    lines = list(result.frame.itertuples())
    words = [
        _signed(line.gap) + ("" if np.isnan(line.relative) else f"\n{_percent(line.relative)}")
        if not np.isnan(line.gap) else numbers.NOTHING
        for line in lines
    ]  # fmt: skip
    return pd.DataFrame({"label": [_label(line) for line in lines], "words": words, "at": 1.0})
