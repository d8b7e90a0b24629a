"""Commands that give something to begin with."""

from __future__ import annotations

import argparse

from workbench.messages import message


def add(commands: argparse._SubParsersAction) -> None:
    """Put the commands of this module into the parser."""
    _add_demo(commands)
    _add_new(commands)


def _add_demo(commands: argparse._SubParsersAction) -> None:
    one = commands.add_parser("demo", help=message("write the files of the demo company"))
    one.add_argument("--out", metavar="DIR", default="data/demo", help=message("folder to write"))
    one.add_argument("--events", type=_positive, help=message("about how many events"))
    one.add_argument("--seed", type=int, help=message("another seed gives another company"))
    one.set_defaults(run=_demo)


def _add_new(commands: argparse._SubParsersAction) -> None:
    one = commands.add_parser("new", help=message("lay out a working folder"))
    one.add_argument("folder", metavar="DIR")
    one.set_defaults(run=_new)


def _positive(text: str) -> int:
    try:
        number = int(float(text.replace("_", "").replace(",", "")))
    except (ValueError, OverflowError):
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(message("{text} is no number from 1 on", text=repr(text)))
    return number


def _demo(options: argparse.Namespace) -> int:
    from workbench.data import demo

    given = {"events": options.events, "seed": options.seed}
    chosen = {name: value for name, value in given.items() if value is not None}
    from workbench.reports.progress import counter

    with counter(message("accounts")) as progress:
        demo.generate(options.out, progress=progress, **chosen)
    print(message("The files of the demo company are in {folder}.", folder=options.out))
    return 0


def _new(options: argparse.Namespace) -> int:
    from workbench.reports.starter import lay_out

    print(lay_out(options.folder))
    return 0
