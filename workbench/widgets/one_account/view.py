"""The page's half of an account: one script, one style, messages both ways."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import ArgumentError
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


@cache
def _view_class() -> Any:
    try:
        import anywidget
        import traitlets
    except ImportError:
        raise ArgumentError(
            message(
                "Pages by hand need anywidget, which is not installed here. Run: "
                "pip install 'b2b-journey-workbench[lab]'"
            )
        ) from None

    class AccountView(anywidget.AnyWidget):
        """The page's half; it holds nothing of its own."""

        _esm = script()
        _css = page.style(PAGE, "account")
        words = traitlets.Dict().tag(sync=True)

    return AccountView


def view_of(account: AccountPage) -> Any:
    """The widget that shows an account's page; several views of it show the same."""
    view = _view_class()(words=words())

    def heard(_: Any, said: Any, __: Any) -> None:
        if not isinstance(said, dict):
            return
        if said.get("do") == "library":
            view.send({"say": "library", "text": page.library()})
            return
        for told in account.heard(said):
            view.send(told)
        view.send({"say": "done", "ticket": said.get("ticket")})

    view.on_msg(heard)
    return view
