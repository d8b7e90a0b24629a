"""The numbers of a graph as the page shows them: on nodes, on arrows, and in tips.

Taken from the answer of `wb.canvas`; median times of arrows cost more than everything else and are
counted for one arrow when somebody asks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from workbench.journeys.canvas import Canvas
from workbench.journeys.canvas.arrows import line_of
from workbench.journeys.canvas.counting import Group
from workbench.journeys.canvas.wording import value_text
from workbench.messages import message
from workbench.results import numbers
from workbench.results.intervals import wilson

Pair = tuple[str, str]


@dataclass(frozen=True)
class Counted:
    """What the page shows of one answer.

    Attributes
    ----------
    nodes : dict
        By id of a drawn node: ``lines`` (pairs of kind and text) and ``tip`` (sentences).
    arrows : dict
        By the ids of its ends: ``text``, ``weight`` (0…1) and ``tip``.
    headline : str
    notes : tuple of str
    """

    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    arrows: dict[Pair, dict[str, Any]] = field(default_factory=dict)
    headline: str = ""
    notes: tuple[str, ...] = ()


def counted(result: Canvas) -> Counted:
    """Read an answer once for the page."""
    frame = result.nodes
    by_node: dict[str, list[pd.Series]] = {}
    for _, line in frame.iterrows():
        by_node.setdefault(line["drawn_as"], []).append(line)
    nodes = {}
    for name, lines in by_node.items():
        own = [line for line in lines if line["node"] == name]
        copies = [line for line in lines if line["node"] != name]
        nodes[name] = {
            "lines": _node_lines(result, own),
            "tip": [s for line in own for s in _node_tip(result, line)] + _rounds(result, copies),
        }
    return Counted(nodes, _arrows(result), result.headline(), tuple(result.scope.notes))


def _node_lines(result: Canvas, lines: list[pd.Series]) -> list[list[str]]:
    question, out = result.question, []
    for number, line in enumerate(lines):
        value = value_text(result, question.primary, line["value"])
        share = _share(result, line)
        if line["excluded"]:
            out.append(["value", message("left out")])
            continue
        if len(lines) > 1:
            out.append(["value", _joined(f"{number + 1}: {value}", share)])
            continue
        out.append(["value", _joined(value, share)])
        if question.secondary is not None:
            second = value_text(result, question.secondary, line["secondary"])
            out.append(["soft", f"{question.secondary.label}: {second}"])
        if not numbers.absent(line["fell_out"]):
            lost = numbers.count(line["fell_out"])
            out.append(["fallout", _joined(lost, numbers.share(line["share_fell_out"]))])
    return out


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _share(result: Canvas, line: pd.Series) -> str:
    """The share that was asked for; none for a start of itself."""
    percent = result.question.percent
    ratio = line[f"ratio_of_{percent}"]
    own = percent == "start" and line["start_node"] == line["node"]
    return "" if numbers.absent(ratio) or own else numbers.share(ratio)


def _node_tip(result: Canvas, line: pd.Series) -> list[str]:
    who = result.question.container.plural
    group = f"{line['group']}: " if len(result.groups) > 1 else ""
    out = [
        group
        + message(
            "{n} of {total} {containers} in scope ({share}, {between})",
            n=numbers.count(line["containers"]),
            total=numbers.count(line["total"]),
            containers=who,
            share=numbers.share(line["share_of_total"]),
            between=numbers.between(line["share_of_total_low"], line["share_of_total_high"]),
        )
    ]
    if not numbers.absent(line["previous"]):
        out.append(
            message(
                "{share} of the {n} {containers} at a node directly before",
                share=numbers.share(line["share_of_previous"]),
                n=numbers.count(line["previous"]),
                containers=who,
            )
        )
    if not numbers.absent(line["fell_out"]):
        out.append(
            message(
                "{n} went no further ({share})",
                n=numbers.count(line["fell_out"]),
                share=numbers.share(line["share_fell_out"]),
            )
        )
        if not numbers.absent(line["open"]) and line["open"]:
            out.append(message("{n} of these may still come", n=numbers.count(line["open"])))
    return [*out, *([line["note"]] if line["note"] else [])]


def _rounds(result: Canvas, copies: list[pd.Series]) -> list[str]:
    """What further rounds of a loop add."""
    first = [line for line in copies if line["group"] == result.groups[0].name]
    return [
        message("Round {n}: {count}", n=n, count=numbers.count(line["containers"]))
        for n, line in enumerate(first, 2)
    ]


def _arrows(result: Canvas) -> dict[Pair, dict[str, Any]]:
    """By drawn arrow; what leaves the copies of a loop is told at its nodes alone."""
    graph = result.question.graph
    out: dict[Pair, dict[str, Any]] = {}
    first: dict[Pair, int] = {}
    for number, arrow in enumerate(graph.arrows):
        pair = _original(result, arrow.source), _original(result, arrow.target)
        if pair in out or arrow.source != pair[0]:
            continue
        counts = [_took(result, group, number) for group in result.groups]
        first[pair] = counts[0][0]
        texts = [f"{numbers.count(n)} · {numbers.share(_ratio(n, of))}" for n, of in counts]
        if len(texts) > 1:
            texts = [f"{n}: {text}" for n, text in enumerate(texts, 1)]
        tips = [
            sentence
            for group, count in zip(result.groups, counts, strict=True)
            for sentence in _arrow_tip(result, group, number, *count)
        ]
        out[pair] = {"text": "\n".join(texts), "tip": tips}
    most = max([1, *first.values()])
    return {pair: {**value, "weight": first[pair] / most} for pair, value in out.items()}


def _original(result: Canvas, name: str) -> str:
    graph = result.question.graph
    return graph.nodes[graph.number[name]].original


def _took(result: Canvas, group: Group, number: int) -> tuple[int, int]:
    """Containers that took an arrow, and those at the node that it leaves."""
    source = result.question.graph.links[number].source
    return int(np.count_nonzero(group.along(number))), int(np.count_nonzero(group.at(source)))


def _ratio(above: int, below: int) -> float:
    return above / below if below else float("nan")


def _arrow_tip(result: Canvas, group: Group, number: int, above: int, below: int) -> list[str]:
    graph = result.question.graph
    labels = {node.name: node.label for node in graph.nodes}
    arrow = graph.arrows[number]
    low, high = wilson(np.array([above]), np.array([below]))
    name = f"{group.name}: " if len(result.groups) > 1 else ""
    out = [
        name
        + message(
            "{n} of {total} {containers} at “{source}” came to “{target}” from it ({share}, "
            "{between})",
            n=numbers.count(above),
            total=numbers.count(below),
            containers=result.question.container.plural,
            source=labels[arrow.source],
            target=labels[arrow.target],
            share=numbers.share(_ratio(above, below)),
            between=numbers.between(low[0], high[0]),
        )
    ]
    words = arrow.in_words()
    return [*out, words] if words else out


def more_of_arrow(result: Canvas, pair: Pair) -> list[str]:
    """What takes longer to count of one arrow: how long it took, and whether one person did both.

    Raises
    ------
    ArgumentError
        When there is no such arrow.
    """
    (point,) = result.points(arrow=list(pair))
    line = line_of(result.question, result.groups[0], point.arrow)
    out = []
    if line["containers"]:
        out.append(
            message(
                "Median {median}, half of them between {low} and {high}",
                median=numbers.days(line["median_days"]),
                low=numbers.days(line["p25_days"]),
                high=numbers.days(line["p75_days"]),
            )
        )
    if line["matured_from"] is not None:
        out.append(
            message(
                "{n} of {total} whose limit has run out",
                n=numbers.count(line["matured_containers"]),
                total=numbers.count(line["matured_from"]),
            )
        )
    if line["known_people"]:
        out.append(
            message(
                "The same person did both in {n} of {total}",
                n=numbers.count(line["same_person"]),
                total=numbers.count(line["known_people"]),
            )
        )
    return [*out, *([line["note"]] if line["note"] else [])]
