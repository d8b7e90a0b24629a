"""Commands on kept runs: compare them, run them again, take old ones away."""

from __future__ import annotations

import argparse
from pathlib import Path

from workbench.messages import message


def add(commands: argparse._SubParsersAction) -> None:
    """Put the commands of this module into the parser."""
    _add_compare(commands)
    _add_replay(commands)
    _add_site(commands)


def _folder(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--pages", metavar="DIR", default="reports", help=message("folder of the pages")
    )


def _add_compare(commands: argparse._SubParsersAction) -> None:
    one = commands.add_parser(
        "compare", help=message("say what changed between two runs"),
        description=message(
            "A and B are reports (their newest good run), runs such as NAME/2026-04-01, or pages."
        ),
    )  # fmt: skip
    one.add_argument("before", metavar="A", help=message("the older one"))
    one.add_argument("after", metavar="B", help=message("the newer one"))
    one.add_argument("--html", metavar="FILE", default="", help=message("also write it as a page"))
    one.add_argument("--rows", metavar="N", type=int, default=20, help=message("lines a table"))
    _folder(one)
    one.set_defaults(run=_compare)


def _add_replay(commands: argparse._SubParsersAction) -> None:
    one = commands.add_parser(
        "replay", help=message("run a page again and say whether its numbers are the same"),
        description=message(
            "Exit codes: 0 the numbers are the same, 3 they differ, 1 it could not be run."
        ),
    )  # fmt: skip
    one.add_argument("page", metavar="REPORT.html", help=message("a page, or a run"))
    one.add_argument("--workspace", metavar="W", default="", help=message("whose data"))
    one.add_argument("--data", metavar="DIR", default="", help=message("folder of the files"))
    one.add_argument(
        "--trust", action="store_true", help=message("run its code though it is not known here")
    )
    one.add_argument("--save", metavar="FILE", default="", help=message("keep the new page there"))
    _folder(one)
    one.set_defaults(run=_replay)


def _add_site(commands: argparse._SubParsersAction) -> None:
    one = commands.add_parser("site", help=message("kept runs: their size, the index, clean-up"))
    parts = one.add_subparsers(title=message("commands"), metavar="COMMAND", required=True)
    size = parts.add_parser("size", help=message("what is kept and how much it takes"))
    _folder(size)
    size.set_defaults(run=_size)
    index = parts.add_parser("index", help=message("write the index anew"))
    _folder(index)
    index.set_defaults(run=_index)
    clean = parts.add_parser(
        "clean", help=message("take old runs away; the last good one of a report always stays")
    )
    clean.add_argument("names", nargs="*", metavar="NAME", help=message("only these reports"))
    clean.add_argument("--keep", metavar="N", type=int, help=message("runs of each that stay"))
    clean.add_argument(
        "--older-than", metavar="AGE", dest="older_than", help=message("such as 180d")
    )
    clean.add_argument("--dry-run", action="store_true", help=message("only say what would go"))
    _folder(clean)
    clean.set_defaults(run=_clean)


def _compare(options: argparse.Namespace) -> int:
    from workbench.reports.comparing import compare_runs, find_side, in_text

    sides = [find_side(Path(options.pages), wanted) for wanted in (options.before, options.after)]
    found = compare_runs(*sides)
    print(in_text(found, most=max(1, options.rows)))
    if options.html:
        from workbench.reports.compared_page import write_comparison

        print(message("Page: {path}", path=write_comparison(found, Path(options.html))))
    return 0


def _replay(options: argparse.Namespace) -> int:
    from workbench.reports.comparing import in_text
    from workbench.reports.replay import replay_page

    found = replay_page(
        options.page, folder=options.pages, workspace=options.workspace, data=options.data,
        save=options.save, trust=options.trust,
    )  # fmt: skip
    print("\n".join([found.sentence, *found.reasons]))
    if found.comparison is not None and not found.comparison.same:
        print("\n" + in_text(found.comparison))
    if found.path:
        print(message("Page: {path}", path=found.path))
    return found.exit_code


def _size(options: argparse.Namespace) -> int:
    from workbench.reports.cleaning import disk_use

    print(disk_use(options.pages))
    return 0


def _index(options: argparse.Namespace) -> int:
    from workbench.reports.site import write_index

    print(message("Index: {path}", path=write_index(Path(options.pages))))
    return 0


def _clean(options: argparse.Namespace) -> int:
    from workbench.reports.cleaning import clean
    from workbench.reports.site import write_index

    done = clean(
        options.pages, keep=options.keep, older_than=options.older_than,
        names=tuple(options.names), dry_run=options.dry_run,
    )  # fmt: skip
    if done.gone and not options.dry_run:
        write_index(Path(options.pages))
    print(done.sentence(dry_run=options.dry_run))
    return 0
