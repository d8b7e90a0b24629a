"""The page's half of an account: one script, one style, messages both ways."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.messages import message
from workbench.widgets import page

if TYPE_CHECKING:
    from workbench.widgets.one_account.account import AccountPage

PAGE = Path(__file__).parent / "page"


def words() -> dict[str, str]:
    """The sentences that the page shows by itself."""
    return {
        "account": message("Account"),
        "copied": message("Copied."),
        "copy_python": message("Copy as Python"),
        "copy_yaml": message("Copy as YAML"),
        "found": message("{n} of {total} accounts"),
        "none": message("nothing found"),
        "nowhere": message(
            "The kernel does not answer. What is shown is the last answer; run the cell again."
        ),
        "period": message("Period"),
        "redo": message("Redo"),
        "rows": message("{n} of {total} rows"),
        "undo": message("Undo"),
        "whole": message("The whole time"),
        "working": message("Counting"),
        "zoom": message(
            "Turn the wheel to zoom in time, drag to move, double-click for all of it."
        ),
    }


def script() -> str:
    """All parts of the page's script as one module."""
    return page.script(PAGE, ("main",))


def view_of(account: AccountPage) -> Any:
    """The widget that shows an account's page; several views of it show the same."""
    return page.view_of(account, script(), page.style(PAGE, "account"), words())
