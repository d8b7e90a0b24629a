"""Everything the page draws, as one plain mapping: nodes and arrows with their texts and places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.journeys.canvas.drawn import Arrow, arrow_from
from workbench.messages import message
from workbench.vocabulary.steps import step_from
from workbench.widgets.canvas_editor.counted import Counted
from workbench.widgets.canvas_editor.laying import BOX_HEIGHT, BOX_WIDTH


@dataclass(frozen=True)
class Problem:
    """Why something could not be done, and beside what that is said.

    Attributes
    ----------
    text : str
    node : str
        Id of the node that it is said beside; empty for none.
    arrow : tuple of str
        Ids of the ends of the arrow; empty for none.
    control : str
        Name of the setting; empty for none.
    """

    text: str
    node: str = ""
    arrow: tuple[str, ...] = ()
    control: str = ""

    def plain(self) -> dict[str, Any]:
        """The problem for the page."""
        return {
            "text": self.text,
            "node": self.node,
            "arrow": list(self.arrow),
            "control": self.control,
        }


@dataclass(frozen=True)
class State:
    """What the page is told beside the graph.

    Attributes
    ----------
    numbers : Counted
        Of the last graph that could be answered.
    fresh : bool
        Whether they belong to the graph that is shown.
    problems : tuple of Problem
    said : str
        A sentence on what was done.
    """

    numbers: Counted = field(default_factory=Counted)
    fresh: bool = True
    problems: tuple[Problem, ...] = ()
    said: str = ""


def picture(graph: Mapping[str, Any], state: State) -> dict[str, Any]:
    """What the page draws of a graph.

    Returns
    -------
    dict
        ``nodes``, ``arrows``, ``box``, ``headline``, ``notes``, ``problems``, ``said``, ``fresh``.
    """
    problems = {problem.node: problem.text for problem in state.problems if problem.node}
    arrows = [arrow_from(arrow, list(graph["nodes"])) for arrow in graph["arrows"]]
    return {
        "nodes": [_node(graph, name, state, problems) for name in graph["nodes"]],
        "arrows": [_arrow(graph, arrow, state) for arrow in arrows],
        "box": [BOX_WIDTH, BOX_HEIGHT],
        "headline": _headline(graph, state),
        "notes": list(state.numbers.notes),
        "problems": [problem.plain() for problem in state.problems],
        "said": state.said,
        "fresh": state.fresh,
    }


def _headline(graph: Mapping[str, Any], state: State) -> str:
    if not graph["nodes"]:
        return message("Drag an event from the list onto the canvas to begin.")
    return state.numbers.headline if state.fresh else ""


def _node(
    graph: Mapping[str, Any], name: str, state: State, problems: Mapping[str, str]
) -> dict[str, Any]:
    step = step_from(graph["nodes"][name])
    known = state.numbers.nodes.get(name, {})
    words = str(step.condition)
    return {
        "id": name,
        "label": step.label,
        "place": graph["places"][name],
        "lines": known.get("lines", []),
        "tip": [*([words] if words != step.label else []), *known.get("tip", [])],
        "excluded": name in graph.get("exclude", ()),
        "problem": problems.get(name, ""),
    }


def _arrow(graph: Mapping[str, Any], arrow: Arrow, state: State) -> dict[str, Any]:
    known = state.numbers.arrows.get((arrow.source, arrow.target), {})
    limits = arrow.in_words()
    if arrow.repeat:
        limits = message("up to {n} more times", n=arrow.repeat)
    return {
        "from": arrow.source,
        "to": arrow.target,
        "label": arrow.label or limits,
        "text": known.get("text", ""),
        "weight": known.get("weight", 0),
        "tip": [*([arrow.label] if arrow.label else []), *known.get("tip", [])],
        "repeat": arrow.repeat,
        "limits": {
            "within": str(arrow.within) if arrow.within is not None else "",
            "after": str(arrow.after) if arrow.after is not None else "",
            "label": arrow.label,
            "repeat": arrow.repeat,
        },
    }
