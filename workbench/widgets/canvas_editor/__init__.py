"""Journey canvas by hand (journeys-canvas.md, section 1)."""

from workbench.widgets.canvas_editor.editor import CanvasEditor, edit_canvas

__all__ = ["CanvasEditor", "edit_canvas"]
