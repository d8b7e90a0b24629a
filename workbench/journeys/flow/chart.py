"""The picture of a flow: columns of bars, ribbons between them, ends apart from items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.journeys.flow import layout
from workbench.journeys.flow.labels import cut
from workbench.journeys.flow.wording import anchor_name, finding, headline
from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.flow.question import Question
    from workbench.journeys.flow.result import Flow

MOST_COLUMNS = 6
WIDTH, WIDEST, BAR = 780, 230, 11
SLOT = 35.0
HEAD = 26
ENDS = ("exit", "entry")
RIBBON, QUIET_RIBBON, HALO = "#A9B8C6", "#DFE3E8", "#FFFFFF"
BAR_COLOUR, ANCHOR_COLOUR = "#6B7F91", theme.TEXT
Tones = Mapping[str, str]


def drawn_columns(question: Question) -> list[int]:
    """Columns of the picture: those nearest to the anchor."""
    nearest = sorted(question.numbers, key=lambda n: (abs(n), -n))[:MOST_COLUMNS]
    return sorted(nearest)


def draw(flow: Flow) -> alt.TopLevelMixin:
    """Ribbons as wide as what runs along them; what the heading says in the accent colour."""
    nodes, links = joined(flow.question, flow.nodes, flow.links)
    if nodes.empty:
        return theme.empty_chart(headline(flow))
    first = finding(flow)
    named = links[["column", "source", "target"]].apply(tuple, axis=1) if len(links) else []
    links["tone"] = [
        "found" if key == first else "end" if ends else "item"
        for key, ends in zip(
            named, links["source_kind"].isin(ENDS) | links["target_kind"].isin(ENDS), strict=True
        )
    ]
    nodes["tone"] = [
        "anchor" if column == 0 and kind != "other" else kind
        for column, kind in zip(nodes["column"], nodes["kind"], strict=True)
    ]
    if first is not None:
        column, source, target = first
        left = (nodes["column"] == column) & (nodes["item"] == source)
        found = left | ((nodes["column"] == column + 1) & (nodes["item"] == target))
        nodes.loc[found & (nodes["column"] != 0) & (nodes["kind"] == "item"), "tone"] = "found"
    nodes["second"] = [
        f"{numbers.count(value)} · {numbers.share(share)}"
        if pd.notna(share)
        else numbers.count(value)
        for value, share in zip(nodes["value"], nodes["share_of_start"], strict=True)
    ]
    return picture(
        flow.question,
        nodes,
        links,
        ribbon_tones={"found": theme.ACCENT, "item": RIBBON, "end": QUIET_RIBBON},
        bar_tones={
            "found": theme.ACCENT,
            "anchor": ANCHOR_COLOUR,
            "item": BAR_COLOUR,
            "event": BAR_COLOUR,
            "other": theme.MUTED,
        },
        node_tips=_node_tips(flow),
        link_tips=_link_tips(flow),
    )


def joined(
    question: Question, nodes: pd.DataFrame, links: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nodes and links of the columns that are drawn, numbered and tied to each other."""
    drawn = [n for n in drawn_columns(question) if (nodes["column"] == n).any()]
    nodes = nodes[nodes["column"].isin(drawn)].reset_index(drop=True)
    nodes["node"] = range(len(nodes))
    nodes["place"] = nodes["column"] - min(drawn, default=0)
    at = {
        (column, item, kind): node
        for column, item, kind, node in zip(
            nodes["column"], nodes["item"], nodes["kind"], nodes["node"], strict=True
        )
    }
    both = links["column"].isin(drawn) & (links["column"] + 1).isin(drawn)
    links = links[both].reset_index(drop=True)
    links["link"] = range(len(links))
    links["left"] = [
        at[key] for key in zip(links["column"], links["source"], links["source_kind"], strict=True)
    ]
    links["right"] = [
        at[key]
        for key in zip(links["column"] + 1, links["target"], links["target_kind"], strict=True)
    ]
    return nodes, links


