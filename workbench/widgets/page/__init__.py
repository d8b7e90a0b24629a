"""What several widgets of JupyterLab share on the page: elements, boxes, tables, the picture."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

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
