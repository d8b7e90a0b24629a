"""A saved list view as a grid and a board: sorted, filtered, and edited beside the source."""

from workbench.widgets.list_editor.editor import ListEditor, edit_view

__all__ = ["ListEditor", "edit_view"]