def picture(
    question: Question,
    nodes: pd.DataFrame,
    links: pd.DataFrame,
    *,
    ribbon_tones: Tones,
    bar_tones: Tones,
    node_tips: Mapping[str, Sequence[str]],
    link_tips: Mapping[str, Sequence[str]],
    legend: bool = False,
) -> alt.TopLevelMixin:
    """Bars, ribbons and labels of what is placed.

    Parameters
    ----------
    nodes : pandas.DataFrame
        As `joined` gives it, with ``tone`` and ``second``, the second line of the label.
    links : pandas.DataFrame
        As `joined` gives it, with ``tone``.
    ribbon_tones, bar_tones : mapping
        Colour of each tone.
    node_tips, link_tips : mapping of str to list of str
        Label of each line of the tooltip, and its texts in the order of the frames.
    legend : bool
        Whether the tones of the ribbons are explained.
    """
    import altair as alt

    nodes, height = layout.placed(nodes, links, slot=SLOT)
    across = int(nodes["place"].max()) + 1
    width = min(WIDTH, WIDEST * across)
    bar = BAR / (width / across)
    x_scale = alt.Scale(domain=[0, across], nice=False, zero=False)
    y_scale = alt.Scale(domain=[height, -HEAD], nice=False, zero=False)
    axes = {
        "x": alt.X("x:Q", scale=x_scale, axis=None),
        "y": alt.Y("low:Q", scale=y_scale, axis=None),
    }
    layers = (
        [] if links.empty else [_ribbons(nodes, links, bar, axes, ribbon_tones, link_tips, legend)]
    )
    layers += _bars(nodes, bar, axes, bar_tones, node_tips)
    layers += _labels(nodes, bar, axes, width, across)
    layers.append(_heads(question, sorted(nodes["column"].unique()), axes))
    return (
        alt.layer(*layers)
        .properties(width=width, height=round(height + HEAD))
        .resolve_scale(color="independent")
    )


def _ribbons(
    nodes: pd.DataFrame,
    links: pd.DataFrame,
    bar: float,
    axes: dict[str, Any],
    tones: Tones,
    tips: Mapping[str, Sequence[str]],
    legend: bool,
) -> alt.Chart:
    import altair as alt

    table = links[["link", "tone"]].assign(**{f"t{n}": tips[name] for n, name in enumerate(tips)})
    fields = [name for name in table if name != "link"]
    return (
        alt.Chart(layout.ribbons(nodes, links, bar))
        .transform_lookup(lookup="link", from_=alt.LookupData(table, "link", fields))
        .mark_area(opacity=0.5, line=False, interpolate="monotone")
        .encode(
            x=axes["x"],
            y=axes["y"],
            y2="high:Q",
            detail="link:N",
            color=_colour(alt, tones, legend),
            tooltip=_tooltip(alt, tips),
        )
    )


def _bars(
    nodes: pd.DataFrame,
    bar: float,
    axes: dict[str, Any],
    tones: Tones,
    tips: Mapping[str, Sequence[str]],
) -> list[alt.Chart]:
    import altair as alt

    table = nodes[["tone", "kind", "column", "item"]].assign(
        x=nodes["place"].astype(float),
        x2=nodes["place"] + bar,
        low=nodes["top"].round(2),
        high=nodes["bottom"].round(2),
        **{f"t{n}": tips[name] for n, name in enumerate(tips)},
    )
    ends = table["kind"].isin(ENDS)
    places = {"x": axes["x"], "x2": "x2:Q", "y": axes["y"], "y2": "high:Q"}
    out = []
    if not ends.all():
        base = alt.Chart(table[~ends])
        out.append(
            base.mark_rect().encode(
                **places, color=_colour(alt, tones), tooltip=_tooltip(alt, tips)
            )
        )
    if ends.any():
        mark: dict[str, Any] = {"fill": HALO, "stroke": theme.QUIET, "strokeDash": [3, 2]}
        out.append(
            alt.Chart(table[ends]).mark_rect(**mark).encode(**places, tooltip=_tooltip(alt, tips))
        )
    return out


