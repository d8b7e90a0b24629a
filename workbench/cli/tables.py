"""Commands that look at the checked tables."""

from __future__ import annotations

import argparse

from workbench.messages import message


def add(commands: argparse._SubParsersAction) -> None:
    """Put the commands of this module into the parser."""
    _add_check(commands)
    _add_sql(commands)


def _add_check(commands: argparse._SubParsersAction) -> None:
    one = commands.add_parser("check", help=message("say what is wrong or odd in the files"))
    one.add_argument("workspace", help=message("name or path of a workspace file"))
    one.add_argument("--data", metavar="DIR", help=message("folder of the files"))
    one.set_defaults(run=_check)


def _add_sql(commands: argparse._SubParsersAction) -> None:
    one = commands.add_parser("sql", help=message("ask the checked tables in SQL"))
    one.add_argument("workspace", help=message("name or path of a workspace file"))
    one.add_argument("query", help=message('for example "select count(*) from accounts"'))
    one.add_argument("--data", metavar="DIR", help=message("folder of the files"))
    one.set_defaults(run=_sql)


def _check(options: argparse.Namespace) -> int:
    from workbench.reports.checking import check

    text, errors = check(options.workspace, data=options.data)
    print(text)
    return 1 if errors else 0


def _sql(options: argparse.Namespace) -> int:
    from workbench.reports.checking import ask

    print(ask(options.workspace, options.query, data=options.data))
    return 0
