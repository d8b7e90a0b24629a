"""The canvas editor without a page: hears gestures and questions, answers with what to show.

A message holds gestures or one question; the page never has more than one message on its way. A
gesture that leads to a graph nobody can answer is taken back, and the sentence why goes beside the
thing. A graph that only these data cannot answer (an event that is gone) stays and says so.

Source: journeys-canvas.md, sections 1 and 3.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.engine.graph.reach import MOST_NODES
from workbench.errors import AbsentError, ArgumentError, WorkbenchError
from workbench.journeys.canvas import Canvas, canvas
from workbench.messages import message
from workbench.vocabulary.kept import save_segment
from workbench.vocabulary.segments import Segment
from workbench.vocabulary.steps import step_from
from workbench.widgets.canvas_editor import asking, texts
from workbench.widgets.canvas_editor.choosing import Choosing
from workbench.widgets.canvas_editor.counted import Counted, counted, more_of_arrow
from workbench.widgets.canvas_editor.picture import Problem, State, picture
from workbench.widgets.canvas_editor.sketch import SETTINGS, Sketch
from workbench.workspace import Workspace

SLOW_S = 0.15
MOST_KEPT = 50
USUAL = {"container": "account", "primary": "containers", "percent": "start"}

Plain = dict[str, Any]


class Desk:
    """A graph in the making, its last answer, and what was asked of it.

    Parameters
    ----------
    workspace : Workspace
    sketch : Sketch
    kept : Kept
        The file of the graph.
    show : callable
        Told every new picture; nothing by default.

    Attributes
    ----------
    shown : pandas.DataFrame or None
        The last table that was asked for, whole.
    segment : Segment or None
        The last one that was made from a point.
    """

    def __init__(
        self,
        workspace: Workspace,
        sketch: Sketch,
        kept: texts.Kept,
        show: Callable[[Plain], None] = lambda _: None,
    ) -> None:
        self.workspace, self.sketch, self.kept, self.show = workspace, sketch, kept, show
        self.choosing = Choosing(workspace)
        self.shown: pd.DataFrame | None = None
        self.segment: Segment | None = None
        self._result: Canvas | None = None
        self._asked = ""
        self._numbers: dict[str, Counted] = {}
        self._took_s = 0.0
        self._turn = 0
        self.state = State()
        refused = self._count()
        if refused is not None:
            raise refused

    @property
    def picture(self) -> Plain:
        """Everything that the page draws now."""
        graph, sketch = self.sketch.graph, self.sketch
        return {
            **picture(graph, self.state),
            "settings": {name: graph.get(name, USUAL.get(name)) for name in SETTINGS},
            "choices": self.choosing.choices(graph),
            "undo": bool(sketch.past),
            "redo": bool(sketch.future),
            "file": str(self.kept.path or ""),
            "yaml": texts.as_yaml(graph),
            "turn": self._turn,
        }

    def heard(self, content: Mapping[str, Any]) -> Plain:
        """Answer a message of the page: its gestures or its question; never an exception."""
        try:
            if content.get("gestures") is not None:
                self._gestured(content["gestures"])
                return {}
            ask = content.get("ask")
            kind = ask.get("kind") if isinstance(ask, Mapping) else None
            if kind not in ASKS:
                raise ArgumentError.of("ask", kind, ASKS)
            return {"kind": kind, **ASKS[kind](self, ask)}  # type: ignore[arg-type]
        except WorkbenchError as refused:
            return {"problem": str(refused)}
        except Exception as failed:
            return {"problem": _failed(failed)}

    def answer(self) -> Canvas:
        """The answer to the graph as it is drawn.

        Raises
        ------
        ArgumentError
            When there is none.
        """
        asked = _question(self.sketch.graph)
        if not asked["nodes"]:
            raise ArgumentError(message("There is nothing on the canvas yet."))
        if self._result is None or self._asked != _key(asked):
            self._result, self._asked = canvas(self.workspace, **asked), _key(asked)
        return self._result

    def _gestured(self, gestures: Sequence[Mapping[str, Any]]) -> None:
        before, problems, said = self.sketch, [], ""
        last: Mapping[str, Any] = {}
        for gesture in gestures:
            try:
                said = _lost_limits(self.sketch.graph, gesture) or said
                self.sketch, last = self._after(gesture), gesture
            except WorkbenchError as refused:
                problems.append(_beside(gesture, str(refused)))
                break
        state = self.state
        try:
            refusal = self._count()
        except Exception as failed:
            refusal = ArgumentError(_failed(failed))
        if refusal is not None:
            self.sketch, self.state = before, state
            problems.append(_beside(last, str(refusal)))
        if problems:
            self.state = replace(self.state, problems=(*problems, *_lasting(self.state)))
        self.state = replace(self.state, said="" if problems else said)
        self._shown_now()

    def _after(self, gesture: Mapping[str, Any]) -> Sketch:
        """The sketch after a gesture; what is drawn from the data is looked up here."""
        if gesture.get("kind") != "top":
            return self.sketch.done(gesture)
        found = asking.neighbours(self.answer(), gesture)
        drawn = found.graph(asking.DRAWN, joined=bool(gesture.get("joined")))
        if len(drawn["nodes"]) == len(self.sketch.graph["nodes"]):
            raise ArgumentError(found.headline() + ".")
        return self.sketch.put({**drawn, "places": self.sketch.graph.get("places", {})})

    def _count(self) -> ArgumentError | None:
        """Count the graph; the refusal where it must not stay."""
        asked = _question(self.sketch.graph)
        if not asked["nodes"]:
            self.state = State()
            return None
        if len(asked["nodes"]) > MOST_NODES:
            self.state = State(self.state.numbers, False, (Problem(_too_many(asked)),))
            return None
        key = _key(asked)
        if key not in self._numbers:
            if self._took_s > SLOW_S:
                self.state = replace(self.state, fresh=False, problems=())
                self._shown_now()
            began = time.perf_counter()
            try:
                self._keep(key, counted(self.answer()))
            except ArgumentError as refused:
                return self._unanswered(refused)
            self._took_s = time.perf_counter() - began
        self.state = State(self._numbers[key])
        return None

    def _keep(self, key: str, numbers: Counted) -> None:
        while len(self._numbers) >= MOST_KEPT:
            del self._numbers[next(iter(self._numbers))]
        self._numbers[key] = numbers

    def _unanswered(self, refused: ArgumentError) -> ArgumentError | None:
        """Nodes that name what these data do not hold stay and say so; all else is taken back."""
        problems = self._absent() if isinstance(refused, AbsentError) else []
        if not problems:
            return refused
        self.state = State(self.state.numbers, False, tuple(problems))
        return None

    def _absent(self) -> list[Problem]:
        marker, found = self.workspace.marker(), []
        for name, part in self.sketch.graph["nodes"].items():
            try:
                marker.rows(step_from(part).condition)
            except AbsentError as refused:
                found.append(Problem(str(refused), node=name))
        return found

    def _shown_now(self) -> None:
        self._turn += 1
        self.show(self.picture)

    def _kept_table(self, found: tuple[Plain, pd.DataFrame]) -> Plain:
        plain, self.shown = found
        return {"table": plain}

    def _breakdown(self, ask: Mapping[str, Any]) -> Plain:
        dimension = str(ask.get("dimension") or self.choosing.telling)
        found = asking.breakdown(self.answer(), ask, dimension)
        return {**self._kept_table(found), "dimension": dimension}

    def _segment(self, ask: Mapping[str, Any]) -> Plain:
        name = str(ask.get("name") or "").strip() or None
        self.segment = self.answer().segment_of(**asking.point_of(ask), name=name)
        plain = self.segment.plain()
        return {"name": self.segment.name, "yaml": texts.as_yaml(plain),
                "python": texts.segment_python(plain)}  # fmt: skip

    def _keep_segment(self, ask: Mapping[str, Any]) -> Plain:
        if self.segment is None:
            raise ArgumentError(message("There is no segment to keep yet."))
        name = str(ask.get("name") or self.segment.name).strip()
        save_segment(self.segment, name=name)
        self._shown_now()
        return {"said": message("Kept as {name}; any analysis takes this name.", name=name)}

    def _saved(self, ask: Mapping[str, Any]) -> Plain:
        named = str(ask.get("file") or "").strip()
        path = Path(named) if named else self.kept.path
        if path is None:
            raise ArgumentError.of("file", "", message("a name that ends in .yaml"))
        path = self.kept.write(self.sketch.graph, path, over=bool(ask.get("over")))
        return {"said": message("Saved to {file}.", file=str(path)), "file": str(path)}


def _question(graph: Mapping[str, Any]) -> Plain:
    """The graph without what no number depends on."""
    return {name: value for name, value in graph.items() if name != "places"}


def _key(asked: Mapping[str, Any]) -> str:
    return json.dumps(asked, default=str)


def _lasting(state: State) -> list[Problem]:
    """Problems of the graph itself; those of earlier gestures are over."""
    return [problem for problem in state.problems if not state.fresh]


def _lost_limits(graph: Mapping[str, Any], gesture: Mapping[str, Any]) -> str:
    """What a box between two others takes away, for neither half of an arrow can hold it."""
    pair = gesture.get("arrow")
    for arrow in graph["arrows"] if gesture.get("kind") == "insert" else ():
        if isinstance(arrow, Mapping) and [arrow["from"], arrow["to"]] == pair:
            limits = [f"{name} {arrow[name]}" for name in ("within", "after") if name in arrow]
            if limits:
                return message(
                    "The limit of the arrow is gone ({limits}): neither half can hold it.",
                    limits=", ".join(limits),
                )
    return ""


def _beside(gesture: Mapping[str, Any], text: str) -> Problem:
    """The thing that a gesture was about, which its refusal is said beside."""
    if gesture.get("kind") == "set":
        return Problem(text, control=str(gesture.get("name")))
    if gesture.get("kind") == "paste":
        return Problem(text, control="yaml")
    arrow = gesture.get("arrow") or (gesture.get("side") == "between" and gesture.get("of"))
    if isinstance(arrow, list | tuple) and len(arrow) == 2:
        return Problem(text, arrow=(str(arrow[0]), str(arrow[1])))
    node = gesture.get("node") or gesture.get("from") or gesture.get("of") or gesture.get("after")
    return Problem(text, node=node if isinstance(node, str) else "")


def _failed(failed: Exception) -> str:
    return message(
        "That could not be done ({kind}: {reason}). The canvas is as it was.",
        kind=type(failed).__name__,
        reason=str(failed)[:200],
    )


def _too_many(asked: Mapping[str, Any]) -> str:
    return message(
        "{n} nodes are drawn, and at most {most} can be counted together: take some away, and the "
        "numbers come back.",
        n=len(asked["nodes"]),
        most=MOST_NODES,
    )


ASKS: dict[str, Callable[[Desk, Mapping[str, Any]], Plain]] = {
    "find": lambda desk, ask: desk.choosing.found(ask),
    "members": lambda desk, ask: desk._kept_table(asking.members(desk.answer(), ask)),
    "breakdown": Desk._breakdown,
    "top": lambda desk, ask: desk._kept_table(asking.top(desk.answer(), ask)),
    "arrow": lambda desk, ask: {"tip": more_of_arrow(desk.answer(), ask.get("arrow") or ("", ""))},
    "segment": Desk._segment,
    "keep": Desk._keep_segment,
    "texts": lambda desk, ask: {
        "yaml": texts.as_yaml(desk.sketch.graph),
        "python": texts.as_python(desk.sketch.graph),
    },
    "save": Desk._saved,
}