def _labels(
    nodes: pd.DataFrame, bar: float, axes: dict[str, Any], width: float, across: int
) -> list[alt.Chart]:
    """Name and numbers beside each bar, with a pale rim that keeps them apart from ribbons."""
    import altair as alt

    room = width / across * (1 - bar) - 16
    names = nodes["item"].map(cut(nodes["item"], room))
    table = pd.DataFrame(
        {
            "x": nodes["place"] + bar,
            "low": nodes["middle"].round(2),
            "name": names,
            "second": nodes["second"],
            "style": ["italic" if kind in ENDS else "normal" for kind in nodes["kind"]],
        }
    )
    limit = alt.ExprRef(f"width * {(1 - bar) / across:.4f} - 8")
    out = []
    for field, dy, colour in (("name", -7, theme.TEXT), ("second", 9, theme.QUIET)):
        for style, part in table.groupby("style"):
            base = alt.Chart(part).encode(x=axes["x"], y=axes["y"], text=f"{field}:N")
            mark: dict[str, Any] = {
                "align": "left",
                "baseline": "middle",
                "dx": 6,
                "dy": dy,
                "fontSize": 12,
            }
            mark |= {"limit": limit, "fontStyle": style}
            out.append(base.mark_text(color=HALO, stroke=HALO, strokeWidth=3, **mark))
            out.append(base.mark_text(color=colour, **mark))
    # the rims of all labels lie below the texts of all labels
    return out[0::2] + out[1::2]


def _heads(question: Question, drawn: list[int], axes: dict[str, Any]) -> alt.Chart:
    import altair as alt

    table = pd.DataFrame(
        {
            "x": [float(column - drawn[0]) for column in drawn],
            "low": -HEAD + 8.0,
            "head": [head_of(question, column) for column in drawn],
        }
    )
    return (
        alt.Chart(table)
        .mark_text(align="left", baseline="middle", fontSize=12, color=theme.QUIET)
        .encode(x=axes["x"], y=axes["y"], text="head:N")
    )


def head_of(question: Question, column: int) -> str:
    """What stands over a column."""
    if column == 0:
        words = {
            "starts_with": message("Start"),
            "contains": message("Middle"),
            "ends_with": message("End"),
        }
        text = words[question.anchor.side]
    elif column > 0:
        text = message("{n} after", n=column)
    else:
        text = message("{n} before", n=-column)
    name = question.dimension_of(column)
    if not question.dimensions or name is None:
        return text
    return f"{text} · {numbers.shortened(name, 14)}"


def _colour(alt: Any, tones: Tones, legend: bool = False) -> Any:
    scale = alt.Scale(domain=list(tones), range=list(tones.values()))
    shown = alt.Legend(title=None, symbolOpacity=1) if legend else None
    return alt.Color("tone:N", scale=scale, legend=shown)


def _tooltip(alt: Any, tips: Mapping[str, Sequence[str]]) -> list[Any]:
    return [alt.Tooltip(f"t{n}:N", title=name) for n, name in enumerate(tips)]


def _node_tips(flow: Flow) -> dict[str, list[str]]:
    nodes, _ = joined(flow.question, flow.nodes, flow.links)
    out = {
        message("Item"): nodes["item"].tolist(),
        message("Column"): [head_of(flow.question, column) for column in nodes["column"]],
        **_counts(flow, nodes),
        message("Of all “{anchor}”", anchor=numbers.shortened(anchor_name(flow))): [
            f"{numbers.share(share)} {numbers.between(low, high)}"
            for share, low, high in zip(
                nodes["share_of_start"],
                nodes["share_of_start_low"],
                nodes["share_of_start_high"],
                strict=True,
            )
        ],
    }
    if nodes["hidden"].any():
        out[message("Goes on into what is hidden")] = list(map(numbers.count, nodes["hidden"]))
    if nodes["cut_by_period"].any():
        out[message("Ended by the period")] = list(map(numbers.count, nodes["cut_by_period"]))
    return out


def _link_tips(flow: Flow) -> dict[str, list[str]]:
    _, links = joined(flow.question, flow.nodes, flow.links)
    return {
        message("From"): links["source"].tolist(),
        message("To"): links["target"].tolist(),
        **_counts(flow, links),
        message("Of what leaves the left"): [
            f"{numbers.share(share)} ({numbers.between(low, high)})"
            for share, low, high in zip(
                links["share_of_source"],
                links["share_of_source_low"],
                links["share_of_source_high"],
                strict=True,
            )
        ],
        message("Of what reaches the right"): list(map(numbers.share, links["share_of_target"])),
        message("Median time"): list(map(numbers.days, links["median_days"])),
    }


def _counts(flow: Flow, table: pd.DataFrame) -> dict[str, list[str]]:
    out = {
        message("Path views"): list(map(numbers.count, table["path_views"])),
        flow.question.container.plural.capitalize(): list(map(numbers.count, table["containers"])),
    }
    if flow.survey.knows_people and flow.question.container.name != "person":
        out[message("People")] = list(map(numbers.count, table["persons"]))
    return out
