"""Loops written out: the way between the ends of an arrow that leads back, walked n more times.

An arrow from D back to P with ``repeat: 2`` gives every node between P and D two copies. The
arrow leads from D to the first copy of P, from the copy of D to the second, and so on; arrows
that leave the loop leave it from every copy as well, arrows into it lead to the first round only.

Source: journeys-canvas.md, section 6 (bounded loop unrolling).
"""

from __future__ import annotations

from dataclasses import replace

from workbench.engine.graph.reach import MOST_NODES
from workbench.errors import ArgumentError
from workbench.journeys.canvas.drawn import Arrow, Drawn
from workbench.journeys.canvas.graph import Graph, Node, ordered
from workbench.messages import message


def walked_graph(drawn: Drawn) -> Graph:
    """The drawn graph with its loops written out, in walking order.

    Raises
    ------
    ArgumentError
        For a cycle without ``repeat``, a ``repeat`` that leads nowhere back, or too many nodes.
    """
    nodes = {name: Node(name, item, name) for name, item in drawn.nodes.items()}
    forward = tuple(a for a in drawn.arrows if not a.repeat)
    ordered(nodes, forward)
    # Copies of a loop carry the marks of loops around it, so the inner ones are written out first.
    loops = [(a, frozenset({a.source})) for a in drawn.arrows if a.repeat]
    loops.sort(key=lambda loop: len(_between(loop[0].target, loop[1], forward)))
    while loops:
        (arrow, sources), *rest = loops
        nodes, forward, copied = _unrolled(arrow, sources, nodes, forward)
        loops = [
            (other, leaving | {c for s in leaving for c in copied.get(s, ())})
            for other, leaving in rest
        ]
    return ordered(nodes, forward)


def _between(first: str, last: frozenset[str], arrows: tuple[Arrow, ...]) -> list[str]:
    """Nodes on a way from one node to any of some others, both ends included, in any order."""
    after, before = {first}, set(last)
    for _ in arrows:
        after |= {a.target for a in arrows if a.source in after}
        before |= {a.source for a in arrows if a.target in before}
    return sorted(after & before)


def _unrolled(
    arrow: Arrow, sources: frozenset[str], nodes: dict[str, Node], arrows: tuple[Arrow, ...]
) -> tuple[dict[str, Node], tuple[Arrow, ...], dict[str, list[str]]]:
    """Nodes and arrows with one loop written out, and the copies of each of its nodes."""
    body = [n for n in nodes if n in set(_between(arrow.target, sources, arrows))]
    if arrow.target not in body:
        raise ArgumentError.of(
            "arrows.repeat",
            f"{arrow.source} → {arrow.target}",
            message("only on an arrow that leads back to an earlier node"),
            message("No way leads from {target} to {source}.", target=arrow.target,
                    source=arrow.source),
        )  # fmt: skip
    if len(nodes) + arrow.repeat * len(body) > MOST_NODES:
        raise ArgumentError.of(
            "arrows.repeat",
            arrow.repeat,
            message("loops that give at most {n} nodes in all", n=MOST_NODES),
        )
    grown, more = dict(nodes), list(arrows)
    previous = {name: name for name in body}
    copied: dict[str, list[str]] = {name: [] for name in body}
    for _ in range(arrow.repeat):
        current = {name: _copy(nodes[name], grown) for name in body}
        more += [
            replace(a, source=current[a.source], target=current.get(a.target, a.target))
            for a in arrows
            if a.source in current
        ]
        back = replace(arrow, repeat=0)
        more += [
            replace(back, source=previous[s], target=current[arrow.target])
            for s in sorted(sources)
            if s in previous
        ]
        for name in body:
            copied[name].append(current[name])
        previous = current
    return grown, tuple(more), copied


def _copy(node: Node, grown: dict[str, Node]) -> str:
    """Put one more copy of a node into the graph; its id."""
    round_number = 2
    while f"{node.original}~{round_number}" in grown:
        round_number += 1
    name = f"{node.original}~{round_number}"
    labels = {other.label for other in grown.values()}
    base = grown[node.original].label
    label = f"{base} ({round_number})"
    while label in labels:
        label += "′"
    grown[name] = Node(name, replace(node.step, label=label), node.original)
    return name
