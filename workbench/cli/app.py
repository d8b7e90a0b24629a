"""The command that serves the explorers as a page of their own."""

from __future__ import annotations

import argparse

from workbench.messages import message

PORT = 8866


def add(commands: argparse._SubParsersAction) -> None:
    """Put the commands of this module into the parser."""
    one = commands.add_parser("app", help=message("explore by hand in a browser, without cells"))
    one.add_argument(
        "workspace", nargs="?", default="demo", help=message("name or path of a workspace file")
    )
    one.add_argument("--data", metavar="DIR", default="", help=message("folder of the files"))
    one.add_argument("--as-of", metavar="DATE", default="", help=message("look from this day"))
    one.add_argument("--port", type=int, default=PORT, help=message("port of this machine"))
    one.set_defaults(run=_app)


def _app(options: argparse.Namespace) -> int:
    from workbench.widgets.app import serve_app

    return serve_app(options.workspace, data=options.data, as_of=options.as_of, port=options.port)
