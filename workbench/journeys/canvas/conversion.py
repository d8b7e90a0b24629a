"""The conversion of a journey: from which start to which end it leads best.

By default every pair of a start and an end is looked at, and the share of the containers of the
start that reach the end on a way from it. The rules of the documented product are kept as
`legacy`: where several starts merge anywhere they divide the highest end by the lowest start,
which may mix ways and exceed 100 %.

Source: journeys-canvas.md, section 2, best path caption.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.journeys.canvas.counting import Group
from workbench.journeys.canvas.question import Question

RULES = ("best", "legacy")


@dataclass(frozen=True)
class Conversion:
    """One rate of a journey.

    Attributes
    ----------
    start, end : str
        Ids of nodes; equal for a node without arrows.
    reached, entered : float
        Numerator and denominator: containers, or values of the primary metric for ``legacy``.
    rate : float
        reached / entered; NaN for a zero denominator, and above 1 only for ``legacy``.
    rule : {"best", "legacy"}
    """

    start: str
    end: str
    reached: float
    entered: float
    rule: str

    @property
    def rate(self) -> float:
        """reached / entered; NaN for a zero denominator."""
        return self.reached / self.entered if self.entered else float("nan")


def pairs(question: Question, group: Group) -> list[Conversion]:
    """Every start with every end that it leads to, by containers, in walking order."""
    graph = question.graph
    found = []
    for end in graph.ends:
        starts = graph.starts_of[end]
        for start in starts:
            reached = (
                group.at(end) if len(starts) == 1 else group.counted & _from(group, start, end)
            )
            found.append(
                Conversion(
                    graph.nodes[start].name,
                    graph.nodes[end].name,
                    float(np.count_nonzero(reached)),
                    float(np.count_nonzero(group.at(start))),
                    "best",
                )
            )
    return found


def _from(group: Group, start: int, end: int) -> np.ndarray:
    """Containers that reach an end on a way from one start alone."""
    graph = group.graph.only(group.graph.after(start))
    return group.found.redrawn(range(len(graph.nodes)), graph.links).at(end)


def conversion(question: Question, group: Group, rule: str = "best") -> Conversion:
    """The best pair of a start and an end; the first one among equals."""
    if rule == "legacy":
        return _legacy(question, group)
    found = pairs(question, group)
    with_way = [pair for pair in found if pair.start != pair.end] or found
    return max(with_way, key=lambda pair: -1.0 if pair.rate != pair.rate else pair.rate)


def _legacy(question: Question, group: Group) -> Conversion:
    graph, values = question.graph, np.nan_to_num(group.tally(question.primary).nodes)
    merged = any(len(starts) > 1 for starts in graph.starts_of)
    if merged:
        end = max(graph.ends, key=lambda n: values[n])
        start = min(graph.starts, key=lambda n: values[n])
        candidates = [(start, end)]
    else:
        candidates = [(graph.starts_of[end][0], end) for end in graph.ends]
    found = [
        Conversion(
            graph.nodes[start].name, graph.nodes[end].name, values[end], values[start], "legacy"
        )
        for start, end in candidates
    ]
    with_way = [pair for pair in found if pair.start != pair.end] or found
    return max(with_way, key=lambda pair: -1.0 if pair.rate != pair.rate else pair.rate)
