"""Gestures on a plain graph: each takes a mapping and gives a new one.

A graph is what `wb.canvas` takes (``nodes``, ``arrows``, and whatever else stands beside them),
and ``result.graph`` gives it back::

    graph = edits.delete_node(result.graph, "demo")
    wb.canvas(ws, **graph)

Nothing is changed in place, so an earlier graph is its own undo.

Source: journeys-canvas.md, section 1 (building gestures).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.errors import ArgumentError
from workbench.journeys.canvas.drawn import KEYS, arrow_from
from workbench.messages import message
from workbench.vocabulary.steps import combine, step_from

Plain = dict[str, Any]
Pair = Sequence[str]


def _read(graph: Mapping[str, Any]) -> tuple[Plain, Plain, list[Plain]]:
    """A copy of a graph, its nodes as plain steps, its arrows as mappings."""
    if not isinstance(graph, Mapping) or not isinstance(graph.get("nodes"), Mapping):
        raise ArgumentError.of("graph", graph, message("a mapping with nodes and arrows"))
    nodes = {str(name): step_from(value).plain() for name, value in graph["nodes"].items()}
    arrows = [arrow_from(value, list(nodes)).plain() for value in graph.get("arrows", ())]
    maps = [a if isinstance(a, dict) else {"from": a[0], "to": a[1]} for a in arrows]
    return {k: v for k, v in graph.items() if k != "analysis"}, nodes, maps


def _put(graph: Plain, nodes: Plain, arrows: list[Plain]) -> Plain:
    plain = [[a["from"], a["to"]] if len(a) == 2 else a for a in arrows]
    if "places" in graph:
        kept = {n: place for n, place in graph["places"].items() if str(n) in nodes}
        graph = {**graph, "places": kept}
    return {**graph, "nodes": nodes, "arrows": plain}


def plain_graph(graph: Mapping[str, Any]) -> Plain:
    """The same graph with its nodes and arrows in their plain form.

    Raises
    ------
    ArgumentError
        For a node or arrow that is none.
    """
    return _put(*_read(graph))


def _known(nodes: Plain, name: Any, argument: str = "node") -> str:
    if str(name) not in nodes:
        raise ArgumentError.of(argument, name, nodes)
    return str(name)


def _place(arrows: list[Plain], pair: Any) -> int:
    known = [f"{a['from']} → {a['to']}" for a in arrows]
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise ArgumentError.of("arrow", pair, message("a pair (from, to)"))
    wanted = f"{pair[0]} → {pair[1]}"
    if wanted not in known:
        raise ArgumentError.of("arrow", wanted, known)
    return known.index(wanted)


def _free(nodes: Plain, wanted: str) -> str:
    """An id that no node has yet."""
    name, number = wanted, 1
    while name in nodes:
        number += 1
        name = f"{wanted} {number}"
    return name


def with_node(graph: Mapping[str, Any], node: str, step: Any) -> tuple[Plain, str]:
    """A node that hangs on nothing, and the id it got: `node`, or the next free one like it."""
    head, nodes, arrows = _read(graph)
    name = _free(nodes, str(node))
    return _put(head, {**nodes, name: step_from(step).plain()}, arrows), name


def add_node(graph: Mapping[str, Any], node: str, step: Any) -> Plain:
    """A node that hangs on nothing.

    Raises
    ------
    ArgumentError
        When the id is taken.
    """
    _, nodes, _ = _read(graph)
    if str(node) in nodes:
        raise ArgumentError.of("node", node, message("an id that no node has yet"))
    return with_node(graph, node, step)[0]


def add_arrow(graph: Mapping[str, Any], arrow: Any) -> Plain:
    """An arrow between two nodes; one that stands there already is replaced."""
    head, nodes, arrows = _read(graph)
    plain = arrow_from(arrow, list(nodes)).plain()
    new = plain if isinstance(plain, dict) else {"from": plain[0], "to": plain[1]}
    kept = [a for a in arrows if (a["from"], a["to"]) != (new["from"], new["to"])]
    return _put(head, nodes, [*kept, new])


def insert_node(graph: Mapping[str, Any], arrow: Pair, node: str, step: Any) -> Plain:
    """A node dropped on an arrow: it stands between the two and is connected to both.

    The arrow's label stays on the first half; its limits go, for neither half can hold them.
    """
    head, nodes, arrows = _read(graph)
    at = _place(arrows, arrow)
    if str(node) in nodes:
        raise ArgumentError.of("node", node, message("an id that no node has yet"))
    old = arrows[at]
    first = {"from": old["from"], "to": str(node)}
    if "label" in old:
        first["label"] = old["label"]
    halves = [first, {"from": str(node), "to": old["to"]}]
    placed: Plain = {}
    for name, value in nodes.items():
        placed[name] = value
        if name == old["from"]:
            placed[str(node)] = step_from(step).plain()
    return _put(head, placed, [*arrows[:at], *halves, *arrows[at + 1 :]])


def combine_node(
    graph: Mapping[str, Any], node: str, *parts: Any, label: str = "", logic: str | None = None
) -> Plain:
    """Components dropped on a node, joined with what it holds as `wb.combine` does."""
    head, nodes, arrows = _read(graph)
    name = _known(nodes, node)
    joined = combine(nodes[name], *parts, label=label or None, logic=logic)
    return _put(head, {**nodes, name: joined.plain()}, arrows)


def delete_node(graph: Mapping[str, Any], node: str) -> Plain:
    """A node taken away: those before it lead directly to those after it."""
    head, nodes, arrows = _read(graph)
    name = _known(nodes, node)
    before = [a["from"] for a in arrows if a["to"] == name and a["from"] != name]
    after = [a["to"] for a in arrows if a["from"] == name and a["to"] != name]
    kept = [a for a in arrows if name not in (a["from"], a["to"])]
    there = {(a["from"], a["to"]) for a in kept}
    bridges = [
        {"from": b, "to": a} for b in before for a in after if b != a and (b, a) not in there
    ]
    head = {**head}
    if name in head.get("exclude", ()):
        head["exclude"] = [n for n in head["exclude"] if n != name]
    left = {n: value for n, value in nodes.items() if n != name}
    return _put(head, left, [*kept, *bridges])


def delete_arrow(graph: Mapping[str, Any], arrow: Pair) -> Plain:
    """An arrow taken away: the way is cut."""
    head, nodes, arrows = _read(graph)
    at = _place(arrows, arrow)
    return _put(head, nodes, [*arrows[:at], *arrows[at + 1 :]])


def change_arrow(graph: Mapping[str, Any], arrow: Pair, **options: Any) -> Plain:
    """An arrow with another ``label``, ``within``, ``after`` or ``repeat``; None takes one away."""
    head, nodes, arrows = _read(graph)
    at = _place(arrows, arrow)
    for name in options:
        if name not in KEYS[2:]:
            raise ArgumentError.of("arrow", name, KEYS[2:])
    changed = {k: v for k, v in {**arrows[at], **options}.items() if v not in (None, "", 0)}
    plain = arrow_from(changed, list(nodes)).plain()
    new = plain if isinstance(plain, dict) else {"from": plain[0], "to": plain[1]}
    return _put(head, nodes, [*arrows[:at], new, *arrows[at + 1 :]])


def duplicate_node(graph: Mapping[str, Any], node: str) -> Plain:
    """A second node with the same condition that hangs on nothing."""
    _, nodes, _ = _read(graph)
    return with_node(graph, node, nodes[_known(nodes, node)])[0]


def rename_node(graph: Mapping[str, Any], node: str, label: str) -> Plain:
    """A node with another label; its id stays."""
    head, nodes, arrows = _read(graph)
    name = _known(nodes, node)
    if not str(label).strip():
        raise ArgumentError.of("label", label, message("what the reader sees"))
    return _put(head, {**nodes, name: {**nodes[name], "label": str(label)}}, arrows)


def exclude_node(graph: Mapping[str, Any], node: str) -> Plain:
    """Containers that reach this node are left out everywhere, in segments too."""
    head, nodes, arrows = _read(graph)
    out = dict.fromkeys([*head.get("exclude", ()), _known(nodes, node)])
    return _put({**head, "exclude": list(out)}, nodes, arrows)


def include_node(graph: Mapping[str, Any], node: str) -> Plain:
    """The opposite of `exclude_node`."""
    head, nodes, arrows = _read(graph)
    name = _known(nodes, node)
    left = [n for n in head.pop("exclude", ()) if n != name]
    return _put({**head, **({"exclude": left} if left else {})}, nodes, arrows)
