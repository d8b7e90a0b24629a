"""A journey drawn by hand in JupyterLab: boxes are dragged, numbers follow, the graph is text."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import ArgumentError
from workbench.journeys.canvas import Canvas
from workbench.messages import message
from workbench.widgets.canvas_editor import texts
from workbench.widgets.canvas_editor.desk import Desk
from workbench.widgets.canvas_editor.sketch import Sketch

if TYPE_CHECKING:
    import pandas as pd

    from workbench.vocabulary.segments import Segment
    from workbench.workspace import Workspace


class CanvasEditor:
    """A graph in JupyterLab, changed by hand.

    Attributes
    ----------
    workspace : Workspace

    Notes
    -----
    Source: journeys-canvas.md, sections 1 and 3.
    """

    def __init__(self, workspace: Workspace, sketch: Sketch, kept: texts.Kept) -> None:
        self.workspace = workspace
        self._desk = Desk(workspace, sketch, kept)

    @property
    def graph(self) -> dict[str, Any]:
        """What is drawn: plain arguments of `wb.canvas`, with the places of the boxes."""
        return dict(self._desk.sketch.graph)

    @property
    def result(self) -> Canvas:
        """The answer to the graph.

        Raises
        ------
        ArgumentError
            When there is nothing on the canvas, or these data cannot answer it.
        """
        return self._desk.answer()

    @property
    def shown(self) -> pd.DataFrame | None:
        """The whole table that was last opened in the panel."""
        return self._desk.shown

    @property
    def segment(self) -> Segment | None:
        """The segment that was last made from a box or arrow."""
        return self._desk.segment

    @property
    def yaml(self) -> str:
        """The graph as YAML; ``wb.edit_canvas(ws, graph=…)`` opens it again as it was left."""
        return texts.as_yaml(self.graph)

    @property
    def python(self) -> str:
        """The call that asks the same."""
        return texts.as_python(self.graph)

    def save(self, path: str | Path, *, over: bool = False) -> Path:
        """Write the graph into a YAML file.

        Parameters
        ----------
        path : str or Path
        over : bool
            Write although the file holds something else by now.

        Raises
        ------
        ArgumentError
            When the file cannot be written, or somebody else has written it since.
        """
        return self._desk.kept.write(self.graph, Path(path), over=over)

    def do(self, **gesture: Any) -> None:
        """Do in code what a hand does on the canvas: ``editor.do(kind="delete", node="demo")``.

        Raises
        ------
        ArgumentError
            When the gesture is refused.
        """
        before = self._desk.sketch
        self._desk.heard({"gestures": [gesture]})
        problems = self._desk.state.problems
        if problems and self._desk.sketch == before:
            raise ArgumentError(problems[0].text)

    @cached_property
    def widget(self) -> Any:
        """What a notebook shows."""
        from workbench.widgets.canvas_editor.view import CanvasView

        return CanvasView(self._desk)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        found = self.widget._repr_mimebundle_(**options)
        data, metadata = found if isinstance(found, tuple) else (found, {})
        return {**data, "text/plain": repr(self)}, metadata

    def __repr__(self) -> str:
        return message(
            "A journey canvas of {nodes} boxes and {arrows} arrows. Run the cell in JupyterLab to "
            "change it by hand.",
            nodes=len(self.graph["nodes"]),
            arrows=len(self.graph["arrows"]),
        )


def edit_canvas(
    workspace: Workspace, *, graph: Mapping[str, Any] | Canvas | str | Path | None = None
) -> CanvasEditor:
    """Draw a branching journey by hand in JupyterLab.

    Events and values are dragged from a list onto the canvas, boxes are connected by dragging, and
    every change is counted at once. What was drawn is plain YAML, and `wb.canvas` takes it.

    Parameters
    ----------
    workspace : Workspace
    graph : mapping, Canvas, str or Path, optional
        To begin with: arguments of `wb.canvas`, its answer, YAML text, or the name of a YAML file,
        into which it is then saved; one that is not there yet begins empty.

    Returns
    -------
    CanvasEditor
        ``graph`` is what was drawn so far, ``result`` its answer, ``yaml`` and ``python`` its
        texts; ``shown`` and ``segment`` are what was last opened or made.

    Raises
    ------
    ArgumentError
        When anywidget is not installed, or the graph cannot be drawn.

    Notes
    -----
    Source: journeys-canvas.md, section 1.
    """
    try:
        import anywidget  # noqa: F401
    except ImportError:
        raise ArgumentError(
            message(
                "Editing by hand needs anywidget, which is not installed here. Run: "
                "pip install 'b2b-journey-workbench[lab]'"
            )
        ) from None
    kept = texts.Kept(texts.path_from(graph))
    return CanvasEditor(workspace, Sketch.of(kept.read() if kept.path else graph), kept)
