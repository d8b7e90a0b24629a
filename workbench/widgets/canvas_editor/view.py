"""The widget in the page: carries messages between the desk and its views, and nothing else."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from workbench.widgets.canvas_editor.desk import Desk
from workbench.widgets.canvas_editor.page import script, style
from workbench.widgets.canvas_editor.words import words


class CanvasView(anywidget.AnyWidget):
    """The last picture for every view, and answers to the view that asked."""

    _esm = script()
    _css = style()
    words = traitlets.Dict().tag(sync=True)
    picture = traitlets.Dict().tag(sync=True)

    def __init__(self, desk: Desk) -> None:
        super().__init__(words=words(), picture=desk.picture)
        self._desk = desk
        desk.show = self._show
        self.on_msg(self._heard)

    def _show(self, picture: dict[str, Any]) -> None:
        self.picture = picture

    def _heard(self, _: Any, content: Any, buffers: Any) -> None:
        answer = self._desk.heard(content)
        self.send({**answer, "to": content.get("view"), "id": content.get("id")})
