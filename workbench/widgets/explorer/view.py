"""The explorer on the page: one script and one style, sent whole, and messages both ways."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.messages import message
from workbench.widgets import page

if TYPE_CHECKING:
    from workbench.widgets.explorer.explorer import Explorer

PAGE = Path(__file__).parent / "page"
SCRIPTS = ("lines", "fields", "tell", "answer", "main")


def script() -> str:
    """All parts of the page's script as one module."""
    return page.script(PAGE, SCRIPTS)


def words() -> dict[str, str]:
    """The sentences that the page shows by itself."""
    return {
        "add_segment": message("Add a segment"),
        "add_step": message("Add a step"),
        "add_alert": message("Alert from this"),
        "add_comment": message("Comment"),
        "add_note": message("Note on a day"),
        "add_report": message("Add to a report"),
        "add_line": message("Add a condition"),
        "after": message("at the earliest after"),
        "audience": message("Whom it means"),
        "all": message("all of these"),
        "another": message("Add another value"),
        "any": message("any of these"),
        "ask_text": message("Take this text"),
        "before": message("Move up"),
        "choose": message("choose"),
        "combine": message("Combine with the step above"),
        "compare": message("Compare with the others"),
        "copied": message("Copied."),
        "copy_python": message("Copy as Python"),
        "copy_yaml": message("Copy as YAML"),
        "details": message("Conditions and limits"),
        "directly": message("as the next event"),
        "drag": message("Drag to move; arrow keys move it as well"),
        "eventually": message("at any time later"),
        "exclude": message("everybody but these"),
        "found": message("{n} of {total} values"),
        "include": message("these"),
        "keep_it": message("Keep"),
        "keep": message("Keep it under this name"),
        "later": message("Move down"),
        "members": message("Who they are"),
        "more": message("More settings"),
        "name": message("Name"),
        "none": message("nothing found"),
        "nothing": message("not set"),
        "nowhere": message(
            "The kernel does not answer: it is busy, was restarted or is gone. What is shown is "
            "the last answer. After a restart, run the cells again."
        ),
        "open_row": message("Choose a row to see who they are; choose several for a segment."),
        "preview": message("How often would it have fired?"),
        "question": message("Question"),
        "redo": message("Redo"),
        "remove": message("Remove"),
        "rows": message("{n} of {total} rows"),
        "saved": message("a saved segment"),
        "scope": message("Counted as"),
        "search": message("search"),
        "segment": message("As a segment"),
        "segment_name": message("Name of the segment"),
        "set_segment": message("Only this segment"),
        "step": message("Step {n}"),
        "table": message("Table"),
        "text": message("What is to be said"),
        "text_only": message("Only its text holds all of this:"),
        "took": message("{n} ms"),
        "undo": message("Undo"),
        "value": message("value"),
        "when_anomaly": message("is unusual"),
        "when_at_least": message("is at least"),
        "when_at_most": message("is at most"),
        "when_changes_by": message("changes by"),
        "each_day": message("each day"),
        "each_week": message("each week"),
        "each_month": message("each month"),
        "day": message("Day"),
        "report_name": message("Name of the report"),
        "within": message("within"),
        "working": message("Counting"),
        "workspace": message("Workspace"),
        "yaml": message("As text"),
    }


def view_of(explorer: Explorer) -> Any:
    """The widget that shows an explorer; several views of it show the same."""
    return page.view_of(explorer, script(), page.style(PAGE, "explorer"), words())
