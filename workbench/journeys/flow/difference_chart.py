"""The picture of a difference: bars and ribbons coloured by where a path is commoner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.journeys.flow.chart import RIBBON, head_of, joined, picture
from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.flow.difference import Difference

MORE_IN_A, MORE_IN_B = theme.ACCENT, theme.WARNING


def draw(result: Difference) -> alt.TopLevelMixin:
    """Widths are the mean of both shares, colours say where a path is commoner."""
    question = result.flow.question
    frame, links = result.frame, result.links
    if frame.empty or not all(side.starts for side in result.sides):
        return theme.empty_chart(result.headline())
    a, b = (numbers.shortened(name, 24) for name in result.names)
    tones = {
        message("more in {name}", name=a): MORE_IN_A,
        message("more in {name}", name=f"{b} "): MORE_IN_B,
        message("could be chance"): RIBBON,
    }
    nodes, links = joined(question, _weighed(frame), _weighed(links))
    for table in (nodes, links):
        table["tone"] = _tones(table, list(tones))
    nodes["second"] = [
        f"{numbers.share(x)} | {numbers.share(y)}"
        for x, y in zip(nodes["share_a"], nodes["share_b"], strict=True)
    ]
    where = [head_of(question, column) for column in nodes["column"]]
    return picture(
        question,
        nodes,
        links,
        ribbon_tones=tones,
        bar_tones={**tones, list(tones)[2]: "#6B7F91"},
        node_tips={
            message("Item"): nodes["item"].tolist(),
            message("Column"): where,
            **_tips(result, nodes),
        },
        link_tips={
            message("From"): links["source"].tolist(),
            message("To"): links["target"].tolist(),
            **_tips(result, links),
        },
        legend=True,
    )


def _weighed(table: pd.DataFrame) -> pd.DataFrame:
    """Mean of both shares; without shares, path views weigh."""
    mean = table[["share_a", "share_b"]].mean(axis=1)
    if mean.isna().all():
        mean = (table["path_views_a"] + table["path_views_b"]).astype(float)
    return table.assign(value=mean.fillna(0.0))


def _tones(table: pd.DataFrame, names: list[str]) -> list[str]:
    return [
        names[2] if not real else names[0] if found > 0 else names[1]
        for real, found in zip(table["differs"], table["difference"], strict=True)
    ]


def _tips(result: Difference, table: pd.DataFrame) -> dict[str, list[str]]:
    out = {}
    for letter, name in zip("ab", result.names, strict=True):
        label = numbers.shortened(name, 24) + (" " if letter == "b" else "")
        out[label] = [
            f"{numbers.share(share)} ({numbers.count(value)} / {numbers.count(start)})"
            for share, value, start in zip(
                table[f"share_{letter}"],
                table[f"value_{letter}"],
                table[f"start_{letter}"],
                strict=True,
            )
        ]
    out[message("Difference")] = list(map(numbers.points, table["difference"]))
    out[message("95 % interval")] = [
        f"{numbers.points(low)} – {numbers.points(high)}"
        for low, high in zip(table["difference_low"], table["difference_high"], strict=True)
    ]
    return out
