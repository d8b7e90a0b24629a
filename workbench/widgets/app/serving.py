"""The explorers as a page of their own, for people who do not want cells: served by Voilà.

Source: design.md, "The product in five sentences" (interactive questions); nothing is served to
other machines unless the address is named.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nbformat

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.workspace import open_workspace

PORT = 8866


def app_notebook(workspace: str, *, data: str = "", as_of: str = "") -> Any:
    """The notebook that the app shows.

    Parameters
    ----------
    workspace : str
        Name or path of a workspace file.
    data : str
        Folder of the files, instead of the one that the workspace names.
    as_of : str
        Look at nothing after this day.

    Returns
    -------
    nbformat.NotebookNode
    """
    opened = f"ws = wb.open({workspace!r}, root={data or None!r}, as_of={as_of or None!r})"
    parts: Sequence[tuple[str, str]] = (
        (message("Questions"), "wb.explore(ws)"),
        (message("A branching journey"), "wb.edit_canvas(ws)"),
        (message("A segment"), "wb.edit_segment(ws)"),
    )
    here = f"os.chdir({str(Path.cwd())!r})"  # where the names of definitions are looked for
    first = f"import os\n\nimport workbench as wb\n\n{here}\n{opened}\nwb.header(ws, ws.title)"
    cells = [nbformat.v4.new_code_cell(first)]
    for heading, call in parts:
        cells += [nbformat.v4.new_markdown_cell(f"## {heading}"), nbformat.v4.new_code_cell(call)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def serve_app(
    workspace: str,
    *,
    data: str = "",
    as_of: str = "",
    port: int = PORT,
    address: str = "127.0.0.1",
    say: Callable[[str], None] = print,
) -> int:
    """Serve the app until it is stopped.

    Parameters
    ----------
    workspace, data, as_of : str
        As `app_notebook`; a workspace that cannot be opened is refused before anything is served.
    port : int
    address : str
        This machine alone by default.
    say : callable
        Receives the sentence that says where the app is.

    Returns
    -------
    int
        Exit code of the server.

    Raises
    ------
    ArgumentError
        When Voilà is not installed, or the workspace cannot be opened.
    """
    if find_spec("voila") is None:
        raise ArgumentError(
            message(
                "The app needs Voilà, which is not installed here. Run: "
                "pip install 'b2b-journey-workbench[app]'"
            )
        )
    open_workspace(workspace, root=data or None, as_of=as_of or None)
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "explore.ipynb"
        nbformat.write(app_notebook(workspace, data=data, as_of=as_of), book)
        at = f"http://{address}:{port}/"
        say(message("The app is at {at} until it is stopped with Ctrl-C.", at=at))
        command = [
            sys.executable, "-m", "voila", str(book), "--no-browser", f"--port={port}",
            f"--Voila.ip={address}", "--template=workbench", "--show_tracebacks=False",
        ]  # fmt: skip
        return _until_it_ends(subprocess.Popen(command, env=_environment()))


def _until_it_ends(server: subprocess.Popen[bytes]) -> int:
    """Wait for the server; whatever stops this process stops the server too."""
    before = signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    try:
        return server.wait()
    except KeyboardInterrupt:
        return server.wait()  # the terminal has told the server as well
    finally:
        signal.signal(signal.SIGTERM, before)
        server.terminate()


def _environment() -> dict[str, str]:
    """What the server needs to find the template, which asks nothing of other machines."""
    own = str(Path(__file__).parent / "share")
    known = os.environ.get("JUPYTER_PATH")
    return {**os.environ, "JUPYTER_PATH": f"{own}{os.pathsep}{known}" if known else own}
