"""Commands that write a report in another form."""

from __future__ import annotations

import argparse

from workbench.messages import message

FORMS = ("xlsx", "pdf", "png", "svg", "csv", "email")


def add(commands: argparse._SubParsersAction) -> None:
    """Put the commands of this module into the parser."""
    one = commands.add_parser(
        "export", help=message("write a kept report as Excel, PDF, pictures, CSV or mail")
    )
    one.add_argument(
        "report", metavar="REPORT", help=message("a report, or one of its runs: NAME/2026-04-01")
    )
    one.add_argument("--as", dest="form", required=True, choices=FORMS, help=message("which form"))
    one.add_argument("--out", metavar="PATH", default="", help=message("a file or a folder"))
    one.add_argument(
        "--pages", metavar="DIR", default="reports", help=message("folder of the pages")
    )
    one.add_argument(
        "--chart", metavar="NAME", default="",
        help=message("for pictures: anchor or number of the one chart"),
    )  # fmt: skip
    one.add_argument(
        "--link", metavar="URL", default="", help=message("for a mail: address of the page")
    )
    one.set_defaults(run=_export)


def _export(options: argparse.Namespace) -> int:
    from workbench.reports.exports.ask import export_report

    made = export_report(
        options.report, form=options.form, out=options.out, folder=options.pages,
        chart=options.chart, link=options.link,
    )  # fmt: skip
    for path in made:
        print(path)
    return 0
