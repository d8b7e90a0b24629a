"""The lines of text in and beside the boxes and arrows of a picture, and what a pointer shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

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


def box_tip(result: Canvas, node: str, shown: list[str]) -> dict[str, Any]:
    """What a pointer on a box shows."""
    lines = result.nodes[result.nodes["node"] == node].set_index("group")
    question = result.question
    rows = (
        message("rows that reached the box in sequence")
        if question.in_sequence
        else message("all matching rows of those that reached it")
    )
    out: dict[str, Any] = {"label": str(lines["label"].iloc[0]), "rows": rows}
    names = {"of_start": "start", "of_previous": "previous", "of_total": "total"}
    out["number"] = _joined(
        [value_text(result, question.primary, lines.loc[name, "value"]) for name in shown]
    )
    for key, base in names.items():
        out[key] = _joined(
            [
                numbers.NOTHING
                if numbers.absent(lines.loc[name, f"ratio_of_{base}"])
                else f"{numbers.share(lines.loc[name, f'ratio_of_{base}'])} "
                f"({value_text(result, question.primary, lines.loc[name, f'value_{base}'])})"
                for name in shown
            ]
        )
    out["fell_out"] = _joined(
        [
            f"{numbers.count(lines.loc[name, 'fell_out'])} "
            f"({numbers.share(lines.loc[name, 'share_fell_out'])})"
            for name in shown
        ]
    )
    out["note"] = str(lines.loc[shown[0], "note"])
    return out


def arrow_tip(result: Canvas, number: int, shown: list[str]) -> dict[str, Any]:
    """What a pointer on an arrow shows."""
    arrow, graph = result.question.graph.arrows[number], result.question.graph
    lines = result.arrows.set_index(["group", "from", "to"])
    own = [lines.loc[(name, arrow.source, arrow.target)] for name in shown]
    labels = {node.name: node.label for node in graph.nodes}
    return {
        "way": f"{labels[arrow.source]} → {labels[arrow.target]}",
        "moved": _joined(
            [
                f"{numbers.count(line['containers'])} / {numbers.count(line['from_containers'])} "
                f"({numbers.share(line['share'])})"
                for line in own
            ]
        ),
        "interval": _joined(
            [numbers.between(line["share_low"], line["share_high"]) for line in own]
        ),
        "median": _joined([numbers.days(line["median_days"]) for line in own]),
        "person": _joined([numbers.share(line["share_same_person"]) for line in own]),
    }


def _joined(texts: list[str]) -> str:
    return " | ".join(text or numbers.NOTHING for text in texts)
