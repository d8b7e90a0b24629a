"""The graph as it was drawn: nodes and arrows read from plain values and checked.

The plain form is a mapping, the same in Python, YAML and the widget::

    nodes:
      visit: page_viewed
      demo: {label: Demo, where: {event: demo_viewed}}
      won: closed_won
    arrows:
      - [visit, demo]
      - {from: demo, to: won, within: 90d, label: closes}
      - {from: demo, to: visit, repeat: 2}

An arrow with ``repeat`` leads back to an earlier node: the nodes between are walked up to that
many more times (`workbench.journeys.canvas.loops`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.engine.graph.reach import MOST_NODES
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.conditions import Condition, InSegment, Logic
from workbench.vocabulary.containers import Container, can_be_touchpoint, container_named
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.nesting import check_rows
from workbench.vocabulary.steps import Step, step_from

KEYS = ("from", "to", "within", "after", "label", "repeat")


@dataclass(frozen=True)
class Arrow:
    """An arrow from one node to another: THEN, always eventual.

    Attributes
    ----------
    source, target : str
        Ids of nodes.
    within, after : Duration or None
        Largest and smallest gap; both are inside.
    label : str
    repeat : int
        For an arrow back to an earlier node: how often the way between may be walked again.
    """

    source: str
    target: str
    within: Duration | None = None
    after: Duration | None = None
    label: str = ""
    repeat: int = 0

    def plain(self) -> Any:
        """The pair or mapping that makes this arrow."""
        out: dict[str, Any] = {"from": self.source, "to": self.target}
        for name in ("within", "after"):
            if getattr(self, name) is not None:
                out[name] = str(getattr(self, name))
        if self.label:
            out["label"] = self.label
        if self.repeat:
            out["repeat"] = self.repeat
        return [self.source, self.target] if len(out) == 2 else out

    def in_words(self) -> str:
        """Its limits as part of a sentence; empty without any."""
        parts = []
        if self.after:
            parts.append(message("after {time} at the earliest", time=self.after.in_words()))
        if self.within is not None:
            parts.append(message("within {time}", time=self.within.in_words()))
        return ", ".join(parts)


@dataclass(frozen=True)
class Drawn:
    """Nodes and arrows as they were drawn.

    Attributes
    ----------
    nodes : dict of str to Step
        By id, in the order given; labels differ.
    arrows : tuple of Arrow
    """

    nodes: dict[str, Step]
    arrows: tuple[Arrow, ...]

    def plain(self) -> dict[str, Any]:
        """``nodes`` and ``arrows`` as plain values."""
        return {
            "nodes": {name: item.plain() for name, item in self.nodes.items()},
            "arrows": [arrow.plain() for arrow in self.arrows],
        }


def drawn_from(nodes: Any, arrows: Any, container: Container) -> Drawn:
    """Read nodes and arrows, and refuse what cannot be walked.

    Raises
    ------
    ArgumentError
    """
    read = _nodes_from(nodes, container)
    if isinstance(arrows, str | Mapping) or not isinstance(arrows, Sequence):
        raise ArgumentError.of("arrows", arrows, message("a list of pairs (from, to) or mappings"))
    out: dict[tuple[str, str], Arrow] = {}
    for value in arrows:
        arrow = arrow_from(value, list(read))
        pair = arrow.source, arrow.target
        if pair in out:
            raise ArgumentError.of(
                "arrows", list(pair), message("one arrow between two nodes, in each direction")
            )
        out[pair] = arrow
    return Drawn(read, tuple(out.values()))


def _nodes_from(nodes: Any, container: Container) -> dict[str, Step]:
    if not isinstance(nodes, Mapping) or not nodes:
        raise ArgumentError.of("nodes", nodes, message("a mapping of ids to steps, at least one"))
    if len(nodes) > MOST_NODES:
        raise ArgumentError.of(
            "nodes", message("{n} nodes", n=len(nodes)), message("at most {n}", n=MOST_NODES)
        )
    read: dict[str, Step] = {}
    labels: set[str] = set()
    for key, value in nodes.items():
        name = str(key)
        if not name.strip() or name in read:
            raise ArgumentError.of("nodes", key, message("ids that differ and are not empty"))
        item = step_from(value)
        check_node(item, container)
        label, number = item.label, 1
        while label in labels:
            number += 1
            label = f"{item.label} ({number})"
        labels.add(label)
        read[name] = item if label == item.label else replace(item, label=label)
    return read


def check_node(item: Step, container: Container) -> None:
    """Refuse a node that is no condition on rows, or a segment that is not finer.

    Notes
    -----
    Source: journeys-canvas.md, section 5; journeys-fallout.md, section 1 (rank).
    """
    hung = [
        name
        for name in ("within", "after", "without", "next_among", "limits")
        if getattr(item, name) is not None
    ]
    if item.link != "eventual" or hung:
        raise ArgumentError.of(
            "nodes",
            item.in_words(),
            message("a condition without link or limits"),
            message("A node may be reached by several arrows: put within and after on them."),
        )
    check_rows(item.condition, "nodes", each=False)
    _check_segments(item.condition, container)


def _check_segments(condition: Condition, container: Container) -> None:
    if isinstance(condition, Logic):
        for part in condition.parts:
            _check_segments(part, container)
    if isinstance(condition, InSegment):
        scope = container_named(condition.segment.scope)
        if not can_be_touchpoint(scope, container):
            raise ArgumentError.of(
                "nodes",
                condition.segment.name,
                message("segments of a scope below {container}", container=container.name),
                message(
                    "This one keeps whole {containers}, so the node would hold every row of them; "
                    "use it as segment= or compare= instead.",
                    containers=scope.plural,
                ),
            )


def arrow_from(value: Any, known: Sequence[str]) -> Arrow:
    """Read an arrow from a pair, a mapping or an `Arrow`; its ends must be known nodes."""
    if isinstance(value, Arrow):
        value = value.plain()
    if isinstance(value, list | tuple) and len(value) == 2:
        value = {"from": value[0], "to": value[1]}
    if not isinstance(value, Mapping) or not {"from", "to"} <= set(value):
        raise ArgumentError.of(
            "arrows", value, message("a pair (from, to), or a mapping with from and to")
        )
    unknown = [key for key in value if key not in KEYS]
    if unknown:
        raise ArgumentError.of("arrows", unknown[0], KEYS)
    ends = []
    for side in ("from", "to"):
        name = str(value[side])
        if name not in known:
            raise ArgumentError.of(f"arrows.{side}", name, known)
        ends.append(name)
    within = Duration.parse_optional(value.get("within"), "arrows.within")
    after = Duration.parse_optional(value.get("after"), "arrows.after")
    if within is not None and after is not None and after > within:
        raise ArgumentError.of(
            "arrows.after",
            str(after),
            message("at most within={limit}", limit=str(within)),
            message("No row could ever meet both limits."),
        )
    repeat = value.get("repeat") or 0
    if not isinstance(repeat, int) or isinstance(repeat, bool) or repeat < 0:
        raise ArgumentError.of("arrows.repeat", repeat, message("a whole number, 1 or more"))
    return Arrow(ends[0], ends[1], within, after, str(value.get("label") or ""), repeat)
