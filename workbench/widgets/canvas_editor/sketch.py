"""What has been drawn so far: one plain graph after the other, each made by one gesture.

A sketch is a value. A gesture gives a new sketch or is refused, so undo is the list of the graphs
before. A gesture is a small mapping, as the page sends it::

    {"kind": "insert", "arrow": ["visit", "won"], "part": {"field": "event", "values": ["demo"]}}

Source: journeys-canvas.md, section 1 (building gestures).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.errors import ArgumentError
from workbench.journeys.canvas import edits
from workbench.journeys.canvas.drawn import arrow_from
from workbench.journeys.canvas.places import places_from
from workbench.messages import message
from workbench.vocabulary.steps import Step, step_from
from workbench.widgets.canvas_editor.laying import free, graph_of, opened, settled
from workbench.widgets.canvas_editor.texts import ARGUMENTS, graph_from

MOST_STEPS = 200
LONGEST_ID = 40
SETTINGS = (
    "container", "period", "segment", "primary", "secondary", "percent", "node_rows",
)  # fmt: skip

Plain = dict[str, Any]


@dataclass(frozen=True)
class Sketch:
    """A graph with those before it and those that were undone.

    Attributes
    ----------
    graph : dict
        Plain arguments of `wb.canvas`, with the place of every node.
    past, future : tuple of dict
    """

    graph: Plain
    past: tuple[Plain, ...] = ()
    future: tuple[Plain, ...] = ()

    @classmethod
    def of(cls, graph: Any) -> Sketch:
        """Begin with a graph in any form.

        Raises
        ------
        ArgumentError
            When it cannot be drawn.
        """
        return cls(checked(graph_from(graph)))

    def done(self, gesture: Mapping[str, Any]) -> Sketch:
        """The sketch after a gesture.

        Raises
        ------
        ArgumentError
            When the gesture is none, or leads to a graph that cannot be drawn.
        """
        kind = gesture.get("kind")
        if kind == "undo":
            return self.undone()
        if kind == "redo":
            return self.redone()
        if kind not in GESTURES:
            raise ArgumentError.of("kind", kind, GESTURES)
        return self.put(GESTURES[kind](self.graph, gesture))

    def put(self, graph: Mapping[str, Any]) -> Sketch:
        """The sketch with another graph on top; the same one where nothing differs."""
        new = checked(graph)
        if new == self.graph:
            return self
        return Sketch(new, (*self.past, self.graph)[-MOST_STEPS:])

    def undone(self) -> Sketch:
        """One graph back; the same sketch where there is none."""
        if not self.past:
            return self
        return Sketch(self.past[-1], self.past[:-1], (self.graph, *self.future))

    def redone(self) -> Sketch:
        """One graph forth again; the same sketch where there is none."""
        if not self.future:
            return self
        return Sketch(self.future[0], (*self.past, self.graph), self.future[1:])


def checked(graph: Mapping[str, Any]) -> Plain:
    """The graph in its plain form with a place for every node.

    Raises
    ------
    ArgumentError
        For a node or arrow that is none, and for a cycle.
    """
    nodes = graph.get("nodes")
    if not isinstance(nodes, Mapping):
        raise ArgumentError.of("nodes", nodes, message("a mapping of ids to steps"))
    arrows = graph.get("arrows")
    if isinstance(arrows, str | Mapping) or not isinstance(arrows, Sequence):
        raise ArgumentError.of("arrows", arrows, message("a list of pairs (from, to) or mappings"))
    for arrow in arrows:
        ends = arrow_from(arrow, [str(name) for name in nodes])
        if ends.source == ends.target and not ends.repeat:
            raise ArgumentError.of(
                "arrows", f"{ends.source} → {ends.target}", message("an arrow to another node")
            )
    places_from(graph.get("places"), map(str, nodes))
    read = edits.plain_graph(graph)
    graph_of(read)
    new = settled(read)
    return {name: new[name] for name in ARGUMENTS if name in new}


def step_of(part: Any) -> Step:
    """The step of what was dragged: a field of the data with some of its values.

    Raises
    ------
    ArgumentError
    """
    if not isinstance(part, Mapping) or not part.get("field") or not part.get("values"):
        raise ArgumentError.of("part", part, message("a field with one or more values"))
    field, values = str(part["field"]), list(part["values"])
    if field == "event":
        step = step_from({"where": {"event": values[0] if len(values) == 1 else values}})
        return replace(step, label=message(" or ").join(map(str, values)))
    return step_from({"where": {field: {"=": values}}})


def _named(step: Step) -> str:
    """An id in the words of its label, short enough to be written."""
    return " ".join(step.label.split())[:LONGEST_ID] or message("node")


def _at(graph: Plain, name: str, gesture: Mapping[str, Any]) -> Plain:
    """The graph with the place that a new node was dropped at."""
    at = gesture.get("at")
    if at is None:
        return graph
    known = graph.get("places", {})
    wanted = places_from({name: at}, [name])[name]
    taken = [tuple(place) for other, place in known.items() if other != name]
    spot = wanted if gesture.get("exactly") else free(taken, wanted)
    return {**graph, "places": {**known, name: list(spot)}}


def _add(graph: Plain, gesture: Mapping[str, Any]) -> Plain:
    step = step_of(gesture.get("part"))
    new, name = edits.with_node(graph, _named(step), step)
    for side, pair in (
        ("after", (gesture.get("after"), name)),
        ("before", (name, gesture.get("before"))),
    ):
        if gesture.get(side) is not None:
            new = edits.add_arrow(new, pair)
    return _at(new, name, gesture)


def _insert(graph: Plain, gesture: Mapping[str, Any]) -> Plain:
    step = step_of(gesture.get("part"))
    name = edits.with_node(graph, _named(step), step)[1]
    pair = gesture.get("arrow", ())
    new = edits.insert_node(graph, pair, name, step)
    places = opened(graph["places"], str(pair[0]), str(pair[1]), name)
    return {**new, "places": places}


def _combine(graph: Plain, gesture: Mapping[str, Any]) -> Plain:
    """A label of the reader's own stays; one that says the condition is said anew."""
    node = str(gesture.get("node"))
    old = step_from(graph["nodes"][node]) if node in graph["nodes"] else None
    own = old is not None and old.label not in (str(old.condition), _said(old))
    added = step_of(gesture.get("part"))
    return edits.combine_node(graph, node, added, label=old.label if old and own else "")


