"""The command line: each command calls one function and prints what it gives back.

A module here holds a family of commands; its `add` puts them into the parser.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from workbench.errors import ArgumentError, WorkbenchError
from workbench.messages import marked, message, message_of_count

_FAMILIES = (
    "pages",
    "tables",
    "starting",
    "alerts",
    "exports",
    "schedules",
    "sharing",
    "runs",
    "talking",
    "app",
)

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
    for family in _FAMILIES:
        import_module(f"workbench.cli.{family}").add(commands)
    return parser
