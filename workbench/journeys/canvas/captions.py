"""The lines of text in and beside the boxes and arrows of a picture, and what a pointer shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from workbench.journeys.canvas.sketch import BOX_LEAST, BOX_MOST, PAD
from workbench.journeys.canvas.texts import Text, fitted, text_width, wrapped
from workbench.journeys.canvas.wording import value_text
from workbench.messages import message
from workbench.results import numbers

if TYPE_CHECKING:
    from workbench.journeys.canvas.result import Canvas

_MOST_LABEL = 150


def box_lines(result: Canvas, shown: list[str]) -> tuple[float, dict[str, tuple[Text, ...]]]:
    """The width of all boxes, and the lines of each: label, numbers, who went no further."""
    lines = result.nodes.set_index(["group", "node"])
    values = {
        node.name: _value_lines(result, lines, node.name, shown)
        for node in result.question.graph.nodes
    }
    needed = max(line.width for own in values.values() for line in own)
    longest = max(text_width(node.label, bold=True) for node in result.question.graph.nodes)
    width = (
        min(BOX_MOST, max(BOX_LEAST, needed, min(longest, max(140, 0.62 * longest + 10)))) + 2 * PAD
    )
    labels = {
        node.name: wrapped(node.label, width - 2 * PAD) for node in result.question.graph.nodes
    }
    most = max(len(label) for label in labels.values())
    out = {}
    for node in result.question.graph.nodes:
        label = labels[node.name]
        filled = [*label, *([""] * (most - len(label)))]
        own = [
            replace(t, text=fitted(t.text, width - 2 * PAD - (t.width - text_width(t.text))))
            for t in values[node.name]
        ]
        out[node.name] = (*(Text(text, "bold") for text in filled), *own)
    return width, out


def _value_lines(result: Canvas, lines: pd.DataFrame, node: str, shown: list[str]) -> list[Text]:
    question = result.question
    many = len(shown) > 1
    out = []
    for number, name in enumerate(shown):
        line = lines.loc[(name, node)]
        value = value_text(result, question.primary, line["value"])
        ratio = line[f"ratio_of_{question.percent}"]
        own = question.percent == "start" and line["start_node"] == node
        share = "" if numbers.absent(ratio) or own else f" · {numbers.share(ratio)}"
        if line["excluded"]:
            value, share = message("left out"), ""
        fallout = _fallout(result, line, many)
        if many:
            out.append(Text(f"{value}{share}", "plain", str(number), fallout))
            continue
        out.append(Text(f"{value}{share}", "plain"))
        if question.secondary is not None:
            second = value_text(result, question.secondary, line["secondary"])
            rate = line[f"secondary_ratio_of_{question.secondary_percent}"]
            rated = "" if numbers.absent(rate) else f" · {numbers.share(rate)}"
            out.append(Text(f"{question.secondary.label}: {second}{rated}", "soft"))
        if question.show_fallout and question.graph.arrows:
            out.append(Text(fallout, "soft", "fallout" if fallout else ""))
    return out


def _fallout(result: Canvas, line: pd.Series, short: bool) -> str:
    """Who went no further; nothing at an end, and where the picture is not to show it."""
    if not result.question.show_fallout or numbers.absent(line["fell_out"]) or line["excluded"]:
        return ""
    share = numbers.share(line["share_fell_out"])
    return share if short else f"{numbers.count(line['fell_out'])} · {share}"


def arrow_lines(result: Canvas, shown: list[str]) -> list[tuple[Text, ...]]:
    """The lines beside each arrow: its label, then how many took it."""
    question = result.question
    lines = result.arrows.set_index(["group", "from", "to"])
    out = []
    for arrow in question.graph.arrows:
        own: list[Text] = []
        label = arrow.label or arrow.in_words()
        if label and question.arrow_text in ("both", "labels"):
            own.append(Text(fitted(label, _MOST_LABEL), "soft"))
        if question.arrow_text in ("both", "values"):
            for number, name in enumerate(shown):
                line = lines.loc[(name, arrow.source, arrow.target)]
                text = f"{numbers.count(line['containers'])} · {numbers.share(line['share'])}"
                own.append(Text(text, "plain", str(number) if len(shown) > 1 else ""))
        out.append(tuple(own))
    return out