def _said(step: Step) -> str:
    """The label that a node with several events gets when it is dragged from the list."""
    values = getattr(step.condition, "values", ())
    return message(" or ").join(map(str, values))


def _move(graph: Plain, gesture: Mapping[str, Any]) -> Plain:
    moved = places_from(gesture.get("places"), graph["nodes"])
    new = {name: list(place) for name, place in moved.items()}
    return {**graph, "places": {**graph.get("places", {}), **new}}


def _delete(graph: Plain, gesture: Mapping[str, Any]) -> Plain:
    names = gesture.get("nodes") or [gesture.get("node")]
    for name in names:
        graph = edits.delete_node(graph, name)
    return graph


def _limits(graph: Plain, gesture: Mapping[str, Any]) -> Plain:
    """Limits as they were typed: an empty field takes one away."""
    options = {name: gesture[name] for name in ("within", "after", "label") if name in gesture}
    read: Plain = {name: str(value or "").strip() or None for name, value in options.items()}
    if "repeat" in gesture:
        typed = str(gesture["repeat"] or "0").strip()
        if not typed.isdigit():
            raise ArgumentError.of("repeat", typed, message("a whole number, 0 or more"))
        read["repeat"] = int(typed)
    return edits.change_arrow(graph, gesture.get("arrow", ()), **read)


def _set(graph: Plain, gesture: Mapping[str, Any]) -> Plain:
    name, value = gesture.get("name"), gesture.get("value")
    if name not in SETTINGS:
        raise ArgumentError.of("name", name, SETTINGS)
    rest = {key: part for key, part in graph.items() if key != name}
    return rest if value in (None, "") else {**rest, name: value}


def _connect(graph: Plain, gesture: Mapping[str, Any]) -> Plain:
    arrow = {"from": gesture.get("from"), "to": gesture.get("to")}
    pairs = [(a.source, a.target) for a in graph_of(graph).arrows]
    if (arrow["from"], arrow["to"]) in pairs:
        return graph
    if gesture.get("repeat"):
        arrow["repeat"] = gesture["repeat"]
    return edits.add_arrow(graph, arrow)


GESTURES: dict[str, Callable[[Plain, Mapping[str, Any]], Plain]] = {
    "add": _add,
    "connect": _connect,
    "insert": _insert,
    "combine": _combine,
    "move": _move,
    "delete": _delete,
    "cut": lambda graph, gesture: edits.delete_arrow(graph, gesture.get("arrow", ())),
    "limits": _limits,
    "rename": lambda graph, gesture: edits.rename_node(
        graph, str(gesture.get("node")), str(gesture.get("label") or "")
    ),
    "duplicate": lambda graph, gesture: edits.duplicate_node(graph, str(gesture.get("node"))),
    "exclude": lambda graph, gesture: edits.exclude_node(graph, str(gesture.get("node"))),
    "include": lambda graph, gesture: edits.include_node(graph, str(gesture.get("node"))),
    "set": _set,
    "paste": lambda graph, gesture: graph_from(str(gesture.get("text") or "")),
    "tidy": lambda graph, gesture: {key: v for key, v in graph.items() if key != "places"},
}
