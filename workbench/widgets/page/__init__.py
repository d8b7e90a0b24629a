"""What several widgets of JupyterLab share on the page: elements, boxes, tables, the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from workbench.errors import ArgumentError
from workbench.messages import message

_HERE = Path(__file__).parent
SHARED = ("dom", "boxes", "picker", "tables", "chart")


def script(folder: Path, names: Sequence[str]) -> str:
    """The shared parts and those of a widget as one module with `render`.

    Parameters
    ----------
    folder : pathlib.Path
        Where the widget's own parts are.
    names : sequence of str
        In the order in which they need each other.
    """
    paths = [_HERE / f"{name}.js" for name in SHARED] + [folder / f"{name}.js" for name in names]
    parts = [path.read_text(encoding="utf-8") for path in paths]
    return "\n".join([*parts, "export default { render };\n"])


def style(folder: Path, name: str) -> str:
    """The shared style and that of a widget."""
    paths = (_HERE / "page.css", folder / f"{name}.css")
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


@cache
def library() -> str:
    """The drawing library as one script; it is sent when a picture is drawn first."""
    import vl_convert

    return str(vl_convert.javascript_bundle())  # type: ignore[call-arg] # the stub is wrong


class Heard(Protocol):
    """What a page tells: it answers what somebody did with what the page is to show."""

    def heard(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Do what the page asks for."""


def view_of(thing: Heard, script: str, style: str, words: Mapping[str, str]) -> Any:
    """The widget that shows a thing; several views of it show the same.

    Parameters
    ----------
    thing : Heard
        Everything the page says goes to it, and what it answers goes back to all views.
    script, style : str
        As `script` and `style` give them.
    words : mapping
        The sentences that the page shows by itself.

    Raises
    ------
    ArgumentError
        When anywidget is not installed.
    """
    view = _view_class(script, style)(words=dict(words))

    def heard(_: Any, said: Any, __: Any) -> None:
        if not isinstance(said, dict):
            return
        if said.get("do") == "library":
            view.send({"say": "library", "text": library()})
            return
        for told in thing.heard(said):
            view.send(told)
        view.send({"say": "done", "ticket": said.get("ticket")})

    view.on_msg(heard)
    return view


@cache
def _view_class(script: str, style: str) -> Any:
    try:
        import anywidget
        import traitlets
    except ImportError:
        raise ArgumentError(
            message(
                "Working by hand needs anywidget, which is not installed here. Run: "
                "pip install 'b2b-journey-workbench[lab]'"
            )
        ) from None

    class PageView(anywidget.AnyWidget):
        """The page's half of a thing; it holds nothing of its own."""

        _esm = script
        _css = style
        words = traitlets.Dict().tag(sync=True)

    return PageView
