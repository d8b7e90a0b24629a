"""Commands that make pages."""

from __future__ import annotations

import argparse

from workbench.messages import message


def add(commands: argparse._SubParsersAction) -> None:
    """Put the commands of this module into the parser."""
    _add_report(commands)


def _add_report(commands: argparse._SubParsersAction) -> None:
    one = commands.add_parser("report", help=message("make reports as single HTML files"))
    one.add_argument("names", nargs="*", metavar="NAME", help=message("report file or notebook"))
    one.add_argument("--all", action="store_true", dest="every", help=message("every report file"))
    one.add_argument("--workspace", metavar="W", default="", help=message("whose data"))
    one.add_argument(
        "--data", metavar="DIR", default="",
        help=message("folder of the files; with --all, a folder holding one folder a workspace"),
    )  # fmt: skip
    one.add_argument(
        "-p", metavar="KEY=VALUE", action="append", default=[], dest="assignments",
        help=message("a parameter of the notebook; may be given several times"),
    )  # fmt: skip
    one.add_argument("--as-of", metavar="DATE", default="", help=message("look from this day"))
    one.add_argument("--out", metavar="DIR", default="reports", help=message("folder of the pages"))
    one.set_defaults(run=_report)


def _report(options: argparse.Namespace) -> int:
    from workbench.reports.run import run_reports

    outcome = run_reports(
        options.names,
        every=options.every,
        workspace=options.workspace,
        data=options.data,
        as_of=options.as_of,
        assignments=options.assignments,
        out=options.out,
        say=lambda sentence: print(sentence, flush=True),
    )
    if outcome.index:
        print(message("Index: {path}", path=outcome.index))
    return 0 if outcome.ok else 1
