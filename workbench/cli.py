"""The command line: each command calls one function and prints what it gives back."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from workbench.errors import ArgumentError, WorkbenchError
from workbench.messages import marked, message, message_of_count

# What argparse itself may say; it is looked up through the same door.
_OF_ARGPARSE = (
    marked("usage: "),
    marked("options"),
    marked("positional arguments"),
    marked("show this help message and exit"),
    marked("show program's version number and exit"),
    marked("%(prog)s: error: %(message)s\n"),
    marked("argument %(argument_name)s: %(message)s"),
    marked("the following arguments are required: %s"),
    marked("unrecognized arguments: %s"),
    marked("invalid choice: %(value)r (choose from %(choices)s)"),
    marked("invalid %(type)s value: %(value)r"),
    marked("expected one argument"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0 is done, 1 is something the user can mend, 2 is a command that cannot be understood,
    130 is Ctrl-C.
    """
    _let_argparse_ask_the_catalogue()
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except WorkbenchError as error:
        print(error, file=sys.stderr)
        usage = 2 if isinstance(error, ArgumentError) else 1
        return int(getattr(error, "exit_code", usage))
    except KeyboardInterrupt:
        return _stopped()
    except RuntimeError as error:
        if "interrupted" not in str(error):
            raise
        return _stopped()  # Ctrl-C during a query, which DuckDB calls an error
    except BrokenPipeError:
        sys.stderr.close()
        return 0


def _let_argparse_ask_the_catalogue() -> None:
    """Argparse asks the default gettext domain; its sentences are in the workbench's."""
    argparse._ = message  # type: ignore[attr-defined]
    argparse.ngettext = message_of_count  # type: ignore[attr-defined]


def _stopped() -> int:
    print(
        message("Stopped. Nothing half-written remains; what was there is unchanged."),
        file=sys.stderr,
    )
    return 130


def _parser() -> argparse.ArgumentParser:
    from workbench import __version__

    parser = argparse.ArgumentParser(
        prog="workbench", description=message("B2B journeys from exports: check, ask, report.")
    )
    parser.add_argument("--version", action="version", version=f"workbench {__version__}")
    commands = parser.add_subparsers(title=message("commands"), metavar="COMMAND", required=True)
    _add_check(commands)
    _add_report(commands)
    _add_demo(commands)
    _add_new(commands)
    _add_sql(commands)
    return parser


def _add_check(commands: argparse._SubParsersAction) -> None:
    one = commands.add_parser("check", help=message("say what is wrong or odd in the files"))
    one.add_argument("workspace", help=message("name or path of a workspace file"))
    one.add_argument("--data", metavar="DIR", help=message("folder of the files"))
    one.set_defaults(run=_check)


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


def _add_sql(commands: argparse._SubParsersAction) -> None:
    one = commands.add_parser("sql", help=message("ask the checked tables in SQL"))
    one.add_argument("workspace", help=message("name or path of a workspace file"))
    one.add_argument("query", help=message('for example "select count(*) from accounts"'))
    one.add_argument("--data", metavar="DIR", help=message("folder of the files"))
    one.set_defaults(run=_sql)


def _positive(text: str) -> int:
    try:
        number = int(float(text.replace("_", "").replace(",", "")))
    except (ValueError, OverflowError):
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(message("{text} is no number from 1 on", text=repr(text)))
    return number


def _check(options: argparse.Namespace) -> int:
    from workbench.reports.checking import check

    text, errors = check(options.workspace, data=options.data)
    print(text)
    return 1 if errors else 0


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


def _sql(options: argparse.Namespace) -> int:
    from workbench.reports.checking import ask

    print(ask(options.workspace, options.query, data=options.data))
    return 0


if __name__ == "__main__":
    sys.exit(main())
