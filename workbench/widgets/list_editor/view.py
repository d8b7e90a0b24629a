"""The page's half of a list: one script, one style, messages both ways."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.messages import message
from workbench.widgets import page

if TYPE_CHECKING:
    from workbench.widgets.list_editor.editor import ListEditor

PAGE = Path(__file__).parent / "page"


def words() -> dict[str, str]:
    """The sentences that the page shows by itself."""
    return {
        "board": message("Board"),
        "copied": message("Copied."),
        "copy_yaml": message("Copy as YAML"),
        "discard": message("Discard"),
        "discard_all": message("Discard all"),
        "edit": message("Double-click or press Enter in a marked cell to edit it."),
        "filter": message("filter"),
        "grid": message("Grid"),
        "more": message("{n} more"),
        "move": message("Move to"),
        "next": message("Next page"),
        "none": message("No row matches."),
        "nowhere": message(
            "The kernel does not answer. What is shown is the last answer; run the cell again."
        ),
        "of": message("{n} of {total} rows"),
        "page": message("Page {n} of {total}"),
        "preview": message("What would change"),
        "previous": message("Previous page"),
        "save": message("Keep these edits"),
        "search": message("search"),
        "sort": message("Sort by {column}"),
        "working": message("Counting"),
    }


def script() -> str:
    """All parts of the page's script as one module."""
    return page.script(PAGE, ("grid", "board", "main"))


def view_of(editor: ListEditor) -> Any:
    """The widget that shows a list; several views of it show the same."""
    return page.view_of(editor, script(), page.style(PAGE, "list"), words())
