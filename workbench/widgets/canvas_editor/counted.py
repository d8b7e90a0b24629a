"""The numbers of a graph as the page shows them: on nodes, on arrows, and in tips.

Taken from the answer of `wb.canvas` without what costs more than counting itself: who may still
come, median times, and the rate of starts that merge are counted when somebody asks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from workbench.journeys.canvas import Canvas
from workbench.journeys.canvas.arrows import line_of
from workbench.journeys.canvas.counting import Group
from workbench.journeys.canvas.metrics import Metric
from workbench.journeys.canvas.nodes import SMALL, larger_than_before
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
        Which group is which, and what the answer says of its scope.
    """

    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    arrows: dict[Pair, dict[str, Any]] = field(default_factory=dict)
    headline: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """What is counted of one node in one group.

    Attributes
    ----------
    group, node, original : str
    containers, total : int
        Containers at the node, and in scope.
    value, base, secondary : float
        The metrics, and what the first one is measured against; not a number for nothing.
    previous : float
        Containers at any node directly before.
    fell_out : int or None
        None at an end.
    note : str
    """

    group: str
    node: str
    original: str
    excluded: bool
    containers: int
    total: int
    value: float
    base: float
    secondary: float
    previous: float
    fell_out: int | None
    note: str


def counted(result: Canvas) -> Counted:
    """Read an answer once for the page."""
    lines = [line for group in result.groups for line in _lines(result, group)]
    nodes = {}
    for name in result.question.drawn.nodes:
        own = [line for line in lines if line.node == name]
        copies = [line for line in lines if line.original == name != line.node]
        nodes[name] = {
            "lines": _node_lines(result, own),
            "tip": [s for line in own for s in _node_tip(result, line)] + _rounds(result, copies),
        }
    names = [group.name for group in result.groups]
    legend = [f"{n}: {name}" for n, name in enumerate(names, 1)] if len(names) > 1 else []
    notes = (*legend, *result.scope.notes)
    return Counted(nodes, _arrows(result), _headline(result, lines), notes)


def _lines(result: Canvas, group: Group) -> list[Line]:
    question, graph = result.question, result.question.graph
    tally, first = group.tally(Metric("containers")), group.tally(question.primary)
    second = None if question.secondary is None else group.tally(question.secondary)
    columns = {
        "label": [node.label for node in graph.nodes],
        "value": first.nodes,
        "containers": tally.nodes.astype(int),
    }
    out = []
    for n, node in enumerate(graph.nodes):
        starts = graph.starts_of[n]
        base = {
            "total": first.total,
            "start": first.nodes[starts[0]] if len(starts) == 1 else first.total,
            "previous": group.of_parents(first, n),
        }[question.percent]
        own = question.percent == "start" and starts == (n,)
        note = larger_than_before(question, columns, n)
        if 0 < tally.nodes[n] < SMALL:
            who = question.container.plural
            note.append(message("Fewer than {n} {containers}.", n=SMALL, containers=who))
        lost = int(np.count_nonzero(group.fallen_out(n))) if graph.children[n] else None
        out.append(
            Line(
                group=group.name,
                node=node.name,
                original=node.original,
                excluded=node.name in question.exclude,
                containers=int(tally.nodes[n]),
                total=int(tally.total),
                value=float(first.nodes[n]),
                base=float("nan") if own else float(base),
                secondary=float("nan") if second is None else float(second.nodes[n]),
                previous=group.of_parents(tally, n),
                fell_out=lost,
                note=" ".join(note),
            )
        )
    return out


def _headline(result: Canvas, lines: list[Line]) -> str:
    """That of the answer where it costs little; else without what costs more than counting."""
    question, graph = result.question, result.question.graph
    limited = any(link.within is not None for link in graph.links)
    merged = any(len(graph.starts_of[end]) > 1 for end in graph.ends)
    if not limited and not merged:
        return result.headline()
    if not merged and len(result.groups) == 1:
        return _conversion(result)
    ends = {graph.nodes[end].name for end in graph.ends if graph.parents[end]}
    best = max((line for line in lines if line.node in ends), key=lambda line: line.containers)
    return message(
        "{n} of {total} {containers} in scope come to “{end}” ({share})",
        n=numbers.count(best.containers),
        total=numbers.count(best.total),
        containers=question.container.plural,
        end=question.drawn.nodes[best.original].label,
        share=numbers.share(_ratio(best.containers, best.total)),
    )


def _conversion(result: Canvas) -> str:
    best, nodes = result.conversion(), result.question.drawn.nodes
    graph = result.question.graph
    return message(
        "{n} of {entered} {containers} get from “{start}” to “{end}” ({share})",
        n=numbers.count(best.reached),
        entered=numbers.count(best.entered),
        containers=result.question.container.plural,
        start=nodes[graph.nodes[graph.number[best.start]].original].label,
        end=nodes[graph.nodes[graph.number[best.end]].original].label,
        share=numbers.share(best.rate),
    )


def _node_lines(result: Canvas, lines: list[Line]) -> list[list[str]]:
    question, out = result.question, []
    for number, line in enumerate(lines, 1):
        value = value_text(result, question.primary, line.value)
        ratio = _ratio(line.value, line.base)
        shown = _joined(value, "" if numbers.absent(ratio) else numbers.share(ratio))
        if line.excluded:
            out.append(["value", message("left out")])
            continue
        out.append(["value", f"{number}: {shown}" if len(lines) > 1 else shown])
        if len(lines) > 1:
            continue
        if question.secondary is not None:
            second = value_text(result, question.secondary, line.secondary)
            out.append(["soft", f"{question.secondary.label}: {second}"])
        if line.fell_out is not None:
            share = numbers.share(_ratio(line.fell_out, line.containers))
            out.append(["fallout", _joined(numbers.count(line.fell_out), share)])
    return out


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _node_tip(result: Canvas, line: Line) -> list[str]:
    who = result.question.container.plural
    group = f"{line.group}: " if len(result.groups) > 1 else ""
    low, high = wilson(np.array([line.containers]), np.array([line.total]))
    out = [
        group
        + message(
            "{n} of {total} {containers} in scope ({share}, {between})",
            n=numbers.count(line.containers),
            total=numbers.count(line.total),
            containers=who,
            share=numbers.share(_ratio(line.containers, line.total)),
            between=numbers.between(low[0], high[0]),
        )
    ]
    if not numbers.absent(line.previous):
        out.append(
            message(
                "{share} of the {n} {containers} at a node directly before",
                share=numbers.share(_ratio(line.containers, line.previous)),
                n=numbers.count(line.previous),
                containers=who,
            )
        )
    if line.fell_out is not None:
        out.append(
            message(
                "{n} went no further ({share})",
                n=numbers.count(line.fell_out),
                share=numbers.share(_ratio(line.fell_out, line.containers)),
            )
        )
    return [*out, *([line.note] if line.note else [])]


def _rounds(result: Canvas, copies: list[Line]) -> list[str]:
    """What further rounds of a loop add."""
    first = [line for line in copies if line.group == result.groups[0].name]
    return [
        message("Round {n}: {count}", n=n, count=numbers.count(line.containers))
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


def _ratio(above: float, below: float) -> float:
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
